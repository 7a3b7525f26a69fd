//! What went wrong at others' sign-ins, tried at ours. Each test bears the number of the advisory whose
//! lesson it keeps; `cargo xtask tidy` counts them.

use std::collections::HashSet;

use wh_names::Secret;

use crate::second_step::FactorCode;
use crate::tests::{GOOD, House, OTHER, proven, rights, secret, uid_of};
use crate::{
    Entered, LoginError, LoginForm, Peer, PersonName, Proven, RegistrationForm, RegistrationMode,
    SetupForm,
};

/// File Browser: who exists could be told by the time that a refusal took. However somebody stands,
/// a wrong password is worth one hash and one sentence.
#[tokio::test]
async fn cve_2026_23849_every_wrong_password_is_the_same_work() {
    let house = House::new().await;
    let root = house.set_up(RegistrationMode::Approval).await.person;
    let root = proven(&root);
    for name in ["active", "disabled", "pending", "factor"] {
        let uid = uid_of(&house.register(name).await.expect("registered"));
        if name != "pending" {
            house.people.approve(&root, &uid).await.expect("approved");
        }
        if name == "disabled" {
            house.people.disable(&root, &uid).await.expect("disabled");
        }
    }
    let factor = house.login("factor", GOOD).await.expect("signed in");
    let person = Proven::try_from(factor.person).expect("a fresh proof");
    let offer = house.people.offer_second_factor(&person, &Peer::default()).await;
    offer.expect("offered");
    for name in ["nobody", "active", "disabled", "pending", "factor", "root", "", "a\0", "*"] {
        let before = house.people.hasher().done();
        let error = house.login(name, OTHER).await.expect_err("a refusal");
        assert!(matches!(error, LoginError::Refused), "{name}: {error:?}");
        assert_eq!(error.to_string(), "the name or the password is wrong");
        assert_eq!(house.people.hasher().done() - before, 1, "{name}");
    }
}

/// Letters that look alike, or are the same to somebody.
const ALIKE: [(char, &str); 12] = [
    ('a', "aAаαａ𝐚ⓐ"),
    ('b', "bBЬｂ𝐛ⓑ"),
    ('c', "cCсϲｃ𝐜ⓒ"),
    ('e', "eEеｅ𝐞ⓔ"),
    ('i', "iіｉ𝐢ⓘ"),
    ('l', "lLｌ𝐥ⓛI1"),
    ('o', "oOоοｏ𝐨ⓞ0"),
    ('p', "pPрρｐ𝐩ⓟ"),
    ('s', "sSѕｓ𝐬ⓢſ"),
    ('x', "xXхｘ𝐱ⓧ"),
    ('y', "yYуｙ𝐲ⓨ"),
    ('k', "kKкｋ𝐤ⓚ\u{212a}"),
];

/// Every spelling of a name with one or two of its letters replaced.
fn spellings(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let alike = |c: char| ALIKE.iter().find(|(l, _)| *l == c).map_or("", |(_, all)| *all);
    let with = |at: usize, other: char, letters: &[char]| {
        let mut spelt = letters.to_vec();
        spelt[at] = other;
        spelt
    };
    let mut all = Vec::new();
    for (at, letter) in letters.iter().enumerate() {
        for other in alike(*letter).chars() {
            let once = with(at, other, &letters);
            all.push(once.iter().collect());
            let last = letters.len() - 1;
            for another in alike(letters[last]).chars() {
                all.push(with(last, another, &once).iter().collect());
            }
        }
    }
    all
}

/// File Browser: two names became one folder. Of the spellings of a name one is registered, and every
/// home is that of one person.
#[tokio::test]
async fn cve_2026_62685_no_two_spellings_are_two_persons_with_one_home() {
    let (house, _) = House::open().await;
    let mut homes = HashSet::new();
    let mut tried = 0;
    for name in ["alice", "pascal", "sally", "bobby", "kelly-x", "yxis.co"] {
        let uid = uid_of(&house.register(name).await.expect(name));
        let signed_in = house.login(name, GOOD).await.expect("signed in");
        let grants = house.people.grants_for(&signed_in.person).await.expect("grants");
        let home = rights(&grants).pop().expect("a home");
        assert_eq!(home, format!("S3AccessRole home/{uid}/"));
        assert!(homes.insert(home), "{name} has the home of another");
        let key = PersonName::parse(name).expect("a name").key().to_owned();
        for spelt in spellings(name) {
            let again = house.register(&spelt).await;
            let nothing = matches!(again, Err(_) | Ok(crate::Registered::Taken(_)));
            assert!(nothing, "`{spelt}` is registered beside `{name}`");
            let parsed = PersonName::parse(&spelt).map(|parsed| parsed.key().to_owned());
            let elsewhere = parsed.as_ref().is_ok_and(|parsed| *parsed != key);
            let same = house.login(&spelt, GOOD).await.is_ok_and(|s| s.person.uid() != &uid);
            assert!(!same, "`{spelt}` signs another in: {elsewhere}");
        }
        tried += spellings(name).len();
    }
    assert!(tried > 500, "{tried}");
}

/// SFTPGo: a placeholder in a name became part of a path. A name is no path and no variable, and the
/// home is the person's id, whatever the name is.
#[tokio::test]
async fn cve_2026_30915_a_name_is_no_placeholder_and_no_path() {
    let (house, _) = House::open().await;
    for bad in [
        "%username%",
        "${uid}",
        "${aws:username}",
        "{{uid}}",
        "$(id)",
        "`id`",
        "../root",
        "..",
        "a/../b",
        "a/b",
        "a\\b",
        "home/",
        "*",
        "a*",
        "a?b",
        "<uid>",
        "a\nb",
        "a\0b",
    ] {
        assert!(house.register(bad).await.is_err(), "{bad:?}");
    }
    for name in ["home", "shared", "uid", "AdminRole", "everyone", "root.shared"] {
        let uid = uid_of(&house.register(name).await.expect(name));
        let signed_in = house.login(name, GOOD).await.expect("signed in");
        let grants = house.people.grants_for(&signed_in.person).await.expect("grants");
        let expected = ["RegularUserRole shared/".to_owned(), format!("S3AccessRole home/{uid}/")];
        assert_eq!(rights(&grants), expected, "{name}");
    }
}

/// RustFS: secrets stood in what was logged of a structure. None of ours shows what it holds.
#[tokio::test]
async fn ghsa_333v_nothing_that_holds_a_secret_shows_it() {
    let (house, _) = House::open().await;
    let peer = Peer::default();
    let alice = house.somebody("alice").await;
    let session = alice.token.expose().to_owned();
    let person = Proven::try_from(alice.person.clone()).expect("a fresh proof");
    let offer = house.people.offer_second_factor(&person, &peer).await.expect("offered");
    let bytes = totp_rs::Secret::try_from_base32(offer.secret.expose()).expect("base32");
    let bytes = zeroize::Zeroizing::new(bytes.as_bytes().to_vec());
    let seed = crate::seed::Seed::of("alice", bytes).expect("a seed");
    let code = seed.code_at(house.now());
    let mut shown = vec![format!("{alice:?} {person:?} {offer:?} {seed:?} {code:?}")];
    let enrolled = house.people.confirm_second_factor(&alice.person, &code, &peer).await;
    let enrolled = enrolled.expect("confirmed");
    shown.push(format!("{enrolled:?} {:?}", FactorCode::Recovery(enrolled.codes[0].clone())));
    let login = || LoginForm { name: "alice".to_owned(), password: secret(GOOD) };
    let form = RegistrationForm { name: "b".to_owned(), email: None, password: secret(GOOD) };
    let setup: SetupForm =
        super::setup_form(secret("a token of setting up"), RegistrationMode::Open);
    shown.push(format!("{:?} {form:?} {setup:?}", login()));
    let entered = house.people.login(login(), &peer).await.expect("half-way");
    let Entered::HalfWay { token, .. } = &entered else { panic!("{entered:?}") };
    let half_way = token.expose().to_owned();
    shown.push(format!("{entered:?} {:?}", house.people));
    let row = house.ledger.person(person.person().uid()).await.expect("read").expect("alice");
    let rows = house.ledger.sessions_of(person.person().uid()).await.expect("read");
    shown.push(format!("{row:?} {rows:?}"));
    let shown = shown.concat();
    let mut secrets = vec![GOOD.to_owned(), session, half_way, "a token of setting up".to_owned()];
    secrets.push(offer.secret.expose().to_owned());
    secrets.push(enrolled.session.token.expose().to_owned());
    secrets.extend(enrolled.codes.iter().map(|code: &Secret| code.expose().to_owned()));
    secrets.push("argon2id".to_owned());
    for secret in secrets {
        assert!(!shown.contains(&secret), "{secret} is shown in {shown}");
    }
}
