//! Section `scan`: whether files are scanned for malware, and what is served.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use wh_names::Serving;

/// The scan of files for malware, by clamd. Without `clamd` nothing is scanned.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ScanConfig {
    /// Where clamd listens: `tcp 127.0.0.1:3310` or `unix /run/clamav/clamd.ctl`.
    pub(crate) clamd: Option<String>,
    /// The way to clamd is a tunnel that encrypts by itself, and so it may be on another machine.
    pub(crate) tunnelled: bool,
    /// `unscanned-too` or `only-clean`: whether files are served that are not scanned yet, or cannot be.
    pub(crate) serve: ServeConfig,
    /// Larger files are not scanned, in bytes. clamd's own `StreamMaxLength` should be no less.
    pub(crate) bytes_max: u64,
    /// How long the scan of one file may take, in seconds.
    pub(crate) timeout_seconds: u64,
    /// How many files are scanned at once.
    pub(crate) parallel: usize,
    /// Where the store has no feed of changes: after how many minutes it is listed again for new files.
    pub(crate) list_minutes: u32,
}

/// What is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ServeConfig {
    /// All but what is infected
    UnscannedToo,
    /// Only what was found clean, or released
    OnlyClean,
}

/// Where clamd listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ClamdAddress {
    /// A port.
    Tcp(SocketAddr),
    /// A socket of this machine.
    Unix(PathBuf),
}

impl Default for ScanConfig {
    fn default() -> Self {
        Self {
            clamd: None,
            tunnelled: false,
            serve: ServeConfig::UnscannedToo,
            bytes_max: 100 * 1024 * 1024,
            timeout_seconds: 120,
            parallel: 2,
            list_minutes: 15,
        }
    }
}

impl ScanConfig {
    /// Where clamd listens, if files are scanned.
    pub(crate) fn address(&self) -> Result<Option<ClamdAddress>> {
        let Some(written) = self.clamd.as_deref() else { return Ok(None) };
        let (kind, place) = written.split_once(' ').unwrap_or((written, ""));
        let place = place.trim();
        let address = match (kind, place.parse::<SocketAddr>()) {
            ("tcp", Ok(address)) => ClamdAddress::Tcp(address),
            ("unix", _) if place.starts_with('/') => ClamdAddress::Unix(PathBuf::from(place)),
            _ => bail!(
                "scan.clamd = `{written}` is no place: write `tcp 127.0.0.1:3310`, with a number as \
                 address, or `unix /run/clamav/clamd.ctl`"
            ),
        };
        Ok(Some(address))
    }

    /// What is served, if files are scanned.
    pub(crate) fn serving(&self) -> Option<Serving> {
        self.clamd.as_ref().map(|_| match self.serve {
            ServeConfig::UnscannedToo => Serving::AllButInfected,
            ServeConfig::OnlyClean => Serving::OnlyClean,
        })
    }

    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }

    pub(super) fn check(&self) -> Result<()> {
        let address = self.address()?;
        if let Some(ClamdAddress::Tcp(address)) = address
            && !address.ip().is_loopback()
            && !self.tunnelled
        {
            bail!(
                "scan.clamd = `tcp {address}` is another machine, and clamd does not encrypt: name a \
                 tunnel's end on this machine, or set scan.tunnelled = true where the way there is \
                 encrypted by itself"
            );
        }
        if address.is_none() && self.serve == ServeConfig::OnlyClean {
            bail!("scan.serve = \"only-clean\" needs scan.clamd: nothing would ever be served");
        }
        for (name, value, least, most) in [
            ("bytes_max", self.bytes_max, 1, 4 * 1024 * 1024 * 1024 - 1),
            ("timeout_seconds", self.timeout_seconds, 1, 3600),
            ("parallel", u64::try_from(self.parallel).unwrap_or(u64::MAX), 1, 64),
            ("list_minutes", u64::from(self.list_minutes), 1, 24 * 60),
        ] {
            if !(least..=most).contains(&value) {
                bail!("scan.{name} = {value} is out of range: write {least} to {most}");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{ClamdAddress, ScanConfig, ServeConfig};

    fn at(clamd: &str) -> ScanConfig {
        ScanConfig { clamd: Some(clamd.to_owned()), ..ScanConfig::default() }
    }

    #[test]
    fn clamd_is_on_this_machine_or_at_the_end_of_a_tunnel() {
        let tcp = at("tcp [::1]:3310");
        tcp.check().expect("this machine");
        assert!(matches!(tcp.address(), Ok(Some(ClamdAddress::Tcp(_)))));
        let unix = at("unix /run/clamav/clamd.ctl");
        unix.check().expect("this machine");
        assert!(matches!(unix.address(), Ok(Some(ClamdAddress::Unix(_)))));
        let tunnelled = ScanConfig { tunnelled: true, ..at("tcp 192.0.2.1:3310") };
        tunnelled.check().expect("a tunnel");
        ScanConfig::default().check().expect("nothing configured");
    }

    #[test]
    fn what_is_wrong_names_the_key_and_the_fix() {
        let well = || at("tcp 127.0.0.1:3310");
        let only_clean = ScanConfig { serve: ServeConfig::OnlyClean, ..ScanConfig::default() };
        for (config, words) in [
            (at("127.0.0.1:3310"), "scan.clamd = `127.0.0.1:3310` is no place"),
            (at("tcp localhost:3310"), "tcp 127.0.0.1:3310"),
            (at("unix clamd.ctl"), "scan.clamd"),
            (at("tcp 192.0.2.1:3310"), "scan.tunnelled = true"),
            (only_clean, "needs scan.clamd"),
            (ScanConfig { bytes_max: 0, ..well() }, "scan.bytes_max = 0"),
            (ScanConfig { timeout_seconds: 0, ..well() }, "scan.timeout_seconds = 0"),
            (ScanConfig { parallel: 65, ..well() }, "scan.parallel = 65"),
            (ScanConfig { list_minutes: 0, ..well() }, "scan.list_minutes = 0"),
        ] {
            let error = format!("{:#}", config.check().expect_err(words));
            assert!(error.contains(words), "{error}");
        }
    }
}
