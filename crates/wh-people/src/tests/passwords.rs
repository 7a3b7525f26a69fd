//! Passwords: what may be one, and what is kept of it.

use crate::hashing::{Hasher, Verdict};
use crate::password::{Chooser, Weight, check_new_password};
use crate::tests::{CHEAP, GOOD, House, entropy, secret};
use crate::{
    BreachedPasswords, FieldError, HashingOptions, LoginError, PasswordRules, Peer, PersonName,
};

#[track_caller]
fn check_at(weight: Weight, password: &str, expected: &str) {
    let name = PersonName::parse("Magdalena").expect("a name");
    let chooser = Chooser { name: &name, email: None, weight };
    let checked = check_new_password(&secret(password), chooser);
    let code = checked.map_or_else(|error| error.code(), |()| "good");
    assert_eq!(code, expected, "{password:?}");
}

#[track_caller]
fn check(password: &str, expected: &str) {
    check_at(Weight::Alone, password, expected);
}

#[test]
fn a_password_is_long_and_not_the_first_that_anybody_tries() {
    check(GOOD, "good");
    check("correct horse battery staple", "password-common");
    check("123 abc def ghi", "password-common");
    check("123 otters and 4 eels", "good");
    check("                   x", "password-common");
    check("🦀🐙🐡🐠🐟🐬🐳🐋🦈🐊🐅🐆🦓🦍🐘", "good");
    check("🦀🐙🐡🐠🐟🐬🐳🐋🦈🐊🐅🐆🦓🦍", "password-too-short");
    check("k\0b\u{1}q\u{2}z\u{3}w\u{4}f\u{5}xhvj", "good");
    check("пароль из слов и чисел 17", "good");
    check("fourteen chars", "password-too-short");
    check("fifteen chars !", "good");
    let long: String = ('\u{4e00}'..).take(85).collect();
    check(&format!("{long}x"), "good");
    check(&format!("{long}xy"), "password-too-long");
    check("hello-Magdalena-hello", "password-holds-name");
    check("HELLO MAGDALENA HELLO", "password-holds-name");
}

#[test]
fn beside_a_second_factor_a_password_is_eight_characters_and_no_easier_to_guess() {
    let check = |password, expected| check_at(Weight::BesideFactor, password, expected);
    check("wry eel", "password-too-short");
    check("wry eel!", "good");
    check("🦀🐙🐡🐠🐟🐬🐳🐋", "good");
    check("passw0rd", "password-common");
    check("Dragon12", "password-common");
    check("12345678", "password-common");
    check("magdalena1", "password-holds-name");
}

#[test]
fn a_password_that_follows_a_pattern_is_refused() {
    for common in [
        "aaaaaaaaaaaaaaaaaaaa",
        "🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀",
        "passwordpassword",
        "Password Password",
        "wellhousewellhouse",
        "123412341234123412",
        "1234567890123456",
        "0987654321098765",
        "abcdefghijklmnop",
        "qwertyuiopasdfgh",
        "mnbvcxzlkjhgfdsapoi",
        "1qaz2wsx3edc4rfv",
        "Qwertyuiop123456",
        "thisisapassword",
        "This Is My Password",
        "thequickbrownfox",
    ] {
        check(common, "password-common");
    }
}

#[tokio::test]
async fn a_stored_password_is_argon2id_with_the_cost_that_was_asked_for() {
    let options = HashingOptions { memory_kib: 47_104, iterations: 1, lanes: 1, parallel: 1 };
    let hasher = Hasher::new(options, entropy()).expect("a hasher");
    let one = hasher.hash(&secret(GOOD)).await.expect("a hash");
    let other = hasher.hash(&secret(GOOD)).await.expect("a hash");
    assert!(one.as_str().starts_with("$argon2id$v=19$m=47104,t=1,p=1$"), "{}", one.as_str());
    assert_ne!(one, other, "each has a salt of its own");
    assert_eq!(format!("{one:?}"), "PasswordPhc(…)");
}

#[tokio::test]
async fn the_memory_of_a_hash_serves_the_next_and_none_is_kept_when_nobody_waits() {
    let options = HashingOptions { memory_kib: 64, iterations: 2, lanes: 1, parallel: 2 };
    let hasher = Hasher::new(options, entropy()).expect("a hasher");
    let of_more = HashingOptions { memory_kib: 256, ..options };
    let of_more = Hasher::new(of_more, entropy()).expect("a hasher");
    let kept = [
        hasher.hash(&secret(GOOD)).await.expect("a hash"),
        of_more.hash(&secret(GOOD)).await.expect("a hash"),
    ];
    assert_eq!(hasher.rooms(), 0);
    // Hashes of more memory and of less take turns in the same.
    let tries =
        (0..20).map(|n: usize| (kept.get(n % 2), if n.is_multiple_of(3) { GOOD } else { "other" }));
    let verdicts = tries.map(|(kept, typed)| {
        let hasher = &hasher;
        async move { (typed == GOOD, hasher.verify(kept, &secret(typed)).await.expect("judged")) }
    });
    for (right, verdict) in futures::future::join_all(verdicts).await {
        assert_eq!(verdict != Verdict::Wrong, right, "{verdict:?}");
    }
    assert_eq!(hasher.rooms(), 0);
}

#[tokio::test]
async fn two_ways_to_compose_a_letter_are_one_password() {
    let (house, _) = House::open().await;
    house.register("claire").await.expect("registered");
    let mut form = super::registration_form("chloé");
    form.password = secret("crème brûlée à gogo");
    house.people.register(form, &Peer::default()).await.expect("registered");
    let decomposed = "cre\u{300}me bru\u{302}le\u{301}e a\u{300} gogo";
    assert!(house.login("chloé", decomposed).await.is_ok());
}

#[tokio::test]
async fn a_weaker_hash_is_made_anew_when_its_person_signs_in() {
    let weak = House::new().await;
    let root = weak.set_up(crate::RegistrationMode::Open).await;
    let uid = root.person.uid();
    let strong = HashingOptions { memory_kib: 128, iterations: 2, ..CHEAP };
    let options = crate::PeopleOptions {
        ledger: weak.ledger.clone(),
        clock: wh_names::Clock::new({
            let now = weak.now();
            move || now
        }),
        entropy: entropy(),
        hashing: strong,
        standard: super::standard(),
        seal: super::seal(),
        factors: crate::FactorRule::Optional,
        origins: Vec::new(),
        passwords: PasswordRules::default(),
        sign_on: crate::SignOnOptions::default(),
        mailing: crate::Mailing::NotSetUp,
    };
    let people = crate::People::new(options).expect("people");
    let form = || crate::LoginForm { name: "root".to_owned(), password: secret(GOOD) };
    let peer = Peer::default();
    let entered = people.login(form(), &peer).await.expect("signed in");
    let crate::Entered::SignedIn(signed_in) = entered else { panic!("{entered:?}") };
    assert!(people.recognise(&signed_in.token).await.is_ok());
    let row = weak.ledger.person(uid).await.expect("the ledger").expect("root");
    assert!(row.password_phc.as_str().contains("m=128,t=2"), "{}", row.password_phc.as_str());
    assert!(people.login(form(), &peer).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_would_wait_too_long_is_told_so_at_once_and_not_held_against_them() {
    let house = House::with(HashingOptions { parallel: 1, memory_kib: 4096, ..CHEAP }).await;
    drop(house.set_up(crate::RegistrationMode::Open).await);
    let mut busy = 0;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..60 {
        let people = house.people.clone();
        tasks.spawn(async move {
            let form = crate::LoginForm { name: format!("nobody{n}"), password: secret(GOOD) };
            people.login(form, &Peer::default()).await.map(drop)
        });
    }
    while let Some(done) = tasks.join_next().await {
        match done.expect("a login") {
            Err(LoginError::Busy) => busy += 1,
            Err(LoginError::Refused) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(busy > 0, "60 at once do not fit into 1 slot and 16 places");
    assert!(house.login("root", GOOD).await.is_ok());
}

/// What a house with these rules says of a password that magda@example.org chooses.
async fn says(rules: PasswordRules, password: &str) -> &'static str {
    let house = House::ruled(rules).await;
    let name = PersonName::parse("Magdalena").expect("a name");
    let (email, weight) = (Some("magda.kowalska@example.org"), Weight::Alone);
    let chooser = Chooser { name: &name, email, weight };
    let password = secret(password);
    let checked = match house.people.check_password(&password, chooser) {
        Ok(()) => house.people.check_breaches(&password).await,
        refused => refused,
    };
    checked.map_or_else(|error| error.code(), |()| "good")
}

#[tokio::test]
async fn words_that_anybody_would_try_here_do_not_make_a_password() {
    let words = ["acme", "Acme Rockets"].map(str::to_owned).to_vec();
    let words = PasswordRules { words, breached: None };
    for (password, code) in [
        ("acme rockets 2026!", "password-common"),
        ("AcmeRockets 2027!!", "password-common"),
        ("Wellhouse Wellhouse 1", "password-common"),
        ("magda.kowalska 12345", "password-common"),
        ("wellhouse-acme rockets-99", "password-common"),
        ("the wellhouse is full of otters", "good"),
        (GOOD, "good"),
    ] {
        assert_eq!(says(words.clone(), password).await, code, "{password}");
    }
    assert_eq!(says(PasswordRules::default(), "acme rockets 2026!").await, "good");
}

#[tokio::test]
async fn a_password_of_a_breach_is_refused_and_so_is_any_that_cannot_be_compared() {
    use sha1::Digest as _;
    use std::io::Write as _;
    let digest = sha1::Sha1::digest(GOOD.as_bytes());
    let (high, low) = digest.iter().fold((0_u128, 0_u32), |(high, low), byte| {
        (high << 8 | u128::from(low >> 24), low << 8 | u32::from(*byte))
    });
    let list = format!("{high:032x}{low:08x}");
    let mut made = std::io::Cursor::new(Vec::new());
    BreachedPasswords::compile(list.as_bytes(), &mut made).expect("made");
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(made.get_ref()).expect("written");
    let breached = BreachedPasswords::open(file.path()).expect("opened");
    let rules = PasswordRules { words: Vec::new(), breached: Some(breached.into()) };
    assert_eq!(says(rules.clone(), GOOD).await, "password-breached");
    assert_eq!(says(rules.clone(), "nobody has ever chosen this").await, "good");
    file.as_file().set_len(16).expect("cut");
    assert_eq!(says(rules, "nobody has ever chosen this").await, "password-unchecked");
    assert_eq!(FieldError::PasswordUnchecked.field(), "password");
}
