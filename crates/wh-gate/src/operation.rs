//! What can be asked for, and what each operation demands of the policies.
//!
//! Sources: S3 User Guide, "Required permissions for Amazon S3 API operations"; Service
//! Authorization Reference, "Actions, resources, and condition keys for Amazon S3".

use std::borrow::Cow;
use std::fmt::Debug;

use jiff::Timestamp;
use wh_authority::{AssumeRole, AssumeRoleWithWebIdentity, IamRequest};
use wh_ledger::Durability;
use wh_names::{Action, Arn, BucketName, Partition};
use wh_objects::{
    ObjectAddress, ObjectLock, Retention, RetentionMode, Tags, VersionAddress, VersionId,
};
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
    /// The role's trust policy decides alone, for somebody for whom a provider vouches.
    WebIdentity(&'a AssumeRoleWithWebIdentity),
    /// An action of STS that the caller's own policies decide, on this ARN.
    Sts {
        /// The action.
        action: Action,
        /// On what.
        resource: Arn,
    },
    /// To be a user, or the root user, by an access key: no policy has a say.
    Own,
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
    pub keys: Vec<(Cow<'static, str>, ContextValue)>,
    /// The version whose tags `s3:ExistingObjectTag/…` tells of.
    pub existing: Option<VersionAddress>,
    /// Until when the operation wants to retain a version: what is left of that is a condition key.
    pub retain_until: Option<Timestamp>,
    /// When it is a question at all.
    pub when: DemandWhen,
}

/// When a demand is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DemandWhen {
    /// In any case.
    Always,
    /// If this version has tags.
    Tagged(VersionAddress),
}

impl Demand {
    pub(crate) fn on_every_bucket(name: &'static str, partition: &Partition) -> Self {
        Self::new(name, Arn::every_bucket(partition), None)
    }

    fn new(name: &'static str, resource: Arn, bucket: Option<BucketName>) -> Self {
        Self {
            action: action(name),
            resource,
            bucket,
            keys: Vec::new(),
            existing: None,
            retain_until: None,
            when: DemandWhen::Always,
        }
    }

    pub(crate) fn on_bucket(
        name: &'static str,
        partition: &Partition,
        bucket: &BucketName,
    ) -> Self {
        Self::new(name, Arn::bucket(partition, bucket), Some(bucket.clone()))
    }

    pub(crate) fn on_object(name: &'static str, partition: &Partition, at: &ObjectAddress) -> Self {
        let resource = Arn::object(partition, &at.bucket, &at.key);
        Self::new(name, resource, Some(at.bucket.clone()))
    }

    pub(crate) fn with(
        mut self,
        key: impl Into<Cow<'static, str>>,
        value: impl Into<ContextValue>,
    ) -> Self {
        self.keys.push((key.into(), value.into()));
        self
    }

    /// A demand on an object or on a version of it, which are two actions.
    pub(crate) fn on_version(
        (of_object, of_version): (&'static str, &'static str),
        partition: &Partition,
        at: &ObjectAddress,
        version: Option<VersionId>,
    ) -> Self {
        let name = if version.is_some() { of_version } else { of_object };
        Self::on_object(name, partition, at).of_version(version)
    }

    /// Tells which version is named, if one is.
    pub(crate) fn of_version(self, version: Option<VersionId>) -> Self {
        match version {
            Some(id) => self.with("s3:VersionId", id.to_string()),
            None => self,
        }
    }

    /// Lets conditions ask for the tags of what is there.
    pub(crate) fn existing(mut self, object: &ObjectAddress, version: Option<VersionId>) -> Self {
        self.existing = Some(VersionAddress { object: object.clone(), version });
        self
    }

    /// Makes it a question only if a version has tags.
    pub(crate) fn if_tagged(mut self, object: &ObjectAddress, version: Option<VersionId>) -> Self {
        self.when = DemandWhen::Tagged(VersionAddress { object: object.clone(), version });
        self
    }

    /// Tells the tags that the request brings. They go by their names in lower case, as all condition
    /// keys do.
    pub(crate) fn with_tags(mut self, tags: &Tags) -> Self {
        if tags.is_empty() {
            return self;
        }
        for (key, value) in tags.iter() {
            self = self.with(format!("s3:RequestObjectTag/{key}"), value);
        }
        let keys: Vec<String> = tags.iter().map(|(key, _)| key.to_owned()).collect();
        self.with("s3:RequestObjectTagKeys", keys)
    }

    /// Tells the retention that the request brings.
    pub(crate) fn with_retention(mut self, retention: Option<Retention>) -> Self {
        let Some(Retention { mode, until }) = retention else { return self };
        self.retain_until = Some(until);
        let mode = match mode {
            RetentionMode::Governance => "GOVERNANCE",
            RetentionMode::Compliance => "COMPLIANCE",
        };
        self.with("s3:object-lock-mode", mode)
            .with("s3:object-lock-retain-until-date", until.to_string())
    }

    /// Tells the lock that the request brings.
    pub(crate) fn with_lock(self, lock: &ObjectLock) -> Self {
        let demand = self.with_retention(lock.retention);
        if lock.legal_hold { demand.with("s3:object-lock-legal-hold", "ON") } else { demand }
    }

    pub(crate) fn alone(self) -> Demands<'static> {
        Demands::S3(vec![self])
    }
}

#[expect(
    clippy::expect_used,
    reason = "the names are constants of this crate; every one is parsed by the enumerated tests"
)]
pub(crate) fn action(name: &'static str) -> Action {
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
    PutBucketVersioning: ChangesAccess,
    GetBucketEncryption: Reads,
    PutBucketEncryption: ChangesAccess,
    DeleteBucketEncryption: ChangesAccess,
    GetBucketOwnershipControls: Reads,
    PutBucketOwnershipControls: ChangesAccess,
    DeleteBucketOwnershipControls: ChangesAccess,
    GetBucketAcl: Reads,
    PutBucketAcl: ChangesAccess,
    GetPublicAccessBlock: Reads,
    PutPublicAccessBlock: ChangesAccess,
    DeletePublicAccessBlock: ChangesAccess,
    GetBucketPolicyStatus: Reads,
    GetBucketAccelerateConfiguration: Reads,
    GetBucketRequestPayment: Reads,
    GetBucketWebsite: Reads,
    GetBucketReplication: Reads,
    GetBucketLogging: Reads,
    GetBucketNotificationConfiguration: Reads,
    PutBucketNotificationConfiguration: ChangesAccess,
    GetObjectLockConfiguration: Reads,
    PutObjectLockConfiguration: ChangesAccess,
    GetBucketPolicy: Reads,
    PutBucketPolicy: ChangesAccess,
    DeleteBucketPolicy: ChangesAccess,
    GetBucketCors: Reads,
    PutBucketCors: ChangesAccess,
    DeleteBucketCors: ChangesAccess,
    GetBucketTagging: Reads,
    PutBucketTagging: ChangesAccess,
    DeleteBucketTagging: ChangesAccess,
    GetBucketLifecycleConfiguration: Reads,
    PutBucketLifecycleConfiguration: ChangesAccess,
    DeleteBucketLifecycle: ChangesAccess,
    ListObjects: Reads,
    ListObjectVersions: Reads,
    GetObject: Reads,
    HeadObject: Reads,
    GetObjectAttributes: Reads,
    GetObjectAcl: Reads,
    PutObjectAcl: ChangesAccess,
    PutObject: ChangesData,
    CopyObject: ChangesData,
    DeleteObject: ChangesData,
    GetObjectTagging: Reads,
    PutObjectTagging: ChangesData,
    DeleteObjectTagging: ChangesData,
    GetObjectRetention: Reads,
    PutObjectRetention: ChangesData,
    GetObjectLegalHold: Reads,
    PutObjectLegalHold: ChangesData,
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
    GetSessionToken: ChangesData,
    AssumeRoleWithWebIdentity: ChangesData,
    DecodeAuthorizationMessage: Reads,
    GetAccessKeyInfo: Reads,
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
