//! Configuration: one `wellhouse.toml`, every key also `WELLHOUSE_…` in the environment, command
//! line flags over both. Parsed once, here; unknown keys are refused. Each section has a file, with
//! its defaults and what it refuses.

mod activity;
mod doors;
mod flags;
mod ledger;
mod mail;
mod people;
mod posture;
mod providers;
mod scan;
mod store;
mod sts;
mod upkeep;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

pub(crate) use self::activity::ActivityConfig;
pub(crate) use self::doors::{PortalConfig, S3Config, TlsConfig};
pub(crate) use self::flags::{Listeners, Overrides};
pub(crate) use self::ledger::LedgerConfig;
pub(crate) use self::mail::{MailConfig, MailTransport, SmtpConfig, SmtpTls};
pub(crate) use self::people::{KeysConfig, PeopleConfig};
pub(crate) use self::posture::PostureConfig;
pub(crate) use self::providers::ProviderConfig;
pub(crate) use self::scan::{ClamdAddress, IcapAddress, ScanConfig, ScannerAddress};
pub(crate) use self::store::{DurabilityConfig, KeySource, StoreConfig, StoreKind};
pub(crate) use self::sts::StsConfig;
pub(crate) use self::upkeep::{
    AuditConfig, AuditSigning, EstateConfig, LogConfig, LogFormat, MetricsConfig, ScrubConfig,
};

/// Everything an operator can set. The defaults run an embedded store on loopback.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The data folder; made with mode 0700 where it is missing.
    pub(crate) data: PathBuf,
    pub(crate) portal: PortalConfig,
    pub(crate) s3: S3Config,
    pub(crate) sts: StsConfig,
    pub(crate) store: StoreConfig,
    pub(crate) ledger: LedgerConfig,
    pub(crate) estate: EstateConfig,
    pub(crate) people: PeopleConfig,
    pub(crate) mail: MailConfig,
    pub(crate) keys: KeysConfig,
    pub(crate) scan: ScanConfig,
    pub(crate) activity: ActivityConfig,
    pub(crate) scrub: ScrubConfig,
    pub(crate) audit: AuditConfig,
    pub(crate) posture: PostureConfig,
    pub(crate) metrics: MetricsConfig,
    pub(crate) log: LogConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            portal: PortalConfig::default(),
            s3: S3Config::default(),
            sts: StsConfig::default(),
            store: StoreConfig::default(),
            ledger: LedgerConfig::default(),
            estate: EstateConfig::default(),
            people: PeopleConfig::default(),
            mail: MailConfig::default(),
            keys: KeysConfig::default(),
            scan: ScanConfig::default(),
            activity: ActivityConfig::default(),
            scrub: ScrubConfig::default(),
            audit: AuditConfig::default(),
            posture: PostureConfig::default(),
            metrics: MetricsConfig::default(),
            log: LogConfig::default(),
        }
    }
}

impl Config {
    /// File, then environment, then flags; the later wins.
    pub(crate) fn load(overrides: &Overrides, listeners: &Listeners) -> Result<Self> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        let named = overrides.config.as_deref();
        if let Some(path) = named.filter(|path| !path.is_file()) {
            bail!("the configuration file {} does not exist", path.display());
        }
        let path = named.unwrap_or(Path::new("wellhouse.toml"));
        if path.is_file() {
            figment = figment.merge(Toml::file_exact(path));
        }
        figment = figment.merge(environment());
        let mut config: Self = figment.extract().context("the configuration is not valid")?;
        config.apply(overrides, listeners);
        config.check()?;
        Ok(config)
    }

    fn apply(&mut self, overrides: &Overrides, listeners: &Listeners) {
        if let Some(data) = &overrides.data {
            self.data.clone_from(data);
        }
        if let Some(listen) = listeners.portal_listen {
            self.portal.listen = listen;
        }
        if let Some(listen) = listeners.s3_listen {
            self.s3.listen = listen;
        }
        self.portal.extra_origins.extend(listeners.portal_origin.clone());
    }

    fn check(&self) -> Result<()> {
        doors::check_reach(&self.portal, &self.s3)?;
        self.sts.check()?;
        self.keys.check()?;
        self.s3.check()?;
        self.store.check()?;
        self.ledger.check(self.store.kind)?;
        self.scan.check()?;
        self.activity.check()?;
        self.posture.check()?;
        self.mail.check(self.portal.public_url.as_deref())?;
        self.people.check()
    }

    /// The address that people type for the portal.
    pub(crate) fn portal_url(&self) -> String {
        let scheme = doors::scheme(self.portal.tls.as_ref());
        let derived = || format!("{scheme}://localhost:{}", self.portal.listen.port());
        self.portal.public_url.clone().unwrap_or_else(derived)
    }

    /// The origins from which the portal's page may come.
    pub(crate) fn portal_origins(&self) -> Vec<String> {
        let mut origins = vec![self.portal_url()];
        if self.portal.public_url.is_none() {
            origins.push(format!(
                "{}://{}",
                doors::scheme(self.portal.tls.as_ref()),
                self.portal.listen
            ));
        }
        origins.extend(self.portal.extra_origins.iter().cloned());
        origins
    }

    /// The address that browsers and tools reach the embedded S3 endpoint by.
    pub(crate) fn s3_url(&self) -> String {
        let derived = || format!("{}://{}", doors::scheme(self.s3.tls.as_ref()), self.s3.listen);
        self.s3.public_url.clone().unwrap_or_else(derived)
    }

    /// The address at which browsers meet the store, whatever its kind.
    pub(crate) fn browsers_store_url(&self) -> String {
        let store = &self.store;
        match store.kind {
            StoreKind::Embedded | StoreKind::Gateway => self.s3_url(),
            StoreKind::Aws => {
                let named =
                    store.public_endpoint_url.clone().or_else(|| store.endpoint_url.clone());
                let amazons =
                    || format!("https://{}.s3.{}.amazonaws.com", store.bucket, store.region);
                named.unwrap_or_else(amazons)
            }
        }
    }
}

/// `WELLHOUSE_STORE__REGION` is `store.region`; variables of the tests are not configuration.
fn environment() -> Env {
    Env::prefixed("WELLHOUSE_")
        .filter(|key| {
            let secret = key == "master_keys" || key == "ledger_password";
            !key.starts_with("test_") && key != "binary" && key != "url" && !secret
        })
        .split("__")
}
