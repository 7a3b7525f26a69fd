//! Following the ledger: what other nodes change in it is known here within a second, or this node
//! knows that it does not know.
//!
//! On PostgreSQL a task asks for both [`Versions`] four times a second, and at once when it is told
//! (`LISTEN`). When standing has changed it reads what was revoked before it says that it has asked.
//! Whoever acts on what is kept in memory asks [`Ledger::confirmed`] first. A notification that gets
//! lost costs a quarter of a second; a server that does not answer costs answers, not safety, and so does
//! a schema that a newer program has changed so that this one would not understand it. SQLite
//! has one process, whose memory is always right.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout};
use wh_names::Clock;

use crate::revocations::Revocations;
use crate::sql::{self, Pool};
use crate::versions::Versions;
use crate::{Ledger, LedgerError, postgres};

/// How often is asked where nothing is told.
const ASK_EVERY: Duration = Duration::from_millis(250);

/// How old an answer may be that is acted on.
const AGE_MAX: Duration = Duration::from_secs(1);

/// How long a request waits for a newer answer before it is refused.
const WAIT_MAX: Duration = Duration::from_secs(3);

/// How long one question may take.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(2);

/// How far this node's clock and the server's may be apart: what was revoked is told by times.
const SKEW_MS_MAX: i64 = 500;

/// The channel of the trigger in the migrations.
const CHANNEL: &str = "wellhouse";

/// What is known of the ledger, and since when.
#[derive(Debug, Clone, Copy)]
struct Known {
    versions: Versions,
    /// When the question was asked that was answered last.
    asked: Instant,
}

/// The tasks that follow a ledger; they end when this is dropped.
pub(crate) struct Follower {
    pool: PgPool,
    known: watch::Sender<Known>,
    tasks: [AbortHandle; 2],
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follower").field("known", &self.known).finish_non_exhaustive()
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

/// What is asked again and again, and whom the answer concerns.
struct Question {
    pool: PgPool,
    revocations: Arc<Revocations>,
    clock: Clock,
}

impl Follower {
    /// Begins to follow. What was revoked must have been read after `pool` could be asked.
    pub(crate) async fn start(
        pool: PgPool,
        revocations: Arc<Revocations>,
        clock: Clock,
    ) -> Result<Self, LedgerError> {
        let question = Question { pool: pool.clone(), revocations, clock };
        let asked = Instant::now();
        let versions = question.ask().await?;
        question.revocations.read_again(&Pool::Postgres(pool.clone())).await?;
        let known = watch::Sender::new(Known { versions, asked });
        let told = Arc::new(Notify::new());
        let listening = tokio::spawn(listen(pool.clone(), Arc::clone(&told)));
        let following = tokio::spawn(follow(question, known.clone(), told));
        let tasks = [listening.abort_handle(), following.abort_handle()];
        Ok(Self { pool, known, tasks })
    }

    /// Stops following.
    pub(crate) async fn close(&self) {
        self.tasks.iter().for_each(AbortHandle::abort);
        self.pool.close().await;
    }

    async fn confirmed(&self) -> Result<Versions, LedgerError> {
        let fresh = |known: &Known| known.asked.elapsed() < AGE_MAX;
        let known = *self.known.borrow();
        if fresh(&known) {
            return Ok(known.versions);
        }
        let mut news = self.known.subscribe();
        match timeout(WAIT_MAX, news.wait_for(fresh)).await {
            Ok(Ok(known)) => Ok(known.versions),
            Ok(Err(_)) | Err(_) => Err(LedgerError::OutOfTouch),
        }
    }
}

impl Ledger {
    /// What tells whether the places of quotas have changed: it is another number whenever they have, at
    /// this node at once and at others within a second. Fails like [`Ledger::confirmed`].
    pub async fn quotas_version(&self) -> Result<(i64, u64), LedgerError> {
        let here = self.quota_changes();
        match self.follower() {
            None => Ok((0, here)),
            Some(follower) => Ok((follower.confirmed().await?.quotas, here)),
        }
    }

    /// The version of IAM that the ledger had within the last second; what was revoked until then is
    /// known here. `None`: nobody else changes this ledger. Fails with [`LedgerError::OutOfTouch`]
    /// when the ledger has not answered for longer: then nothing that is kept in memory may be acted
    /// on.
    pub async fn confirmed(&self) -> Result<Option<i64>, LedgerError> {
        match self.follower() {
            None => Ok(None),
            Some(follower) => Ok(Some(follower.confirmed().await?.iam)),
        }
    }
}

async fn listen(pool: PgPool, told: Arc<Notify>) {
    loop {
        let mut listener = match PgListener::connect_with(&pool).await {
            Ok(listener) => listener,
            Err(error) => {
                tracing::debug!(%error, "not listening to the ledger");
                sleep(AGE_MAX).await;
                continue;
            }
        };
        let mut heard = listener.listen(CHANNEL).await;
        while heard.is_ok() {
            told.notify_one();
            heard = listener.recv().await.map(drop);
        }
        sleep(ASK_EVERY).await;
    }
}

async fn follow(question: Question, known: watch::Sender<Known>, told: Arc<Notify>) {
    let mut in_touch = true;
    loop {
        let asked = Instant::now();
        let before = known.borrow().versions.standing;
        let answer = timeout(ANSWER_WAIT_MAX, question.learn(before)).await;
        match answer.unwrap_or(Err(LedgerError::OutOfTouch)) {
            Ok(versions) => {
                known.send_replace(Known { versions, asked });
                if !in_touch {
                    tracing::info!("this node is in step with the ledger again");
                }
                in_touch = true;
            }
            Err(error) => {
                if in_touch {
                    tracing::error!(%error, "this node is not in step with the ledger: requests are refused");
                }
                in_touch = false;
            }
        }
        let wait = timeout(ASK_EVERY, told.notified()).await;
        if !in_touch && wait.is_ok() {
            sleep(ASK_EVERY).await;
        }
    }
}

impl Question {
    /// Asks, and reads what was revoked where it has changed since `standing`.
    async fn learn(&self, standing: i64) -> Result<Versions, LedgerError> {
        let versions = self.ask().await?;
        if versions.standing != standing {
            self.revocations.read_again(&Pool::Postgres(self.pool.clone())).await?;
        }
        Ok(versions)
    }

    async fn ask(&self) -> Result<Versions, LedgerError> {
        let sql = "SELECT (SELECT version FROM versions WHERE name = 'iam') AS iam,
                          (SELECT version FROM versions WHERE name = 'standing') AS standing,
                          (SELECT version FROM versions WHERE name = 'quotas') AS quotas,
                          (SELECT oldest FROM schema_floor) AS oldest,
                          (extract(epoch FROM clock_timestamp()) * 1000)::BIGINT AS now";
        let pool = Pool::Postgres(self.pool.clone());
        let before = self.clock.now().as_millisecond();
        let row = sql::query(sql).fetch_one(&pool).await?;
        let after = self.clock.now().as_millisecond();
        let now: i64 = row.try_get("now")?;
        if now < before - SKEW_MS_MAX || now > after + SKEW_MS_MAX {
            return Err(LedgerError::Skew { ms: now - before });
        }
        let (oldest, known) = (row.try_get("oldest")?, postgres::newest_known());
        if oldest > known {
            return Err(LedgerError::NewerVersion { found: oldest, known });
        }
        Ok(Versions {
            iam: row.try_get("iam")?,
            standing: row.try_get("standing")?,
            quotas: row.try_get("quotas")?,
        })
    }
}
