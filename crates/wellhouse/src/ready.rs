//! What the server says when it is ready, for a person who started it at a terminal.

use wh_names::Secret;

use crate::config::{Config, StoreKind};
use crate::say;

/// The address and the root user's keys, for tools and tests that need a store and no portal.
pub(crate) fn announce_store(config: &Config) {
    let (url, region) = (config.s3_url(), &config.store.region);
    say(&format!("Wellhouse's store is ready: S3, STS and IAM at {url}, region {region}"));
    let keys = config.data.join(crate::keys::FILE);
    say("  For the AWS CLI and SDKs, as the root user:");
    say(&format!("    export AWS_ENDPOINT_URL={url} AWS_DEFAULT_REGION={region}"));
    for (variable, name) in [
        ("AWS_ACCESS_KEY_ID", "root-access-key-id"),
        ("AWS_SECRET_ACCESS_KEY", "root-secret-access-key"),
    ] {
        say(&format!("    export {variable}=$(sed -n 's/^{name}=//p' '{}')", keys.display()));
    }
    say("");
    say("  Ctrl-C stops it.");
}

/// The addresses, and the one-time link where nobody is an administrator yet.
pub(crate) fn announce(config: &Config, setup: Option<&Secret>) {
    let portal = config.portal_url();
    say("Wellhouse is ready");
    say(&format!("  portal   {portal}"));
    let (bucket, region) = (&config.store.bucket, &config.store.region);
    match config.store.kind {
        StoreKind::Gateway => {
            let upstream = config.store.endpoint_url.as_deref().unwrap_or("Amazon S3");
            say(&format!("  S3       {}   (region {region}, bucket {bucket})", config.s3_url()));
            say(&format!("  before   {upstream}"));
        }
        StoreKind::Embedded => {
            say(&format!("  S3       {}   (region {region}, bucket {bucket})", config.s3_url()));
        }
        StoreKind::Aws => {
            say(&format!("  S3       Amazon S3   (region {region}, bucket {bucket})"));
        }
    }
    if let Some(token) = setup {
        say("");
        say("  Nobody is an administrator yet. Open this link within 24 hours; it works once:");
        say(&format!("  {portal}/setup#token={}", token.expose()));
    }
    say("");
    say("  Ctrl-C stops it.");
}
