//! The client side against moto: a second opinion on S3, STS, IAM and KMS that is not ours.
//!
//! moto checks no signatures and few permissions; what it keeps and returns is what is tested here.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod adopt;
mod by_hand;
mod converge;
mod destroy;
mod drift;
mod kms;
mod probes;
mod provisioner;
mod sending;
mod settings;
mod upstream;
mod wire;

use std::io::BufRead;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use jiff::Timestamp;
use wh_aws::{
    AwsCloud, AwsCredentials, AwsError, Client, ClientOptions, CompleteUpload, Disposition,
    GetToSign, ListRequest, ObjectClient, PartToSign, PortalCredentials, PutToSign, RoleSession,
    RoleSessions, SessionRequest, SignedRequest, WriteCondition,
};
use wh_names::{
    AccessKeyId, AccountId, BucketName, Clock, KeyPrefix, ObjectKey, Partition, Region, RoleName,
    RoleSessionName, Secret, Uid,
};
use wh_provision::{
    BucketSetting, Cloud, Estate, S3_ACCESS_ROLE, Settings, StandardEstate, Step, Target, apply,
    plan,
};

const ACCOUNT: &str = "123456789012";
const BUCKET: &str = "wellhouse-files";
const UID: &str = "01k7d3m5q8w0e2r4t6y8v0b2n4";
const START_MAX: Duration = Duration::from_mins(1);

struct Moto {
    process: Child,
    url: String,
}

impl Drop for Moto {
    fn drop(&mut self) {
        self.process.kill().expect("moto stops");
        self.process.wait().expect("moto is gone");
    }
}

#[expect(clippy::disallowed_methods, reason = "the test's environment says where moto is")]
fn start_moto() -> Moto {
    let server = std::env::var("WELLHOUSE_TEST_MOTO")
        .expect("WELLHOUSE_TEST_MOTO must name moto_server; run `cargo xtask test`, which sets it");
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = free.local_addr().expect("its address").port();
    drop(free);
    // moto misnames two answers, so its server runs in a wrapper, by the Python that it lies beside.
    let python = Path::new(&server).with_file_name("python3");
    let mut process = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/moto_server.py"))
        .args(["-H", "127.0.0.1", "-p", &port.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("moto starts");
    wait_until_serving(&mut process);
    Moto { process, url: format!("http://127.0.0.1:{port}") }
}

/// moto says so itself; what it says afterwards is read away, lest it wait for a reader.
fn wait_until_serving(process: &mut Child) {
    let begun = Instant::now();
    let said = process.stderr.take().expect("what moto says");
    let mut lines = std::io::BufReader::new(said).lines();
    for line in lines.by_ref() {
        if line.expect("a line").contains("Running on") {
            break;
        }
        assert!(begun.elapsed() < START_MAX, "moto does not start");
    }
    std::thread::spawn(move || lines.map_while(Result::ok).count());
}

/// A clock that a test moves.
#[derive(Clone)]
struct TestClock(Arc<AtomicI64>);

impl TestClock {
    fn new() -> Self {
        let now = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
        Self(Arc::new(AtomicI64::new(i64::try_from(now).expect("seconds"))))
    }

    fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn clock(&self) -> Clock {
        let seconds = Arc::clone(&self.0);
        Clock::new(move || Timestamp::from_second(seconds.load(Ordering::SeqCst)).expect("a time"))
    }
}

fn options(moto: &Moto, public: Option<&str>) -> ClientOptions {
    ClientOptions { public_s3_url: public.map(str::to_owned), ..options_at(&moto.url) }
}

fn options_at(url: &str) -> ClientOptions {
    ClientOptions {
        region: Region::parse("eu-central-1").expect("a region"),
        endpoint_url: Some(url.to_owned()),
        public_s3_url: None,
        path_style: true,
        credentials: PortalCredentials::Static(AwsCredentials {
            access_key_id: AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").expect("a key id"),
            secret: Secret::parse("wJalrXUtnFEMI").expect("a secret"),
            session_token: None,
            expires: None,
        }),
    }
}

fn estate(target: Target) -> Estate {
    Estate::standard(StandardEstate {
        partition: Partition::parse("aws").expect("a partition"),
        account: AccountId::parse(ACCOUNT).expect("an account"),
        region: Region::parse("eu-central-1").expect("a region"),
        bucket: bucket(),
        installation: "moto".to_owned(),
        instance_prefix: KeyPrefix::parse("instances/").expect("a prefix"),
        portal_origins: vec!["https://files.example.org".to_owned()],
        target,
        settings: Settings::All,
        scan: None,
    })
    .expect("an estate")
}

fn bucket() -> BucketName {
    BucketName::parse(BUCKET).expect("a bucket name")
}

fn key(text: &str) -> ObjectKey {
    ObjectKey::parse(text).expect("a key")
}

fn session_request(estate: &Estate) -> SessionRequest {
    let role = RoleName::parse(S3_ACCESS_ROLE).expect("a role name");
    SessionRequest {
        role_arn: estate.role(&role).expect("the role").arn.clone(),
        session_name: RoleSessionName::parse(&format!("u-{UID}-0a1b2c3d")).expect("a name"),
        uid: Uid::parse(UID).expect("a uid"),
        by: Uid::parse(UID).expect("a uid"),
        session_policy: r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned(),
        grant: "grant".to_owned(),
    }
}

fn crc64nvme(bytes: &[u8]) -> String {
    let sum = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc64Nvme, bytes);
    base64::engine::general_purpose::STANDARD.encode(sum.to_be_bytes())
}

/// Sends a signed request as a browser would: these headers and no others of ours.
fn send(request: &SignedRequest, body: &[u8]) -> u16 {
    let agent = agent();
    let mut put = agent.put(&request.url);
    for (name, value) in &request.headers {
        put = put.header(name, value);
    }
    put.send(body).expect("an answer").status().as_u16()
}

fn agent() -> ureq::Agent {
    ureq::Agent::new_with_config(ureq::Agent::config_builder().http_status_as_error(false).build())
}

fn signed_headers(url: &str) -> Vec<&str> {
    let query = url.split_once('?').expect("a query").1;
    let list = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-SignedHeaders="));
    list.expect("signed headers").split("%3B").collect()
}

struct Standing {
    moto: Moto,
    clock: TestClock,
    sessions: RoleSessions,
    objects: ObjectClient,
    estate: Estate,
}

impl Standing {
    async fn set_up() -> Self {
        let moto = start_moto();
        let estate = estate(Target::Embedded);
        set_up_without_bucket_policy(&estate, &moto).await;
        let clock = TestClock::new();
        let client = Client::connect(options(&moto, None)).await;
        let sessions = RoleSessions::new(client, clock.clock());
        let objects = ObjectClient::new(clock.clock());
        Self { moto, clock, sessions, objects, estate }
    }

    async fn session(&self) -> RoleSession {
        self.sessions.session(session_request(&self.estate)).await.expect("a session")
    }
}

/// moto applies a bucket policy without its conditions, so that ours would deny everything.
async fn set_up_without_bucket_policy(estate: &Estate, moto: &Moto) {
    let cloud = AwsCloud::new(options(moto, None)).await;
    let missing = plan(estate, &cloud).await.expect("a plan");
    for change in missing.changes() {
        if let Step::PutBucketSetting { setting: BucketSetting::Policy(_), .. } = change.step {
            continue;
        }
        cloud.perform(&change.step).await.expect("the estate stands");
    }
}

/// What a plan tells.
async fn changes(estate: &Estate, cloud: &AwsCloud) -> Vec<String> {
    let missing = plan(estate, cloud).await.expect("a plan");
    missing.changes().iter().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_plan_is_empty_and_drift_is_mended() {
    let moto = start_moto();
    let cloud = AwsCloud::new(options(&moto, None)).await;
    for target in [Target::Embedded, Target::Aws] {
        let estate = estate(target);
        let missing = plan(&estate, &cloud).await.expect("a plan");
        assert!(!missing.is_empty(), "{target:?}");
        let done = apply(&missing, &cloud).await.expect("applied");
        assert_eq!(done, missing.changes().len());
        assert_eq!(changes(&estate, &cloud).await, [""; 0], "{target:?}");
    }
    let estate = estate(Target::Aws);
    let role = RoleName::parse(S3_ACCESS_ROLE).expect("a role name");
    let wider =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    for policy in [S3_ACCESS_ROLE, "Added"] {
        let step = Step::PutRolePolicy {
            role: role.clone(),
            policy: policy.to_owned(),
            document: wider.to_owned(),
        };
        cloud.perform(&step).await.expect("drift");
    }
    assert_eq!(
        changes(&estate, &cloud).await,
        [
            "delete policy `Added` of role `S3AccessRole`: it does not belong there",
            "write policy `S3AccessRole` of role `S3AccessRole`: it differs",
        ]
    );
    apply(&plan(&estate, &cloud).await.expect("a plan"), &cloud).await.expect("mended");
    assert_eq!(changes(&estate, &cloud).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_shared_renewed_at_three_quarters_and_forgotten() {
    let standing = Standing::set_up().await;
    let id = |session: &RoleSession| session.credentials().access_key_id.clone();
    let request = || standing.sessions.session(session_request(&standing.estate));
    let (first, second) = tokio::join!(request(), request());
    let first = first.expect("a session");
    assert_eq!(id(&first), id(&second.expect("a session")), "one call serves both");
    assert!(first.credentials().session_token.is_some());
    standing.clock.advance(2_600);
    assert_eq!(id(&standing.session().await), id(&first), "still fresh");
    standing.clock.advance(200);
    let renewed = standing.session().await;
    assert_ne!(id(&renewed), id(&first), "past three quarters of an hour");
    standing.sessions.forget(&Uid::parse(UID).expect("a uid"));
    assert_ne!(id(&standing.session().await), id(&renewed), "forgotten");
    assert!(!format!("{renewed:?}").contains(renewed.credentials().secret.expose()));
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_go_straight_to_the_store_and_are_bound_to_their_bytes() {
    let standing = Standing::set_up().await;
    let (session, objects) = (standing.session().await, &standing.objects);
    let (bucket, key) = (bucket(), key("home/ünï/a b+c.bin"));
    let content = [vec![7; 5 * 1024 * 1024], b"the end".to_vec()];
    let begun =
        objects.create_multipart(&session, &bucket, &key, &of_type("application/x-test")).await;
    let upload_id = begun.expect("an upload");
    for (bytes, n) in content.iter().zip(1..) {
        let part = PartToSign {
            upload_id: upload_id.clone(),
            n,
            size: bytes.len() as u64,
            crc64nvme: crc64nvme(bytes),
            expires: Duration::from_mins(15),
        };
        let signed = objects.presign_part(&session, &bucket, &key, part).await.expect("signed");
        assert_eq!(
            signed_headers(&signed.url),
            ["content-length", "host", "x-amz-checksum-crc64nvme"]
        );
        assert!(signed.headers.contains(&("x-amz-checksum-crc64nvme".into(), crc64nvme(bytes))));
        let query = signed.url.to_ascii_lowercase();
        assert!(!query.contains("x-amz-checksum-crc64nvme="), "hoisted, so not verified: {query}");
        assert_eq!(send(&signed, bytes), 200);
    }
    let parts = objects.list_parts(&session, &bucket, &key, &upload_id).await.expect("parts");
    let sizes: Vec<(u16, u64)> = parts.iter().map(|part| (part.n, part.size)).collect();
    assert_eq!(sizes, [(1, 5 * 1024 * 1024), (2, 7)]);
    let whole = content.concat();
    let complete = CompleteUpload {
        upload_id,
        parts,
        crc64nvme: crc64nvme(&whole),
        size: whole.len() as u64,
        condition: WriteCondition::Always,
    };
    let written = objects.complete(&session, &bucket, &key, complete).await.expect("completed");
    let info = objects.head(&session, &bucket, &key).await.expect("the object");
    assert_eq!((info.size, info.etag), (whole.len() as u64, written.etag));
    assert_eq!(info.content_type.as_deref(), Some("application/x-test"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_file_is_put_by_one_signed_request_and_saved_under_its_name() {
    let standing = Standing::set_up().await;
    let (session, objects) = (standing.session().await, &standing.objects);
    let (bucket, key, bytes) = (bucket(), key("shared/übung.txt"), b"hello".as_slice());
    let put = PutToSign {
        size: bytes.len() as u64,
        crc64nvme: crc64nvme(bytes),
        content_type: "text/plain".to_owned(),
        condition: WriteCondition::IfAbsent,
        expires: Duration::from_mins(15),
    };
    let signed = objects.presign_put(&session, &bucket, &key, put).await.expect("signed");
    assert_eq!(
        signed_headers(&signed.url),
        ["content-length", "content-type", "host", "if-none-match", "x-amz-checksum-crc64nvme"]
    );
    assert_eq!(send(&signed, bytes), 200);
    let get = GetToSign {
        version: None,
        disposition: Disposition::Attachment,
        file_name: "übung.txt".to_owned(),
        content_type: None,
        expires: Duration::from_hours(9),
    };
    let url = objects.presign_get(&session, &bucket, &key, get).await.expect("signed");
    assert_eq!(signed_headers(&url), ["host"]);
    let lives = url.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Expires="));
    let left = session.expires().duration_since(standing.clock.clock().now()).as_secs();
    assert_eq!(lives.expect("a life").parse::<i64>().expect("seconds"), left, "{url}");
    let mut answer = agent().get(&url).call().expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(
        answer.headers()["content-disposition"].to_str().expect("ASCII"),
        "attachment; filename=\"_bung.txt\"; filename*=UTF-8''%C3%BCbung.txt"
    );
    assert_eq!(answer.body_mut().read_to_string().expect("text"), "hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_presigned_url_names_the_host_that_browsers_see() {
    let moto = start_moto();
    let estate = estate(Target::Embedded);
    set_up_without_bucket_policy(&estate, &moto).await;
    let clock = TestClock::new();
    let public = options(&moto, Some("https://s3.example.org"));
    let sessions = RoleSessions::new(Client::connect(public).await, clock.clock());
    let session = sessions.session(session_request(&estate)).await.expect("a session");
    let get = GetToSign {
        version: None,
        disposition: Disposition::Inline,
        file_name: "a".to_owned(),
        content_type: Some("text/plain".to_owned()),
        expires: Duration::from_mins(5),
    };
    let objects = ObjectClient::new(clock.clock());
    let url = objects.presign_get(&session, &bucket(), &key("a"), get).await.expect("signed");
    assert!(url.starts_with("https://s3.example.org/wellhouse-files/a?"), "{url}");
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_are_listed_marked_and_deleted() {
    let standing = Standing::set_up().await;
    let (session, objects, bucket) = (standing.session().await, &standing.objects, bucket());
    for name in ["home/a/", "home/a/1", "home/a/b/2", "home/c"] {
        let key = key(name);
        let put = objects.put_empty(&session, &bucket, &key, &WriteCondition::Always);
        put.await.expect("written");
    }
    let page = async |token: Option<String>| {
        let request = ListRequest {
            prefix: KeyPrefix::parse("home/a/").expect("a prefix"),
            delimiter: Some("/".to_owned()),
            token,
            max: 2,
        };
        objects.list(&session, &bucket, request).await.expect("a page")
    };
    let first = page(None).await;
    let second = page(first.next.clone()).await;
    let keys: Vec<String> =
        [&first, &second].iter().flat_map(|p| p.objects.iter().map(|o| o.key.clone())).collect();
    assert_eq!(keys, ["home/a/", "home/a/1"]);
    assert_eq!([first.prefixes, second.prefixes].concat(), ["home/a/b/"]);
    assert!(first.next.is_some());
    assert_eq!(second.next, None);
    let gone = [key("home/a/1"), key("home/a/b/2"), key("home/absent")];
    let outcomes = objects.delete(&session, &bucket, &gone).await;
    assert!(outcomes.iter().all(|deleted| deleted.outcome.is_ok()), "{outcomes:?}");
    assert_eq!(outcomes.len(), gone.len());
    let absent = objects.head(&session, &bucket, &gone[0]).await;
    assert!(matches!(absent, Err(AwsError::NotFound { .. })), "{absent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_xml_cannot_hold_hides_no_other() {
    let standing = Standing::set_up().await;
    let (session, objects, bucket) = (standing.session().await, &standing.objects, bucket());
    let names = ["box/\u{1}/x", "box/a\u{1}", "box/a+b c%2e", "box/plain", "box/\u{fffe}"];
    for name in names {
        let key = key(name);
        let put = objects.put_empty(&session, &bucket, &key, &WriteCondition::Always);
        put.await.expect("written");
    }
    let (prefix, delimiter) = (KeyPrefix::parse("box/").expect("a prefix"), Some("/".to_owned()));
    let request = ListRequest { prefix, delimiter, token: None, max: 100 };
    let page = objects.list(&session, &bucket, request).await.expect("a page");
    let keys: Vec<&str> = page.objects.iter().map(|object| object.key.as_str()).collect();
    assert_eq!(page.prefixes, ["box/\u{1}/"]);
    assert_eq!(keys, names[1..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aborted_upload_is_gone_and_may_be_aborted_again() {
    let standing = Standing::set_up().await;
    let (session, objects, bucket) = (standing.session().await, &standing.objects, bucket());
    let key = key("home/x");
    let begun = objects.create_multipart(&session, &bucket, &key, &of_type("text/plain")).await;
    let upload_id = begun.expect("an upload");
    for _ in 0..2 {
        objects.abort(&session, &bucket, &key, &upload_id).await.expect("aborted");
    }
    let parts = objects.list_parts(&session, &bucket, &key, &upload_id).await;
    assert!(matches!(parts, Err(AwsError::NoSuchUpload)), "{parts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_not_there_is_unreachable() {
    let mut standing = Standing::set_up().await;
    let session = standing.session().await;
    standing.moto.process.kill().expect("moto stops");
    standing.moto.process.wait().expect("moto is gone");
    let asked = standing.objects.head(&session, &bucket(), &key("x")).await;
    assert!(matches!(asked, Err(AwsError::Unreachable { .. })), "{asked:?}");
}

fn of_type(content_type: &str) -> wh_aws::NewObject {
    wh_aws::NewObject { content_type: content_type.to_owned(), ..wh_aws::NewObject::default() }
}
