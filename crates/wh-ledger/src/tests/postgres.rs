//! What is PostgreSQL's alone: addresses, schemas, versions, and that several nodes share one.

use wh_names::Secret;

use super::{House, Place, clock, schema, server, stale_at};
use crate::sql::Pool;
use crate::*;

fn postgres(pool: &Pool) -> &sqlx::PgPool {
    match pool {
        Pool::Postgres(pool) => pool,
        Pool::Sqlite(_) => panic!("not PostgreSQL"),
    }
}

#[track_caller]
fn check_address(address: &str, expected: Result<&str, PostgresOptionsError>) {
    let options = PostgresOptions::new(address, None, "wellhouse");
    assert_eq!(
        options.map(|o| o.address()).as_deref().map_err(Clone::clone),
        expected,
        "{address}"
    );
}

#[test]
fn an_address_holds_no_password_and_other_machines_are_spoken_to_by_tls() {
    use PostgresOptionsError::{PasswordInAddress, Plain};
    check_address("postgres://wellhouse@127.0.0.1:5433/w", Ok("127.0.0.1:5433"));
    check_address("postgresql://db.example.org/w?sslmode=verify-full", Ok("db.example.org:5432"));
    check_address(
        "postgres://wellhouse@db.example.org/w?sslmode=require",
        Ok("db.example.org:5432"),
    );
    check_address("postgres://wellhouse@db.example.org/w", Ok("db.example.org:5432"));
    check_address("postgres://wellhouse:x@127.0.0.1/w", Err(PasswordInAddress));
    check_address("postgres://wellhouse@127.0.0.1/w?password=x", Err(PasswordInAddress));
    check_address("postgres://wellhouse@db.example.org/w?sslmode=prefer", Err(Plain));
    check_address("postgres://wellhouse@db.example.org/w?sslmode=disable", Err(Plain));
    let error = PostgresOptions::new("mysql://127.0.0.1/w", None, "w").expect_err("another's");
    assert_eq!(error.code(), "postgres-address");
    for odd in ["", "Wellhouse", "1w", "w;drop", "w\"", &"w".repeat(64)] {
        let error = PostgresOptions::new("postgres://127.0.0.1/w", None, odd).expect_err(odd);
        assert_eq!(error, PostgresOptionsError::Schema(odd.to_owned()));
    }
}

#[test]
fn a_password_is_never_shown() {
    let password = Secret::parse("canary-of-the-ledger").expect("a secret");
    let options = PostgresOptions::new("postgres://w@127.0.0.1/w", Some(&password), "w");
    let shown = format!("{options:?}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn what_is_in_the_way_of_a_server_is_named() {
    let Some(server) = server() else { return };
    let refused = async |address: &str, password: Option<&Secret>| {
        let options = PostgresOptions::new(address, password, "wellhouse").expect("an address");
        Ledger::connect(&options, clock()).await.expect_err("a refusal")
    };
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let gone = refused(&format!("postgres://w@127.0.0.1:{port}/w"), None).await;
    assert_eq!(gone.code(), "ledger-unreachable", "{gone}");
    assert!(gone.to_string().contains(&port.to_string()), "{gone}");
    let nowhere = server.rsplit_once('/').map(|(server, _)| format!("{server}/nowhere"));
    let nowhere = refused(&nowhere.expect("a database"), None).await;
    assert_eq!(nowhere.code(), "ledger-unsuitable", "{nowhere}");
    assert!(nowhere.to_string().contains("nowhere"), "{nowhere}");
    let stranger = server.replace("postgres://wellhouse@", "postgres://stranger@");
    let stranger = refused(&stranger, None).await;
    assert_eq!(stranger.code(), "ledger-access-refused", "{stranger}");
    let canary = Secret::parse("canary-of-the-ledger").expect("a secret");
    let locked = server.replace("postgres://wellhouse@", "postgres://locked@");
    let wrong = refused(&locked, Some(&canary)).await;
    assert_eq!(wrong.code(), "ledger-access-refused", "{wrong}");
    assert!(!format!("{wrong} {wrong:?}").contains("canary"), "{wrong:?}");
}

#[tokio::test]
async fn nodes_that_start_at_once_make_one_ledger() {
    let Some(server) = server() else { return };
    let options = schema(&server);
    let starts = (0..4).map(|_| {
        let options = options.clone();
        tokio::spawn(async move { Ledger::connect(&options, clock()).await.expect("a ledger") })
    });
    for started in starts.collect::<Vec<_>>() {
        started.await.expect("a start").close().await;
    }
}

#[tokio::test]
async fn a_later_ledger_lets_older_programs_in_as_far_as_it_says() {
    let Some(house) = House::on_postgres().await else { return };
    let Place::Schema(options) = &house.place else { return };
    let writer = postgres(house.ledger.writer());
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum,
                 execution_time) VALUES (9001, 'later', TRUE, ''::BYTEA, 0)";
    sqlx::query(later).execute(writer).await.expect("a later version");
    Ledger::connect(options, clock()).await.expect("a later version that only added").close().await;
    let raise = "UPDATE schema_floor SET oldest = 9001";
    sqlx::query(raise).execute(writer).await.expect("a later version that took away");
    let error = Ledger::connect(options, clock()).await.expect_err("a refusal");
    assert!(matches!(error, LedgerError::NewerVersion { found: 9001, .. }), "{error}");
}

#[tokio::test]
async fn a_node_that_runs_stops_serving_once_a_later_program_has_taken_away_what_it_uses() {
    let Some(house) = House::on_postgres().await else { return };
    let writer = postgres(house.ledger.writer());
    house.ledger.confirmed().await.expect("in step");
    let raise = "UPDATE schema_floor SET oldest = 9001";
    sqlx::query(raise).execute(writer).await.expect("a later program");
    let served = async { while house.ledger.confirmed().await.is_ok() {} };
    tokio::time::timeout(std::time::Duration::from_secs(30), served).await.expect("it stops");
    let error = house.ledger.confirmed().await.expect_err("a refusal");
    assert!(matches!(error, LedgerError::OutOfTouch), "{error}");
    let lower = "UPDATE schema_floor SET oldest = 50";
    sqlx::query(lower).execute(writer).await.expect("put back");
    let refused = async { while house.ledger.confirmed().await.is_err() {} };
    tokio::time::timeout(std::time::Duration::from_secs(30), refused)
        .await
        .expect("it serves again");
}

#[tokio::test]
async fn readers_cannot_write_and_text_is_ordered_by_its_bytes() {
    let Some(house) = House::on_postgres().await else { return };
    let write = sqlx::query("DELETE FROM persons").execute(postgres(house.ledger.reader())).await;
    assert!(write.is_err(), "readers cannot write");
    let sql = "SELECT count(*) FROM information_schema.columns
               WHERE table_schema = current_schema() AND data_type = 'text'
               AND collation_name IS DISTINCT FROM 'C' AND table_name <> '_sqlx_migrations'";
    let others: i64 =
        sqlx::query_scalar(sql).fetch_one(postgres(house.ledger.reader())).await.expect("read");
    assert_eq!(others, 0, "columns that are ordered as SQLite does not order");
    assert!(!house.ledger.session_revoked("00000000"));
    assert!(house.ledger.uploads_stale(&stale_at(9, 9, 9)).await.expect("read").is_empty());
}
