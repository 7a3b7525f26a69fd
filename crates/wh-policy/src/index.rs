//! `Index`: which statements of a document can bear upon a request at all.
//!
//! For every action that the tables know, a row of bits says which statements cover it. Where many
//! do, those whose resources begin otherwise are passed over, too: the literal beginnings of all
//! resource patterns stand in order, each linked to the longest other one that it begins with, so
//! that the few that a resource begins with are found by one binary search.
//!
//! Invariant: a statement that is left out does not apply.

use std::sync::LazyLock;

use crate::applies::Asked;
use crate::glob::{Piece, matches_plain};
use crate::statement::{Listed, ResourcePattern};
use crate::{Effect, Statement, tables};

/// How many statements cover an action before their resources are looked up rather than read.
const PREFIXES_FROM: usize = 16;

const WORD_BITS: usize = 64;

/// In which order statements are gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Any: only whether there is one matters.
    Any,
    /// That of the document: of several that decide alike, the first is named.
    Document,
}

/// The statements of a document, by what they are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Index {
    allow: Shelf,
    deny: Shelf,
}

impl Index {
    pub(crate) fn of(statements: &[Statement]) -> Self {
        Self {
            allow: Shelf::of(statements, Effect::Allow),
            deny: Shelf::of(statements, Effect::Deny),
        }
    }

    /// The positions of the statements of one effect that may apply, until `found` says so.
    pub(crate) fn find(
        &self,
        effect: Effect,
        asked: &Asked<'_>,
        order: Order,
        found: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let side = match effect {
            Effect::Allow => &self.allow,
            Effect::Deny => &self.deny,
        };
        let found = |ordinal: usize| {
            let position = side.positions.get(ordinal).copied()?;
            found(position).then_some(position)
        };
        let Some(row) = asked.known.and_then(|action| side.row(action)) else {
            return (0..side.positions.len()).find_map(found);
        };
        match &side.prefixes {
            Some(prefixes) if order == Order::Any && many(row) => prefixes
                .candidates(asked.resource.as_str())
                .filter(|ordinal| is_set(row, *ordinal))
                .find_map(found),
            Some(_) | None => ordinals(row).find_map(found),
        }
    }
}

fn many(row: &[u64]) -> bool {
    row.iter().map(|word| word.count_ones() as usize).sum::<usize>() > PREFIXES_FROM
}

fn is_set(row: &[u64], ordinal: usize) -> bool {
    row.get(ordinal / WORD_BITS).is_some_and(|word| word >> (ordinal % WORD_BITS) & 1 == 1)
}

/// The bits that are set, in order.
fn ordinals(row: &[u64]) -> impl Iterator<Item = usize> {
    row.iter().enumerate().flat_map(|(at, word)| {
        let mut left = *word;
        std::iter::from_fn(move || {
            let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(at * WORD_BITS + bit)
        })
    })
}

/// The statements of one effect.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shelf {
    /// Where they stand in the document.
    positions: Box<[usize]>,
    /// For each known action, a bit for each of them; empty where there are none.
    rows: Box<[u64]>,
    /// The length of a row, in words.
    words: usize,
    prefixes: Option<Prefixes>,
}

impl Shelf {
    fn of(statements: &[Statement], effect: Effect) -> Self {
        let chosen: Vec<(usize, &Statement)> =
            statements.iter().enumerate().filter(|(_, s)| s.effect == effect).collect();
        let words = chosen.len().div_ceil(WORD_BITS);
        let mut rows = vec![0; words * tables::actions().len()];
        for (ordinal, (_, statement)) in chosen.iter().enumerate() {
            let (word, bit) = (ordinal / WORD_BITS, 1_u64 << (ordinal % WORD_BITS));
            let covered = covered(statement);
            for (row, covered) in rows.chunks_exact_mut(words).zip(covered) {
                row.get_mut(word).filter(|_| covered).into_iter().for_each(|word| *word |= bit);
            }
        }
        let prefixes = (chosen.len() > PREFIXES_FROM).then(|| Prefixes::of(&chosen));
        let positions = chosen.into_iter().map(|(position, _)| position).collect();
        Self { positions, rows: rows.into_boxed_slice(), words, prefixes }
    }

    fn row(&self, action: u16) -> Option<&[u64]> {
        let from = usize::from(action) * self.words;
        self.rows.get(from..from + self.words)
    }
}

/// For each known action, whether the statement covers it.
fn covered(statement: &Statement) -> Vec<bool> {
    let listed = &statement.actions;
    if listed.items.is_empty() {
        return vec![statement.effect.when_in_doubt(); tables::actions().len()];
    }
    let mut covered = vec![listed.negated; tables::actions().len()];
    let mut mark = |at: usize| {
        if let Some(covered) = covered.get_mut(at) {
            *covered = !listed.negated;
        }
    };
    for item in &listed.items {
        match item.pattern.as_ref() {
            [Piece::Literal(name)] => {
                tables::action_index(name).map(usize::from).into_iter().for_each(&mut mark);
            }
            pattern => known_matches(pattern).for_each(&mut mark),
        }
    }
    covered
}

/// The known actions that a pattern with wildcards matches. They stand in order, so those that
/// begin alike stand together.
fn known_matches(pattern: &[Piece]) -> impl Iterator<Item = usize> {
    let prefix = match pattern.first() {
        Some(Piece::Literal(text)) => text.as_ref(),
        Some(Piece::Run | Piece::One | Piece::Variable(_)) | None => "",
    };
    let from = LOWERED.partition_point(|name| name.as_str() < prefix);
    let alike = LOWERED.iter().enumerate().skip(from);
    let alike = alike.take_while(move |(_, name)| name.starts_with(prefix));
    let every = matches!(pattern, [Piece::Run] | [Piece::Literal(_), Piece::Run]);
    alike.filter(move |(_, name)| every || matches_plain(pattern, name)).map(|(at, _)| at)
}

/// The names of the known actions in lower case, in which they are sorted.
static LOWERED: LazyLock<Vec<String>> =
    LazyLock::new(|| tables::actions().iter().map(|row| row.name.to_ascii_lowercase()).collect());

/// What begins no resource.
const NONE: usize = usize::MAX;

/// The literal beginnings of resource patterns, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Prefixes {
    nodes: Box<[Node]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Node {
    prefix: Box<str>,
    /// The longest other prefix that this one begins with.
    parent: usize,
    ordinals: Vec<usize>,
}

impl Prefixes {
    fn of(statements: &[(usize, &Statement)]) -> Self {
        let mut sorted: Vec<(&str, usize)> = Vec::new();
        for (ordinal, (_, statement)) in statements.iter().enumerate() {
            sorted.extend(beginnings(statement).into_iter().map(|prefix| (prefix, ordinal)));
        }
        sorted.sort_unstable();
        sorted.dedup();
        let mut nodes: Vec<Node> = Vec::new();
        for (prefix, ordinal) in sorted {
            match nodes.last_mut() {
                Some(last) if last.prefix.as_ref() == prefix => last.ordinals.push(ordinal),
                Some(_) | None => {
                    let parent = parent_of(&nodes, prefix);
                    nodes.push(Node { prefix: prefix.into(), parent, ordinals: vec![ordinal] });
                }
            }
        }
        Self { nodes: nodes.into_boxed_slice() }
    }

    /// The ordinals of statements that name a beginning of `resource`; one may come twice.
    fn candidates(&self, resource: &str) -> impl Iterator<Item = usize> {
        let after = self.nodes.partition_point(|node| node.prefix.as_ref() <= resource);
        let mut at = after.checked_sub(1).unwrap_or(NONE);
        // What comes last before the resource begins like it as far as any does.
        let chain = std::iter::from_fn(move || {
            let node = self.nodes.get(at)?;
            at = node.parent;
            Some(node)
        });
        let fitting = chain.filter(|node| resource.starts_with(node.prefix.as_ref()));
        fitting.flat_map(|node| node.ordinals.iter().copied())
    }
}

/// The last of the nodes so far that `prefix` begins with: the one before it, or one that that one
/// begins with.
fn parent_of(nodes: &[Node], prefix: &str) -> usize {
    let mut at = nodes.len().checked_sub(1).unwrap_or(NONE);
    while let Some(node) = nodes.get(at) {
        if prefix.starts_with(node.prefix.as_ref()) {
            return at;
        }
        at = node.parent;
    }
    NONE
}

/// What the resources of a statement begin with. Nothing is known of those that a list excepts, nor
/// of what cannot be read.
fn beginnings(statement: &Statement) -> Vec<&str> {
    let plain = |listed: &&Listed<ResourcePattern>| !listed.negated && !listed.items.is_empty();
    let plain = statement.resources.as_ref().filter(plain);
    let Some(listed) = plain else { return vec![""] };
    let prefixes = listed.items.iter().map(|item| item.pattern.as_ref());
    prefixes.map(|pattern| pattern.map_or("", |pattern| pattern.literal_prefix())).collect()
}
