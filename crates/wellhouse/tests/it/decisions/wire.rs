//! The decision matrix, asked of the real server: every action that an operation on the wire asks for.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use aws_sdk_s3::types::{ObjectLockLegalHold, ObjectLockLegalHoldStatus, Tag, Tagging};
use serde_json::{Value, json};

use super::{BUCKET, Bench, COLUMNS, Column, OTHER_BUCKET, PLACES, Place};
use crate::actors::{Actor, Keys};
use crate::machines::Agent;
use crate::sdk::client;
use crate::server::Server;

/// What was asked for, and whether it was let in; none where the endpoint has no such operation.
type Told = Vec<(&'static str, Option<bool>)>;

/// Asks, and says whether the request was let in: whatever else came of it.
macro_rules! asked {
    ($action:literal, $request:expr) => {{
        let answer = $request.send().await.map(drop);
        let code = answer.map_err(|error| {
            let error = error.into_service_error();
            error.meta().code().unwrap_or("no code").to_owned()
        });
        let let_in = match code.as_ref().map_err(String::as_str) {
            Err("AccessDenied") => Some(false),
            Err("NotImplemented") => None,
            Ok(()) | Err(_) => Some(true),
        };
        ($action, let_in)
    }};
}

async fn of_object(s3: &Client, (bucket, key): (&str, &str), version: &str) -> Told {
    let tag = Tag::builder().key("a").value("b").build().expect("a tag");
    let tags = Tagging::builder().tag_set(tag).build().expect("tags");
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

    async fn told(&self, s3: &Client, place: Place) -> Told {
        let own = |text: &str| text.replace("${uid}", &self.uid);
        match place {
            Place::Object(key) => {
                let version = self.put(BUCKET, &own(key)).await;
                of_object(s3, (BUCKET, &own(key)), &version).await
            }
            Place::Elsewhere(key) => {
                let version = self.put(OTHER_BUCKET, key).await;
                of_object(s3, (OTHER_BUCKET, key), &version).await
            }
            Place::Listing(prefix) => listings(s3, BUCKET, Some(&own(prefix))).await,
            Place::Bucket => of_bucket(s3, BUCKET).await,
            Place::OtherBucket => {
                // It is not empty, so whoever might delete it is told so.
                self.put(OTHER_BUCKET, "kept").await;
                of_bucket(s3, OTHER_BUCKET).await
            }
            Place::Account => vec![asked!("s3:ListAllMyBuckets", s3.list_buckets())],
            // The tests' server scans nothing; the policy engine alone is asked.
            Place::Infected(_) => Vec::new(),
        }
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
    asked: &[(&'static str, bool)],
) -> Vec<String> {
    let told = |(action, let_in): &(&str, bool)| {
        let cell = bench.cell(column, action, place);
        let wire = if *let_in { "let in" } else { "refused" };
        let told = || format!("{} {action}, {title}: {cell:?}, {wire}", column.title);
        (cell.allowed() != *let_in).then(told)
    };
    asked.iter().filter_map(told).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_decides_as_the_matrix_says() {
    /// Fewer would mean that operations went missing from the comparison.
    const COMPARED_MIN: usize = 600;
    let server = Server::start();
    let (house, bench) = (House::new(&server).await, Bench::new());
    let (mut compared, mut differ) = (0, Vec::new());
    for (title, place) in PLACES {
        for (column, s3) in &house.columns {
            let told = house.told(s3, place).await.into_iter();
            let asked: Vec<_> = told.filter_map(|(action, told)| Some((action, told?))).collect();
            compared += asked.len();
            differ.extend(differences(&bench, (*column, title, place), &asked));
        }
    }
    assert!(differ.is_empty(), "{} of {compared} differ:\n{}", differ.len(), differ.join("\n"));
    assert!(compared >= COMPARED_MIN, "{compared} were compared");
}
