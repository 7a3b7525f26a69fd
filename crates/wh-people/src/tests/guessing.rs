//! Guessing: how far a script comes, and that whoever it is aimed at comes in all the same.

use std::net::{IpAddr, Ipv6Addr};

use jiff::SignedDuration;

use crate::tests::{GOOD, House, OTHER, secret};
use crate::*;

/// Somebody at one of many networks.
fn from(network: u64) -> Peer {
    let address = u128::from(0x2001_0db8_0000_0000 + network) << 64 | 1;
    Peer { ip: Some(IpAddr::from(Ipv6Addr::from(address))), ..Peer::default() }
}

/// The same person's browser.
fn with(device: &DeviceToken) -> Peer {
    Peer { device: Some(device.clone()), ..from(7) }
}

fn form(name: &str, password: &str) -> LoginForm {
    LoginForm { name: name.to_owned(), password: secret(password) }
}

/// Tries wrong passwords, each from the next address and on the next node, and waits as it is told,
/// until it is told to give up. Says how many were judged.
pub(super) async fn stuff(house: &House, nodes: &[&People], name: &str, addresses: u64) -> usize {
    let mut judged = 0;
    for n in 0_u64..5_000 {
        let node = nodes[usize::try_from(n).expect("few") % nodes.len()];
        let guess = form(name, &format!("guess number {n} of a script"));
        match node.login(guess, &from(n % addresses)).await {
            Err(LoginError::Refused) => judged += 1,
            Err(LoginError::Throttled { retry_after }) => {
                house.pass(SignedDuration::try_from(retry_after).expect("short"));
            }
            Err(LoginError::Closed) => return judged,
            other => panic!("{other:?}"),
        }
    }
    panic!("nobody said to give up; {judged} were judged");
}

impl House {
    /// A browser in which somebody has signed in by the password.
    async fn device_of(&self, name: &str, peer: &Peer) -> DeviceToken {
        let entered = self.people.login(form(name, GOOD), peer).await.expect("signed in");
        let Entered::SignedIn(session) = entered else { panic!("{entered:?}") };
        self.people.know_device(&session, peer).await.expect("known")
    }

    async fn enters(&self, name: &str, peer: &Peer) -> Result<(), &'static str> {
        let entered = self.people.login(form(name, GOOD), peer).await;
        entered.map(drop).map_err(|error| error.code())
    }
}

#[tokio::test]
async fn a_script_tries_a_hundred_passwords_from_one_address_or_from_a_thousand() {
    for addresses in [1, 1_000] {
        let (house, root) = House::open().await;
        drop(house.somebody("alice").await);
        let device = house.device_of("alice", &from(7)).await;
        let people = &house.people;
        assert_eq!(stuff(&house, &[people], "alice", addresses).await, 100, "{addresses}");
        let strangers = people.login(form("alice", GOOD), &from(99)).await;
        assert!(matches!(strangers, Err(LoginError::Closed)), "right or wrong: {strangers:?}");
        house.pass(SignedDuration::from_hours(48));
        assert_eq!(house.enters("alice", &from(99)).await, Err("password-sign-in-closed"));

        assert_eq!(house.enters("alice", &with(&device)).await, Ok(()), "her own browser");
        assert_eq!(house.enters("alice", &from(99)).await, Err("password-sign-in-closed"));
        assert_eq!(house.enters("root", &from(99)).await, Ok(()), "the others");

        let uid = house.ledger.person_by_name_key("alice").await.expect("read").expect("her").uid;
        let link =
            people.make_password_link(Actor::Administrator(&root), (&uid, AddedLinks::End)).await;
        let (token, new) = (link.expect("made").token, secret(OTHER));
        people.follow_password_link(&token, &new, &from(99)).await.expect("set");
        drop(people.login(form("alice", OTHER), &from(99)).await.expect("open again"));
    }
}

#[tokio::test]
async fn a_name_that_nobody_has_closes_as_one_that_somebody_has() {
    let (house, _) = House::open().await;
    assert_eq!(stuff(&house, &[&house.people], "nobody", 1_000).await, 100);
    let closed = house.people.login(form("nobody", GOOD), &from(7)).await.expect_err("closed");
    assert_eq!(closed.code(), "password-sign-in-closed");
}

#[tokio::test]
async fn many_nodes_take_a_hundred_together() {
    let (house, _) = House::open().await;
    drop(house.somebody("alice").await);
    let other = house.another_node();
    assert_eq!(stuff(&house, &[&house.people, &other], "alice", 1_000).await, 100);
    let closed = other.login(form("alice", GOOD), &from(2_000)).await.expect_err("closed");
    assert_eq!(closed.code(), "password-sign-in-closed");
}

#[tokio::test]
async fn a_sign_in_that_goes_all_the_way_begins_anew() {
    let (house, _) = House::open().await;
    drop(house.somebody("alice").await);
    for _ in 0..3 {
        for n in 0..7 {
            let guess = form("alice", &format!("guess number {n} of somebody"));
            assert!(house.people.login(guess, &from(n)).await.is_err());
        }
        assert_eq!(house.enters("alice", &from(9)).await, Ok(()));
    }
    assert_eq!(stuff(&house, &[&house.people], "alice", 1_000).await, 100);
}

#[tokio::test]
async fn strangers_delays_are_not_those_of_a_known_browser() {
    let (house, _) = House::open().await;
    drop(house.somebody("alice").await);
    let device = house.device_of("alice", &from(7)).await;
    let mut waits = None;
    for n in 0..20 {
        let (guess, peer) = (form("alice", "a guess of some stranger"), from(100 + n));
        if let Err(LoginError::Throttled { retry_after }) = house.people.login(guess, &peer).await {
            waits = Some(retry_after);
        }
    }
    assert!(waits.is_some(), "strangers wait");
    assert_eq!(house.enters("alice", &from(7)).await, Err("throttled"), "by her name");
    assert_eq!(house.enters("alice", &with(&device)).await, Ok(()), "she does not");
}

/// Waits as asked; whether that was too long for the sign-in that is half-way.
fn waits(house: &House, retry_after: std::time::Duration) -> bool {
    house.pass(SignedDuration::try_from(retry_after).expect("short"));
    retry_after.as_secs() > 200
}

#[tokio::test]
async fn wrong_codes_count_with_wrong_passwords_and_a_right_password_takes_nothing_back() {
    let (house, _) = House::open().await;
    let alice = house.somebody("alice").await;
    let alice = house.enrol(alice).await;
    let device = house.people.know_device(alice.session(), &from(7)).await.expect("known");
    let (mut wrong, wrong_code) = (0, FactorCode::Totp(secret("000000")));
    let closed = 'all: loop {
        let peer = from(wrong);
        let token = match house.people.login(form("alice", GOOD), &peer).await {
            Ok(Entered::HalfWay { token, .. }) => token,
            Err(error) => break 'all error.code(),
            other => panic!("{other:?}"),
        };
        loop {
            match house.people.finish_login(&token, &wrong_code, &peer).await {
                Err(ProofError::Refused) => wrong += 1,
                Err(ProofError::Over) => break,
                Err(ProofError::Throttled { retry_after }) if waits(&house, retry_after) => break,
                Err(ProofError::Throttled { .. }) => (),
                Err(error) => break 'all error.code(),
                Ok(session) => panic!("{session:?}"),
            }
        }
    };
    assert_eq!((wrong, closed), (100, "password-sign-in-closed"));
    let entered = house.people.login(form("alice", GOOD), &with(&device)).await.expect("her own");
    let Entered::HalfWay { token, .. } = entered else { panic!("{entered:?}") };
    let code = FactorCode::Totp(alice.code_at(house.now()));
    let done =
        house.people.finish_login(&token, &code, &with(&device)).await.expect("and her code");
    assert!(house.is_signed_in(&done.token).await);
}

#[tokio::test]
async fn a_known_browser_has_a_hundred_of_its_own_and_is_a_strangers_then() {
    let (house, _) = House::open().await;
    drop(house.somebody("alice").await);
    let device = house.device_of("alice", &from(7)).await;
    let mut wrong = 0;
    while wrong < 100 {
        match house.people.login(form("alice", "a guess of a thief"), &with(&device)).await {
            Err(LoginError::Refused) => wrong += 1,
            Err(LoginError::Throttled { .. }) => house.pass(SignedDuration::from_mins(15)),
            other => panic!("{other:?}"),
        }
    }
    house.pass(SignedDuration::from_hours(25));
    assert_eq!(house.enters("alice", &from(9)).await, Ok(()), "elsewhere nothing was counted");
    assert_eq!(stuff(&house, &[&house.people], "alice", 1_000).await, 100);
    let thief = house.people.login(form("alice", GOOD), &with(&device)).await.expect_err("used up");
    assert_eq!(thief.code(), "password-sign-in-closed");
}

#[tokio::test]
async fn a_browser_is_known_of_whom_it_signed_in_until_that_is_long_ago_or_the_password_is_new() {
    let (house, _) = House::open().await;
    let alice = house.somebody("alice").await;
    drop(house.somebody("mallory").await);
    let first = house.device_of("alice", &from(7)).await;
    let second = house.device_of("alice", &with(&first)).await;
    let mallorys = house.device_of("mallory", &from(8)).await;
    assert_eq!(stuff(&house, &[&house.people], "alice", 1_000).await, 100);
    let closed = Err("password-sign-in-closed");
    assert_eq!(house.enters("alice", &with(&first)).await, closed, "it has another token now");
    assert_eq!(house.enters("alice", &with(&mallorys)).await, closed, "not of hers");
    assert_eq!(house.enters("alice", &with(&second)).await, Ok(()));
    house.pass(SignedDuration::from_hours(180 * 24));
    house.people.sweep().await.expect("swept");
    assert_eq!(house.enters("alice", &with(&second)).await, closed, "that is long ago");
    assert_eq!(house.enters("alice", &from(7)).await, closed, "and nobody has opened it");
    drop(alice);

    let carol = house.somebody("carol").await;
    let device = house.device_of("carol", &from(7)).await;
    let (old, new, peer) = (secret(GOOD), secret(OTHER), with(&device));
    let session =
        house.people.change_password(&carol.person, &old, (&new, Programs::Keep), &peer).await;
    let session = session.expect("changed");
    let fresh = house.people.know_device(&session, &with(&device)).await.expect("known");
    assert_eq!(stuff(&house, &[&house.people], "carol", 1_000).await, 100);
    let old = house.people.login(form("carol", OTHER), &with(&device)).await.expect_err("old");
    assert_eq!(old.code(), "password-sign-in-closed", "whoever knew the old one may have had it");
    drop(house.people.login(form("carol", OTHER), &with(&fresh)).await.expect("her browser"));
}

#[tokio::test]
async fn nobody_is_remembered_for_ever_and_no_more_browsers_than_twenty() {
    let (house, _) = House::open().await;
    drop(house.somebody("alice").await);
    let first = house.device_of("alice", &from(7)).await;
    for n in 0..20 {
        house.pass(SignedDuration::from_mins(1));
        drop(house.device_of("alice", &from(n)).await);
    }
    assert_eq!(stuff(&house, &[&house.people], "alice", 1_000).await, 100);
    assert_eq!(stuff(&house, &[&house.people], "nobody", 1_000).await, 100);
    let closed = Err("password-sign-in-closed");
    assert_eq!(house.enters("alice", &with(&first)).await, closed, "the twenty-first");
    house.pass(SignedDuration::from_hours(30 * 24));
    house.people.sweep().await.expect("swept");
    assert_eq!(house.enters("nobody", &from(7)).await, Err("login-refused"), "forgotten");
    assert_eq!(house.enters("alice", &from(7)).await, closed, "hers is not");
}

#[tokio::test]
async fn who_has_taken_over_a_session_tries_a_hundred_passwords_wherever_it_asks_for_one() {
    let (house, _) = House::open().await;
    let alice = house.somebody("alice").await.person;
    let (mut judged, mut closed) = (0, 0);
    for n in 0..1_000 {
        let (guess, peer) = (secret(&format!("guess number {n} of a thief")), from(n % 9));
        let code = match n % 3 {
            0 => house.people.confirm(&alice, &guess, &peer).await.map(drop).map_err(|e| e.code()),
            1 => {
                let new = secret(OTHER);
                let changed = house
                    .people
                    .change_password(&alice, &guess, (&new, Programs::Keep), &peer)
                    .await;
                changed.map(drop).map_err(|e| e.code())
            }
            _ => {
                let proved = house.people.prove(&alice, &Proof::Password(guess), &peer).await;
                proved.map(drop).map_err(|e| e.code())
            }
        };
        match code.expect_err("a guess") {
            "password-wrong" => judged += 1,
            "throttled" => house.pass(SignedDuration::from_mins(15)),
            "password-sign-in-closed" => closed += 1,
            other => panic!("{other}"),
        }
        if closed == 3 {
            break;
        }
    }
    assert_eq!((judged, closed), (100, 3));
    let right = house.people.confirm(&alice, &secret(GOOD), &from(1)).await.expect_err("closed");
    assert_eq!(right.code(), "password-sign-in-closed", "right or wrong");
    assert_eq!(house.enters("alice", &from(99)).await, Err("password-sign-in-closed"), "one count");
}

/// Tries wrong codes until they are refused unjudged. Says how many were judged, and by what code it ended.
async fn until_unjudged<E: std::fmt::Debug>(
    tries: impl AsyncFn(u64) -> Result<(), E>,
    code: impl Fn(&E) -> &'static str,
) -> (u64, &'static str) {
    for judged in 0..1_000 {
        match tries(judged).await.map_err(|error| code(&error)) {
            Err("code-refused") => (),
            Err(ended) => return (judged, ended),
            Ok(()) => panic!("a guess was right"),
        }
    }
    panic!("nobody said to give up")
}

#[tokio::test]
async fn who_has_taken_over_a_session_tries_a_hundred_codes_wherever_it_asks_for_one() {
    let (house, _) = House::open().await;
    let alice = house.somebody("alice").await;
    let alice = house.enrol(alice).await;
    let (people, person) = (&house.people, &alice.session().person);
    let proven = Proven::try_from(person.clone()).expect("a fresh proof");
    people.offer_second_factor(&proven, &from(1)).await.expect("offered");
    let set_up = async |n: u64| {
        people.confirm_second_factor(person, &secret("000000"), &from(n)).await.map(drop)
    };
    let (mut judged, ended) = until_unjudged(&set_up, SecondFactorError::code).await;
    assert!((1..100).contains(&judged), "{judged}");
    assert_eq!(ended, "throttled");
    let prove = async |n: u64| {
        let guess = secret("000000");
        let guess =
            if n.is_multiple_of(2) { FactorCode::Totp(guess) } else { FactorCode::Recovery(guess) };
        people.prove(person, &Proof::Factor(guess), &from(n)).await.map(drop)
    };
    while judged < 1_000 {
        let (more, ended) = until_unjudged(&prove, ProofError::code).await;
        judged += more;
        match ended {
            "throttled" => house.pass(SignedDuration::from_mins(15)),
            "password-sign-in-closed" => break,
            other => panic!("{other}"),
        }
    }
    assert_eq!(judged, 100, "setting up and proving are one count");
    let right = Proof::Factor(FactorCode::Totp(alice.code_at(house.now())));
    let right = people.prove(person, &right, &from(1)).await.expect_err("closed");
    assert_eq!(right.code(), "password-sign-in-closed", "right or wrong");
    let entered = house.enters("alice", &from(99)).await;
    assert_eq!(entered, Err("password-sign-in-closed"), "and one with those of signing in");
}

#[tokio::test]
async fn a_right_code_within_a_session_takes_back_itself_alone() {
    let (house, _) = House::open().await;
    let alice = house.somebody("alice").await;
    let alice = house.enrol(alice).await;
    let person = &alice.session().person;
    let wrong = Proof::Factor(FactorCode::Totp(secret("000000")));
    for _ in 0..3 {
        assert!(house.people.prove(person, &wrong, &from(1)).await.is_err());
    }
    let right = Proof::Factor(FactorCode::Totp(alice.code_at(house.now())));
    let renewed = house.people.prove(person, &right, &from(1)).await.expect("proved");
    assert_eq!(house.ledger.failures("alice").await.expect("read"), 3);
    assert!(house.is_signed_in(&renewed.token).await);
}
