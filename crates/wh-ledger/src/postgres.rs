//! Opening the ledger on PostgreSQL.
//!
//! A house has a schema of its own in the database, made at the first start. Two nodes that start at
//! once bring it up to date one after the other, under an advisory lock. A node that finds a newer
//! schema than it knows starts all the same where the newer program has promised that it may:
//! `schema_floor` says how much a program must know at least. docs/many-nodes.md has the rule.
//!
//! Source: PostgreSQL documentation, "Client Connection Defaults", "Explicit Locking".

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgSslMode};
use sqlx::{AssertSqlSafe, Connection, Executor, Row};
use wh_names::{Clock, Secret};

use crate::open::{Pools, newest};
use crate::sql::Pool;
use crate::{Ledger, LedgerError};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/postgres");

/// The oldest PostgreSQL that the ledger is tried with: 13.
const SERVER_VERSION_MIN: i64 = 130_000;

/// Connections that read at the same time.
const READERS_MAX: u32 = 6;

/// Connections that write; all but one of them wait for their turn.
const WRITERS_MAX: u32 = 4;

/// Connections of the audit trail, one a lane.
const TRAIL_MAX: u32 = 2;

/// Connections that follow what others change: one listens, one asks.
const FOLLOWING_MAX: u32 = 2;

/// How long a call waits for a connection.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// How long opening waits for the server's first answer.
const CONNECT_WAIT_MAX: Duration = Duration::from_secs(10);

/// A session that stands still must not stop the others: its transaction ends by itself.
const SESSION: [(&str, &str); 4] = [
    ("statement_timeout", "30s"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "20s"),
    ("tcp_user_timeout", "20s"),
];

/// Migrations may take long, and those who wait for another node's wait long.
const SESSION_OF_MIGRATIONS: [(&str, &str); 2] =
    [("statement_timeout", "0"), ("lock_timeout", "300s")];

/// Where a PostgreSQL is, and how it is entered. `Debug` does not show the password.
#[derive(Clone)]
pub struct PostgresOptions {
    connect: PgConnectOptions,
    schema: String,
}

/// Why a place is none where a ledger can be. The words name no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostgresOptionsError {
    /// The text is no address of a PostgreSQL.
    #[error("it must have the form postgres://user@host:5432/database: {0}")]
    Address(String),
    /// The address holds a password: it would be shown wherever the address is.
    #[error("it must not hold a password")]
    PasswordInAddress,
    /// Another machine would be spoken to without TLS, or without asking who it is.
    #[error(
        "sslmode must be require, verify-ca or verify-full for a server on another machine; \
         leave it out for verify-full"
    )]
    Plain,
    /// The name of the schema is not one.
    #[error("the schema `{0}` must be lower-case letters, digits and `_`, at most 63")]
    Schema(String),
}

impl PostgresOptionsError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Address(_) => "postgres-address",
            Self::PasswordInAddress => "postgres-password-in-address",
            Self::Plain => "postgres-plain",
            Self::Schema(_) => "postgres-schema",
        }
    }
}

impl PostgresOptions {
    /// Reads an address without a password, `postgres://user@host:5432/database?sslmode=…`; the
    /// password, where one is needed; and the name of the house's schema.
    pub fn new(
        address: &str,
        password: Option<&Secret>,
        schema: &str,
    ) -> Result<Self, PostgresOptionsError> {
        let rest = address.strip_prefix("postgres://");
        let rest = rest.or_else(|| address.strip_prefix("postgresql://"));
        let rest = rest.ok_or_else(|| {
            PostgresOptionsError::Address("it does not begin with postgres://".to_owned())
        })?;
        let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let user = place.rsplit_once('@').map_or("", |(user, _)| user);
        let has = |name: &str| parameters.split('&').any(|one| one.starts_with(name));
        if user.contains(':') || has("password=") {
            return Err(PostgresOptionsError::PasswordInAddress);
        }
        let named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let letter = schema.chars().next().is_some_and(|c| !c.is_ascii_digit());
        if !letter || schema.len() > 63 || !schema.chars().all(named) {
            return Err(PostgresOptionsError::Schema(schema.to_owned()));
        }
        let connect = PgConnectOptions::from_str(address)
            .map_err(|error| PostgresOptionsError::Address(error.to_string()))?;
        let mode = ssl_mode(&connect, has("sslmode=") || has("ssl-mode="))?;
        let connect = connect
            .ssl_mode(mode)
            .application_name("wellhouse")
            .options(SESSION)
            .options([("search_path", schema)]);
        let connect = match password {
            Some(password) => connect.password(password.expose()),
            None => connect,
        };
        Ok(Self { connect, schema: schema.to_owned() })
    }

    /// The server's name and port, for messages.
    pub fn address(&self) -> String {
        match self.connect.get_socket() {
            Some(folder) => folder.display().to_string(),
            None => format!("{}:{}", self.connect.get_host(), self.connect.get_port()),
        }
    }

    /// Reads a failure of the first calls, before anything is known of the server.
    fn of_connect(&self, error: sqlx::Error) -> LedgerError {
        let address = self.address();
        let code = error.as_database_error().and_then(|e| e.code().map(Cow::into_owned));
        let reason = match error.as_database_error() {
            Some(error) => error.message().to_owned(),
            None => error.to_string(),
        };
        match code.as_deref() {
            Some("28P01" | "28000") => LedgerError::AccessRefused { address, reason },
            Some("3D000" | "42501") => LedgerError::Unsuitable { address, reason },
            Some(_) | None => LedgerError::Unreachable { address, reason },
        }
    }
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (address, schema) = (self.address(), &self.schema);
        f.debug_struct("PostgresOptions")
            .field("address", &address)
            .field("schema", schema)
            .finish_non_exhaustive()
    }
}

/// How the server is spoken to: in the open on this machine only.
fn ssl_mode(connect: &PgConnectOptions, said: bool) -> Result<PgSslMode, PostgresOptionsError> {
    let host = connect.get_host();
    let here = connect.get_socket().is_some()
        || host.starts_with('/')
        || host.starts_with("127.")
        || ["localhost", "::1", "[::1]"].contains(&host);
    match (connect.get_ssl_mode(), said) {
        (mode, true) if here => Ok(mode),
        (_, false) if here => Ok(PgSslMode::Prefer),
        (_, false) => Ok(PgSslMode::VerifyFull),
        (mode @ (PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull), true) => {
            Ok(mode)
        }
        (PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer, true) => {
            Err(PostgresOptionsError::Plain)
        }
    }
}

impl Ledger {
    /// Opens the ledger in a PostgreSQL, and makes it or brings it up to date.
    ///
    /// A ledger that a later version wrote is refused with [`LedgerError::NewerVersion`] and left
    /// alone, unless that version allows programs as old as this one.
    pub async fn connect(options: &PostgresOptions, clock: Clock) -> Result<Self, LedgerError> {
        let mut first = first_connection(options).await?;
        check_server(options, &mut first).await?;
        migrate(options, &mut first).await?;
        first.close().await?;
        let pool = |connect: &PgConnectOptions, most: u32| -> PgPool {
            PgPoolOptions::new()
                .max_connections(most)
                .acquire_timeout(WAIT_MAX)
                .connect_lazy_with(connect.clone())
        };
        let read_only = [("default_transaction_read_only", "on")];
        let reader = pool(&options.connect.clone().options(read_only), READERS_MAX);
        let trail = Pool::Postgres(pool(&options.connect, TRAIL_MAX));
        let writer = pool(&options.connect, WRITERS_MAX);
        let following = PgPoolOptions::new()
            .max_connections(FOLLOWING_MAX)
            .acquire_timeout(WAIT_MAX)
            .test_before_acquire(false)
            .connect_lazy_with(options.connect.clone());
        let (writer, reader) = (Pool::Postgres(writer), Pool::Postgres(reader));
        let pools = Pools { writer, reader, relaxed: trail.clone(), trail };
        Self::followed(pools, following, clock).await
    }
}

async fn first_connection(options: &PostgresOptions) -> Result<PgConnection, LedgerError> {
    let connect = options.connect.clone().options(SESSION_OF_MIGRATIONS);
    let connecting = PgConnection::connect_with(&connect);
    match tokio::time::timeout(CONNECT_WAIT_MAX, connecting).await {
        Ok(connected) => connected.map_err(|error| options.of_connect(error)),
        Err(_elapsed) => Err(LedgerError::Unreachable {
            address: options.address(),
            reason: format!("no answer within {} s", CONNECT_WAIT_MAX.as_secs()),
        }),
    }
}

/// That the server is one on which a ledger keeps what it promises.
async fn check_server(
    options: &PostgresOptions,
    first: &mut PgConnection,
) -> Result<(), LedgerError> {
    let sql = "SELECT current_setting('server_version_num')::BIGINT AS number,
                      current_setting('server_version') AS version,
                      current_setting('server_encoding') AS encoding,
                      current_setting('synchronous_commit') AS commits,
                      pg_is_in_recovery() AS replica";
    let row = first.fetch_one(sql).await?;
    let unsuitable =
        |reason: String| Err(LedgerError::Unsuitable { address: options.address(), reason });
    if row.try_get::<i64, _>("number")? < SERVER_VERSION_MIN {
        let version: &str = row.try_get("version")?;
        return unsuitable(format!("it is PostgreSQL {version}; 13 or later is needed"));
    }
    let encoding: &str = row.try_get("encoding")?;
    if encoding != "UTF8" {
        return unsuitable(format!("its encoding is {encoding}: make the database with UTF8"));
    }
    if row.try_get::<&str, _>("commits")? == "off" {
        let reason = "synchronous_commit is off: what it acknowledges may be lost; set it to on";
        return unsuitable(reason.to_owned());
    }
    if row.try_get("replica")? {
        let reason = "it is a replica, which takes no writes; name the primary server";
        return unsuitable(reason.to_owned());
    }
    Ok(())
}

/// Makes the schema and brings it up to date; whoever comes at the same time waits. The lock goes
/// with the connection.
async fn migrate(options: &PostgresOptions, first: &mut PgConnection) -> Result<(), LedgerError> {
    let schema = options.schema.as_str();
    sqlx::query("SELECT pg_advisory_lock(22634, hashtext($1))")
        .bind(schema)
        .execute(&mut *first)
        .await?;
    let there = sqlx::query("SELECT 1 FROM pg_namespace WHERE nspname = $1").bind(schema);
    if there.fetch_optional(&mut *first).await?.is_none() {
        // The name has been checked, and cannot be bound.
        let sql = AssertSqlSafe(format!("CREATE SCHEMA \"{schema}\""));
        first.execute(sql).await.map_err(|error| options.of_connect(error))?;
    }
    let known = newest(&MIGRATIONS);
    // A failed run would keep the lock that it takes for itself: the connection is not used again.
    match MIGRATIONS.run_direct(None, first, false).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(found)) if found > known => {
            let oldest: i64 = sqlx::query_scalar("SELECT oldest FROM schema_floor")
                .fetch_one(&mut *first)
                .await?;
            if oldest > known {
                return Err(LedgerError::NewerVersion { found, known });
            }
            tracing::warn!(found, known, "a later version wrote the ledger and lets this one in");
            Ok(())
        }
        Err(other) => Err(LedgerError::Database(Box::new(other))),
    }
}

/// The newest migration that this program knows.
pub(crate) fn newest_known() -> i64 {
    newest(&MIGRATIONS)
}

/// A lock that one node of a house has at a time. It is given back when this is dropped, and when the
/// node dies.
#[derive(Debug)]
pub struct HouseLock {
    _held: Option<PgConnection>,
}

impl Ledger {
    /// Waits until no other node does what only one may do at a time, such as making the estate. On
    /// SQLite there is no other.
    pub async fn lock_house(&self) -> Result<HouseLock, LedgerError> {
        let Pool::Postgres(pool) = self.writer() else { return Ok(HouseLock { _held: None }) };
        let connect = (*pool.connect_options()).clone().options(SESSION_OF_MIGRATIONS);
        let mut held = PgConnection::connect_with(&connect).await?;
        held.execute("SELECT pg_advisory_lock(22635, hashtext(current_schema()))").await?;
        Ok(HouseLock { _held: Some(held) })
    }
}
