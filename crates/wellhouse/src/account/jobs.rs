//! `wellhouse job`: what goes on in a person's files.

use std::time::Duration;

use anyhow::Result;
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::keep::{Kept, Place};
use super::portal::Portal;
use crate::store::Output;
use crate::{Ended, say};

/// How often a job that is waited for is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// Copies, moves and deletions that go on in the background
#[derive(Subcommand)]
pub(crate) enum Job {
    /// List jobs, the newest first
    List(Shown),
    /// Show a job, and what failed. Exit code 2: something failed, or it did not end by itself
    Show(One),
    /// Give a job up: what is begun ends first
    Cancel(One),
    /// Wait for the end of a job, and show it. Exit code 2: something failed, or it did not end by itself
    Wait(One),
}

#[derive(clap::Args)]
pub(crate) struct Shown {
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    pub(super) output: Output,
    #[command(flatten)]
    pub(super) place: Place,
}

#[derive(clap::Args)]
pub(crate) struct One {
    /// The job's id
    id: String,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Deserialize, Serialize)]
pub(super) struct Told {
    id: String,
    kind: String,
    status: String,
    paths: Vec<String>,
    path_count: usize,
    total: u64,
    done: u64,
    skipped: u64,
    failed: u64,
    unchanged: u64,
    reason: Option<Reason>,
    created: String,
    #[serde(default)]
    failures: Vec<Failed>,
    /// Where more failures begin.
    #[serde(default, skip_serializing)]
    next: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct Reason {
    code: String,
    detail: String,
}

#[derive(Deserialize, Serialize)]
struct Failed {
    path: String,
    code: String,
    detail: String,
}

#[derive(Deserialize)]
struct Jobs {
    jobs: Vec<Told>,
    next: Option<String>,
}

pub(crate) async fn job(job: Job) -> Result<Ended> {
    match job {
        Job::List(shown) => list(shown).await,
        Job::Show(One { id, shown }) => {
            let kept = Kept::read(&shown.place.path()?)?;
            let portal = Portal::of(&kept);
            let told = portal.get(&format!("jobs/{id}")).await?;
            tell(&shown, &with_all_failures(&portal, told).await?)
        }
        Job::Cancel(One { id, shown }) => {
            let kept = Kept::read(&shown.place.path()?)?;
            let path = format!("jobs/{id}/cancel");
            let told: Told = Portal::of(&kept).post(&path, &json!({})).await?;
            tell(&shown, &told)?;
            Ok(Ended::Done)
        }
        Job::Wait(One { id, shown }) => {
            let kept = Kept::read(&shown.place.path()?)?;
            let portal = Portal::of(&kept);
            let told = portal.get(&format!("jobs/{id}")).await?;
            tell(&shown, &ended(&portal, told).await?)
        }
    }
}

/// Asks for a job, and tells of it when it has ended.
pub(super) async fn done(portal: &Portal<'_>, shown: &Shown, form: &Value) -> Result<Ended> {
    let told: Told = portal.post("jobs", form).await?;
    tell(shown, &ended(portal, told).await?)
}

/// The job when it has ended.
async fn ended(portal: &Portal<'_>, mut job: Told) -> Result<Told> {
    let path = format!("jobs/{}", job.id);
    while ["planning", "running"].contains(&job.status.as_str()) {
        tokio::time::sleep(LOOK_EVERY).await;
        job = portal.get(&path).await?;
    }
    with_all_failures(portal, job).await
}

/// The job with what failed on all pages.
async fn with_all_failures(portal: &Portal<'_>, mut job: Told) -> Result<Told> {
    while let Some(cursor) = job.next.take() {
        let path = format!("jobs/{}?cursor={}", job.id, escaped(&cursor));
        let page: Told = portal.get(&path).await?;
        job.failures.extend(page.failures);
        job.next = page.next;
    }
    Ok(job)
}

async fn list(shown: Shown) -> Result<Ended> {
    let kept = Kept::read(&shown.place.path()?)?;
    let portal = Portal::of(&kept);
    let Jobs { mut jobs, mut next } = portal.get("jobs").await?;
    while let Some(cursor) = next {
        let page: Jobs = portal.get(&format!("jobs?cursor={}", escaped(&cursor))).await?;
        jobs.extend(page.jobs);
        next = page.next;
    }
    if shown.output == Output::Json {
        say(&serde_json::to_string(&jobs)?);
        return Ok(Ended::Done);
    }
    for job in &jobs {
        say(&line(job));
    }
    if jobs.is_empty() {
        say("There are no jobs.");
    }
    Ok(Ended::Done)
}

fn tell(shown: &Shown, job: &Told) -> Result<Ended> {
    if shown.output == Output::Json {
        say(&serde_json::to_string(job)?);
    } else {
        say(&line(job));
        for Failed { path, code, detail } in &job.failures {
            say(&format!("  {path}: {detail} ({code})"));
        }
    }
    let whole = job.failed == 0 && !["stopped", "cancelled"].contains(&job.status.as_str());
    Ok(if whole { Ended::Done } else { Ended::Different })
}

fn line(job: &Told) -> String {
    let Told { id, kind, status, total, done, skipped, failed, unchanged, .. } = job;
    let first = job.paths.first().map_or("everything", String::as_str);
    let more = job.path_count.saturating_sub(1);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let reason = job.reason.as_ref().map(|why| format!(": {} ({})", why.detail, why.code));
    let reason = reason.unwrap_or_default();
    let unchanged =
        if *unchanged > 0 { format!(", {unchanged} as they were") } else { String::new() };
    format!(
        "{id} {kind} {first}{more}: {status}, {done} of {total} done, {skipped} left out, {failed} \
         failed{unchanged}{reason}"
    )
}

/// As a query takes it.
pub(super) fn escaped(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_query_holds_any_path() {
        assert_eq!(escaped("a b/ü&=\""), "a%20b%2F%C3%BC%26%3D%22");
    }
}
