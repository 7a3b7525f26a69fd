//! Patterns over text, as pieces that an automaton can step through.
//!
//! Source of the matching rules: IAM User Guide, "Condition operators"; the same as `glob.rs` and
//! `arn_pattern.rs`, but for all texts at once.

#[cfg(test)]
mod tests;

use crate::glob::Piece as Glob;

/// One piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::analysis) enum Piece {
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
    pub(in crate::analysis) fn is_run(&self) -> bool {
        matches!(self, Self::Run | Self::FieldRun)
    }

    /// Whether whatever goes through the other goes through this.
    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Run, _)
            | (Self::FieldRun, Self::FieldRun | Self::FieldOne)
            | (Self::One, Self::One | Self::FieldOne)
            | (Self::FieldOne, Self::FieldOne) => true,
            (_, Self::Char(c)) => self.takes(*c),
            (_, Self::OneOf(all)) => all.iter().all(|c| self.takes(*c)),
            (_, Self::One | Self::Run | Self::FieldOne | Self::FieldRun) => false,
        }
    }

    /// Whether one character goes through it.
    pub(in crate::analysis) fn takes(&self, c: char) -> bool {
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
pub(in crate::analysis) struct Pattern(Vec<Piece>);

impl Pattern {
    /// Every text.
    pub(in crate::analysis) fn any() -> Self {
        Self(vec![Piece::Run])
    }

    /// The pattern of a glob.
    pub(in crate::analysis) fn glob(globs: &[Glob]) -> Self {
        Self::tidy(globs.iter().flat_map(free).collect())
    }

    /// The texts that lower-case to this one; the error is why that cannot be told.
    pub(in crate::analysis) fn folded(text: &str) -> Result<Self, String> {
        let lowered = text.to_lowercase();
        // How a sigma is lowered depends on what follows it, and `İ` becomes two characters.
        if lowered.contains(['σ', 'ς', '\u{307}']) {
            return Err(format!("`{text}` holds a letter whose case depends on its neighbours"));
        }
        Ok(Self(lowered.chars().map(spellings).collect()))
    }

    /// The ARNs whose fields match; none where the first can never be `arn`.
    pub(in crate::analysis) fn arn(head: [&[Glob]; 5], rest: &[Glob]) -> Option<Self> {
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
    pub(in crate::analysis) fn containing(c: char) -> Self {
        Self(vec![Piece::Run, Piece::Char(c), Piece::Run])
    }

    /// Its pieces.
    pub(in crate::analysis) fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// Whether it matches every text.
    pub(in crate::analysis) fn is_any(&self) -> bool {
        self.0 == [Piece::Run]
    }

    /// The one text that it matches, where there is only one.
    pub(in crate::analysis) fn literal(&self) -> Option<String> {
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
    pub(in crate::analysis) fn texts(&self, most: usize) -> Option<Vec<String>> {
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
    pub(in crate::analysis) fn matches(&self, text: &str) -> bool {
        self.consumes(text.chars(), Piece::takes)
    }

    /// Whether it surely matches every text that the other matches: its pieces can take those of the
    /// other, one by one. It may do so where this does not see it.
    pub(in crate::analysis) fn covers(&self, other: &Self) -> bool {
        self.loosened().consumes(other.0.iter(), Piece::covers)
    }

    /// The same with `*?*?*` for `??*`: each mark may be met by any of the characters.
    fn loosened(&self) -> Self {
        let mut out = Vec::with_capacity(self.0.len());
        let mut run: Option<&Piece> = None;
        for piece in self.0.iter().rev() {
            let same = match piece {
                Piece::One => run == Some(&Piece::Run),
                Piece::FieldOne => run == Some(&Piece::FieldRun),
                Piece::Char(_) | Piece::OneOf(_) | Piece::Run | Piece::FieldRun => false,
            };
            out.push(piece.clone());
            if same {
                out.extend(run.cloned());
            } else {
                run = Some(piece);
            }
        }
        out.reverse();
        Self(out)
    }

    /// Whether any text that begins so matches.
    pub(in crate::analysis) fn begins(&self, text: &str) -> bool {
        let live = self.live(text.chars(), Piece::takes);
        !live.is_empty()
    }

    /// Whether a sequence leads from the beginning to the end.
    fn consumes<S: Copy>(
        &self,
        sequence: impl Iterator<Item = S>,
        takes: impl Fn(&Piece, S) -> bool,
    ) -> bool {
        self.live(sequence, takes).last() == Some(&self.0.len())
    }

    /// The places to which a sequence leads from the beginning.
    fn live<S: Copy>(
        &self,
        sequence: impl Iterator<Item = S>,
        takes: impl Fn(&Piece, S) -> bool,
    ) -> Vec<usize> {
        let mut live = self.passed(vec![0]);
        for one in sequence {
            let next = live.into_iter().filter_map(|at| {
                let piece = self.0.get(at).filter(|piece| takes(piece, one))?;
                Some(at + usize::from(!piece.is_run()))
            });
            live = self.passed(next.collect());
            if live.is_empty() {
                break;
            }
        }
        live
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
