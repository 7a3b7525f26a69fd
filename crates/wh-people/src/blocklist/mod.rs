//! Passwords that are long enough and still among the first that anybody tries.
//!
//! Most bad passwords follow a pattern, so the patterns are refused rather than listed: few different
//! characters, a repeated word, runs along the keyboard, and one or two words that many people choose,
//! however they are spelled and whatever digits and signs stand around them. The words are facts in
//! `words.txt`; with what stands around them they are the list of many thousands that guessers begin with.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Fewer different characters than this is too few.
const DISTINCT_CHARS_MIN: usize = 5;

/// A run along the keyboard is at least so long, in characters.
const RUN_CHARS_MIN: usize = 3;

/// Of so many runs, or words that many people choose, a password must not consist.
const PIECES_MAX: usize = 2;

/// So many digits and signs before or behind a word change little.
const AFFIX_CHARS_MAX: usize = 4;

/// So many signs beside a run or a date change little.
const SIGNS_MAX: usize = 2;

/// The longest word of the list, in characters.
const WORD_CHARS_MAX: usize = 40;

/// A number of so many digits is a date, a place or a telephone.
const NUMBER_CHARS_MAX: usize = 8;

/// Rows and columns of keyboards, the alphabet and what goes between, as fingers run along them.
const RUNS: [&str; 14] = [
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "qazwsxedcrfvtgbyhnujmikolp",
    "zaqxswcdevfrbgtnhymjukilop",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "zaq12wsxcde34rfvbgt56yhn",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "a1b2c3d4e5f6g7h8i9j0",
    "1a2b3c4d5e6f7g8h9i0j",
    "!@#$%^&*()_+",
];

/// Words that say nothing by themselves: with them a word is no better.
const LITTLE: [&str; 24] = [
    "a", "am", "and", "be", "for", "i", "im", "in", "is", "it", "its", "me", "mein", "mi", "mon",
    "my", "of", "our", "please", "the", "this", "to", "you", "your",
];

/// The runs forth and back, each over and over.
static RUNS_BOTH_WAYS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let ways = |run: &&str| {
        let forth = run.repeat(4);
        [forth.chars().rev().collect(), forth]
    };
    RUNS.iter().flat_map(ways).collect()
});

/// How runs begin: most texts are none, and that is quickly seen.
static BEGINNINGS: LazyLock<HashSet<Vec<char>>> = LazyLock::new(|| {
    let runs = RUNS_BOTH_WAYS.iter().map(|run| run.chars().collect::<Vec<char>>());
    let begun =
        |run: Vec<char>| run.windows(RUN_CHARS_MIN).map(<[char]>::to_vec).collect::<Vec<_>>();
    runs.flat_map(begun).collect()
});

/// What stands in `words.txt`.
static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| words().collect());

/// The words of the list, some of them more than once.
pub(crate) fn words() -> impl Iterator<Item = &'static str> {
    let lines = include_str!("words.txt").lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace)
}

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
    if pieces(&chars, &run_lengths).is_some_and(|pieces| pieces <= PIECES_MAX) {
        return Some("it runs along the keyboard");
    }
    let of_digits = chars.iter().all(|c| c.is_ascii() && !c.is_alphabetic());
    if chars.len() <= NUMBER_CHARS_MAX && of_digits {
        return Some("it is a short number");
    }
    is_of_common_words(&chars).then_some("it is widely used")
}

/// Whether the text is one shorter text over and over, the last time perhaps cut off.
fn repeats_itself(chars: &[char]) -> bool {
    (1..=chars.len() / 2)
        .any(|period| chars.iter().zip(chars.iter().skip(period)).all(|(a, b)| a == b))
}

/// Whether little else is there than one or two words that many people choose. A digit or a sign at
/// either end may stand for a letter or beside the word.
fn is_of_common_words(chars: &[char]) -> bool {
    let first = chars.iter().position(|c| c.is_alphabetic()).unwrap_or(chars.len());
    let last = chars.iter().rposition(|c| c.is_alphabetic()).map_or(first, |last| last + 1);
    let part = |from: usize, to: usize| chars.get(from..to).unwrap_or_default();
    let begins = (0..=first).filter(|begin| is_light(part(0, *begin)));
    let ends: Vec<usize> =
        (last..=chars.len()).filter(|end| is_light(part(*end, chars.len()))).collect();
    let mut cores = begins.flat_map(|begin| ends.iter().map(move |end| part(begin, *end)));
    cores.any(|core| SPELLINGS.iter().any(|spelling| is_common(core, *spelling)))
}

/// Whether what stands before or behind a word adds little to it: a few characters, a run, a date.
fn is_light(affix: &[char]) -> bool {
    let run = run_lengths(affix).pop().unwrap_or_default();
    let digits = affix.iter().filter(|c| c.is_ascii_digit()).count();
    let little_besides = |taken: usize| affix.len().saturating_sub(taken) <= SIGNS_MAX;
    affix.len() <= AFFIX_CHARS_MAX
        || (run > 0 && little_besides(run))
        || (digits <= NUMBER_CHARS_MAX && little_besides(digits) && is_year(affix))
}

/// Whether a number begins or ends with a year of somebody's life.
fn is_year(affix: &[char]) -> bool {
    let digits: String = affix.iter().filter(|c| c.is_ascii_digit()).collect();
    let year =
        |text: Option<&str>| text.is_some_and(|t| t.starts_with("19") || t.starts_with("20"));
    year(digits.get(..4)) || year(digits.len().checked_sub(4).and_then(|at| digits.get(at..)))
}

/// What stands for a letter. `None`: it is no letter, and is left out.
type Spelling = fn(char) -> Option<char>;

/// How words are spelled: as they are, or with digits and signs that look like letters.
const SPELLINGS: [Spelling; 3] =
    [|c| c.is_alphanumeric().then_some(c), |c| looks_like(c, 'i'), |c| looks_like(c, 'l')];

fn looks_like(c: char, one: char) -> Option<char> {
    let letter = match c {
        '0' => 'o',
        '1' | '!' | '|' => one,
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        '9' => 'g',
        other => other,
    };
    letter.is_alphanumeric().then_some(letter)
}

fn is_common(text: &[char], spelling: Spelling) -> bool {
    let text: Vec<char> = text.iter().copied().filter_map(spelling).collect();
    let many = pieces(&text, &word_lengths);
    many.is_some_and(|many| many <= PIECES_MAX || repeats_itself(&text))
}

/// Of how few pieces the whole text can be made; little words are none. `None`: it cannot.
fn pieces(text: &[char], lengths: &dyn Fn(&[char]) -> Vec<usize>) -> Option<usize> {
    let little = |piece: &[char]| {
        let piece: String = piece.iter().collect();
        LITTLE.contains(&piece.as_str())
    };
    let mut fewest: Vec<Option<usize>> = vec![None; text.len() + 1];
    if let Some(first) = fewest.first_mut() {
        *first = Some(0);
    }
    for at in 0..text.len() {
        let Some(so_far) = fewest.get(at).copied().flatten() else { continue };
        let rest = text.get(at..).unwrap_or_default();
        for length in lengths(rest) {
            let more = usize::from(!little(rest.get(..length).unwrap_or_default()));
            if let Some(end) = fewest.get_mut(at + length) {
                *end = Some(end.unwrap_or(usize::MAX).min(so_far + more));
            }
        }
    }
    fewest.last().copied().flatten().filter(|_| !text.is_empty())
}

/// How long the runs are that the text begins with, the longest last.
fn run_lengths(text: &[char]) -> Vec<usize> {
    if !text.get(..RUN_CHARS_MIN).is_some_and(|begun| BEGINNINGS.contains(begun)) {
        return Vec::new();
    }
    let (mut begun, mut longest) = (String::new(), 0);
    for c in text {
        begun.push(*c);
        if !RUNS_BOTH_WAYS.iter().any(|run| run.contains(&begun)) {
            break;
        }
        longest += 1;
    }
    (RUN_CHARS_MIN..=longest).collect()
}

/// How long the words and runs are that the text begins with.
fn word_lengths(text: &[char]) -> Vec<usize> {
    let mut begun = String::new();
    let mut lengths = run_lengths(text);
    for (before, c) in text.iter().take(WORD_CHARS_MAX).enumerate() {
        begun.push(*c);
        if WORDS.contains(begun.as_str()) || LITTLE.contains(&begun.as_str()) {
            lengths.push(before + 1);
        }
    }
    lengths
}

#[cfg(test)]
mod tests;
