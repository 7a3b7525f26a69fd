//! What is looked at elsewhere: the upstream store of a gateway, or Amazon S3.

use jiff::Timestamp;
use wh_aws::AwsError;
use wh_aws::upstream::Verdict;
use wh_names::BucketName;
use wh_objects::StoreError;

use super::Line;
use crate::config::Config;
use crate::{parameters, serve, upstream};

/// S3 takes no signature that is older or newer than this, in seconds. Half of it is a warning.
const SKEW_SECONDS_MAX: i64 = 15 * 60;

/// The store behind a gateway.
pub(super) async fn upstream(config: &Config) -> Vec<Line> {
    let options = match upstream::options(config) {
        Ok(options) => options,
        Err(error) => {
            let fix = "docs/gateway.md tells which keys of the configuration name the upstream";
            return vec![Line::wrong("key of the upstream", format!("{error:#}"), fix)];
        }
    };
    let place = options.endpoint_url.clone().unwrap_or_else(|| "Amazon S3".to_owned());
    let control = options.control_bucket.clone();
    let entropy = parameters::entropy();
    let store = match wh_aws::upstream::UpstreamStore::open(options, &entropy).await {
        Ok(store) => store,
        Err(error) => {
            let fix = mend(&error);
            return vec![Line::wrong("upstream", format!("{place}: {error}"), fix)];
        }
    };
    let findings = store.findings();
    let mut lines = vec![
        Line::good("upstream", format!("{place} answers, and takes the key")),
        Line::good("control bucket", control.as_str()),
        skew(findings.upstream_time),
    ];
    lines.extend(findings.tried.iter().map(|finding| match finding.verdict {
        Verdict::Good => Line::good(format!("upstream: {}", finding.what), "as S3 has it"),
        Verdict::Lacking => {
            Line::note(format!("upstream: {}", finding.what), format!("lacking; {}", finding.note))
        }
    }));
    lines
}

/// What to do about an upstream that does not serve.
fn mend(error: &StoreError) -> &'static str {
    if matches!(error, StoreError::Unreachable { .. }) {
        return "is store.endpoint_url right, and does the upstream run?";
    }
    if error.to_string().contains("403") {
        return "does the upstream know store.access_key_id, is the secret in \
                store.secret_access_key_file its own, and may the key make and fill the control bucket?";
    }
    "this store cannot stand behind a gateway as it is: see docs/gateway.md"
}

/// Amazon S3.
pub(super) async fn amazons(config: &Config) -> Vec<Line> {
    let Ok(bucket) = BucketName::parse(&config.store.bucket) else {
        let fix = "name a bucket in store.bucket as S3 names them";
        return vec![Line::wrong("bucket", config.store.bucket.clone(), fix)];
    };
    let client = match serve::aws_client(config).await {
        Ok(client) => client,
        Err(error) => {
            return vec![Line::wrong("region", format!("{error:#}"), "mend store.region")];
        }
    };
    match client.reach(&bucket).await {
        Ok(time) => vec![Line::good("bucket", bucket.as_str()), skew(time)],
        Err(AwsError::NotFound { .. }) => {
            let fix = "make it by `wellhouse apply`";
            vec![Line::wrong("bucket", format!("{bucket} is not there"), fix)]
        }
        // `PortalRole` has no permission on S3, and needs none.
        Err(AwsError::Denied { .. }) => {
            vec![Line::good("bucket", format!("{bucket} is there; these credentials may not look"))]
        }
        Err(error) => {
            let fix = "look at the network, and at the credentials that AWS's tools would use here";
            vec![Line::wrong("bucket", error.to_string(), fix)]
        }
    }
}

/// How far our clock is from the store's.
fn skew(theirs: Option<Timestamp>) -> Line {
    let Some(theirs) = theirs else {
        return Line::note("clock", "the store did not tell its time");
    };
    let ours = parameters::clock().now().as_second();
    judge_skew(ours.saturating_sub(theirs.as_second()))
}

fn judge_skew(seconds: i64) -> Line {
    let found = format!("{seconds} s from the store's");
    if seconds.saturating_abs() * 2 > SKEW_SECONDS_MAX {
        return Line::wrong("clock", found, "set the clocks by NTP: S3 takes no older signature");
    }
    Line::good("clock", found)
}

#[cfg(test)]
mod tests {
    use super::judge_skew;

    #[test]
    fn a_clock_is_wrong_before_signatures_are() {
        for (seconds, verdict) in [(0, "good"), (-450, "good"), (451, "wrong"), (-451, "wrong")] {
            assert_eq!(judge_skew(seconds).verdict.as_str(), verdict, "{seconds}");
        }
    }
}
