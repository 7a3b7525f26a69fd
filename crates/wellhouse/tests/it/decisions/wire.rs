//! The decision matrix, asked of the real server: every action that an operation on the wire asks for, but
//! for changes of ACLs, which buckets do not take, and `s3:BypassGovernanceRetention`, which comes with others only.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{
    BucketVersioningStatus, NotificationConfiguration, ObjectAttributes, ObjectLockConfiguration,
    ObjectLockEnabled, ObjectLockLegalHold, ObjectLockLegalHoldStatus, ObjectLockRetention,
    ObjectLockRetentionMode, Tag, Tagging, VersioningConfiguration,
};
use serde_json::{Value, json};

use super::{BUCKET, Bench, COLUMNS, Column, OTHER_BUCKET, PLACES, Place};
use crate::actors::{Actor, Keys};
use crate::machines::Agent;
use crate::sdk::client;
use crate::server::Server;

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Came {
    /// It was let in, whatever else came of it.
    In,
    Refused,
    /// The endpoint has no such operation.
    NotOffered,
    /// Something that does not tell whether it was decided upon.
    Otherwise(String),
}

/// What was asked for, and what came of it.
type Told = Vec<(&'static str, Came)>;

/// Whether the matrix refuses an action here.
type Refused<'a> = &'a dyn Fn(&str) -> bool;

/// What is answered only after it was decided that the request is let in.
const AFTERWARDS: [&str; 16] = [
    "NoSuchKey",
    "NoSuchVersion",
    "NoSuchUpload",
    "NoSuchBucketPolicy",
    "NoSuchCORSConfiguration",
    "NoSuchLifecycleConfiguration",
    "NoSuchObjectLockConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchTagSet",
    "NoSuchWebsiteConfiguration",
    "ObjectLockConfigurationNotFoundError",
    "OwnershipControlsNotFoundError",
    "ReplicationConfigurationNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
    "BucketNotEmpty",
    "MethodNotAllowed",
];
/// The only invalid request that is one by what is in the store.
const NO_LOCK: [&str; 2] = ["has no object lock", "missing Object Lock Configuration"];

fn came(answer: Result<(), (&str, &str)>) -> Came {
    match answer {
        Ok(()) => Came::In,
        Err(("AccessDenied", _)) => Came::Refused,
        Err(("NotImplemented", _)) => Came::NotOffered,
        Err(("InvalidRequest", why)) if NO_LOCK.iter().any(|text| why.contains(text)) => Came::In,
        Err((code, _)) if AFTERWARDS.contains(&code) => Came::In,
        Err((code, message)) => Came::Otherwise(format!("{code}: {message}")),
    }
}

/// Asks, and says what came of it.
macro_rules! asked {
    ($action:literal, $request:expr) => {{
        let answer = $request.send().await.map(drop).map_err(|error| error.into_service_error());
        let of = |error: Option<&str>| error.unwrap_or("nothing").to_owned();
        let told = answer.map_err(|error| (of(error.meta().code()), of(error.meta().message())));
        let told = told.as_ref().map(|()| ()).map_err(|(code, why)| (code.as_str(), why.as_str()));
        ($action, came(told))
    }};
}

/// Asks for a change if the matrix refuses it; otherwise what is asked about would become another.
macro_rules! refused {
    ($told:ident, $refused:ident, $action:literal, $request:expr) => {
        if $refused($action) {
            $told.push(asked!($action, $request));
        }
    };
}

async fn of_object(s3: &Client, (bucket, key): (&str, &str), version: &str) -> Told {
    let tag = Tag::builder().key("a").value("b").build().expect("a tag");
    let tags = Tagging::builder().tag_set(tag).build().expect("tags");
    let (again, size) = (tags.clone(), ObjectAttributes::ObjectSize);
    let hold = ObjectLockLegalHold::builder().status(ObjectLockLegalHoldStatus::Off).build();
    let body = b"other".to_vec().into();
    vec![
        asked!("s3:GetObject", s3.get_object().bucket(bucket).key(key)),
        asked!("s3:GetObjectVersion", s3.get_object().bucket(bucket).key(key).version_id(version)),
        asked!("s3:GetObjectTagging", s3.get_object_tagging().bucket(bucket).key(key)),
        asked!(
            "s3:GetObjectVersionTagging",
            s3.get_object_tagging().bucket(bucket).key(key).version_id(version)
        ),
        asked!("s3:GetObjectAcl", s3.get_object_acl().bucket(bucket).key(key)),
        asked!("s3:GetObjectRetention", s3.get_object_retention().bucket(bucket).key(key)),
        asked!("s3:GetObjectLegalHold", s3.get_object_legal_hold().bucket(bucket).key(key)),
        asked!(
            "s3:ListMultipartUploadParts",
            s3.list_parts().bucket(bucket).key(key).upload_id("none")
        ),
        asked!(
            "s3:AbortMultipartUpload",
            s3.abort_multipart_upload().bucket(bucket).key(key).upload_id("none")
        ),
        asked!("s3:PutObject", s3.put_object().bucket(bucket).key(key).body(body)),
        asked!(
            "s3:PutObjectTagging",
            s3.put_object_tagging().bucket(bucket).key(key).tagging(tags)
        ),
        asked!("s3:DeleteObjectTagging", s3.delete_object_tagging().bucket(bucket).key(key)),
        asked!(
            "s3:PutObjectVersionTagging",
            s3.put_object_tagging().bucket(bucket).key(key).version_id(version).tagging(again)
        ),
        asked!(
            "s3:DeleteObjectVersionTagging",
            s3.delete_object_tagging().bucket(bucket).key(key).version_id(version)
        ),
        asked!(
            "s3:GetObjectVersionAcl",
            s3.get_object_acl().bucket(bucket).key(key).version_id(version)
        ),
        asked!(
            "s3:GetObjectAttributes",
            s3.get_object_attributes().bucket(bucket).key(key).object_attributes(size.clone())
        ),
        asked!(
            "s3:GetObjectVersionAttributes",
            s3.get_object_attributes()
                .bucket(bucket)
                .key(key)
                .version_id(version)
                .object_attributes(size)
        ),
        asked!(
            "s3:PutObjectLegalHold",
            s3.put_object_legal_hold().bucket(bucket).key(key).legal_hold(hold)
        ),
        asked!(
            "s3:DeleteObjectVersion",
            s3.delete_object().bucket(bucket).key(key).version_id(version)
        ),
        asked!("s3:DeleteObject", s3.delete_object().bucket(bucket).key(key)),
    ]
}

async fn changes_of_object(s3: &Client, (bucket, key): (&str, &str), refused: Refused<'_>) -> Told {
    let retention = ObjectLockRetention::builder()
        .mode(ObjectLockRetentionMode::Governance)
        .retain_until_date(DateTime::from_secs(4_000_000_000))
        .build();
    let mut told = Vec::new();
    refused!(
        told,
        refused,
        "s3:PutObjectRetention",
        s3.put_object_retention().bucket(bucket).key(key).retention(retention)
    );
    told
}

async fn changes_of_bucket(s3: &Client, bucket: &str, refused: Refused<'_>) -> Told {
    let versioning =
        VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    let lock =
        ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled).build();
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny",
        "Principal": "*", "Action": "s3:PutBucketAcl",
        "Resource": format!("arn:aws:s3:::{bucket}") }] });
    let notifications = NotificationConfiguration::builder().build();
    let mut told = Vec::new();
    macro_rules! change {
        ($action:literal, $request:expr) => {
            refused!(told, refused, $action, $request.bucket(bucket))
        };
    }
    change!("s3:CreateBucket", s3.create_bucket());
    change!(
        "s3:PutBucketVersioning",
        s3.put_bucket_versioning().versioning_configuration(versioning)
    );
    change!("s3:PutBucketPolicy", s3.put_bucket_policy().policy(policy.to_string()));
    change!("s3:DeleteBucketPolicy", s3.delete_bucket_policy());
    change!("s3:PutLifecycleConfiguration", s3.delete_bucket_lifecycle());
    change!("s3:PutBucketCORS", s3.delete_bucket_cors());
    change!("s3:PutEncryptionConfiguration", s3.delete_bucket_encryption());
    change!("s3:PutBucketTagging", s3.delete_bucket_tagging());
    change!("s3:PutBucketPublicAccessBlock", s3.delete_public_access_block());
    change!("s3:PutBucketOwnershipControls", s3.delete_bucket_ownership_controls());
    change!(
        "s3:PutBucketNotification",
        s3.put_bucket_notification_configuration().notification_configuration(notifications)
    );
    change!(
        "s3:PutBucketObjectLockConfiguration",
        s3.put_object_lock_configuration().object_lock_configuration(lock)
    );
    told
}

async fn of_bucket(s3: &Client, bucket: &str) -> Told {
    let mut told = listings(s3, bucket, None).await;
    told.extend([
        asked!("s3:GetBucketLocation", s3.get_bucket_location().bucket(bucket)),
        asked!("s3:GetBucketVersioning", s3.get_bucket_versioning().bucket(bucket)),
        asked!("s3:GetBucketPolicy", s3.get_bucket_policy().bucket(bucket)),
        asked!("s3:GetBucketPolicyStatus", s3.get_bucket_policy_status().bucket(bucket)),
        asked!("s3:GetBucketAcl", s3.get_bucket_acl().bucket(bucket)),
        asked!("s3:GetBucketCORS", s3.get_bucket_cors().bucket(bucket)),
        asked!("s3:GetEncryptionConfiguration", s3.get_bucket_encryption().bucket(bucket)),
        asked!(
            "s3:GetLifecycleConfiguration",
            s3.get_bucket_lifecycle_configuration().bucket(bucket)
        ),
        asked!("s3:GetBucketTagging", s3.get_bucket_tagging().bucket(bucket)),
        asked!(
            "s3:GetBucketNotification",
            s3.get_bucket_notification_configuration().bucket(bucket)
        ),
        asked!("s3:GetBucketPublicAccessBlock", s3.get_public_access_block().bucket(bucket)),
        asked!("s3:GetBucketOwnershipControls", s3.get_bucket_ownership_controls().bucket(bucket)),
        asked!(
            "s3:GetBucketObjectLockConfiguration",
            s3.get_object_lock_configuration().bucket(bucket)
        ),
        asked!(
            "s3:GetAccelerateConfiguration",
            s3.get_bucket_accelerate_configuration().bucket(bucket)
        ),
        asked!("s3:GetBucketRequestPayment", s3.get_bucket_request_payment().bucket(bucket)),
        asked!("s3:GetBucketWebsite", s3.get_bucket_website().bucket(bucket)),
        asked!("s3:GetReplicationConfiguration", s3.get_bucket_replication().bucket(bucket)),
        asked!("s3:GetBucketLogging", s3.get_bucket_logging().bucket(bucket)),
        asked!("s3:DeleteBucket", s3.delete_bucket().bucket(bucket)),
    ]);
    told
}

async fn listings(s3: &Client, bucket: &str, prefix: Option<&str>) -> Told {
    let prefix = prefix.map(str::to_owned);
    vec![
        asked!("s3:ListBucket", s3.list_objects_v2().bucket(bucket).set_prefix(prefix.clone())),
        asked!(
            "s3:ListBucketVersions",
            s3.list_object_versions().bucket(bucket).set_prefix(prefix.clone())
        ),
        asked!(
            "s3:ListBucketMultipartUploads",
            s3.list_multipart_uploads().bucket(bucket).set_prefix(prefix)
        ),
    ]
}

/// The server, with somebody for each column.
struct House {
    root: Client,
    columns: Vec<(Column, Client)>,
    uid: String,
}

impl House {
    async fn new(server: &Server) -> Self {
        let mut ada = Actor::administrator(server);
        let mut bob = Actor::approved(server, &mut ada, "bob");
        let home = bob.keys("home/");
        let uid = home.prefix.split('/').nth(1).expect("a uid").to_owned();
        let inbox = json!({ "role": "UploadRole", "prefix": "shared/inbox/", "title": "Inbox" });
        let (status, given) = ada.post(&format!("/people/{uid}/grants"), &inbox);
        assert_eq!(status, 201, "{given}");
        let agent = Agent::enrolled(server, "i-column");
        let machine = machine_keys(&agent, &home);
        let (id, secret) = server.root();
        let root = Keys { access_key_id: id, secret, token: String::new(), ..home.clone() };
        let mut columns = Vec::new();
        for column in COLUMNS {
            let s3 = match column.role {
                None => nobody(&home.endpoint),
                Some("EC2UploadRole") => client(&machine).await,
                Some("S3AccessRole") => client(&home).await,
                Some("AdminRole") => client(&ada.keys("")).await,
                Some(_) => client(&bob.keys(column.grant.expect("a grant"))).await,
            };
            columns.push((column, s3));
        }
        let root = client(&root).await;
        root.create_bucket().bucket(OTHER_BUCKET).send().await.expect("another bucket");
        Self { root, columns, uid }
    }

    /// An object that is there, and its version.
    async fn put(&self, bucket: &str, key: &str) -> String {
        let body = b"something".to_vec().into();
        let put = self.root.put_object().bucket(bucket).key(key).body(body).send();
        put.await.expect("written").version_id().unwrap_or("null").to_owned()
    }

    async fn told(&self, s3: &Client, place: Place, refused: Refused<'_>) -> Told {
        let own = |text: &str| text.replace("${uid}", &self.uid);
        match place {
            Place::Object(key) => self.told_of_object(s3, (BUCKET, &own(key)), refused).await,
            Place::Elsewhere(key) => self.told_of_object(s3, (OTHER_BUCKET, key), refused).await,
            Place::Listing(prefix) => listings(s3, BUCKET, Some(&own(prefix))).await,
            Place::Bucket => self.told_of_bucket(s3, BUCKET, refused).await,
            Place::OtherBucket => self.told_of_bucket(s3, OTHER_BUCKET, refused).await,
            Place::Account => vec![asked!("s3:ListAllMyBuckets", s3.list_buckets())],
            // The tests' server scans nothing; the policy engine alone is asked.
            Place::Infected(_) => Vec::new(),
        }
    }

    async fn told_of_object(&self, s3: &Client, at: (&str, &str), refused: Refused<'_>) -> Told {
        let version = self.put(at.0, at.1).await;
        let changes = changes_of_object(s3, at, refused).await;
        [changes, of_object(s3, at, &version).await].concat()
    }

    async fn told_of_bucket(&self, s3: &Client, bucket: &str, refused: Refused<'_>) -> Told {
        // It is not empty, so whoever might delete it is told so.
        self.put(bucket, "kept").await;
        [changes_of_bucket(s3, bucket, refused).await, of_bucket(s3, bucket).await].concat()
    }
}

fn nobody(endpoint: &str) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .force_path_style(true)
        .allow_no_auth();
    Client::from_conf(config.build())
}

/// What the metadata service gives a machine.
fn machine_keys(agent: &Agent, like: &Keys) -> Keys {
    let http: ureq::Agent = ureq::Agent::config_builder().build().into();
    let at = |path: &str| format!("{}/latest/{path}", agent.metadata);
    let token = http.put(at("api/token")).header("x-aws-ec2-metadata-token-ttl-seconds", "60");
    let token = token.send_empty().expect("a token").into_body().read_to_string().expect("text");
    let role = at("meta-data/iam/security-credentials/EC2UploadRole");
    let given = http.get(role).header("x-aws-ec2-metadata-token", token.trim()).call();
    let given = given.expect("credentials").into_body().read_to_string().expect("text");
    let given: Value = serde_json::from_str(&given).expect("JSON");
    let text = |name: &str| given[name].as_str().expect(name).to_owned();
    Keys {
        access_key_id: text("AccessKeyId"),
        secret: text("SecretAccessKey"),
        token: text("Token"),
        ..like.clone()
    }
}

/// What the wire told otherwise than the matrix.
fn differences(
    bench: &Bench,
    (column, title, place): (Column, &str, Place),
    told: &[(&'static str, Came)],
) -> Vec<String> {
    let differs = |(action, came): &(&'static str, Came)| {
        let cell = bench.cell(column, action, place);
        let expected = if cell.allowed() { Came::In } else { Came::Refused };
        let told = || format!("{} {action}, {title}: {cell:?}, {came:?}", column.title);
        (*came != expected).then(told)
    };
    told.iter().filter_map(differs).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_decides_as_the_matrix_says() {
    /// Fewer would mean that operations went missing from the comparison.
    const COMPARED_MIN: usize = 1_000;
    let server = Server::start();
    let (house, bench) = (House::new(&server).await, Bench::new());
    let (mut compared, mut differ) = (0, Vec::new());
    for (title, place) in PLACES {
        for (column, s3) in &house.columns {
            let refused = |action: &str| !bench.cell(*column, action, place).allowed();
            let mut told = house.told(s3, place, &refused).await;
            told.retain(|(_, came)| *came != Came::NotOffered);
            compared += told.len();
            differ.extend(differences(&bench, (*column, title, place), &told));
        }
    }
    assert!(differ.is_empty(), "{} of {compared} differ:\n{}", differ.len(), differ.join("\n"));
    assert!(compared >= COMPARED_MIN, "{compared} were compared");
}
