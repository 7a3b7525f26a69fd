//! The two doors: `portal` and `s3`.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::webhooks::{self, WebhookConfig};

/// The web door.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PortalConfig {
    /// Where it listens. Without `tls` it is plain HTTP, so loopback only unless
    /// `behind_tls_proxy` is set.
    pub(crate) listen: SocketAddr,
    /// Certificate and key, where this program itself speaks TLS.
    pub(crate) tls: Option<TlsConfig>,
    /// The address that people type; derived from `listen` where it is missing.
    pub(crate) public_url: Option<String>,
    /// Further origins from which the portal's own page may come (the Vite dev server).
    pub(crate) extra_origins: Vec<String>,
    /// A TLS proxy stands in front, and nothing else can reach the listener.
    pub(crate) behind_tls_proxy: bool,
    /// Peers whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Vec<IpAddr>,
}

/// The S3, STS and IAM door of the embedded store.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct S3Config {
    /// Where it listens. Without `tls` it is plain HTTP, so loopback only unless
    /// `portal.behind_tls_proxy` is set.
    pub(crate) listen: SocketAddr,
    /// Certificate and key, where this program itself speaks TLS.
    pub(crate) tls: Option<TlsConfig>,
    /// Peers whose `X-Forwarded-For` is believed, also by `aws:SourceIp` in policies.
    pub(crate) trusted_proxies: Vec<IpAddr>,
    /// How many requests are worked on at once; one principal gets half of the places.
    pub(crate) requests_max: usize,
    /// The address that browsers and tools reach it by; derived from `listen` where it is missing.
    pub(crate) public_url: Option<String>,
    /// Domains below which the name of a host is that of a bucket: virtual-host style.
    pub(crate) base_domains: Vec<String>,
    /// Receivers that buckets may have told of changes.
    pub(crate) webhooks: Vec<WebhookConfig>,
}

/// A certificate with its chain, and its key, both PEM. They are read again when they change.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsConfig {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Default for PortalConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            tls: None,
            public_url: None,
            extra_origins: Vec::new(),
            behind_tls_proxy: false,
            trusted_proxies: Vec::new(),
        }
    }
}

impl Default for S3Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 9000)),
            tls: None,
            trusted_proxies: Vec::new(),
            requests_max: 256,
            public_url: None,
            base_domains: Vec::new(),
            webhooks: Vec::new(),
        }
    }
}

impl S3Config {
    pub(super) fn check(&self) -> Result<()> {
        webhooks::check(&self.webhooks)?;
        if self.requests_max < 2 {
            bail!("s3.requests_max must be at least 2");
        }
        let letter = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
        let named = |domain: &str| !domain.is_empty() && domain.chars().all(letter);
        if let Some(odd) = self.base_domains.iter().find(|domain| !named(domain)) {
            bail!(
                "s3.base_domains holds `{odd}`, which is no name of a domain: write it without \
                 scheme, port and path, as in [\"s3.example.org\"]"
            );
        }
        Ok(())
    }
}

/// Whether no door is open to other machines in plain HTTP.
pub(super) fn check_reach(portal: &PortalConfig, s3: &S3Config) -> Result<()> {
    let doors = [("portal", portal.listen, &portal.tls), ("s3", s3.listen, &s3.tls)];
    for (door, listen, tls) in doors {
        if !listen.ip().is_loopback() && tls.is_none() && !portal.behind_tls_proxy {
            bail!(
                "{door}.listen = {listen} is reachable from other machines in plain HTTP: give \
                 {door}.tls a certificate and a key, or put a TLS proxy in front and set \
                 portal.behind_tls_proxy = true, or listen on 127.0.0.1"
            );
        }
    }
    Ok(())
}

pub(super) fn scheme(tls: Option<&TlsConfig>) -> &'static str {
    if tls.is_some() { "https" } else { "http" }
}
