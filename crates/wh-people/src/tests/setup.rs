//! Set-up: once, by whoever holds the token.

use jiff::SignedDuration;
use wh_names::Secret;

use crate::tests::{GOOD, House, entropy, rights, secret, setup_form};
use crate::{Peer, RegistrationMode, SetupError};

#[tokio::test]
async fn set_up_makes_an_administrator_once() {
    let house = House::new().await;
    assert!(house.people.setup_needed().await.expect("an answer"));
    let root = house.set_up(RegistrationMode::Approval).await;
    assert!(!house.people.setup_needed().await.expect("an answer"));
    assert!(root.person.is_administrator());
    assert!(house.is_signed_in(&root.token).await);
    let mode = house.people.registration_mode().await.expect("a mode");
    assert_eq!(mode, RegistrationMode::Approval);
    let grants = house.people.grants_for(&root.person).await.expect("grants");
    let home = format!("S3AccessRole home/{}/", root.person.uid());
    assert_eq!(
        rights(&grants),
        ["AdminRole ".to_owned(), "RegularUserRole shared/".to_owned(), home]
    );

    let token = house.people.issue_setup_token().await.expect("a token");
    let mut form = setup_form(token, RegistrationMode::Open);
    form.name = "mallory".to_owned();
    let again = house.people.complete_setup(form, &Peer::default()).await;
    assert!(matches!(again, Err(SetupError::AlreadyDone)), "{again:?}");
}

#[tokio::test]
async fn a_token_that_was_guessed_replaced_or_kept_too_long_opens_nothing() {
    let house = House::new().await;
    let check = async |token: Secret| {
        let refused = house
            .people
            .complete_setup(setup_form(token, RegistrationMode::Open), &Peer::default())
            .await;
        assert!(matches!(refused, Err(SetupError::TokenRefused)), "{refused:?}");
    };
    check(secret("0")).await;
    check(Secret::random(&entropy())).await;
    let first = house.people.issue_setup_token().await.expect("a token");
    let second = house.people.issue_setup_token().await.expect("a token");
    check(first).await;
    house.pass(SignedDuration::from_hours(24));
    check(second).await;
    assert_eq!(house.people.hasher().done(), 0, "no guess was worth a hash");
}

#[tokio::test]
async fn a_form_that_cannot_stand_does_not_spend_the_token() {
    let house = House::new().await;
    let token = house.people.issue_setup_token().await.expect("a token");
    let mut form = setup_form(token.clone(), RegistrationMode::Open);
    form.password = secret("short");
    let refused = house.people.complete_setup(form, &Peer::default()).await.expect_err("a refusal");
    assert_eq!(refused.field(), Some("password"));
    let done = house
        .people
        .complete_setup(setup_form(token, RegistrationMode::Open), &Peer::default())
        .await;
    assert!(done.is_ok(), "{done:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_spend_one_token_at_once_exactly_one_wins() {
    let house = House::new().await;
    let token = house.people.issue_setup_token().await.expect("a token");
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..50 {
        let (people, token) = (house.people.clone(), token.clone());
        let mut form = setup_form(token, RegistrationMode::Closed);
        form.name = format!("pretender {n}");
        tasks.spawn(async move { people.complete_setup(form, &Peer::default()).await });
    }
    let results = tasks.join_all().await;
    let winners: Vec<_> = results.iter().filter_map(|r| r.as_ref().ok()).collect();
    assert_eq!(winners.len(), 1);
    let root = winners[0].person.administrator().expect("an administrator");
    let persons = house.people.list_persons(&root).await.expect("persons");
    assert_eq!(persons.len(), 1);
    assert!(house.login(&persons[0].name, GOOD).await.is_ok());
}
