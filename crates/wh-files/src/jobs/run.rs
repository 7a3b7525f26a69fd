//! Working on jobs: claimed by a lease, renewed while the work goes on, some objects at a time.

use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wh_ledger::{
    Held, JobItem, JobKind, JobRow, JobStatus, Lease, LedgerError, RowId, SettledItem,
};
use wh_names::ObjectKey;
use wh_people::Person;
use wh_policy::s3::action;

use super::bring::Bringing;
use super::outcome::{Ended, Outcome, is_for_later, outcome};
use super::past::Returning;
use super::plan::{Plan, Unplanned};
use super::{JOB_OBJECTS_MAX, JOB_VERSIONS_MAX, LEASE, PATIENCE, TURN};
use crate::access::Access;
use crate::{Files, FilesError, PathError};

/// How many objects are begun together.
const ITEMS_AT_ONCE: u32 = 32;

/// How many are deleted together: S3 takes no more in one request.
const DELETED_AT_ONCE: u32 = 1_000;

/// How many of them are worked on at once.
const PARALLEL: usize = 8;

/// How many jobs a portal works on at once.
const JOBS_AT_ONCE: usize = 4;

/// How often a portal looks whether another left a job.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How often a lease is renewed.
const RENEW_EVERY: Duration = Duration::from_secs(5);

/// What a job works with.
struct Work<'a> {
    files: &'a Files,
    job: &'a JobRow,
    lease: Lease<'a>,
    from: Access<'a>,
    to: Option<Access<'a>>,
}

/// How a job stands after some of its objects.
enum Step {
    GoOn,
    Ended,
}

impl Files {
    /// The same, whose jobs copy objects of more than `whole_max` bytes in parts of `part` bytes. S3 takes no
    /// more than 5 GiB as a whole, which is what is done without this.
    #[must_use]
    pub fn copying_in_parts(mut self, whole_max: u64, part: u64) -> Self {
        self.jobs = self.jobs.in_parts(whole_max, part);
        self
    }

    /// Works on jobs for ever, also on those that another portal over the same ledger left.
    pub async fn work_on_jobs(self) {
        let places = Arc::new(Semaphore::new(JOBS_AT_ONCE));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            match self.claim().await {
                Ok(Some((job, holder))) => {
                    drop(tokio::spawn(self.clone().work_in(place, job, holder)));
                }
                Ok(None) => {
                    drop(place);
                    let _woken = tokio::time::timeout(LOOK_EVERY, self.jobs.wake.notified()).await;
                }
                Err(error) => {
                    tracing::warn!(%error, "jobs were not looked for");
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
        }
    }

    async fn work_in(self, place: OwnedSemaphorePermit, job: JobRow, holder: RowId) {
        self.work_on(&job, &holder).await;
        drop(place);
        self.jobs.wake.notify_one();
    }

    /// Works on the jobs that nobody works on, one after the other, until none is left; gives how many.
    pub async fn work_on_open_jobs(&self) -> Result<u64, FilesError> {
        let mut worked = 0;
        while let Some((job, holder)) = self.claim().await? {
            self.work_on(&job, &holder).await;
            worked += 1;
        }
        Ok(worked)
    }

    /// The next job, by a lease that no other work has: not even that of this portal on the same job,
    /// should it have been held up for longer than its lease.
    async fn claim(&self) -> Result<Option<(JobRow, RowId)>, LedgerError> {
        let now = self.options.clock.now();
        let holder = RowId::generate(now, &self.options.entropy);
        let job = self.options.ledger.claim_job(&holder, (now, now + LEASE)).await?;
        Ok(job.map(|job| (job, holder)))
    }

    /// Works on a job as long as its lease is held.
    async fn work_on(&self, job: &JobRow, holder: &RowId) {
        let lease = Lease { job: &job.id, holder };
        let worked = tokio::select! {
            worked = self.go_on(job, lease) => worked,
            () = self.renew(lease) => {
                tracing::warn!(job = %job.id, "another portal goes on with this job");
                return;
            }
        };
        if let Err(error) = worked {
            tracing::warn!(%error, job = %job.id, "a job was left to go on later");
        }
    }

    /// Ends when the lease is lost.
    async fn renew(&self, lease: Lease<'_>) {
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            let until = self.options.clock.now() + LEASE;
            match self.options.ledger.hold_job(lease, until).await {
                Ok(Held::GoOn | Held::GiveUp) => {}
                Ok(Held::Lost) => return,
                Err(error) => tracing::warn!(%error, job = %lease.job, "a lease was not renewed"),
            }
        }
    }

    async fn go_on(&self, job: &JobRow, lease: Lease<'_>) -> Result<(), LedgerError> {
        let Some(person) = self.whose(job).await? else {
            let why = ("person-gone", "its person is shut out, or its API token no longer counts");
            return self.end(lease, JobStatus::Stopped, Some(why)).await;
        };
        let work = match self.open_work((job, lease), &person).await {
            Ok(work) => work,
            Err(error) => return self.stop_or_wait(lease, error).await,
        };
        if !self.goes_on(lease).await? {
            return Ok(());
        }
        if job.status == JobStatus::Planning
            && let Err(why) = work.plan().await
        {
            return self.unplanned(lease, why).await;
        }
        self.steps(job, &work).await
    }

    /// What becomes of a job that has no plan. Nothing was done of it.
    async fn unplanned(&self, lease: Lease<'_>, why: Unplanned) -> Result<(), LedgerError> {
        let (code, told) = match why {
            Unplanned::Lost => return Ok(()),
            Unplanned::Files(error) => return self.stop_or_wait(lease, error).await,
            Unplanned::GivenUp => return self.end(lease, JobStatus::Cancelled, None).await,
            Unplanned::TooMany => {
                let told = format!("a job has at most {JOB_OBJECTS_MAX} objects; nothing was done");
                ("too-many-objects", told)
            }
            Unplanned::TooManyVersions => {
                let told = format!(
                    "a job goes through at most {JOB_VERSIONS_MAX} versions; nothing was done: choose \
                     fewer folders"
                );
                ("too-many-versions", told)
            }
        };
        self.end(lease, JobStatus::Stopped, Some((code, &told))).await
    }

    /// Object after object, until the job ends or others have their turn.
    async fn steps(&self, job: &JobRow, work: &Work<'_>) -> Result<(), LedgerError> {
        let (lease, clock) = (work.lease, &self.options.clock);
        let turn_ends = clock.now() + TURN;
        while clock.now() < turn_ends {
            if self.whose(job).await?.is_none() {
                let why = ("person-gone", "its person was shut out, or its API token ended");
                return self.end(lease, JobStatus::Stopped, Some(why)).await;
            }
            if !self.goes_on(lease).await? {
                return Ok(());
            }
            match work.step().await? {
                Step::GoOn => {}
                Step::Ended => return Ok(()),
            }
        }
        self.options.ledger.set_job_aside(lease, clock.now()).await
    }

    /// Whether the job is still this portal's and wanted. One that its person gives up ends here.
    async fn goes_on(&self, lease: Lease<'_>) -> Result<bool, LedgerError> {
        match self.options.ledger.hold_job(lease, self.options.clock.now() + LEASE).await? {
            Held::GoOn => Ok(true),
            Held::Lost => Ok(false),
            Held::GiveUp => {
                self.end(lease, JobStatus::Cancelled, None).await?;
                Ok(false)
            }
        }
    }

    /// Whoever asked, as long as they may still.
    async fn whose(&self, job: &JobRow) -> Result<Option<Person>, LedgerError> {
        let people = &self.options.people;
        match &job.token {
            None => people.on_behalf_of(&job.uid).await,
            Some(token) => people.on_behalf_of_token(&job.uid, token).await,
        }
    }

    async fn open_work<'a>(
        &'a self,
        (job, lease): (&'a JobRow, Lease<'a>),
        person: &'a Person,
    ) -> Result<Work<'a>, FilesError> {
        let from = self.access(person, job.order.from_grant.as_str()).await?;
        let to = match &job.order.to_grant {
            None => None,
            Some(to) => {
                let to = self.access(person, to.as_str()).await?;
                let other = (to.grant.id != from.grant.id).then_some(&from.grant);
                Some(self.open_reading(person, to.grant, other))
            }
        };
        Ok(Work { files: self, job, lease, from, to })
    }

    async fn stop_or_wait(&self, lease: Lease<'_>, error: FilesError) -> Result<(), LedgerError> {
        if let FilesError::Ledger(error) = error {
            return Err(error);
        }
        if is_for_later(&error) {
            let until = self.options.clock.now() + PATIENCE;
            return self.options.ledger.set_job_aside(lease, until).await;
        }
        let told = error.to_string();
        self.end(lease, JobStatus::Stopped, Some((error.code(), &told))).await
    }

    async fn end(
        &self,
        lease: Lease<'_>,
        status: JobStatus,
        reason: Option<(&str, &str)>,
    ) -> Result<(), LedgerError> {
        let now = self.options.clock.now();
        self.options.ledger.end_job(lease, (status, now), reason).await?;
        tracing::info!(job = %lease.job, status = status.as_str(), "a job has ended");
        Ok(())
    }
}

impl Work<'_> {
    async fn plan(&self) -> Result<(), Unplanned> {
        let (files, job, lease) = (self.files, self.job, self.lease);
        let to = self.to.as_ref();
        let from = &self.from;
        Plan { files, job, lease, from, to, seen: 0, total: 0, versions: 0, found: false }
            .make()
            .await
    }

    fn at_once(&self) -> u32 {
        match self.job.order.kind {
            JobKind::Delete => DELETED_AT_ONCE,
            JobKind::Copy
            | JobKind::Move
            | JobKind::Restore
            | JobKind::Purge
            | JobKind::RestorePast => ITEMS_AT_ONCE,
        }
    }

    /// Some objects: begun, done, and what became of each written down.
    async fn step(&self) -> Result<Step, LedgerError> {
        let ledger = &self.files.options.ledger;
        let Some(items) = ledger.begin_job_items(self.lease, self.at_once()).await? else {
            return Ok(Step::Ended);
        };
        if items.is_empty() {
            self.files.end(self.lease, JobStatus::Done, None).await?;
            return Ok(Step::Ended);
        }
        let all = match self.all(&items).await {
            Ok(all) => all,
            Err(error) => {
                self.files.stop_or_wait(self.lease, error).await?;
                return Ok(Step::Ended);
            }
        };
        let (mut settled, mut later, mut stop) = (Vec::new(), Vec::new(), None);
        for (n, ended) in all {
            match outcome(n, ended)? {
                Outcome::Settled(item) => settled.push(item),
                Outcome::Later(n) => later.push(n),
                Outcome::Stop(item) => {
                    stop = item.told.clone().or(stop);
                    settled.push(item);
                }
            }
        }
        let last = items.last().map_or(0, |item| item.n);
        let position = later.iter().min().map_or(last, |first| first.saturating_sub(1));
        let now = self.files.options.clock.now();
        if !self.settle((&settled, position), now).await? {
            return Ok(Step::Ended);
        }
        let (from, to) = (&self.from, self.to.as_ref().unwrap_or(&self.from));
        let done = (&*items, &*settled);
        self.files.did_by_job((self.job.order.kind, from, to), done).await;
        if let Some((code, told)) = stop {
            let why = Some((code.as_str(), told.as_str()));
            self.files.end(self.lease, JobStatus::Stopped, why).await?;
            return Ok(Step::Ended);
        }
        if later.is_empty() {
            return Ok(Step::GoOn);
        }
        ledger.set_job_aside(self.lease, now + PATIENCE).await?;
        Ok(Step::Ended)
    }

    async fn settle(
        &self,
        (settled, position): (&[SettledItem], u64),
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        let ledger = &self.files.options.ledger;
        ledger.settle_job_items(self.lease, (settled, Some(position)), now).await
    }

    async fn all(&self, items: &[JobItem]) -> Result<Vec<(u64, Ended)>, FilesError> {
        if self.job.order.kind == JobKind::Delete {
            return self.delete(items).await;
        }
        let one = async |item: &JobItem| (item.n, self.one(item).await);
        Ok(stream::iter(items).map(one).buffer_unordered(PARALLEL).collect().await)
    }

    async fn one(&self, item: &JobItem) -> Ended {
        match self.job.order.kind {
            JobKind::Purge => self.files.purge(&self.from, item).await,
            JobKind::RestorePast => {
                let (from, to) = (&self.from, &self.from);
                let bringing = Bringing { files: self.files, job: self.job, from, to };
                Returning(bringing).make_so(item).await
            }
            JobKind::Copy | JobKind::Move | JobKind::Restore | JobKind::Delete => {
                let to = self.to.as_ref().unwrap_or(&self.from);
                let bringing = Bringing { files: self.files, job: self.job, from: &self.from, to };
                bringing.bring(item).await
            }
        }
    }

    /// Puts objects into the trash, all in one call.
    async fn delete(&self, items: &[JobItem]) -> Result<Vec<(u64, Ended)>, FilesError> {
        let mut ended = Vec::with_capacity(items.len());
        let mut keys: Vec<ObjectKey> = Vec::with_capacity(items.len());
        let mut numbers = Vec::with_capacity(items.len());
        for item in items {
            match self.may_delete(&item.item.from_key) {
                Ok(key) => {
                    keys.push(key);
                    numbers.push(item.n);
                }
                Err(error) => ended.push((item.n, Ended::Error(error))),
            }
        }
        let session = self.from.session().await?;
        let objects = &self.files.options.objects;
        let deleted = objects.delete(&session, &self.from.grant.bucket, &keys).await;
        for (n, one) in numbers.into_iter().zip(deleted) {
            let target = self.from.object_target(&one.key);
            let end = match one.outcome {
                Ok(()) => Ended::Done(None),
                Err(error) => Ended::Error(self.from.told(action::DELETE_OBJECT, &target, error)),
            };
            ended.push((n, end));
        }
        Ok(ended)
    }

    fn may_delete(&self, key: &str) -> Result<ObjectKey, FilesError> {
        let key = ObjectKey::parse(key).map_err(PathError::Key)?;
        self.from.foresee(action::DELETE_OBJECT, &self.from.object_target(&key))?;
        Ok(key)
    }
}
