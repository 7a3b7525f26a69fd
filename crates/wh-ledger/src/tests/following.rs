//! What one node changes, the others know; and a node that cannot know says so.

use std::time::Duration;

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::time::timeout;
use wh_names::{Clock, RoleName};

use super::{House, Place, at, clock, keep};
use crate::sql::Pool;
use crate::*;

/// Longer than anything here takes on a busy machine: where it is reached, it never comes.
const NEVER: Duration = Duration::from_secs(30);

fn role(name: &str) -> RoleRow {
    RoleRow {
        name: RoleName::parse(name).expect("a name"),
        path: "/".to_owned(),
        role_id: format!("AROA{name}"),
        description: String::new(),
        max_session_s: 3600,
        trust: "{}".to_owned(),
        boundary: None,
        created_at: at(0),
        tags: [("b".to_owned(), "2".to_owned()), ("A".to_owned(), "1".to_owned())].into(),
        inline: [("inline".to_owned(), "{}".to_owned())].into(),
        attached: vec!["arn:aws:iam::1:policy/B".to_owned(), "arn:aws:iam::1:policy/a".to_owned()],
    }
}

/// Waits until a node knows.
async fn until(node: &Ledger, what: &str, known: impl Fn(&Ledger) -> bool) {
    let waiting = async {
        while !known(node) {
            node.confirmed().await.expect("an answer");
            tokio::task::yield_now().await;
        }
    };
    timeout(NEVER, waiting).await.expect(what);
}

#[tokio::test]
async fn a_change_that_was_judged_by_old_rows_is_not_made() {
    for house in House::of_each_engine().await {
        let nodes = [house.ledger.clone(), house.other_node().await];
        let before = house.ledger.iam().await.expect("rows");
        let rows: Vec<RoleRow> = ["One", "Two"].map(role).into();
        let writes = nodes.iter().zip(&rows).map(async |(node, row)| {
            node.write_iam(before.version, &IamWrite::PutRole(row.clone())).await
        });
        let answers = join_all(writes).await;
        let made: Vec<i64> = answers.iter().filter_map(|a| a.as_ref().ok()).copied().collect();
        assert_eq!(made, [before.version + 1], "{answers:?}");
        let refused = answers.iter().filter(|a| matches!(a, Err(LedgerError::Stale))).count();
        assert_eq!(refused, 1, "{answers:?}");
        let after = nodes[1].iam().await.expect("rows");
        assert_eq!((after.version, after.roles.len()), (before.version + 1, 1));
        let kept = after.roles.values().next().expect("a role");
        assert!(rows.contains(kept), "{kept:?}");
    }
}

#[tokio::test]
async fn what_one_node_revokes_the_others_know() {
    let Some(house) = House::on_postgres().await else { return };
    let other = house.other_node().await;
    let (alice, bob) = (house.person("alice").await, house.person("bob").await);
    let session = house.session(&alice).await;
    let grant = house.grant(GrantSubject::Person(bob.uid.clone()));
    house.ledger.insert_grant(&grant).await.expect("given");
    assert!(house.ledger.end_session(&session.digest, at(1)).await.expect("ended"));
    until(&other, "the end of a session", |node| node.session_revoked(&session.sid)).await;
    house.ledger.revoke_person(&alice.uid, at(5)).await.expect("revoked");
    until(&other, "a revocation", |node| node.revoked(&alice.uid, at(5))).await;
    assert!(!other.revoked(&alice.uid, at(6)));
    house.ledger.disable_person(&alice.uid, at(7), &keep(&grant)).await.expect("disabled");
    until(&other, "a person shut out", |node| node.revoked(&alice.uid, at(99))).await;
    other.enable_person(&alice.uid, at(8)).await.expect("enabled");
    until(&house.ledger, "a person let back", |node| !node.revoked(&alice.uid, at(99))).await;
    let before = other.confirmed().await.expect("an answer").expect("a version");
    house.ledger.write_iam(before, &IamWrite::PutRole(role("One"))).await.expect("written");
    let waiting = async {
        while other.confirmed().await.expect("an answer") == Some(before) {
            tokio::task::yield_now().await;
        }
    };
    timeout(NEVER, waiting).await.expect("a change of IAM");
}

#[tokio::test]
async fn a_node_that_cannot_ask_acts_on_nothing() {
    let Some(house) = House::on_postgres().await else { return };
    let Pool::Postgres(pool) = house.ledger.writer() else { return };
    house.ledger.confirmed().await.expect("an answer");
    sqlx::query("ALTER TABLE versions RENAME TO hidden").execute(pool).await.expect("renamed");
    let waiting = async { while house.ledger.confirmed().await.is_ok() {} };
    timeout(NEVER, waiting).await.expect("a refusal");
    let error = house.ledger.confirmed().await.expect_err("a refusal");
    assert_eq!(error.code(), "ledger-out-of-touch");
    sqlx::query("ALTER TABLE hidden RENAME TO versions").execute(pool).await.expect("renamed");
    let waiting = async { while house.ledger.confirmed().await.is_err() {} };
    timeout(NEVER, waiting).await.expect("an answer");
}

#[tokio::test]
async fn a_node_whose_clock_is_wrong_does_not_start() {
    let Some(house) = House::on_postgres().await else { return };
    let Place::Schema(options) = &house.place else { return };
    let right = clock();
    for seconds in [-2, 2] {
        let right = right.clone();
        let wrong: Timestamp = right.now() + SignedDuration::from_secs(seconds);
        let off = wrong.duration_since(right.now());
        let wrong = Clock::new(move || right.now() + off);
        let error = Ledger::connect(options, wrong).await.expect_err("a refusal");
        assert_eq!(error.code(), "ledger-skew", "{error}");
    }
}

#[tokio::test]
async fn one_node_at_a_time_has_the_lock_of_the_house() {
    let Some(house) = House::on_postgres().await else { return };
    let other = house.other_node().await;
    let Pool::Postgres(pool) = other.writer() else { return };
    let is_free = async || -> bool {
        let sql = "SELECT pg_try_advisory_xact_lock(22635, hashtext(current_schema()))";
        sqlx::query_scalar(sql).fetch_one(pool).await.expect("an answer")
    };
    assert!(is_free().await);
    let held = house.ledger.lock_house().await.expect("the lock");
    assert!(!is_free().await, "two have it");
    drop(held);
    let waiting = async { while !is_free().await {} };
    timeout(NEVER, waiting).await.expect("given back");
    other.lock_house().await.expect("the lock");
}

#[tokio::test]
async fn nodes_agree_on_what_the_first_one_said() {
    for house in House::of_each_engine().await {
        let nodes = [house.ledger.clone(), house.other_node().await];
        let said = nodes
            .iter()
            .zip(["a", "b"])
            .map(async |(node, word)| node.agreed("keys", word).await.expect("an answer"));
        let said = join_all(said).await;
        assert_eq!(said[0], said[1]);
    }
}
