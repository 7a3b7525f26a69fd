//! Deleting a person.

use wh_ledger::GrantSubject;
use wh_names::{KeyPrefix, RoleName};

use super::administration::refusal;
use crate::tests::{GOOD, House};
use crate::{Actor, GrantForm};

#[tokio::test]
async fn who_is_deleted_is_gone_with_all_that_was_theirs() {
    let (house, root) = House::open().await;
    let alice = house.somebody("alice").await;
    let uid = alice.person.uid().clone();
    let team = house.people.make_group(&root, "team").await.expect("made").id;
    house.people.add_member(&root, team.as_str(), &uid).await.expect("put in");
    let row = house.ledger.person(&uid).await.expect("read").expect("alice");
    let deleted = house.people.delete_person(Actor::Administrator(&root), &uid).await;
    let deleted = deleted.expect("deleted");
    assert_eq!(deleted.home.expect("a home").as_str(), format!("home/{uid}/"));
    assert!(!house.is_signed_in(&alice.token).await);
    assert!(house.login("alice", GOOD).await.is_err());
    assert!(house.ledger.revoked(&uid, house.now()));
    let later = house.now() + jiff::SignedDuration::from_hours(999);
    assert!(house.ledger.revoked(&uid, later), "whatever is issued counts for nothing");
    assert_eq!(house.ledger.grants_of(&uid).await.expect("read"), []);
    assert_eq!(house.ledger.memberships().await.expect("read"), []);
    let again = house.people.delete_person(Actor::Administrator(&root), &uid).await;
    assert_eq!(refusal(again), "no-such-person");

    let again = house.ledger.insert_person(&row, &[]).await.expect_err("a uid is given once");
    assert_eq!(again.code(), "ledger-conflict");
    let other = house.somebody("alice").await.person;
    assert_ne!(other.uid(), &uid, "the name is free, and is somebody else's");
}

#[tokio::test]
async fn the_last_administrator_is_not_deleted() {
    let (house, root) = House::open().await;
    let gone = house.people.delete_person(Actor::Administrator(&root), root.uid()).await;
    assert_eq!(refusal(gone), "last-administrator");
    let gone = house.people.delete_person(Actor::Operator, root.uid()).await;
    assert_eq!(refusal(gone), "last-administrator");
    let alice = house.somebody("alice").await.person;
    let given = GrantForm {
        bucket: None,
        subject: GrantSubject::Person(alice.uid().clone()),
        role: RoleName::parse("AdminRole").expect("a role"),
        prefix: KeyPrefix::everything(),
        title: "Everything".to_owned(),
        ends_at: None,
    };
    house.people.add_grant(&root, given).await.expect("given");
    house.people.delete_person(Actor::Administrator(&root), root.uid()).await.expect("deleted");
}
