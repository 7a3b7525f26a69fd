//! What a provider's second factor is worth, and what must not stand in for it; what linked sign-ins
//! survive, and what not.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::super::{GOOD, OTHER, secret};
use super::{Signing, names};
use crate::*;

impl Signing {
    /// A house whose main provider's `mfa` counts.
    async fn strong() -> Self {
        Self::ruled(FactorRule::Optional, |options| options.second_factor.amr = vec!["mfa".into()])
            .await
    }

    fn says_of_ada(&self, amr: &str) {
        let now = self.house.now().as_second();
        self.main.says(json!({ "sub": "ada-1", "preferred_username": "ada", "amr": [amr],
            "auth_time": now }));
    }

    async fn make_administrator(&self, person: &Person) {
        let everything = GrantForm {
            bucket: None,
            subject: GrantSubject::Person(person.uid().clone()),
            role: super::super::standard().admin_role,
            prefix: wh_names::KeyPrefix::everything(),
            title: "Everything".to_owned(),
            ends_at: None,
        };
        self.people().add_grant(&self.root, everything).await.expect("granted");
    }

    /// Sets a password by an administrator's link, and signs in by it.
    async fn by_password(&self, uid: &wh_names::Uid, links: AddedLinks) -> SignedIn {
        let actor = Actor::Administrator(&self.root);
        let link = self.people().make_password_link(actor, (uid, links)).await.expect("a link");
        let (word, peer) = (secret(OTHER), Peer::default());
        self.people().follow_password_link(&link.token, &word, &peer).await.expect("set");
        self.house.login("ada", OTHER).await.expect("signed in")
    }

    async fn again(&self, session: &SignedIn) -> Person {
        self.people().recognise(&session.token).await.expect("signed in")
    }

    /// The same where administrators must have a second factor.
    async fn ruled_again(&self, session: &SignedIn) -> Person {
        let (digest, ledger) = (session.token.digest(), &self.house.ledger);
        let kept = ledger.session(&digest).await.expect("read").expect("a session");
        let row = ledger.person(&kept.uid).await.expect("read").expect("a person");
        let standing = self.people().standing_of(&kept.uid).await.expect("read");
        let standing = second_factor::Standing { rule: FactorRule::Required, ..standing };
        Person::mint(&row, &kept, standing)
    }
}

#[tokio::test]
async fn a_password_does_not_stand_in_for_a_providers_second_factor() {
    let signing = Signing::strong().await;
    signing.says_of_ada("mfa");
    let ada = signing.enter("main").await.expect("signed in").person;
    let session = signing.by_password(ada.uid(), AddedLinks::End).await;
    assert!(session.person.has_provider_factor());
    assert!(Proven::try_from(session.person.clone()).is_err(), "nothing is enrolled or linked");
    let (peer, proof) = (Peer::default(), Proof::Password(secret(OTHER)));
    let again = signing.people().prove(&session.person, &proof, &peer).await;
    assert_eq!(again.expect_err("too little").code(), "second-factor-needed");
    let (old, new) = (secret(OTHER), secret(GOOD));
    let changed =
        signing.people().change_password(&session.person, &old, (&new, Programs::End), &peer);
    assert_eq!(changed.await.expect_err("not proved").code(), "step-up-needed");
    let confirmed = signing.people().confirm(&session.person, &old, &peer).await;
    assert_eq!(confirmed.expect_err("not proved").code(), "step-up-needed");
    // Nor does the provider without its second factor.
    signing.says_of_ada("pwd");
    let weak = signing.enter("main").await.expect("signed in").person;
    assert!(Proven::try_from(weak.clone()).is_err());
    signing.says_of_ada("mfa");
    let strong = signing.enter("main").await.expect("signed in").person;
    assert!(Proven::try_from(strong).is_ok(), "by it, all of it is done");
    // An administrator may take it back; from then on the password is enough.
    let whose = (ada.uid(), AddedLinks::End);
    signing.people().reset_second_factor(&signing.root, whose, &peer).await.expect("taken back");
    let session = signing.house.login("ada", OTHER).await.expect("signed in");
    assert!(Proven::try_from(session.person).is_ok());
}

#[tokio::test]
async fn an_administrator_linked_to_a_strong_provider_enrols_no_factor_by_a_password() {
    let signing = Signing::strong().await;
    signing.says_of_ada("pwd");
    let ada = signing.enter("main").await.expect("signed in").person;
    let before = signing.by_password(ada.uid(), AddedLinks::End).await;
    assert!(Proven::try_from(signing.again(&before).await).is_ok(), "nobody of note yet");
    signing.make_administrator(&ada).await;
    let person = signing.ruled_again(&before).await;
    assert!(person.administrator().is_err());
    assert!(Proven::try_from(person).is_err(), "their factor is the provider's, used or not");
    signing.says_of_ada("mfa");
    let strong = signing.enter("main").await.expect("signed in");
    let strong = signing.ruled_again(&strong).await;
    let administrator = strong.administrator().expect("by the provider's factor");
    assert!(ProvenAdministrator::try_from(administrator).is_ok());
}

#[tokio::test]
async fn a_password_that_is_changed_makes_no_fresh_proof_of_a_providers_factor() {
    let signing = Signing::strong().await;
    signing.says_of_ada("pwd");
    let uid = signing.enter("main").await.expect("signed in").person.uid().clone();
    drop(signing.by_password(&uid, AddedLinks::End).await);
    signing.says_of_ada("mfa");
    let strong = signing.enter("main").await.expect("signed in");
    signing.house.pass(SignedDuration::from_mins(9));
    let (person, peer) = (signing.again(&strong).await, Peer::default());
    let (old, new) = (secret(OTHER), secret(GOOD));
    let wanted = (&new, Programs::Keep);
    let changed = signing.people().change_password(&person, &old, wanted, &peer).await;
    let changed = changed.expect("proved nine minutes ago");
    signing.house.pass(SignedDuration::from_mins(2));
    assert!(Proven::try_from(signing.again(&changed).await).is_err(), "eleven minutes ago");
}

#[tokio::test]
async fn a_provider_that_does_not_say_when_it_asked_is_no_fresh_proof() {
    for strong in [false, true] {
        let signing = if strong { Signing::strong().await } else { Signing::new().await };
        for said in [Value::Null, json!("now"), json!(-1)] {
            signing.main.says(json!({ "sub": "ada-1", "amr": ["mfa"], "auth_time": said }));
            let silent = signing.enter("main").await.expect("signed in").person;
            assert!(Proven::try_from(silent).is_err(), "{said}");
        }
        signing.says_of_ada("mfa");
        let asked = signing.enter("main").await.expect("signed in").person;
        assert!(Proven::try_from(asked).is_ok());
    }
}

#[tokio::test]
async fn a_link_that_somebody_added_does_not_survive_a_recovery() {
    for links in [AddedLinks::End, AddedLinks::Keep] {
        let signing = Signing::new().await;
        let ada = signing.enter("main").await.expect("came into being by it");
        signing.other.says(json!({ "sub": "mallory", "groups": ["fin"],
            "auth_time": signing.house.now().as_second() }));
        let added = signing.link_other(&ada).await;
        assert_eq!(&added, ada.person.uid());
        drop(signing.enter("other").await.expect("whoever linked it comes in"));
        assert_eq!(signing.groups(&ada.person).await, names(&["Finance"]));
        drop(signing.by_password(ada.person.uid(), links).await);
        let rows = signing.house.ledger.identities_of(ada.person.uid()).await.expect("read");
        let left: Vec<&str> = rows.iter().map(|row| row.provider.as_str()).collect();
        let (kept, groups) = match links {
            AddedLinks::End => (vec!["main"], names(&[])),
            AddedLinks::Keep => (vec!["main", "other"], names(&["Finance"])),
        };
        assert_eq!(left, kept, "{links:?}");
        assert_eq!(signing.groups(&ada.person).await, groups, "{links:?}");
    }
}

#[tokio::test]
async fn an_administrator_takes_somebody_elses_link_away_and_not_the_last_administrators() {
    let signing = Signing::strong().await;
    signing.says_of_ada("mfa");
    let ada = signing.enter("main").await.expect("signed in");
    let (people, peer) = (signing.people(), Peer::default());
    let rows = signing.house.ledger.identities_of(ada.person.uid()).await.expect("read");
    let whose = (ada.person.uid(), rows[0].id.as_str());
    people.unlink_for(&signing.root, whose, &peer).await.expect("her last way, too");
    assert!(!signing.house.is_signed_in(&ada.token).await, "every session ends");
    let again = people.unlink_for(&signing.root, whose, &peer).await.expect_err("gone");
    assert_eq!(again.code(), "no-such-identity");
    assert!(
        signing.house.ledger.factors(ada.person.uid()).await.expect("read").eq(&Factors::default())
    );
    // Whoever came by it is a stranger now.
    let stranger = signing.enter("main").await.expect("signed in").person;
    assert_ne!(stranger.uid(), ada.person.uid());
    // One who comes by a strong provider counts as the administrator who is left; and stays.
    signing.make_administrator(&stranger).await;
    let administrator = signing.again(&signing.enter("main").await.expect("in")).await;
    let administrator = super::proven(&administrator);
    people.disable(&administrator, signing.root.uid()).await.expect("there is another");
    let rows = signing.house.ledger.identities_of(stranger.uid()).await.expect("read");
    let whose = (stranger.uid(), rows[0].id.as_str());
    let last = people.unlink_for(&administrator, whose, &peer).await.expect_err("the last");
    assert_eq!(last.code(), "last-administrator");
}

#[tokio::test]
async fn a_session_is_no_proof_of_a_providers_factor_any_more_once_it_is_unlinked() {
    let signing = Signing::strong().await;
    signing.says_of_ada("mfa");
    let ada = signing.enter("main").await.expect("signed in");
    drop(signing.by_password(ada.person.uid(), AddedLinks::End).await);
    signing.make_administrator(&ada.person).await;
    let strong = signing.enter("main").await.expect("signed in");
    let person = signing.ruled_again(&strong).await;
    assert!(person.administrator().is_ok());
    let rows = signing.house.ledger.identities_of(person.uid()).await.expect("read");
    let proven = Proven::try_from(person).expect("fresh");
    signing.people().unlink(&proven, rows[0].id.as_str(), &Peer::default()).await.expect("gone");
    let after = signing.ruled_again(&strong).await;
    assert_eq!(after.administrator().expect_err("none").code(), "second-factor-required");
    assert!(Proven::try_from(after).is_err());
}

#[tokio::test]
async fn groups_that_a_provider_gave_lapse_for_whoever_does_not_come_by_it() {
    let signing = Signing::new().await;
    signing.main.says(json!({ "sub": "ada-1", "groups": ["fin"] }));
    let ada = signing.enter("main").await.expect("signed in").person;
    for group in signing.house.ledger.person_groups().await.expect("read") {
        if group.name == "Operations" {
            let by_hand = signing.people().add_member(&signing.root, group.id.as_str(), ada.uid());
            by_hand.await.expect("put in");
        }
    }
    signing.house.pass(SignedDuration::from_hours(7 * 24 - 1));
    signing.people().sweep().await.expect("swept");
    assert_eq!(signing.groups(&ada).await, names(&["Finance", "Operations"]));
    let issued = signing.house.now();
    signing.house.pass(SignedDuration::from_hours(2));
    signing.people().sweep().await.expect("swept");
    assert_eq!(signing.groups(&ada).await, names(&["Operations"]), "by hand it stays");
    assert!(signing.house.ledger.revoked(ada.uid(), issued), "what was issued by it, too");
    let lines = signing.house.ledger.audit_recent(None, 9).await.expect("read");
    assert!(lines.iter().any(|line| line.record.operation == "LapseProviderGroups"));
    drop(signing.enter("main").await.expect("signed in"));
    assert_eq!(signing.groups(&ada).await, names(&["Finance", "Operations"]), "and comes back");
}

#[tokio::test]
async fn a_provider_lets_nobody_in_for_a_domain_that_is_not_its_own() {
    let signing = Signing::with(|options| options.domains = vec!["example.com".into()]).await;
    signing.admit(RegistrationMode::Domains, &["example.org", "example.com"]).await;
    let says = |mail: &str| json!({ "sub": mail, "email": mail, "email_verified": true });
    for (mail, comes) in
        [("eve@example.org", false), ("eve@x.example.com", false), ("f@EXAMPLE.com", true)]
    {
        signing.main.says(says(mail));
        let entered = signing.enter("main").await;
        assert_eq!(entered.is_ok(), comes, "{mail}");
    }
    let mut nothing = signing.main.options("third");
    nothing.domains = vec!["Example.org".to_owned()];
    assert_eq!(Provider::new(nothing).expect_err("upper case").field, "domains");
}

#[tokio::test]
async fn a_mailbox_alone_sets_no_password_where_there_never_was_one() {
    let signing = Signing::new().await;
    signing.main.says(json!({ "sub": "ada-1", "preferred_username": "ada",
        "email": "ada@example.org", "email_verified": true }));
    let ada = signing.enter("main").await.expect("signed in").person;
    let mails = signing.house.mails().await;
    let check = mails.iter().find(|mail| mail.recipient == "ada@example.org").expect("a check");
    signing.house.follow(check).await.expect("checked");
    let (people, peer) = (signing.people(), Peer::default());
    assert!(!people.mail_password_link("ada@example.org", &peer).await.expect("an answer"));
    let mails = signing.house.mails().await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert!(!mails[0].body.contains("token="), "{}", mails[0].body);
    assert!(mails[0].body.contains("which has none: sign in by your provider"));
    let row = signing.house.ledger.person(ada.uid()).await.expect("read").expect("ada");
    assert!(!row.password_phc.is_set());
}
