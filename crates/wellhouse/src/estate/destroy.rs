//! `wellhouse destroy`: takes an estate away again.

use anyhow::{Result, bail};
use wh_provision::{Destruction, Estate, Plan, Step};

use super::apply::{confirmed, perform};
use super::{Which, counted, told};
use crate::config::Config;
use crate::{Ended, say};

/// Take away what carries this installation's tag
///
/// Roles, policies, the instance profile and the trail go. Files, logs and the key stay unless they are
/// asked for, each by its own flag; of the data the bucket's name must be typed, too. Service-linked
/// roles, the account's public access block and whatever is not ours stay, and are told.
#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Destroy {
    #[command(flatten)]
    which: Which,
    /// Do not ask; where data goes, the buckets are named by --delete-bucket instead
    #[arg(long)]
    yes: bool,
    /// Delete the buckets with everything in them, all versions included
    #[arg(long)]
    delete_data: bool,
    /// Confirms, with --yes, that this bucket goes with everything in it; once for each
    #[arg(long, value_name = "BUCKET", requires = "delete_data")]
    delete_bucket: Vec<String>,
    /// Have KMS delete the key in 30 days: what it encrypted can then be read by nobody
    #[arg(long)]
    delete_key: bool,
    /// Only show what would go
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
}

/// Runs it.
pub(crate) async fn destroy(config: Config, asked: Destroy) -> Result<Ended> {
    let estate = asked.which.estate(&config)?;
    let cloud = asked.which.cloud(&config, &estate).await?;
    let destruction = Destruction { delete_data: asked.delete_data, delete_key: asked.delete_key };
    let plan = wh_provision::destroy(&estate, &cloud, destruction).await?;
    told::tell_or(&estate, &plan, "Nothing of this estate is there that would go.");
    if plan.is_empty() {
        return Ok(Ended::Done);
    }
    if asked.dry_run || !agreed(&asked, &estate, &plan)? {
        say("Nothing was changed.");
        return Ok(Ended::Different);
    }
    perform(&plan, &cloud).await?;
    Ok(Ended::Done)
}

/// Whether everything that goes was agreed to: the whole, and each bucket with data by its name.
fn agreed(asked: &Destroy, estate: &Estate, plan: &Plan) -> Result<bool> {
    for change in plan.changes() {
        let Step::EmptyBucket { bucket } = &change.step else { continue };
        let bucket = bucket.to_string();
        if asked.yes {
            if !asked.delete_bucket.contains(&bucket) {
                bail!(
                    "bucket {bucket} would go with everything in it: say --delete-bucket {bucket}, too"
                );
            }
            continue;
        }
        let question = format!("Everything in bucket {bucket} will be gone. Type its name: ");
        if !confirmed(&question, &bucket)? {
            return Ok(false);
        }
    }
    let count = counted(plan.changes().len(), "change");
    let name = estate.installation();
    let question = format!("Make {count}? Type the installation's name, {name}: ");
    Ok(asked.yes || confirmed(&question, name)?)
}
