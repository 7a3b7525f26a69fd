//! The estate that the configuration describes, and `wellhouse plan | apply` on AWS.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Context, Result, bail};
use wh_aws::{AwsCloud, ClientOptions, PortalCredentials};
use wh_names::{AccountId, BucketName, KeyPrefix, Partition, Region};
use wh_provision::{Estate, Plan, StandardEstate, Target};

use crate::config::{Config, StoreKind};
use crate::{Ended, say};

/// The account of every store behind our own endpoint: it is nobody's on AWS.
const EMBEDDED_ACCOUNT: &str = "000000000000";

/// Where instances with `EC2UploadRole` put what they upload.
const INSTANCE_PREFIX: &str = "instances/";

/// Make bucket and roles on AWS as documented.
#[derive(clap::Args)]
pub(crate) struct Apply {
    /// Do not ask
    #[arg(long)]
    yes: bool,
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
    let region = config.store.region.as_str();
    let name = if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    };
    Ok(Partition::parse(name)?)
}

/// The standard estate, for this configuration.
pub(crate) fn standard(config: &Config) -> Result<Estate> {
    let target = match config.store.kind {
        StoreKind::Embedded | StoreKind::Gateway => Target::Embedded,
        StoreKind::Aws => Target::Aws,
    };
    Estate::standard(StandardEstate {
        partition: partition(config)?,
        account: account(config)?,
        region: Region::parse(&config.store.region).context("store.region")?,
        bucket: BucketName::parse(&config.store.bucket).context("store.bucket")?,
        instance_prefix: KeyPrefix::parse(INSTANCE_PREFIX)?,
        installation: config.estate.installation.clone(),
        portal_origins: config.portal_origins(),
        target,
    })
    .context("the standard estate")
}

async fn operators_cloud(config: &Config) -> Result<AwsCloud> {
    if config.store.kind != StoreKind::Aws {
        bail!(
            "the estate behind our own endpoint is made by `wellhouse serve`; set store.kind = \"aws\" to \
             plan for AWS"
        );
    }
    amazons_cloud(config).await
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

/// `wellhouse plan`: exit 2 where something would change.
pub(crate) async fn plan(config: Config) -> Result<Ended> {
    let cloud = operators_cloud(&config).await?;
    let plan = wh_provision::plan(&standard(&config)?, &cloud).await?;
    print(&plan);
    Ok(if plan.is_empty() { Ended::Done } else { Ended::Different })
}

/// `wellhouse apply`: shows the plan, asks, makes it so.
pub(crate) async fn apply(config: Config, apply: Apply) -> Result<Ended> {
    let cloud = operators_cloud(&config).await?;
    let plan = wh_provision::plan(&standard(&config)?, &cloud).await?;
    print(&plan);
    if plan.is_empty() {
        return Ok(Ended::Done);
    }
    if !apply.yes && !confirmed(&plan)? {
        say("Nothing was changed.");
        return Ok(Ended::Failed);
    }
    wh_provision::apply(&plan, &cloud).await?;
    say("Done. A second plan is empty.");
    Ok(Ended::Done)
}

/// One line a change: the call, what it is made on, and why.
fn print(plan: &Plan) {
    if plan.is_empty() {
        say("Nothing to change: bucket, policies and roles are as documented.");
        return;
    }
    say(&format!("{} changes, in this order:", plan.changes().len()));
    for change in plan.changes() {
        say(&format!("  {change}"));
    }
}

fn confirmed(plan: &Plan) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("there is no terminal to ask at: say --yes to apply without being asked");
    }
    let mut out = std::io::stdout().lock();
    write!(out, "Make these {} changes? Type yes: ", plan.changes().len())?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}
