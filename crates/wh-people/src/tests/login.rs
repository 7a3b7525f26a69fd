//! Signing in: what a stranger learns, and how fast they may guess.

use std::net::IpAddr;

use jiff::SignedDuration;

use crate::tests::{GOOD, House, OTHER, secret};
use crate::{LoginError, LoginForm, Peer, RegistrationMode};

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_get_the_same_answer_for_the_same_work() {
    let (house, _) = House::open().await;
    house.register("alice").await.expect("registered");
    let long = "x".repeat(300);
    for (name, password) in [
        ("alice", OTHER),
        ("nobody", OTHER),
        ("", OTHER),
        ("a/b\0", OTHER),
        ("аlice", GOOD),
        ("alice", &long),
        ("nobody", &long),
    ] {
        let before = house.people.hasher().done();
        let error = house.login(name, password).await.expect_err("a refusal");
        assert!(matches!(error, LoginError::Refused), "{name} {error:?}");
        assert_eq!(error.to_string(), "the name or the password is wrong");
        assert_eq!(house.people.hasher().done() - before, 1, "{name}: one hash was computed");
    }
}

#[tokio::test]
async fn a_name_in_another_form_signs_the_same_person_in() {
    let (house, _) = House::open().await;
    let alice = house.somebody("Alice").await;
    let again = house.login(" ａLICE ", GOOD).await.expect("signed in");
    assert_eq!(again.person.uid(), alice.person.uid());
    assert_eq!(again.person.name(), "Alice");
}

#[tokio::test]
async fn how_a_person_stands_is_told_only_to_whoever_knows_their_password() {
    let house = House::new().await;
    let root = house.set_up(RegistrationMode::Approval).await.person;
    let root = super::proven(&root);
    let paula = super::uid_of(&house.register("paula").await.expect("registered"));
    assert!(matches!(house.login("paula", OTHER).await, Err(LoginError::Refused)));
    assert!(matches!(house.login("paula", GOOD).await, Err(LoginError::AwaitingApproval)));
    house.people.approve(&root, &paula).await.expect("approved");
    house.people.disable(&root, &paula).await.expect("disabled");
    assert!(matches!(house.login("paula", OTHER).await, Err(LoginError::Refused)));
    assert!(matches!(house.login("paula", GOOD).await, Err(LoginError::Disabled)));
}

/// Tries a wrong password; says how long to wait if it was not even looked at.
async fn guess_wrongly(house: &House, name: &str) -> Option<SignedDuration> {
    match house.login(name, OTHER).await {
        Err(LoginError::Refused) => None,
        Err(LoginError::Throttled { retry_after }) => retry_after.try_into().ok(),
        other => panic!("{other:?}"),
    }
}

/// Guesses 24 times, waiting as told; says how many seconds each wait was.
async fn waits_while_guessing(house: &House, name: &str) -> Vec<i64> {
    let mut waits = Vec::new();
    for _ in 0..24 {
        let Some(wait) = guess_wrongly(house, name).await else { continue };
        let again = guess_wrongly(house, name).await;
        assert_eq!(again, Some(wait), "asking while closed changes nothing");
        waits.push(wait.as_secs());
        house.pass(wait);
    }
    waits
}

#[tokio::test]
async fn guessing_at_one_name_is_slowed_down_whether_the_name_exists_or_not() {
    let (house, _) = House::open().await;
    house.register("alice").await.expect("registered");
    for name in ["alice", "nobody"] {
        let waits = waits_while_guessing(&house, name).await;
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128], "{name}");
    }
    assert!(matches!(house.login("alice", GOOD).await, Err(LoginError::Throttled { .. })));
    house.pass(SignedDuration::from_mins(16));
    assert!(house.login("alice", GOOD).await.is_ok(), "nobody is shut out for good");
    assert!(matches!(house.login("alice", OTHER).await, Err(LoginError::Refused)));
}

#[tokio::test]
async fn guessing_from_one_address_is_slowed_down_over_many_names() {
    let (house, _) = House::open().await;
    let peer = |ip: &str| Peer { ip: Some(ip.parse::<IpAddr>().expect("ip")), ..Peer::default() };
    let attempt = async |n: u32, ip: &str| {
        let form = LoginForm { name: format!("nobody {n}"), password: secret(OTHER) };
        house.people.login(form, &peer(ip)).await.expect_err("a refusal")
    };
    for n in 0..40 {
        // One network of IPv6 is one address.
        let error = attempt(n, &format!("2001:db8::{n:x}")).await;
        assert!(matches!(error, LoginError::Refused), "{n} {error:?}");
    }
    assert!(matches!(attempt(40, "2001:db8::ffff").await, LoginError::Throttled { .. }));
    assert!(matches!(attempt(41, "2001:db8:0:1::1").await, LoginError::Refused));
    assert!(matches!(attempt(42, "192.0.2.1").await, LoginError::Refused));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_made_at_the_same_time_count_as_if_made_one_by_one() {
    let (house, _) = House::open().await;
    house.register("alice").await.expect("registered");
    let before = house.people.hasher().done();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let people = house.people.clone();
        tasks.spawn(async move {
            let form = LoginForm { name: "alice".to_owned(), password: secret(OTHER) };
            people.login(form, &Peer::default()).await.map(drop)
        });
    }
    let results = tasks.join_all().await;
    let throttled = |r: &Result<(), _>| matches!(r, Err(LoginError::Throttled { .. }));
    assert_eq!(results.iter().filter(|r| throttled(r)).count(), 42);
    assert_eq!(house.people.hasher().done() - before, 8, "the throttle comes before the hash");
}
