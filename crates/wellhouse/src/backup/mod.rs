//! `wellhouse backup …` and `wellhouse restore`.

mod make;
mod place;
mod restore;
mod upkeep;

pub(crate) use make::{Installation, make};
pub(crate) use place::Place;
pub(crate) use restore::{Restore, restore};

use anyhow::{Result, bail};
use clap::Subcommand;

use crate::Ended;
use crate::config::Config;
use crate::store::Output;
use place::Where;

/// Back up the embedded store and the ledger, while the server runs or not
///
/// A backup is a point in time. Only what is new is copied; all of it is read back and compared.
/// Encrypted data stays encrypted, and the master key is not part of a backup: keep it elsewhere.
#[derive(clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Begin with:\n  \
        wellhouse backup --to /mnt/backup          make a backup\n  \
        wellhouse backup list --from /mnt/backup   which there are\n  \
        wellhouse restore --from /mnt/backup --to new-data\n\
        docs/backup.md tells the rest."
)]
pub(crate) struct Backup {
    #[command(subcommand)]
    command: Option<Upkeep>,
    /// Where to: a folder, or `s3://bucket/prefix`
    #[arg(long, value_name = "PLACE")]
    to: Option<String>,
    #[command(flatten)]
    s3: Where,
    /// How the report is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

#[derive(Subcommand)]
enum Upkeep {
    List(upkeep::List),
    Verify(upkeep::Verify),
    Prune(upkeep::Prune),
}

pub(crate) async fn run(
    backup: Backup,
    config: &(dyn Fn() -> Result<Config> + Sync),
) -> Result<Ended> {
    match backup.command {
        Some(Upkeep::List(list)) => upkeep::list(list).await,
        Some(Upkeep::Verify(verify)) => upkeep::verify(verify).await,
        Some(Upkeep::Prune(prune)) => upkeep::prune(prune).await,
        None => {
            let Some(to) = backup.to else {
                bail!("where to? Say --to FOLDER, or --to s3://bucket/prefix");
            };
            make::run(&Place::new(&to, backup.s3)?, backup.output, &config()?).await
        }
    }
}
