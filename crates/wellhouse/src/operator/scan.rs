//! `wellhouse scan`: how it stands with the scan for malware, what it found, and the release of a file.

use anyhow::{Result, bail};
use serde_json::{Value, json};
use wh_ledger::{LedgerError, RowId, ScanRow};

use super::{Deed, House};
use crate::config::{Config, ScannerAddress};
use crate::store::Output;
use crate::{Ended, parameters, say, scan};

/// The scan for malware: how it stands, what it found, and the release of a file
///
/// Works without signing in, while the server runs or not. A release stands in the audit log as
/// `operator`; the running server writes it into the store.
#[derive(clap::Subcommand)]
pub(crate) enum Scan {
    Status(Status),
    List(List),
    Release(Release),
}

/// Say whether the scanner answers, and how many files wait or were found (exit 2: it does not answer)
#[derive(clap::Args)]
pub(crate) struct Status {
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// List the files that are infected or could not be scanned
#[derive(clap::Args)]
pub(crate) struct List {
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// Let a file go that the scanner holds back
#[derive(clap::Args)]
#[command(after_help = "Example:\n  wellhouse scan release 01k7d3m5q8w0e2r4t6y8v0b2n4")]
pub(crate) struct Release {
    /// Its id: see `scan list`
    id: String,
}

pub(super) async fn run(command: Scan, (house, config): (&House, &Config)) -> Result<Ended> {
    match command {
        Scan::Status(status) => house.scan_status(config, status.output).await,
        Scan::List(list) => house.list_scans(list.output).await,
        Scan::Release(release) => house.release_scan(&release.id).await,
    }
}

impl House {
    async fn scan_status(&self, config: &Config, output: Output) -> Result<Ended> {
        let counted = self.ledger.scans_counted().await?;
        let scanner = config.scan.address()?;
        let name = scanner.as_ref().map(ScannerAddress::name);
        let told = match &scanner {
            Some(at) => Some(scan::version(at).await.map_err(|error| error.to_string())),
            None => None,
        };
        let ended = match &told {
            Some(Err(_)) => Ended::Different,
            Some(Ok(_)) | None => Ended::Done,
        };
        if output == Output::Json {
            let version = told.as_ref().and_then(|told| told.as_ref().ok());
            let told = json!({
                "configured": scanner.is_some(),
                "clamd": version.filter(|_| name == Some("clamd")),
                "icap": version.filter(|_| name == Some("icap")),
                "error": told.as_ref().and_then(|told| told.as_ref().err()),
                "waiting": counted.waiting,
                "waiting_since": counted.waiting_since.map(|at| at.to_string()),
                "failing": counted.failing,
                "infected": counted.infected,
                "unscanned": counted.unscanned,
            });
            say(&told.to_string());
            return Ok(ended);
        }
        say(&match told {
            None => "Files are not scanned: neither scan.clamd nor scan.icap is set.".to_owned(),
            Some(Ok(version)) => format!("{} answers: {version}", name.unwrap_or_default()),
            Some(Err(error)) => format!("The scanner is away: {error}"),
        });
        say(&format!(
            "{} wait, {} of them were tried; {} infected, {} not scanned.",
            counted.waiting, counted.failing, counted.infected, counted.unscanned
        ));
        Ok(ended)
    }

    async fn list_scans(&self, output: Output) -> Result<Ended> {
        let found = self.ledger.scans_found().await?;
        if output == Output::Json {
            let told: Vec<Value> = found.iter().map(as_json).collect();
            say(&json!({ "files": told }).to_string());
            return Ok(Ended::Done);
        }
        for row in &found {
            let (target, finding) = (&row.target, row.finding.as_deref().unwrap_or_default());
            let place = format!("{}/{} ({})", target.bucket, target.key, target.version);
            say(&format!("{}  {}: {place}: {finding}", row.id, row.state));
        }
        if found.is_empty() {
            say("No file is held back, and none could not be scanned.");
        }
        Ok(Ended::Done)
    }

    async fn release_scan(&self, id: &str) -> Result<Ended> {
        let unknown = || format!("no file that is held back has the id `{id}`: see `scan list`");
        let Ok(row) = RowId::parse(id) else { bail!(unknown()) };
        let Some(scan) = self.ledger.scan(&row).await? else { bail!(unknown()) };
        let place = format!("{}/{}", scan.target.bucket, scan.target.key);
        let deed = Deed::to("ReleaseFile", format!("scans/{id}"));
        let finding = scan.finding.unwrap_or_default();
        let told = format!("before: {}, {finding}; now: released: {place}", scan.state);
        let ledger = &self.ledger;
        let done = self
            .recorded_with(deed, LedgerError::code, async |_people| {
                let released = ledger.release_scan(&row, parameters::clock().now()).await?;
                Ok((released, told))
            })
            .await?;
        if !done {
            bail!(unknown());
        }
        say(&format!("{place} is released: the server tags it within seconds of running."));
        Ok(Ended::Done)
    }
}

fn as_json(row: &ScanRow) -> Value {
    json!({
        "id": row.id.as_str(),
        "state": row.state.as_str(),
        "bucket": row.target.bucket,
        "key": row.target.key,
        "version": row.target.version,
        "finding": row.finding,
        "person": row.uid.as_ref().map(wh_names::Uid::as_str),
        "found": row.found_at.to_string(),
    })
}
