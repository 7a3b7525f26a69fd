//! What a job looks like to its person, and giving it up.

use jiff::Timestamp;
use wh_ledger::{JobItem, JobRow, RowId};
use wh_people::{Person, TokenAction};

use super::{JOB_FAILURES_PAGE, JOBS_PAGE, JobError, KEPT};
use crate::{Explained, Files, FilesError};

/// A job, with what failed.
#[derive(Debug, Clone)]
pub struct Job {
    /// As the ledger has it.
    pub row: JobRow,
    /// Objects that failed: one page of them.
    pub failures: Vec<JobFailure>,
    /// Where the next page of them begins; `None` on the last.
    pub next: Option<String>,
}

/// One page of a person's jobs.
#[derive(Debug, Clone)]
pub struct Jobs {
    /// The newest first. A page may hold none, and not be the last.
    pub jobs: Vec<JobRow>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
}

/// An object that a job did not do, or not wholly.
#[derive(Debug, Clone)]
pub struct JobFailure {
    /// Its path in the location, as far as that is still the person's.
    pub path: String,
    /// A stable code.
    pub code: String,
    /// Why, in a sentence.
    pub told: String,
    /// The refusal, where it was one.
    pub why: Option<Explained>,
}

impl Files {
    /// One page of a person's jobs, the newest first, from `cursor` on.
    pub async fn jobs(&self, person: &Person, cursor: Option<&str>) -> Result<Jobs, JobError> {
        let before = cursor.map(RowId::parse).transpose().map_err(|_| FilesError::Cursor)?;
        let reach = self.reach(person).await?;
        let asked = (before.as_ref(), JOBS_PAGE + 1);
        let mut jobs = self.options.ledger.jobs_of(person.uid(), asked).await?;
        let next = cut(&mut jobs, JOBS_PAGE).map(|last| last.id.to_string());
        jobs.retain(|row| is_in_reach(reach.as_deref(), row));
        Ok(Jobs { jobs, next })
    }

    /// A person's job, with one page of what failed, from `cursor` on.
    pub async fn job(
        &self,
        person: &Person,
        id: &str,
        cursor: Option<&str>,
    ) -> Result<Job, JobError> {
        let after = cursor.map(str::parse).transpose().map_err(|_| FilesError::Cursor)?;
        let row = self.own_job(person, id).await?;
        let asked = (after.unwrap_or_default(), JOB_FAILURES_PAGE + 1);
        let mut items = self.options.ledger.job_failures(&row.id, asked).await?;
        let next = cut(&mut items, JOB_FAILURES_PAGE).map(|last| last.n.to_string());
        let grants = self.options.people.grants_ever_for(person).await?;
        let from = grants.iter().find(|grant| grant.id == row.order.from_grant);
        let prefix = from.map(|grant| grant.prefix.as_str()).unwrap_or_default();
        let failures = items.into_iter().map(|item| failure(item, prefix)).collect();
        Ok(Job { row, failures, next })
    }

    /// Gives a job up; what is begun ends first. One that has ended stays as it is.
    pub async fn cancel_job(&self, person: &Person, id: &str) -> Result<Job, JobError> {
        let row = self.own_job(person, id).await?;
        if !may_cancel(person) {
            return Err(JobError::NoSuchJob);
        }
        self.options.ledger.cancel_job(person.uid(), &row.id).await?;
        self.jobs.wake.notify_one();
        self.job(person, id, None).await
    }

    async fn own_job(&self, person: &Person, id: &str) -> Result<JobRow, JobError> {
        let id = RowId::parse(id).map_err(|_| JobError::NoSuchJob)?;
        let row = self.options.ledger.job_of(person.uid(), &id).await?;
        let reach = self.reach(person).await?;
        row.filter(|row| is_in_reach(reach.as_deref(), row)).ok_or(JobError::NoSuchJob)
    }

    /// The locations that an API token is for; `None`: its person is here, and sees all that is theirs.
    async fn reach(&self, person: &Person) -> Result<Option<Vec<RowId>>, JobError> {
        if person.scope().is_none() {
            return Ok(None);
        }
        let grants = self.options.people.grants_for(person).await?;
        Ok(Some(grants.into_iter().map(|grant| grant.id).collect()))
    }

    /// Forgets jobs that ended long ago, and returns how many. To be called now and then.
    pub async fn sweep_jobs(&self) -> Result<u64, FilesError> {
        let now = self.options.clock.now();
        let before = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
        Ok(self.options.ledger.sweep_jobs(before).await?)
    }
}

/// Cuts what was read to a page; gives its last where there was more.
fn cut<T>(read: &mut Vec<T>, page: u32) -> Option<&T> {
    let page = usize::try_from(page).unwrap_or(usize::MAX);
    let more = read.len() > page;
    read.truncate(page);
    read.last().filter(|_| more)
}

/// A token sees the jobs in the locations that it is for.
fn is_in_reach(reach: Option<&[RowId]>, row: &JobRow) -> bool {
    let covers = |grant: &RowId| reach.is_none_or(|grants| grants.contains(grant));
    covers(&row.order.from_grant) && row.order.to_grant.as_ref().is_none_or(covers)
}

/// A token that only reads ends nothing.
fn may_cancel(person: &Person) -> bool {
    let changes = |action: &TokenAction| match action {
        TokenAction::Write | TokenAction::Delete => true,
        TokenAction::List | TokenAction::Read => false,
    };
    person.scope().is_none_or(|scope| scope.actions().iter().any(changes))
}

fn failure(item: JobItem, prefix: &str) -> JobFailure {
    let key = item.item.from_key;
    let path = key.strip_prefix(prefix).unwrap_or(&key).to_owned();
    let (code, told) = item.told.unwrap_or_default();
    JobFailure { path, code, told, why: item.why.as_deref().and_then(Explained::from_json) }
}
