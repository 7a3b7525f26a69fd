//! Which call of an API needs which actions, and on what.
//!
//! An action is what a policy speaks of; a call is what a program makes. Most calls need the action of
//! their name. Those that do not are why this table exists: `CopyObject` needs to read one object and
//! write another, and no action is called `CopyObject`.
//!
//! Source: S3 User Guide, "Required permissions for Amazon S3 API operations"; STS and IAM API
//! References.

mod iam;
mod s3;
mod sts;

/// A call of an API.
#[derive(Debug, PartialEq, Eq)]
pub struct Call {
    /// AWS's name of it: `CopyObject`.
    pub name: &'static str,
    /// All that it needs. Each is a decision of its own, and each must allow.
    pub needs: &'static [Need],
}

/// One decision that a call depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// The action.
    pub action: &'static str,
    /// On what.
    pub on: On,
    /// In which requests.
    pub when: When,
}

/// What a decision is about, seen from the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum On {
    /// Nothing that has an ARN: the decision is made on `*`.
    Anything,
    /// The bucket of the request.
    Bucket,
    /// The object of the request, or each of them (`DeleteObjects`).
    Object,
    /// The object that is copied.
    Source,
    /// The object that the copy becomes.
    Destination,
    /// The role of the request, or the one that it hands on.
    Role,
    /// The user of the request.
    User,
    /// The group of the request.
    Group,
    /// The managed policy of the request.
    Policy,
    /// The instance profile of the request.
    InstanceProfile,
    /// The federated user that the request makes.
    FederatedUser,
}

impl On {
    /// The resource type by which the tables know it; none is `*`.
    pub fn resource_type(self) -> Option<&'static str> {
        match self {
            Self::Anything => None,
            Self::Bucket => Some("bucket"),
            Self::Object | Self::Source | Self::Destination => Some("object"),
            Self::Role => Some("role"),
            Self::User => Some("user"),
            Self::Group => Some("group"),
            Self::Policy => Some("policy"),
            Self::InstanceProfile => Some("instance-profile"),
            Self::FederatedUser => Some("federated-user"),
        }
    }
}

/// In which requests a call needs an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum When {
    /// In every one.
    Always,
    /// Where the request names a version; of a copy, a version of the source.
    WithVersionId,
    /// Where it names none.
    WithoutVersionId,
    /// Where it sends any of these headers. One that ends in `*` is a prefix.
    WithHeader(&'static [&'static str]),
    /// Where it sends this parameter, in the query or the body.
    WithParameter(&'static str),
    /// Where tags go from the source to the copy: the source has some, and the request does not
    /// replace them.
    TagsTravel,
    /// Where [`Self::TagsTravel`], from a named version of the source.
    TagsTravelFromVersion,
}

/// Every call that the table knows, by service.
pub fn calls() -> impl Iterator<Item = &'static Call> {
    [s3::CALLS, sts::CALLS, iam::CALLS].into_iter().flatten()
}

/// The call of a name, as AWS writes it.
pub fn call(name: &str) -> Option<&'static Call> {
    calls().find(|call| call.name == name)
}

const fn always(action: &'static str, on: On) -> Need {
    Need { action, on, when: When::Always }
}

const fn when(when: When, action: &'static str, on: On) -> Need {
    Need { action, on, when }
}
