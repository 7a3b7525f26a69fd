//! Patterns, by tables of cases.

use super::{CASED_MAX, Pattern};
use crate::glob::compile;

#[test]
fn wildcards_side_by_side_have_one_order() {
    let one = |text: &str| Pattern::glob(&compile(text));
    assert_eq!(one("a*?**?b"), one("a??*b"));
    assert_ne!(one("a*?b"), one("a*b"));
    assert!(one("**").is_any());
    assert!(!one("*?").is_any());
}

#[track_caller]
fn folds(text: &str, spelled: &str, expected: bool) {
    let pattern = Pattern::folded(text).expect("a text that folds letter by letter");
    assert_eq!(pattern.matches(spelled), expected, "{spelled} folded into {text}");
    assert_eq!(spelled.to_lowercase() == text.to_lowercase(), expected, "the definition");
}

#[test]
fn a_folded_text_is_matched_by_all_its_spellings() {
    folds("Kilo", "kIlO", true);
    folds("kilo", "\u{212a}ilo", true);
    folds("straße", "STRAẞE", true);
    folds("straße", "STRASSE", false);
    folds("ångström", "\u{212b}NGSTRÖM", true);
    folds("1-x", "1-X", true);
    folds("1-x", "1_X", false);
    assert!(Pattern::folded("ΟΔΟΣ").is_err());
}

#[test]
fn no_letter_beyond_the_bound_has_a_lower_case() {
    let cased = (CASED_MAX..=char::MAX).find(|c| !c.to_lowercase().eq([*c]));
    assert_eq!(cased, None);
}

#[track_caller]
fn covers(wide: &str, narrow: &str, expected: bool) {
    let one = |text: &str| Pattern::glob(&compile(text));
    assert_eq!(one(wide).covers(&one(narrow)), expected, "{wide} covers {narrow}");
}

#[test]
fn a_pattern_covers_those_whose_pieces_it_takes() {
    covers("*", "", true);
    covers("a*", "a?b*", true);
    covers("a*b", "a*?b*b", true);
    covers("??*", "a?*", true);
    covers("a?", "a*", false);
    covers("a?", "ab", true);
    covers("a*b", "a*", false);
    covers("a", "?", false);
    covers("??*b", "*a??b", true);
    covers("??*b", "*a?", false);
    covers("??*", "*a", false);
    covers("", "*", false);
}

#[test]
fn in_the_fields_of_an_arn_a_run_stops_at_a_colon() {
    let head = ["arn", "*", "s3", "*", "?"].map(compile);
    let head: [&[_]; 5] = std::array::from_fn(|at| head[at].as_ref());
    let pattern = Pattern::arn(head, &compile("a*")).expect("a pattern");
    assert!(pattern.matches("arn:aws:s3::1:a:b"));
    assert!(!pattern.matches("arn:aws:s3:a:b:1:a"));
    assert!(!pattern.matches("arn:aws:s3:::a"));
    let head: [&[_]; 5] = [&[], &[], &[], &[], &[]];
    assert_eq!(Pattern::arn(head, &[]), None);
}
