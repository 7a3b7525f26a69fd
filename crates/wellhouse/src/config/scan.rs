//! Section `scan`: whether files are scanned for malware, and what is served.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use wh_names::Serving;

/// The scan of files for malware, by clamd or by a server that speaks ICAP. Without either nothing is
/// scanned.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ScanConfig {
    /// Where clamd listens: `tcp 127.0.0.1:3310` or `unix /run/clamav/clamd.ctl`.
    pub(crate) clamd: Option<String>,
    /// Which service of an ICAP server scans: `icap://127.0.0.1:1344/avscan`. In place of `clamd`.
    pub(crate) icap: Option<String>,
    /// The way to the scanner is a tunnel that encrypts by itself, and so it may be on another machine.
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

/// A service of an ICAP server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IcapAddress {
    pub(crate) socket: SocketAddr,
    /// Its path, and its query where it has one.
    path: String,
}

/// The scanner that is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ScannerAddress {
    Clamd(ClamdAddress),
    Icap(IcapAddress),
}

/// The port of ICAP. Source: RFC 3507, 4.2.
const ICAP_PORT: u16 = 1344;

/// The longest path of a service, in bytes.
const PATH_BYTES_MAX: usize = 1024;

impl ClamdAddress {
    fn parse(written: &str) -> Result<Self> {
        let (kind, place) = written.split_once(' ').unwrap_or((written, ""));
        let place = place.trim();
        match (kind, place.parse::<SocketAddr>()) {
            ("tcp", Ok(address)) => Ok(Self::Tcp(address)),
            ("unix", _) if place.starts_with('/') => Ok(Self::Unix(PathBuf::from(place))),
            _ => bail!(
                "scan.clamd = `{written}` is no place: write `tcp 127.0.0.1:3310`, with a number as \
                 address, or `unix /run/clamav/clamd.ctl`"
            ),
        }
    }
}

impl IcapAddress {
    pub(crate) fn parse(written: &str) -> Result<Self> {
        let found = written.strip_prefix("icap://").and_then(|rest| {
            let at = rest.find('/')?;
            let (host, path) = rest.split_at_checked(at)?;
            let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
            let is_path = (2..=PATH_BYTES_MAX).contains(&path.len()) && is_plain;
            let alone = || {
                let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
                Some(SocketAddr::new(host?.parse().ok()?, ICAP_PORT))
            };
            let with_port = || Some(SocketAddr::new(host.parse().ok()?, ICAP_PORT));
            let socket = host.parse().ok().or_else(alone).or_else(with_port)?;
            is_path.then(|| Self { socket, path: path.to_owned() })
        });
        match found {
            Some(found) => Ok(found),
            None => bail!(
                "scan.icap = `{written}` is no service: write `icap://127.0.0.1:1344/avscan`, with a \
                 number as address and the service's path"
            ),
        }
    }
}

impl fmt::Display for IcapAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "icap://{}{}", self.socket, self.path)
    }
}

impl ScannerAddress {
    /// How the scanner is called.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Clamd(_) => "clamd",
            Self::Icap(_) => "icap",
        }
    }

    /// The key that configures it.
    pub(crate) fn key(&self) -> &'static str {
        match self {
            Self::Clamd(_) => "scan.clamd",
            Self::Icap(_) => "scan.icap",
        }
    }

    /// Where it listens, unless it is a socket of this machine.
    fn socket(&self) -> Option<SocketAddr> {
        match self {
            Self::Clamd(ClamdAddress::Tcp(address)) => Some(*address),
            Self::Clamd(ClamdAddress::Unix(_)) => None,
            Self::Icap(address) => Some(address.socket),
        }
    }
}

impl fmt::Display for ScannerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clamd(ClamdAddress::Tcp(address)) => write!(f, "tcp {address}"),
            Self::Clamd(ClamdAddress::Unix(path)) => write!(f, "unix {}", path.display()),
            Self::Icap(address) => address.fmt(f),
        }
    }
}

impl Default for ScanConfig {
    fn default() -> Self {
        Self {
            clamd: None,
            icap: None,
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
    /// The scanner, if files are scanned.
    pub(crate) fn address(&self) -> Result<Option<ScannerAddress>> {
        Ok(match (self.clamd.as_deref(), self.icap.as_deref()) {
            (None, None) => None,
            (Some(written), None) => Some(ScannerAddress::Clamd(ClamdAddress::parse(written)?)),
            (None, Some(written)) => Some(ScannerAddress::Icap(IcapAddress::parse(written)?)),
            (Some(_), Some(_)) => bail!(
                "scan.clamd and scan.icap are two scanners: one scans, so take one of the keys out"
            ),
        })
    }

    /// What is served, if files are scanned.
    pub(crate) fn serving(&self) -> Option<Serving> {
        self.clamd.as_ref().or(self.icap.as_ref()).map(|_| match self.serve {
            ServeConfig::UnscannedToo => Serving::AllButInfected,
            ServeConfig::OnlyClean => Serving::OnlyClean,
        })
    }

    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }

    pub(super) fn check(&self) -> Result<()> {
        let address = self.address()?;
        if let Some(scanner) = &address
            && scanner.socket().is_some_and(|socket| !socket.ip().is_loopback())
            && !self.tunnelled
        {
            bail!(
                "{} = `{scanner}` is another machine, and {} does not encrypt: name a tunnel's end on \
                 this machine, or set scan.tunnelled = true where the way there is encrypted by itself",
                scanner.key(),
                scanner.name()
            );
        }
        if address.is_none() && self.serve == ServeConfig::OnlyClean {
            bail!(
                "scan.serve = \"only-clean\" needs scan.clamd or scan.icap: nothing would ever be served"
            );
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
    use super::{ClamdAddress, ScanConfig, ScannerAddress, ServeConfig};

    fn at(clamd: &str) -> ScanConfig {
        ScanConfig { clamd: Some(clamd.to_owned()), ..ScanConfig::default() }
    }

    fn icap(icap: &str) -> ScanConfig {
        ScanConfig { icap: Some(icap.to_owned()), ..ScanConfig::default() }
    }

    #[test]
    fn an_icap_server_is_a_service_on_this_machine_or_at_the_end_of_a_tunnel() {
        for (written, read) in [
            ("icap://127.0.0.1:1344/avscan", "icap://127.0.0.1:1344/avscan"),
            (
                "icap://127.0.0.1/srv_clamav?allow204=on",
                "icap://127.0.0.1:1344/srv_clamav?allow204=on",
            ),
            ("icap://[::1]/avscan", "icap://[::1]:1344/avscan"),
            ("icap://[::1]:11344/avscan", "icap://[::1]:11344/avscan"),
        ] {
            let config = icap(written);
            config.check().expect(written);
            let found = config.address().expect(written).expect("a scanner");
            assert_eq!(found.to_string(), read);
        }
        let tunnelled = ScanConfig { tunnelled: true, ..icap("icap://192.0.2.1:1344/avscan") };
        tunnelled.check().expect("a tunnel");
        assert!(icap("icap://127.0.0.1/avscan").serving().is_some());
    }

    #[test]
    fn clamd_is_on_this_machine_or_at_the_end_of_a_tunnel() {
        let tcp = at("tcp [::1]:3310");
        tcp.check().expect("this machine");
        assert!(matches!(tcp.address(), Ok(Some(ScannerAddress::Clamd(ClamdAddress::Tcp(_))))));
        let unix = at("unix /run/clamav/clamd.ctl");
        unix.check().expect("this machine");
        assert!(matches!(unix.address(), Ok(Some(ScannerAddress::Clamd(ClamdAddress::Unix(_))))));
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
            (icap("icap://192.0.2.1:1344/avscan"), "icap does not encrypt"),
            (icap("icap://localhost:1344/avscan"), "is no service: write `icap://127.0.0.1:1344/"),
            (icap("icaps://127.0.0.1/avscan"), "scan.icap = `icaps://127.0.0.1/avscan`"),
            (icap("icap://me@127.0.0.1/avscan"), "scan.icap"),
            (icap("icap://127.0.0.1:1344"), "the service's path"),
            (icap("icap://127.0.0.1:1344/"), "the service's path"),
            (icap("icap://127.0.0.1/av scan"), "scan.icap"),
            (icap("icap://127.0.0.1/a\r\nX: y"), "scan.icap"),
            (ScanConfig { icap: Some("icap://[::1]/a".to_owned()), ..well() }, "are two scanners"),
            (only_clean, "needs scan.clamd or scan.icap"),
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
