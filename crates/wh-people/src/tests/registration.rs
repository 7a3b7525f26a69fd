//! Registering: nobody comes to more than everybody has.

use std::net::IpAddr;
use std::time::Duration;

use jiff::SignedDuration;

use crate::tests::{GOOD, House, OTHER, registration_form, rights, secret, uid_of};
use crate::{
    BreachedPasswords, LoginError, PasswordRules, Peer, Registered, RegistrationError,
    RegistrationForm, RegistrationMode, Settings, Told,
};

#[tokio::test]
async fn registration_is_closed_until_somebody_opens_it() {
    let house = House::new().await;
    assert!(matches!(house.register("early").await, Err(RegistrationError::Closed)));
    drop(house.set_up(RegistrationMode::Closed).await);
    assert!(matches!(house.register("late").await, Err(RegistrationError::Closed)));
    assert_eq!(house.people.hasher().done(), 1, "only set-up was worth a hash");
}

#[tokio::test]
async fn mass_assignment_whatever_the_form_says_a_new_person_reads_what_is_shared_and_has_a_home() {
    let (house, _) = House::open().await;
    for (name, email) in [
        ("plain", None),
        ("administrator", Some("root@example.org")),
        ("AdminRole", Some("role=AdminRole@example.org")),
        ("root@home", Some("a+administrator=true@b.example")),
        ("Root Two", Some("{admin}@example.org")),
    ] {
        let form = RegistrationForm {
            name: name.to_owned(),
            email: email.map(str::to_owned),
            password: secret(GOOD),
        };
        let registered = house.people.register(form, &Peer::default()).await.expect(name);
        let uid = uid_of(&registered);
        assert_eq!(registered, Registered::Active(uid.clone()));
        let signed_in = house.login(name, GOOD).await.expect("signed in");
        assert!(!signed_in.person.is_administrator(), "{name}");
        assert!(signed_in.person.administrator().is_err(), "{name}");
        let grants = house.people.grants_for(&signed_in.person).await.expect("grants");
        let expected = ["RegularUserRole shared/".to_owned(), format!("S3AccessRole home/{uid}/")];
        assert_eq!(rights(&grants), expected, "{name}");
    }
}

#[tokio::test]
async fn without_homes_a_new_person_only_reads_what_is_shared() {
    let (house, root) = House::open().await;
    let (registration, homes) = (RegistrationMode::Open, false);
    let settings = Settings { registration, homes, domains: Vec::new(), mail_check: false };
    house.people.set_settings(&root, settings.clone()).await.expect("set");
    assert_eq!(house.people.settings(root.administrator()).await.expect("settings"), settings);
    let alice = house.somebody("alice").await;
    let grants = house.people.grants_for(&alice.person).await.expect("grants");
    assert_eq!(rights(&grants), ["RegularUserRole shared/"]);
}

#[tokio::test]
async fn who_waits_for_approval_has_nothing_until_it_comes() {
    let house = House::new().await;
    let root = house.set_up(RegistrationMode::Approval).await.person;
    let root = super::proven(&root);
    let registered = house.register("paula").await.expect("registered");
    let uid = uid_of(&registered);
    assert_eq!(registered, Registered::Pending(uid.clone()));
    assert_eq!(house.people.grants_of(root.administrator(), &uid).await.expect("grants"), []);
    assert!(matches!(house.login("paula", GOOD).await, Err(LoginError::AwaitingApproval)));
    house.people.approve(&root, &uid).await.expect("approved");
    let paula = house.login("paula", GOOD).await.expect("signed in").person;
    let grants = house.people.grants_for(&paula).await.expect("grants");
    let expected = ["RegularUserRole shared/".to_owned(), format!("S3AccessRole home/{uid}/")];
    assert_eq!(rights(&grants), expected);
}

#[tokio::test]
async fn a_field_that_cannot_stand_is_named() {
    let (house, _) = House::open().await;
    let check = async |change: fn(&mut RegistrationForm), field, code| {
        let mut form = registration_form("alice");
        change(&mut form);
        let error = house.people.register(form, &Peer::default()).await.expect_err("a refusal");
        assert_eq!((error.field(), error.code()), (Some(field), code));
    };
    check(|form| form.name = "a/b".to_owned(), "name", "name-invalid").await;
    check(|form| form.email = Some("nowhere".to_owned()), "email", "email-invalid").await;
    check(|form| form.email = Some("a@b\r\nBcc: c@d".to_owned()), "email", "email-invalid").await;
    check(|form| form.password = secret("short"), "password", "password-too-short").await;
    let before = house.people.hasher().done();
    check(|form| form.password = secret(&"xyzzy".repeat(99)), "password", "password-too-long")
        .await;
    assert_eq!(house.people.hasher().done(), before, "none of them was worth a hash");
}

#[tokio::test]
async fn a_name_that_is_taken_is_as_much_work_as_a_free_one_and_leaves_nothing() {
    for (mode, told) in
        [(RegistrationMode::Open, Told::Active), (RegistrationMode::Approval, Told::Pending)]
    {
        let house = House::new().await;
        drop(house.set_up(mode).await);
        house.register("alice").await.expect("registered");
        let hashes = house.people.hasher().done();
        house.register("bob").await.expect("registered");
        assert_eq!(house.people.hasher().done(), hashes + 1);
        for alike in ["alice", "ALICE", "a1ice", "root", "bob"] {
            let hashes = house.people.hasher().done();
            let mut form = registration_form(alike);
            form.password = secret(OTHER);
            let answer = house.people.register(form, &Peer::default()).await.expect("an answer");
            assert_eq!(answer, Registered::Taken(told), "{alike}");
            assert_eq!(house.people.hasher().done(), hashes + 1, "{alike}");
            let refused = house.login(alike, OTHER).await;
            assert!(matches!(refused, Err(LoginError::Refused)), "{alike}: {refused:?}");
        }
        let persons = house.ledger.persons().await.expect("read");
        let mut names: Vec<&str> = persons.iter().map(|row| row.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["alice", "bob", "root"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_want_one_name_at_once_one_gets_it() {
    let (house, _) = House::open().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let people = house.people.clone();
        tasks.spawn(
            async move { people.register(registration_form("alice"), &Peer::default()).await },
        );
    }
    let results = tasks.join_all().await;
    let count = |of: fn(&Result<Registered, RegistrationError>) -> bool| {
        results.iter().filter(|result| of(result)).count()
    };
    assert_eq!(count(|r| matches!(r, Ok(Registered::Active(_)))), 1);
    assert_eq!(count(|r| matches!(r, Ok(Registered::Taken(_)) | Err(RegistrationError::Busy))), 49);
    assert!(matches!(house.login("alice", OTHER).await, Err(LoginError::Refused)));
}

#[tokio::test]
async fn an_address_registers_so_many_and_then_more_slowly() {
    let (house, _) = House::open().await;
    let from = |last| Peer { ip: Some(IpAddr::from([192, 0, 2, last])), ..Peer::default() };
    let register =
        async |name: &str, last| house.people.register(registration_form(name), &from(last)).await;
    for n in 0..50 {
        register(&format!("person {n}"), 1).await.expect("registered");
        let taken = register(&format!("person {n}"), 1).await.expect("an answer");
        assert_eq!(taken, Registered::Taken(Told::Active), "{n}");
        let bad = register("", 1).await;
        assert!(matches!(bad, Err(RegistrationError::Field(_))), "it tells nothing, and is free");
    }
    let hashes = house.people.hasher().done();
    let throttled = register("one more", 1).await;
    assert!(matches!(
        throttled,
        Err(RegistrationError::Throttled { retry_after }) if retry_after == Duration::from_secs(1)
    ));
    assert_eq!(house.people.hasher().done(), hashes, "the refusal is no work");
    register("elsewhere", 2).await.expect("registered");
    house.pass(SignedDuration::from_secs(1));
    register("one more", 1).await.expect("registered");
    let again = register("and one", 1).await;
    assert!(matches!(again, Err(RegistrationError::Throttled { .. })), "the delay doubles");
}

#[tokio::test]
async fn who_comes_too_often_is_told_so_before_a_list_of_breaches_is_read() {
    use std::io::Write as _;
    let mut made = std::io::Cursor::new(Vec::new());
    let list = format!("{}\n", "f".repeat(40));
    BreachedPasswords::compile(list.as_bytes(), &mut made).expect("made");
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(made.get_ref()).expect("written");
    let breached = BreachedPasswords::open(file.path()).expect("opened");
    let rules = PasswordRules { words: Vec::new(), breached: Some(breached.into()) };
    let house = House::ruled(rules).await;
    drop(house.set_up(RegistrationMode::Open).await);
    let peer = Peer { ip: Some(IpAddr::from([192, 0, 2, 1])), ..Peer::default() };
    // The list has gone: whoever would look into it is told so.
    file.as_file().set_len(0).expect("cut");
    let mut told = Vec::new();
    for n in 0..110 {
        let form = registration_form(&format!("guest {n}"));
        told.push(house.people.register(form, &peer).await.expect_err("refused").code());
    }
    told.dedup();
    assert_eq!(told, ["password-unchecked", "throttled"]);
}
