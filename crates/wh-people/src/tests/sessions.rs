//! Sessions: how they end, and that they do.

use jiff::SignedDuration;
use wh_names::Secret;

use crate::tests::{GOOD, House, OTHER, entropy, secret};
use crate::{
    LoginError, NotSignedIn, PasswordError, Peer, Programs, Proven, SessionError, SessionToken,
};

#[tokio::test]
async fn a_session_is_known_by_its_token_alone_and_only_its_digest_is_kept() {
    let (house, _) = House::open().await;
    let alice = house.somebody("alice").await;
    let person = house.people.recognise(&alice.token).await.expect("alice");
    assert_eq!(person.uid(), alice.person.uid());
    assert_eq!(person.session_id().len(), 8);
    assert!(!alice.token.expose().contains(person.session_id()));
    let stranger = SessionToken::parse(Secret::random(&entropy()).expose()).expect("a token");
    assert!(!house.is_signed_in(&stranger).await);
    for bad in ["", "0", &"g".repeat(64), &"A".repeat(64), &"0".repeat(65)] {
        assert!(SessionToken::parse(bad).is_err(), "{bad}");
    }
    let rows = house.ledger.sessions_of(person.uid()).await.expect("sessions");
    let shown = format!("{rows:?} {alice:?}");
    assert!(!shown.contains(alice.token.expose()), "{shown}");
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_when_it_is_old() {
    let (house, _) = House::open().await;
    let idle = house.somebody("idle").await.token;
    let busy = house.somebody("busy").await.token;
    house.pass(SignedDuration::from_mins(59));
    assert!(house.is_signed_in(&busy).await);
    house.pass(SignedDuration::from_mins(1));
    assert!(!house.is_signed_in(&idle).await, "60 minutes without use");
    for _ in 0..24 {
        assert!(house.is_signed_in(&busy).await);
        house.pass(SignedDuration::from_mins(55));
    }
    house.pass(SignedDuration::from_mins(59));
    assert!(!house.is_signed_in(&busy).await, "24 hours, used or not");
    house.people.sweep().await.expect("swept");
}

#[tokio::test]
async fn logging_out_ends_this_session_and_what_was_issued_for_it() {
    let (house, _) = House::open().await;
    let here = house.somebody("alice").await;
    let there = house.login("alice", GOOD).await.expect("signed in");
    house.people.logout(&here.token).await.expect("out");
    assert!(!house.is_signed_in(&here.token).await);
    assert!(house.ledger.session_revoked(here.person.session_id()));
    assert!(house.is_signed_in(&there.token).await);
    assert!(!house.ledger.session_revoked(there.person.session_id()));
    house.people.logout(&here.token).await.expect("out already");
}

#[tokio::test]
async fn changing_the_password_ends_every_session_and_begins_one() {
    let (house, _) = House::open().await;
    let here = house.somebody("alice").await;
    let there = house.login("alice", GOOD).await.expect("signed in");
    let other = house.somebody("bob").await;
    let issued = house.now();
    let wrong = house
        .people
        .change_password(
            &here.person,
            &secret(OTHER),
            (&secret(OTHER), Programs::Keep),
            &Peer::default(),
        )
        .await;
    assert!(matches!(wrong, Err(PasswordError::Wrong)), "{wrong:?}");
    let short = house
        .people
        .change_password(
            &here.person,
            &secret(GOOD),
            (&secret("short"), Programs::Keep),
            &Peer::default(),
        )
        .await;
    assert_eq!(short.map(drop).expect_err("a refusal").field(), Some("new"));
    assert!(house.is_signed_in(&here.token).await, "nothing has changed yet");

    house.pass(SignedDuration::from_secs(1));
    let next = house
        .people
        .change_password(
            &here.person,
            &secret(GOOD),
            (&secret(OTHER), Programs::Keep),
            &Peer::default(),
        )
        .await;
    let next = next.expect("changed");
    for ended in [&here, &there] {
        assert!(!house.is_signed_in(&ended.token).await);
        assert!(house.ledger.session_revoked(ended.person.session_id()));
    }
    assert!(house.is_signed_in(&next.token).await);
    assert!(house.is_signed_in(&other.token).await);
    let alice = here.person.uid();
    assert!(house.ledger.revoked(alice, issued));
    assert!(!house.ledger.revoked(alice, house.now() + SignedDuration::from_millis(1)));
    assert!(!house.ledger.revoked(other.person.uid(), issued));
    assert!(matches!(house.login("alice", GOOD).await, Err(LoginError::Refused)));
    assert!(house.login("alice", OTHER).await.is_ok());
}

#[tokio::test]
async fn somebody_sees_their_sessions_and_ends_one_or_all_others() {
    let (house, root) = House::open().await;
    let here = house.somebody("alice").await;
    let bob = house.somebody("bob").await;
    house.pass(SignedDuration::from_mins(5));
    let (there, third) = (house.login("alice", GOOD).await, house.login("alice", GOOD).await);
    let (there, third) = (there.expect("signed in"), third.expect("signed in"));
    let ids = async || {
        let sessions = house.people.own_sessions(&here.person).await.expect("read");
        sessions.into_iter().map(|session| session.id).collect::<Vec<_>>()
    };
    assert_eq!(ids().await.len(), 3);
    assert_eq!(ids().await.last().map(String::as_str), Some(here.person.session_id()));
    let me = Proven::try_from(here.person.clone()).expect("a fresh proof");
    let theirs = house.people.end_own_session(&me, bob.person.session_id()).await;
    assert!(matches!(theirs, Err(SessionError::NoSuchSession)), "{theirs:?}");
    assert!(house.is_signed_in(&bob.token).await);
    house.people.end_own_session(&me, there.person.session_id()).await.expect("ended");
    assert!(!house.is_signed_in(&there.token).await);
    assert!(house.ledger.session_revoked(there.person.session_id()));
    let again = house.people.end_own_session(&me, there.person.session_id()).await;
    assert!(matches!(again, Err(SessionError::NoSuchSession)), "{again:?}");
    assert_eq!(house.people.end_other_sessions(&me).await.expect("ended"), 1);
    assert!(!house.is_signed_in(&third.token).await && house.is_signed_in(&here.token).await);
    assert_eq!(ids().await, [here.person.session_id()]);

    let uid = bob.person.uid();
    let seen = house.people.sessions_of(root.administrator(), uid).await.expect("read");
    assert_eq!(seen.len(), 1);
    house.people.end_session_of(&root, uid, &seen[0].id).await.expect("ended");
    assert!(!house.is_signed_in(&bob.token).await);
    house.pass(SignedDuration::from_mins(60));
    assert_eq!(ids().await, [""; 0], "what ended by itself is not shown");
}

#[tokio::test]
async fn a_stolen_session_cannot_guess_the_password() {
    let (house, _) = House::open().await;
    let alice = house.somebody("alice").await;
    for _ in 0..8 {
        let wrong = house
            .people
            .change_password(
                &alice.person,
                &secret(OTHER),
                (&secret(OTHER), Programs::Keep),
                &Peer::default(),
            )
            .await;
        assert!(matches!(wrong, Err(PasswordError::Wrong)), "{wrong:?}");
    }
    let closed = house
        .people
        .change_password(
            &alice.person,
            &secret(GOOD),
            (&secret(OTHER), Programs::Keep),
            &Peer::default(),
        )
        .await;
    assert!(matches!(closed, Err(PasswordError::Throttled { .. })), "{closed:?}");
    assert!(house.login("alice", GOOD).await.is_ok(), "signing in is counted by itself");
}

#[tokio::test]
async fn an_administrator_ends_sessions_at_once() {
    let (house, root) = House::open().await;
    let alice = house.somebody("alice").await;
    let uid = alice.person.uid();
    house.people.end_sessions(&root, uid).await.expect("ended");
    assert!(!house.is_signed_in(&alice.token).await);
    assert!(house.ledger.revoked(uid, house.now()));
    assert!(house.ledger.session_revoked(alice.person.session_id()));
    assert!(house.login("alice", GOOD).await.is_ok(), "alice may come back");
}

#[tokio::test]
async fn disabling_ends_everything_until_the_person_is_let_back() {
    let (house, root) = House::open().await;
    let alice = house.somebody("alice").await;
    let uid = alice.person.uid();
    house.people.disable(&root, uid).await.expect("disabled");
    house.people.disable(&root, uid).await.expect("disabled already");
    assert!(!house.is_signed_in(&alice.token).await);
    let later = house.now() + SignedDuration::from_hours(1);
    assert!(house.ledger.revoked(uid, later), "whatever is issued to alice counts for nothing");
    house.people.enable(&root, uid).await.expect("enabled");
    assert!(!house.is_signed_in(&alice.token).await, "old sessions stay ended");
    assert!(house.ledger.revoked(uid, house.now()));
    assert!(!house.ledger.revoked(uid, later));
    assert!(house.login("alice", GOOD).await.is_ok());
}

#[tokio::test]
async fn a_session_that_began_while_the_password_changed_does_not_begin() {
    let (house, _) = House::open().await;
    let alice = house.somebody("alice").await;
    let stale = house.ledger.person(alice.person.uid()).await.expect("the ledger").expect("alice");
    let changed = house
        .people
        .change_password(
            &alice.person,
            &secret(GOOD),
            (&secret(OTHER), Programs::Keep),
            &Peer::default(),
        )
        .await;
    assert!(changed.is_ok());
    let peer = Peer::default();
    let issued = house.people.issue(&stale, &peer, house.now()).await.expect("an answer");
    assert!(issued.is_none());
}

#[tokio::test]
async fn a_ledger_that_fails_is_not_mistaken_for_nobody() {
    let (house, _) = House::open().await;
    let alice = house.somebody("alice").await;
    house.ledger.close().await;
    let failed = house.people.recognise(&alice.token).await;
    assert!(matches!(failed, Err(NotSignedIn::Ledger(_))), "{failed:?}");
}

#[tokio::test]
async fn what_is_done_on_behalf_of_somebody_is_never_done_as_administrator() {
    let (house, root) = House::open().await;
    let alice = house.somebody("alice").await;
    let absent = house.people.on_behalf_of(root.uid()).await.expect("an answer").expect("root");
    assert!(absent.administrator().is_err());
    let absent = house.people.on_behalf_of(alice.person.uid()).await.expect("an answer");
    let absent = absent.expect("alice");
    assert_eq!(absent.uid(), alice.person.uid());
    assert_ne!(absent.session_id(), alice.person.session_id());
    assert_eq!(house.ledger.sessions_of(absent.uid()).await.expect("read").len(), 1);
    house.people.disable(&root, absent.uid()).await.expect("disabled");
    let nobody = house.people.on_behalf_of(absent.uid()).await.expect("an answer");
    assert!(nobody.is_none(), "who is shut out acts no more");
}

#[tokio::test]
async fn a_session_says_from_where_however_it_began() {
    let house = House::new().await;
    let peer = Peer {
        ip: Some(std::net::IpAddr::from([192, 0, 2, 7])),
        user_agent: Some("Lynx".to_owned()),
        device: None,
    };
    let token = house.people.issue_setup_token().await.expect("a token");
    let form = crate::tests::setup_form(token, crate::RegistrationMode::Open);
    let root = house.people.complete_setup(form, &peer).await.expect("set up").person;
    let place = async || {
        let sessions = house.people.own_sessions(&root).await.expect("read");
        sessions.into_iter().map(|s| (s.ip, s.user_agent)).collect::<Vec<_>>()
    };
    let there = vec![(Some("192.0.2.7".to_owned()), Some("Lynx".to_owned()))];
    assert_eq!(place().await, there);
    let changed = house
        .people
        .change_password(&root, &secret(GOOD), (&secret(OTHER), Programs::Keep), &peer)
        .await;
    drop(changed.expect("changed"));
    assert_eq!(place().await, there);
}

#[tokio::test]
async fn what_was_issued_for_a_session_ends_when_it_ends_by_itself() {
    let (house, _) = House::open().await;
    let alice = house.somebody("alice").await;
    let sid = alice.person.session_id().to_owned();
    house.pass(SignedDuration::from_mins(59));
    house.people.end_idle_sessions().await.expect("looked");
    assert!(!house.ledger.session_revoked(&sid));
    house.pass(SignedDuration::from_mins(1));
    assert_eq!(house.people.end_idle_sessions().await.expect("looked"), 2, "root's too");
    assert!(house.ledger.session_revoked(&sid), "credentials that were given out in its name");

    let busy = house.login("alice", GOOD).await.expect("signed in");
    for _ in 0..24 {
        house.pass(SignedDuration::from_mins(59));
        drop(house.people.recognise(&busy.token).await.expect("in use"));
    }
    house.pass(SignedDuration::from_mins(24));
    assert_eq!(house.people.end_idle_sessions().await.expect("looked"), 1);
    assert!(house.ledger.session_revoked(busy.person.session_id()), "24 hours are over");
}
