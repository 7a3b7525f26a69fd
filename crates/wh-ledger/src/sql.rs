//! One way of speaking SQL to both engines: SQLite and PostgreSQL.
//!
//! The text of a statement is the same for both (`$1`, `ON CONFLICT`, `RETURNING` mean the same to
//! either); what differs is the connection that carries it. Values are text and 64-bit integers, and
//! nothing else: what both engines keep alike.
//!
//! Invariant: transactions that write come one after another. SQLite has one writer; on PostgreSQL
//! each takes one advisory lock with its `BEGIN`, so that whoever has begun sees all that was
//! committed before, from whichever node, and what a transaction has read stays true until it
//! commits. Rejected: `SERIALIZABLE`, which asks every caller to be ready to begin again.

use std::borrow::Cow;
use std::sync::Arc;

use sqlx::postgres::{PgPool, PgRow};
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{AssertSqlSafe, Decode, Postgres, Row as _, SqlSafeStr, SqlStr, Sqlite, Type};

use crate::mails::{self, MailRow};

/// Connections of either engine.
#[derive(Debug, Clone)]
pub(crate) enum Pool {
    /// SQLite.
    Sqlite(SqlitePool),
    /// PostgreSQL.
    Postgres(PgPool),
}

/// Who waits for whom: transactions of one queue come one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Queue {
    /// Rows of persons, grants, IAM.
    Rows,
    /// The audit trail, whose numbers are given in the order of its commits.
    Trail,
}

/// 22632 is `wh` + `1`, so to say; the second half keeps apart houses that share a database.
const BEGIN_ROWS: &str = "BEGIN; SELECT pg_advisory_xact_lock(22632, hashtext(current_schema()))";
const BEGIN_TRAIL: &str = "BEGIN; SELECT pg_advisory_xact_lock(22633, hashtext(current_schema()))";
const BEGIN_READING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

impl Pool {
    /// Begins a transaction that may write: the only one of the ledger.
    pub(crate) async fn begin(&self) -> Result<Tx, sqlx::Error> {
        self.begin_in(Queue::Rows).await
    }

    /// Begins a transaction that may write: the only one of this queue.
    pub(crate) async fn begin_in(&self, queue: Queue) -> Result<Tx, sqlx::Error> {
        let begin = match queue {
            Queue::Rows => BEGIN_ROWS,
            Queue::Trail => BEGIN_TRAIL,
        };
        Ok(match self {
            Self::Sqlite(pool) => Tx::sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::postgres(pool.begin_with(begin).await?),
        })
    }

    /// Begins a transaction that reads one moment and writes nothing.
    pub(crate) async fn begin_reading(&self) -> Result<Tx, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(pool) => Tx::sqlite(pool.begin().await?),
            Self::Postgres(pool) => Tx::postgres(pool.begin_with(BEGIN_READING).await?),
        })
    }

    /// Waits for running calls and closes the connections.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A transaction; dropped without [`Tx::commit`], it was not.
#[derive(Debug)]
pub(crate) struct Tx {
    engine: Engine,
    mails: Arc<[MailRow]>,
}

#[derive(Debug)]
enum Engine {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Tx {
    fn sqlite(tx: sqlx::Transaction<'static, Sqlite>) -> Self {
        Self { engine: Engine::Sqlite(tx), mails: Arc::from([]) }
    }

    fn postgres(tx: sqlx::Transaction<'static, Postgres>) -> Self {
        Self { engine: Engine::Postgres(tx), mails: Arc::from([]) }
    }

    /// Joins the queue of the audit trail, too, so that what follows may number a record. Nobody who
    /// is in that queue waits for this one.
    pub(crate) async fn enter_trail(&mut self) -> Result<(), sqlx::Error> {
        match &mut self.engine {
            Engine::Sqlite(_) => Ok(()),
            Engine::Postgres(tx) => {
                let lock = "SELECT pg_advisory_xact_lock(22633, hashtext(current_schema()))";
                sqlx::query(lock).execute(&mut **tx).await.map(drop)
            }
        }
    }

    /// The same transaction, with which these mails go.
    pub(crate) fn carrying(self, mails: Arc<[MailRow]>) -> Self {
        Self { mails, ..self }
    }

    /// There is nothing to tell of.
    pub(crate) fn silence(&mut self) {
        self.mails = Arc::from([]);
    }

    /// Writes the mails now, to the addresses as they are at this moment.
    pub(crate) async fn post(&mut self) -> Result<(), sqlx::Error> {
        let mails = std::mem::replace(&mut self.mails, Arc::from([]));
        mails::post(self, &mails).await
    }

    /// Makes all of it count, and the mails that go with it.
    pub(crate) async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.post().await?;
        match self.engine {
            Engine::Sqlite(tx) => tx.commit().await,
            Engine::Postgres(tx) => tx.commit().await,
        }
    }
}

/// Where a statement goes.
#[derive(Debug)]
pub(crate) enum On<'c> {
    /// To any connection.
    Pool(&'c Pool),
    /// Into a transaction.
    Tx(&'c mut Tx),
}

impl<'c> From<&'c Pool> for On<'c> {
    fn from(pool: &'c Pool) -> Self {
        Self::Pool(pool)
    }
}

impl<'c> From<&'c mut Tx> for On<'c> {
    fn from(tx: &'c mut Tx) -> Self {
        Self::Tx(tx)
    }
}

/// A value that goes into a statement.
#[derive(Debug)]
pub(crate) enum Value<'q> {
    /// Text, or `NULL`.
    Text(Option<Cow<'q, str>>),
    /// A number, or `NULL`.
    Int(Option<i64>),
}

impl<'q> From<&'q str> for Value<'q> {
    fn from(text: &'q str) -> Self {
        Self::Text(Some(Cow::Borrowed(text)))
    }
}

impl<'q> From<&'q String> for Value<'q> {
    fn from(text: &'q String) -> Self {
        Self::Text(Some(Cow::Borrowed(text)))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Some(Cow::Owned(text)))
    }
}

impl<'q> From<Option<&'q str>> for Value<'q> {
    fn from(text: Option<&'q str>) -> Self {
        Self::Text(text.map(Cow::Borrowed))
    }
}

impl<'q> From<&'q Option<String>> for Value<'q> {
    fn from(text: &'q Option<String>) -> Self {
        Self::Text(text.as_deref().map(Cow::Borrowed))
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

/// A statement with its values.
#[derive(Debug)]
#[must_use = "a statement that is not sent does nothing"]
pub(crate) struct Query<'q> {
    sql: SqlStr,
    values: Vec<Value<'q>>,
}

/// A statement that is written in this crate.
pub(crate) fn query<'q>(sql: &'static str) -> Query<'q> {
    Query { sql: sql.into_sql_str(), values: Vec::new() }
}

/// A statement over so many rows of values: `head` and then `($1, $2), ($3, $4)`.
pub(crate) fn query_rows<'q>(head: &str, rows: usize, columns: usize) -> Query<'q> {
    let row = |row: usize| {
        let places: Vec<String> =
            (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", places.join(", "))
    };
    let all: Vec<String> = (0..rows).map(row).collect();
    let sql = format!("{head} VALUES {}", all.join(", "));
    Query { sql: AssertSqlSafe(sql).into_sql_str(), values: Vec::with_capacity(rows * columns) }
}

/// A statement that ends in a list of so many values: `head` and then `($4, $5)`, where `first` is 4.
pub(crate) fn query_in<'q>(head: &str, first: usize, values: usize) -> Query<'q> {
    let places: Vec<String> = (first..first + values).map(|place| format!("${place}")).collect();
    let sql = format!("{head} ({})", places.join(", "));
    Query { sql: AssertSqlSafe(sql).into_sql_str(), values: Vec::with_capacity(first + values) }
}

/// A statement that ends in a list of so many rows of values: `head` and then `(VALUES ($1, $2), ($3, $4))`.
pub(crate) fn query_rows_in<'q>(head: &str, rows: usize, columns: usize) -> Query<'q> {
    let Query { sql, values } = query_rows(&format!("{head} ("), rows, columns);
    let sql = format!("{})", sql.as_str());
    Query { sql: AssertSqlSafe(sql).into_sql_str(), values }
}

/// What a statement did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done(u64);

impl Done {
    /// How many rows it wrote or deleted.
    pub(crate) fn rows_affected(self) -> u64 {
        self.0
    }
}

type OfSqlite<'q> = sqlx::query::Query<'q, Sqlite, sqlx::sqlite::SqliteArguments>;
type OfPostgres<'q> = sqlx::query::Query<'q, Postgres, sqlx::postgres::PgArguments>;

impl<'q> Query<'q> {
    /// Gives the next value.
    pub(crate) fn bind(mut self, value: impl Into<Value<'q>>) -> Self {
        self.values.push(value.into());
        self
    }

    fn sqlite(self) -> OfSqlite<'static> {
        self.values.into_iter().fold(sqlx::query(self.sql), |query, value| match value {
            Value::Text(text) => query.bind(text.map(Cow::into_owned)),
            Value::Int(number) => query.bind(number),
        })
    }

    fn postgres(self) -> OfPostgres<'static> {
        self.values.into_iter().fold(sqlx::query(self.sql), |query, value| match value {
            Value::Text(text) => query.bind(text.as_deref()),
            Value::Int(number) => query.bind(number),
        })
    }

    /// Sends a statement that answers with no rows.
    pub(crate) async fn execute(self, on: impl Into<On<'_>>) -> Result<Done, sqlx::Error> {
        Ok(Done(match on.into() {
            On::Pool(Pool::Sqlite(pool)) => self.sqlite().execute(pool).await?.rows_affected(),
            On::Pool(Pool::Postgres(pool)) => self.postgres().execute(pool).await?.rows_affected(),
            On::Tx(tx) => match &mut tx.engine {
                Engine::Sqlite(tx) => self.sqlite().execute(&mut **tx).await?.rows_affected(),
                Engine::Postgres(tx) => self.postgres().execute(&mut **tx).await?.rows_affected(),
            },
        }))
    }

    /// All rows of the answer.
    pub(crate) async fn fetch_all(self, on: impl Into<On<'_>>) -> Result<Vec<Row>, sqlx::Error> {
        let of_sqlite = |rows: Vec<SqliteRow>| rows.into_iter().map(Row::Sqlite).collect();
        let of_postgres = |rows: Vec<PgRow>| rows.into_iter().map(Row::Postgres).collect();
        Ok(match on.into() {
            On::Pool(Pool::Sqlite(pool)) => of_sqlite(self.sqlite().fetch_all(pool).await?),
            On::Pool(Pool::Postgres(pool)) => of_postgres(self.postgres().fetch_all(pool).await?),
            On::Tx(tx) => match &mut tx.engine {
                Engine::Sqlite(tx) => of_sqlite(self.sqlite().fetch_all(&mut **tx).await?),
                Engine::Postgres(tx) => of_postgres(self.postgres().fetch_all(&mut **tx).await?),
            },
        })
    }

    /// The first row of the answer, if it has one. All of the answer is awaited: a statement of its own
    /// commits when it ends, and whoever lets it go after the row is not told that this failed.
    pub(crate) async fn fetch_optional(
        self,
        on: impl Into<On<'_>>,
    ) -> Result<Option<Row>, sqlx::Error> {
        Ok(self.fetch_all(on).await?.into_iter().next())
    }

    /// The row of an answer that always has one.
    pub(crate) async fn fetch_one(self, on: impl Into<On<'_>>) -> Result<Row, sqlx::Error> {
        self.fetch_optional(on).await?.ok_or(sqlx::Error::RowNotFound)
    }
}

/// A row of an answer.
#[derive(Debug)]
pub(crate) enum Row {
    /// From SQLite.
    Sqlite(SqliteRow),
    /// From PostgreSQL.
    Postgres(PgRow),
}

/// What a column may be read as: the same from both engines.
pub(crate) trait Column<'r>:
    Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>
{
}

impl<'r, T> Column<'r> for T where
    T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>
{
}

impl Row {
    /// The value of a column.
    pub(crate) fn try_get<'r, T: Column<'r>>(&'r self, column: &str) -> Result<T, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }
}
