//! Second factors: what it takes to have one, to use one, and to be rid of one.

use std::net::IpAddr;

use jiff::SignedDuration;
use wh_ledger::{AuditKind, ProofKind};
use wh_names::Secret;
use zeroize::Zeroizing;

use crate::seed::Seed;
use crate::tests::{CHEAP, GOOD, House, OTHER, proven, secret};
use crate::*;

/// A person with a second factor, and what makes its codes.
pub(super) struct Enrolled {
    pub(super) session: SignedIn,
    pub(super) seed: Seed,
    codes: Vec<Secret>,
}

impl Enrolled {
    pub(super) fn session(&self) -> &SignedIn {
        &self.session
    }

    pub(super) fn code_at(&self, now: jiff::Timestamp) -> Secret {
        self.seed.code_at(now)
    }
}

impl House {
    /// Sets a second factor up in this session.
    pub(super) async fn enrol(&self, session: SignedIn) -> Enrolled {
        let peer = Peer::default();
        let person = Proven::try_from(session.person).expect("a fresh proof");
        let offer = self.people.offer_second_factor(&person, &peer).await.expect("offered");
        let name = person.person().name().to_owned();
        let seed = seed_of(&name, &offer.secret);
        let code = seed.code_at(self.now());
        let done = self.people.confirm_second_factor(person.person(), &code, &peer).await;
        let EnrolledFactor { session, codes } = done.expect("confirmed");
        self.pass(SignedDuration::from_secs(30));
        Enrolled { session, seed, codes }
    }

    async fn half_way(&self, name: &str) -> SignInToken {
        let form = LoginForm { name: name.to_owned(), password: secret(GOOD) };
        match self.people.login(form, &Peer::default()).await.expect("half-way") {
            Entered::HalfWay { token, .. } => token,
            entered @ (Entered::SignedIn(_) | Entered::LongerPassword { .. }) => {
                panic!("{entered:?}")
            }
        }
    }

    async fn finish(&self, token: &SignInToken, code: FactorCode) -> Result<SignedIn, ProofError> {
        self.people.finish_login(token, &code, &Peer::default()).await
    }

    async fn prove(&self, person: &Person, proof: Proof) -> Result<SignedIn, ProofError> {
        self.people.prove(person, &proof, &Peer::default()).await
    }

    /// The operations in the trail, the newest first, with `!` before those that were refused.
    async fn trail(&self) -> Vec<String> {
        let trail = self.ledger.audit_recent(None, 99).await.expect("read");
        let told = trail.iter().map(|entry| match entry.record.kind {
            AuditKind::Intent => entry.record.operation.clone(),
            AuditKind::Refusal => format!("!{}", entry.record.operation),
        });
        told.collect()
    }
}

/// What an authenticator makes of the base32 that was shown.
fn seed_of(name: &str, base32: &Secret) -> Seed {
    let bytes = totp_rs::Secret::try_from_base32(base32.expose()).expect("base32");
    Seed::of(name, Zeroizing::new(bytes.as_bytes().to_vec())).expect("a seed")
}

fn totp(code: Secret) -> FactorCode {
    FactorCode::Totp(code)
}

fn recovery(code: &Secret) -> FactorCode {
    FactorCode::Recovery(code.clone())
}

#[tokio::test]
async fn a_second_factor_counts_once_it_is_confirmed_and_then_the_password_opens_nothing() {
    let (house, _) = House::open().await;
    let alice = house.somebody("alice").await;
    let person = Proven::try_from(alice.person.clone()).expect("just signed in");
    let offer = house.people.offer_second_factor(&person, &Peer::default()).await.expect("offered");
    assert!(house.login("alice", GOOD).await.is_ok(), "an offer changes nothing");
    let (code, peer) = (secret("000000"), Peer::default());
    let wrong = house.people.confirm_second_factor(&alice.person, &code, &peer);
    let wrong = wrong.await.map(drop).expect_err("a refusal");
    assert_eq!(wrong.code(), "code-refused");
    let rows = house.ledger.offered_second_factor(alice.person.uid(), house.now()).await;
    assert_ne!(rows.expect("read").expect("an offer"), offer.secret.expose());

    let alice = house.enrol(alice).await;
    assert!(alice.session.person.has_second_factor());
    assert_eq!(alice.codes.len(), 10);
    let token = house.half_way("alice").await;
    let session = SessionToken::parse(token.expose()).expect("the same shape");
    assert!(!house.is_signed_in(&session).await, "half-way is no session");
    let code = alice.seed.code_at(house.now());
    let done = house.finish(&token, totp(code)).await.expect("signed in");
    assert!(house.is_signed_in(&done.token).await);
    assert!(house.is_signed_in(&alice.session.token).await, "the other session goes on");
    let state = house.people.second_factor(&done.person).await.expect("read");
    assert_eq!(state.codes_left, 10);
    let trail = house.trail().await;
    let (offer, confirm) = ("OfferSecondFactor", "ConfirmSecondFactor");
    let expected = ["SignInBySecondFactor", confirm, offer, "!ConfirmSecondFactor", offer];
    assert_eq!(trail, expected);
}

#[tokio::test]
async fn a_wrong_code_a_used_one_and_somebody_elses_get_the_same_answer() {
    let (house, _) = House::open().await;
    let alice = house.somebody("alice").await;
    let alice = house.enrol(alice).await;
    let bob = house.somebody("bob").await;
    let bob = house.enrol(bob).await;
    let now = alice.seed.code_at(house.now());
    let token = house.half_way("alice").await;
    drop(house.finish(&token, totp(now.clone())).await.expect("signed in"));
    let token = house.half_way("alice").await;
    drop(house.finish(&token, recovery(&alice.codes[0])).await.expect("signed in"));
    let earlier = alice.seed.code_at(house.now() - SignedDuration::from_secs(30));
    for code in [
        totp(now),
        totp(earlier),
        totp(secret("x")),
        totp(bob.seed.code_at(house.now())),
        recovery(&alice.codes[0]),
        recovery(&bob.codes[0]),
        recovery(&secret("no code at all")),
        totp(alice.codes[1].clone()),
    ] {
        let token = house.half_way("alice").await;
        let error = house.finish(&token, code).await.expect_err("a refusal");
        assert!(matches!(error, ProofError::Refused), "{error:?}");
        assert_eq!(error.to_string(), "the code is not right, or was used already");
    }
    house.pass(SignedDuration::from_mins(2));
    let token = house.half_way("alice").await;
    let next = alice.seed.code_at(house.now());
    drop(house.finish(&token, totp(next)).await.expect("signed in"));
}

#[tokio::test]
async fn a_sign_in_that_waits_ends_after_five_minutes_or_five_codes() {
    let (house, root) = House::open().await;
    let alice = house.somebody("alice").await;
    let uid = alice.person.uid().clone();
    let alice = house.enrol(alice).await;
    let code = |house: &House| totp(alice.seed.code_at(house.now()));
    let over = async |token: &SignInToken| {
        let error = house.finish(token, code(&house)).await.expect_err("a refusal");
        assert!(matches!(error, ProofError::Over), "{error:?}");
    };
    let late = house.half_way("alice").await;
    house.pass(SignedDuration::from_mins(5));
    over(&late).await;
    over(&SignInToken::parse(&"0".repeat(64)).expect("a token")).await;
    let tried = house.half_way("alice").await;
    for _ in 0..5 {
        let error = house.finish(&tried, totp(secret("000000"))).await.expect_err("a refusal");
        assert!(matches!(error, ProofError::Refused), "{error:?}");
    }
    over(&tried).await;
    let token = house.half_way("alice").await;
    house.people.end_sessions(&root, &uid).await.expect("ended");
    over(&token).await;
    let token = house.half_way("alice").await;
    let spent = house.finish(&token, code(&house)).await.expect("signed in");
    over(&token).await;
    house.people.disable(&root, spent.person.uid()).await.expect("disabled");
}

#[tokio::test]
async fn guessing_codes_is_slowed_down_however_often_the_password_is_right() {
    let (house, _) = House::open().await;
    let alice = house.somebody("alice").await;
    let alice = house.enrol(alice).await;
    let peer = |last: u8| Peer { ip: Some(IpAddr::from([192, 0, 2, last])), ..Peer::default() };
    let guess = async |last: u8| {
        let token = house.half_way("alice").await;
        let code = totp(secret("000000"));
        house.people.finish_login(&token, &code, &peer(last)).await.expect_err("a refusal")
    };
    for last in 0..8 {
        assert!(matches!(guess(last).await, ProofError::Refused), "{last}");
    }
    assert!(matches!(guess(9).await, ProofError::Throttled { .. }), "whatever the address");
    house.pass(SignedDuration::from_mins(16));
    let token = house.half_way("alice").await;
    let code = totp(alice.seed.code_at(house.now()));
    drop(house.finish(&token, code).await.expect("nobody is shut out for good"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_use_one_code_at_once_exactly_one_is_signed_in() {
    let (house, _) = House::open().await;
    let alice = house.somebody("alice").await;
    let alice = house.enrol(alice).await;
    let mut tokens = Vec::new();
    for _ in 0..50 {
        tokens.push(house.half_way("alice").await);
    }
    let mut tasks = tokio::task::JoinSet::new();
    for token in tokens {
        let (people, code) = (house.people.clone(), alice.seed.code_at(house.now()));
        tasks
            .spawn(async move { people.finish_login(&token, &totp(code), &Peer::default()).await });
    }
    let results = tasks.join_all().await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
}

#[tokio::test]
async fn a_proof_is_fresh_for_ten_minutes_and_the_strongest_that_somebody_has() {
    let (house, root) = House::open().await;
    let root = root.administrator().person().clone();
    assert!(Proven::try_from(root.clone()).is_ok(), "just signed in");
    let again = async |token: &SessionToken| house.people.recognise(token).await.expect("here");
    let session = house.login("root", GOOD).await.expect("signed in");
    house.pass(SignedDuration::from_mins(10));
    let stale = again(&session.token).await;
    assert!(Proven::try_from(stale.clone()).is_err());
    let administrator = stale.administrator().expect("still an administrator");
    assert!(ProvenAdministrator::try_from(administrator).is_err());
    let wrong = house.prove(&stale, Proof::Password(secret(OTHER))).await.expect_err("a refusal");
    assert!(matches!(wrong, ProofError::PasswordWrong), "{wrong:?}");
    let none = house.prove(&stale, Proof::Factor(totp(secret("000000")))).await;
    assert!(matches!(none.expect_err("a refusal"), ProofError::Refused));
    let fresh = house.prove(&stale, Proof::Password(secret(GOOD))).await.expect("proved");
    assert!(!house.is_signed_in(&session.token).await, "the session has another token now");
    assert_eq!(fresh.person.session_id(), stale.session_id(), "and is the same");
    assert!(!house.ledger.session_revoked(stale.session_id()));
    assert_eq!(fresh.person.expires(), stale.expires(), "it does not live longer");

    let by_password = house.login("root", GOOD).await.expect("signed in");
    let enrolled = house.enrol(fresh).await;
    assert!(!house.is_signed_in(&by_password.token).await, "one that began by the password ends");
    let (seed, codes) = (&enrolled.seed, &enrolled.codes);
    assert!(Proven::try_from(enrolled.session.person.clone()).is_ok(), "the code was a proof");
    house.pass(SignedDuration::from_mins(10));
    let stale = again(&enrolled.session.token).await;
    let password = house.prove(&stale, Proof::Password(secret(GOOD))).await;
    assert!(matches!(password.expect_err("a refusal"), ProofError::SecondFactorNeeded));
    let change = house
        .people
        .change_password(&stale, &secret(GOOD), (&secret(OTHER), Programs::Keep), &Peer::default())
        .await;
    assert_eq!(change.map(drop).expect_err("a refusal").code(), "step-up-needed");
    let code = || Proof::Factor(totp(seed.code_at(house.now())));
    let fresh = house.prove(&stale, code()).await.expect("proved");
    assert_eq!(fresh.person.proved_by(), ProofKind::Totp);
    let used = house.prove(&fresh.person, code()).await.expect_err("a refusal");
    assert!(matches!(used, ProofError::Refused), "{used:?}");
    assert!(house.is_signed_in(&fresh.token).await, "a refusal changes nothing");
    let next =
        house.prove(&fresh.person, Proof::Factor(recovery(&codes[3]))).await.expect("proved");
    assert!(proven(&next.person).uid() == root.uid());
}

#[tokio::test]
async fn recovery_codes_are_replaced_as_a_whole_and_a_factor_can_be_removed_and_reset() {
    let (house, root) = House::open().await;
    let peer = Peer::default();
    let alice = house.somebody("alice").await;
    let uid = alice.person.uid().clone();
    let none = house
        .people
        .reset_second_factor(&root, (&uid, AddedLinks::End), &peer)
        .await
        .expect_err("none");
    assert_eq!(none.code(), "second-factor-not-set");
    let alice = house.enrol(alice).await;
    let person = Proven::try_from(alice.session.person.clone()).expect("a fresh proof");
    let fresh = house.people.replace_recovery_codes(&person, &peer).await.expect("replaced");
    let token = house.half_way("alice").await;
    let old = house.finish(&token, recovery(&alice.codes[0])).await.expect_err("a refusal");
    assert!(matches!(old, ProofError::Refused), "{old:?}");
    let elsewhere = house.finish(&token, recovery(&fresh[0])).await.expect("signed in");

    house.people.remove_second_factor(&person, &peer).await.expect("removed");
    assert!(!house.is_signed_in(&elsewhere.token).await, "removing ends the others");
    assert!(house.ledger.session_revoked(elsewhere.person.session_id()));
    let none = house.people.remove_second_factor(&person, &peer).await.expect_err("none");
    assert_eq!(none.code(), "second-factor-not-set");
    assert!(house.is_signed_in(&alice.session.token).await, "and not this one");
    let alice = house.login("alice", GOOD).await.expect("the password is enough again");
    let alice = house.enrol(alice).await;
    house.people.reset_second_factor(&root, (&uid, AddedLinks::End), &peer).await.expect("reset");
    assert!(!house.is_signed_in(&alice.session.token).await, "a reset ends every session");
    drop(house.login("alice", GOOD).await.expect("the password is enough again"));
    let persons = house.people.list_persons(root.administrator()).await.expect("persons");
    assert!(persons.iter().all(|person| !person.second_factor));
}

#[tokio::test]
async fn an_administrator_without_a_second_factor_administers_nothing_where_it_is_required() {
    let house = House::under(CHEAP, FactorRule::Required).await;
    let root = house.set_up(RegistrationMode::Open).await;
    assert!(root.person.is_administrator() && root.person.second_factor_required());
    let refused = root.person.administrator().expect_err("a refusal");
    assert_eq!(refused, NotAdministrator::SecondFactorMissing);
    let alice = house.somebody("alice").await;
    assert!(!alice.person.second_factor_required());
    assert_eq!(alice.person.administrator().expect_err("a refusal"), NotAdministrator::NoGrant);
    let root = house.enrol(root).await;
    let administrator = proven(&root.session.person);
    house.people.disable(&administrator, alice.person.uid()).await.expect("disabled");
    let person = Proven::try_from(root.session.person).expect("a fresh proof");
    house.people.remove_second_factor(&person, &Peer::default()).await.expect("removed");
    let root = house.people.recognise(&root.session.token).await.expect("still here");
    assert!(root.administrator().is_err());
}

#[tokio::test]
async fn where_everybody_needs_a_factor_a_person_reaches_their_account_alone_without_one() {
    let house = House::under(CHEAP, FactorRule::Everybody).await;
    drop(house.set_up(RegistrationMode::Open).await);
    let alice = house.somebody("alice").await;
    assert!(alice.person.second_factor_required() && alice.person.reaches_account_alone());
    let alice = house.enrol(alice).await;
    assert!(!alice.session.person.reaches_account_alone());
}

/// Eight characters: enough beside a second factor.
const SHORT: &str = "wry eel!";

#[tokio::test]
async fn a_short_password_is_taken_where_a_second_factor_is_asked_for_always() {
    let (house, _) = House::open().await;
    let alice = house.somebody("alice").await;
    let (good, short, peer) = (secret(GOOD), secret(SHORT), Peer::default());
    let early =
        house.people.change_password(&alice.person, &good, (&short, Programs::Keep), &peer).await;
    assert_eq!(early.map(drop).expect_err("alone").code(), "password-too-short");
    let alice = house.enrol(alice).await;
    let changed = house
        .people
        .change_password(&alice.session.person, &good, (&short, Programs::Keep), &peer)
        .await;
    drop(changed.expect("the factor was proved just now"));
    let form = LoginForm { name: "alice".to_owned(), password: secret(SHORT) };
    let entered = house.people.login(form, &peer).await.expect("the password is right");
    let Entered::HalfWay { token, .. } = entered else { panic!("{entered:?}") };
    let done = house.finish(&token, totp(alice.seed.code_at(house.now()))).await;
    assert!(house.is_signed_in(&done.expect("signed in").token).await);
}

#[tokio::test]
async fn who_must_have_a_factor_and_has_none_yet_signs_in_by_a_long_password() {
    let house = House::under(CHEAP, FactorRule::Required).await;
    let root = house.set_up(RegistrationMode::Open).await;
    assert!(root.person.second_factor_required());
    let (good, short, peer) = (secret(GOOD), secret(SHORT), Peer::default());
    let early =
        house.people.change_password(&root.person, &good, (&short, Programs::Keep), &peer).await;
    assert_eq!(early.map(drop).expect_err("alone").code(), "password-too-short");
}

#[tokio::test]
async fn a_short_password_opens_nothing_once_the_factor_is_gone_but_the_way_to_a_longer_one() {
    let (house, root) = House::open().await;
    let alice = house.somebody("alice").await;
    let alice = house.enrol(alice).await;
    let (good, short, peer) = (secret(GOOD), secret(SHORT), Peer::default());
    let changed = house
        .people
        .change_password(&alice.session.person, &good, (&short, Programs::Keep), &peer)
        .await;
    let person = changed.expect("changed").person;
    let proven = Proven::try_from(person.clone()).expect("fresh");
    house.people.remove_second_factor(&proven, &peer).await.expect("taken away");
    // The session goes on; what a password proves in it, this one does not.
    let row = house.ledger.sessions_of(person.uid()).await.expect("read");
    assert_eq!(row.len(), 1);
    let tried = house.prove(&person, Proof::Password(secret(SHORT))).await;
    assert_eq!(tried.map(drop).expect_err("too little").code(), "password-too-short-alone");

    let entered = house.people.login(form_of(SHORT), &peer).await.expect("the password is right");
    let Entered::LongerPassword { link, uid } = entered else { panic!("{entered:?}") };
    assert_eq!(&uid, person.uid());
    assert_eq!(house.ledger.sessions_of(&uid).await.expect("read").len(), 1, "nobody came in");
    let again = house.people.follow_password_link(&link.token, &short, &peer).await;
    assert_eq!(again.expect_err("short").code(), "password-too-short");
    let long = secret(OTHER);
    house.people.follow_password_link(&link.token, &long, &peer).await.expect("set");
    drop(house.login("alice", OTHER).await.expect("the long one signs in"));

    // And after an administrator's reset.
    let alice = house.login("alice", OTHER).await.expect("signed in");
    let alice = house.enrol(alice).await;
    let changed = house
        .people
        .change_password(&alice.session.person, &long, (&short, Programs::Keep), &peer)
        .await;
    drop(changed.expect("changed"));
    house.people.reset_second_factor(&root, (&uid, AddedLinks::End), &peer).await.expect("reset");
    let entered = house.people.login(form_of(SHORT), &peer).await.expect("the password is right");
    assert!(matches!(entered, Entered::LongerPassword { .. }), "{entered:?}");
    // A password that was changed in the meantime gives no link.
    let old = wh_ledger::PasswordPhc::from_phc("the one before");
    let (_link, kept) = house.people.draw_link(None, PASSWORD_LINK_LIFE);
    let late = house.ledger.put_password_link_by((&uid, &old), &kept).await;
    assert!(!late.expect("asked"));
}

fn form_of(password: &str) -> LoginForm {
    LoginForm { name: "alice".to_owned(), password: secret(password) }
}
