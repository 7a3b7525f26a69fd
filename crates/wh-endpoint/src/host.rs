//! Virtual-host style: a bucket in the name of the host.
//!
//! A request for `BUCKET.BASE/KEY` is turned into one for `/BUCKET/KEY` before anything looks at its
//! path; the signature is verified over the path and the host as they were sent.
//!
//! Source: S3 User Guide, "Virtual hosting of general purpose buckets".

use http::Uri;
use http::header::HOST;
use http::request::Parts;
use wh_names::BucketName;

use crate::fault::Fault;

/// The domains below which hosts are buckets.
#[derive(Debug, Clone, Default)]
pub(crate) struct BaseDomains(Vec<String>);

/// The path as it was sent, of a request whose bucket came in the host.
#[derive(Debug, Clone)]
struct AsSent(String);

/// The path that was signed.
pub(crate) fn path_as_sent(parts: &Parts) -> &str {
    parts.extensions.get::<AsSent>().map_or_else(|| parts.uri.path(), |sent| sent.0.as_str())
}

impl BaseDomains {
    /// These domains, in any case.
    pub(crate) fn new(domains: &[String]) -> Self {
        Self(domains.iter().map(|domain| domain.trim_matches('.').to_ascii_lowercase()).collect())
    }

    /// The bucket that a host names.
    fn bucket<'h>(&self, host: &'h str) -> Option<&'h str> {
        self.0.iter().find_map(|base| host.strip_suffix(base.as_str())?.strip_suffix('.'))
    }

    /// Puts the bucket that the host names, if it does, in front of the path.
    pub(crate) fn address(&self, parts: &mut Parts) -> Result<(), Fault> {
        let Some(host) = parts.headers.get(HOST).and_then(|host| host.to_str().ok()) else {
            return Ok(());
        };
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host).to_ascii_lowercase();
        if self.0.contains(&host) {
            return Ok(());
        }
        let Some(bucket) = self.bucket(&host) else { return Ok(()) };
        let bucket = BucketName::parse(bucket).map_err(|_| {
            Fault::bad_request("InvalidBucketName", "The specified bucket is not valid.")
        })?;
        let sent = parts.uri.path().to_owned();
        let query = parts.uri.query().map_or_else(String::new, |query| format!("?{query}"));
        let uri: Result<Uri, _> = format!("/{bucket}{sent}{query}").parse();
        parts.uri =
            uri.map_err(|_| Fault::bad_request("InvalidURI", "Couldn't parse the specified URI."))?;
        parts.extensions.insert(AsSent(sent));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::{BaseDomains, path_as_sent};

    #[track_caller]
    fn check(host: &str, path: &str, expected: &str) {
        let domains = BaseDomains::new(&["s3.localhost".to_owned(), "Files.example.".to_owned()]);
        let request = Request::builder().uri(path).header("host", host).body(()).expect("one");
        let (mut parts, ()) = request.into_parts();
        let found = match domains.address(&mut parts) {
            Ok(()) => parts.uri.to_string(),
            Err(fault) => fault.code.to_owned(),
        };
        assert_eq!(found, expected, "{host} {path}");
        assert_eq!(path_as_sent(&parts), path.split('?').next().expect("a path"));
    }

    #[test]
    fn a_bucket_comes_in_the_host_or_in_the_path() {
        check("s3.localhost:9000", "/bkt/k", "/bkt/k");
        check("localhost:9000", "/bkt/k", "/bkt/k");
        check("bkt.s3.localhost:9000", "/k/l?acl", "/bkt/k/l?acl");
        check("BKT.S3.localhost", "/", "/bkt/");
        check("my.bkt.files.example", "//a%2Fb", "/my.bkt//a%2Fb");
        check("xs3.localhost", "/k", "/k");
        check("a..b.s3.localhost", "/k", "InvalidBucketName");
        check("_.s3.localhost", "/k", "InvalidBucketName");
        check(".s3.localhost", "/k", "InvalidBucketName");
        check("127.0.0.1:9000", "/bkt", "/bkt");
        check("[::1]:9000", "/bkt", "/bkt");
    }
}
