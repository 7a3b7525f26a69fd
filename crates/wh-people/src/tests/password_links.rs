//! Links by which a person sets their own password.

use jiff::SignedDuration;
use wh_names::Secret;

use super::administration::refusal;
use crate::tests::{GOOD, House, OTHER, secret};
use crate::{Actor, AddedLinks, Entered, LoginForm, PasswordLink, PasswordLinkError, Peer};

#[tokio::test]
async fn a_link_sets_the_password_once_and_ends_every_session() {
    let (house, root) = House::open().await;
    let alice = house.somebody("alice").await;
    let uid = alice.person.uid();
    let actor = Actor::Administrator(&root);
    let first = house.people.make_password_link(actor, (uid, AddedLinks::End)).await.expect("made");
    let link = house.people.make_password_link(actor, (uid, AddedLinks::End)).await.expect("made");
    let follow = async |token: &Secret, password| {
        house.people.follow_password_link(token, &secret(password), &Peer::default()).await
    };
    let replaced = follow(&first.token, OTHER).await;
    assert!(matches!(replaced, Err(PasswordLinkError::Refused)), "the newest counts");
    assert!(house.is_signed_in(&alice.token).await, "until it is followed all stays as it is");
    let weak = follow(&link.token, "short").await.expect_err("a refusal");
    assert_eq!((weak.code(), weak.field()), ("password-too-short", Some("password")));
    let (script, _) = house.make(&alice.person, &house.locations(&alice.person).await).await;
    house.by(&script).await.expect("alice's");
    assert_eq!(&follow(&link.token, OTHER).await.expect("set"), uid);
    assert!(!house.is_signed_in(&alice.token).await);
    assert!(house.by(&script).await.is_err(), "whoever took the account over keeps nothing");
    assert!(house.ledger.revoked(uid, house.now()), "what was issued counts no more");
    house.login("alice", GOOD).await.expect_err("the old one");
    drop(house.login("alice", OTHER).await.expect("the new one"));
    let again = follow(&link.token, GOOD).await;
    assert!(matches!(again, Err(PasswordLinkError::Refused)), "it is spent");
}

#[tokio::test]
async fn a_link_is_good_for_twenty_minutes_and_not_for_who_is_shut_out() {
    let (house, root) = House::open().await;
    let alice = house.somebody("alice").await.person;
    let actor = Actor::Administrator(&root);
    let link =
        house.people.make_password_link(actor, (alice.uid(), AddedLinks::End)).await.expect("made");
    house.pass(SignedDuration::from_mins(20));
    let late =
        house.people.follow_password_link(&link.token, &secret(OTHER), &Peer::default()).await;
    assert!(matches!(late, Err(PasswordLinkError::Refused)), "{late:?}");
    let link =
        house.people.make_password_link(actor, (alice.uid(), AddedLinks::End)).await.expect("made");
    house.people.disable(&root, alice.uid()).await.expect("disabled");
    let out =
        house.people.follow_password_link(&link.token, &secret(OTHER), &Peer::default()).await;
    assert!(matches!(out, Err(PasswordLinkError::Refused)), "{out:?}");
    let nobody = wh_names::Uid::generate(house.now(), &super::entropy());
    assert_eq!(
        refusal(house.people.make_password_link(actor, (&nobody, AddedLinks::End)).await),
        "no-such-person"
    );
}

#[tokio::test]
async fn a_link_dies_with_the_sessions_of_its_person() {
    let (house, root) = House::open().await;
    let alice = house.somebody("alice").await.person;
    let link = house
        .people
        .make_password_link(Actor::Administrator(&root), (alice.uid(), AddedLinks::End))
        .await;
    let link = link.expect("made");
    house.people.end_sessions(&root, alice.uid()).await.expect("ended");
    let (password, peer) = (secret(OTHER), Peer::default());
    let late = house.people.follow_password_link(&link.token, &password, &peer).await;
    assert!(matches!(late, Err(PasswordLinkError::Refused)), "{late:?}");
}

#[tokio::test]
async fn who_was_added_and_set_no_password_is_not_the_administrator_who_must_remain() {
    let (house, root) = House::open().await;
    let added = house.people.add_person(Actor::Operator, "Eve", None).await.expect("added");
    let held = house.ledger.grants_of(root.uid()).await.expect("read");
    let administration = held.into_iter().find(|grant| grant.role.as_str() == "AdminRole");
    let grant = wh_ledger::GrantRow {
        id: wh_ledger::RowId::generate(house.now(), &super::entropy()),
        subject: wh_ledger::GrantSubject::Person(added.uid.clone()),
        ..administration.expect("a grant")
    };
    house.ledger.insert_grant(&grant).await.expect("given");
    let lost = house.people.disable(&root, root.uid()).await;
    assert_eq!(refusal(lost), "last-administrator");
    let (token, password) = (&added.link.token, secret(OTHER));
    house.people.follow_password_link(token, &password, &Peer::default()).await.expect("set");
    house.people.disable(&root, root.uid()).await.expect("eve can sign in now");
}

#[tokio::test]
async fn cve_2024_37897_a_link_does_not_get_around_the_second_factor() {
    let (house, root) = House::open().await;
    let alice = house.somebody("alice").await;
    let uid = alice.person.uid().clone();
    house.enrol(alice).await;
    let actor = Actor::Administrator(&root);
    let link = house.people.make_password_link(actor, (&uid, AddedLinks::End)).await.expect("made");
    house
        .people
        .follow_password_link(&link.token, &secret(OTHER), &Peer::default())
        .await
        .expect("set");
    let form = LoginForm { name: "alice".to_owned(), password: secret(OTHER) };
    let entered = house.people.login(form, &Peer::default()).await.expect("the password is right");
    assert!(matches!(entered, Entered::HalfWay { .. }), "{entered:?}");
}

#[tokio::test]
async fn who_was_added_has_no_password_until_they_set_one() {
    let (house, _) = House::open().await;
    let added = house.people.add_person(Actor::Operator, "Ada", None).await.expect("added");
    for guess in [GOOD, "none", "", " "] {
        let Ok(password) = Secret::parse(guess) else { continue };
        let form = LoginForm { name: "ada".to_owned(), password };
        assert!(house.people.login(form, &Peer::default()).await.is_err(), "{guess:?}");
    }
    let taken = house.people.add_person(Actor::Operator, "ADA", None).await;
    assert_eq!(refusal(taken), "name-taken");
    let password = secret(OTHER);
    house
        .people
        .follow_password_link(&added.link.token, &password, &Peer::default())
        .await
        .expect("set");
    let ada = house.login("ada", OTHER).await.expect("signed in").person;
    assert_eq!(ada.uid(), &added.uid);
    let grants = house.people.grants_for(&ada).await.expect("grants");
    let expected =
        ["RegularUserRole shared/".to_owned(), format!("S3AccessRole home/{}/", added.uid)];
    assert_eq!(super::rights(&grants), expected, "as every new person");
}

#[tokio::test]
async fn a_link_ends_with_the_rights_of_the_administrator_who_made_it_and_stays_void() {
    let (house, root) = House::open().await;
    let alice = house.somebody("alice").await.person;
    let held = house.ledger.grants_of(root.uid()).await.expect("read");
    let administration = held.into_iter().find(|grant| grant.role.as_str() == "AdminRole");
    let grant = |uid: &wh_names::Uid| wh_ledger::GrantRow {
        id: wh_ledger::RowId::generate(house.now(), &super::entropy()),
        subject: wh_ledger::GrantSubject::Person(uid.clone()),
        ..administration.clone().expect("a grant")
    };
    let follow = async |link: &PasswordLink| {
        let (password, peer) = (secret(OTHER), Peer::default());
        house.people.follow_password_link(&link.token, &password, &peer).await
    };
    let bob = house.somebody("bob").await;
    let uid = bob.person.uid().clone();
    let given = grant(&uid);
    house.ledger.insert_grant(&given).await.expect("given");
    let made = async || {
        let bob = super::proven(&house.login("bob", GOOD).await.expect("signed in").person);
        let link = house
            .people
            .make_password_link(Actor::Administrator(&bob), (alice.uid(), AddedLinks::End))
            .await;
        link.expect("made")
    };
    let link = made().await;
    house.people.remove_grant(&root, given.id.as_str()).await.expect("taken away");
    assert!(matches!(follow(&link).await, Err(PasswordLinkError::Refused)), "no administrator");
    house.ledger.insert_grant(&given).await.expect("given again");
    assert!(matches!(follow(&link).await, Err(PasswordLinkError::Refused)), "it stays void");
    let link = made().await;
    house.people.disable(&root, &uid).await.expect("disabled");
    house.people.enable(&root, &uid).await.expect("enabled");
    assert!(matches!(follow(&link).await, Err(PasswordLinkError::Refused)), "shut out since");
    let link = made().await;
    assert_eq!(&follow(&link).await.expect("an administrator's"), alice.uid());
}

#[tokio::test]
async fn no_link_is_made_for_somebody_who_is_shut_out() {
    let (house, root) = House::open().await;
    let alice = house.somebody("alice").await.person;
    house.people.disable(&root, alice.uid()).await.expect("disabled");
    for actor in [Actor::Administrator(&root), Actor::Operator] {
        let refused = house.people.make_password_link(actor, (alice.uid(), AddedLinks::End)).await;
        let refused = refused.expect_err("no link");
        assert_eq!(refused.code(), "person-disabled");
        assert!(refused.to_string().contains("enable them first"), "{refused}");
    }
}
