//! `KeyName`: the name of a condition key, prepared for looking up.
//!
//! Invariant: names are compared in lower case, tag keys included, and never by their hash alone.
//!
//! Source: IAM User Guide, "IAM JSON policy elements: Condition": key names ignore case.

use std::fmt;

/// A key whose value follows from who is asking, where the request does not give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Derived {
    PrincipalArn,
    PrincipalAccount,
    PrincipalType,
    IsAwsService,
    ServiceName,
    FederatedProvider,
    UserId,
    UserName,
}

impl Derived {
    const ALL: [(&'static str, Self); 8] = [
        ("aws:principalarn", Self::PrincipalArn),
        ("aws:principalaccount", Self::PrincipalAccount),
        ("aws:principaltype", Self::PrincipalType),
        ("aws:principalisawsservice", Self::IsAwsService),
        ("aws:principalservicename", Self::ServiceName),
        ("aws:federatedprovider", Self::FederatedProvider),
        ("aws:userid", Self::UserId),
        ("aws:username", Self::UserName),
    ];

    fn of(lowered: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(name, _)| *name == lowered).map(|(_, derived)| derived)
    }
}

/// The name of a condition key: lower-cased and hashed once.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct KeyName {
    hash: u64,
    lowered: Box<str>,
    derived: Option<Derived>,
}

impl KeyName {
    pub(crate) fn new(name: &str) -> Self {
        let lowered = name.to_lowercase();
        Self {
            hash: hash(&lowered),
            derived: Derived::of(&lowered),
            lowered: lowered.into_boxed_str(),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.lowered
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn derived(&self) -> Option<Derived> {
        self.derived
    }
}

impl fmt::Debug for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyName({:?})", self.lowered)
    }
}

/// FNV-1a. It narrows a search down; equality decides.
pub(crate) fn hash(lowered: &str) -> u64 {
    lowered.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
