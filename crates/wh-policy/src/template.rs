//! Text with policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, `${*}`.
//!
//! Invariant: what a variable stands for is literal text. A `*` in a tag's value is a star, never a
//! wildcard, and is not expanded again.
//!
//! Source: IAM User Guide, "IAM policy elements: Variables and tags".

use crate::arn_pattern::Head;
use crate::context::Facts;
use crate::glob::{Piece, Pieces, Variable, literal, matches};
use crate::key::KeyName;

/// How the text of a template is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    /// `${…}` is a variable: only under version 2012-10-17.
    pub(crate) variables: bool,
    /// `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
}

/// What is known of the value of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot<'v> {
    Value(&'v str),
    Missing,
    Unknown,
}

/// A template with its variables replaced as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Filled {
    Pattern(Box<[Piece]>),
    /// A variable has neither value nor default: it matches nothing.
    Nothing,
    /// A variable is not known.
    Open(Open),
}

/// A template some of whose variables are not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Open {
    /// The keys of those variables.
    pub(crate) keys: Vec<String>,
    /// Everything else about the template: two of the same form match the same, whatever the
    /// variables stand for.
    pub(crate) form: String,
    /// What it matches at most: the pattern with `?*` for each of those variables.
    pub(crate) outline: Box<[Piece]>,
}

/// A text in which variables may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    pieces: Box<[Piece]>,
    open: bool,
}

impl Template {
    /// Reads a text; the error is the rule that a `${…}` in it breaks.
    pub(crate) fn parse(text: &str, reading: Reading) -> Result<Self, &'static str> {
        Self::parse_after("", text, reading)
    }

    /// Reads a text that comes after another, which stands for itself.
    pub(crate) fn parse_after(
        literal: &str,
        text: &str,
        reading: Reading,
    ) -> Result<Self, &'static str> {
        let mut pieces = Pieces::default();
        literal.chars().for_each(|c| pieces.plain(c));
        let add = |pieces: &mut Pieces, text: &str| {
            text.chars()
                .for_each(|c| if reading.wildcards { pieces.wild(c) } else { pieces.plain(c) });
        };
        let mut rest = text;
        while reading.variables
            && let Some((before, after)) = rest.split_once("${")
        {
            add(&mut pieces, before);
            let (inside, behind) = split_variable(after)?;
            match inside {
                "*" | "?" | "$" => inside.chars().for_each(|c| pieces.plain(c)),
                named => pieces.add(Piece::Variable(variable(named)?)),
            }
            rest = behind;
        }
        add(&mut pieces, rest);
        Ok(Self::of(pieces.finish()))
    }

    /// A template of these pieces.
    pub(crate) fn of(pieces: Box<[Piece]>) -> Self {
        let open = pieces.iter().any(|piece| matches!(piece, Piece::Variable(_)));
        Self { pieces, open }
    }

    /// The pieces that it is made of.
    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The same, taken out.
    pub(crate) fn into_pieces(self) -> Box<[Piece]> {
        self.pieces
    }

    /// Whether it matches the whole text. A variable without a value matches nothing.
    pub(crate) fn matches(&self, text: &str, facts: &Facts<'_>) -> bool {
        matches(&self.pieces, text, facts)
    }

    /// Whether a variable in it has no value.
    pub(crate) fn lacks_value(&self, facts: &Facts<'_>) -> bool {
        self.open && self.variables().any(|variable| variable.value(facts).is_none())
    }

    fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(variable) => Some(variable),
            Piece::Literal(_) | Piece::Run | Piece::One => None,
        })
    }

    /// The text that every match begins with.
    pub(crate) fn literal_prefix(&self) -> &str {
        match self.pieces.first() {
            Some(Piece::Literal(text)) => text,
            Some(Piece::Run | Piece::One | Piece::Variable(_)) | None => "",
        }
    }

    /// The text, where it is one and the same for every request.
    pub(crate) fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_ref() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            [Piece::Run | Piece::One | Piece::Variable(_)] | [_, _, ..] => None,
        }
    }

    /// The text with its variables filled in; `None` when one has no value, or where it holds
    /// wildcards.
    pub(crate) fn filled(&self, facts: &Facts<'_>) -> Option<String> {
        let mut out = String::new();
        for piece in &self.pieces {
            out.push_str(match piece {
                Piece::Literal(text) => text,
                Piece::Variable(variable) => variable.value(facts)?,
                Piece::Run | Piece::One => return None,
            });
        }
        Some(out)
    }

    /// Cuts the pattern at its first colons, with the variables filled in: a colon in a value counts.
    pub(crate) fn split_filled(
        &self,
        facts: &Facts<'_>,
        count: usize,
    ) -> Option<Vec<Box<[Piece]>>> {
        let mut fields = Vec::new();
        let mut field = Pieces::default();
        for piece in &self.pieces {
            let text = match piece {
                Piece::Literal(text) => text,
                Piece::Variable(variable) => variable.value(facts)?,
                Piece::Run | Piece::One => {
                    field.add(piece.clone());
                    continue;
                }
            };
            let (cuts, rest) = cut(text, count - fields.len());
            for part in cuts {
                part.chars().for_each(|c| field.plain(c));
                fields.push(std::mem::take(&mut field).finish());
            }
            rest.chars().for_each(|c| field.plain(c));
        }
        fields.push(field.finish());
        Some(fields)
    }

    /// The pattern with every variable replaced, for callers who do not know every key.
    pub(crate) fn fill<'v>(&self, known: impl Fn(&str) -> Slot<'v>) -> Filled {
        let mut keys = Vec::new();
        let mut form = String::new();
        let mut outline = Pieces::default();
        for piece in &self.pieces {
            let Piece::Variable(Variable { key, default }) = piece else {
                outline.append(piece);
                form = format!("{form} {piece:?}");
                continue;
            };
            let value = match (known(key.as_str()), default.as_deref()) {
                (Slot::Value(value), _) => value,
                (Slot::Missing, Some(default)) => default,
                (Slot::Missing, None) => return Filled::Nothing,
                (Slot::Unknown, default) => {
                    keys.push(key.as_str().to_owned());
                    form = format!("{form} {piece:?}");
                    outline.append_value(default);
                    continue;
                }
            };
            value.chars().for_each(|c| outline.plain(c));
            form = format!("{form} {value:?}");
        }
        let outline = outline.finish();
        if keys.is_empty() {
            Filled::Pattern(outline)
        } else {
            Filled::Open(Open { keys, form, outline })
        }
    }

    /// Cuts a template that begins with five literal fields of an ARN: those, and the rest.
    pub(crate) fn split_head(&self) -> Option<(Head, Self)> {
        let (Piece::Literal(text), after) = self.pieces.split_first()? else { return None };
        let mut fields = text.splitn(6, ':');
        let mut next = || Some(literal(fields.next()?));
        let head = [next()?, next()?, next()?, next()?, next()?];
        let mut pieces = literal(fields.next()?).into_vec();
        pieces.extend_from_slice(after);
        Some((head, Self { pieces: pieces.into_boxed_slice(), open: self.open }))
    }

    /// The text between the first `count - 1` colons that stand outside of variables, and after
    /// them; `None` when there are fewer.
    pub(crate) fn split_source(text: &str, reading: Reading, count: usize) -> Option<Vec<&str>> {
        let mut fields = Vec::new();
        let (mut start, mut depth) = (0, 0_u32);
        let mut before = ' ';
        for (at, c) in text.char_indices() {
            match c {
                '{' if reading.variables && before == '$' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                ':' if depth == 0 && fields.len() + 1 < count => {
                    fields.push(text.get(start..at)?);
                    start = at + 1;
                }
                _ => {}
            }
            before = c;
        }
        fields.push(text.get(start..)?);
        (fields.len() == count).then_some(fields)
    }
}

/// Cuts a text at its first colons so that there are at most `count` parts: all but the last, and
/// the last.
fn cut(text: &str, count: usize) -> (Vec<&str>, &str) {
    let mut parts: Vec<&str> = text.splitn(count, ':').collect();
    let rest = parts.pop().unwrap_or_default();
    (parts, rest)
}

/// Splits `key, 'default'}rest` at the brace that closes the variable. A default in quotes may hold
/// a brace.
fn split_variable(after: &str) -> Result<(&str, &str), &'static str> {
    let mut quoted = false;
    for (at, c) in after.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '}' if !quoted => {
                let inside = after.get(..at).unwrap_or_default();
                return Ok((inside, after.get(at + 1..).unwrap_or_default()));
            }
            _ => {}
        }
    }
    Err("a policy variable is not closed")
}

fn variable(inside: &str) -> Result<Variable, &'static str> {
    let (key, default) = match inside.split_once(',') {
        None => (inside, None),
        Some((key, rest)) => {
            let quoted = rest.trim_start_matches(' ').strip_prefix('\'');
            let default = quoted.and_then(|d| d.strip_suffix('\''));
            let plain = default.filter(|d| !d.contains('\''));
            (key, Some(plain.ok_or("the default of a policy variable stands in single quotes")?))
        }
    };
    let odd = |c: char| c.is_whitespace() || matches!(c, '\'' | '{' | '$' | '*' | '?');
    if key.is_empty() || key.contains(odd) {
        return Err("the name of a policy variable holds no space, quote or wildcard");
    }
    Ok(Variable { key: KeyName::new(key), default: default.map(Into::into) })
}
