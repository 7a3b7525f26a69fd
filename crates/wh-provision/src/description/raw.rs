//! `estate.toml` as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct Raw {
    pub(super) version: Option<Spanned<u32>>,
    pub(super) installation: Spanned<String>,
    pub(super) account: Spanned<String>,
    pub(super) region: Spanned<String>,
    pub(super) target: Option<RawTarget>,
    #[serde(default)]
    pub(super) portal_origins: Vec<Spanned<String>>,
    pub(super) portal_runs_on: Option<Spanned<RawHost>>,
    pub(super) admin_scope: Option<RawScope>,
    pub(super) session_tags: Option<RawSessionTags>,
    pub(super) external_id: Option<Spanned<String>>,
    pub(super) encryption: Option<Spanned<RawEncryption>>,
    pub(super) key_alias: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub(super) bucket: Vec<RawBucket>,
    pub(super) logs: Option<Spanned<RawLogs>>,
    pub(super) trail: Option<Spanned<RawTrail>>,
    pub(super) block_public_access_of_account: Option<Spanned<bool>>,
    pub(super) scan: Option<RawServing>,
    pub(super) standard_rails: Option<bool>,
    #[serde(default)]
    pub(super) policy: Vec<RawPolicy>,
    #[serde(default)]
    pub(super) rail: Vec<RawRail>,
    #[serde(default)]
    pub(super) expect: Vec<RawExpectation>,
}

/// Permissions of a role, written out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RawPolicy {
    pub(super) role: Spanned<String>,
    /// JSON.
    pub(super) document: Spanned<String>,
}

/// A guard rail.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RawRail {
    pub(super) name: Spanned<String>,
    #[serde(default)]
    pub(super) why: String,
    #[serde(default)]
    pub(super) who: Vec<String>,
    #[serde(default)]
    pub(super) except: Vec<String>,
    pub(super) never: Vec<String>,
    #[serde(default)]
    pub(super) on: Vec<String>,
    #[serde(default)]
    pub(super) except_on: Vec<String>,
}

/// What a role must be allowed or refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RawExpectation {
    pub(super) name: Spanned<String>,
    pub(super) role: Option<String>,
    pub(super) action: String,
    pub(super) on: String,
    #[serde(default)]
    pub(super) context: BTreeMap<String, String>,
    pub(super) decision: RawDecision,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawDecision {
    Allow,
    Deny,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawTarget {
    Aws,
    Embedded,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawHost {
    Ec2,
    Ecs,
    Eks,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawScope {
    Buckets,
    Account,
}

/// Which files are served, where they are scanned.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawServing {
    UnscannedToo,
    OnlyClean,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawSessionTags {
    OnlyUid,
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawEncryption {
    /// SSE-KMS with a key of the installation's own.
    Kms,
    /// SSE-S3.
    S3,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RawBucket {
    pub(super) name: Spanned<String>,
    pub(super) data_class: Option<Spanned<String>>,
    pub(super) instance_prefix: Option<Spanned<String>>,
    pub(super) lifecycle: Option<RawLifecycle>,
    pub(super) presign_max_seconds: Option<Spanned<u32>>,
    pub(super) tls_min: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) denied_uids: Vec<Spanned<String>>,
    pub(super) object_lock: Option<Spanned<RawLock>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RawLifecycle {
    pub(super) abort_uploads_days: Option<Spanned<u32>>,
    pub(super) old_version_days: Option<Spanned<u32>>,
    pub(super) old_versions_kept: Option<Spanned<u32>>,
    pub(super) intelligent_tiering_days: Option<Spanned<u32>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RawLock {
    pub(super) mode: Option<RawLockMode>,
    pub(super) days: Option<Spanned<u32>>,
    pub(super) irreversible: Option<Spanned<String>>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawLockMode {
    Governance,
    Compliance,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RawLogs {
    pub(super) enabled: Option<bool>,
    pub(super) name: Option<Spanned<String>>,
    pub(super) keep_days: Option<Spanned<u32>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RawTrail {
    pub(super) enabled: Option<bool>,
    pub(super) name: Option<Spanned<String>>,
}
