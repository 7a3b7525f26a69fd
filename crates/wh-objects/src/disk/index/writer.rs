//! The one thread that writes the index. Jobs that wait while it commits share the next commit.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::checkpoint::Checkpoints;
use super::schema::IndexFile;
use super::{run_cached, sql};
use crate::StoreError;
use crate::disk::closing;
use crate::disk::extent::BlobId;
use crate::disk::health::Health;
use crate::disk::shelf::{Draft, Shelf};

/// How many jobs may wait for the writer.
const WAITING_MAX: usize = 256;

/// How many jobs share one commit.
const GROUP_MAX: usize = 256;

/// A page of the index, in bytes.
const PAGE_BYTES: u64 = 4096;

type Reply = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// Does its work in a transaction; or hears why there is none, and refuses.
type Job = Box<dyn FnOnce(Result<&mut Work<'_>, StoreError>) -> Done + Send>;

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Well; what it did is to be committed.
    Done,
    /// With an answer that is not a change.
    Refused,
    /// The disk is full.
    Full,
    /// The index failed.
    Fatal,
}

impl End {
    fn of<T>(result: &Result<T, StoreError>) -> Self {
        match result {
            Ok(_) => Self::Done,
            Err(StoreError::NoSpace) => Self::Full,
            Err(StoreError::Io { .. }) => Self::Fatal,
            Err(_) => Self::Refused,
        }
    }
}

struct Done {
    end: End,
    reply: Reply,
}

/// What a job works with.
pub(in crate::disk) struct Work<'c> {
    /// The index, inside a transaction.
    pub(in crate::disk) conn: &'c Connection,
    /// Files that the index names no more, once this is committed.
    pub(in crate::disk) dead: Vec<BlobId>,
    /// Files that the index names, once this is committed.
    pub(in crate::disk) named: Vec<Draft>,
    /// What is to happen after the commit and before the caller hears of it.
    pub(in crate::disk) after: Vec<Box<dyn FnOnce() + Send>>,
}

impl<'c> Work<'c> {
    fn new(conn: &'c Connection) -> Self {
        let (dead, named, after) = (Vec::new(), Vec::new(), Vec::new());
        Self { conn, dead, named, after }
    }

    fn absorb(&mut self, other: Work<'_>) {
        self.dead.extend(other.dead);
        self.named.extend(other.named);
        self.after.extend(other.after);
    }
}

pub(in crate::disk) struct Writer {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    health: Arc<Health>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("health", &self.health).finish_non_exhaustive()
    }
}

impl Writer {
    pub(in crate::disk) fn start(
        conn: Connection,
        (index, log_pages): (IndexFile, u64),
        health: Arc<Health>,
        shelf: Arc<Shelf>,
    ) -> std::io::Result<Self> {
        let (checkpoints, checkpointing) =
            Checkpoints::start((index, log_pages), Arc::clone(&health))?;
        let (jobs, queue) = mpsc::channel(WAITING_MAX);
        let desk = Desk { conn, health: Arc::clone(&health), shelf, checkpoints };
        let writing = std::thread::Builder::new()
            .name("wh-objects-index".to_owned())
            .spawn(move || desk.run(queue))?;
        let threads = Mutex::new(vec![writing, checkpointing]);
        Ok(Self { jobs: Mutex::new(Some(jobs)), threads, health })
    }

    /// Has a job done, and answers when it is durable. A job that was handed over is done even
    /// when nobody waits for the answer any more.
    pub(in crate::disk) async fn submit<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Work<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.health.writable()?;
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let jobs = jobs.ok_or(StoreError::Closed)?;
        let (answer, answered) = oneshot::channel();
        let boxed: Job = Box::new(move |work| {
            let result = work.and_then(job);
            let end = End::of(&result);
            let reply: Reply = Box::new(move |committed| {
                // Nobody may be waiting any more; what was done stays done.
                drop(answer.send(committed.and(result)));
            });
            Done { end, reply }
        });
        jobs.send(boxed).await.map_err(|_| self.refusal())?;
        answered.await.map_err(|_| self.refusal())?
    }

    fn refusal(&self) -> StoreError {
        self.health.writable().err().unwrap_or(StoreError::Closed)
    }

    /// Ends the threads, after the jobs that were handed over.
    pub(in crate::disk) fn close(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        for thread in threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the index panicked");
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

/// What the writing thread has before it.
struct Desk {
    conn: Connection,
    health: Arc<Health>,
    shelf: Arc<Shelf>,
    checkpoints: Checkpoints,
}

impl Desk {
    fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        self.tell_free();
        while let Some(first) = queue.blocking_recv() {
            // A job that is dropped tells its caller why through the store's health.
            if self.health.writable().is_ok() {
                self.group(first, &mut queue);
                self.tend_log();
            }
        }
        if let Err(error) = self.end() {
            tracing::warn!(%error, "the index was closed without a checkpoint");
        }
    }

    fn end(&self) -> Result<(), StoreError> {
        if self.health.has_failed() {
            return closing::empty_log(&self.conn);
        }
        closing::tell(self.shelf.folder(), &self.conn, self.shelf.opening())
    }

    /// Does a group of jobs and commits them together.
    fn group(&mut self, first: Job, queue: &mut mpsc::Receiver<Job>) {
        if let Err(error) = run_cached(&self.conn, "BEGIN IMMEDIATE") {
            return self.refuse(first, sql(error));
        }
        let mut whole = Work::new(&self.conn);
        let mut replies = Vec::new();
        let mut next = Some(first);
        let mut end = End::Done;
        while let Some(job) = next {
            let Done { end: ended, reply } = do_one(job, &mut whole);
            replies.push(reply);
            end = ended;
            // SQLite may have ended the transaction on an error; nothing more can join it.
            let open = end != End::Fatal && !self.conn.is_autocommit();
            next = if open && replies.len() < GROUP_MAX { queue.try_recv().ok() } else { None };
        }
        let Work { dead, named, after, .. } = whole;
        let failure = self.finish(end);
        match &failure {
            None => {
                named.into_iter().for_each(Draft::keep);
                for then in after {
                    then();
                }
                self.tell_free();
                self.shelf.bury(dead);
            }
            // Rolled back for certain: the files go away with their drafts.
            Some(StoreError::NoSpace | StoreError::Busy) => drop(named),
            // Nobody knows before the next opening whether the index names them.
            Some(_) => named.into_iter().for_each(Draft::keep),
        }
        for reply in replies {
            reply(failure.as_ref().map_or(Ok(()), |f| Err(again(f))));
        }
    }

    /// Refuses a job for which no transaction was begun: nothing was changed.
    fn refuse(&self, job: Job, error: StoreError) {
        self.give_up(&error);
        let why = self.health.writable().err().unwrap_or(error);
        (job(Err(why)).reply)(Ok(()));
    }

    /// Tells how much of the index's file holds nothing. Deletes leave that, for later writes.
    fn tell_free(&self) {
        let free = self.conn.prepare_cached("PRAGMA freelist_count");
        match free.and_then(|mut free| free.query_row([], |row| row.get::<_, i64>(0))) {
            Ok(pages) => self.health.hear_of_free(pages.unsigned_abs().saturating_mul(PAGE_BYTES)),
            Err(error) => tracing::warn!(%error, "nobody knows what is free in the index"),
        }
    }

    /// Sees to the log, after the callers were answered.
    fn tend_log(&mut self) {
        if let Err(error) = self.checkpoints.tend(&self.conn, &self.health) {
            tracing::error!(%error, "the log of the index failed");
            self.health.fail("checkpointing the index");
        }
    }

    /// Commits, or tells why everything since the beginning is void. `end` is how the last job
    /// ended.
    fn finish(&self, end: End) -> Option<StoreError> {
        let error = match (end, self.conn.is_autocommit()) {
            (End::Fatal, _) | (End::Done | End::Refused, true) => rolled_back(),
            (End::Full, true) => StoreError::NoSpace,
            (_, false) => sql(run_cached(&self.conn, "COMMIT").err()?),
        };
        self.give_up(&error);
        if !self.conn.is_autocommit()
            && let Err(error) = self.conn.execute_batch("ROLLBACK")
        {
            self.give_up(&sql(error));
        }
        Some(error)
    }

    fn give_up(&self, error: &StoreError) {
        if !is_passing(error) {
            tracing::error!(%error, "the index failed");
            self.health.fail("committing to the index");
        }
    }
}

fn rolled_back() -> StoreError {
    let source = std::io::Error::other("the transaction was rolled back");
    StoreError::Io { doing: "using the index", source }
}

/// Whether a failure says nothing of what comes later, once everything was rolled back.
fn is_passing(failure: &StoreError) -> bool {
    matches!(failure, StoreError::NoSpace | StoreError::Busy)
}

/// The same failure, for another caller.
fn again(failure: &StoreError) -> StoreError {
    if matches!(failure, StoreError::NoSpace) {
        return StoreError::NoSpace;
    }
    if matches!(failure, StoreError::Busy) {
        return StoreError::Busy;
    }
    let source = std::io::Error::other(failure.to_string());
    StoreError::Io { doing: "committing to the index", source }
}

/// Does one job inside a savepoint, so that what fails leaves nothing behind.
fn do_one(job: Job, whole: &mut Work<'_>) -> Done {
    let conn = whole.conn;
    let mut work = Work::new(conn);
    let mut intact = run_cached(conn, "SAVEPOINT job").is_ok();
    let mut done = job(Ok(&mut work));
    if done.end == End::Done {
        whole.absorb(work);
    } else if !conn.is_autocommit() {
        intact &= run_cached(conn, "ROLLBACK TO job").is_ok();
    }
    if !conn.is_autocommit() {
        intact &= run_cached(conn, "RELEASE job").is_ok();
    }
    if !intact {
        done.end = End::Fatal;
    }
    done
}
