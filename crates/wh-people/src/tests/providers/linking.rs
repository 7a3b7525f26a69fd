//! Linking, unlinking, second factors, and proving once more who one is.

use jiff::SignedDuration;
use serde_json::json;

use super::super::{GOOD, secret};
use super::{Signing, names};
use crate::*;

impl Signing {
    async fn link(&self, session: &SignedIn, provider: &str) -> Result<Arrived, ProviderError> {
        let proven = Proven::try_from(session.person.clone()).expect("fresh");
        let (back, peer) = (Some("/account"), Peer::default());
        let left = self.people().leave_to_link(&proven, provider, (back, &peer)).await;
        let left = self.gone(provider, left.expect("a departure"));
        self.arrive_as(provider, &left, Some(&session.person)).await
    }

    pub(super) async fn link_other(&self, session: &SignedIn) -> wh_names::Uid {
        let arrived = self.link(session, "other").await.expect("linked");
        let Arrived::Linked(uid, _) = arrived else { panic!("{arrived:?}") };
        uid
    }

    async fn prove(&self, person: &Person, provider: &str) -> Result<SignedIn, ProviderError> {
        let (back, peer) = (Some("/tokens"), Peer::default());
        let left = self.people().leave_to_prove(person, provider, (back, &peer)).await;
        let left = self.gone(provider, left.expect("a departure"));
        assert_eq!((left.asked.get("prompt"), left.asked.get("max_age")), ("login", "0"));
        let arrived = self.arrive_as(provider, &left, Some(person)).await?;
        let Arrived::Proved(session, back) = arrived else { panic!("{arrived:?}") };
        assert_eq!(back, "/tokens");
        Ok(session)
    }

    async fn linked(&self, person: &Person) -> LinkedSignIns {
        self.people().linked_sign_ins(person).await.expect("read")
    }

    async fn unlink(&self, person: &Person, at: usize) -> Result<(), ProviderError> {
        let id = self.linked(person).await.identities[at].id.clone();
        let proven = Proven::try_from(person.clone()).expect("fresh");
        self.people().unlink(&proven, &id, &Peer::default()).await
    }
}

#[tokio::test]
async fn one_links_and_unlinks_and_signs_in_by_what_is_linked() {
    let signing = Signing::new().await;
    let alice = signing.house.somebody("alice").await;
    assert!(signing.linked(&alice.person).await.identities.is_empty());
    signing.main.says(json!({ "sub": "a", "preferred_username": "alice@corp", "groups": "fin" }));
    assert!(matches!(signing.link(&alice, "main").await, Ok(Arrived::Linked(..))));
    signing.admit(RegistrationMode::Closed, &[]).await;
    let by_provider = signing.enter("main").await.expect("linked, whatever the mode");
    assert_eq!(by_provider.person.uid(), alice.person.uid());
    assert_eq!(signing.groups(&alice.person).await, names(&["Finance"]));
    let linked = signing.linked(&alice.person).await;
    assert!(linked.password && linked.identities[0].usable);
    assert_eq!(linked.identities[0].label.as_deref(), Some("alice@corp"));
    assert_eq!(linked.proofs.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["main"]);
    // It is hers: neither somebody else nor she links it again.
    signing.admit(RegistrationMode::Open, &[]).await;
    let bob = signing.house.somebody("bob").await;
    for person in [&bob, &alice] {
        let again = signing.link(person, "main").await.expect_err("taken");
        assert_eq!(again.code(), "identity-taken");
    }
    let administrator = signing.root.administrator();
    let seen = signing.people().identities_of(administrator, alice.person.uid()).await;
    assert_eq!(seen.expect("seen")[0].provider, "MAIN");
    signing.unlink(&alice.person, 0).await.expect("unlinked");
    assert_eq!(signing.groups(&alice.person).await, names(&[]), "what it gave goes with it");
    assert!(signing.house.is_signed_in(&alice.token).await, "this session stays");
    assert!(!signing.house.is_signed_in(&by_provider.token).await, "others end");
    signing.admit(RegistrationMode::Closed, &[]).await;
    assert_eq!(signing.refused("main").await, "registration-closed");
}

#[tokio::test]
async fn people_are_told_of_linked_sign_ins_and_administrators_of_who_waits() {
    let signing = Signing::new().await;
    let house = &signing.house;
    house.follow(&house.mails().await[0]).await.expect("checked");
    let root = house.login("root", GOOD).await.expect("signed in");
    assert!(matches!(signing.link(&root, "main").await, Ok(Arrived::Linked(..))));
    assert_eq!(house.told().await, ["sign-in-linked to root@example.org"]);
    assert!(signing.link(&root, "main").await.is_err(), "nothing is told of what was not done");
    signing.unlink(&root.person, 0).await.expect("unlinked");
    assert_eq!(house.told().await, ["sign-in-unlinked to root@example.org"]);
    signing.admit(RegistrationMode::Approval, &[]).await;
    signing.main.says(json!({ "sub": "e", "name": "Eve", "email": "eve@example.org",
        "email_verified": true }));
    assert_eq!(signing.refused("main").await, "awaiting-approval");
    let told = ["mail-check to eve@example.org", "somebody-waits to root@example.org"];
    assert_eq!(house.told().await, told);
}

#[tokio::test]
async fn nobody_links_a_sign_in_to_somebody_elses_account() {
    let signing = Signing::new().await;
    let (alice, bob) = (signing.house.somebody("alice").await, signing.house.somebody("bob").await);
    let proven = Proven::try_from(alice.person.clone()).expect("fresh");
    for answered_by in [None, Some(&bob.person)] {
        let peer = Peer::default();
        let left = signing.people().leave_to_link(&proven, "main", (None, &peer)).await;
        let left = signing.gone("main", left.expect("a departure"));
        let refused = signing.arrive_as("main", &left, answered_by).await.expect_err("refused");
        assert_eq!(refused.code(), "provider-another-person");
    }
    assert_eq!(signing.main.times_asked("/token"), 0);
    assert!(signing.linked(&bob.person).await.identities.is_empty());
}

#[tokio::test]
async fn the_last_way_to_sign_in_stays() {
    let signing = Signing::new().await;
    let ada = signing.enter("main").await.expect("signed in");
    let last = signing.unlink(&ada.person, 0).await.expect_err("the only one");
    assert_eq!(last.code(), "last-way-in");
    assert!(signing.enter("main").await.is_ok(), "nothing was taken");
    // One of two may go, and a password is a way of its own.
    signing.other.says(json!({ "sub": "elsewhere" }));
    assert!(signing.link(&ada, "other").await.is_ok());
    signing.unlink(&ada.person, 0).await.expect("one of two");
    assert_eq!(signing.unlink(&ada.person, 0).await.expect_err("last").code(), "last-way-in");
    let (people, uid) = (signing.people(), ada.person.uid());
    let link =
        people.make_password_link(Actor::Operator, (uid, AddedLinks::End)).await.expect("a link");
    let done = people.follow_password_link(&link.token, &secret(GOOD), &Peer::default()).await;
    assert_eq!(&done.expect("a password"), uid);
    let ada = signing.house.login("ada", GOOD).await.expect("signed in");
    signing.unlink(&ada.person, 0).await.expect("there is a password");
    let (proven, peer) = (Proven::try_from(ada.person).expect("fresh"), Peer::default());
    let absent = people.unlink(&proven, "x", &peer).await;
    assert_eq!(absent.expect_err("none").code(), "no-such-identity");
}

#[tokio::test]
async fn our_second_factor_is_asked_after_the_provider_unless_its_own_counts() {
    for (amr, acr, claims, asked) in [
        (vec![], vec![], json!({ "amr": ["pwd", "mfa"], "acr": "gold" }), true),
        (vec!["mfa"], vec![], json!({ "amr": ["pwd", "mfa"] }), false),
        (vec!["mfa"], vec![], json!({ "amr": ["pwd"], "acr": "mfa" }), true),
        (vec!["mfa"], vec![], json!({}), true),
        (vec![], vec!["gold"], json!({ "acr": "gold" }), false),
        (vec![], vec!["gold"], json!({ "acr": ["gold"] }), true),
    ] {
        let own = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
        let counts = StrongClaims { amr: own(amr), acr: own(acr) };
        let signing = Signing::with(|options| options.second_factor = counts).await;
        let first = signing.enter("main").await.expect("no factor yet");
        drop(signing.house.enrol(first).await);
        let mut said = claims.clone();
        said["sub"] = "ada-1".into();
        signing.main.says(said);
        let left = signing.leave("main").await;
        let arrived = signing.arrive("main", &left).await.expect("arrived");
        match (asked, arrived) {
            (true, Arrived::Entered(Entered::HalfWay { factors, .. }, _)) => assert!(factors.totp),
            (false, Arrived::Entered(Entered::SignedIn(session), _)) => {
                assert!(Proven::try_from(session.person).is_ok(), "{claims}");
            }
            (_, other) => panic!("{claims}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn half_way_ends_as_it_does_after_a_password() {
    let signing = Signing::new().await;
    let first = signing.enter("main").await.expect("signed in");
    let enrolled = signing.house.enrol(first).await;
    let left = signing.leave("main").await;
    let arrived = signing.arrive("main", &left).await.expect("arrived");
    let Arrived::Entered(Entered::HalfWay { token, .. }, _) = arrived else {
        panic!("{arrived:?}")
    };
    let code = FactorCode::Totp(enrolled.seed.code_at(signing.house.now()));
    let entered = signing.people().finish_login(&token, &code, &Peer::default()).await;
    assert_eq!(entered.expect("signed in").person.uid(), enrolled.session.person.uid());
}

#[tokio::test]
async fn an_administrator_may_come_by_a_providers_second_factor_where_it_counts() {
    let strong = |options: &mut ProviderOptions| options.second_factor.amr = vec!["mfa".into()];
    let signing = Signing::ruled(FactorRule::Optional, strong).await;
    let ada = signing.enter("main").await.expect("signed in").person;
    let everything = GrantForm {
        bucket: None,
        subject: GrantSubject::Person(ada.uid().clone()),
        role: super::super::standard().admin_role,
        prefix: wh_names::KeyPrefix::everything(),
        title: "Everything".to_owned(),
        ends_at: None,
    };
    signing.people().add_grant(&signing.root, everything).await.expect("granted");
    let row = signing.house.ledger.person(ada.uid()).await.expect("read").expect("ada");
    for (amr, administers) in [("pwd", false), ("mfa", true)] {
        signing.main.says(json!({ "sub": "ada-1", "amr": [amr] }));
        let session = signing.enter("main").await.expect("signed in");
        let digest = session.token.digest();
        let kept = signing.house.ledger.session(&digest).await.expect("read").expect("a session");
        let standing = second_factor::Standing {
            rule: FactorRule::Required,
            ..signing.people().standing_of(ada.uid()).await.expect("read")
        };
        let person = Person::mint(&row, &kept, standing);
        assert_eq!(person.administrator().is_ok(), administers, "{amr}");
    }
}

#[tokio::test]
async fn a_provider_that_asks_again_is_a_fresh_proof_and_one_that_does_not_is_none() {
    let signing = Signing::new().await;
    let now = || signing.house.now().as_second();
    signing.main.says(json!({ "sub": "ada-1", "auth_time": now() - 3_600 }));
    let old = signing.enter("main").await.expect("signed in").person;
    assert!(Proven::try_from(old.clone()).is_err(), "the provider asked an hour ago");
    for asked in [json!(now() - 31), json!(null), json!("soon")] {
        signing.main.says(json!({ "sub": "ada-1", "auth_time": asked }));
        let refused = signing.prove(&old, "main").await.expect_err("not asked");
        assert_eq!(refused.code(), "provider-did-not-ask");
    }
    signing.main.says(json!({ "sub": "eve", "auth_time": now() }));
    let refused = signing.prove(&old, "main").await.expect_err("somebody else");
    assert_eq!(refused.code(), "provider-another-person");
    signing.main.says(json!({ "sub": "ada-1", "auth_time": now() }));
    let renewed = signing.prove(&old, "main").await.expect("proved");
    assert_eq!(renewed.person.session_id(), old.session_id(), "under another token");
    assert!(Proven::try_from(renewed.person.clone()).is_ok());
    signing.house.pass(SignedDuration::from_mins(10));
    let later = signing.people().recognise(&renewed.token).await.expect("signed in");
    assert!(Proven::try_from(later).is_err());
    // With a second factor of our own, the provider's word proves too little.
    signing.main.says(json!({ "sub": "ada-1", "auth_time": now() }));
    let fresh = signing.enter("main").await.expect("signed in");
    let session = signing.house.enrol(fresh).await.session;
    signing.main.says(json!({ "sub": "ada-1", "auth_time": now() }));
    let refused = signing.prove(&session.person, "main").await.expect_err("too little");
    assert_eq!(refused.code(), "second-factor-needed");
}

#[tokio::test]
async fn what_a_provider_does_stands_in_the_audit_trail() {
    let signing = Signing::new().await;
    signing.main.says(json!({ "sub": "ada-1", "name": "ada", "groups": ["fin"] }));
    let ada = signing.enter("main").await.expect("signed in");
    signing.other.says(json!({ "sub": "o" }));
    assert!(signing.link(&ada, "other").await.is_ok());
    signing.unlink(&ada.person, 1).await.expect("unlinked");
    let lines = signing.house.ledger.audit_recent(None, 99).await.expect("read");
    let told: Vec<String> = lines
        .iter()
        .map(|line| line.record.operation.clone())
        .filter(|operation| operation.contains("Provider") || operation.contains("Identity"))
        .collect();
    for operation in
        ["AddPersonByProvider", "FollowProviderGroups", "LinkIdentity", "UnlinkIdentity"]
    {
        assert_eq!(told.iter().filter(|one| *one == operation).count(), 1, "{operation}: {told:?}");
    }
}
