//! Every operation refuses a stranger, enumerated from the gate's own list.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "`requests` knows every kind; the functions of the families are asked for their own"
)]

use std::collections::BTreeSet;

use wh_gate::OperationKind;

use crate::house::House;
use crate::signer::Ask;

fn on(method: &str, path: &str) -> Ask {
    Ask::new(method, path)
}

/// A request for each operation, on things that are there and on things that are not.
#[expect(clippy::too_many_lines, reason = "one line an operation, and no catch-all")]
fn requests(kind: OperationKind) -> Vec<Ask> {
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
        | K::PutObjectLockConfiguration
        | K::ListObjectVersions
        | K::GetBucketLifecycleConfiguration
        | K::PutBucketLifecycleConfiguration
        | K::DeleteBucketLifecycle
        | K::GetBucketPolicy
        | K::PutBucketPolicy
        | K::DeleteBucketPolicy
        | K::GetBucketCors
        | K::PutBucketCors
        | K::DeleteBucketCors
        | K::ListObjects => on_buckets(kind),
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
        | K::PutBucketNotificationConfiguration
        | K::GetBucketTagging
        | K::PutBucketTagging
        | K::DeleteBucketTagging => on_settings(kind),
        K::GetObject
        | K::HeadObject
        | K::PutObject
        | K::CopyObject
        | K::DeleteObject
        | K::GetObjectAttributes
        | K::GetObjectAcl
        | K::PutObjectAcl
        | K::GetObjectTagging
        | K::PutObjectTagging
        | K::DeleteObjectTagging
        | K::GetObjectRetention
        | K::PutObjectRetention
        | K::GetObjectLegalHold
        | K::PutObjectLegalHold => on_objects(kind),
        K::CreateMultipartUpload
        | K::UploadPart
        | K::UploadPartCopy
        | K::CompleteMultipartUpload
        | K::AbortMultipartUpload
        | K::ListParts
        | K::ListMultipartUploads => on_uploads(kind),
        // IAM and STS are asked below.
        K::IamCall
        | K::AssumeRole
        | K::GetCallerIdentity
        | K::GetSessionToken
        | K::AssumeRoleWithWebIdentity
        | K::DecodeAuthorizationMessage
        | K::GetAccessKeyInfo => vec![],
    }
}

fn on_buckets(kind: OperationKind) -> Vec<Ask> {
    use OperationKind as K;
    match kind {
        K::ListBuckets => vec![on("GET", "/")],
        K::CreateBucket => vec![on("PUT", "/other-bucket"), on("PUT", "/files")],
        K::DeleteBucket => vec![on("DELETE", "/files"), on("DELETE", "/absent-bucket")],
        K::HeadBucket => vec![on("HEAD", "/files"), on("HEAD", "/absent-bucket")],
        K::GetBucketLocation => vec![on("GET", "/files").query("location", "")],
        K::GetBucketVersioning => vec![on("GET", "/files").query("versioning", "")],
        K::PutBucketVersioning => {
            vec![on("PUT", "/files").query("versioning", "").body(
                "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
            )]
        }
        K::GetBucketEncryption => vec![on("GET", "/files").query("encryption", "")],
        K::GetObjectLockConfiguration => vec![on("GET", "/files").query("object-lock", "")],
        K::PutObjectLockConfiguration => vec![on("PUT", "/files").query("object-lock", "").body(
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>\
             </ObjectLockConfiguration>",
        )],
        K::ListObjectVersions => vec![on("GET", "/files").query("versions", "")],
        K::GetBucketLifecycleConfiguration => vec![on("GET", "/files").query("lifecycle", "")],
        K::PutBucketLifecycleConfiguration => {
            vec![on("PUT", "/files").query("lifecycle", "").body(
                "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter/><Expiration>\
             <Days>1</Days></Expiration></Rule></LifecycleConfiguration>",
            )]
        }
        K::DeleteBucketLifecycle => vec![on("DELETE", "/files").query("lifecycle", "")],
        K::GetBucketPolicy => vec![on("GET", "/files").query("policy", "")],
        K::PutBucketPolicy => vec![on("PUT", "/files").query("policy", "").body("{}")],
        K::DeleteBucketPolicy => vec![on("DELETE", "/files").query("policy", "")],
        K::GetBucketCors => vec![on("GET", "/files").query("cors", "")],
        K::PutBucketCors => vec![on("PUT", "/files").query("cors", "").body(
            "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>\
             <AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>",
        )],
        K::DeleteBucketCors => vec![on("DELETE", "/files").query("cors", "")],
        K::ListObjects => vec![
            on("GET", "/files").query("list-type", "2"),
            on("GET", "/files"),
            on("GET", "/absent-bucket"),
        ],
        other => panic!("{other:?} is not of this family"),
    }
}

fn on_settings(kind: OperationKind) -> Vec<Ask> {
    use OperationKind as K;
    let of = |method, about: &str| on(method, "/files").query(about, "");
    match kind {
        K::PutBucketEncryption => vec![of("PUT", "encryption").body(
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
             <SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>\
             </ServerSideEncryptionConfiguration>",
        )],
        K::DeleteBucketEncryption => vec![of("DELETE", "encryption")],
        K::GetBucketOwnershipControls => vec![of("GET", "ownershipControls")],
        K::DeleteBucketOwnershipControls => vec![of("DELETE", "ownershipControls")],
        K::PutBucketOwnershipControls => vec![of("PUT", "ownershipControls").body(
            "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership>\
             </Rule></OwnershipControls>",
        )],
        K::GetBucketAcl => vec![of("GET", "acl"), on("GET", "/absent-bucket").query("acl", "")],
        K::PutBucketAcl => {
            vec![of("PUT", "acl").header("x-amz-acl", "bucket-owner-full-control")]
        }
        K::GetPublicAccessBlock => vec![of("GET", "publicAccessBlock")],
        K::PutPublicAccessBlock => vec![of("PUT", "publicAccessBlock").body(
            "<PublicAccessBlockConfiguration><BlockPublicPolicy>false</BlockPublicPolicy>\
             </PublicAccessBlockConfiguration>",
        )],
        K::DeletePublicAccessBlock => vec![of("DELETE", "publicAccessBlock")],
        K::GetBucketPolicyStatus => vec![of("GET", "policyStatus")],
        K::GetBucketAccelerateConfiguration => vec![of("GET", "accelerate")],
        K::GetBucketRequestPayment => vec![of("GET", "requestPayment")],
        K::GetBucketWebsite => vec![of("GET", "website")],
        K::GetBucketReplication => vec![of("GET", "replication")],
        K::GetBucketLogging => vec![of("GET", "logging")],
        K::GetBucketNotificationConfiguration => vec![of("GET", "notification")],
        K::PutBucketNotificationConfiguration => vec![
            of("PUT", "notification")
                .body("<NotificationConfiguration></NotificationConfiguration>"),
        ],
        K::GetBucketTagging => vec![of("GET", "tagging")],
        K::PutBucketTagging => {
            vec![of("PUT", "tagging").body("<Tagging><TagSet></TagSet></Tagging>")]
        }
        K::DeleteBucketTagging => vec![of("DELETE", "tagging")],
        other => panic!("{other:?} is not of this family"),
    }
}

fn on_objects(kind: OperationKind) -> Vec<Ask> {
    use OperationKind as K;
    match kind {
        K::GetObjectAttributes => vec![
            on("GET", "/files/a")
                .query("attributes", "")
                .header("x-amz-object-attributes", "ETag,ObjectParts"),
        ],
        K::GetObjectAcl => vec![on("GET", "/files/a").query("acl", "")],
        K::PutObjectAcl => vec![
            on("PUT", "/files/a").query("acl", "").header("x-amz-acl", "bucket-owner-full-control"),
        ],
        K::GetObjectTagging => vec![on("GET", "/files/a").query("tagging", "")],
        K::PutObjectTagging => vec![
            on("PUT", "/files/a").query("tagging", "").body("<Tagging><TagSet></TagSet></Tagging>"),
            on("PUT", "/files/absent")
                .query("tagging", "")
                .query("versionId", "null")
                .body("<Tagging><TagSet></TagSet></Tagging>"),
        ],
        K::DeleteObjectTagging => vec![on("DELETE", "/files/a").query("tagging", "")],
        K::GetObjectRetention => vec![on("GET", "/files/a").query("retention", "")],
        K::PutObjectRetention => vec![
            on("PUT", "/files/a")
                .query("retention", "")
                .header("x-amz-bypass-governance-retention", "true")
                .body("<Retention></Retention>"),
        ],
        K::GetObjectLegalHold => vec![on("GET", "/files/a").query("legal-hold", "")],
        K::PutObjectLegalHold => vec![
            on("PUT", "/files/a")
                .query("legal-hold", "")
                .body("<LegalHold><Status>ON</Status></LegalHold>"),
        ],
        K::GetObject => vec![
            on("GET", "/files/a"),
            on("GET", "/files/absent"),
            on("GET", "/files/a").query("versionId", "null"),
        ],
        K::HeadObject => vec![on("HEAD", "/files/a"), on("HEAD", "/files/absent")],
        K::PutObject => vec![on("PUT", "/files/new").body("x"), on("PUT", "/absent-bucket/x")],
        K::CopyObject => vec![on("PUT", "/files/new").header("x-amz-copy-source", "/files/a")],
        K::DeleteObject => {
            vec![on("DELETE", "/files/a"), on("DELETE", "/files/a").query("versionId", "null")]
        }
        other => panic!("{other:?} is not of this family"),
    }
}

fn on_uploads(kind: OperationKind) -> Vec<Ask> {
    use OperationKind as K;
    let id = "01jd00000000000000000000000123456789abcdef";
    match kind {
        K::CreateMultipartUpload => vec![on("POST", "/files/new").query("uploads", "")],
        K::UploadPart => {
            vec![on("PUT", "/files/new").query("uploadId", id).query("partNumber", "1").body("x")]
        }
        K::UploadPartCopy => vec![
            on("PUT", "/files/new")
                .query("uploadId", id)
                .query("partNumber", "1")
                .header("x-amz-copy-source", "/files/a"),
        ],
        K::CompleteMultipartUpload => vec![on("POST", "/files/new").query("uploadId", id).body(
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"x\"</ETag></Part>\
             </CompleteMultipartUpload>",
        )],
        K::AbortMultipartUpload => vec![on("DELETE", "/files/new").query("uploadId", id)],
        K::ListParts => vec![on("GET", "/files/new").query("uploadId", id)],
        K::ListMultipartUploads => vec![on("GET", "/files").query("uploads", "")],
        other => panic!("{other:?} is not of this family"),
    }
}

#[tokio::test]
async fn every_operation_refuses_a_stranger() {
    let house = House::open_with(Some(wh_objects::Encryption::Aes256)).await;
    house.ask(&house.root, Ask::new("PUT", "/files/a").body("secret")).await;
    let mallory = house.session("mallory", None).await;
    let mut met = BTreeSet::new();
    for kind in OperationKind::ALL {
        for ask in requests(*kind) {
            let anonymous = house.raw(&house.hosted(ask.clone())).await;
            let known = house.ask(&mallory, ask.clone()).await;
            for answer in [anonymous, known] {
                assert_eq!(answer.status, 403, "{kind:?} {ask:?}: {}", answer.text());
                assert!(!answer.text().contains("secret"), "{kind:?}");
                assert!(ask.method == "HEAD" || answer.code() == "AccessDenied", "{kind:?}");
                met.insert(*kind);
            }
        }
    }
    let forms = OperationKind::ALL.len() - met.len();
    assert_eq!(forms, 7);
    assert_eq!(house.object("/files/a").await.as_deref(), Some(b"secret".as_slice()));
    assert_eq!(house.object("/files/new").await, None);
    house.close().await;
}

#[tokio::test]
async fn what_is_not_offered_is_not_implemented_to_anybody() {
    let house = House::open().await;
    for ask in [
        Ask::new("GET", "/files").query("analytics", ""),
        Ask::new("GET", "/files").query("inventory", ""),
        Ask::new("GET", "/files").query("intelligent-tiering", ""),
        Ask::new("GET", "/files/a").query("torrent", ""),
        Ask::new("GET", "/files/a").query("attributes", ""),
        Ask::new("PUT", "/files").query("versioning", "").body("<VersioningConfiguration/>"),
        Ask::new("PUT", "/files")
            .query("encryption", "")
            .body("<ServerSideEncryptionConfiguration/>"),
    ] {
        let answer = house.ask(&house.root, ask.clone()).await;
        assert!([400, 501].contains(&answer.status), "{ask:?}: {}", answer.text());
    }
    house.close().await;
}

#[tokio::test]
async fn iam_and_sts_refuse_strangers_and_temporary_credentials() {
    let house = House::open().await;
    let all =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let mighty = house.session("mighty", Some(all)).await;
    for action in ["ListRoles", "GetRole", "CreateRole", "DeleteRole", "PutRolePolicy"] {
        let form = [
            ("Action", action),
            ("RoleName", "mighty"),
            ("AssumeRolePolicyDocument", "{}"),
            ("PolicyName", "p"),
            ("PolicyDocument", "{}"),
        ];
        let form = match action {
            "ListRoles" => &form[..1],
            "GetRole" | "DeleteRole" => &form[..2],
            "CreateRole" => &form[..3],
            _ => &[form[0], form[1], form[3], form[4]][..],
        };
        let answer = house.query(&mighty, "iam", form).await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "AccessDenied"), "{action}");
    }
    let kind = "application/x-www-form-urlencoded";
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    let ask = house.hosted(Ask::new("POST", "/").header("content-type", kind).body(body));
    let answer = house.raw(&ask).await;
    assert_eq!(answer.code(), "MissingAuthenticationToken", "{}", answer.text());
    house.close().await;
}

#[tokio::test]
async fn strangers_do_not_fill_the_memory_with_documents() {
    let house = House::open().await;
    let long = " ".repeat(100 * 1024);
    let cors = "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>\
                <AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>";
    let parts = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"x\"</ETag></Part>\
                 </CompleteMultipartUpload>";
    let id = "01jd00000000000000000000000123456789abcdef";
    let nobody = house.session("nobody", None).await;
    for ask in [
        Ask::new("PUT", "/files").query("policy", "").body(format!("{{}}{long}")),
        Ask::new("PUT", "/files").query("cors", "").body(format!("{cors}{long}")),
        Ask::new("POST", "/files/new").query("uploadId", id).body(format!("{parts}{long}")),
    ] {
        let answer = house.raw(&house.hosted(ask.clone())).await;
        assert_eq!(answer.status, 400, "{:?}: {}", ask.query, answer.text());
        assert_eq!(house.ask(&nobody, ask).await.status, 403, "who signs may say more");
    }
    house.close().await;
}
