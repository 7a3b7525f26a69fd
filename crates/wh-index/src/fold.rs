//! Names as they are compared: composed, and without a difference between capital and small letters.

use std::borrow::Cow;
use std::ops::Range;

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

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
    let Folded { text, pieces } = Folded::of(name);
    let start = text.find(word)?;
    let end = start + word.len();
    let begins = pieces.partition_point(|(folded, _)| *folded <= start).checked_sub(1)?;
    let ends = pieces.partition_point(|(folded, _)| *folded < end);
    let at = |piece: usize| pieces.get(piece).map_or(name.len(), |(_, written)| *written);
    Some(at(begins)..at(ends))
}

/// A folded text, and where what it is made of stands: letters that are composed into one are one piece.
struct Folded {
    text: String,
    /// Where a piece begins: folded, and as it is written. Both rise.
    pieces: Vec<(usize, usize)>,
}

impl Folded {
    fn of(name: &str) -> Self {
        let (mut text, mut pieces, mut begins) = (String::new(), Vec::new(), 0);
        let breaks = name.char_indices().skip(1).filter(|(_, letter)| begins_anew(*letter));
        let ends = breaks.map(|(at, _)| at).chain([name.len()]);
        for end in ends {
            pieces.push((text.len(), begins));
            text.push_str(&fold(name.get(begins..end).unwrap_or_default()));
            begins = end;
        }
        Self { text, pieces }
    }
}

/// Whether nothing before this letter is composed with it.
fn begins_anew(letter: char) -> bool {
    canonical_combining_class(letter) == 0
        && is_nfc_quick(std::iter::once(letter)) == IsNormalized::Yes
}

#[cfg(test)]
mod tests {
    use super::{Folded, fold, matched};

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
        // One letter of two small ones, and syllables that are put together.
        assert_eq!(matched("xİy", "i"), Some(1..3));
        assert_eq!(matched("\u{1112}\u{1161}\u{11ab} a", &fold("\u{d55c}")), Some(0..9));
    }

    #[test]
    fn a_text_folds_as_its_pieces_do() {
        for name in
            ["Cafe\u{301} A\u{30a}\u{323}", "\u{1112}\u{1161}\u{11ab}É", "ΣΑΣ", "\u{958}\u{344}"]
        {
            assert_eq!(Folded::of(name).text, fold(name));
        }
    }

    #[test]
    fn a_long_name_of_other_letters_is_marked_at_once() {
        let (name, word) = ("é".repeat(500), "é".repeat(200) + "x");
        let began = std::time::Instant::now();
        for _ in 0..200 {
            assert_eq!(matched(&name, &word), None);
            assert_eq!(matched(&name, "é"), Some(0..2));
        }
        assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
    }
}
