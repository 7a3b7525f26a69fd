//! Names: what may be one, and which are the same.

use std::collections::{BTreeMap, BTreeSet};

use unicode_security::skeleton;

use crate::tests::House;
use crate::{FieldError, PersonName, Registered, RegistrationError, Told};

#[test]
fn a_name_is_letters_and_digits_of_one_script() {
    for good in [
        "al",
        "Ada Lovelace",
        "o'neil",
        "a.b-c_d",
        "x@y",
        "jürgen",
        "Алиса",
        "李小龙",
        "ゆき子",
        "नमस्ते",
    ] {
        assert!(PersonName::parse(good).is_ok(), "{good}");
    }
    let long = "x".repeat(65);
    for bad in [
        "",
        "a",
        " a ",
        "...",
        "a\0b",
        "a\nb",
        "a/b",
        "../x",
        "a\\b",
        "a*b",
        "${uid}",
        "al\u{202e}ice",
        "al\u{2066}ice",
        "al\u{200b}ice",
        "al\u{200d}ice",
        "al\u{feff}ice",
        "a  b",
        "al🦀ice",
        "аlice",
        "pаypal",
        "αlpha",
        "<b>al</b>",
        &long,
    ] {
        assert!(matches!(PersonName::parse(bad), Err(FieldError::Name { .. })), "{bad:?}");
    }
    assert!(PersonName::parse(&"é".repeat(64)).is_ok());
    assert!(PersonName::parse(&"\u{fdfa}".repeat(5000)).is_err());
}

#[tokio::test]
async fn nobody_and_no_group_bears_a_name_that_could_be_taken_for_an_id() {
    let (house, root) = House::open().await;
    let uid = house.somebody("alice").await.person.uid().to_string();
    for id in [uid.clone(), uid.to_uppercase(), format!(" {uid} ")] {
        let refused = house.register(&id).await.expect_err("a uid");
        assert_eq!(refused.code(), "name-invalid", "{id}");
        let refused = house.people.make_group(&root, &id).await.expect_err("an id");
        assert_eq!(refused.code(), "name-invalid", "{id}");
    }
    assert!(PersonName::parse(&uid).is_ok(), "whoever bears one signs in still");
    assert!(PersonName::choose(uid.replace('0', "o").split_at(25).0).is_ok());
}

#[test]
fn names_that_differ_only_in_form_are_one_name() {
    let key = |name| PersonName::parse(name).expect("a name").key().to_owned();
    for (one, other) in [
        ("alice", "ALICE"),
        ("alice", " Alice "),
        ("alice", "ａｌｉｃｅ"),
        ("é-clair", "e\u{301}-clair"),
        ("strasse", "straße"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("office", "oﬃce"),
    ] {
        assert_eq!(key(one), key(other), "{one} {other}");
    }
    assert_ne!(key("alice"), key("alicia"));
}

#[tokio::test]
async fn nobody_can_register_a_name_that_is_taken_or_looks_like_one() {
    let (house, _) = House::open().await;
    for (taken, alike) in [
        ("alice", "ALICE"),
        ("coco", "сосо"),
        ("scope", "ѕсоре"),
        ("bill", "biII"),
        ("abba", "ΑΒΒΑ"),
        ("user10", "userlO"),
        ("barney", "bamey"),
        ("jürgen", "ju\u{308}rgen"),
    ] {
        house.register(taken).await.expect(taken);
        let again = house.register(alike).await.expect("an answer");
        assert_eq!(again, Registered::Taken(Told::Active), "{alike}");
    }
}

/// What looks like `name` in at least one letter, by Unicode's table of confusables (UTS 39).
fn confusables_of(name: &str) -> BTreeSet<String> {
    let looks = |c: char| skeleton(c.encode_utf8(&mut [0; 4])).collect::<String>();
    let mut by_look: BTreeMap<String, Vec<char>> = BTreeMap::new();
    for c in ('\u{21}'..='\u{1ffff}').filter(|c| c.is_alphanumeric()) {
        by_look.entry(looks(c)).or_default().push(c);
    }
    let mut out = BTreeSet::new();
    for letter in name.chars().collect::<BTreeSet<char>>() {
        for other in by_look.get(&looks(letter)).into_iter().flatten() {
            out.insert(name.replace(letter, &other.to_string()));
            out.insert(name.replacen(letter, &other.to_string(), 1));
        }
    }
    out.remove(name);
    out
}

#[tokio::test]
async fn cve_2026_62685_of_five_hundred_confusables_no_two_share_a_name_or_a_home() {
    let (house, _) = House::open().await;
    let mut tried = 0;
    for name in ["alice", "bob", "coco", "polly", "user10"] {
        house.register(name).await.expect(name);
        for alike in confusables_of(name) {
            tried += 1;
            let again = house.register(&alike).await;
            let nothing =
                matches!(again, Ok(Registered::Taken(_)) | Err(RegistrationError::Field(_)));
            assert!(nothing, "{name} {alike} {again:?}");
        }
    }
    assert!(tried >= 500, "{tried}");
    let (persons, grants) =
        (house.ledger.persons().await.expect("read"), house.ledger.grants().await.expect("read"));
    let names: BTreeSet<&str> = persons.iter().map(|p| p.name_look.as_str()).collect();
    assert_eq!((persons.len(), names.len()), (6, 6), "root and five others");
    let homes = grants.iter().filter(|g| g.prefix.as_str().starts_with("home/"));
    let homes: BTreeSet<&str> = homes.map(|g| g.prefix.as_str()).collect();
    assert_eq!(homes.len(), 6, "{homes:?}");
}
