//! Passwords that are long enough and still among the first that anybody tries.
//!
//! Most long bad passwords follow a pattern, so the patterns are refused rather than listed: few
//! different characters, a repeated word, a run along the keyboard. The list holds the rest.

/// Fewer different characters than this is too few.
const DISTINCT_CHARS_MIN: usize = 5;

/// Rows of keyboards and of the alphabet, as fingers run along them.
const RUNS: [&str; 8] = [
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
];

/// Long passwords that occur often in published collections, folded and without spaces.
const COMMON: [&str; 44] = [
    "administrator123",
    "administrator1234",
    "changemechangeme",
    "changemeplease123",
    "correcthorsebatterystaple1",
    "defaultpassword",
    "defaultpassword1",
    "everythingisawesome",
    "iloveyouforever",
    "iloveyousomuch1",
    "iloveyousomuch123",
    "itsasecrettoeverybody",
    "ihateyoupassword",
    "letmeinletmein1",
    "letmeinplease123",
    "manchesterunited",
    "maythe4thbewithyou",
    "maytheforcebewithyou",
    "mypasswordispassword",
    "mysecretpassword",
    "mysecretpassword1",
    "nopasswordneeded",
    "passw0rdpassw0rd",
    "password12345678",
    "password123456789",
    "password1234567890",
    "passwordpassword1",
    "passwordpassword123",
    "princessprincess1",
    "qwertyuiop123456",
    "qwertyuiop123456789",
    "qwertyuiop1234567890",
    "somethingsomething",
    "supersecretpassword",
    "supersecretpassword1",
    "thequickbrownfox",
    "thequickbrownfoxjumpsoverthelazydog",
    "thisisapassword",
    "thisisapassword1",
    "thisismypassword",
    "thisismypassword1",
    "wellhousepassword",
    "wellhousepassword1",
    "whateverwhatever1",
];

/// Why a folded password is too easily guessed, if it is.
pub(crate) fn too_common(folded: &str) -> Option<&'static str> {
    let chars: Vec<char> = folded.chars().filter(|c| !c.is_whitespace()).collect();
    let mut distinct = chars.clone();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < DISTINCT_CHARS_MIN {
        return Some("it has too few different characters");
    }
    if repeats_itself(&chars) {
        return Some("it repeats itself");
    }
    let text: String = chars.iter().collect();
    if runs_along_the_keyboard(&text) {
        return Some("it runs along the keyboard");
    }
    COMMON.contains(&text.as_str()).then_some("it is widely used")
}

/// Whether the text is one shorter text over and over, the last time perhaps cut off.
fn repeats_itself(chars: &[char]) -> bool {
    (1..=chars.len() / 2)
        .any(|period| chars.iter().zip(chars.iter().skip(period)).all(|(a, b)| a == b))
}

fn runs_along_the_keyboard(text: &str) -> bool {
    RUNS.iter().any(|run| {
        let forth = run.repeat(4);
        let back: String = forth.chars().rev().collect();
        forth.contains(text) || back.contains(text)
    })
}
