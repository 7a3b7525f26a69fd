//! How a gateway reaches its upstream store, as the configuration says.

use anyhow::{Context, Result, bail};
use wh_aws::upstream::{UpstreamOptions, UpstreamStore};
use wh_names::{BucketName, Entropy, Region};

use crate::config::Config;
use crate::secret_file;

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
        secret: secret_file::read(
            "store.secret_access_key_file",
            file.context("store.secret_access_key_file is missing")?,
        )?,
        control_bucket: BucketName::parse(&control).context("store.control_bucket")?,
    })
}
