//! The estate: what the configuration or a file describes, and the commands that make it so.

mod adopt;
mod apply;
mod destroy;
mod drift;
mod export;
mod plan;
mod progress;
mod saved;
mod taken_back;
mod told;
mod verify;
mod versions;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wh_aws::{AwsCloud, AwsCredentials, Client, ClientOptions, PortalCredentials};
use wh_ledger::Ledger;
use wh_names::{AccountId, BucketName, KeyPrefix, Partition, Region, Serving};
use wh_provision::{
    Cloud, CloudError, Description, Estate, Others, Settings, StandardEstate, Target,
};

pub(crate) use adopt::{Adopt, adopt};
pub(crate) use apply::{Apply, apply};
pub(crate) use destroy::{Destroy, destroy};
pub(crate) use drift::watch;
pub(crate) use export::{Export, ProvisionerPolicy, export, provisioner_policy};
pub(crate) use plan::{Plan, plan};
pub(crate) use verify::{Verify, verify};
pub(crate) use versions::{Versions, versions};

use crate::caller::{StaticKeys, check_arn};
use crate::config::{Config, KeySource, StoreKind};
use crate::output::remark;
use crate::{keys, ledger, parameters, saved_policies, say};

/// The account of every store behind our own endpoint: it is nobody's on AWS.
const EMBEDDED_ACCOUNT: &str = "000000000000";

/// Where instances with `EC2UploadRole` put what they upload.
const INSTANCE_PREFIX: &str = "instances/";

/// Where an estate is described when nobody says where.
const ESTATE_FILE: &str = "estate.toml";

/// What becomes of what others wrote into what is ours.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct OwnAll {
    /// Take away what others wrote into the buckets' policies, lifecycles, cross-origin rules and
    /// notifications, which is otherwise told and kept
    #[arg(long)]
    own_all: bool,
}

impl OwnAll {
    fn others(self) -> Others {
        if self.own_all { Others::TakeAway } else { Others::Keep }
    }
}

/// Which estate, and where it is kept.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Which {
    /// The description of the estate [default: `estate.file` of the configuration, then estate.toml
    /// where it exists, then what the configuration says]
    #[arg(long, value_name = "FILE")]
    estate: Option<PathBuf>,
    /// The endpoint of S3, IAM, STS, KMS and CloudTrail, where it is not Amazon's
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
    /// Also as an IAM user, by keys that never end
    #[arg(long)]
    allow_static_keys: bool,
}

impl Which {
    /// The estate that was asked for.
    pub(crate) fn estate(&self, config: &Config) -> Result<Estate> {
        let beside = Path::new(ESTATE_FILE);
        match (&self.estate, &config.estate.file) {
            (Some(file), _) | (None, Some(file)) => read(file),
            (None, None) if beside.is_file() => read(beside),
            (None, None) => standard(config),
        }
    }

    /// The estate that was asked for, as it is in force: where nobody named a file and this program is its
    /// IAM, with the permissions that administrators saved.
    pub(crate) async fn in_force(&self, config: &Config) -> Result<Estate> {
        let estate = self.estate(config)?;
        if self.is_elsewhere(config) || estate.target() == Target::Aws {
            return Ok(estate);
        }
        saved_policies::in_force(config, estate).await
    }

    /// Whether somebody named a description or an endpoint, so that it is not simply the installation's own.
    fn is_elsewhere(&self, config: &Config) -> bool {
        let beside = config.estate.file.is_none() && Path::new(ESTATE_FILE).is_file();
        self.estate.is_some() || self.endpoint_url.is_some() || beside
    }

    /// The cloud that keeps it, with the credentials that AWS's own tools would use.
    pub(crate) async fn cloud(&self, config: &Config, estate: &Estate) -> Result<AwsCloud> {
        let endpoint_url = self.endpoint_url(config, estate);
        let credentials = self.own_root(config, estate)?;
        let options = options(estate, endpoint_url.clone(), credentials);
        let client = Client::connect(options).await;
        let cloud = AwsCloud::over(&match estate.target() {
            Target::Aws => client.expecting(estate.account().clone()),
            Target::Embedded => client,
        });
        match endpoint_url {
            None => {
                let caller = cloud.caller().await.map_err(|error| with_remedy(error, FOR_AMAZON));
                self.check_caller(&caller.context("who we are")?)?;
            }
            Some(url) => check_answers(&cloud, &url).await?,
        }
        Ok(cloud)
    }

    /// Where the estate is kept; none for Amazon's own endpoints.
    fn endpoint_url(&self, config: &Config, estate: &Estate) -> Option<String> {
        let given = self.endpoint_url.clone().or_else(|| config.store.endpoint_url.clone());
        match estate.target() {
            Target::Aws => given,
            Target::Embedded => Some(given.unwrap_or_else(|| config.s3_url())),
        }
    }

    /// Whoever may read the data folder of an embedded store is its root user: its own estate needs no
    /// other credentials.
    fn own_root(&self, config: &Config, estate: &Estate) -> Result<PortalCredentials> {
        if estate.target() == Target::Aws || self.endpoint_url.is_some() {
            return Ok(PortalCredentials::DefaultChain);
        }
        let Some(ring) = keys::read(&config.data)? else {
            return Ok(PortalCredentials::DefaultChain);
        };
        Ok(PortalCredentials::Static(AwsCredentials {
            access_key_id: ring.root_access_key_id().clone(),
            secret: ring.root_secret().clone(),
            session_token: None,
            expires: None,
        }))
    }

    fn check_caller(&self, arn: &str) -> Result<()> {
        remark(&crate::paint::faint(&format!("as {arn}")));
        let keys = match self.allow_static_keys {
            true => StaticKeys::Taken,
            false => StaticKeys::Refused("--allow-static-keys"),
        };
        check_arn(arn, keys)
    }
}

/// What to do without credentials, before Amazon and before our own endpoint.
const FOR_AMAZON: &str = "`aws sso login`, AWS_PROFILE=… or the role of this machine gives them";
const FOR_OURS: &str = "export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, as `wellhouse serve \
                        --store-only` shows; or, beside the server's data folder, say --data DIR in \
                        the place of --endpoint-url";

/// Whether it was not even asked, for want of credentials: the SDK takes that for a call that failed.
fn lacks_credentials(error: &CloudError) -> bool {
    const SAID: [&str; 2] = ["loading credentials", "no credentials found"];
    let said = |message: &str| SAID.iter().any(|words| message.contains(words));
    matches!(error, CloudError::Unreachable { message } if said(message))
}

fn with_remedy(error: CloudError, remedy: &str) -> anyhow::Error {
    if lacks_credentials(&error) {
        return anyhow::Error::new(error).context(format!("there are no credentials: {remedy}"));
    }
    anyhow::Error::new(error)
}

/// That something answers at an endpoint of ours: the first call that fails would not say where it went.
async fn check_answers(cloud: &AwsCloud, url: &str) -> Result<()> {
    if let Err(error @ CloudError::Unreachable { .. }) = cloud.account().await {
        if lacks_credentials(&error) {
            return Err(with_remedy(error, FOR_OURS));
        }
        bail!(
            "nothing answers at {url}, where this estate's endpoint should be: start `wellhouse serve`, or say \
             --endpoint-url ({error})"
        );
    }
    Ok(())
}

fn options(
    estate: &Estate,
    endpoint_url: Option<String>,
    credentials: PortalCredentials,
) -> ClientOptions {
    ClientOptions {
        region: estate.region().clone(),
        path_style: endpoint_url.is_some(),
        endpoint_url,
        public_s3_url: None,
        credentials,
    }
}

/// The estate that a file describes. Everything that is wrong with it is told at once.
pub(crate) fn read(file: &Path) -> Result<Estate> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {shown}"))?;
    let described = match Description::read(&text) {
        Ok(described) => described,
        Err(error) => {
            for fault in &error.faults {
                say(&format!("{shown}: {fault}"));
            }
            bail!("{shown} describes no estate: {} to mend", counted(error.faults.len(), "place"));
        }
    };
    Estate::of(described).with_context(|| format!("the estate of {shown}"))
}

/// Does something with the ledger of this installation, and closes it.
async fn with_ledger<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Ledger) -> Result<T>,
) -> Result<T> {
    if !ledger::is_there(config) {
        bail!(
            "there is no ledger in {}: start the server once, or say --data",
            config.data.display()
        );
    }
    let ledger = ledger::open(config, &parameters::clock()).await?;
    let done = work(&ledger).await;
    ledger.close().await;
    done
}

/// `1 place`, `2 places`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The account that owns bucket and roles.
pub(crate) fn account(config: &Config) -> Result<AccountId> {
    let written = match config.store.kind {
        StoreKind::Embedded | StoreKind::Gateway => EMBEDDED_ACCOUNT,
        StoreKind::Aws => config.store.account.as_deref().unwrap_or_default(),
    };
    AccountId::parse(written).context("store.account")
}

/// `aws`, or the partition that the region is in.
pub(crate) fn partition(config: &Config) -> Result<Partition> {
    let region = Region::parse(&config.store.region).context("store.region")?;
    Ok(region.partition())
}

/// The estate that the configuration asks for: that of a file, or the standard one.
pub(crate) fn configured(config: &Config) -> Result<Estate> {
    let Some(file) = &config.estate.file else { return standard(config) };
    let estate = read(file)?;
    let target = target(config);
    if estate.target() != target {
        bail!(
            "estate.file describes an estate for {:?}, and store.kind is {target:?}",
            estate.target()
        );
    }
    check_scan(estate.description().scan, config)?;
    Ok(estate)
}

/// What the portal scans and what the store holds back are one thing, said in two files.
fn check_scan(described: Option<Serving>, config: &Config) -> Result<()> {
    let configured = config.scan.serving();
    if described == configured {
        return Ok(());
    }
    let told = |serving: Option<Serving>, key: &str| match serving {
        Some(serving) => format!("{key} = \"{}\"", serving.as_str()),
        None => format!("no {key}"),
    };
    bail!(
        "the file of estate.file has {}, and the configuration has {}{}: write the same in both, and \
         apply the estate",
        told(described, "scan"),
        told(configured, "scan.serve"),
        if configured.is_none() { " (neither scan.clamd nor scan.icap)" } else { "" }
    )
}

fn target(config: &Config) -> Target {
    match config.store.kind {
        StoreKind::Embedded | StoreKind::Gateway => Target::Embedded,
        StoreKind::Aws => Target::Aws,
    }
}

/// The standard estate, for this configuration.
fn standard(config: &Config) -> Result<Estate> {
    Estate::standard(StandardEstate {
        partition: partition(config)?,
        account: account(config)?,
        region: Region::parse(&config.store.region).context("store.region")?,
        bucket: BucketName::parse(&config.store.bucket).context("store.bucket")?,
        instance_prefix: KeyPrefix::parse(INSTANCE_PREFIX)?,
        installation: config.estate.installation.clone(),
        portal_origins: config.portal_origins(),
        target: target(config),
        settings: settings(config),
        scan: config.scan.serving(),
    })
    .context("the standard estate")
}

/// How much of the standard estate's bucket is set: a gateway's lies in a store of others.
fn settings(config: &Config) -> Settings {
    match (config.store.kind, config.store.encryption.keys) {
        (StoreKind::Gateway, _) => Settings::Guards,
        (StoreKind::Embedded, KeySource::Off) => Settings::Unencrypted,
        (StoreKind::Embedded, KeySource::File | KeySource::Environment | KeySource::Kms)
        | (StoreKind::Aws, _) => Settings::All,
    }
}

/// AWS, with the credentials that its own tools would use.
pub(crate) async fn amazons_cloud(config: &Config) -> Result<AwsCloud> {
    let options = ClientOptions {
        region: Region::parse(&config.store.region).context("store.region")?,
        endpoint_url: config.store.endpoint_url.clone(),
        public_s3_url: None,
        path_style: config.store.endpoint_url.is_some(),
        credentials: PortalCredentials::DefaultChain,
    };
    Ok(AwsCloud::new(options).await)
}
