//! A small S3 client: signs each request with SigV4, keeps its connections, retries nothing.

use std::io::Read;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use aws_credential_types::Credentials as Identity;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use ureq::SendBody;
use ureq::http::Response;

/// A key, or the temporary credentials of a role session.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) access_key_id: String,
    pub(crate) secret: String,
    /// Of temporary credentials alone.
    pub(crate) token: Option<String>,
}

/// A client for one bucket. Clones share nothing but settings: one clone, one connection pool.
pub(crate) struct S3 {
    agent: ureq::Agent,
    endpoint: String,
    bucket: String,
    region: String,
    credentials: Credentials,
}

/// What a GET brought.
pub(crate) enum Found {
    /// The object's bytes
    Object(Vec<u8>),
    /// No such key
    Nothing,
}

impl Clone for S3 {
    fn clone(&self) -> Self {
        let (endpoint, bucket, region) =
            (self.endpoint.clone(), self.bucket.clone(), self.region.clone());
        Self::new(endpoint, bucket, region, self.credentials.clone())
    }
}

impl S3 {
    /// A client with its own connections.
    pub(crate) fn new(
        endpoint: String,
        bucket: String,
        region: String,
        credentials: Credentials,
    ) -> Self {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Self { agent, endpoint, bucket, region, credentials }
    }

    fn signed(
        &self,
        method: &str,
        path_and_query: &str,
    ) -> Result<(String, Vec<(String, String)>)> {
        let url = format!("{}/{}/{path_and_query}", self.endpoint, self.bucket);
        let c = &self.credentials;
        let token = c.token.clone();
        let identity = Identity::new(&c.access_key_id, &c.secret, token, None, "hammer").into();
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = aws_sigv4::http_request::PercentEncodingMode::Single;
        settings.payload_checksum_kind = aws_sigv4::http_request::PayloadChecksumKind::XAmzSha256;
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("s3")
            .time(now())
            .settings(settings)
            .build()?
            .into();
        let headers = std::iter::empty();
        let request = SignableRequest::new(method, &url, headers, SignableBody::UnsignedPayload)?;
        let (instructions, _) = sign(request, &parameters)?.into_parts();
        let headers = instructions.headers().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        Ok((url, headers))
    }

    /// The same client for another bucket.
    pub(crate) fn for_bucket(&self, bucket: &str) -> Self {
        Self { bucket: bucket.to_owned(), ..self.clone() }
    }

    /// Makes the bucket, where it is not there.
    pub(crate) fn make_bucket(&self) -> Result<()> {
        if self.get_raw("?location=")?.status().is_success() {
            return Ok(());
        }
        let (url, headers) = self.signed("PUT", "")?;
        let mut request = self.agent.put(&url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        drain(expect_success(request.send_empty()?)?)
    }

    /// The host and port of the endpoint.
    pub(crate) fn address(&self) -> &str {
        self.endpoint.trim_start_matches("http://")
    }

    /// PUTs what `body` reads, `size` bytes of it, at `path_and_query`; gives the ETag.
    pub(crate) fn put_from(
        &self,
        path_and_query: &str,
        body: &mut dyn Read,
        size: u64,
    ) -> Result<String> {
        let (url, headers) = self.signed("PUT", path_and_query)?;
        let mut request = self.agent.put(&url).header("content-length", size.to_string());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = expect_success(request.send(SendBody::from_reader(&mut { body }))?)?;
        let etag = answer.headers().get("etag").context("no ETag")?.to_str()?.to_owned();
        drain(answer)?;
        Ok(etag)
    }

    /// PUTs a whole object from memory.
    pub(crate) fn put(&self, key: &str, body: &[u8]) -> Result<String> {
        self.put_from(key, &mut { body }, body.len() as u64)
    }

    /// Gets an object.
    pub(crate) fn get(&self, key: &str) -> Result<Found> {
        let answer = self.get_raw(key)?;
        if answer.status() == 404 {
            drain(answer)?;
            return Ok(Found::Nothing);
        }
        let mut bytes = Vec::new();
        expect_success(answer)?.into_body().into_reader().read_to_end(&mut bytes)?;
        Ok(Found::Object(bytes))
    }

    /// Gets a path, whatever the status.
    pub(crate) fn get_raw(&self, path_and_query: &str) -> Result<Response<ureq::Body>> {
        let (url, headers) = self.signed("GET", path_and_query)?;
        let mut request = self.agent.get(&url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        Ok(request.call()?)
    }

    /// Deletes an object.
    pub(crate) fn delete(&self, key: &str) -> Result<()> {
        let (url, headers) = self.signed("DELETE", key)?;
        let mut request = self.agent.delete(&url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        drain(expect_success(request.call()?)?)
    }

    fn post(&self, path_and_query: &str, body: &str) -> Result<String> {
        let (url, headers) = self.signed("POST", path_and_query)?;
        let mut request = self.agent.post(&url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        Ok(expect_success(request.send(body)?)?.into_body().read_to_string()?)
    }

    /// Begins a multipart upload.
    pub(crate) fn begin(&self, key: &str) -> Result<String> {
        let answer = self.post(&format!("{key}?uploads="), "")?;
        Ok(between(&answer, "<UploadId>", "</UploadId>").context("no UploadId")?.to_owned())
    }

    /// Completes a multipart upload from the ETags of its parts, in order.
    pub(crate) fn complete(&self, key: &str, upload: &str, etags: &[String]) -> Result<()> {
        let part = |(n, etag): (usize, &String)| {
            format!("<Part><PartNumber>{}</PartNumber><ETag>{etag}</ETag></Part>", n + 1)
        };
        let parts = etags.iter().enumerate().map(part).collect::<Vec<_>>().concat();
        let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
        let answer = self.post(&format!("{key}?uploadId={upload}"), &body)?;
        if !answer.contains("<ETag>") {
            bail!("the upload was not completed: {answer}");
        }
        Ok(())
    }

    /// All keys under a prefix, page by page.
    pub(crate) fn list(&self, prefix: &str) -> Result<Vec<String>> {
        let (mut keys, mut after) = (Vec::new(), String::new());
        loop {
            let query = format!("?list-type=2&prefix={prefix}&start-after={after}");
            let answer = expect_success(self.get_raw(&query)?)?.into_body().read_to_string()?;
            let page: Vec<String> = answer
                .split("<Key>")
                .skip(1)
                .filter_map(|rest| Some(rest.split_once("</Key>")?.0.to_owned()))
                .collect();
            let truncated = answer.contains("<IsTruncated>true</IsTruncated>");
            keys.extend(page);
            match keys.last() {
                Some(last) if truncated => after.clone_from(last),
                _ => return Ok(keys),
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a signature carries the real time")]
fn now() -> SystemTime {
    SystemTime::now()
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    Some(text.split_once(open)?.1.split_once(close)?.0)
}

fn expect_success(answer: Response<ureq::Body>) -> Result<Response<ureq::Body>> {
    if answer.status().is_success() {
        return Ok(answer);
    }
    let status = answer.status();
    bail!("{status}: {}", answer.into_body().read_to_string().unwrap_or_default())
}

/// Reads an answer to its end, so that its connection is used again.
pub(crate) fn drain(answer: Response<ureq::Body>) -> Result<()> {
    std::io::copy(&mut answer.into_body().into_reader(), &mut std::io::sink())?;
    Ok(())
}
