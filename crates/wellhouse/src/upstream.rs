//! How a gateway reaches its upstream store, as the configuration says.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use wh_aws::upstream::{UpstreamOptions, UpstreamStore};
use wh_names::{BucketName, Entropy, Region};
use wh_objects::StoreError;

use crate::config::Config;
use crate::secret_file;

/// How often an upstream that is away or busy is tried at the start: both may start at one moment.
const OPENINGS_MAX: u32 = 5;
/// The pause after the first try; each next one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// Reaches the upstream and finds out what it can do.
pub(crate) async fn open(config: &Config, entropy: &Entropy) -> Result<UpstreamStore> {
    let options = options(config)?;
    let place = options.endpoint_url.clone().unwrap_or_else(|| "Amazon S3".to_owned());
    let mut pause = FIRST_PAUSE;
    for _ in 1..OPENINGS_MAX {
        match UpstreamStore::open(options.clone(), entropy).await {
            Err(error @ (StoreError::Unreachable { .. } | StoreError::Busy)) => {
                tracing::warn!(%error, ?pause, "{place} does not serve us yet: trying again");
            }
            other => return other.with_context(|| format!("{place} does not serve us")),
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    let opened = UpstreamStore::open(options, entropy).await;
    opened.with_context(|| format!("{place} does not serve us"))
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
        authorities: store.upstream_ca_file.as_deref().map(authorities).transpose()?,
    })
}

/// The authorities in a PEM file, each of which was read: the client below would not say what is wrong.
fn authorities(file: &Path) -> Result<Vec<u8>> {
    let shown = || format!("store.upstream_ca_file: {}", file.display());
    let pem = std::fs::read(file).with_context(shown)?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        roots.add(certificate.with_context(shown)?).with_context(shown)?;
    }
    if roots.is_empty() {
        bail!("{} holds no certificate in PEM", shown());
    }
    Ok(pem)
}
