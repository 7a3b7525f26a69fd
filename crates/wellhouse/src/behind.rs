//! What lies behind our endpoint: the cellar on this disk, or another S3 store.

use std::sync::Arc;

use anyhow::{Context, Result};
use wh_aws::upstream::UpstreamStore;
use wh_names::Entropy;
use wh_objects::{DiskStore, Encryption, ObjectStore};

use crate::config::{Config, StoreKind};
use crate::{cellar, upstream};

/// The store behind the endpoint.
#[derive(Clone)]
pub(crate) enum Behind {
    /// The embedded store.
    Disk(Arc<DiskStore>),
    /// An upstream store: this process is its gateway.
    Upstream(Arc<UpstreamStore>),
}

impl Behind {
    /// Opens what the configuration names.
    pub(crate) async fn open(config: &Config, entropy: &Entropy) -> Result<Self> {
        if config.store.kind != StoreKind::Gateway {
            return Ok(Self::Disk(Arc::new(cellar::open(config).await?)));
        }
        let store = upstream::open(config, entropy).await.context("the upstream store")?;
        for lacking in store.capabilities().lacking() {
            tracing::info!(
                "the upstream store has no {}; see `wellhouse doctor`",
                lacking.as_str()
            );
        }
        Ok(Self::Upstream(Arc::new(store)))
    }

    /// The store, as the gate takes it.
    pub(crate) fn port(&self) -> Arc<dyn ObjectStore> {
        match self {
            Self::Disk(store) => Arc::clone(store) as Arc<dyn ObjectStore>,
            Self::Upstream(store) => Arc::clone(store) as Arc<dyn ObjectStore>,
        }
    }

    /// The cellar, where it is one.
    pub(crate) fn disk(&self) -> Option<&Arc<DiskStore>> {
        match self {
            Self::Disk(store) => Some(store),
            Self::Upstream(_) => None,
        }
    }

    /// How the store encrypts whatever comes, by keys of its own.
    pub(crate) fn encryption(&self) -> Option<Encryption> {
        match self {
            Self::Disk(store) => store.encryption(),
            Self::Upstream(store) => store.findings().encryption,
        }
    }

    /// Closes what must be closed.
    pub(crate) async fn close(&self) {
        if let Some(store) = self.disk() {
            store.close().await;
        }
    }
}
