//! The kinds of keys in a part of a bucket: what the patterns of the policies tell apart.
//!
//! A pattern that is a text, or a text with `*` behind it, is a point or an interval of the keys in order;
//! intervals of this sort lie within each other or apart. So the smallest of them that a key is in, or the
//! point that it is, says which of the patterns match it. One key for each interval that lies in none of the
//! smaller ones, and each point, is one key of every kind.

use std::borrow::Cow;

use wh_names::ObjectKey;

use super::{Asking, Span};
use crate::arn_pattern::{ArnPattern, ArnText};
use crate::condition::{KeyTest, Typed};
use crate::context::Facts;
use crate::glob::{Piece, matches_plain};
use crate::{NamedPolicy, PolicySet, Statement};

/// The condition key of what a listing lists.
pub(super) const PREFIX: &str = "s3:prefix";

/// A kind of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// What its keys begin with, or its one key.
    pub text: String,
    /// Whether it has one key only.
    pub exact: bool,
    /// One of its keys.
    pub(super) sample: String,
}

/// The kinds of keys that an action may be asked about.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) spots: Vec<Spot>,
    /// Whether they are all; where not, they are not to be relied on.
    pub(super) regular: bool,
}

/// What decisions follow from; see [`Survey::class`](super::Survey::class).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Class {
    /// Which patterns match, kind by kind, and which conditions on telling keys hold.
    bits: Vec<u64>,
    /// What else it depends on, where it is one of its own.
    own: Option<String>,
}

/// What a pattern matches.
#[derive(Debug)]
enum Shape<'a> {
    Nothing,
    Exactly(Cow<'a, str>),
    Begins(Cow<'a, str>),
    /// It begins so and has wildcards further on.
    Other(Cow<'a, str>),
}

fn shape<'a>(pieces: &'a [Piece], facts: &'a Facts<'_>) -> Shape<'a> {
    if let [Piece::Literal(text)] = pieces {
        return Shape::Exactly(Cow::Borrowed(text));
    }
    if let [Piece::Literal(text), Piece::Run] = pieces {
        return Shape::Begins(Cow::Borrowed(text));
    }
    let mut text = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Literal(part) => text.push_str(part),
            Piece::Variable(variable) => match variable.value(facts) {
                Some(value) => text.push_str(value),
                None => return Shape::Nothing,
            },
            Piece::Run if at + 1 == pieces.len() => return Shape::Begins(Cow::Owned(text)),
            Piece::Run | Piece::One => return Shape::Other(Cow::Owned(text)),
        }
    }
    Shape::Exactly(Cow::Owned(text))
}

/// The policies of which statements may apply, the resource's last.
pub(super) fn policies<'a>(set: &PolicySet<'a>) -> impl Iterator<Item = &'a NamedPolicy> {
    let levels = [set.scps, set.rcps].into_iter().flatten().flatten().flatten();
    let own = set.identity.iter().chain(set.boundary).chain(set.session.unwrap_or_default());
    own.chain(levels).chain(set.resource)
}

pub(super) fn statements<'a>(set: &PolicySet<'a>) -> impl Iterator<Item = &'a Statement> {
    policies(set).flat_map(|policy| &policy.document.statements)
}

fn patterns<'a>(set: &PolicySet<'a>) -> impl Iterator<Item = &'a ArnPattern> {
    let lists = statements(set).filter_map(|statement| statement.resources.as_ref());
    lists.flat_map(|listed| &listed.items).filter_map(|item| item.pattern.as_ref())
}

fn tests<'a>(set: &PolicySet<'a>) -> impl Iterator<Item = (&'a Statement, usize, &'a KeyTest)> {
    statements(set).flat_map(|statement| {
        let blocks = statement.conditions.iter().enumerate();
        blocks.flat_map(move |(at, block)| block.tests.iter().map(move |t| (statement, at, t)))
    })
}

/// The kinds of keys that objects may have.
pub(super) fn of_objects(asking: &Asking<'_>, span: &Span) -> Ground {
    let under = match span {
        Span::Key(key) => return one(key.clone()),
        Span::Under(under) => under,
    };
    let facts = Facts::new(asking.known, asking.subject);
    let bucket = asking.bucket.as_str();
    let start = format!("{bucket}/");
    let mut shapes = Vec::new();
    for pattern in patterns(&asking.policies) {
        match pattern {
            ArnPattern::Every => {}
            ArnPattern::Text(template) => {
                shapes.push(below(shape(template.pieces(), &facts), &start));
            }
            ArnPattern::Fields { head, rest } => {
                let mut pairs = head.iter().zip(bucket.split(':'));
                if pairs.all(|(pattern, field)| matches_plain(pattern, field)) {
                    let rest_of = bucket.splitn(6, ':').nth(5).unwrap_or_default();
                    shapes.push(below(shape(rest.pieces(), &facts), &format!("{rest_of}/")));
                }
            }
            ArnPattern::Whole(_) => shapes.push(Shape::Other(Cow::Borrowed(""))),
        }
    }
    let fits = |key: &str| ObjectKey::parse(key).is_ok();
    ground(under, &shapes, fits)
}

/// The same of the keys behind `start`; what covers them all begins with nothing.
fn below<'a>(shape: Shape<'a>, start: &str) -> Shape<'a> {
    let cut = |text: Cow<'a, str>| match text.strip_prefix(start) {
        Some(rest) => Some(Cow::Owned(rest.to_owned())),
        None => start.starts_with(text.as_ref()).then_some(Cow::Borrowed("")),
    };
    match shape {
        Shape::Nothing => Shape::Nothing,
        Shape::Exactly(text) => match text.strip_prefix(start) {
            Some(rest) => Shape::Exactly(Cow::Owned(rest.to_owned())),
            None => Shape::Nothing,
        },
        Shape::Begins(text) => cut(text).map_or(Shape::Nothing, Shape::Begins),
        Shape::Other(text) => cut(text).map_or(Shape::Nothing, Shape::Other),
    }
}

/// The kinds of beginnings that listings may ask for.
pub(super) fn of_listings(asking: &Asking<'_>, span: &Span) -> Ground {
    let under = match span {
        Span::Key(key) => return one(folder_of(key).to_owned()),
        Span::Under(under) => under,
    };
    let facts = Facts::new(asking.known, asking.subject);
    let mut shapes = Vec::new();
    for (_, _, test) in tests(&asking.policies) {
        if test.name.as_str() != PREFIX {
            continue;
        }
        match &test.typed {
            Some(Typed::Text { templates, ignore_case: false }) => {
                shapes.extend(templates.iter().map(|template| shape(template.pieces(), &facts)));
            }
            None | Some(Typed::Absent(_)) => {}
            Some(
                Typed::Text { .. }
                | Typed::Arns(_)
                | Typed::Numbers(..)
                | Typed::Dates(..)
                | Typed::Bools(_)
                | Typed::Networks(_)
                | Typed::Bytes(_),
            ) => shapes.push(Shape::Other(Cow::Borrowed(""))),
        }
    }
    if statements(&asking.policies).any(|statement| stands_for(statement, PREFIX)) {
        shapes.push(Shape::Other(Cow::Borrowed("")));
    }
    let mut ground = ground(under, &shapes, |_| true);
    // The part itself is asked for, where that is decided as what lies deeper is.
    let is_its_own = ground.spots.iter().any(|spot| spot.exact && spot.text == *under);
    if let Some(first) = ground.spots.first_mut().filter(|_| !is_its_own) {
        first.sample.clone_from(under);
    }
    ground
}

/// Whether a variable of this key stands in a statement.
fn stands_for(statement: &Statement, key: &str) -> bool {
    let variable = |text: &String| text.to_lowercase().contains(&format!("${{{key}"));
    let mut resources = statement.resources.iter().flat_map(|listed| &listed.items);
    let mut tests = statement.conditions.iter().flat_map(|condition| &condition.tests);
    resources.any(|item| variable(&item.text)) || tests.any(|test| test.values.iter().any(variable))
}

/// The folder that an object is in, as the beginning of keys.
fn folder_of(key: &str) -> &str {
    key.rfind('/').and_then(|at| key.get(..=at)).unwrap_or_default()
}

fn one(text: String) -> Ground {
    let spot = Spot { sample: text.clone(), text, exact: true };
    Ground { spots: vec![spot], regular: true }
}

fn ground(under: &str, shapes: &[Shape<'_>], fits: impl Fn(&str) -> bool) -> Ground {
    let mut texts: Vec<(&str, bool)> = vec![(under, false)];
    let mut regular = true;
    for shape in shapes {
        match shape {
            Shape::Exactly(text) if text.starts_with(under) => texts.push((text, true)),
            Shape::Begins(text) if text.starts_with(under) => texts.push((text, false)),
            Shape::Nothing | Shape::Exactly(_) | Shape::Begins(_) => {}
            Shape::Other(text) => {
                regular &= !(text.starts_with(under) || under.starts_with(text.as_ref()));
            }
        }
    }
    if let Some(others) = texts.get_mut(1..) {
        others.sort_unstable();
    }
    let mut spots: Vec<Spot> = Vec::with_capacity(texts.len());
    for (text, exact) in &texts {
        if spots.iter().any(|spot| spot.text == *text && spot.exact == *exact) {
            continue;
        }
        let sample = if *exact { Some((*text).to_owned()) } else { fresh(text, &texts) };
        match sample {
            Some(sample) if fits(&sample) => {
                spots.push(Spot { text: (*text).to_owned(), exact: *exact, sample });
            }
            // No key is like that.
            Some(_) => {}
            None => regular = false,
        }
    }
    Ground { spots, regular }
}

/// A text that begins so, and is or begins with no longer one of the texts.
fn fresh(text: &str, texts: &[(&str, bool)]) -> Option<String> {
    let letters = ('a'..='z').chain('0'..='9').chain('A'..='Z');
    let mut ways = letters.map(|letter| format!("{text}{letter}"));
    ways.find(|way| texts.iter().all(|(other, _)| !other.starts_with(way.as_str())))
}

/// See [`Survey::class`](super::Survey::class).
pub(super) fn class(
    asking: &Asking<'_>,
    telling: &[&str],
    (objects, listings): (&Ground, &Ground),
) -> Class {
    let facts = Facts::new(asking.known, asking.subject);
    let mut bits = Bits::default();
    let bucket = asking.bucket.as_str();
    let samples = objects.spots.iter().map(|spot| format!("{bucket}/{}", spot.sample));
    for sample in samples.chain([bucket.to_owned()]) {
        let Some(arn) = ArnText::parse(&sample) else { continue };
        patterns(&asking.policies).for_each(|pattern| bits.push(pattern.matches(&arn, &facts)));
    }
    let mut own = !(objects.regular && listings.regular);
    for (statement, at, test) in tests(&asking.policies) {
        let tells = |text: &str| telling.iter().any(|beginning| text.contains(beginning));
        if test.name.as_str() == PREFIX {
            for spot in &listings.spots {
                bits.push(test.takes(&spot.sample, &facts));
            }
        } else if tells(test.name.as_str()) {
            let operator = statement.conditions.get(at).and_then(|block| block.operator);
            bits.push(operator.is_some_and(|it| test.holds(it, statement.effect, &facts)));
        } else {
            let variable = |value: &String| value.contains("${") && tells(&value.to_lowercase());
            own |= test.values.iter().any(variable);
        }
    }
    let spots = || objects.spots.iter().chain(&listings.spots).map(|spot| spot.text.as_str());
    let own = own.then(|| {
        let known = asking.known.iter().filter(|(key, _)| telling.iter().any(|b| key.contains(b)));
        format!("{:?} {:?}", spots().collect::<Vec<_>>(), known.collect::<Vec<_>>())
    });
    bits.push_count(objects.spots.len());
    Class { bits: bits.words, own }
}

#[derive(Debug, Default)]
struct Bits {
    words: Vec<u64>,
    used: usize,
}

impl Bits {
    fn push(&mut self, bit: bool) {
        let at = self.used % 64;
        if at == 0 {
            self.words.push(0);
        }
        if let Some(word) = self.words.last_mut().filter(|_| bit) {
            *word |= 1 << at;
        }
        self.used += 1;
    }

    /// How many kinds there are: where each one's bits begin.
    fn push_count(&mut self, count: usize) {
        self.words.push(count as u64);
        self.words.push(self.used as u64);
    }
}
