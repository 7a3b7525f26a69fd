//! Section `store`: which store keeps the bytes, and under which keys.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::address;

/// Which store keeps the bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StoreConfig {
    /// `embedded`, `gateway` or `aws`.
    pub(crate) kind: StoreKind,
    /// The bucket.
    pub(crate) bucket: String,
    /// The region that requests are signed for.
    pub(crate) region: String,
    /// `embedded` only: what an acknowledged write survives.
    pub(crate) durability: DurabilityConfig,
    /// `embedded` only: how many changes the feed keeps.
    pub(crate) events_kept: u64,
    /// Objects of more bytes are copied in parts: where a file manager copies or moves them.
    pub(crate) copy_whole_max: u64,
    /// `embedded` only: where the master keys are.
    pub(crate) encryption: EncryptionConfig,
    /// `gateway`: the upstream's S3 endpoint, Amazon S3 where it is missing. `aws`: another endpoint for
    /// S3, STS and IAM (a test double, a VPC endpoint).
    pub(crate) endpoint_url: Option<String>,
    /// `gateway`, `aws`: the way to `endpoint_url` is a tunnel that encrypts by itself, and so it may be
    /// plain HTTP to another machine.
    pub(crate) tunnelled: bool,
    /// `gateway` only: the public half of the key that opens the upstream.
    pub(crate) access_key_id: Option<String>,
    /// `gateway` only: the file that holds its secret half.
    pub(crate) secret_access_key_file: Option<PathBuf>,
    /// `gateway` only: the upstream bucket that holds policies and the like; the bucket's name with
    /// `-control` where it is missing.
    pub(crate) control_bucket: Option<String>,
    /// `gateway` only: the certificates, in PEM, of the authorities that may vouch for the upstream; those of
    /// the system where it is missing.
    pub(crate) upstream_ca_file: Option<PathBuf>,
    /// `aws` only: the endpoint that browsers reach, where it differs from `endpoint_url`.
    pub(crate) public_endpoint_url: Option<String>,
    /// `aws` only: the 12-digit account that owns bucket and roles.
    pub(crate) account: Option<String>,
    /// `aws` only: the portal may ask as an IAM user, by keys that never end.
    pub(crate) allow_static_keys: bool,
    /// `aws` only: role name → ARN, where they differ from the standard estate's.
    pub(crate) role_arns: std::collections::BTreeMap<String, String>,
}

/// Where bytes are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StoreKind {
    /// Our own endpoint over the local disk
    Embedded,
    /// Our own endpoint before another S3 store
    Gateway,
    /// Amazon S3, or what answers like it
    Aws,
}

/// What an acknowledged write survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DurabilityConfig {
    /// Kills, crashes and power cuts
    Strict,
    /// Kills only; faster where syncing is slow
    LosesOnPowerCut,
}

/// Where the master keys of the embedded store are.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EncryptionConfig {
    /// `file`, `environment`, `kms` or `off`.
    pub(crate) keys: KeySource,
    /// The key file; `store.keys` in the data folder where it is missing. It is made at the first
    /// start. With `kms` its keys are sealed.
    pub(crate) key_file: Option<PathBuf>,
    /// `kms` only: the key that seals the key file: an id, ARN or alias.
    pub(crate) kms_key: Option<String>,
    /// `kms` only: its region; that of the environment where it is missing.
    pub(crate) kms_region: Option<String>,
    /// `kms` only: another endpoint (a test double, a VPC endpoint).
    pub(crate) kms_endpoint_url: Option<String>,
}

/// Where master keys come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum KeySource {
    /// A key file
    File,
    /// The variable `WELLHOUSE_MASTER_KEYS`, in the form of a key file, with `;` for line ends
    Environment,
    /// A key file whose keys are sealed by AWS KMS
    Kms,
    /// Nowhere: nothing is encrypted
    Off,
}

/// The largest object that S3 copies whole, in bytes, and the smallest part of a larger one.
const COPY_WHOLE_MAX: u64 = 5 * 1024 * 1024 * 1024;
const COPY_PART_MIN: u64 = 5 * 1024 * 1024;

impl StoreConfig {
    pub(super) fn check(&self) -> Result<()> {
        if !(COPY_PART_MIN..=COPY_WHOLE_MAX).contains(&self.copy_whole_max) {
            bail!("store.copy_whole_max is {COPY_PART_MIN} to {COPY_WHOLE_MAX} bytes");
        }
        let encryption = &self.encryption;
        let kms = encryption.kms_endpoint_url.as_deref();
        kms.map_or(Ok(()), |kms| address::encrypted("store.encryption.kms_endpoint_url", kms))?;
        if let Some(endpoint) = &self.endpoint_url
            && !self.tunnelled
        {
            address::encrypted("store.endpoint_url", endpoint)
                .context("or set store.tunnelled = true, where a tunnel encrypts the way there")?;
        }
        if encryption.keys == KeySource::Kms && encryption.kms_key.is_none() {
            bail!(
                "store.encryption.keys = \"kms\" needs store.encryption.kms_key: an id, ARN or alias"
            );
        }
        let of_gateway = [
            ("access_key_id", self.access_key_id.is_some()),
            ("secret_access_key_file", self.secret_access_key_file.is_some()),
            ("control_bucket", self.control_bucket.is_some()),
            ("upstream_ca_file", self.upstream_ca_file.is_some()),
        ];
        for (name, set) in of_gateway {
            let is_gateway = self.kind == StoreKind::Gateway;
            if is_gateway && !set && !["control_bucket", "upstream_ca_file"].contains(&name) {
                bail!(
                    "store.kind = \"gateway\" needs store.{name}: the key that opens the upstream"
                );
            }
            if set && !is_gateway {
                bail!("store.{name} is for store.kind = \"gateway\" only");
            }
        }
        if self.kind == StoreKind::Aws && self.account.is_none() {
            bail!("store.kind = \"aws\" needs store.account, the 12-digit id of the account");
        }
        Ok(())
    }
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            kind: StoreKind::Embedded,
            bucket: "wellhouse".to_owned(),
            region: "us-east-1".to_owned(),
            durability: DurabilityConfig::Strict,
            events_kept: 1_000_000,
            copy_whole_max: COPY_WHOLE_MAX,
            encryption: EncryptionConfig::default(),
            endpoint_url: None,
            tunnelled: false,
            access_key_id: None,
            secret_access_key_file: None,
            control_bucket: None,
            upstream_ca_file: None,
            public_endpoint_url: None,
            account: None,
            allow_static_keys: false,
            role_arns: std::collections::BTreeMap::new(),
        }
    }
}

impl Default for EncryptionConfig {
    fn default() -> Self {
        Self {
            keys: KeySource::File,
            key_file: None,
            kms_key: None,
            kms_region: None,
            kms_endpoint_url: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StoreConfig;

    #[test]
    fn the_upstream_is_spoken_to_by_tls_unless_a_tunnel_is_declared() {
        for (endpoint, tunnelled, good) in [
            ("https://s3.example.org", false, true),
            ("http://127.0.0.1:3900", false, true),
            ("http://garage.example.org:3900", false, false),
            ("http://garage.example.org:3900", true, true),
        ] {
            let endpoint_url = Some(endpoint.to_owned());
            let config = StoreConfig { endpoint_url, tunnelled, ..StoreConfig::default() };
            assert_eq!(config.check().is_ok(), good, "{endpoint} {tunnelled}");
        }
        let mut config = StoreConfig::default();
        config.encryption.kms_endpoint_url = Some("http://kms.example.org".to_owned());
        let refused = config.check().expect_err("master keys in the open").to_string();
        assert!(refused.contains("store.encryption.kms_endpoint_url"), "{refused}");
    }
}
