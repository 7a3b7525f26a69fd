//! `wellhouse verify`: whether an estate is as described, and its roles do what they should.

use std::sync::Arc;

use anyhow::{Context, Result};
use wh_authority::{Authority, AuthorityOptions};
use wh_aws::{AwsProbes, PortalCredentials};
use wh_names::Uid;
use wh_provision::{Estate, Others, ProbeLine, Report, State, Target};

use super::plan::read_back;
use super::progress::Progress;
use super::{Which, counted, options};
use crate::config::Config;
use crate::embedded::portal_credentials;
use crate::policy::Output;
use crate::{Ended, keys, ledger, paint, parameters, say};

/// Read every property back, then assume every role and try what should pass and what should not
///
/// What a probe should come to, the policy engine says by the estate's own documents. The probes act as
/// the portal would, so they need its credentials: of an embedded store the data folder gives them, on
/// AWS a profile does. Their objects lie in a folder of their own and are deleted in the end.
///
/// Exit code: 0 all is as it should be, 2 something is not, 1 it failed.
#[derive(clap::Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    which: Which,
    /// The profile of AWS's configuration files whose credentials are those of `PortalRole`, for the
    /// probes
    #[arg(long, value_name = "NAME")]
    probe_profile: Option<String>,
    /// Only read back
    #[arg(long)]
    no_probes: bool,
    /// Also show what is as it should be
    #[arg(long)]
    all: bool,
    /// `text` or `json`
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// Runs it.
pub(crate) async fn verify(config: Config, asked: Verify) -> Result<Ended> {
    let estate = asked.which.in_force(&config).await?;
    let cloud = asked.which.cloud(&config, &estate).await?;
    let plan = read_back(&estate, &cloud, Others::Keep).await?;
    let mut report = Report::of_plan(&estate, &plan);
    if !asked.no_probes {
        report.probes = probe(&config, &asked, &estate).await?;
    }
    match asked.output {
        Output::Text => tell(&report, &asked),
        Output::Json => say(&format!("{:#}", report.to_json())),
    }
    Ok(if report.is_good() { Ended::Done } else { Ended::Different })
}

async fn probe(config: &Config, asked: &Verify, estate: &Estate) -> Result<Vec<ProbeLine>> {
    let endpoint_url = asked.which.endpoint_url(config, estate);
    let credentials = match &asked.probe_profile {
        Some(name) => PortalCredentials::Profile(name.clone()),
        None => portals(config, asked, estate).await?,
    };
    let probes = AwsProbes::new(options(estate, endpoint_url, credentials), parameters::clock());
    let probes = probes.await;
    let progress = Progress::new();
    progress.tell("trying what should pass and what should not …");
    let person = Uid::generate(parameters::clock().now(), &parameters::entropy());
    Ok(wh_provision::probe(estate, &probes, &person).await)
}

/// The portal's own credentials, where this machine holds the keys of the embedded store; whose the
/// SDK finds elsewhere.
async fn portals(config: &Config, asked: &Verify, estate: &Estate) -> Result<PortalCredentials> {
    let here = estate.target() == Target::Embedded && asked.which.endpoint_url.is_none();
    let ring = if here && ledger::is_there(config) { keys::read(&config.data)? } else { None };
    let Some(keys) = ring else { return Ok(PortalCredentials::DefaultChain) };
    let ledger = ledger::open(config, &parameters::clock()).await?;
    let authority = Authority::open(AuthorityOptions {
        partition: estate.partition().clone(),
        account: estate.account().clone(),
        ledger: ledger.clone(),
        keys,
        clock: parameters::clock(),
        entropy: parameters::entropy(),
    });
    let authority = Arc::new(authority.await.context("reading the authority's state")?);
    let delivered = portal_credentials(&authority);
    ledger.close().await;
    Ok(delivered.map_or(PortalCredentials::DefaultChain, PortalCredentials::Static))
}

fn tell(report: &Report, asked: &Verify) {
    for line in &report.properties {
        if line.state == State::Ok && !asked.all {
            continue;
        }
        let sign = match line.state {
            State::Ok => paint::green("ok     "),
            State::Foreign => paint::faint("foreign"),
            State::Differs => paint::red("differs"),
            State::Absent => paint::red("absent "),
        };
        say(&format!("{sign}  {}: {}", line.subject, line.what));
        if let Some(mend) = &line.mend {
            say(&format!("         apply would {mend}"));
        }
    }
    for probe in &report.probes {
        let shown = match probe.holds() {
            Some(true) if !asked.all => continue,
            Some(true) => paint::green(&probe.to_string()),
            Some(false) => paint::red(&probe.to_string()),
            None => paint::yellow(&probe.to_string()),
        };
        say(&shown);
    }
    for note in &report.notes {
        say(&format!("{} {note}", paint::yellow("Note:")));
    }
    tell_sum(report, asked);
}

fn tell_sum(report: &Report, asked: &Verify) {
    let all = report.properties.len();
    let good = report.properties.iter().filter(|line| line.mend.is_none()).count();
    say(&format!("{good} of {all} properties are as described."));
    if asked.no_probes {
        return;
    }
    let held = report.probes.iter().filter(|probe| probe.holds() == Some(true)).count();
    let tried = counted(report.probes.len() - report.not_tried(), "probe");
    let (refused, not_tried) = (report.refused(), report.not_tried());
    say(&format!(
        "{held} of {tried} came out as they should, {refused} of them refused. {not_tried} not tried."
    ));
}
