//! What is fixed for the requests of one principal.

use super::Access;
use crate::context::Facts;
use crate::key::KeyName;
use crate::{Context, ContextValue, Subject};

/// The keys that `Facts` derives from a subject.
const DERIVED: [&str; 7] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principaltype",
    "aws:userid",
    "aws:username",
    "aws:principalisawsservice",
    "aws:principalservicename",
];

/// Of these, the keys that no request has unless they follow from the subject.
const DERIVED_OR_ABSENT: [&str; 4] =
    ["aws:principalarn", "aws:principalaccount", "aws:username", "aws:principalservicename"];

/// The provider of a federated principal is derived as well.
const PROVIDER: &str = "aws:federatedprovider";

/// What is known of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fixed<'s> {
    /// Every request holds this.
    Value(&'s ContextValue),
    /// No request has it.
    Absent,
    /// Requests differ.
    Free,
}

/// What is known of the keys of one principal's requests. Where two principals are compared, a key
/// that one of them fixes is fixed for the other too: it is the same request.
#[derive(Debug, Clone, Default)]
pub(super) struct Side {
    /// What goes into the context of every request.
    given: Context,
    derived: Context,
    absent: Vec<String>,
    /// Keys that another principal fixes and this one does not.
    lent: Context,
}

impl Side {
    /// A side of which nothing is known.
    pub(super) fn open() -> Self {
        Self::default()
    }

    pub(super) fn new<'o>(
        access: &Access<'_>,
        others: impl IntoIterator<Item = &'o Access<'o>>,
    ) -> Self {
        let mut lent = Context::new();
        for (key, value) in others.into_iter().flat_map(|other| other.known.iter()) {
            lent.set(key, value.clone());
        }
        let derived = derived(access.subject);
        let mut absent: Vec<String> = access.absent.iter().map(|key| key.to_lowercase()).collect();
        let others = DERIVED_OR_ABSENT.into_iter().filter(|key| derived.get(key).is_none());
        absent.extend(others.map(str::to_owned));
        Self { given: access.known.clone(), derived, absent, lent }
    }

    /// The same with one more key settled.
    pub(super) fn settle(&mut self, key: &str, value: Option<&str>) {
        match value {
            Some(value) => self.lent.set(key, value),
            None => self.absent.push(key.to_owned()),
        }
    }

    /// What is known of a key, given in lower case.
    pub(super) fn fixed(&self, key: &str) -> Fixed<'_> {
        if let Some(value) = self.given.get(key).or_else(|| self.derived.get(key)) {
            return Fixed::Value(value);
        }
        if self.absent.iter().any(|absent| covers(absent, key)) {
            return Fixed::Absent;
        }
        self.lent.get(key).map_or(Fixed::Free, Fixed::Value)
    }

    /// What follows from the principal.
    pub(super) fn derived(&self) -> &Context {
        &self.derived
    }

    /// The whole context of a request of this principal: what is fixed, and what was found for the
    /// other keys. Keys that follow from the principal are left to the engine.
    pub(super) fn context(&self, free: &Context) -> Context {
        let mut context = Context::new();
        for (key, value) in self.lent.iter().chain(free.iter()) {
            let own = self.derived.get(key).is_some() || self.fixed(key) == Fixed::Absent;
            if !own {
                context.set(key, value.clone());
            }
        }
        for (key, value) in self.given.iter() {
            context.set(key, value.clone());
        }
        context
    }
}

/// Whether a key is the one named, or begins with what stands before a `*`.
fn covers(absent: &str, key: &str) -> bool {
    absent.strip_suffix('*').map_or(absent == key, |start| key.starts_with(start))
}

fn derived(subject: &Subject) -> Context {
    let nothing = Context::new();
    let facts = Facts::new(&nothing, subject);
    let mut out = Context::new();
    for key in DERIVED.into_iter().chain([PROVIDER]) {
        if let Some(value) = facts.get(&KeyName::new(key)) {
            out.set(key, value.to_owned());
        }
    }
    out
}
