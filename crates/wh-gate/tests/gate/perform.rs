//! Every operation, asked for by its kind. The match has no catch-all: an operation that is added
//! does not compile until the tests know it.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "`perform` knows every kind; the functions of the families are asked for their own"
)]

use bytes::Bytes;
use wh_authority::{AssumeRoleWithWebIdentity, IamRequest};
use wh_gate::{Caller, GateError, OperationKind, ops};
use wh_names::{BucketName, KeyPrefix, RoleName, RoleSessionName};
use wh_objects::{
    ByteStream, CompleteUpload, CopyObject, CreateUpload, DeleteObject, GetObject,
    GovernanceBypass, HeadObject, ObjectLock, ObjectLockState, PutObject, ReadConditions, Tags,
    UploadId, UploadPart, UploadPartCopy, VersionAddress, Versioning, WriteCondition,
};

use crate::house::{ALICE, House, account, ask, at, bucket, role_arn};

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// To the permit.
    Permit,
    /// To the effect.
    Effect,
}

pub(crate) const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"NoTape","Effect":"Deny",
"Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::files/tape/*"}]}"#;

pub(crate) fn body() -> ByteStream {
    Box::pin(futures::stream::once(async { Ok(Bytes::from_static(b"hello")) }))
}

fn upload() -> UploadId {
    UploadId::parse("nosuchupload").expect("an upload id")
}

/// Admits an operation and, if asked to, does it.
macro_rules! go {
    ($house:expr, $caller:expr, $until:expr, $op:expr, $act:ident $(, $body:expr)?) => {{
        let permit = $house.gate.admit($caller, $op).await?;
        if $until == Until::Effect {
            $house.gate.$act(permit $(, $body)?).await.map(drop)?;
        }
        Ok(())
    }};
}

/// Asks for an operation, on an object where it concerns objects.
#[expect(clippy::too_many_lines, reason = "one line an operation, and no catch-all")]
pub(crate) async fn perform(
    house: &House,
    caller: &Caller,
    kind: OperationKind,
    key: &str,
    until: Until,
) -> Result<(), GateError> {
    use OperationKind as K;
    match kind {
        K::ListBuckets
        | K::CreateBucket
        | K::DeleteBucket
        | K::HeadBucket
        | K::GetBucketLocation
        | K::GetBucketVersioning
        | K::PutBucketVersioning
        | K::GetBucketEncryption
        | K::GetObjectLockConfiguration
        | K::PutObjectLockConfiguration => on_bucket(house, caller, kind, until).await,
        K::ListObjects | K::ListObjectVersions | K::ListMultipartUploads => {
            on_listing(house, caller, kind, key, until).await
        }
        K::PutBucketEncryption
        | K::DeleteBucketEncryption
        | K::GetBucketOwnershipControls
        | K::PutBucketOwnershipControls
        | K::DeleteBucketOwnershipControls
        | K::GetBucketAcl
        | K::PutBucketAcl
        | K::GetPublicAccessBlock
        | K::PutPublicAccessBlock
        | K::DeletePublicAccessBlock
        | K::GetBucketPolicyStatus
        | K::GetBucketAccelerateConfiguration
        | K::GetBucketRequestPayment
        | K::GetBucketWebsite
        | K::GetBucketReplication
        | K::GetBucketLogging
        | K::GetBucketNotificationConfiguration
        | K::PutBucketNotificationConfiguration => on_setting(house, caller, kind, until).await,
        K::GetBucketPolicy
        | K::PutBucketPolicy
        | K::DeleteBucketPolicy
        | K::GetBucketCors
        | K::PutBucketCors
        | K::DeleteBucketCors
        | K::GetBucketTagging
        | K::PutBucketTagging
        | K::DeleteBucketTagging
        | K::GetBucketLifecycleConfiguration
        | K::PutBucketLifecycleConfiguration
        | K::DeleteBucketLifecycle => on_document(house, caller, kind, until).await,
        K::GetObject | K::HeadObject | K::PutObject | K::CopyObject | K::DeleteObject => {
            on_object(house, caller, kind, key, until).await
        }
        K::GetObjectAttributes
        | K::GetObjectAcl
        | K::PutObjectAcl
        | K::GetObjectTagging
        | K::PutObjectTagging
        | K::DeleteObjectTagging
        | K::GetObjectRetention
        | K::PutObjectRetention
        | K::GetObjectLegalHold
        | K::PutObjectLegalHold => on_version(house, caller, kind, key, until).await,
        K::CreateMultipartUpload
        | K::UploadPart
        | K::UploadPartCopy
        | K::CompleteMultipartUpload
        | K::AbortMultipartUpload
        | K::ListParts => on_upload(house, caller, kind, key, until).await,
        K::IamCall
        | K::AssumeRole
        | K::GetCallerIdentity
        | K::GetSessionToken
        | K::AssumeRoleWithWebIdentity
        | K::DecodeAuthorizationMessage
        | K::GetAccessKeyInfo => on_identity(house, caller, kind, until).await,
    }
}

async fn on_listing(
    house: &House,
    caller: &Caller,
    kind: OperationKind,
    key: &str,
    until: Until,
) -> Result<(), GateError> {
    use OperationKind as K;
    let prefix = key.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let prefix = Some(KeyPrefix::parse(&prefix).expect("a prefix"));
    match kind {
        K::ListObjectVersions => {
            let op = ops::ListObjectVersions {
                bucket: bucket(),
                prefix,
                delimiter: Some("/".to_owned()),
                after: None,
                max_keys: None,
            };
            go!(house, caller, until, op, list_object_versions)
        }
        K::ListObjects => {
            let op = ops::ListObjects {
                bucket: bucket(),
                prefix,
                delimiter: Some("/".to_owned()),
                after: None,
                max_keys: None,
            };
            go!(house, caller, until, op, list_objects)
        }
        K::ListMultipartUploads => {
            let op = ops::ListMultipartUploads {
                bucket: bucket(),
                prefix,
                delimiter: None,
                after: None,
                max: 10,
            };
            go!(house, caller, until, op, list_multipart_uploads)
        }
        other => panic!("{other:?} is not of this family"),
    }
}

async fn on_bucket(
    house: &House,
    caller: &Caller,
    kind: OperationKind,
    until: Until,
) -> Result<(), GateError> {
    use OperationKind as K;
    let other = BucketName::parse("other").expect("a bucket name");
    match kind {
        K::ListBuckets => go!(house, caller, until, ops::ListBuckets, list_buckets),
        K::CreateBucket => {
            let op = ops::CreateBucket { bucket: other, object_lock: None };
            go!(house, caller, until, op, create_bucket)
        }
        K::DeleteBucket => {
            go!(house, caller, until, ops::DeleteBucket { bucket: bucket() }, delete_bucket)
        }
        K::HeadBucket => {
            go!(house, caller, until, ops::HeadBucket { bucket: bucket() }, head_bucket)
        }
        K::GetBucketLocation => {
            let op = ops::GetBucketLocation { bucket: bucket() };
            go!(house, caller, until, op, get_bucket_location)
        }
        K::GetBucketVersioning => {
            let op = ops::GetBucketVersioning { bucket: bucket() };
            go!(house, caller, until, op, get_bucket_versioning)
        }
        K::PutBucketVersioning => {
            let op = ops::PutBucketVersioning { bucket: bucket(), versioning: Versioning::Enabled };
            go!(house, caller, until, op, put_bucket_versioning)
        }
        K::GetBucketEncryption => {
            let op = ops::GetBucketEncryption { bucket: bucket() };
            go!(house, caller, until, op, get_bucket_encryption)
        }
        K::GetObjectLockConfiguration => {
            let op = ops::GetObjectLockConfiguration { bucket: bucket() };
            go!(house, caller, until, op, get_object_lock_configuration)
        }
        K::PutObjectLockConfiguration => {
            let state = ObjectLockState::default();
            let op = ops::PutObjectLockConfiguration { bucket: bucket(), state };
            go!(house, caller, until, op, put_object_lock_configuration)
        }
        other => panic!("{other:?} is not of this family"),
    }
}

async fn on_setting(
    house: &House,
    caller: &Caller,
    kind: OperationKind,
    until: Until,
) -> Result<(), GateError> {
    use OperationKind as K;
    let bucket = bucket();
    macro_rules! same {
        ($op:ident) => {
            go!(house, caller, until, ops::$op { bucket }, as_every_bucket)
        };
    }
    match kind {
        K::PutBucketEncryption => same!(PutBucketEncryption),
        K::DeleteBucketEncryption => same!(DeleteBucketEncryption),
        K::GetBucketOwnershipControls => {
            let op = ops::GetBucketOwnershipControls { bucket };
            go!(house, caller, until, op, get_bucket_ownership_controls)
        }
        K::PutBucketOwnershipControls => {
            let op = ops::PutBucketOwnershipControls { bucket };
            go!(house, caller, until, op, put_bucket_ownership_controls)
        }
        K::DeleteBucketOwnershipControls => {
            let op = ops::DeleteBucketOwnershipControls { bucket };
            go!(house, caller, until, op, delete_bucket_ownership_controls)
        }
        K::GetBucketAcl => same!(GetBucketAcl),
        K::GetBucketAccelerateConfiguration => same!(GetBucketAccelerateConfiguration),
        K::GetBucketRequestPayment => same!(GetBucketRequestPayment),
        K::GetBucketWebsite => same!(GetBucketWebsite),
        K::GetBucketReplication => same!(GetBucketReplication),
        K::GetBucketLogging => same!(GetBucketLogging),
        K::GetBucketNotificationConfiguration => {
            let op = ops::GetBucketNotificationConfiguration { bucket };
            go!(house, caller, until, op, get_bucket_notification_configuration)
        }
        K::PutBucketNotificationConfiguration => {
            let notifications = wh_objects::Notifications::default();
            let op = ops::PutBucketNotificationConfiguration { bucket, notifications };
            go!(house, caller, until, op, put_bucket_notification_configuration)
        }
        K::PutBucketAcl => {
            let op = ops::PutBucketAcl { bucket, acl: ops::AclAsked::Other };
            go!(house, caller, until, op, put_bucket_acl)
        }
        K::GetBucketPolicyStatus => {
            let op = ops::GetBucketPolicyStatus { bucket };
            go!(house, caller, until, op, get_bucket_policy_status)
        }
        K::GetPublicAccessBlock => {
            let op = ops::GetPublicAccessBlock { bucket };
            go!(house, caller, until, op, get_public_access_block)
        }
        K::PutPublicAccessBlock => {
            let block = ops::PublicAccessBlock::default();
            let op = ops::PutPublicAccessBlock { bucket, block };
            go!(house, caller, until, op, put_public_access_block)
        }
        K::DeletePublicAccessBlock => {
            let op = ops::DeletePublicAccessBlock { bucket };
            go!(house, caller, until, op, delete_public_access_block)
        }
        other => panic!("{other:?} is not of this family"),
    }
}

async fn on_document(
    house: &House,
    caller: &Caller,
    kind: OperationKind,
    until: Until,
) -> Result<(), GateError> {
    use OperationKind as K;
    let (bucket, text) = (bucket(), "<rules/>".to_owned());
    match kind {
        K::GetBucketPolicy => {
            go!(house, caller, until, ops::GetBucketPolicy { bucket }, get_bucket_policy)
        }
        K::PutBucketPolicy => {
            let op = ops::PutBucketPolicy { bucket, text: POLICY.to_owned() };
            go!(house, caller, until, op, put_bucket_policy)
        }
        K::DeleteBucketPolicy => {
            go!(house, caller, until, ops::DeleteBucketPolicy { bucket }, delete_bucket_policy)
        }
        K::GetBucketCors => {
            go!(house, caller, until, ops::GetBucketCors { bucket }, get_bucket_cors)
        }
        K::PutBucketCors => {
            go!(house, caller, until, ops::PutBucketCors { bucket, text }, put_bucket_cors)
        }
        K::DeleteBucketCors => {
            go!(house, caller, until, ops::DeleteBucketCors { bucket }, delete_bucket_cors)
        }
        K::GetBucketTagging => {
            go!(house, caller, until, ops::GetBucketTagging { bucket }, get_bucket_tagging)
        }
        K::PutBucketTagging => {
            go!(house, caller, until, ops::PutBucketTagging { bucket, text }, put_bucket_tagging)
        }
        K::GetBucketLifecycleConfiguration => {
            let op = ops::GetBucketLifecycleConfiguration { bucket };
            go!(house, caller, until, op, get_bucket_lifecycle_configuration)
        }
        K::PutBucketLifecycleConfiguration => {
            let op = ops::PutBucketLifecycleConfiguration { bucket, text };
            go!(house, caller, until, op, put_bucket_lifecycle_configuration)
        }
        K::DeleteBucketLifecycle => {
            let op = ops::DeleteBucketLifecycle { bucket };
            go!(house, caller, until, op, delete_bucket_lifecycle)
        }
        K::DeleteBucketTagging => {
            go!(house, caller, until, ops::DeleteBucketTagging { bucket }, delete_bucket_tagging)
        }
        other => panic!("{other:?} is not of this family"),
    }
}

async fn on_object(
    house: &House,
    caller: &Caller,
    kind: OperationKind,
    key: &str,
    until: Until,
) -> Result<(), GateError> {
    use OperationKind as K;
    let address = at(key);
    match kind {
        K::GetObject => {
            let op = ops::GetObject { address, get: GetObject::default() };
            go!(house, caller, until, op, get_object)
        }
        K::HeadObject => {
            let op = ops::HeadObject { address, head: HeadObject::default() };
            go!(house, caller, until, op, head_object)
        }
        K::PutObject => {
            let op = ops::PutObject { address, put: PutObject::default() };
            go!(house, caller, until, op, put_object, body())
        }
        K::CopyObject => {
            let copy = CopyObject {
                from: at(key),
                from_version: None,
                to: at(&format!("{key}.copy")),
                headers: None,
                tags: None,
                lock: ObjectLock::default(),
                source_conditions: ReadConditions::default(),
                condition: WriteCondition::Always,
            };
            go!(house, caller, until, ops::CopyObject { copy }, copy_object)
        }
        K::DeleteObject => {
            let op = ops::DeleteObject { address, delete: DeleteObject::default() };
            go!(house, caller, until, op, delete_object)
        }
        other => panic!("{other:?} is not of this family"),
    }
}

async fn on_version(
    house: &House,
    caller: &Caller,
    kind: OperationKind,
    key: &str,
    until: Until,
) -> Result<(), GateError> {
    use OperationKind as K;
    let version = VersionAddress { object: at(key), version: None };
    match kind {
        K::GetObjectAttributes => {
            let op = ops::GetObjectAttributes { version };
            go!(house, caller, until, op, get_object_attributes)
        }
        K::GetObjectAcl => {
            go!(house, caller, until, ops::GetObjectAcl { version }, get_object_acl)
        }
        K::PutObjectAcl => {
            let op = ops::PutObjectAcl { version, acl: ops::AclAsked::OwnerFullControl };
            go!(house, caller, until, op, put_object_acl)
        }
        K::GetObjectTagging => {
            go!(house, caller, until, ops::GetObjectTagging { version }, get_object_tagging)
        }
        K::PutObjectTagging => {
            let op = ops::PutObjectTagging { version, tags: Tags::default() };
            go!(house, caller, until, op, put_object_tagging)
        }
        K::DeleteObjectTagging => {
            go!(house, caller, until, ops::DeleteObjectTagging { version }, delete_object_tagging)
        }
        K::GetObjectRetention => {
            go!(house, caller, until, ops::GetObjectRetention { version }, get_object_retention)
        }
        K::PutObjectRetention => {
            let bypass = GovernanceBypass::No;
            let op = ops::PutObjectRetention { version, retention: None, bypass };
            go!(house, caller, until, op, put_object_retention)
        }
        K::GetObjectLegalHold => {
            go!(house, caller, until, ops::GetObjectLegalHold { version }, get_object_legal_hold)
        }
        K::PutObjectLegalHold => {
            let op = ops::PutObjectLegalHold { version, on: true };
            go!(house, caller, until, op, put_object_legal_hold)
        }
        other => panic!("{other:?} is not of this family"),
    }
}

async fn on_upload(
    house: &House,
    caller: &Caller,
    kind: OperationKind,
    key: &str,
    until: Until,
) -> Result<(), GateError> {
    use OperationKind as K;
    let (address, upload, number) = (at(key), upload(), 1);
    match kind {
        K::CreateMultipartUpload => {
            let op = ops::CreateMultipartUpload { address, create: CreateUpload::default() };
            go!(house, caller, until, op, create_multipart_upload)
        }
        K::UploadPart => {
            let part = UploadPart {
                address,
                upload,
                number,
                expected: None,
                content_md5: None,
                size: None,
            };
            go!(house, caller, until, ops::UploadPart { part }, upload_part, body())
        }
        K::UploadPartCopy => {
            let part = UploadPartCopy {
                address,
                upload,
                number,
                from: at(key),
                from_version: None,
                range: None,
                source_conditions: ReadConditions::default(),
            };
            go!(house, caller, until, ops::UploadPartCopy { part }, upload_part_copy)
        }
        K::CompleteMultipartUpload => {
            let complete = CompleteUpload {
                address,
                upload,
                parts: Vec::new(),
                expected: None,
                condition: WriteCondition::Always,
                object_size: None,
            };
            let op = ops::CompleteMultipartUpload { complete };
            go!(house, caller, until, op, complete_multipart_upload)
        }
        K::AbortMultipartUpload => {
            let op = ops::AbortMultipartUpload { address, upload };
            go!(house, caller, until, op, abort_multipart_upload)
        }
        K::ListParts => {
            let op = ops::ListParts { address, upload, after: 0, max: 10 };
            go!(house, caller, until, op, list_parts)
        }
        other => panic!("{other:?} is not of this family"),
    }
}

async fn on_identity(
    house: &House,
    caller: &Caller,
    kind: OperationKind,
    until: Until,
) -> Result<(), GateError> {
    use OperationKind as K;
    match kind {
        K::IamCall => {
            let role = RoleName::parse("RegularUserRole").expect("a role name");
            let op = ops::IamCall {
                request: IamRequest::TagRole { role, tags: vec![("a".to_owned(), "b".to_owned())] },
            };
            go!(house, caller, until, op, iam)
        }
        K::AssumeRole => {
            let op = ops::AssumeRole { ask: ask(ALICE, "RegularUserRole", None) };
            go!(house, caller, until, op, assume_role)
        }
        K::GetSessionToken => {
            let op = ops::GetSessionToken { duration_s: None };
            go!(house, caller, until, op, get_session_token)
        }
        K::AssumeRoleWithWebIdentity => {
            let ask = AssumeRoleWithWebIdentity {
                role_arn: role_arn("FederatedRole"),
                session_name: RoleSessionName::parse("alice").expect("a name"),
                duration_s: None,
                policy: None,
                policy_arns: Vec::new(),
            };
            let op = ops::AssumeRoleWithWebIdentity { ask };
            go!(house, caller, until, op, assume_role_with_web_identity)
        }
        K::DecodeAuthorizationMessage => {
            let message = house.authority.seal_message("{}").expect("a message");
            let op = ops::DecodeAuthorizationMessage { message, account: account() };
            go!(house, caller, until, op, decode_authorization_message)
        }
        K::GetAccessKeyInfo => {
            let op = ops::GetAccessKeyInfo { id: house.root_key(), account: account() };
            go!(house, caller, until, op, get_access_key_info)
        }
        K::GetCallerIdentity => {
            let permit = house.gate.admit(caller, ops::GetCallerIdentity).await?;
            house.gate.get_caller_identity(permit).map(drop)
        }
        other => panic!("{other:?} is not of this family"),
    }
}
