//! What a document is for: as said, or guessed from its place and its elements.

use std::path::Path;

use serde_json::Value;
use wh_policy::PolicyKind;

/// What a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// An inline policy of a role
    Identity,
    /// A managed policy
    ManagedIdentity,
    /// A permission boundary
    Boundary,
    /// A session policy
    Session,
    /// A bucket policy
    #[value(alias = "bucket")]
    Resource,
    /// A role's trust policy
    Trust,
}

impl Kind {
    pub(crate) fn of_policy(self) -> PolicyKind {
        match self {
            Self::Identity => PolicyKind::Identity,
            Self::ManagedIdentity => PolicyKind::ManagedIdentity,
            Self::Boundary => PolicyKind::Boundary,
            Self::Session => PolicyKind::Session,
            Self::Resource => PolicyKind::Resource,
            Self::Trust => PolicyKind::Trust,
        }
    }
}

/// What a kind is called.
pub(crate) fn name(kind: PolicyKind) -> &'static str {
    match kind {
        PolicyKind::Identity => "identity policy",
        PolicyKind::ManagedIdentity => "managed policy",
        PolicyKind::Boundary => "permission boundary",
        PolicyKind::Session => "session policy",
        PolicyKind::Resource => "bucket policy",
        PolicyKind::Trust => "trust policy",
    }
}

/// A guess, and what it rests on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guess {
    pub(crate) kind: PolicyKind,
    pub(crate) because: &'static str,
}

/// Guesses from the place in a folder, else from the elements.
pub(crate) fn guess(path: &Path, text: &str) -> Guess {
    by_place(path).unwrap_or_else(|| by_elements(text))
}

fn by_place(path: &Path) -> Option<Guess> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    let kind = match (folder, name) {
        (_, "trust.json") => PolicyKind::Trust,
        (_, "boundary.json") => PolicyKind::Boundary,
        (Some("permissions"), _) => PolicyKind::Identity,
        (Some(_), "policy.json") => {
            let buckets = path.parent()?.parent()?.file_name()?;
            if buckets != "buckets" {
                return None;
            }
            PolicyKind::Resource
        }
        _ => return None,
    };
    Some(Guess { kind, because: "by its place" })
}

fn by_elements(text: &str) -> Guess {
    let root: Value = serde_json::from_str(text).unwrap_or_default();
    let statements = match root.get("Statement") {
        Some(Value::Array(all)) => all.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let any = |names: [&str; 2]| {
        statements.iter().any(|one| names.iter().any(|name| one.get(name).is_some()))
    };
    if !any(["Principal", "NotPrincipal"]) {
        return Guess { kind: PolicyKind::Identity, because: "it names no principals" };
    }
    if any(["Resource", "NotResource"]) {
        return Guess { kind: PolicyKind::Resource, because: "it names principals and resources" };
    }
    Guess { kind: PolicyKind::Trust, because: "it names principals and no resources" }
}

/// Whether a JSON file looks like a policy at all; what is not JSON may be meant as one.
pub(crate) fn looks_like_policy(text: &str) -> bool {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(members)) => {
            members.contains_key("Statement") || members.contains_key("Version")
        }
        Ok(_) => false,
        Err(_) => true,
    }
}
