//! From policies to formulas: the same meaning as `evaluate`, said of all requests at once.

mod condition;
mod court;
mod statement;

use super::formula::Formula;
use super::pattern::Pattern;
use super::side::{Fixed, Side};
use super::space::Space;
use crate::arn_pattern::Head;
use crate::glob::{Piece, Pieces};
use crate::template::{Filled, Slot, Template};
use crate::{ContextValue, Statement};

pub(super) use court::{allowed, among, reaches};

/// What a compilation writes into, and what it knows.
#[derive(Debug)]
pub(super) struct Compiler<'c, 'a> {
    pub(super) space: &'c mut Space<'a>,
    pub(super) side: &'c Side,
}

/// Patterns of one list: those that are known, and those that are not.
#[derive(Debug, Default)]
struct Patterns {
    known: Vec<Pattern>,
    open: Vec<OpenPattern>,
}

/// A pattern that is not known.
#[derive(Debug)]
struct OpenPattern {
    /// The same text is the same pattern.
    what: String,
    because: String,
    /// What it matches at most.
    outline: Pattern,
}

impl Compiler<'_, '_> {
    fn fill(&mut self, template: &Template) -> Filled {
        let filled = template.fill(|key| match self.side.fixed(key) {
            Fixed::Value(ContextValue::One(value)) if !value.is_empty() => Slot::Value(value),
            Fixed::Value(_) | Fixed::Absent => Slot::Missing,
            Fixed::Free => Slot::Unknown,
        });
        if let Filled::Open(open) = &filled {
            self.space.open_variables.extend(open.keys.iter().cloned());
        }
        filled
    }
}

/// Everything but the principal of a statement fits.
pub(super) fn applies<'a>(compiler: &mut Compiler<'_, 'a>, statement: &'a Statement) -> Formula {
    compiler.applies(statement)
}

/// Why a pattern with these variables is not known.
fn because_open(keys: &[String]) -> String {
    let names: Vec<String> = keys.iter().map(|key| format!("`${{{key}}}`")).collect();
    format!("the value of {} is not known", names.join(" and "))
}

/// A pattern for ARNs, split into fields: what a value made of variables stands for.
fn split_fields(pieces: &[Piece]) -> Option<(Head, Box<[Piece]>)> {
    let mut fields = cut(pieces).into_iter();
    let mut next = || fields.next();
    let head = [next()?, next()?, next()?, next()?, next()?];
    Some((head, next()?))
}

fn cut(pieces: &[Piece]) -> Vec<Box<[Piece]>> {
    let mut fields = Vec::new();
    let mut field = Pieces::default();
    for piece in pieces {
        let Piece::Literal(text) = piece else {
            field.append(piece);
            continue;
        };
        let mut parts = text.splitn(6 - fields.len(), ':');
        parts.next().into_iter().flat_map(str::chars).for_each(|c| field.plain(c));
        for part in parts {
            fields.push(std::mem::take(&mut field).finish());
            part.chars().for_each(|c| field.plain(c));
        }
    }
    fields.push(field.finish());
    fields
}
