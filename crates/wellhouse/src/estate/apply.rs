//! `wellhouse apply`: makes it so.

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use wh_aws::AwsCloud;
use wh_provision::{Estate, Others, Plan, Target};

use super::plan::read_back;
use super::progress::Progress;
use super::taken_back::{self, TakeBack};
use super::{OwnAll, Which, counted, saved, told};
use crate::config::Config;
use crate::policy::guard;
use crate::{Ended, say};

/// How often is read back until AWS shows what was written: its answers may be old for a while.
const READ_BACKS_MAX: u32 = 12;
/// The wait before the next reading, in seconds: it grows by as much up to the maximum.
const READ_BACK_SECONDS_MAX: u32 = 15;

/// Make buckets, roles and policies as described
///
/// Shows the plan, asks, makes the changes in the order that works, and reads back. It can be stopped
/// anywhere and started again: what is there already is not made again.
#[derive(clap::Args)]
pub(crate) struct Apply {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    own_all: OwnAll,
    #[command(flatten)]
    take_back: TakeBack,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Apply exactly this plan, which `wellhouse plan --save FILE` wrote down; asks nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["estate", "own_all"])]
    plan: Option<PathBuf>,
}

/// Runs it.
pub(crate) async fn apply(config: Config, asked: Apply) -> Result<Ended> {
    let saved = asked.plan.as_deref().map(saved::load).transpose()?;
    let estate = match &saved {
        Some(saved) => saved.estate()?,
        None => asked.which.in_force(&config).await?,
    };
    guard(&estate)?;
    let cloud = asked.which.cloud(&config, &estate).await?;
    let others = saved.as_ref().map_or(asked.own_all.others(), saved::Saved::others);
    let plan = read_back(&estate, &cloud, others).await?;
    if let Some(saved) = &saved {
        saved.check(&plan)?;
    }
    told::tell(&estate, &plan);
    if plan.is_empty() {
        return Ok(Ended::Done);
    }
    let of = (&asked.which, &config);
    taken_back::refuse(of, &estate, (&plan, asked.take_back)).await?;
    let agreed = asked.yes || saved.is_some();
    let question = format!("Make {}? Type yes: ", counted(plan.changes().len(), "change"));
    if !agreed && !confirmed(&question, "yes")? {
        say("Nothing was changed.");
        return Ok(Ended::Failed);
    }
    perform(&plan, &cloud).await?;
    settle(&estate, &cloud, others).await
}

/// Makes the changes, telling on a terminal which is being made.
pub(super) async fn perform(plan: &Plan, cloud: &AwsCloud) -> Result<()> {
    let all = plan.changes().len();
    let progress = Progress::new();
    let tell = |number: usize, step: &wh_provision::Step| {
        progress.tell(&format!("[{number}/{all}] {step}"));
    };
    let done = wh_provision::apply_telling(plan, cloud, &tell).await;
    let done = done.context("stopped; what was done stands, and the next apply goes on")?;
    drop(progress);
    say(&format!("{} made.", counted(done, "change")));
    Ok(())
}

/// Reads back until nothing differs. AWS shows what was written only after a while; other stores at
/// once, or never.
pub(super) async fn settle(estate: &Estate, cloud: &AwsCloud, others: Others) -> Result<Ended> {
    let attempts = match estate.target() {
        Target::Aws if cloud.is_amazon() => READ_BACKS_MAX,
        Target::Aws | Target::Embedded => 1,
    };
    for attempt in 1..=attempts {
        let left = read_back(estate, cloud, others).await?;
        if left.is_empty() {
            say("Read back: all is as described.");
            return Ok(Ended::Done);
        }
        if attempt == attempts {
            told::tell(estate, &left);
            say("Read back: this is not as it was written.");
            return Ok(Ended::Failed);
        }
        let pause = attempt.saturating_mul(2).min(READ_BACK_SECONDS_MAX);
        tokio::time::sleep(Duration::from_secs(pause.into())).await;
    }
    Ok(Ended::Failed)
}

/// Asks at the terminal; whether the answer is the one word that agrees.
pub(super) fn confirmed(question: &str, word: &str) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("there is no terminal to ask at: say --yes to go on without being asked");
    }
    let mut out = std::io::stdout().lock();
    write!(out, "{question}")?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim() == word)
}
