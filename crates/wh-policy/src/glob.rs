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
