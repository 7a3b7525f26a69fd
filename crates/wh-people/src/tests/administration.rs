//! Administrators: what they may do, and that one is always left.

use wh_ledger::{GrantSubject, PersonStatus};
use wh_names::{KeyPrefix, RoleName, Uid};

use crate::tests::{GOOD, House, proven, rights};
use crate::{AdministrationError, Administrator, GrantForm, Person, RegistrationMode};

fn form(subject: GrantSubject, role: &str, prefix: &str) -> GrantForm {
    GrantForm {
        bucket: None,
        subject,
        role: RoleName::parse(role).expect("a role"),
        prefix: KeyPrefix::parse(prefix).expect("a prefix"),
        title: " Files of the house ".to_owned(),
        ends_at: None,
    }
}

fn to(uid: &Uid) -> GrantSubject {
    GrantSubject::Person(uid.clone())
}

pub(super) fn refusal<T: std::fmt::Debug>(result: Result<T, AdministrationError>) -> &'static str {
    result.expect_err("a refusal").code()
}

#[tokio::test]
async fn only_the_role_of_administrators_on_the_whole_bucket_makes_one() {
    let (house, root) = House::open().await;
    let alice = house.somebody("alice").await;
    let uid = alice.person.uid();
    for (role, prefix) in [("AdminRole", "shared/"), ("S3AccessRole", ""), ("adminrole", "")] {
        house.people.add_grant(&root, form(to(uid), role, prefix)).await.expect("given");
        let person: Person = house.people.recognise(&alice.token).await.expect("alice");
        assert!(!person.is_administrator(), "{role} {prefix}");
        assert!(Administrator::try_from(person).is_err());
    }
    let grant =
        house.people.add_grant(&root, form(to(uid), "AdminRole", "")).await.expect("given").grant;
    let person = house.people.recognise(&alice.token).await.expect("alice");
    assert!(person.is_administrator());
    assert_eq!(grant.title, "Files of the house");
    assert_eq!(grant.created_by.as_ref(), Some(root.uid()));

    house.people.remove_grant(&root, grant.id.as_str()).await.expect("taken away");
    let person = house.people.recognise(&alice.token).await.expect("alice is still signed in");
    assert!(!person.is_administrator(), "rights are looked up anew for every request");
    assert!(house.ledger.revoked(uid, house.now()), "what was issued by the grant counts no more");
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let (house, root) = House::open().await;
    let grants = house.people.grants_of(root.administrator(), root.uid()).await.expect("grants");
    let grants = grants.into_iter().map(|record| record.grant);
    let grant = grants.clone().find(|g| g.role.as_str() == "AdminRole").expect("the grant");
    let remove = async || house.people.remove_grant(&root, grant.id.as_str()).await;
    assert_eq!(refusal(remove().await), "last-administrator");
    assert_eq!(refusal(house.people.disable(&root, root.uid()).await), "last-administrator");

    let alice = house.somebody("alice").await;
    let uid = alice.person.uid();
    house.people.add_grant(&root, form(to(uid), "AdminRole", "")).await.expect("given");
    house.people.disable(&root, uid).await.expect("disabled");
    assert_eq!(
        refusal(remove().await),
        "last-administrator",
        "alice does not count while disabled"
    );
    house.people.enable(&root, uid).await.expect("enabled");
    remove().await.expect("taken away");
    let alice = house.login("alice", GOOD).await.expect("signed in").person;
    assert_eq!(refusal(house.people.disable(&proven(&alice), uid).await), "last-administrator");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_administrators_who_disable_each_other_at_once_one_stays() {
    let (house, root) = House::open().await;
    let alice = house.somebody("alice").await;
    let uid = alice.person.uid().clone();
    house.people.add_grant(&root, form(to(&uid), "AdminRole", "")).await.expect("given");
    let alice = proven(&house.people.recognise(&alice.token).await.expect("alice"));
    let (a, b) =
        tokio::join!(house.people.disable(&root, &uid), house.people.disable(&alice, root.uid()));
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1, "{a:?} {b:?}");
    assert!(!house.people.setup_needed().await.expect("an answer"));
}

#[tokio::test]
async fn a_grant_to_everyone_counts_for_everyone_and_its_place_may_be_their_own() {
    let (house, root) = House::open().await;
    let alice = house.somebody("alice").await.person;
    let everyone = GrantSubject::Everyone;
    let grant = form(everyone.clone(), "UploadRole", "inbox/${uid}/");
    let grant = house.people.add_grant(&root, grant).await.expect("given").grant;
    let grants = house.people.grants_for(&alice).await.expect("grants");
    assert!(rights(&grants).contains(&format!("UploadRole inbox/{}/", alice.uid())));
    assert_eq!(
        house.people.grants_of(root.administrator(), alice.uid()).await.expect("grants").len(),
        2
    );
    let (taken, held_by) =
        house.people.remove_grant(&root, grant.id.as_str()).await.expect("taken away");
    assert_eq!((taken.subject, held_by), (everyone, Vec::new()));
    assert!(house.ledger.revoked(alice.uid(), house.now()));
}

#[tokio::test]
async fn a_grant_that_cannot_stand_is_refused() {
    let (house, root) = House::open().await;
    let add = async |form| refusal(house.people.add_grant(&root, form).await);
    let nobody = Uid::generate(house.now(), &super::entropy());
    assert_eq!(add(form(GrantSubject::Everyone, "AdminRole", "")).await, "grant-too-wide");
    assert_eq!(add(form(to(root.uid()), "S3AccessRole", "home/bob")).await, "prefix-invalid");
    assert_eq!(add(form(to(&nobody), "S3AccessRole", "")).await, "no-such-person");
    for title in ["", "  ", "a\nb", &"x".repeat(101)] {
        let mut form = form(to(root.uid()), "S3AccessRole", "");
        title.clone_into(&mut form.title);
        assert_eq!(add(form).await, "title-invalid");
    }
    for id in ["", "../x", nobody.as_str()] {
        assert_eq!(refusal(house.people.remove_grant(&root, id).await), "no-such-grant");
    }
    assert_eq!(
        refusal(house.people.grants_of(root.administrator(), &nobody).await),
        "no-such-person"
    );
    assert_eq!(refusal(house.people.disable(&root, &nobody).await), "no-such-person");
    assert_eq!(refusal(house.people.enable(&root, &nobody).await), "no-such-person");
    assert_eq!(refusal(house.people.approve(&root, &nobody).await), "no-such-person");
    assert_eq!(refusal(house.people.approve(&root, root.uid()).await), "not-pending");
    assert_eq!(refusal(house.people.end_sessions(&root, &nobody).await), "no-such-person");
}

#[tokio::test]
async fn who_was_turned_away_while_pending_is_pending_again_when_let_back() {
    let house = House::new().await;
    let root = proven(&house.set_up(RegistrationMode::Approval).await.person);
    let uid = super::uid_of(&house.register("paula").await.expect("registered"));
    house.people.disable(&root, &uid).await.expect("turned away");
    assert_eq!(refusal(house.people.approve(&root, &uid).await), "not-pending");
    house.people.enable(&root, &uid).await.expect("let back");
    let persons = house.people.list_persons(root.administrator()).await.expect("persons");
    let seen: Vec<_> =
        persons.iter().map(|p| (p.name.as_str(), p.status, p.administrator)).collect();
    assert!(seen.contains(&("root", PersonStatus::Active, true)), "{seen:?}");
    assert!(seen.contains(&("paula", PersonStatus::Pending, false)), "{seen:?}");
    assert_eq!(
        house.people.all_grants(root.administrator()).await.expect("grants").len(),
        3,
        "all of them root's"
    );
}
