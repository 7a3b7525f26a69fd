//! Single sign-on: who comes in by a provider, and what a provider that lies gets.

mod faked;
mod hostile;
#[path = "../../../../wh-issuers/tests/keys/mod.rs"]
mod keys;
mod linking;
mod strength;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::SignedDuration;
use serde_json::{Value, json};
use wh_ledger::MembershipRow;

use super::{CHEAP, House, proven};
use crate::*;
use faked::{Asked, Faked, ISSUER, outbound};

/// Another provider of the same house.
const OTHER_ISSUER: &str = "https://other.example.com";

/// A house with two providers, open to all, set up by `root`.
struct Signing {
    house: House,
    root: ProvenAdministrator,
    main: Faked,
    other: Faked,
}

/// A browser that left for a provider.
struct Left {
    token: SignInToken,
    asked: Asked,
    code: String,
}

impl Signing {
    async fn new() -> Self {
        Self::with(|_| ()).await
    }

    async fn with(change: impl FnOnce(&mut ProviderOptions)) -> Self {
        Self::ruled(FactorRule::Optional, change).await
    }

    async fn ruled(rule: FactorRule, change: impl FnOnce(&mut ProviderOptions)) -> Self {
        let millis = Arc::new(AtomicI64::new(1_800_000_000_000));
        let clock = |millis: &Arc<AtomicI64>| {
            let millis = Arc::clone(millis);
            move || millis.load(Ordering::Relaxed) / 1_000
        };
        let main = Faked::new(clock(&millis), ISSUER);
        let other = Faked::new(clock(&millis), OTHER_ISSUER);
        let mut options = main.options("main");
        change(&mut options);
        let providers = [options, other.options("other")].map(|o| Provider::new(o).expect("good"));
        let outbound = outbound(vec![main.clone(), other.clone()]);
        let sign_on =
            SignOnOptions { providers: providers.into(), outbound, ..SignOnOptions::default() };
        let rules = (CHEAP, rule, (PasswordRules::default(), Mailing::NotSetUp));
        let house = House::over(millis, rules, sign_on).await;
        let root = house.set_up(RegistrationMode::Open).await;
        let root = proven(&root.person);
        for group in ["Finance", "Operations"] {
            house.people.make_group(&root, group).await.expect("a group");
        }
        Self { house, root, main, other }
    }

    fn people(&self) -> &People {
        &self.house.people
    }

    async fn admit(&self, registration: RegistrationMode, domains: &[&str]) {
        let domains = domains.iter().map(|&domain| domain.to_owned()).collect();
        let settings = Settings { registration, homes: true, domains, mail_check: false };
        self.people().set_settings(&self.root, settings).await.expect("set");
    }

    /// Leaves for a provider to sign in; who is there signs in.
    async fn leave(&self, provider: &str) -> Left {
        let left = self.people().leave_to_sign_in(provider, Some("/files"), &Peer::default()).await;
        self.gone(provider, left.expect("a departure"))
    }

    fn gone(&self, provider: &str, departure: Departure) -> Left {
        let asked = Asked::of(&departure.location);
        let faked = if provider == "main" { &self.main } else { &self.other };
        let code = faked.sign_in(&asked);
        Left { token: departure.token, asked, code }
    }

    async fn arrive(&self, provider: &str, left: &Left) -> Result<Arrived, ProviderError> {
        self.arrive_as(provider, left, None).await
    }

    async fn arrive_as(
        &self,
        provider: &str,
        left: &Left,
        person: Option<&Person>,
    ) -> Result<Arrived, ProviderError> {
        let answer = answer(left);
        let who = (&left.token, person);
        self.people().arrive((provider, &answer), who, &Peer::default()).await
    }

    /// Signs in by a provider, from leaving to coming back.
    async fn enter(&self, provider: &str) -> Result<SignedIn, ProviderError> {
        let left = self.leave(provider).await;
        let arrived = self.arrive(provider, &left).await?;
        let Arrived::Entered(Entered::SignedIn(session), back) = arrived else {
            panic!("{arrived:?}")
        };
        assert_eq!(back, "/files");
        Ok(session)
    }

    async fn refused(&self, provider: &str) -> &'static str {
        match self.enter(provider).await {
            Ok(session) => panic!("{:?} came in", session.person),
            Err(error) => error.code(),
        }
    }

    async fn groups(&self, person: &Person) -> BTreeSet<String> {
        let rows = self.house.ledger.person_groups_of(person.uid()).await.expect("read");
        rows.into_iter().map(|row| row.name).collect()
    }
}

fn answer(left: &Left) -> ProviderAnswer {
    let state = left.asked.get("state").to_owned();
    ProviderAnswer { state, code: Some(left.code.clone()), iss: None, error: None }
}

fn names(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|&name| name.to_owned()).collect()
}

#[tokio::test]
async fn who_is_not_known_comes_in_by_the_mode_and_is_the_same_person_again() {
    let signing = Signing::new().await;
    let first = signing.enter("main").await.expect("signed in");
    assert_eq!(first.person.name(), "ada");
    let again = signing.enter("main").await.expect("signed in");
    assert_eq!(again.person.uid(), first.person.uid());
    // The same subject elsewhere is somebody else, of another name.
    let elsewhere = signing.enter("other").await.expect("signed in");
    assert_ne!(elsewhere.person.uid(), first.person.uid());
    assert_eq!(elsewhere.person.name(), "ada-2");
    let row = signing.house.ledger.person(first.person.uid()).await.expect("read").expect("ada");
    assert!(!row.password_phc.is_set() && row.email.is_none());
    assert!(matches!(signing.house.login("ada", "!").await, Err(LoginError::Refused)));
}

#[tokio::test]
async fn the_address_asks_for_a_code_with_pkce_state_and_nonce_and_sends_back_to_the_configured_place()
 {
    let signing = Signing::with(|options| options.second_factor.acr = vec!["gold".into()]).await;
    let left = signing.leave("main").await;
    for (key, value) in [
        ("tenant", "1"),
        ("response_type", "code"),
        ("client_id", "wellhouse"),
        ("redirect_uri", "https://files.example.org/sign-in/main"),
        ("scope", "openid profile email"),
        ("code_challenge_method", "S256"),
        ("acr_values", "gold"),
    ] {
        assert_eq!(left.asked.get(key), value);
    }
    assert_eq!(left.asked.get("state").len(), 64);
    assert_eq!((left.asked.get("nonce").len(), left.asked.get("code_challenge").len()), (43, 43));
    let again = signing.leave("main").await;
    for key in ["state", "nonce", "code_challenge"] {
        assert_ne!(left.asked.get(key), again.asked.get(key), "{key}");
    }
}

#[tokio::test]
async fn no_mode_lets_in_more_than_it_says() {
    let signing = Signing::new().await;
    let mail = |mail: &str, verified: Value| json!({ "sub": "eve", "name": "Eve", "email": mail, "email_verified": verified });
    for (mode, claims, expected) in [
        (RegistrationMode::Closed, mail("eve@example.org", true.into()), "registration-closed"),
        (
            RegistrationMode::Invitation,
            mail("eve@example.org", true.into()),
            "registration-by-invitation",
        ),
        (RegistrationMode::Domains, json!({ "sub": "eve" }), "registration-mail-domain"),
        (
            RegistrationMode::Domains,
            mail("eve@example.org", false.into()),
            "registration-mail-domain",
        ),
        (RegistrationMode::Domains, mail("eve@example.org", 1.into()), "registration-mail-domain"),
        (
            RegistrationMode::Domains,
            mail("eve@example.com", true.into()),
            "registration-mail-domain",
        ),
        (
            RegistrationMode::Domains,
            mail("eve@x.example.org", true.into()),
            "registration-mail-domain",
        ),
        (RegistrationMode::Approval, mail("eve@example.org", true.into()), "awaiting-approval"),
    ] {
        signing.admit(mode, &["example.org"]).await;
        signing.main.says(claims.clone());
        assert_eq!(signing.refused("main").await, expected, "{mode:?} {claims}");
    }
    // Who waits, waits the next time too, and comes in when an administrator has approved.
    assert_eq!(signing.refused("main").await, "awaiting-approval");
    let persons = signing.house.ledger.persons().await.expect("read");
    let eve = persons.iter().find(|row| row.name == "Eve").expect("she waits");
    signing.people().approve(&signing.root, &eve.uid).await.expect("approved");
    assert_eq!(signing.enter("main").await.expect("signed in").person.uid(), &eve.uid);
    // A verified address of a listed domain comes in at once.
    signing.admit(RegistrationMode::Domains, &["example.org"]).await;
    signing.main.says(json!({ "sub": "f", "name": "Finn", "email": "f@EXAMPLE.org",
        "email_verified": "true" }));
    assert_eq!(signing.enter("main").await.expect("signed in").person.name(), "Finn");
}

#[tokio::test]
async fn a_newcomer_by_a_provider_has_what_the_form_gives_and_no_more() {
    let signing = Signing::new().await;
    signing.main.says(json!({ "sub": "m", "preferred_username": "mallory", "role": "AdminRole",
        "administrator": true, "groups": ["AdminRole", "Finance", "admin"] }));
    let mallory = signing.enter("main").await.expect("signed in").person;
    let alice = signing.house.somebody("alice").await.person;
    let rights = |person: &Person| {
        let (uid, ledger) = (person.uid().clone(), signing.house.ledger.clone());
        async move {
            let grants = ledger.grants_of(&uid).await.expect("read");
            super::rights(&grants).join(", ").replace(uid.as_str(), "UID")
        }
    };
    assert_eq!(rights(&mallory).await, rights(&alice).await);
    assert!(!mallory.is_administrator());
    assert_eq!(signing.groups(&mallory).await, names(&[]), "a group is given by its mapping alone");
}

#[tokio::test]
async fn nobody_is_known_by_a_mail_address_or_a_name() {
    let signing = Signing::new().await;
    signing.main.says(json!({ "sub": "x", "preferred_username": "root",
        "email": "root@example.org", "email_verified": true }));
    let stranger = signing.enter("main").await.expect("signed in").person;
    assert_ne!(stranger.uid(), signing.root.uid());
    assert_eq!(stranger.name(), "root-2");
    assert!(!stranger.is_administrator());
}

#[tokio::test]
async fn names_that_cannot_be_borne_are_replaced() {
    let signing = Signing::new().await;
    for (sub, claims, expected) in [
        ("1", json!({ "preferred_username": "grace@corp.example", "name": "Grace" }), "grace"),
        ("2", json!({ "preferred_username": "a\u{202e}b", "name": "Bo Li" }), "Bo Li"),
        ("3", json!({ "email": "kim@example.org", "email_verified": true }), "kim"),
    ] {
        let mut claims = claims;
        claims["sub"] = sub.into();
        signing.main.says(claims);
        assert_eq!(signing.enter("main").await.expect("signed in").person.name(), expected);
    }
    signing.main.says(json!({ "sub": "4" }));
    let drawn = signing.enter("main").await.expect("signed in").person;
    assert!(drawn.name().starts_with("person-"), "{}", drawn.name());
}

#[tokio::test]
async fn who_is_shut_out_or_deleted_hears_the_same_as_at_the_other_door() {
    let signing = Signing::new().await;
    let ada = signing.enter("main").await.expect("signed in");
    signing.people().disable(&signing.root, ada.person.uid()).await.expect("shut out");
    assert!(!signing.house.is_signed_in(&ada.token).await);
    assert_eq!(signing.refused("main").await, LoginError::Disabled.code());
    signing.admit(RegistrationMode::Closed, &[]).await;
    let actor = Actor::Administrator(&signing.root);
    let gone = signing.people().delete_person(actor, ada.person.uid()).await;
    assert_eq!(gone.expect("deleted").person.name, "ada");
    assert_eq!(signing.refused("main").await, "registration-closed", "the link went with her");
}

#[tokio::test]
async fn groups_come_and_go_with_the_claim_and_those_given_by_hand_stay() {
    let signing = Signing::new().await;
    let says = |groups: Value| json!({ "sub": "ada-1", "name": "ada", "groups": groups });
    let people = signing.people();
    for (groups, expected) in [
        (json!(["fin", "ops", "other", 7]), names(&["Finance", "Operations"])),
        (json!("fin"), names(&["Finance"])),
        (json!(["lost"]), names(&[])),
        (json!("fin"), names(&["Finance"])),
        (json!({ "fin": true }), names(&[])),
        (json!(["fin"]), names(&["Finance"])),
        (Value::Null, names(&[])),
    ] {
        signing.main.says(says(groups.clone()));
        let ada = signing.enter("main").await.expect("signed in").person;
        assert_eq!(signing.groups(&ada).await, expected, "{groups}");
    }
    // By hand: before the claim gives it, and while it does.
    signing.main.says(says(json!(["fin"])));
    let ada = signing.enter("main").await.expect("signed in").person;
    for group in signing.house.ledger.person_groups().await.expect("read") {
        people.add_member(&signing.root, group.id.as_str(), ada.uid()).await.expect("put in");
    }
    signing.main.says(says(json!([])));
    let ada = signing.enter("main").await.expect("signed in").person;
    assert_eq!(signing.groups(&ada).await, names(&["Finance", "Operations"]));
    let members: Vec<MembershipRow> = signing.house.ledger.memberships().await.expect("read");
    assert!(members.iter().all(|member| member.issuer.is_none()), "{members:?}");
}

#[tokio::test]
async fn a_group_that_is_taken_away_takes_what_was_issued_by_it() {
    let signing = Signing::new().await;
    signing.main.says(json!({ "sub": "ada-1", "name": "ada", "groups": ["fin"] }));
    let ada = signing.enter("main").await.expect("signed in").person;
    let issued = signing.house.now();
    signing.house.pass(SignedDuration::from_secs(5));
    signing.main.says(json!({ "sub": "ada-1", "name": "ada" }));
    drop(signing.enter("main").await.expect("signed in"));
    let revoked = |at| signing.house.ledger.revoked(ada.uid(), at);
    assert!(revoked(issued), "what was issued before she left");
    assert!(!revoked(signing.house.now() + SignedDuration::from_secs(1)));
}

#[tokio::test]
async fn groups_and_mail_may_stand_at_userinfo_of_the_same_subject_alone() {
    let signing = Signing::with(|options| options.groups_claim = Some("/realm/roles".into())).await;
    signing.main.says(json!({ "sub": "ada-1" }));
    signing.main.set(|manners| {
        manners.userinfo = json!({ "sub": "ada-1", "preferred_username": "ada",
            "realm": { "roles": ["ops"] } });
    });
    let ada = signing.enter("main").await.expect("signed in").person;
    assert_eq!((ada.name(), signing.groups(&ada).await), ("ada", names(&["Operations"])));
    signing.main.set(|manners| manners.userinfo["sub"] = "eve".into());
    assert_eq!(signing.refused("main").await, "provider-answer-refused");
    // What the token says itself counts, whatever is said elsewhere.
    signing.main.says(json!({ "sub": "ada-1", "realm": { "roles": [] }, "name": "A",
        "email": "a@example.org", "email_verified": true }));
    let ada = signing.enter("main").await.expect("signed in").person;
    assert_eq!(signing.groups(&ada).await, names(&[]));
}
