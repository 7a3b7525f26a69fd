//! The space of requests: its components, and the questions that policies ask of them.
//!
//! A request is an action, the five fields of an ARN, and for each condition key that it is absent,
//! one value, or several. Every question is about one component, and is known by a number.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::formula::Formula;
use super::language::Language;
use super::pattern::Pattern;
use crate::condition::Typed;
use crate::operator::Quantifier;
use crate::{PolicyDocument, Statement, tables};

/// A part of a request that always has a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Field {
    Action,
    Partition,
    Service,
    Region,
    Account,
    /// All after the fifth colon.
    Rest,
}

impl Field {
    pub(super) const ALL: [Self; 6] =
        [Self::Action, Self::Partition, Self::Service, Self::Region, Self::Account, Self::Rest];
}

/// A part of a request that is independent of all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Component {
    Field(Field),
    /// A condition key, by its number.
    Key(usize),
}

/// A question about one component. Languages and keys go by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Question {
    /// The field is in the language.
    In(Field, usize),
    /// The key has a value that is in the language, or one that is not.
    Has { key: usize, language: usize, inside: bool },
    /// The key is absent.
    Absent(usize),
    /// The key holds a list.
    Listed(usize),
    /// Something that cannot be told, such as what a variable stands for whose key is not known.
    Unknown(usize),
}

/// How many values a key may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arity {
    /// One: what the tables call single-valued, and what no set operator looks at.
    One,
    /// A list: what the tables call multivalued.
    List,
    /// The tables do not know it, and a set operator looks at it.
    Either,
}

/// A condition key.
#[derive(Debug)]
pub(super) struct Key {
    /// Lower-cased.
    pub(super) name: String,
    pub(super) arity: Arity,
}

/// Every question asked so far.
#[derive(Debug, Default)]
pub(super) struct Space<'a> {
    languages: Vec<Language<'a>>,
    regular: HashMap<Vec<Pattern>, usize>,
    questions: Vec<Question>,
    question_numbers: HashMap<Question, usize>,
    keys: Vec<Key>,
    key_numbers: BTreeMap<String, usize>,
    /// Keys that a set operator looks at.
    sets: BTreeSet<String>,
    /// What cannot be told: what it is, and why.
    unknowns: Vec<(String, String)>,
    /// The keys of variables that have no known value.
    pub(super) open_variables: BTreeSet<String>,
}

impl<'a> Space<'a> {
    /// The space of all requests that these documents may speak of.
    pub(super) fn new(documents: impl Iterator<Item = &'a PolicyDocument>) -> Self {
        let mut space = Self::default();
        for document in documents {
            for statement in &document.statements {
                space.note_sets(statement);
            }
        }
        space
    }

    /// The space of all requests that one statement may speak of.
    pub(super) fn of_statement(statement: &Statement) -> Self {
        let mut space = Self::default();
        space.note_sets(statement);
        space
    }

    fn note_sets(&mut self, statement: &Statement) {
        for condition in &statement.conditions {
            let set = condition.operator.is_some_and(|o| o.quantifier != Quantifier::Single);
            let keys =
                condition.tests.iter().filter(|_| set).map(|test| test.name.as_str().to_owned());
            self.sets.extend(keys);
        }
    }

    /// The number of a condition key.
    pub(super) fn key(&mut self, lowered: &str) -> usize {
        if let Some(number) = self.key_numbers.get(lowered) {
            return *number;
        }
        let arity = match tables::key(lowered) {
            Some(row) if row.kind.multivalued() => Arity::List,
            None if self.sets.contains(lowered) => Arity::Either,
            Some(_) | None => Arity::One,
        };
        let number = self.keys.len();
        self.keys.push(Key { name: lowered.to_owned(), arity });
        self.key_numbers.insert(lowered.to_owned(), number);
        number
    }

    pub(super) fn key_of(&self, number: usize) -> Option<&Key> {
        self.keys.get(number)
    }

    pub(super) fn arity(&self, key: usize) -> Arity {
        self.key_of(key).map_or(Arity::One, |key| key.arity)
    }

    /// The number of a union of patterns.
    pub(super) fn patterns(&mut self, mut patterns: Vec<Pattern>) -> usize {
        patterns.sort_unstable();
        patterns.dedup();
        if patterns.iter().any(Pattern::is_any) {
            patterns = vec![Pattern::any()];
        }
        if let Some(number) = self.regular.get(&patterns) {
            return *number;
        }
        let number = self.languages.len();
        self.languages.push(Language::Regular(patterns.clone()));
        self.regular.insert(patterns, number);
        number
    }

    /// The number of the values that a typed test takes.
    pub(super) fn typed(&mut self, typed: &'a Typed) -> usize {
        let same = |language: &Language<'_>| *language == Language::Typed(typed);
        self.languages.iter().position(same).unwrap_or_else(|| {
            self.languages.push(Language::Typed(typed));
            self.languages.len() - 1
        })
    }

    pub(super) fn language(&self, number: usize) -> Option<&Language<'a>> {
        self.languages.get(number)
    }

    pub(super) fn question(&self, number: usize) -> Option<Question> {
        self.questions.get(number).copied()
    }

    /// The component that a question is about; none where it is about something unknown.
    pub(super) fn component(&self, number: usize) -> Option<Component> {
        Some(match self.question(number)? {
            Question::In(field, _) => Component::Field(field),
            Question::Has { key, language: _, inside: _ }
            | Question::Absent(key)
            | Question::Listed(key) => Component::Key(key),
            Question::Unknown(_) => return None,
        })
    }

    /// How many questions there are.
    pub(super) fn size(&self) -> usize {
        self.questions.len()
    }

    fn ask(&mut self, question: Question) -> Formula {
        if let Some(number) = self.question_numbers.get(&question) {
            return Formula::variable(*number);
        }
        let number = self.questions.len();
        self.questions.push(question);
        self.question_numbers.insert(question, number);
        Formula::variable(number)
    }

    /// The field matches one of the patterns.
    pub(super) fn field(&mut self, field: Field, patterns: Vec<Pattern>) -> Formula {
        if patterns.is_empty() || patterns.iter().any(Pattern::is_any) {
            return Formula::from(!patterns.is_empty());
        }
        let language = self.patterns(patterns);
        self.ask(Question::In(field, language))
    }

    pub(super) fn absent(&mut self, key: usize) -> Formula {
        self.ask(Question::Absent(key))
    }

    /// The key holds a list; of a key that may do so.
    pub(super) fn listed(&mut self, key: usize) -> Formula {
        match self.arity(key) {
            Arity::One => Formula::False,
            Arity::List => !self.absent(key),
            Arity::Either => self.ask(Question::Listed(key)),
        }
    }

    /// The key has any value at all.
    pub(super) fn has_value(&mut self, key: usize) -> Formula {
        match self.arity(key) {
            Arity::One => !self.absent(key),
            Arity::List | Arity::Either => {
                let language = self.patterns(vec![Pattern::any()]);
                self.ask(Question::Has { key, language, inside: true })
            }
        }
    }

    /// The key has a value that is in the language (or, if not `inside`, one that is not).
    pub(super) fn has(&mut self, key: usize, language: usize, inside: bool) -> Formula {
        let (all, none) = match self.languages.get(language) {
            Some(Language::Regular(patterns)) => {
                (patterns.iter().any(Pattern::is_any), patterns.is_empty())
            }
            Some(Language::Typed(_)) | None => (false, false),
        };
        if all || none {
            return if all == inside { self.has_value(key) } else { Formula::False };
        }
        if !inside && self.arity(key) == Arity::One {
            // The only value is either in the language or outside; said with one question.
            let within = self.ask(Question::Has { key, language, inside: true });
            return self.has_value(key).and(!within);
        }
        self.ask(Question::Has { key, language, inside })
    }

    /// The texts that a key is compared with as a whole.
    pub(super) fn words_of(&self, name: &str) -> Vec<String> {
        let languages = self.questions.iter().filter_map(|question| match question {
            Question::Has { key, language, inside: _ }
                if self.key_of(*key).is_some_and(|key| key.name == name) =>
            {
                self.language(*language)
            }
            Question::Has { .. }
            | Question::In(..)
            | Question::Absent(_)
            | Question::Listed(_)
            | Question::Unknown(_) => None,
        });
        let patterns = languages.filter_map(|language| match language {
            Language::Regular(patterns) => Some(patterns),
            Language::Typed(_) => None,
        });
        patterns.flatten().filter_map(Pattern::literal).filter(|text| !text.is_empty()).collect()
    }

    /// Something that may be so or not; the same `what` is the same thing.
    pub(super) fn unknown(&mut self, what: String, because: String) -> Formula {
        let number = self.unknowns.iter().position(|(known, _)| *known == what);
        let number = number.unwrap_or_else(|| {
            self.unknowns.push((what, because));
            self.unknowns.len() - 1
        });
        self.ask(Question::Unknown(number))
    }

    /// Why something is unknown.
    pub(super) fn because(&self, unknown: usize) -> &str {
        self.unknowns.get(unknown).map_or("", |(_, because)| because)
    }
}
