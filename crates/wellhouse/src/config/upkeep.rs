//! Sections `scrub`, `audit`, `estate`, `metrics` and `log`: what runs beside serving.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The embedded store reads all its bytes again from time to time.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ScrubConfig {
    /// Whether it does.
    pub(crate) on: bool,
    /// How fast at most, in MiB a second; 0 is as fast as it can.
    pub(crate) mib_per_second: u32,
    /// How many days after one pass the next one begins.
    pub(crate) every_days: u32,
}

impl Default for ScrubConfig {
    fn default() -> Self {
        Self { on: true, mib_per_second: 50, every_days: 7 }
    }
}

/// How it is proved that nobody changed the audit trail.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AuditConfig {
    /// `here` or `elsewhere`: who signs checkpoints.
    pub(crate) sign: AuditSigning,
    /// After how many minutes what was added is signed, when there is something.
    pub(crate) checkpoint_minutes: u32,
}

/// Who signs checkpoints of the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AuditSigning {
    /// The server, with a key in the data folder
    Here,
    /// `wellhouse audit checkpoint`, run by another account
    Elsewhere,
}

impl Default for AuditConfig {
    fn default() -> Self {
        Self { sign: AuditSigning::Here, checkpoint_minutes: 10 }
    }
}

/// The estate: the bucket and the roles as they should be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EstateConfig {
    /// Stands in the path of every role and policy that Wellhouse owns.
    pub(crate) installation: String,
    /// A file that describes the estate, in the place of what this configuration says of it.
    pub(crate) file: Option<PathBuf>,
    /// After how many hours the estate of the embedded store is read back again; 0 never does.
    pub(crate) check_hours: u32,
}

impl Default for EstateConfig {
    fn default() -> Self {
        Self { installation: "main".to_owned(), file: None, check_hours: 6 }
    }
}

/// Metrics for Prometheus.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MetricsConfig {
    /// Where `/metrics` is served, on loopback; nowhere without it.
    pub(crate) listen: Option<SocketAddr>,
}

/// What is logged, and how.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LogConfig {
    /// A `tracing` filter, such as `info` or `wh_gate=debug,info`.
    pub(crate) filter: String,
    /// `text` or `json`.
    pub(crate) format: LogFormat,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// For machines, one object a line
    Json,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { filter: "warn,wellhouse=info".to_owned(), format: LogFormat::Text }
    }
}
