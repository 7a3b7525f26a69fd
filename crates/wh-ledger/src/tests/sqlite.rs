//! What is SQLite's alone: files, modes, pragmas.

use std::os::unix::fs::PermissionsExt;

use super::House;
use crate::sql::Pool;
use crate::*;

fn sqlite(pool: &Pool) -> &sqlx::SqlitePool {
    match pool {
        Pool::Sqlite(pool) => pool,
        Pool::Postgres(_) => panic!("not SQLite"),
    }
}

#[tokio::test]
async fn the_database_is_for_its_owner_alone_and_writes_wait_for_the_disk() {
    let house = House::on_sqlite().await;
    house.person("alice").await;
    for file in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"] {
        let meta = std::fs::metadata(house.path().with_file_name(file)).expect(file);
        assert_eq!(meta.permissions().mode() & 0o777, 0o600, "{file}");
    }
    for (pragma, expected) in [("synchronous", "2"), ("foreign_keys", "1"), ("journal_mode", "wal")]
    {
        let sql =
            sqlx::AssertSqlSafe(format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}"));
        let value: String = sqlx::query_scalar(sql)
            .fetch_one(sqlite(house.ledger.writer()))
            .await
            .expect("a pragma");
        assert_eq!(value, expected, "{pragma}");
    }
    let write = sqlx::query("DELETE FROM persons").execute(sqlite(house.ledger.reader())).await;
    assert!(write.is_err(), "readers cannot write");
}

#[tokio::test]
async fn a_ledger_of_a_later_version_is_refused_and_left_alone() {
    let house = House::on_sqlite().await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9001, 'later', TRUE, x'00', 0)",
    )
    .execute(sqlite(house.ledger.writer()))
    .await
    .expect("a later version");
    house.ledger.close().await;
    let before = std::fs::read(house.path()).expect("the file");
    let error = Ledger::open(&house.path()).await.expect_err("a refusal");
    assert!(matches!(error, LedgerError::NewerVersion { found: 9001, known } if known >= 4));
    assert_eq!(error.code(), "ledger-newer-version");
    assert_eq!(std::fs::read(house.path()).expect("the file"), before);
}

#[tokio::test]
async fn a_place_where_nothing_can_be_written_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let nowhere = folder.path().join("absent").join("ledger.sqlite");
    let error = Ledger::open(&nowhere).await.expect_err("a refusal");
    assert!(matches!(&error, LedgerError::Unwritable { path, .. } if *path == nowhere), "{error}");
    let error = Ledger::open(folder.path()).await.expect_err("a refusal");
    assert_eq!(error.code(), "ledger-unwritable");
    let text = folder.path().join("text");
    std::fs::write(&text, "this is not a database, and it is long enough ".repeat(9))
        .expect("written");
    assert!(Ledger::open(&text).await.is_err());
}
