//! IAM's names: users, groups, roles, sessions, source identities, access keys, actions.
//!
//! Sources: IAM User Guide, "IAM and AWS STS quotas"; STS API Reference, `AssumeRole`.

use crate::error::checked_string;
use crate::{NameError, Uid};

fn in_class(input: &str, extra: &[u8]) -> bool {
    input.bytes().all(|b| b.is_ascii_alphanumeric() || extra.contains(&b))
}

/// A user's name, 1–64 characters of `[\w+=,.@-]`. Unique in an account ignoring case.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserName(Box<str>);
checked_string!(UserName);

impl UserName {
    /// Accepts what `CreateUser` accepts as `UserName`.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        if (1..=64).contains(&input.len()) && in_class(input, b"_+=,.@-") {
            return Ok(Self(input.into()));
        }
        Err(NameError::new("user name", input, "it must be 1–64 of A–Z, a–z, 0–9 and _+=,.@-"))
    }
}

/// A group's name, 1–128 characters of `[\w+=,.@-]`. Unique in an account ignoring case.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupName(Box<str>);
checked_string!(GroupName);

impl GroupName {
    /// Accepts what `CreateGroup` accepts as `GroupName`.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        if (1..=128).contains(&input.len()) && in_class(input, b"_+=,.@-") {
            return Ok(Self(input.into()));
        }
        Err(NameError::new("group name", input, "it must be 1–128 of A–Z, a–z, 0–9 and _+=,.@-"))
    }
}

/// A role's name, 1–64 characters of `[\w+=,.@-]`. Unique in an account ignoring case.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoleName(Box<str>);
checked_string!(RoleName);

impl RoleName {
    /// Accepts what `CreateRole` accepts as `RoleName`.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        if (1..=64).contains(&input.len()) && in_class(input, b"_+=,.@-") {
            return Ok(Self(input.into()));
        }
        Err(NameError::new("role name", input, "it must be 1–64 of A–Z, a–z, 0–9 and _+=,.@-"))
    }
}

/// The name of a role session, 2–64 characters of `[\w+=,.@-]`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoleSessionName(Box<str>);
checked_string!(RoleSessionName);

impl RoleSessionName {
    /// Accepts what `AssumeRole` accepts as `RoleSessionName`.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        if (2..=64).contains(&input.len()) && in_class(input, b"_+=,.@-") {
            return Ok(Self(input.into()));
        }
        let why = "it must be 2–64 of A–Z, a–z, 0–9 and _+=,.@-";
        Err(NameError::new("role session name", input, why))
    }

    /// What sessions of a person are called: `u-<uid>-<session>`.
    pub fn of_person(uid: &Uid, session: &str) -> Result<Self, NameError> {
        Self::parse(&Self::said_of_person(uid, session))
    }

    /// The same, where it is only written down: `session` is not checked.
    pub fn said_of_person(uid: &Uid, session: &str) -> String {
        format!("u-{uid}-{session}")
    }

    /// The person and their session, where it is called so. It is a name alone: whoever may assume a role chooses
    /// it, unless the role's trust or a source identity says more.
    pub fn person(&self) -> Option<(Uid, &str)> {
        let (uid, session) = self.as_str().strip_prefix("u-")?.split_once('-')?;
        Some((Uid::parse(uid).ok()?, session))
    }
}

/// Who is really acting through a chain of role sessions; 2–64 characters of `[\w+=,.@-]`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceIdentity(Box<str>);
checked_string!(SourceIdentity);

impl SourceIdentity {
    /// Accepts what `AssumeRole` accepts as `SourceIdentity`; `aws:` is reserved.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        if (2..=64).contains(&input.len()) && in_class(input, b"_+=,.@-") {
            return Ok(Self(input.into()));
        }
        let why = "it must be 2–64 of A–Z, a–z, 0–9 and _+=,.@-";
        Err(NameError::new("source identity", input, why))
    }
}

/// The public half of an access key: 16–128 upper-case letters and digits, `AKIA…` for long-term
/// and `ASIA…` for temporary ones.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccessKeyId(Box<str>);
checked_string!(AccessKeyId);

impl AccessKeyId {
    /// Accepts 16–128 characters of `[A-Z0-9]`.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        let ok = (16..=128).contains(&input.len())
            && input.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if ok {
            return Ok(Self(input.into()));
        }
        Err(NameError::new("access key id", input, "it must be 16–128 of A–Z and 0–9"))
    }

    /// Whether the key belongs to temporary credentials, which need a session token.
    pub fn is_temporary(&self) -> bool {
        self.0.starts_with("ASIA")
    }
}

/// One action, `service:Name`. Never a pattern.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Action(Box<str>);
checked_string!(Action);

impl Action {
    /// Accepts `service:Name` of letters, digits and hyphens, without wildcards.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        let ok = input.split_once(':').is_some_and(|(service, name)| {
            !service.is_empty()
                && !name.is_empty()
                && in_class(service, b"-")
                && in_class(name, b"-")
        });
        if ok {
            return Ok(Self(input.into()));
        }
        Err(NameError::new("action", input, "it must have the form service:Name"))
    }
}

#[cfg(test)]
mod tests {
    use super::RoleSessionName;
    use crate::Uid;

    #[test]
    fn a_person_is_known_by_the_name_of_their_session_and_by_no_other() {
        let uid = Uid::parse("01k7d3m5q8w0e2r4t6y8v0b2n4").expect("a uid");
        let name = RoleSessionName::of_person(&uid, "0a1b-2c").expect("a name");
        assert_eq!(name.person(), Some((uid.clone(), "0a1b-2c")));
        for other in ["i-0123", "u-x-y", &format!("u-{uid}"), &format!("v-{uid}-a")] {
            let other = RoleSessionName::parse(other).expect("a name");
            assert_eq!(other.person(), None, "{other}");
        }
    }
}
