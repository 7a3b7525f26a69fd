//! Every password that guessers begin with is refused, and one that nobody would try is not.

use std::collections::BTreeSet;

use super::{WORD_CHARS_MAX, too_common, words};
use crate::name::fold;

/// What people put behind a word.
const TAILS: [&str; 7] = ["", "1", "123", "123456", "!", "1!", "@2025!"];

/// So many passwords the list must hold. Source: OWASP ASVS 5.0, 6.2.4.
const LIST_MIN: usize = 3_000;

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + chars.as_str()
}

/// Every password of the list: each word as people spell it, alone, twice, and with each tail.
fn list() -> BTreeSet<String> {
    let leet = |word: &str| match word.contains(|c: char| c.is_ascii_digit()) {
        true => word.to_owned(),
        false => word.replace('a', "@").replace('o', "0").replace('s', "$"),
    };
    let each = words().flat_map(|word| {
        let spelled = [word.to_owned(), capital(word), leet(word)];
        let twice = word.repeat(2);
        let my = format!("my{word}");
        spelled.into_iter().chain([twice, my])
    });
    each.flat_map(|word| TAILS.map(|tail| format!("{word}{tail}"))).collect()
}

#[test]
fn each_of_the_list_is_refused_and_the_list_is_long_at_both_lengths() {
    let list = list();
    for (min, name) in [(8, "eight"), (15, "fifteen")] {
        let long: Vec<&String> = list.iter().filter(|p| p.chars().count() >= min).collect();
        assert!(long.len() >= LIST_MIN, "{} of {name}", long.len());
    }
    let taken: Vec<&String> = list
        .iter()
        .filter(|password| password.chars().count() >= 8)
        .filter(|password| too_common(&fold(password)).is_none())
        .collect();
    assert!(taken.is_empty(), "{} are taken: {:?}", taken.len(), taken.iter().take(40));
    assert!(words().all(|word| word.chars().count() <= WORD_CHARS_MAX));
}

/// What people choose, and what those try first who guess.
const GUESSED_FIRST: [&str; 92] = [
    "password",
    "12345678",
    "123456789",
    "1234567890",
    "87654321",
    "11223344",
    "qwerty123",
    "qwertyuiop",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "!QAZ2wsx",
    "zaq12wsx",
    "qazwsxedc",
    "asdfghjkl",
    "asdf1234",
    "1234qwer",
    "qwer1234",
    "abcd1234",
    "abc12345",
    "a1b2c3d4",
    "zxcvbnm1",
    "aa123456",
    "a1234567",
    "P@ssw0rd",
    "Pa$$word1",
    "p4ssw0rd!",
    "Passw0rd2024",
    "Welcome1",
    "Welcome123",
    "Summer2024!",
    "Winter2025",
    "Herbst2024!",
    "iloveyou1",
    "ILoveYou2",
    "sunshine",
    "princess1",
    "football1",
    "baseball",
    "trustno1",
    "letmein1",
    "Dragon12",
    "monkey123",
    "Superman1",
    "starwars",
    "michael1",
    "Jennifer",
    "jordan23",
    "liverpool1",
    "chocolate",
    "computer1",
    "internet",
    "Admin123",
    "administrator",
    "changeme1",
    "Test1234",
    "testtest",
    "Secret123!",
    "19841984",
    "24121990",
    "20012001",
    "08154711",
    "loveyou4ever",
    "january2025",
    "Montag2024",
    "Password Password 1",
    "administrator123",
    "administrator1234",
    "changemeplease123",
    "defaultpassword1",
    "everythingisawesome",
    "iloveyousomuch123",
    "itsasecrettoeverybody",
    "ihateyoupassword",
    "letmeinletmein1",
    "manchesterunited",
    "maytheforcebewithyou",
    "mypasswordispassword",
    "mysecretpassword1",
    "passw0rdpassw0rd",
    "password1234567890",
    "passwordpassword123",
    "princessprincess1",
    "qwertyuiop1234567890",
    "somethingsomething",
    "supersecretpassword1",
    "thequickbrownfoxjumpsoverthelazydog",
    "thisismypassword1",
    "whateverwhatever1",
    "correct horse battery staple",
    "monkeymonkeymonkey12",
    "123 abc def ghi",
];

#[test]
fn what_is_guessed_first_is_refused_however_it_is_made() {
    for common in GUESSED_FIRST {
        assert!(too_common(&fold(common)).is_some(), "{common:?} is taken");
    }
}

#[test]
fn what_nobody_would_try_is_taken() {
    for good in [
        "vK7#qLm2",
        "tr4vel-ugly",
        "seven wet otters juggle",
        "nine dry badgers whistle",
        "fifteen chars !",
        "gnocchi on tuesdays 4 us",
        "xk29dlwp",
        "Wolke-7-Besen",
        "monkey dragon football sunshine",
        "пароль из слов и чисел 17",
    ] {
        assert_eq!(too_common(&fold(good)), None, "{good:?}");
    }
}
