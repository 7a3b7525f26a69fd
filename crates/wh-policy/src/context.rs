//! The request context: condition keys and their values.
//!
//! Invariant: keys are lower-cased when they come in and when they are asked for. A key that is
//! absent is not a key that is empty.

use crate::Subject;
use crate::key::{Derived, KeyName, hash};

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
    /// The hash of each key, in the order of `entries`: a look-up runs over these alone.
    hashes: Vec<u64>,
    /// In the order of the keys.
    entries: Vec<(Box<str>, ContextValue)>,
}

impl Context {
    /// A context without keys.
    pub fn new() -> Self {
        Self::default()
    }

    fn position(&self, lowered: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|(key, _)| key.as_ref().cmp(lowered))
    }

    /// Sets a key, in place of what it held.
    pub fn set(&mut self, key: &str, value: impl Into<ContextValue>) {
        let lowered = key.to_lowercase();
        match self.position(&lowered) {
            Ok(at) => {
                if let Some((_, held)) = self.entries.get_mut(at) {
                    *held = value.into();
                }
            }
            Err(at) => {
                self.hashes.insert(at, hash(&lowered));
                self.entries.insert(at, (lowered.into_boxed_str(), value.into()));
            }
        }
    }

    /// The value of a key; `None` when the key is absent.
    pub fn get(&self, key: &str) -> Option<&ContextValue> {
        let at = self.position(&key.to_lowercase()).ok()?;
        self.entries.get(at).map(|(_, value)| value)
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) {
        if let Ok(at) = self.position(&key.to_lowercase()) {
            self.hashes.remove(at);
            self.entries.remove(at);
        }
    }

    /// All keys, lower-cased, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ContextValue)> {
        self.entries.iter().map(|(key, value)| (key.as_ref(), value))
    }

    fn look_up(&self, name: &KeyName) -> Option<&ContextValue> {
        let hashed = self.hashes.iter().enumerate().filter(|(_, hash)| **hash == name.hash());
        let mut named = hashed.filter_map(|(at, _)| self.entries.get(at));
        named.find(|(key, _)| key.as_ref() == name.as_str()).map(|(_, value)| value)
    }
}

/// What a key holds in one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held<'a> {
    /// A single value.
    One(&'a str),
    /// The values of a multivalued key, perhaps none.
    Many(&'a [String]),
}

impl Held<'_> {
    /// The same, on its own.
    pub(crate) fn to_owned(self) -> ContextValue {
        match self {
            Self::One(value) => ContextValue::One(value.to_owned()),
            Self::Many(values) => ContextValue::Many(values.to_vec()),
        }
    }
}

/// What conditions and variables see: the given keys, and behind them what follows from the subject.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    given: &'a Context,
    subject: &'a Subject,
    /// Root's ARN is not written anywhere; it is made where root asks.
    root_arn: Option<String>,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(given: &'a Context, subject: &'a Subject) -> Self {
        let is_root = matches!(subject, Subject::Root { .. });
        Self { given, subject, root_arn: is_root.then(|| subject.display_name()) }
    }

    pub(crate) fn get(&self, name: &KeyName) -> Option<Held<'_>> {
        match self.given.look_up(name) {
            Some(ContextValue::One(value)) => Some(Held::One(value)),
            Some(ContextValue::Many(values)) => Some(Held::Many(values)),
            None => self.derive(name.derived()?).map(Held::One),
        }
    }

    fn derive(&self, key: Derived) -> Option<&str> {
        let subject = self.subject;
        match key {
            Derived::PrincipalArn => self.root_arn.as_deref().or_else(|| subject.principal_arn()),
            Derived::PrincipalAccount => match subject {
                Subject::Anonymous => Some("anonymous"),
                Subject::Root { .. }
                | Subject::User { .. }
                | Subject::RoleSession { .. }
                | Subject::Role { .. }
                | Subject::Service { .. }
                | Subject::Federated { .. }
                | Subject::FederatedUser { .. } => subject.account(),
            },
            Derived::PrincipalType => subject.principal_type(),
            Derived::IsAwsService => match subject {
                Subject::Anonymous => None,
                Subject::Service { .. } => Some("true"),
                Subject::Root { .. }
                | Subject::User { .. }
                | Subject::RoleSession { .. }
                | Subject::Role { .. }
                | Subject::Federated { .. }
                | Subject::FederatedUser { .. } => Some("false"),
            },
            Derived::ServiceName => subject.service(),
            Derived::FederatedProvider => subject.provider(),
            Derived::UserId => match subject {
                Subject::Anonymous => Some("anonymous"),
                Subject::Root { account, partition: _ } => Some(account.as_str()),
                Subject::User { .. }
                | Subject::RoleSession { .. }
                | Subject::Role { .. }
                | Subject::Service { .. }
                | Subject::Federated { .. }
                | Subject::FederatedUser { .. } => None,
            },
            Derived::UserName => subject.user_name(),
        }
    }

    /// The value that a variable stands for: of a single-valued key, and not empty.
    pub(crate) fn variable(&self, name: &KeyName) -> Option<&str> {
        match self.get(name)? {
            Held::One(value) if !value.is_empty() => Some(value),
            Held::One(_) | Held::Many(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Context, ContextValue};

    #[test]
    fn keys_are_kept_in_order_and_ignore_case() {
        let mut context = Context::new();
        context.set("b:Key", "1");
        context.set("A:key", "2");
        context.set("B:KEY", "3");
        let all: Vec<_> = context.iter().collect();
        let (two, three) = (ContextValue::from("2"), ContextValue::from("3"));
        assert_eq!(all, [("a:key", &two), ("b:key", &three)]);
        context.remove("a:KEY");
        assert_eq!((context.get("A:key"), context.get("b:key")), (None, Some(&three)));
    }
}
