//! What AWS's services define: actions, the resources that they act on, condition keys, and which
//! call needs which actions. For S3, STS and IAM.
//!
//! Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS
//! services"; IAM User Guide, "AWS global condition context keys".

mod calls;
#[rustfmt::skip]
mod generated;
mod hash;
#[cfg(test)]
mod tests;

pub use calls::{Call, Need, On, When, call, calls};
use generated::{ACTIONS, KEYS, RESOURCES};

/// What an action does to a resource, in AWS's five classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccessLevel {
    /// It finds out that something exists.
    List,
    /// It reads what something holds.
    Read,
    /// It makes, changes or removes something.
    Write,
    /// It changes who may do what.
    PermissionsManagement,
    /// It changes nothing but tags.
    Tagging,
}

/// The type of a condition key's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// One text.
    String,
    /// Texts: the key is multivalued.
    ArrayOfString,
    /// `true` or `false`.
    Bool,
    /// A decimal number.
    Numeric,
    /// An instant.
    Date,
    /// One ARN.
    Arn,
    /// ARNs: the key is multivalued.
    ArrayOfArn,
    /// An IPv4 or IPv6 address.
    IpAddress,
    /// Bytes, in base64.
    Binary,
}

impl KeyKind {
    /// Whether a request may hold several values of such a key, so that a condition needs
    /// `ForAllValues` or `ForAnyValue`.
    pub fn multivalued(self) -> bool {
        match self {
            Self::ArrayOfString | Self::ArrayOfArn => true,
            Self::String
            | Self::Bool
            | Self::Numeric
            | Self::Date
            | Self::Arn
            | Self::IpAddress
            | Self::Binary => false,
        }
    }
}

/// An action.
#[derive(Debug, PartialEq, Eq)]
pub struct ActionRow {
    /// As AWS writes it: `s3:GetObject`.
    pub name: &'static str,
    /// What it does.
    pub access: AccessLevel,
    /// The resource types that it acts on, by their names in the action's service. None: it is
    /// judged on `*`.
    pub resources: &'static [&'static str],
    /// The condition keys of its own. Those of its resource types and the global ones come on top.
    pub keys: &'static [&'static str],
}

/// A type of resource.
#[derive(Debug, PartialEq, Eq)]
pub struct ResourceRow {
    /// The service whose actions name it. STS names IAM's roles as its own.
    pub service: &'static str,
    /// Its name: `object`.
    pub name: &'static str,
    /// The form of its ARN: `arn:${Partition}:s3:::${BucketName}/${ObjectName}`.
    pub arn: &'static str,
    /// The condition keys that describe such a resource.
    pub keys: &'static [&'static str],
}

/// A condition key.
#[derive(Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// As AWS writes it; a part that varies stands in `${…}`: `aws:RequestTag/${TagKey}`.
    pub name: &'static str,
    /// The type of its values.
    pub kind: KeyKind,
    /// Whether it is one of AWS's global keys, which do not belong to a service.
    pub global: bool,
}

/// Every action, sorted by its name in lower case.
pub fn actions() -> &'static [ActionRow] {
    ACTIONS
}

/// Every resource type, sorted by service and name.
pub fn resources() -> &'static [ResourceRow] {
    RESOURCES
}

/// Every condition key, sorted by its name in lower case.
pub fn keys() -> &'static [KeyRow] {
    KEYS
}

/// The action of a name, ignoring ASCII case.
pub fn action(name: &str) -> Option<&'static ActionRow> {
    ACTIONS.get(usize::from(action_index(name)?))
}

/// The index in [`actions`] of a name, ignoring ASCII case. Allocates nothing.
pub fn action_index(name: &str) -> Option<u16> {
    hash::index(name)
}

/// The resource type that the actions of a service call by a name.
pub fn resource(service: &str, name: &str) -> Option<&'static ResourceRow> {
    let at = RESOURCES.binary_search_by(|row| (row.service, row.name).cmp(&(service, name)));
    RESOURCES.get(at.ok()?)
}

/// The condition key of a name, ignoring ASCII case. A tag key finds its template:
/// `aws:ResourceTag/team` is `aws:ResourceTag/${TagKey}`.
pub fn key(name: &str) -> Option<&'static KeyRow> {
    let lower = |text: &'static str| text.bytes().map(|b| b.to_ascii_lowercase());
    let wanted = || name.bytes().map(|b| b.to_ascii_lowercase());
    match KEYS.binary_search_by(|row| lower(row.name).cmp(wanted())) {
        Ok(at) => KEYS.get(at),
        Err(_) => KEYS.iter().find(|row| fits(row.name, name)),
    }
}

/// Whether a name is a template with its variable part filled in.
pub(crate) fn fits(template: &str, name: &str) -> bool {
    let Some((before, rest)) = template.split_once("${") else {
        return template.eq_ignore_ascii_case(name);
    };
    let after = rest.split_once('}').map_or("", |(_, after)| after);
    let filled = name.len().checked_sub(before.len() + after.len()).is_some_and(|len| len > 0);
    let head = name.get(..before.len());
    let tail = name.len().checked_sub(after.len()).and_then(|at| name.get(at..));
    filled
        && head.is_some_and(|head| head.eq_ignore_ascii_case(before))
        && tail.is_some_and(|tail| tail.eq_ignore_ascii_case(after))
}
