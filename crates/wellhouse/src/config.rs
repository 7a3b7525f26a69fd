//! Configuration: one `wellhouse.toml`, every key also `WELLHOUSE_…` in the environment, command
//! line flags over both. Parsed once, here; unknown keys are refused.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

use crate::webhooks::{self, WebhookConfig};

/// The longest life of a person's access key that may be configured, in days.
const KEY_DAYS_MAX: u32 = 366;

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
    pub(crate) keys: KeysConfig,
    pub(crate) scrub: ScrubConfig,
    pub(crate) audit: AuditConfig,
    pub(crate) metrics: MetricsConfig,
    pub(crate) log: LogConfig,
}

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

/// STS of the embedded store.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StsConfig {
    /// The `OpenID` Connect issuers that may become providers which roles trust. Nobody else is asked
    /// for keys, whatever a token or a caller of IAM says.
    pub(crate) oidc: Vec<OidcConfig>,
}

/// An `OpenID` Connect issuer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OidcConfig {
    /// As its tokens name it: `https://token.actions.githubusercontent.com`.
    pub(crate) issuer: String,
    /// Where its keys are: HTTPS, or plain HTTP on the loopback.
    pub(crate) jwks_uri: String,
}

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
    /// `embedded` only: where the master keys are.
    pub(crate) encryption: EncryptionConfig,
    /// `gateway`: the upstream's S3 endpoint, Amazon S3 where it is missing. `aws`: another endpoint for
    /// S3, STS and IAM (a test double, a VPC endpoint).
    pub(crate) endpoint_url: Option<String>,
    /// `gateway` only: the public half of the key that opens the upstream.
    pub(crate) access_key_id: Option<String>,
    /// `gateway` only: the file that holds its secret half.
    pub(crate) secret_access_key_file: Option<PathBuf>,
    /// `gateway` only: the upstream bucket that holds policies and the like; the bucket's name with
    /// `-control` where it is missing.
    pub(crate) control_bucket: Option<String>,
    /// `aws` only: the endpoint that browsers reach, where it differs from `endpoint_url`.
    pub(crate) public_endpoint_url: Option<String>,
    /// `aws` only: the 12-digit account that owns bucket and roles.
    pub(crate) account: Option<String>,
    /// `aws` only: the portal may ask as an IAM user, by keys that never end.
    pub(crate) allow_static_keys: bool,
    /// `aws` only: role name → ARN, where they differ from the standard estate's.
    pub(crate) role_arns: std::collections::BTreeMap<String, String>,
}

/// Where persons, grants, roles and the audit trail are kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LedgerConfig {
    /// A PostgreSQL, which several nodes may share: `postgres://user@host:5432/database`, without a
    /// password. SQLite in the data folder where it is missing.
    pub(crate) url: Option<String>,
    /// The file that holds the password; else the variable `WELLHOUSE_LEDGER_PASSWORD`, where it is set.
    pub(crate) password_file: Option<PathBuf>,
    /// The house's schema in the database.
    pub(crate) schema: String,
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

/// Metrics for Prometheus.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MetricsConfig {
    /// Where `/metrics` is served, on loopback; nowhere without it.
    pub(crate) listen: Option<SocketAddr>,
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

/// The least that a hash may cost. Source: OWASP ASVS 5.0, appendix C: 46 MiB with one pass.
const ARGON2_MEMORY_KIB_MIN: u32 = 47_104;

/// More would let a few sign-ins at once fill the memory.
const ARGON2_MEMORY_KIB_MAX: u32 = 1_048_576;

const ARGON2_ITERATIONS_MAX: u32 = 10;

/// People at the portal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PeopleConfig {
    /// Whether an administrator must have set up two-step sign-in to administer anything.
    pub(crate) administrators_need_second_factor: bool,
    /// The file of breached passwords that nobody may choose; `wellhouse passwords compile` makes it.
    pub(crate) breached_passwords: Option<PathBuf>,
    /// Words that anybody would try here, of which no password may consist.
    pub(crate) password_words: Vec<String>,
    /// The memory of one Argon2id hash of a password, in KiB; 47,104 at least.
    pub(crate) argon2_memory_kib: u32,
    /// Its passes over the memory.
    pub(crate) argon2_iterations: u32,
}

/// Access keys of persons, for tools that cannot refresh temporary credentials.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct KeysConfig {
    /// How many days a new key may live; 366 at most.
    pub(crate) days_max: u32,
    /// How many keys that count a person may have; 0 lets nobody make one.
    pub(crate) per_person_max: u32,
}

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

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            portal: PortalConfig::default(),
            s3: S3Config::default(),
            sts: StsConfig::default(),
            store: StoreConfig::default(),
            ledger: LedgerConfig::default(),
            estate: EstateConfig { installation: "main".to_owned(), file: None, check_hours: 6 },
            people: PeopleConfig::default(),
            keys: KeysConfig::default(),
            scrub: ScrubConfig::default(),
            audit: AuditConfig::default(),
            metrics: MetricsConfig::default(),
            log: LogConfig::default(),
        }
    }
}

impl PeopleConfig {
    fn check(&self) -> Result<()> {
        let memory = ARGON2_MEMORY_KIB_MIN..=ARGON2_MEMORY_KIB_MAX;
        if !memory.contains(&self.argon2_memory_kib) {
            bail!(
                "people.argon2_memory_kib is between {ARGON2_MEMORY_KIB_MIN} and \
                 {ARGON2_MEMORY_KIB_MAX}: less is too quickly guessed"
            );
        }
        if !(1..=ARGON2_ITERATIONS_MAX).contains(&self.argon2_iterations) {
            bail!("people.argon2_iterations is between 1 and {ARGON2_ITERATIONS_MAX}");
        }
        Ok(())
    }
}

impl Default for PeopleConfig {
    fn default() -> Self {
        Self {
            administrators_need_second_factor: true,
            breached_passwords: None,
            password_words: Vec::new(),
            argon2_memory_kib: ARGON2_MEMORY_KIB_MIN,
            argon2_iterations: 1,
        }
    }
}

impl Default for KeysConfig {
    fn default() -> Self {
        Self { days_max: 90, per_person_max: 5 }
    }
}

impl Default for ScrubConfig {
    fn default() -> Self {
        Self { on: true, mib_per_second: 50, every_days: 7 }
    }
}

impl Default for EstateConfig {
    fn default() -> Self {
        Config::default().estate
    }
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

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            kind: StoreKind::Embedded,
            bucket: "wellhouse".to_owned(),
            region: "us-east-1".to_owned(),
            durability: DurabilityConfig::Strict,
            events_kept: 1_000_000,
            encryption: EncryptionConfig::default(),
            endpoint_url: None,
            access_key_id: None,
            secret_access_key_file: None,
            control_bucket: None,
            public_endpoint_url: None,
            account: None,
            allow_static_keys: false,
            role_arns: std::collections::BTreeMap::new(),
        }
    }
}

impl Default for LedgerConfig {
    fn default() -> Self {
        Self { url: None, password_file: None, schema: "wellhouse".to_owned() }
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

impl Default for LogConfig {
    fn default() -> Self {
        Self { filter: "warn,wellhouse=info".to_owned(), format: LogFormat::Text }
    }
}

/// What the command line may override.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Overrides {
    /// The configuration file [default: wellhouse.toml, where it exists]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data folder
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// What `wellhouse serve` may override besides.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Listeners {
    /// Where the portal listens
    #[arg(long, value_name = "IP:PORT")]
    portal_listen: Option<SocketAddr>,
    /// Where the S3 endpoint listens
    #[arg(long, value_name = "IP:PORT")]
    s3_listen: Option<SocketAddr>,
    /// A further origin from which the portal's own page may come
    #[arg(long, value_name = "ORIGIN", hide = true)]
    portal_origin: Option<String>,
    /// Serve the S3, STS and IAM endpoint alone: no portal, no persons, an empty account
    #[arg(long)]
    pub(crate) store_only: bool,
}

/// That an issuer is one, and that its keys come by a way that nobody can change them on.
fn check_oidc(oidc: &OidcConfig) -> Result<()> {
    let secure = |url: &str| {
        let plain = url.strip_prefix("http://").map(|rest| rest.split(['/', ':']).next());
        url.starts_with("https://") || matches!(plain, Some(Some("127.0.0.1" | "localhost")))
    };
    let OidcConfig { issuer, jwks_uri } = oidc;
    if !secure(issuer) || issuer.ends_with('/') || issuer.contains(['?', '#', ' ']) {
        bail!("sts.oidc: the issuer {issuer} must be an https:// address without `/` at its end");
    }
    if !secure(jwks_uri) {
        bail!("sts.oidc: the jwks_uri {jwks_uri} must be an https:// address");
    }
    Ok(())
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
        let doors = [
            ("portal", self.portal.listen, &self.portal.tls),
            ("s3", self.s3.listen, &self.s3.tls),
        ];
        for (door, listen, tls) in doors {
            if !listen.ip().is_loopback() && tls.is_none() && !self.portal.behind_tls_proxy {
                bail!(
                    "{door}.listen = {listen} is reachable from other machines in plain HTTP: give \
                     {door}.tls a certificate and a key, or put a TLS proxy in front and set \
                     portal.behind_tls_proxy = true, or listen on 127.0.0.1"
                );
            }
        }
        for oidc in &self.sts.oidc {
            check_oidc(oidc)?;
        }
        if !(1..=KEY_DAYS_MAX).contains(&self.keys.days_max) {
            bail!("keys.days_max must be between 1 and {KEY_DAYS_MAX}");
        }
        webhooks::check(&self.s3.webhooks)?;
        if self.s3.requests_max < 2 {
            bail!("s3.requests_max must be at least 2");
        }
        let letter = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
        let named = |domain: &str| !domain.is_empty() && domain.chars().all(letter);
        if let Some(odd) = self.s3.base_domains.iter().find(|domain| !named(domain)) {
            bail!(
                "s3.base_domains holds `{odd}`, which is no name of a domain: write it without \
                 scheme, port and path, as in [\"s3.example.org\"]"
            );
        }
        let encryption = &self.store.encryption;
        if encryption.keys == KeySource::Kms && encryption.kms_key.is_none() {
            bail!(
                "store.encryption.keys = \"kms\" needs store.encryption.kms_key: an id, ARN or alias"
            );
        }
        let of_gateway = [
            ("access_key_id", self.store.access_key_id.is_some()),
            ("secret_access_key_file", self.store.secret_access_key_file.is_some()),
            ("control_bucket", self.store.control_bucket.is_some()),
        ];
        for (name, set) in of_gateway {
            let is_gateway = self.store.kind == StoreKind::Gateway;
            if is_gateway && !set && name != "control_bucket" {
                bail!(
                    "store.kind = \"gateway\" needs store.{name}: the key that opens the upstream"
                );
            }
            if set && !is_gateway {
                bail!("store.{name} is for store.kind = \"gateway\" only");
            }
        }
        if self.ledger.url.is_some() && self.store.kind == StoreKind::Embedded {
            bail!(
                "ledger.url is for store.kind = \"gateway\" or \"aws\": an embedded store belongs to \
                 one node, and its ledger stays beside it in the data folder"
            );
        }
        if self.ledger.url.is_none() && self.ledger.password_file.is_some() {
            bail!("ledger.password_file needs ledger.url: postgres://user@host:5432/database");
        }
        self.people.check()?;
        if self.store.kind == StoreKind::Aws && self.store.account.is_none() {
            bail!("store.kind = \"aws\" needs store.account, the 12-digit id of the account");
        }
        Ok(())
    }

    /// The address that people type for the portal.
    pub(crate) fn portal_url(&self) -> String {
        let scheme = scheme(self.portal.tls.as_ref());
        let derived = || format!("{scheme}://localhost:{}", self.portal.listen.port());
        self.portal.public_url.clone().unwrap_or_else(derived)
    }

    /// The origins from which the portal's page may come.
    pub(crate) fn portal_origins(&self) -> Vec<String> {
        let mut origins = vec![self.portal_url()];
        if self.portal.public_url.is_none() {
            origins.push(format!("{}://{}", scheme(self.portal.tls.as_ref()), self.portal.listen));
        }
        origins.extend(self.portal.extra_origins.iter().cloned());
        origins
    }

    /// The address that browsers and tools reach the embedded S3 endpoint by.
    pub(crate) fn s3_url(&self) -> String {
        let derived = || format!("{}://{}", scheme(self.s3.tls.as_ref()), self.s3.listen);
        self.s3.public_url.clone().unwrap_or_else(derived)
    }
}

impl Config {
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

fn scheme(tls: Option<&TlsConfig>) -> &'static str {
    if tls.is_some() { "https" } else { "http" }
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
