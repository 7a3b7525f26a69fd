//! Invitations: each lets one person in, once, with what it says and no more.

use jiff::SignedDuration;
use wh_ledger::GrantSubject;
use wh_names::{KeyPrefix, RoleName, Secret};

use super::administration::refusal;
use crate::tests::{GOOD, House, proven, rights, secret};
use crate::{
    AcceptForm, Accepted, Actor, GrantForm, InvitationError, InvitationForm, InvitationStanding,
    InvitedGrantForm, Peer, ProvenAdministrator, RegistrationError, RegistrationForm,
    RegistrationMode, Settings,
};

fn acceptance(token: &Secret, name: &str) -> AcceptForm {
    AcceptForm {
        token: secret(token.expose()),
        name: Some(name.to_owned()),
        email: None,
        password: secret(GOOD),
    }
}

fn brought(role: &str, prefix: &str) -> InvitedGrantForm {
    InvitedGrantForm {
        role: RoleName::parse(role).expect("a role"),
        prefix: KeyPrefix::parse(prefix).expect("a prefix"),
        title: "Files".to_owned(),
        ends_at: None,
    }
}

async fn by_mode(mode: RegistrationMode) -> (House, ProvenAdministrator) {
    let house = House::new().await;
    let root = proven(&house.set_up(RegistrationMode::Open).await.person);
    let domains = vec!["Example.ORG".to_owned()];
    let settings = Settings { registration: mode, homes: true, domains, mail_check: false };
    house.people.set_settings(&root, settings).await.expect("set");
    (house, root)
}

#[tokio::test]
async fn an_invitation_lets_one_person_in_with_what_it_says() {
    let (house, root) = by_mode(RegistrationMode::Invitation).await;
    let team = house.people.make_group(&root, "team").await.expect("made").id;
    let given = GrantForm {
        bucket: None,
        subject: GrantSubject::Group(team.clone()),
        role: RoleName::parse("S3AccessRole").expect("a role"),
        prefix: KeyPrefix::parse("team/").expect("a prefix"),
        title: "Team".to_owned(),
        ends_at: None,
    };
    house.people.add_grant(&root, given).await.expect("given");
    let form = InvitationForm {
        name: Some("Ada".to_owned()),
        groups: vec![team.as_str().to_owned()],
        grants: vec![brought("UploadRole", "inbox/${uid}/")],
        ..InvitationForm::default()
    };
    let made = house.people.invite(Actor::Administrator(&root), form).await.expect("made");
    let offered = house.people.look_at_invitation(&made.token).await.expect("it stands");
    assert_eq!(offered.name.as_deref(), Some("Ada"));
    let Accepted { uid, .. } = house
        .people
        .accept_invitation(acceptance(&made.token, "root2"), &Peer::default())
        .await
        .expect("in");
    let ada = house.login("ada", GOOD).await.expect("called as the invitation says").person;
    assert_eq!(ada.uid(), &uid);
    assert!(!ada.is_administrator());
    let expected = [
        "RegularUserRole shared/".to_owned(),
        format!("S3AccessRole home/{uid}/"),
        "S3AccessRole team/".to_owned(),
        format!("UploadRole inbox/{uid}/"),
    ];
    assert_eq!(rights(&house.people.grants_for(&ada).await.expect("grants")), expected);

    let again =
        house.people.accept_invitation(acceptance(&made.token, "eve"), &Peer::default()).await;
    assert!(matches!(again, Err(InvitationError::Refused)), "{again:?}");
    let all = house.people.list_invitations(root.administrator()).await.expect("listed");
    assert!(
        matches!(&all[0].standing, InvitationStanding::Spent(who) if who.uid == uid),
        "{all:?}"
    );
    let revoked = house.people.revoke_invitation(&root, all[0].row.id.as_str()).await;
    assert_eq!(refusal(revoked), "no-such-invitation");
}

#[tokio::test]
async fn an_invitation_ends_by_time_by_revocation_and_with_its_makers_administration() {
    let (house, root) = by_mode(RegistrationMode::Invitation).await;
    let invite = async |who: &ProvenAdministrator| {
        let form = InvitationForm::default();
        house.people.invite(Actor::Administrator(who), form).await.expect("made")
    };
    let refused = async |token: &Secret| {
        let answer =
            house.people.accept_invitation(acceptance(token, "eve"), &Peer::default()).await;
        assert!(matches!(answer, Err(InvitationError::Refused)), "{answer:?}");
    };
    let made = invite(&root).await;
    house.people.revoke_invitation(&root, made.row.id.as_str()).await.expect("revoked");
    refused(&made.token).await;
    let made = invite(&root).await;
    house.pass(SignedDuration::from_hours(24));
    refused(&made.token).await;
    refused(&Secret::random(&super::entropy())).await;

    let form = InvitationForm { name: Some("ada".to_owned()), ..InvitationForm::default() };
    let made = house.people.invite(Actor::Operator, form).await.expect("made");
    let Accepted { uid, .. } = house
        .people
        .accept_invitation(acceptance(&made.token, ""), &Peer::default())
        .await
        .expect("in");
    let given = GrantForm {
        bucket: None,
        subject: GrantSubject::Person(uid),
        role: RoleName::parse("AdminRole").expect("a role"),
        prefix: KeyPrefix::everything(),
        title: "Everything".to_owned(),
        ends_at: None,
    };
    let given = house.people.add_grant(&root, given).await.expect("given").grant;
    let ada = proven(&house.login("ada", GOOD).await.expect("signed in").person);
    let made = invite(&ada).await;
    house.people.remove_grant(&root, given.id.as_str()).await.expect("taken away");
    refused(&made.token).await;
    house.ledger.insert_grant(&given).await.expect("given again");
    assert!(house.login("ada", GOOD).await.expect("signed in").person.is_administrator());
    refused(&made.token).await;
}

#[tokio::test]
async fn mass_assignment_an_invitation_brings_no_administrator_and_no_more_than_it_may() {
    let (house, root) = by_mode(RegistrationMode::Invitation).await;
    let check = async |form: InvitationForm, code: &str| {
        let made = house.people.invite(Actor::Administrator(&root), form).await;
        assert_eq!(made.expect_err("a refusal").code(), code);
    };
    let form = InvitationForm::default;
    for prefix in ["", "home/"] {
        let grants = vec![brought("AdminRole", prefix)];
        check(InvitationForm { grants, ..form() }, "grant-too-wide").await;
    }
    let grants = vec![brought("S3AccessRole", "team")];
    check(InvitationForm { grants, ..form() }, "prefix-invalid").await;
    let grants = vec![brought("S3AccessRole", "team/"); 21];
    check(InvitationForm { grants, ..form() }, "invitation-too-large").await;
    for groups in [vec![root.uid().as_str().to_owned()], vec!["team".to_owned()]] {
        check(InvitationForm { groups, ..form() }, "no-such-group").await;
    }
    for life in [SignedDuration::ZERO, SignedDuration::from_hours(25)] {
        check(InvitationForm { life: Some(life), ..form() }, "invitation-life-invalid").await;
    }
    check(InvitationForm { name: Some("ROOT".to_owned()), ..form() }, "name-taken").await;
    check(InvitationForm { email: Some("x".to_owned()), ..form() }, "email-invalid").await;
}

#[tokio::test]
async fn each_mode_lets_in_whom_it_says_and_no_others() {
    use RegistrationMode::{Approval, Closed, Domains, Invitation, Open};
    for (mode, stranger, ours, invited) in [
        (Open, "active", "active", true),
        (Approval, "pending", "pending", true),
        (Domains, "registration-mail-domain", "pending", true),
        (Invitation, "registration-by-invitation", "registration-by-invitation", true),
        (Closed, "registration-closed", "registration-closed", false),
    ] {
        let (house, root) = by_mode(mode).await;
        let come = async |name: &str, email: &str| {
            let form = RegistrationForm {
                name: name.to_owned(),
                email: Some(email.to_owned()),
                password: secret(GOOD),
            };
            match house.people.register(form, &Peer::default()).await {
                Ok(crate::Registered::Active(_)) => "active",
                Ok(crate::Registered::Pending(_)) => "pending",
                Ok(crate::Registered::Unchecked(_)) => "unchecked",
                Ok(crate::Registered::Taken(_)) => "taken",
                Err(error) => RegistrationError::code(&error),
            }
        };
        for (at, email) in [
            "eve@example.com",
            "eve@notexample.org",
            "eve@mail.example.org",
            "example.org@example.com",
            "eve@example.org.example.com",
            "eve@\u{435}xample.org",
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(come(&format!("eve {at}"), email).await, stranger, "{mode:?} {email}");
        }
        for (at, email) in ["bob@example.org", "bob@EXAMPLE.org"].into_iter().enumerate() {
            assert_eq!(come(&format!("bob {at}"), email).await, ours, "{mode:?} {email}");
        }
        let made = house.people.invite(Actor::Administrator(&root), InvitationForm::default());
        assert_eq!(made.await.is_ok(), invited, "{mode:?}");
    }
}

#[tokio::test]
async fn a_closed_house_takes_no_invitation_that_was_made_before() {
    let (house, root) = by_mode(RegistrationMode::Invitation).await;
    let made = house.people.invite(Actor::Operator, InvitationForm::default()).await.expect("made");
    let domains = Vec::new();
    let settings = Settings {
        registration: RegistrationMode::Closed,
        homes: true,
        domains,
        mail_check: false,
    };
    house.people.set_settings(&root, settings).await.expect("set");
    let answer =
        house.people.accept_invitation(acceptance(&made.token, "eve"), &Peer::default()).await;
    assert!(matches!(answer, Err(InvitationError::Closed)), "{answer:?}");
}

#[tokio::test]
async fn mail_domains_are_domains() {
    let (house, root) = by_mode(RegistrationMode::Open).await;
    let put = async |registration, domains: &[&str]| {
        let domains = domains.iter().map(|domain| (*domain).to_owned()).collect();
        house
            .people
            .set_settings(&root, Settings { registration, homes: true, domains, mail_check: false })
            .await
    };
    for bad in
        ["", "org", "a b.org", "@example.org", "-a.org", "a..org", "*.org", "ex\u{202e}mple.org"]
    {
        assert_eq!(refusal(put(RegistrationMode::Open, &[bad]).await), "mail-domains-invalid");
    }
    assert_eq!(refusal(put(RegistrationMode::Domains, &[]).await), "mail-domains-invalid");
    let kept = put(RegistrationMode::Domains, &[" B.org", "a.ORG", "b.org"]).await.expect("put");
    assert_eq!(kept.domains, ["a.org", "b.org"]);
    assert_eq!(house.people.settings(root.administrator()).await.expect("settings"), kept);
}

#[tokio::test]
async fn an_invitation_tells_of_ten_names_and_rests_then() {
    let (house, root) = by_mode(RegistrationMode::Invitation).await;
    let invite = async || {
        let form = InvitationForm::default();
        house.people.invite(Actor::Administrator(&root), form).await.expect("made").token
    };
    let (one, other) = (invite().await, invite().await);
    let accept = async |token: &Secret, name: &str| {
        let peer = Peer::default();
        let accepted = house.people.accept_invitation(acceptance(token, name), &peer).await;
        accepted.map(drop).map_err(|error| error.code())
    };
    for n in 0..10 {
        assert_eq!(accept(&one, "root").await, Err("name-taken"), "{n}");
    }
    let answers = (accept(&one, "root").await, accept(&one, "nobody has it").await);
    assert_eq!(answers, (Err("throttled"), Err("throttled")), "taken or free");
    assert_eq!(accept(&other, "root").await, Err("name-taken"), "another has its own ten");
    house.pass(SignedDuration::from_secs(15 * 60 - 1));
    assert_eq!(accept(&one, "root").await, Err("throttled"));
    house.pass(SignedDuration::from_secs(1));
    assert_eq!(accept(&one, "root").await, Err("name-taken"), "one more");
    assert_eq!(accept(&one, "root").await, Err("throttled"), "and it rests again");
    house.pass(SignedDuration::from_mins(15));
    assert_eq!(accept(&one, "nobody has it").await, Ok(()), "it is not lost");
}
