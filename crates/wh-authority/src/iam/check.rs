//! What IAM accepts: names, paths, tags, documents and their sizes.
//!
//! Source: IAM User Guide, "IAM and AWS STS quotas".

use wh_policy::{PolicyDocument, PolicyKind, size};

use super::{Holder, IamError};

const PATH_CHARS_MAX: usize = 512;
const POLICY_NAME_CHARS_MAX: usize = 128;
const DESCRIPTION_CHARS_MAX: usize = 1000;
const TAGS_MAX: usize = 50;
const USER_INLINE_CHARS_MAX: usize = 2048;
const GROUP_INLINE_CHARS_MAX: usize = 5120;
const SESSION_S: std::ops::RangeInclusive<u32> = 3600..=43_200;

pub(super) fn validation(why: impl Into<String>) -> IamError {
    IamError::Validation { why: why.into() }
}

/// The name of a policy or an instance profile.
pub(super) fn name(name: &str) -> Result<(), IamError> {
    let ok = (1..=POLICY_NAME_CHARS_MAX).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b));
    if ok { Ok(()) } else { Err(validation(format!("`{name}` is not a valid name"))) }
}

pub(super) fn path(path: &str) -> Result<(), IamError> {
    let ok = path.starts_with('/')
        && path.ends_with('/')
        && path.len() <= PATH_CHARS_MAX
        && path.bytes().all(|b| b.is_ascii_graphic());
    if ok { Ok(()) } else { Err(validation("a path must begin and end with `/`")) }
}

pub(super) fn description(text: &str) -> Result<(), IamError> {
    if text.chars().count() > DESCRIPTION_CHARS_MAX {
        return Err(validation("a description may have 1,000 characters"));
    }
    Ok(())
}

pub(super) fn session(seconds: u32) -> Result<u32, IamError> {
    if SESSION_S.contains(&seconds) {
        return Ok(seconds);
    }
    Err(validation("the longest session must be between 3,600 and 43,200 seconds"))
}

pub(super) fn tags(tags: &[(String, String)], already: usize) -> Result<(), IamError> {
    if tags.len() + already > TAGS_MAX {
        return Err(IamError::LimitExceeded { what: "tags of one thing", max: TAGS_MAX });
    }
    let allowed = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    for (key, value) in tags {
        let ok = (1..=128).contains(&key.chars().count())
            && value.chars().count() <= 256
            && key.chars().chain(value.chars()).all(allowed)
            && !key.to_ascii_lowercase().starts_with("aws:");
        if !ok {
            return Err(validation(format!("the tag `{key}` is not valid")));
        }
    }
    Ok(())
}

pub(super) fn trust(document: &str) -> Result<(), IamError> {
    sized(document, PolicyKind::Trust, 0, "a trust policy")
}

/// An inline policy beside others that have `already` characters.
pub(super) fn inline(document: &str, already: usize) -> Result<(), IamError> {
    sized(document, PolicyKind::Identity, already, "all inline policies of a role together")
}

/// An inline policy of a user or group beside others that have `already` characters.
pub(super) fn inline_of(holder: &Holder, document: &str, already: usize) -> Result<(), IamError> {
    let (what, max) = match holder {
        Holder::User(_) => ("all inline policies of a user together", USER_INLINE_CHARS_MAX),
        Holder::Group(_) => ("all inline policies of a group together", GROUP_INLINE_CHARS_MAX),
    };
    if counted(document) + already > max {
        return Err(IamError::LimitExceeded { what, max });
    }
    valid(document, PolicyKind::Identity)
}

/// That no tag key is given twice, ignoring case.
pub(super) fn distinct(tags: &[(String, String)]) -> Result<(), IamError> {
    let mut folded = std::collections::BTreeSet::new();
    match tags.iter().find(|(key, _)| !folded.insert(key.to_lowercase())) {
        None => Ok(()),
        Some((key, _)) => Err(validation(format!("the tag key `{key}` is given twice in Tags"))),
    }
}

pub(super) fn managed(document: &str) -> Result<(), IamError> {
    sized(document, PolicyKind::ManagedIdentity, 0, "a managed policy")
}

/// How many characters of an inline policy count.
pub(super) fn counted(document: &str) -> usize {
    size::measured(document, PolicyKind::Identity)
}

fn sized(
    document: &str,
    kind: PolicyKind,
    already: usize,
    what: &'static str,
) -> Result<(), IamError> {
    let max = size::limit(kind).most;
    if size::measured(document, kind) + already > max {
        return Err(IamError::LimitExceeded { what, max });
    }
    valid(document, kind)
}

fn valid(document: &str, kind: PolicyKind) -> Result<(), IamError> {
    let parsed = PolicyDocument::parse(document, kind);
    parsed.map(drop).map_err(IamError::MalformedPolicyDocument)
}
