//! Opening and closing the ledger.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::PgPool;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use wh_names::Clock;

use crate::access::{self, AccessRevision};
use crate::follow::Follower;
use crate::revocations::Revocations;
use crate::sql::{Pool, Tx};
use crate::{LedgerError, MailRow};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");

/// Connections that read at the same time.
const READERS_MAX: u32 = 8;

/// How long a call waits for a connection or for another process's lock.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// The ledger. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Ledger {
    inner: Arc<Inner>,
    mails: Arc<[MailRow]>,
    /// At which revision of access what is changed was weighed, where it was.
    weighed: Option<AccessRevision>,
}

#[derive(Debug)]
struct Inner {
    pools: Pools,
    revocations: Arc<Revocations>,
    follower: Option<Follower>,
    /// How often this node changed where quotas count.
    quota_changes: AtomicU64,
}

/// The ledger's connections.
#[derive(Debug, Clone)]
pub(crate) struct Pools {
    /// For transactions and statements that write.
    pub(crate) writer: Pool,
    /// For reading; they refuse to write.
    pub(crate) reader: Pool,
    /// For the audit trail's lane that survives power cuts.
    pub(crate) trail: Pool,
    /// For the audit trail's other lane.
    pub(crate) relaxed: Pool,
}

impl Ledger {
    /// Opens the database at `path`, creating it (mode 0600) or bringing it up to date.
    ///
    /// A database of a later version is refused with [`LedgerError::NewerVersion`] and left alone.
    pub async fn open(path: &Path) -> Result<Self, LedgerError> {
        let unwritable = |reason: String| LedgerError::Unwritable { path: path.to_owned(), reason };
        create(path).map_err(|e| unwritable(e.to_string()))?;
        let options = options(SqliteConnectOptions::new().filename(path));
        let writer = one_connection().connect_with(options.clone()).await;
        let writer = writer.map_err(|e| unwritable(e.to_string()))?;
        migrate(&writer).await?;
        let relaxed = options.clone().synchronous(SqliteSynchronous::Normal);
        let relaxed = one_connection().min_connections(0).connect_lazy_with(relaxed);
        let reader = SqlitePoolOptions::new()
            .max_connections(READERS_MAX)
            .acquire_timeout(WAIT_MAX)
            .connect_with(options.pragma("query_only", "on"))
            .await?;
        let writer = Pool::Sqlite(writer);
        Self::over(Pools {
            trail: writer.clone(),
            writer,
            reader: Pool::Sqlite(reader),
            relaxed: Pool::Sqlite(relaxed),
        })
        .await
    }

    /// A ledger that is forgotten when it is dropped, for tests.
    ///
    /// It has one connection for everything: a transaction that reads through the reader pool
    /// before it commits would wait for itself.
    pub async fn in_memory() -> Result<Self, LedgerError> {
        let options = options(SqliteConnectOptions::new().in_memory(true));
        let pool = one_connection().connect_with(options).await?;
        migrate(&pool).await?;
        let pool = Pool::Sqlite(pool);
        let (writer, trail, relaxed) = (pool.clone(), pool.clone(), pool.clone());
        Self::over(Pools { writer, reader: pool, trail, relaxed }).await
    }

    async fn over(pools: Pools) -> Result<Self, LedgerError> {
        let revocations = Arc::new(Revocations::load(&pools.reader).await?);
        let ledger = Self::of(Inner {
            pools,
            revocations,
            follower: None,
            quota_changes: AtomicU64::new(0),
        });
        ledger.link_audit().await?;
        Ok(ledger)
    }

    /// A ledger that others change too: `following` asks for that.
    pub(crate) async fn followed(
        pools: Pools,
        following: PgPool,
        clock: Clock,
    ) -> Result<Self, LedgerError> {
        let revocations = Arc::new(Revocations::default());
        let follower = Follower::start(following, Arc::clone(&revocations), clock).await?;
        let ledger = Self::of(Inner {
            pools,
            revocations,
            follower: Some(follower),
            quota_changes: AtomicU64::new(0),
        });
        ledger.link_audit().await?;
        Ok(ledger)
    }

    fn of(inner: Inner) -> Self {
        Self { inner: Arc::new(inner), mails: Arc::from([]), weighed: None }
    }

    /// The same ledger, with mails that its next change tells of.
    pub(crate) fn carrying(&self, mails: Arc<[MailRow]>) -> Self {
        Self { mails, ..self.clone() }
    }

    /// The same ledger, whose changes are made at this revision of access or not at all.
    pub(crate) fn at_revision(&self, revision: AccessRevision) -> Self {
        Self { weighed: Some(revision), ..self.clone() }
    }

    /// Begins a transaction that may write, with which go the mails that this ledger carries, and which is
    /// none where access has changed since what it does was weighed.
    pub(crate) async fn begin(&self) -> Result<Tx, LedgerError> {
        let mut tx = self.writer().begin().await?.carrying(Arc::clone(&self.mails));
        if let Some(revision) = self.weighed {
            access::check(&mut tx, revision).await?;
        }
        Ok(tx)
    }

    /// Waits for running calls and closes the database. Later calls fail.
    pub async fn close(&self) {
        if let Some(follower) = &self.inner.follower {
            follower.close().await;
        }
        let Pools { writer, reader, trail, relaxed } = &self.inner.pools;
        for pool in [reader, relaxed, trail, writer] {
            pool.close().await;
        }
    }

    /// Connections for reading. They refuse to write.
    pub(crate) fn reader(&self) -> &Pool {
        &self.inner.pools.reader
    }

    /// Connections for writing: a transaction begun on one is alone.
    pub(crate) fn writer(&self) -> &Pool {
        &self.inner.pools.writer
    }

    /// All connections.
    pub(crate) fn pools(&self) -> &Pools {
        &self.inner.pools
    }

    pub(crate) fn follower(&self) -> Option<&Follower> {
        self.inner.follower.as_ref()
    }

    pub(crate) fn quota_changes(&self) -> u64 {
        self.inner.quota_changes.load(Ordering::Acquire)
    }

    pub(crate) fn quotas_changed(&self) {
        self.inner.quota_changes.fetch_add(1, Ordering::AcqRel);
    }

    /// Whether other nodes write to it, too.
    pub fn is_shared(&self) -> bool {
        self.inner.follower.is_some()
    }

    pub(crate) fn revocations(&self) -> &Revocations {
        &self.inner.revocations
    }
}

fn create(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn options(base: SqliteConnectOptions) -> SqliteConnectOptions {
    base.journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(WAIT_MAX)
}

fn one_connection() -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(WAIT_MAX)
}

async fn migrate(writer: &SqlitePool) -> Result<(), LedgerError> {
    let known = newest(&MIGRATIONS);
    match MIGRATIONS.run(writer).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(found)) if found > known => {
            Err(LedgerError::NewerVersion { found, known })
        }
        Err(other) => Err(LedgerError::Database(Box::new(other))),
    }
}

/// The newest version among migrations.
pub(crate) fn newest(migrations: &Migrator) -> i64 {
    migrations.iter().map(|m| m.version).max().unwrap_or_default()
}

/// A time as the ledger stores it.
pub(crate) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// A time as the ledger stored it.
pub(crate) fn timestamp(column: &'static str, millis: i64) -> Result<Timestamp, LedgerError> {
    Timestamp::from_millisecond(millis).map_err(|_| LedgerError::Corrupt { column })
}
