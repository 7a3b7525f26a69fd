//! Mail: forgotten passwords, addresses that are checked, and what people are told of.

use std::net::IpAddr;

use jiff::SignedDuration;
use wh_ledger::TakenMail;
use wh_names::{Secret, Uid};

use super::administration::refusal;
use super::{CHEAP, GOOD, House, OTHER, proven, rights, secret, uid_of};
use crate::{
    Actor, AddedLinks, EmailError, Entered, FactorRule, InvitationForm, LoginError, LoginForm,
    Mailing, PasswordLinkError, PasswordRules, Peer, Programs, Proven, ProvenAdministrator,
    Registered, RegistrationForm, RegistrationMode, Settings, SignedIn, Told,
};

impl House {
    /// A house whose mail is sent, with an administrator whose address is checked.
    pub(super) async fn with_mail(registration: RegistrationMode) -> (Self, ProvenAdministrator) {
        let rules = (PasswordRules::default(), Mailing::Sent);
        let house = Self::made(CHEAP, FactorRule::Optional, rules).await;
        let root = proven(&house.set_up(registration).await.person);
        house.follow(&house.mails().await[0]).await.expect("checked");
        (house, root)
    }

    /// What was written since the last time, the oldest first, and by kind.
    pub(super) async fn mails(&self) -> Vec<TakenMail> {
        let (mut mails, far) = (Vec::new(), jiff::Timestamp::MAX);
        while let Some(mail) = self.ledger.take_mail(self.now(), far).await.expect("taken") {
            self.ledger.mail_sent(&mail, self.now()).await.expect("noted");
            mails.push(mail);
        }
        mails.sort_by(|a, b| (a.created_at, &a.kind).cmp(&(b.created_at, &b.kind)));
        mails
    }

    /// What was written since the last time: `kind to address`, sorted.
    pub(super) async fn told(&self) -> Vec<String> {
        let mails = self.mails().await.into_iter();
        let mut told: Vec<_> =
            mails.map(|mail| format!("{} to {}", mail.kind, mail.recipient)).collect();
        told.sort();
        told
    }

    pub(super) async fn follow(&self, mail: &TakenMail) -> Result<crate::CheckedEmail, EmailError> {
        self.people.follow_mail_link(&token_in(mail, "mail-check"), &Peer::default()).await
    }

    async fn register_with(&self, name: &str, email: &str) -> Registered {
        let form = RegistrationForm {
            name: name.to_owned(),
            email: Some(email.to_owned()),
            password: secret(GOOD),
        };
        self.people.register(form, &Peer::default()).await.expect(name)
    }

    /// Somebody who registered with a checked address and signed in.
    async fn checked(&self, name: &str, email: &str) -> SignedIn {
        self.register_with(name, email).await;
        let mails = self.mails().await;
        let theirs = mails.iter().find(|mail| mail.recipient.eq_ignore_ascii_case(email));
        self.follow(theirs.expect("a check")).await.expect("checked");
        self.login(name, GOOD).await.expect("signed in")
    }

    /// The link that somebody gets who says this, if they get one.
    async fn mailed(&self, who: &str) -> Option<TakenMail> {
        self.people.mail_password_link(who, &Peer::default()).await.expect("an answer");
        let mut mails = self.mails().await;
        assert!(mails.len() <= 1, "{mails:?}");
        mails.pop()
    }

    async fn set_by(&self, mail: &TakenMail, password: &str) -> Result<Uid, PasswordLinkError> {
        let token = token_in(mail, "new-password");
        self.people.follow_password_link(&token, &secret(password), &Peer::default()).await
    }

    async fn ask_for_checks(&self, root: &ProvenAdministrator, registration: RegistrationMode) {
        let domains = vec!["example.org".to_owned()];
        let settings = Settings { registration, homes: true, domains, mail_check: true };
        self.people.set_settings(root, settings).await.expect("set");
    }
}

/// The token of the link to this page. The link begins with the house's own address.
#[track_caller]
fn token_in(mail: &TakenMail, page: &str) -> Secret {
    let begin = format!("  https://files.example.org/{page}#token=");
    let link = mail.body.lines().find_map(|line| line.strip_prefix(&begin));
    secret(link.unwrap_or_else(|| panic!("no link to {page} in:\n{}", mail.body)))
}

#[tokio::test]
async fn a_forgotten_password_is_set_by_a_link_to_the_checked_address_once() {
    let (house, _) = House::with_mail(RegistrationMode::Open).await;
    let alice = house.checked("alice", "Alice@Example.org").await;
    for who in ["alice", "ALICE", " alice@example.org ", "ALICE@EXAMPLE.ORG"] {
        let mail = house.mailed(who).await.expect(who);
        assert_eq!(
            (mail.recipient.as_str(), mail.kind.as_str()),
            ("Alice@example.org", "password-link")
        );
    }
    let mail = house.mailed("alice").await.expect("a link");
    assert!(house.is_signed_in(&alice.token).await, "until it is followed all stays as it is");
    assert!(matches!(house.set_by(&mail, "short").await, Err(PasswordLinkError::Field(_))));
    assert_eq!(&house.set_by(&mail, OTHER).await.expect("set"), alice.person.uid());
    assert!(!house.is_signed_in(&alice.token).await);
    assert!(house.login("alice", GOOD).await.is_err());
    drop(house.login("alice", OTHER).await.expect("the new one"));
    assert!(matches!(house.set_by(&mail, GOOD).await, Err(PasswordLinkError::Refused)), "spent");
    assert_eq!(house.told().await, ["password-changed to Alice@example.org"]);
}

#[tokio::test]
async fn a_mailed_link_is_good_for_twenty_minutes_and_five_are_sent_in_a_day() {
    let (house, _) = House::with_mail(RegistrationMode::Open).await;
    drop(house.checked("alice", "alice@example.org").await);
    let mail = house.mailed("alice").await.expect("a link");
    assert_eq!(mail.ends_at.duration_since(house.now()), SignedDuration::from_mins(20));
    house.pass(SignedDuration::from_mins(20));
    assert!(matches!(house.set_by(&mail, OTHER).await, Err(PasswordLinkError::Refused)), "late");
    for n in 2..=5 {
        assert!(house.mailed("alice@example.org").await.is_some(), "{n}");
    }
    assert!(house.mailed("alice").await.is_none(), "nobody fills her mailbox");
    house.pass(SignedDuration::from_hours(24));
    assert!(house.mailed("alice").await.is_some());
}

#[tokio::test]
async fn who_has_no_checked_address_or_may_not_sign_in_gets_nothing() {
    let (house, root) = House::with_mail(RegistrationMode::Open).await;
    house.register_with("unchecked", "unchecked@example.org").await;
    house.register("without").await.expect("registered");
    let disabled = house.checked("disabled", "disabled@example.org").await.person;
    house.people.disable(&root, disabled.uid()).await.expect("disabled");
    let settings = Settings {
        registration: RegistrationMode::Approval,
        homes: true,
        domains: Vec::new(),
        mail_check: false,
    };
    house.people.set_settings(&root, settings).await.expect("set");
    house.register_with("pending", "pending@example.org").await;
    let mails = house.mails().await;
    let to_pending = mails.iter().find(|mail| mail.recipient == "pending@example.org");
    assert!(!house.follow(to_pending.expect("a check")).await.expect("checked").active);
    house.mails().await;
    for who in [
        "unchecked",
        "unchecked@example.org",
        "without",
        "disabled",
        "disabled@example.org",
        "pending",
        "pending@example.org",
        "nobody",
        "nobody@example.org",
        "",
        "*",
        "root@example.org, eve@example.net",
        "root@example.org\r\nBcc: eve@example.net",
    ] {
        assert!(house.mailed(who).await.is_none(), "{who:?}");
    }
}

/// Django, GitHub: a link for `mike` was sent to `mıke`, whose letters fold to the same. Here it goes to
/// what was checked, and letters that look alike are different mailboxes.
#[tokio::test]
async fn cve_2019_19844_a_link_goes_to_the_address_that_was_checked_and_to_no_look_alike() {
    let (house, _) = House::with_mail(RegistrationMode::Open).await;
    drop(house.checked("mike", "mike@example.org").await);
    for who in ["m\u{131}ke@example.org", "mike@ex\u{430}mple.org", "mi\u{212a}e@example.org"] {
        assert!(house.mailed(who).await.is_none(), "{who}");
        let form = RegistrationForm {
            name: "eve".to_owned(),
            email: Some(who.to_owned()),
            password: secret(GOOD),
        };
        if let Ok(eve) = house.people.register(form, &Peer::default()).await {
            let mails = house.mails().await;
            assert!(mails.iter().all(|mail| mail.recipient != "mike@example.org"), "{who}");
            drop(uid_of(&eve));
        }
    }
    let mail = house.mailed("MIKE@EXAMPLE.ORG").await.expect("a link");
    assert_eq!(mail.recipient, "mike@example.org");
}

/// SFTPGo: a reset let somebody in without the second factor.
#[tokio::test]
async fn cve_2024_37897_a_mailed_link_does_not_get_around_the_second_factor() {
    let (house, _) = House::with_mail(RegistrationMode::Open).await;
    let alice = house.checked("alice", "alice@example.org").await;
    house.enrol(alice).await;
    assert_eq!(house.told().await, ["codes-on to alice@example.org"]);
    let mail = house.mailed("alice").await.expect("a link");
    house.set_by(&mail, OTHER).await.expect("set");
    let form = LoginForm { name: "alice".to_owned(), password: secret(OTHER) };
    let entered = house.people.login(form, &Peer::default()).await.expect("the password is right");
    assert!(matches!(entered, Entered::HalfWay { .. }), "{entered:?}");
}

#[tokio::test]
async fn a_stranger_who_asks_voids_no_link_and_one_that_is_spent_voids_all() {
    let (house, root) = House::with_mail(RegistrationMode::Open).await;
    let alice = house.checked("alice", "alice@example.org").await.person;
    let actor = Actor::Administrator(&root);
    let made =
        house.people.make_password_link(actor, (alice.uid(), AddedLinks::End)).await.expect("made");
    assert_eq!(house.told().await, ["password-link-made to alice@example.org"]);
    let (first, second) = (house.mailed("alice").await, house.mailed("alice").await);
    house.set_by(&first.expect("a link"), OTHER).await.expect("the first counts still");
    assert!(house.set_by(&second.expect("a link"), GOOD).await.is_err());
    let peer = Peer::default();
    let late = house.people.follow_password_link(&made.token, &secret(GOOD), &peer).await;
    assert!(late.is_err(), "{late:?}");
    let made =
        house.people.make_password_link(actor, (alice.uid(), AddedLinks::End)).await.expect("made");
    house.told().await;
    assert!(house.mailed("alice").await.is_some());
    let set = house.people.follow_password_link(&made.token, &secret(GOOD), &peer).await;
    set.expect("what an administrator made counts still");
}

#[tokio::test]
async fn requests_are_slowed_down_by_address_and_bounded_over_all() {
    let (house, _) = House::with_mail(RegistrationMode::Open).await;
    let from = |third, last| {
        let ip = Some(IpAddr::from([192, 0, third, last]));
        Peer { ip, ..Peer::default() }
    };
    for n in 0..40 {
        house.people.ask_password_link("nobody", &from(2, 1)).unwrap_or_else(|_| panic!("{n}"));
    }
    let ask = |who, peer: &Peer| house.people.ask_password_link(who, peer);
    assert!(ask("nobody", &from(2, 1)).is_err() && ask("alice", &from(2, 1)).is_err());
    let others = (0..).map(|n: u32| from(3, u8::try_from(n % 250).expect("a byte")));
    let taken = others.take(400).filter(|peer| ask("nobody", peer).is_ok()).count();
    assert_eq!(taken, 300 - 40, "so many in ten minutes");
    house.pass(SignedDuration::from_mins(10));
    ask("nobody", &from(3, 1)).expect("the next ten");
}

#[tokio::test]
async fn who_registers_where_addresses_are_checked_comes_in_by_the_link_alone() {
    let (house, root) = House::with_mail(RegistrationMode::Open).await;
    house.ask_for_checks(&root, RegistrationMode::Open).await;
    let without = house.register("paula").await.expect_err("an address is asked for");
    assert_eq!((without.code(), without.field()), ("email-missing", Some("email")));
    let registered = house.register_with("paula", "paula@example.net").await;
    let uid = uid_of(&registered);
    assert_eq!(registered, Registered::Unchecked(uid.clone()));
    assert_eq!(house.ledger.grants_of(&uid).await.expect("read"), []);
    assert!(matches!(house.login("paula", GOOD).await, Err(LoginError::AwaitingCheck)));
    assert!(matches!(house.login("paula", OTHER).await, Err(LoginError::Refused)));
    let mails = house.mails().await;
    assert_eq!(mails.len(), 1);
    assert!(!mails[0].body.contains("paula"), "nothing that a stranger chose");
    let checked = house.follow(&mails[0]).await.expect("checked");
    assert_eq!((&checked.uid, checked.active), (&uid, true));
    assert!(matches!(house.follow(&mails[0]).await, Err(EmailError::Refused)), "once");
    let paula = house.login("paula", GOOD).await.expect("signed in").person;
    let grants = house.people.grants_for(&paula).await.expect("grants");
    let expected = ["RegularUserRole shared/".to_owned(), format!("S3AccessRole home/{uid}/")];
    assert_eq!(rights(&grants), expected, "as every new person");
}

#[tokio::test]
async fn who_does_not_follow_the_link_in_a_day_is_forgotten_and_the_name_is_free() {
    let (house, root) = House::with_mail(RegistrationMode::Open).await;
    house.ask_for_checks(&root, RegistrationMode::Approval).await;
    let late = uid_of(&house.register_with("late", "late@example.net").await);
    let late_mail = house.mails().await;
    let approved = uid_of(&house.register_with("approved", "approved@example.net").await);
    house.people.approve(&root, &approved).await.expect("an administrator's word");
    house.pass(SignedDuration::from_hours(24));
    assert!(matches!(house.follow(&late_mail[0]).await, Err(EmailError::Refused)));
    house.people.sweep().await.expect("swept");
    assert_eq!(house.ledger.person(&late).await.expect("read"), None);
    assert!(house.ledger.person(&approved).await.expect("read").is_some());
    house.register_with("late", "late@example.net").await;
}

#[tokio::test]
async fn an_address_of_a_listed_domain_lets_nobody_in_until_it_was_checked() {
    let (house, root) = House::with_mail(RegistrationMode::Open).await;
    let domains = vec!["example.org".to_owned(), "b\u{fc}cher.example".to_owned()];
    let registration = RegistrationMode::Domains;
    let settings = Settings { registration, homes: true, domains, mail_check: false };
    let kept = house.people.set_settings(&root, settings).await.expect("set");
    assert_eq!(kept.domains, ["example.org", "xn--bcher-kva.example"]);
    for (name, email) in [("ann", "ann@EXAMPLE.org"), ("bea", "bea@b\u{fc}cher.example")] {
        let registered = house.register_with(name, email).await;
        assert!(matches!(registered, Registered::Unchecked(_)), "{registered:?}");
        assert!(matches!(house.login(name, GOOD).await, Err(LoginError::AwaitingCheck)));
        assert!(house.follow(&house.mails().await[0]).await.expect("checked").active);
        drop(house.login(name, GOOD).await.expect("signed in"));
    }
}

#[tokio::test]
async fn a_link_that_is_followed_late_lets_in_by_what_the_house_has_become_and_not_by_what_it_was()
{
    for (was, domain) in
        [(RegistrationMode::Open, "example.org"), (RegistrationMode::Domains, "example.org")]
    {
        for (now, listed, comes) in [
            (RegistrationMode::Open, "example.org", true),
            (RegistrationMode::Domains, "example.org", true),
            (RegistrationMode::Domains, "example.net", false),
            (RegistrationMode::Approval, "example.org", false),
            (RegistrationMode::Invitation, "example.org", false),
            (RegistrationMode::Closed, "example.org", false),
        ] {
            let (house, root) = House::with_mail(RegistrationMode::Open).await;
            let settings = |registration, domain: &str| Settings {
                registration,
                homes: true,
                domains: vec![domain.to_owned()],
                mail_check: true,
            };
            house.people.set_settings(&root, settings(was, domain)).await.expect("set");
            house.register_with("ann", "ann@example.org").await;
            let mails = house.mails().await;
            house.people.set_settings(&root, settings(now, listed)).await.expect("set");
            let checked = house.follow(&mails[0]).await.expect("checked");
            assert_eq!(checked.active, comes, "{was:?}, then {now:?} of {listed}");
            let waits: &[&str] = &["somebody-waits to root@example.org"];
            let told = [waits, &[]][usize::from(comes)];
            assert_eq!(house.told().await, told);
        }
    }
}

#[tokio::test]
async fn after_the_check_an_administrator_approves_and_is_told_once_an_hour() {
    let (house, root) = House::with_mail(RegistrationMode::Open).await;
    house.ask_for_checks(&root, RegistrationMode::Approval).await;
    for name in ["ann", "bea"] {
        let registered = house.register_with(name, &format!("{name}@example.net")).await;
        assert!(matches!(registered, Registered::Unchecked(_)), "{registered:?}");
        let mails = house.mails().await;
        assert_eq!(mails.len(), 1, "no administrator is told before");
        assert!(!house.follow(&mails[0]).await.expect("checked").active);
        assert!(matches!(house.login(name, GOOD).await, Err(LoginError::AwaitingApproval)));
        let waits = ["somebody-waits to root@example.org"];
        assert_eq!(house.told().await, if name == "ann" { &waits[..] } else { &[] });
        let uid = uid_of(&registered);
        house.people.approve(&root, &uid).await.expect("approved");
        assert_eq!(house.told().await, [format!("approved to {name}@example.net")]);
    }
}

/// What tells who is registered has been an advisory elsewhere: a taken address gets the same answer as a
/// free one, and its owner alone is told.
#[tokio::test]
async fn a_taken_address_is_answered_as_a_free_one_and_its_owner_is_told() {
    let (house, root) = House::with_mail(RegistrationMode::Open).await;
    drop(house.checked("alice", "alice@example.org").await);
    house.ask_for_checks(&root, RegistrationMode::Open).await;
    let mut answers = Vec::new();
    for (name, email) in [("eve", "ALICE@example.org"), ("ann", "free@example.org")] {
        let hashes = house.people.hasher().done();
        let registered = house.register_with(name, email).await;
        let status = matches!(registered, Registered::Unchecked(_));
        let login = house.login(name, GOOD).await.expect_err("not yet").code();
        let again = house.register(name).await.expect_err("asked for an address").code();
        answers.push((status, login, again, house.people.hasher().done() - hashes));
    }
    assert_eq!(answers[0], answers[1]);
    let told = house.told().await;
    assert_eq!(told, ["address-in-use to alice@example.org", "mail-check to free@example.org"]);
    house.register_with("mallory", "alice@example.org").await;
    assert_eq!(house.told().await, Vec::<String>::new(), "once a day");
}

#[tokio::test]
async fn a_taken_name_is_answered_as_a_free_one_and_the_mail_says_so() {
    let (house, root) = House::with_mail(RegistrationMode::Open).await;
    drop(house.checked("alice", "alice@example.org").await);
    house.ask_for_checks(&root, RegistrationMode::Open).await;
    let taken = house.register_with("Alice", "new@example.org").await;
    assert_eq!(taken, Registered::Taken(Told::Unchecked));
    assert!(matches!(
        house.register_with("ann", "free@example.org").await,
        Registered::Unchecked(_)
    ));
    assert_eq!(
        house.told().await,
        ["mail-check to free@example.org", "name-taken to new@example.org"]
    );
    let again = house.register_with("ALICE", "alice@example.org").await;
    assert_eq!(again, Registered::Taken(Told::Unchecked));
    assert_eq!(house.told().await, ["address-in-use to alice@example.org"], "it is an owner's");
}

#[tokio::test]
async fn of_two_who_say_the_same_address_the_first_who_checks_it_has_it() {
    let (house, _) = House::with_mail(RegistrationMode::Open).await;
    house.register_with("ann", "shared@example.org").await;
    let anns = house.mails().await;
    house.register_with("bea", "shared@example.org").await;
    let beas = house.mails().await;
    house.follow(&beas[0]).await.expect("checked");
    assert!(matches!(house.follow(&anns[0]).await, Err(EmailError::Refused)));
    let mail = house.mailed("shared@example.org").await.expect("a link");
    let bea = house.login("bea", GOOD).await.expect("signed in").person;
    assert_eq!(&house.set_by(&mail, OTHER).await.expect("set"), bea.uid());
}

#[tokio::test]
async fn an_address_is_changed_by_the_new_ones_link_and_the_old_one_is_told() {
    let (house, _) = House::with_mail(RegistrationMode::Open).await;
    let alice = house.checked("alice", "old@example.org").await;
    let person = Proven::try_from(alice.person).expect("a fresh proof");
    house.people.want_email(&person, "new@example.org").await.expect("asked");
    let own = house.people.own_email(person.person()).await.expect("read");
    let wanted = own.wanted.as_ref().map(|(email, _)| email.as_str());
    let stands = (own.email.as_deref(), own.checked, wanted);
    assert_eq!(stands, (Some("old@example.org"), true, Some("new@example.org")));
    let mails = house.mails().await;
    let kinds: Vec<_> = mails.iter().map(|m| (m.kind.as_str(), m.recipient.as_str())).collect();
    assert_eq!(
        kinds,
        [("address-to-change", "old@example.org"), ("mail-check", "new@example.org")]
    );
    let to_old = house.mailed("alice").await.expect("a link to the old one");
    house.follow(&mails[1]).await.expect("checked");
    assert_eq!(house.told().await, ["address-changed to old@example.org"]);
    assert!(house.set_by(&to_old, OTHER).await.is_err(), "what lies in the old mailbox is void");
    assert!(house.mailed("old@example.org").await.is_none());
    assert!(house.mailed("new@example.org").await.is_some());
    assert!(house.people.remove_email(&person).await.expect("removed"));
    assert_eq!(house.told().await, ["address-changed to new@example.org"]);
    assert!(house.mailed("alice").await.is_none(), "there is none any more");
    let bad = house.people.want_email(&person, "x@y, z@w").await.expect_err("no address");
    assert_eq!((bad.code(), bad.field()), ("email-invalid", Some("email")));
}

#[tokio::test]
async fn people_are_told_of_what_changes_in_their_accounts() {
    let (house, root) = House::with_mail(RegistrationMode::Open).await;
    let alice = house.checked("alice", "alice@example.org").await;
    let told = async |kind: &str| {
        let mails = house.mails().await;
        let kinds: Vec<_> = mails.iter().map(|mail| mail.kind.as_str()).collect();
        assert_eq!(kinds, [kind]);
        assert!(mails[0].body.contains("https://files.example.org"), "{}", mails[0].body);
        for secret in [GOOD, OTHER, "token="] {
            assert!(!mails[0].body.contains(secret), "{kind}: {}", mails[0].body);
        }
    };
    let locations = house.locations(&alice.person).await;
    house.make(&alice.person, &locations).await;
    told("token-made").await;
    let (old, new, peer) = (secret(GOOD), secret(OTHER), Peer::default());
    let changed =
        house.people.change_password(&alice.person, &old, (&new, Programs::Keep), &peer).await;
    let alice = changed.expect("changed");
    told("password-changed").await;
    let alice = house.enrol(alice).await.session;
    told("codes-on").await;
    let person = Proven::try_from(alice.person.clone()).expect("a fresh proof");
    house.people.replace_recovery_codes(&person, &peer).await.expect("replaced");
    told("recovery-codes-replaced").await;
    house.people.remove_second_factor(&person, &peer).await.expect("removed");
    told("codes-off").await;
    house.enrol(alice).await;
    told("codes-on").await;
    house
        .people
        .reset_second_factor(&root, (person.person().uid(), AddedLinks::End), &peer)
        .await
        .expect("reset");
    told("factors-reset").await;
    let form =
        InvitationForm { email: Some("new@example.net".to_owned()), ..InvitationForm::default() };
    let made = house.people.invite(Actor::Administrator(&root), form).await.expect("made");
    let mails = house.mails().await;
    assert_eq!(token_in(&mails[0], "invitation").expose(), made.token.expose());
    house.people.disable(&root, person.person().uid()).await.expect("disabled");
    let link = house
        .people
        .make_password_link(Actor::Operator, (person.person().uid(), AddedLinks::End))
        .await;
    assert!(link.is_err(), "for who is shut out there is none");
    assert_eq!(house.told().await, Vec::<String>::new(), "who is shut out is told nothing");
}

#[tokio::test]
async fn a_sign_in_by_a_new_device_is_told_and_one_by_the_first_or_a_known_one_is_not() {
    let (house, _) = House::with_mail(RegistrationMode::Open).await;
    drop(house.checked("alice", "alice@example.org").await);
    let sign_in = async |agent: &str| {
        let form = LoginForm { name: "alice".to_owned(), password: secret(GOOD) };
        let ip = Some(IpAddr::from([192, 0, 2, 9]));
        let peer = Peer { ip, user_agent: Some(agent.to_owned()), ..Peer::default() };
        drop(house.people.login(form, &peer).await.expect("signed in"));
        house.mails().await
    };
    let firefox =
        |version| format!("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/{version}");
    assert!(sign_in(&firefox(128)).await.is_empty(), "the first");
    assert!(sign_in(&firefox(129)).await.is_empty(), "the same, a little newer");
    let told =
        sign_in("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36")
            .await;
    assert_eq!(told.len(), 1);
    assert!(
        told[0].body.contains("by Chrome on Windows, from the address 192.0.2.9"),
        "{}",
        told[0].body
    );
    assert!(sign_in(&firefox(130)).await.is_empty());
}

#[tokio::test]
async fn where_mail_is_not_set_up_nobody_must_follow_links() {
    let (house, root) = House::open().await;
    let settings = Settings {
        registration: RegistrationMode::Open,
        homes: true,
        domains: vec!["example.org".to_owned()],
        mail_check: true,
    };
    let refused = house.people.set_settings(&root, settings.clone()).await;
    assert_eq!(refusal(refused), "mail-not-set-up");
    let by_domain =
        Settings { registration: RegistrationMode::Domains, mail_check: false, ..settings };
    house.people.set_settings(&root, by_domain).await.expect("set");
    let registered = house.register_with("ann", "ann@example.org").await;
    assert!(
        matches!(registered, Registered::Pending(_)),
        "an administrator decides: {registered:?}"
    );
}

#[tokio::test]
async fn whose_file_is_infected_is_told_with_its_name_twenty_times_a_day_at_most() {
    let (house, _) = House::with_mail(RegistrationMode::Open).await;
    let alice = house.checked("alice", "alice@example.org").await;
    let uid = alice.person.uid();
    for n in 0..25 {
        let file = format!("files/home/{uid}/bad\r\nBcc: {n}.com");
        let mails = house.people.told_of_infection(uid, &file, "Eicar-Test-Signature");
        house.ledger.post_mails(mails).await.expect("written");
    }
    let mails = house.mails().await;
    assert_eq!(mails.len(), 20);
    let mail = &mails[0];
    assert_eq!(
        (mail.kind.as_str(), mail.recipient.as_str()),
        ("file-infected", "alice@example.org")
    );
    assert_eq!(mail.subject, "A file of yours is held back");
    assert!(
        mail.body.contains("Eicar-Test-Signature") && !mail.body.contains("\nBcc"),
        "{}",
        mail.body
    );
}
