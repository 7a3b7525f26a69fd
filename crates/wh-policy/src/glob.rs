//! Wildcards: `*` is any run of characters, `?` is exactly one.
//!
//! Invariant: matching takes at most pattern × text steps, whatever the pattern; it never
//! backtracks further than the last `*`.

use std::slice::Iter;
use std::str::Chars;

/// One piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glob {
    /// This character.
    Char(char),
    /// Any run of characters, also an empty one.
    Run,
    /// Any one character (a Unicode code point).
    One,
}

/// Reads `*` and `?` as wildcards and all else as itself.
pub(crate) fn compile(text: &str) -> Vec<Glob> {
    text.chars().map(wildcard).collect()
}

/// Reads every character as itself.
pub(crate) fn literal(text: &str) -> Vec<Glob> {
    text.chars().map(Glob::Char).collect()
}

pub(crate) fn wildcard(c: char) -> Glob {
    match c {
        '*' => Glob::Run,
        '?' => Glob::One,
        c => Glob::Char(c),
    }
}

/// Whether the pattern matches the whole text.
pub(crate) fn matches(pattern: &[Glob], text: &str) -> bool {
    let (mut rest, mut chars) = (pattern.iter(), text.chars());
    // Where to go on when the pieces after the last `*` do not fit here: one character further.
    let mut again: Option<(Iter<'_, Glob>, Chars<'_>)> = None;
    loop {
        let (mut rest_next, mut chars_next) = (rest.clone(), chars.clone());
        let fits = match (rest_next.next(), chars_next.next()) {
            (None, None) => return true,
            (Some(Glob::Run), _) => {
                again = Some((rest_next.clone(), chars.clone()));
                rest = rest_next;
                continue;
            }
            (Some(Glob::One), Some(_)) => true,
            (Some(Glob::Char(want)), Some(have)) => *want == have,
            (None, Some(_)) | (Some(Glob::One | Glob::Char(_)), None) => false,
        };
        if fits {
            (rest, chars) = (rest_next, chars_next);
            continue;
        }
        let Some((after_run, from)) = &mut again else { return false };
        if from.next().is_none() {
            return false;
        }
        (rest, chars) = (after_run.clone(), from.clone());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, proptest};

    use super::{Glob, compile, literal, matches};

    /// The definition, read aloud; exponential, and obviously right.
    fn naive(pattern: &[Glob], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, rest) => rest.is_none(),
            (Some((Glob::Run, after)), None) => naive(after, text),
            (Some((Glob::Run, after)), Some((_, rest))) => {
                naive(after, text) || naive(pattern, rest)
            }
            (Some((Glob::One, after)), Some((_, rest))) => naive(after, rest),
            (Some((Glob::Char(want), after)), Some((have, rest))) => {
                want == have && naive(after, rest)
            }
            (Some((Glob::One | Glob::Char(_), _)), None) => false,
        }
    }

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(matches(&compile(pattern), text), expected, "{pattern} on {text}");
    }

    #[test]
    fn a_run_is_any_run_and_a_question_mark_one_character() {
        check("", "", true);
        check("*", "", true);
        check("?", "", false);
        check("?", "é", true);
        check("?", "🦀", true);
        check("a*c", "abbbc", true);
        check("a*c", "abbbd", false);
        check("*a*b", "xaxbxab", true);
        check("a.c", "abc", false);
        check("*", "a\nb", true);
    }

    #[test]
    fn a_catastrophic_pattern_is_only_a_pattern() {
        check(&"a*".repeat(2_000), &"a".repeat(20_000), true);
        check(&format!("{}b", "a*".repeat(500)), &"a".repeat(5_000), false);
    }

    #[test]
    fn literal_text_holds_no_wildcards() {
        assert!(matches(&literal("a*?"), "a*?"));
        assert!(!matches(&literal("a*?"), "abc"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn the_matcher_is_its_definition(pattern in "[ab*?]{0,8}", text in "[abé]{0,8}") {
            let chars: Vec<char> = text.chars().collect();
            let compiled = compile(&pattern);
            assert_eq!(matches(&compiled, &text), naive(&compiled, &chars));
        }
    }
}
