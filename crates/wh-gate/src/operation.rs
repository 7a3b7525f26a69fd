//! What can be asked for, and what each operation demands of the policies.
//!
//! Sources: S3 User Guide, "Required permissions for Amazon S3 API operations"; Service
//! Authorization Reference, "Actions, resources, and condition keys for Amazon S3".

use std::fmt::Debug;

use wh_authority::{AssumeRole, IamRequest};
use wh_ledger::Durability;
use wh_names::{Action, Arn, BucketName, Partition};
use wh_objects::ObjectAddress;
use wh_policy::ContextValue;

pub(crate) mod sealed {
    /// Keeps operations from being made up elsewhere, with demands of their own.
    pub trait Sealed {}
}

/// An operation that the gate can admit.
pub trait Operation: sealed::Sealed + Debug + Send {
    /// Which operation it is.
    const KIND: OperationKind;

    /// What it demands of the policies.
    fn demands(&self, partition: &Partition) -> Demands<'_>;

    /// Whether it changes anything. What changes something is recorded before it is done.
    fn mutates(&self) -> bool {
        Self::KIND.mutates()
    }
}

/// What an operation demands of the policies.
#[derive(Debug)]
pub enum Demands<'a> {
    /// Each of these must be allowed. None at all is a refusal.
    S3(Vec<Demand>),
    /// An IAM request: never by temporary credentials.
    Iam(&'a IamRequest),
    /// The role's trust policy decides, with the caller's own policies.
    Trust(&'a AssumeRole),
    /// To be known is enough.
    Known,
}

/// One question to the policies.
#[derive(Debug, Clone)]
pub struct Demand {
    /// The action.
    pub action: Action,
    /// On what.
    pub resource: Arn,
    /// The bucket whose policy has a say.
    pub bucket: Option<BucketName>,
    /// Condition keys that come from the operation.
    pub keys: Vec<(&'static str, ContextValue)>,
}

impl Demand {
    pub(crate) fn on_every_bucket(name: &'static str, partition: &Partition) -> Self {
        let resource = Arn::every_bucket(partition);
        Self { action: action(name), resource, bucket: None, keys: Vec::new() }
    }

    pub(crate) fn on_bucket(
        name: &'static str,
        partition: &Partition,
        bucket: &BucketName,
    ) -> Self {
        Self {
            action: action(name),
            resource: Arn::bucket(partition, bucket),
            bucket: Some(bucket.clone()),
            keys: Vec::new(),
        }
    }

    pub(crate) fn on_object(name: &'static str, partition: &Partition, at: &ObjectAddress) -> Self {
        Self {
            action: action(name),
            resource: Arn::object(partition, &at.bucket, &at.key),
            bucket: Some(at.bucket.clone()),
            keys: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, key: &'static str, value: impl Into<ContextValue>) -> Self {
        self.keys.push((key, value.into()));
        self
    }

    pub(crate) fn alone(self) -> Demands<'static> {
        Demands::S3(vec![self])
    }
}

#[expect(
    clippy::expect_used,
    reason = "the names are constants of this crate; every one is parsed by the enumerated tests"
)]
fn action(name: &'static str) -> Action {
    Action::parse(name).expect("an action's name")
}

/// Writes the list of operations: the enum, `ALL`, and the names.
macro_rules! operations {
    ($($kind:ident: $effect:ident,)*) => {
        /// Every operation that there is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "the variants are AWS's operations, by name")]
        pub enum OperationKind {
            $($kind,)*
        }

        impl OperationKind {
            /// Every operation that there is, in the order of declaration.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// AWS's name of the operation.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => stringify!($kind),)*
                }
            }

            pub(crate) fn effect(self) -> Effect {
                match self {
                    $(Self::$kind => Effect::$effect,)*
                }
            }
        }
    };
}

/// What an operation may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing.
    Reads,
    /// Objects, or a session that expires by itself.
    ChangesData,
    /// Who may do what, or whole buckets.
    ChangesAccess,
}

operations! {
    ListBuckets: Reads,
    CreateBucket: ChangesAccess,
    DeleteBucket: ChangesAccess,
    HeadBucket: Reads,
    GetBucketLocation: Reads,
    GetBucketVersioning: Reads,
    GetBucketPolicy: Reads,
    PutBucketPolicy: ChangesAccess,
    DeleteBucketPolicy: ChangesAccess,
    GetBucketCors: Reads,
    PutBucketCors: ChangesAccess,
    DeleteBucketCors: ChangesAccess,
    GetBucketTagging: Reads,
    PutBucketTagging: ChangesAccess,
    DeleteBucketTagging: ChangesAccess,
    ListObjects: Reads,
    GetObject: Reads,
    HeadObject: Reads,
    PutObject: ChangesData,
    CopyObject: ChangesData,
    DeleteObject: ChangesData,
    CreateMultipartUpload: ChangesData,
    UploadPart: ChangesData,
    UploadPartCopy: ChangesData,
    CompleteMultipartUpload: ChangesData,
    AbortMultipartUpload: ChangesData,
    ListParts: Reads,
    ListMultipartUploads: Reads,
    IamCall: ChangesAccess,
    AssumeRole: ChangesData,
    GetCallerIdentity: Reads,
}

impl OperationKind {
    /// Whether the operation can change anything.
    pub fn mutates(self) -> bool {
        match self.effect() {
            Effect::Reads => false,
            Effect::ChangesData | Effect::ChangesAccess => true,
        }
    }

    /// What the record of its intent must survive.
    pub(crate) fn durability(self) -> Durability {
        match self.effect() {
            Effect::Reads | Effect::ChangesData => Durability::Process,
            Effect::ChangesAccess => Durability::Disk,
        }
    }

    /// Whether the root user may do it whatever the bucket's policy says: or a policy that locks
    /// everybody out would be for ever.
    ///
    /// Source: S3 User Guide, "Bucket policies", on the root user.
    pub(crate) fn mends_bucket_policy(self) -> bool {
        matches!(self, Self::GetBucketPolicy | Self::PutBucketPolicy | Self::DeleteBucketPolicy)
    }
}
