//! The request context: condition keys and their values.
//!
//! Invariant: keys are lower-cased when they come in and when they are asked for. A key that is
//! absent is not a key that is empty.

use std::collections::BTreeMap;

use crate::Subject;

/// The value of a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextValue {
    /// A single-valued key.
    One(String),
    /// A multivalued key; it may be present and empty.
    Many(Vec<String>),
}

impl From<&str> for ContextValue {
    fn from(value: &str) -> Self {
        Self::One(value.to_owned())
    }
}

impl From<String> for ContextValue {
    fn from(value: String) -> Self {
        Self::One(value)
    }
}

impl From<bool> for ContextValue {
    fn from(value: bool) -> Self {
        Self::One(value.to_string())
    }
}

impl From<Vec<String>> for ContextValue {
    fn from(values: Vec<String>) -> Self {
        Self::Many(values)
    }
}

/// The condition keys of one request. Key names ignore case, tag keys included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    keys: BTreeMap<String, ContextValue>,
}

impl Context {
    /// A context without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a key, in place of what it held.
    pub fn set(&mut self, key: &str, value: impl Into<ContextValue>) {
        self.keys.insert(key.to_lowercase(), value.into());
    }

    /// The value of a key; `None` when the key is absent.
    pub fn get(&self, key: &str) -> Option<&ContextValue> {
        self.keys.get(&key.to_lowercase())
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) {
        self.keys.remove(&key.to_lowercase());
    }

    /// All keys, lower-cased, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ContextValue)> {
        self.keys.iter().map(|(key, value)| (key.as_str(), value))
    }
}

/// What conditions and variables see: the given keys, and behind them what follows from the subject.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    given: &'a Context,
    derived: Context,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(given: &'a Context, subject: &Subject) -> Self {
        let mut derived = Context::new();
        let mut derive = |key: &str, value: Option<&str>| {
            if let Some(value) = value {
                derived.set(key, value);
            }
        };
        derive("aws:principalarn", subject.principal_arn().as_deref());
        derive("aws:principalaccount", subject.account());
        derive("aws:principaltype", subject.principal_type());
        match subject {
            Subject::Anonymous => derive("aws:userid", Some("anonymous")),
            Subject::User { arn } => {
                derive("aws:username", arn.resource().rsplit('/').next());
                derive("aws:principalisawsservice", Some("false"));
            }
            Subject::Root { account, partition: _ } => {
                derive("aws:userid", Some(account.as_str()));
                derive("aws:principalisawsservice", Some("false"));
            }
            Subject::Service { name } => {
                derive("aws:principalservicename", Some(name));
                derive("aws:principalisawsservice", Some("true"));
            }
            Subject::Federated { provider } => {
                derive("aws:federatedprovider", Some(provider));
                derive("aws:principalisawsservice", Some("false"));
            }
            Subject::RoleSession { .. } | Subject::Role { .. } | Subject::FederatedUser { .. } => {
                derive("aws:principalisawsservice", Some("false"));
            }
        }
        Self { given, derived }
    }

    /// The value of a key that is already lower-cased.
    pub(crate) fn get(&self, lowered_key: &str) -> Option<&ContextValue> {
        self.given.keys.get(lowered_key).or_else(|| self.derived.keys.get(lowered_key))
    }

    /// The value that a variable stands for: of a single-valued key, and not empty.
    pub(crate) fn variable(&self, lowered_key: &str) -> Option<&str> {
        match self.get(lowered_key)? {
            ContextValue::One(value) if !value.is_empty() => Some(value),
            ContextValue::One(_) | ContextValue::Many(_) => None,
        }
    }
}
