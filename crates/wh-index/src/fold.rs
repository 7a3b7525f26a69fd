//! Names as they are compared: composed, and without a difference between capital and small letters.

use std::borrow::Cow;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

/// A text as it is compared with others: in Normalization Form C, in small letters, with one sigma.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        let small = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        return if small { Cow::Borrowed(text) } else { Cow::Owned(text.to_ascii_lowercase()) };
    }
    let folded: String = text.nfc().flat_map(char::to_lowercase).map(one_sigma).collect();
    if folded == text { Cow::Borrowed(text) } else { Cow::Owned(folded) }
}

/// The small sigma has two forms, and which one is written depends on what follows.
fn one_sigma(letter: char) -> char {
    if letter == 'ς' { 'σ' } else { letter }
}

/// Where a folded word is found in a name as it is written: in bytes, the first place. Letters that fold
/// together (a letter and its accent) are marked together.
pub fn matched(name: &str, word: &str) -> Option<Range<usize>> {
    if word.is_empty() {
        return None;
    }
    if name.is_ascii() {
        let start = fold(name).find(word)?;
        return Some(start..start + word.len());
    }
    let starts = name.char_indices().map(|(start, _)| start);
    starts.into_iter().find_map(|start| begins_at(name, start, word))
}

/// The shortest piece of `name` from `start` on that folds to `word`.
fn begins_at(name: &str, start: usize, word: &str) -> Option<Range<usize>> {
    let rest = name.get(start..)?;
    let ends = rest.char_indices().map(|(at, letter)| at + letter.len_utf8());
    let mut found = None;
    for end in ends {
        let piece = fold(rest.get(..end)?);
        if *piece == *word {
            found = Some(start..start + end);
        } else if found.is_some() || piece.len() > word.len() + word.len() {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{fold, matched};

    #[test]
    fn what_looks_alike_in_other_letters_is_the_same() {
        for (one, other) in [
            ("Bericht.PDF", "bericht.pdf"),
            ("\u{c9}t\u{e9}", "E\u{301}te\u{301}"),
            ("ΣΑΣ", "σας"),
            ("ÜBER", "über"),
        ] {
            assert_eq!(fold(one), fold(other));
        }
        assert_ne!(fold("e"), fold("\u{e9}"));
    }

    #[test]
    fn what_matched_is_marked_in_the_name_as_it_is_written() {
        assert_eq!(matched("Annual Report.pdf", "report"), Some(7..13));
        assert_eq!(matched("Über uns.txt", "über"), Some(0..5));
        let apart = "Cafe\u{301} menu.txt";
        assert_eq!(matched(apart, &fold("caf\u{e9}")), Some(0..6));
        assert_eq!(matched(apart, "menu"), Some(7..11));
        assert_eq!(matched("a.txt", "b"), None);
        assert_eq!(matched("a.txt", ""), None);
    }
}
