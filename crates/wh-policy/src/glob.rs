//! Wildcards: `*` is any run of characters, `?` is exactly one.
//!
//! A pattern is cut at its stars. What stands before the first is held against the beginning of the
//! text, what stands behind the last against its end, and each piece between them is looked for from
//! left to right, where the first place found is as good as any other.
//!
//! Invariant: matching takes at most pattern × text steps, whatever the pattern; no place in the
//! text is come back to by more than one piece.

use crate::context::Facts;
use crate::key::KeyName;
use crate::{Context, Subject};

/// One piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// This text.
    Literal(Box<str>),
    /// Any run of characters, also an empty one.
    Run,
    /// Any one character (a Unicode code point).
    One,
    /// The value of a condition key, taken literally.
    Variable(Variable),
}

/// A policy variable: `${aws:PrincipalTag/team, 'none'}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) key: KeyName,
    pub(crate) default: Option<Box<str>>,
}

impl Variable {
    /// What it stands for; `None` when it has neither value nor default.
    pub(crate) fn value<'v>(&'v self, facts: &'v Facts<'_>) -> Option<&'v str> {
        facts.variable(&self.key).or(self.default.as_deref())
    }
}

/// Pieces, with neighbouring texts made one and neighbouring runs made one.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    done: Vec<Piece>,
    text: String,
}

impl Pieces {
    /// Adds a character that stands for itself.
    pub(crate) fn plain(&mut self, c: char) {
        self.text.push(c);
    }

    /// Adds a character of which `*` and `?` are wildcards.
    pub(crate) fn wild(&mut self, c: char) {
        match c {
            '*' => self.add(Piece::Run),
            '?' => self.add(Piece::One),
            c => self.text.push(c),
        }
    }

    pub(crate) fn add(&mut self, piece: Piece) {
        self.close();
        if piece != Piece::Run || self.done.last() != Some(&Piece::Run) {
            self.done.push(piece);
        }
    }

    /// Adds a piece as it is, so that texts become one.
    pub(crate) fn append(&mut self, piece: &Piece) {
        match piece {
            Piece::Literal(text) => self.text.push_str(text),
            Piece::Run | Piece::One | Piece::Variable(_) => self.add(piece.clone()),
        }
    }

    /// Adds what a variable's value may be: not empty, but for a default that is.
    pub(crate) fn append_value(&mut self, default: Option<&str>) {
        if default != Some("") {
            self.add(Piece::One);
        }
        self.add(Piece::Run);
    }

    fn close(&mut self) {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            self.done.push(Piece::Literal(text.into_boxed_str()));
        }
    }

    pub(crate) fn finish(mut self) -> Box<[Piece]> {
        self.close();
        self.done.into_boxed_slice()
    }
}

/// Reads every character as itself.
pub(crate) fn literal(text: &str) -> Box<[Piece]> {
    let mut pieces = Pieces::default();
    text.chars().for_each(|c| pieces.plain(c));
    pieces.finish()
}

/// Reads `*` and `?` as wildcards and all else as itself.
pub(crate) fn compile(text: &str) -> Box<[Piece]> {
    let mut pieces = Pieces::default();
    text.chars().for_each(|c| pieces.wild(c));
    pieces.finish()
}

/// Whether a pattern without variables matches the whole text.
pub(crate) fn matches_plain(pattern: &[Piece], text: &str) -> bool {
    let context = Context::new();
    matches(pattern, text, &Facts::new(&context, &Subject::Anonymous))
}

/// Whether the pattern matches the whole text. A variable without a value matches nothing.
pub(crate) fn matches(pattern: &[Piece], text: &str, facts: &Facts<'_>) -> bool {
    let (mut rest, mut text) = (pattern, text);
    loop {
        let Some((piece, after)) = rest.split_first() else { return text.is_empty() };
        rest = after;
        text = match step(piece, text, facts) {
            Step::Behind(text) => text,
            Step::Fails => return false,
            Step::Run => return behind_a_run(rest, text, facts),
        };
    }
}

/// Whether any run and then the pattern match the whole text.
fn behind_a_run(pattern: &[Piece], mut text: &str, facts: &Facts<'_>) -> bool {
    let mut segments = pattern.split(|piece| *piece == Piece::Run);
    let Some(mut segment) = segments.next() else { return true };
    for next in segments {
        let Some(after) = somewhere(segment, text, facts) else { return false };
        (segment, text) = (next, after);
    }
    ending(segment, text, facts).is_some()
}

/// What one piece does at the beginning of a text.
enum Step<'t> {
    Behind(&'t str),
    Fails,
    Run,
}

fn step<'t>(piece: &Piece, text: &'t str, facts: &Facts<'_>) -> Step<'t> {
    let rest = match piece {
        Piece::Literal(literal) => text.strip_prefix(literal.as_ref()),
        Piece::One => without_first(text),
        Piece::Variable(variable) => {
            variable.value(facts).and_then(|value| text.strip_prefix(value))
        }
        Piece::Run => return Step::Run,
    };
    rest.map_or(Step::Fails, Step::Behind)
}

/// What is left of the text behind the segment that it begins with.
fn beginning<'t>(segment: &[Piece], mut text: &'t str, facts: &Facts<'_>) -> Option<&'t str> {
    for piece in segment {
        text = match step(piece, text, facts) {
            Step::Behind(rest) => rest,
            Step::Fails | Step::Run => return None,
        };
    }
    Some(text)
}

/// What is left of the text before the segment that it ends with.
fn ending<'t>(segment: &[Piece], mut text: &'t str, facts: &Facts<'_>) -> Option<&'t str> {
    for piece in segment.iter().rev() {
        text = match piece {
            Piece::Literal(literal) => text.strip_suffix(literal.as_ref())?,
            Piece::One => {
                let mut chars = text.chars();
                chars.next_back()?;
                chars.as_str()
            }
            Piece::Variable(variable) => text.strip_suffix(variable.value(facts)?)?,
            Piece::Run => return None,
        };
    }
    Some(text)
}

/// What is left of the text behind the first place where the segment stands.
fn somewhere<'t>(segment: &[Piece], text: &'t str, facts: &Facts<'_>) -> Option<&'t str> {
    let mut from = text;
    loop {
        if let Some(Piece::Literal(literal)) = segment.first() {
            let at = from.find(literal.as_ref())?;
            from = from.get(at..)?;
        }
        if let Some(after) = beginning(segment, from, facts) {
            return Some(after);
        }
        from = without_first(from)?;
    }
}

fn without_first(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    chars.next()?;
    Some(chars.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, proptest};

    use super::{compile, literal, matches_plain as matches};

    /// The definition, read aloud; exponential, and obviously right.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, rest) => rest.is_none(),
            (Some(('*', after)), None) => naive(after, text),
            (Some(('*', after)), Some((_, rest))) => naive(after, text) || naive(pattern, rest),
            (Some(('?', after)), Some((_, rest))) => naive(after, rest),
            (Some((want, after)), Some((have, rest))) => want == have && naive(after, rest),
            (Some(_), None) => false,
        }
    }

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(matches(&compile(pattern), text), expected, "{pattern} on {text}");
    }

    #[test]
    fn a_run_is_any_run_and_a_question_mark_one_character() {
        check("", "", true);
        check("", "a", false);
        check("*", "", true);
        check("?", "", false);
        check("?", "é", true);
        check("?", "🦀", true);
        check("*?", "🦀", true);
        check("?*?", "🦀", false);
        check("a*c", "abbbc", true);
        check("a*c", "abbbd", false);
        check("a*a", "a", false);
        check("*a*b", "xaxbxab", true);
        check("*a?c*", "xaabcx", true);
        check("a.c", "abc", false);
        check("*", "a\nb", true);
    }

    #[test]
    fn a_catastrophic_pattern_is_only_a_pattern() {
        check(&"a*".repeat(2_000), &"a".repeat(20_000), true);
        check(&format!("{}b", "a*".repeat(500)), &"a".repeat(5_000), false);
        check(&format!("{}b", "?*".repeat(500)), &"a".repeat(5_000), false);
        check(&format!("{}b*", "*a?".repeat(500)), &"a".repeat(5_000), false);
    }

    #[test]
    fn literal_text_holds_no_wildcards() {
        assert!(matches(&literal("a*?"), "a*?"));
        assert!(!matches(&literal("a*?"), "abc"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn the_matcher_is_its_definition(pattern in "[abé*?]{0,8}", text in "[abé]{0,9}") {
            let chars: Vec<char> = text.chars().collect();
            let wanted: Vec<char> = pattern.chars().collect();
            assert_eq!(matches(&compile(&pattern), &text), naive(&wanted, &chars));
        }
    }
}
