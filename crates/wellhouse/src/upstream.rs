//! How a gateway reaches its upstream store, as the configuration says.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use wh_aws::upstream::{UpstreamOptions, UpstreamStore};
use wh_names::{BucketName, Entropy, Region, Secret};

use crate::config::Config;

/// Reaches the upstream and finds out what it can do.
pub(crate) async fn open(config: &Config, entropy: &Entropy) -> Result<UpstreamStore> {
    let options = options(config)?;
    let place = options.endpoint_url.clone().unwrap_or_else(|| "Amazon S3".to_owned());
    UpstreamStore::open(options, entropy)
        .await
        .with_context(|| format!("{place} does not serve us"))
}

/// The upstream as the configuration names it.
pub(crate) fn options(config: &Config) -> Result<UpstreamOptions> {
    let store = &config.store;
    let control = store.control_bucket.clone();
    let control = control.unwrap_or_else(|| format!("{}-control", store.bucket));
    if control == store.bucket {
        bail!("store.control_bucket is store.bucket: name another, which holds nothing else");
    }
    let file = store.secret_access_key_file.as_deref();
    Ok(UpstreamOptions {
        endpoint_url: store.endpoint_url.clone(),
        region: Region::parse(&store.region).context("store.region")?,
        access_key_id: store.access_key_id.clone().context("store.access_key_id is missing")?,
        secret: secret(file.context("store.secret_access_key_file is missing")?)?,
        control_bucket: BucketName::parse(&control).context("store.control_bucket")?,
    })
}

/// The secret in a file that nobody else may read.
fn secret(path: &Path) -> Result<Secret> {
    let shown = path.display();
    let text = fs::read_to_string(path)
        .with_context(|| format!("cannot read store.secret_access_key_file {shown}"))?;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("others may read the secret of the upstream store: run `chmod 600 {shown}`");
    }
    Secret::parse(text.trim()).with_context(|| format!("in {shown}"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::secret;

    #[test]
    fn a_secret_is_read_from_a_file_that_nobody_else_may_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        let refused = |words: &str| {
            let error = format!("{:#}", secret(&path).expect_err("refused"));
            assert!(error.contains(words), "{error}");
        };
        refused("cannot read");
        std::fs::write(&path, "s3cret\n").expect("written");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).expect("opened");
        refused("chmod 600");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("closed");
        assert_eq!(secret(&path).expect("a secret").expose(), "s3cret");
        std::fs::write(&path, "\n").expect("written");
        refused("empty");
    }
}
