//! Patterns over text, as pieces that an automaton can step through.
//!
//! Source of the matching rules: IAM User Guide, "Condition operators"; the same as `glob.rs` and
//! `arn_pattern.rs`, but for all texts at once.

use crate::glob::Piece as Glob;

/// One piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Piece {
    /// This character.
    Char(char),
    /// Any of these: the spellings of one folded character.
    OneOf(Box<[char]>),
    /// Any one character.
    One,
    /// Any run of characters.
    Run,
    /// Any one character but a colon: `?` in the first five fields of an ARN.
    FieldOne,
    /// Any run without a colon.
    FieldRun,
}

impl Piece {
    /// Whether it stands for a run, of any length.
    pub(super) fn is_run(&self) -> bool {
        matches!(self, Self::Run | Self::FieldRun)
    }

    /// Whether one character goes through it.
    pub(super) fn takes(&self, c: char) -> bool {
        match self {
            Self::Char(own) => *own == c,
            Self::OneOf(all) => all.contains(&c),
            Self::One | Self::Run => true,
            Self::FieldOne | Self::FieldRun => c != ':',
        }
    }
}

/// A pattern for whole texts. Neighbouring wildcards are in one order, `?` before `*`, so that
/// patterns that are spelled differently and mean the same are the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Pattern(Vec<Piece>);

impl Pattern {
    /// Every text.
    pub(super) fn any() -> Self {
        Self(vec![Piece::Run])
    }

    /// The pattern of a glob.
    pub(super) fn glob(globs: &[Glob]) -> Self {
        Self::tidy(globs.iter().flat_map(free).collect())
    }

    /// The texts that lower-case to this one; the error is why that cannot be told.
    pub(super) fn folded(text: &str) -> Result<Self, String> {
        let lowered = text.to_lowercase();
        // How a sigma is lowered depends on what follows it, and `İ` becomes two characters.
        if lowered.contains(['σ', 'ς', '\u{307}']) {
            return Err(format!("`{text}` holds a letter whose case depends on its neighbours"));
        }
        Ok(Self(lowered.chars().map(spellings).collect()))
    }

    /// The ARNs whose fields match; none where the first can never be `arn`.
    pub(super) fn arn(head: [&[Glob]; 5], rest: &[Glob]) -> Option<Self> {
        let [first, others @ ..] = head;
        if !crate::glob::matches_plain(first, "arn") {
            return None;
        }
        let mut pieces: Vec<Piece> = "arn".chars().map(Piece::Char).collect();
        for field in others {
            pieces.push(Piece::Char(':'));
            pieces.extend(field.iter().flat_map(in_field));
        }
        pieces.push(Piece::Char(':'));
        pieces.extend(rest.iter().flat_map(free));
        Some(Self::tidy(pieces))
    }

    /// The texts that hold a character.
    pub(super) fn containing(c: char) -> Self {
        Self(vec![Piece::Run, Piece::Char(c), Piece::Run])
    }

    /// Its pieces.
    pub(super) fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// Whether it matches every text.
    pub(super) fn is_any(&self) -> bool {
        self.0 == [Piece::Run]
    }

    /// The one text that it matches, where there is only one.
    pub(super) fn literal(&self) -> Option<String> {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Char(c) => Some(*c),
                Piece::OneOf(_) | Piece::One | Piece::Run | Piece::FieldOne | Piece::FieldRun => {
                    None
                }
            })
            .collect()
    }

    /// All texts that it matches, where those are at most `most`.
    pub(super) fn texts(&self, most: usize) -> Option<Vec<String>> {
        let mut out = vec![String::new()];
        for piece in &self.0 {
            let choices: &[char] = match piece {
                Piece::Char(c) => std::slice::from_ref(c),
                Piece::OneOf(all) => all,
                Piece::One | Piece::Run | Piece::FieldOne | Piece::FieldRun => return None,
            };
            out = out.iter().flat_map(|t| choices.iter().map(move |c| format!("{t}{c}"))).collect();
            if out.len() > most {
                return None;
            }
        }
        Some(out)
    }

    /// Whether it matches the whole text.
    pub(super) fn matches(&self, text: &str) -> bool {
        let mut live = self.passed(vec![0]);
        for c in text.chars() {
            live = self.passed(live.into_iter().filter_map(|at| self.step(at, c)).collect());
        }
        live.last() == Some(&self.0.len())
    }

    /// Where a character leads from a place.
    fn step(&self, at: usize, c: char) -> Option<usize> {
        let piece = self.0.get(at).filter(|piece| piece.takes(c))?;
        Some(if piece.is_run() { at } else { at + 1 })
    }

    /// These places, and those behind runs that follow on them; sorted.
    fn passed(&self, mut live: Vec<usize>) -> Vec<usize> {
        let mut at = 0;
        while let Some(place) = live.get(at).copied() {
            if self.0.get(place).is_some_and(Piece::is_run) {
                live.push(place + 1);
            }
            at += 1;
        }
        live.sort_unstable();
        live.dedup();
        live
    }

    fn tidy(pieces: Vec<Piece>) -> Self {
        let mut out: Vec<Piece> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let single = match piece {
                Piece::One => Some(Piece::Run),
                Piece::FieldOne => Some(Piece::FieldRun),
                Piece::Char(_) | Piece::OneOf(_) | Piece::Run | Piece::FieldRun => None,
            };
            let last = out.last();
            if piece.is_run() && last == Some(&piece) {
                continue;
            }
            match single {
                Some(run) if last == Some(&run) => out.insert(out.len() - 1, piece),
                Some(_) | None => out.push(piece),
            }
        }
        Self(out)
    }
}

fn free(glob: &Glob) -> Vec<Piece> {
    expanded(glob, Piece::Run, Piece::One)
}

fn in_field(glob: &Glob) -> Vec<Piece> {
    expanded(glob, Piece::FieldRun, Piece::FieldOne)
}

/// Variables are replaced before a pattern comes here; one that is left may be anything.
fn expanded(glob: &Glob, run: Piece, one: Piece) -> Vec<Piece> {
    match glob {
        Glob::Literal(text) => text.chars().map(Piece::Char).collect(),
        Glob::Run | Glob::Variable(_) => vec![run],
        Glob::One => vec![one],
    }
}

/// Past this, no character has a lower case that differs from it.
const CASED_MAX: char = '\u{1ffff}';

/// The characters whose lower case this one is.
fn spellings(lowered: char) -> Piece {
    let found: Vec<char> = match lowered {
        // The Kelvin sign is the one letter outside of ASCII that lowers into it.
        'k' => vec!['k', 'K', '\u{212a}'],
        c if c.is_ascii() => {
            if c.is_ascii_lowercase() {
                vec![c, c.to_ascii_uppercase()]
            } else {
                vec![c]
            }
        }
        c => {
            let others = ('\u{80}'..=CASED_MAX).filter(|x| *x != c && x.to_lowercase().eq([c]));
            std::iter::once(c).chain(others).collect()
        }
    };
    match found.as_slice() {
        [one] => Piece::Char(*one),
        _ => Piece::OneOf(found.into()),
    }
}

#[cfg(test)]
mod tests {
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
}
