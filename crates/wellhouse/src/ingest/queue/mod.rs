//! Which file is sent when: once it has settled, once at a time, and again after a while where that may
//! help.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::events::Event;
use super::folder::{Found, Look, Stamp};
use super::journal::Proof;
use super::send::{Hope, SendError, Sending, Stands};
use crate::Ended;
use crate::stop::{DRAIN_MAX, Stop};

/// How often the folder is looked at, at least and at most.
const LOOK_EVERY_MIN: Duration = Duration::from_millis(200);
const LOOK_EVERY_MAX: Duration = Duration::from_secs(5);

/// So many times as long as a look took, the folder is left alone: one of a million files keeps no
/// processor to itself.
const LOOK_REST: u32 = 4;

/// How long a file waits after its first failure; twice as long after each further one.
const AGAIN_MIN: Duration = Duration::from_secs(1);
const AGAIN_MAX: Duration = Duration::from_mins(1);

/// How often a file is tried that one pass is for.
const ATTEMPTS_OF_ONE_PASS: u32 = 6;

/// How long one pass waits for files that do not settle, beside ten times as long as files must.
const UNSETTLED_MAX: Duration = Duration::from_secs(30);

/// When it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// When every file that is there is sent or given up.
    OnePass,
    /// When the word to stop comes.
    ForEver,
}

/// What is remembered of a file that is not done.
#[derive(Debug)]
struct Waiting {
    stamp: Stamp,
    /// Since when it has looked like that.
    since: Instant,
    failures: u32,
    next: Instant,
    given_up: bool,
    /// The last attempt failed, and not only because the file changed or the word to stop came.
    refused: bool,
    /// What was told of it, so that it is told once.
    why: Option<String>,
}

/// The files that are to be sent.
pub(super) struct Queue {
    sending: Arc<Sending>,
    settle: Duration,
    parallel: usize,
    waiting: HashMap<String, Waiting>,
    ready: VecDeque<Found>,
    busy: HashSet<String>,
    /// Files that changed on their way. The journal has what was sent of them, and may take them for
    /// that: a clock can be set back.
    doubted: HashSet<String>,
    tasks: JoinSet<(Found, Result<Stands, SendError>)>,
    /// What the last look found that should be sent and cannot be, with the reason.
    unsendable: HashMap<String, String>,
    /// The links and the like that were told of.
    passed: HashSet<String>,
    began: Instant,
    first_look: bool,
}

impl Queue {
    pub(super) fn new(sending: Arc<Sending>, settle: Duration, parallel: usize) -> Self {
        Self {
            sending,
            settle,
            parallel,
            waiting: HashMap::new(),
            ready: VecDeque::new(),
            busy: HashSet::new(),
            doubted: HashSet::new(),
            tasks: JoinSet::new(),
            unsendable: HashMap::new(),
            passed: HashSet::new(),
            began: Instant::now(),
            first_look: true,
        }
    }

    pub(super) async fn work(mut self, patience: Patience, stop: Stop) -> Result<Ended> {
        let every = (self.settle / 2).clamp(LOOK_EVERY_MIN, LOOK_EVERY_MAX);
        let stopped = stop.wait();
        tokio::pin!(stopped);
        let mut look_at = Instant::now();
        loop {
            let now = Instant::now();
            if self.ready.is_empty() && now >= look_at {
                self.look(patience).await?;
                look_at = Instant::now() + every.max(now.elapsed() * LOOK_REST);
            }
            self.start();
            let idle = self.tasks.is_empty() && self.ready.is_empty();
            if patience == Patience::OnePass && idle && self.pending() == 0 {
                break;
            }
            tokio::select! {
                () = &mut stopped => break,
                Some(done) = self.tasks.join_next() => {
                    let (found, done) = done.context("a file's task ended")?;
                    self.finished(&found, done, patience)?;
                }
                () = tokio::time::sleep_until(look_at), if self.ready.is_empty() => {}
            }
        }
        self.drain(patience).await?;
        let waiting = self.pending();
        self.sending.events.end(waiting);
        let all_sent = !self.waiting.values().any(|file| file.counts_as_failed(patience))
            && self.unsendable.is_empty()
            && self.sending.events.unverified() == 0;
        Ok(if all_sent { Ended::Done } else { Ended::Failed })
    }

    /// Lets what is on its way come to an answer. What is cut off here is in the journal, and goes on at
    /// the next start.
    async fn drain(&mut self, patience: Patience) -> Result<()> {
        let until = Instant::now() + DRAIN_MAX;
        while let Ok(Some(done)) = tokio::time::timeout_at(until, self.tasks.join_next()).await {
            let (found, done) = done.context("a file's task ended")?;
            self.finished(&found, done, patience)?;
        }
        self.tasks.shutdown().await;
        Ok(())
    }

    /// How many files are neither sent nor given up.
    fn pending(&self) -> usize {
        self.waiting.values().filter(|file| !file.given_up).count()
    }

    /// Looks at the folder, and readies what has settled.
    async fn look(&mut self, patience: Patience) -> Result<()> {
        let sending = Arc::clone(&self.sending);
        let look = tokio::task::spawn_blocking(move || {
            // Here, so that no look meets the new file on its way.
            sending.journal.shorten_when_due();
            let journal = sending.journal.metadata().context("the journal is gone")?;
            Ok::<Look, anyhow::Error>(sending.folder.look(&journal))
        });
        let Look { files, passed, failed } = look.await.context("looking at the folder")??;
        self.cannot_send(failed);
        for (path, why) in passed {
            if self.passed.insert(path.clone()) {
                self.sending.events.tell(&path, &Event::Passed { why });
            }
        }
        let there: HashSet<&str> = files.iter().map(|found| found.path.as_str()).collect();
        let busy = &self.busy;
        self.waiting.retain(|path, _| there.contains(path.as_str()) || busy.contains(path));
        let (mut known, mut unverified) = (0, 0);
        for found in files {
            let done = self.sending.journal.done(&found.path, &found.stamp);
            if let Some(proof) = done.filter(|_| !self.doubted.contains(&found.path)) {
                self.waiting.remove(&found.path);
                known += 1;
                unverified += u64::from(proof == Proof::Unverified);
            } else if !self.busy.contains(&found.path) {
                self.consider(found, patience);
            }
        }
        if std::mem::take(&mut self.first_look) {
            self.sending.events.know(known, unverified);
        }
        Ok(())
    }

    fn cannot_send(&mut self, failed: Vec<(String, String)>) {
        let failed: HashMap<String, String> = failed.into_iter().collect();
        for (path, why) in &failed {
            if self.unsendable.get(path) != Some(why) {
                self.sending.events.tell(path, &Event::Failed { why: why.clone() });
            }
        }
        self.unsendable = failed;
    }

    /// Readies a file if it has settled.
    fn consider(&mut self, found: Found, patience: Patience) {
        let now = Instant::now();
        let fresh = || Waiting::new(found.stamp, now);
        let file = self.waiting.entry(found.path.clone()).or_insert_with(fresh);
        if file.stamp != found.stamp {
            *file = fresh();
        }
        if file.given_up || now < file.next {
            return;
        }
        if file.has_settled(&found, self.settle) {
            return self.ready.push_back(found);
        }
        if patience == Patience::OnePass && now - self.began > self.settle * 10 + UNSETTLED_MAX {
            file.given_up = true;
            let why = "it does not settle".to_owned();
            self.sending.events.tell(&found.path, &Event::Failed { why });
        }
    }

    /// Begins to send what is ready, as much as may go at once.
    fn start(&mut self) {
        while self.tasks.len() < self.parallel {
            let Some(found) = self.ready.pop_front() else { return };
            self.busy.insert(found.path.clone());
            let sending = Arc::clone(&self.sending);
            self.tasks.spawn(async move {
                let sent = sending.send(&found).await;
                (found, sent)
            });
        }
    }

    fn finished(
        &mut self,
        found: &Found,
        done: Result<Stands, SendError>,
        patience: Patience,
    ) -> Result<()> {
        self.busy.remove(&found.path);
        let error = match done {
            Ok(Stands::AsItWas) => {
                self.waiting.remove(&found.path);
                self.doubted.remove(&found.path);
                return Ok(());
            }
            // The next look tells what it is now.
            Ok(Stands::Otherwise) => {
                let why = "it has changed since it was read to be sent".to_owned();
                self.sending.events.tell(&found.path, &Event::Delayed { why });
                self.doubted.insert(found.path.clone());
                let fresh = Waiting::new(found.stamp, Instant::now());
                self.waiting.insert(found.path.clone(), fresh);
                return Ok(());
            }
            // Without its journal nothing may go on.
            Err(SendError::Journal(error)) => return Err(SendError::Journal(error).into()),
            Err(error) => error,
        };
        let Some(file) = self.waiting.get_mut(&found.path) else { return Ok(()) };
        file.failures += 1;
        file.refused = error.is_failure();
        let spent = patience == Patience::OnePass && file.failures >= ATTEMPTS_OF_ONE_PASS;
        let again = match (error.hope(), patience) {
            (Hope::Soon, _) if !spent => Some(again_after(file.failures)),
            (Hope::Later, Patience::ForEver) => Some(AGAIN_MAX),
            (Hope::Soon | Hope::Later | Hope::Never, _) => None,
        };
        let why = error.to_string();
        let event = if let Some(after) = again {
            file.next = Instant::now() + after;
            Event::Delayed { why: why.clone() }
        } else {
            file.given_up = true;
            Event::Failed { why: why.clone() }
        };
        if file.why.as_ref() != Some(&why) || file.given_up {
            file.why = Some(why);
            self.sending.events.tell(&found.path, &event);
        }
        Ok(())
    }
}

impl Waiting {
    fn new(stamp: Stamp, now: Instant) -> Self {
        let (given_up, refused) = (false, false);
        Self { stamp, since: now, failures: 0, next: now, given_up, refused, why: None }
    }

    /// Whether it is a failure that it has not been sent by the end. Who watches is stopped at any time:
    /// what has not settled or was on its way goes on at the next start.
    fn counts_as_failed(&self, patience: Patience) -> bool {
        match patience {
            Patience::OnePass => true,
            Patience::ForEver => self.given_up || self.refused,
        }
    }

    /// Whether a file has stood still for so long, by two looks at it and our own clock. What its own
    /// times say of when it was touched last proves nothing: they are set by programs, by other
    /// machines, and by a clock that can be wrong.
    fn has_settled(&self, found: &Found, settle: Duration) -> bool {
        self.stamp == found.stamp && found.seen.saturating_duration_since(self.since) >= settle
    }
}

fn again_after(failures: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
    AGAIN_MIN.saturating_mul(doubled).min(AGAIN_MAX)
}

#[cfg(test)]
mod tests;
