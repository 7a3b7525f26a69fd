//! Text with policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, `${*}`.
//!
//! Invariant: what a variable stands for is literal text. A `*` in a tag's value is a star, never a
//! wildcard, and is not expanded again.
//!
//! Source: IAM User Guide, "IAM policy elements: Variables and tags".

use crate::context::Facts;
use crate::glob::{Glob, compile, literal, wildcard};

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Glob(Glob),
    Variable { key: String, default: Option<String> },
}

/// How the text of a template is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    /// `${…}` is a variable: only under version 2012-10-17.
    pub(crate) variables: bool,
    /// `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
}

/// A text in which variables may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Form);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Fixed(Vec<Glob>),
    Open(Vec<Piece>),
}

impl Template {
    /// Reads a text; the error is the rule that a `${…}` in it breaks.
    pub(crate) fn parse(text: &str, reading: Reading) -> Result<Self, &'static str> {
        let fixed = if reading.wildcards { compile } else { literal };
        if !reading.variables || !text.contains("${") {
            return Ok(Self(Form::Fixed(fixed(text))));
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            pieces.extend(fixed(before).into_iter().map(Piece::Glob));
            let (inside, behind) = split_variable(after)?;
            pieces.push(variable(inside)?);
            rest = behind;
        }
        pieces.extend(fixed(rest).into_iter().map(Piece::Glob));
        Ok(Self(Form::Open(pieces)))
    }

    /// The pattern with every variable replaced; `None` when one has neither value nor default.
    pub(crate) fn resolve(&self, facts: &Facts<'_>) -> Option<std::borrow::Cow<'_, [Glob]>> {
        let pieces = match &self.0 {
            Form::Fixed(globs) => return Some(globs.into()),
            Form::Open(pieces) => pieces,
        };
        let mut out = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Glob(glob) => out.push(*glob),
                Piece::Variable { key, default } => {
                    let value = facts.variable(key).or(default.as_deref())?;
                    out.extend(literal(value));
                }
            }
        }
        Some(out.into())
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

fn variable(inside: &str) -> Result<Piece, &'static str> {
    if let "*" | "?" | "$" = inside {
        return Ok(Piece::Glob(Glob::Char(inside.chars().next().unwrap_or('$'))));
    }
    let (key, default) = match inside.split_once(',') {
        None => (inside, None),
        Some((key, rest)) => {
            let quoted = rest.trim_start_matches(' ').strip_prefix('\'');
            let default = quoted.and_then(|d| d.strip_suffix('\''));
            let plain = default.filter(|d| !d.contains('\''));
            (key, Some(plain.ok_or("the default of a policy variable stands in single quotes")?))
        }
    };
    let named = !key.is_empty()
        && !key.contains(|c: char| c.is_whitespace() || matches!(c, '\'' | '{' | '$'))
        && !key.chars().any(|c| wildcard(c) != Glob::Char(c));
    if !named {
        return Err("the name of a policy variable holds no space, quote or wildcard");
    }
    Ok(Piece::Variable { key: key.to_lowercase(), default: default.map(str::to_owned) })
}
