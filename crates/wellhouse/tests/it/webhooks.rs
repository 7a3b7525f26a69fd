//! Webhooks: a receiver on loopback is told of what happens in a bucket, by its rules; it fails and
//! comes back, the server is stopped and comes back, and nothing is lost.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    Event, FilterRule, FilterRuleName, NotificationConfiguration, NotificationConfigurationFilter,
    QueueConfiguration, S3KeyFilter, TopicConfiguration,
};
use serde_json::Value;

use crate::server::Server;

const SECRET: &str = "a secret that only two know";
const BUCKET: &str = "wellhouse";

/// The signature of a message, and its body.
fn message(stream: &TcpStream) -> (String, String) {
    let mut reader = BufReader::new(stream);
    let (mut length, mut signature) = (0, String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        let line = line.trim();
        let (name, value) = line.split_once(": ").unwrap_or((line, ""));
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().expect("a length"),
            "x-wellhouse-signature" => value.clone_into(&mut signature),
            "" => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    (signature, String::from_utf8(body).expect("text"))
}

/// Answers a message with a status; what was answered with 200, if it is signed as it must be.
fn take(mut stream: TcpStream, status: u16) -> Option<(String, Value)> {
    let (signature, body) = message(&stream);
    // Where it sends who follows redirects is here again: a second request would be seen.
    let answer = format!(
        "HTTP/1.1 {status} x\r\nlocation: /hook\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(answer.as_bytes()).expect("an answer");
    if status != 200 {
        return None;
    }
    check_signature(&signature, &body);
    Some((signature, serde_json::from_str(&body).expect("JSON")))
}

/// Receives, answers with the status that it is told, and hands on what it answered by 200.
struct Receiver {
    url: String,
    status: Arc<Mutex<u16>>,
    took: mpsc::Receiver<(String, Value)>,
    asked: mpsc::Receiver<()>,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let status = Arc::new(Mutex::new(200));
        let ((took, taken), (asks, asked)) = (mpsc::channel(), mpsc::channel());
        let answers = Arc::clone(&status);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.expect("a connection");
                let status = *answers.lock().expect("a status");
                let told = take(stream, status);
                // Nobody listens any more when the test is over.
                asks.send(()).unwrap_or_default();
                drop(told.map(|told| took.send(told)));
            }
        });
        Self { url, status, took: taken, asked }
    }

    fn answers(&self, status: u16) {
        *self.status.lock().expect("a status") = status;
    }

    /// The next `n` records that it took: event and key.
    fn records(&self, n: usize) -> Vec<(String, String)> {
        let mut records = Vec::new();
        while records.len() < n {
            let (_, told) = self.took.recv().expect("a message");
            for record in told["Records"].as_array().expect("records") {
                let text = |value: &Value| value.as_str().expect("text").to_owned();
                records.push((text(&record["eventName"]), text(&record["s3"]["object"]["key"])));
            }
        }
        records
    }
}

/// The signature as `docs/webhooks.md` tells receivers to check it.
fn check_signature(signature: &str, body: &str) {
    use sha2::{Digest, Sha256};
    let (at, hex_mac) = signature.split_once(",v1=").expect("a signature");
    let at = at.strip_prefix("t=").expect("a time");
    let mut key = SECRET.as_bytes().to_vec();
    key.resize(64, 0);
    let pad = |byte: u8| key.iter().map(|k| k ^ byte).collect::<Vec<u8>>();
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(format!("{at}.{body}"));
    let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner.finalize());
    assert_eq!(hex::encode(outer.finalize()), hex_mac, "the message is signed");
}

async fn root(server: &Server) -> Client {
    let (id, secret) = server.root();
    let shared = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(&server.s3)
        .credentials_provider(Credentials::new(id, secret, None, None, "test"))
        .load()
        .await;
    Client::from_conf(aws_sdk_s3::config::Builder::from(&shared).force_path_style(true).build())
}

fn topic(arn: &str, events: &[&str], prefix: &str) -> TopicConfiguration {
    let rule = FilterRule::builder().name(FilterRuleName::Prefix).value(prefix).build();
    let key = S3KeyFilter::builder().filter_rules(rule).build();
    TopicConfiguration::builder()
        .topic_arn(arn)
        .set_events(Some(events.iter().map(|event| Event::from(*event)).collect()))
        .filter(NotificationConfigurationFilter::builder().key(key).build())
        .build()
        .expect("a topic")
}

/// The code of the answer to a configuration.
async fn put(s3: &Client, configuration: NotificationConfiguration) -> Result<(), String> {
    let put = s3.put_bucket_notification_configuration().bucket(BUCKET);
    let put = put.notification_configuration(configuration).send().await;
    put.map(drop).map_err(|error| {
        let error = error.into_service_error();
        error.meta().code().expect("a code").to_owned()
    })
}

fn of(topics: Vec<TopicConfiguration>) -> NotificationConfiguration {
    NotificationConfiguration::builder().set_topic_configurations(Some(topics)).build()
}

async fn write(s3: &Client, key: &str) {
    let put = s3.put_object().bucket(BUCKET).key(key).body(ByteStream::from_static(b"x"));
    put.send().await.expect("put");
}

fn settings(receiver: &Receiver, folder: &std::path::Path) -> String {
    let secret = folder.join("hook.secret");
    std::fs::write(&secret, format!("{SECRET}\n")).expect("a secret");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&secret, private).expect("permissions");
    format!(
        r#"[{{name="hook",url="{}",secret_file="{}",private=true}}]"#,
        receiver.url,
        secret.display()
    )
}

const HOOK: &str = "arn:aws:sns:us-east-1:000000000000:hook";

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_hears_of_every_change_once_it_is_there_whatever_happens_in_between() {
    let folder = tempfile::tempdir().expect("a folder");
    let receiver = Receiver::start();
    let hooks = settings(&receiver, folder.path());
    let with = [("WELLHOUSE_S3__WEBHOOKS", hooks.as_str())];
    let server = Server::start_with(&with);
    let s3 = root(&server).await;
    write(&s3, "in/before").await;
    let wanted = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"];
    put(&s3, of(vec![topic(HOOK, &wanted, "in/")])).await.expect("taken");
    write(&s3, "out/not told").await;
    write(&s3, "in/first one").await;
    s3.delete_object().bucket(BUCKET).key("in/first one").send().await.expect("deleted");
    let told = receiver.records(2);
    let created = |key: &str| ("ObjectCreated:Put".to_owned(), key.to_owned());
    assert_eq!(told[0], created("in/first+one"));
    assert!(told[1].0.starts_with("ObjectRemoved:"), "{told:?}");

    // It fails, and a redirect is a failure: the store goes on, and the operator is told.
    receiver.answers(307);
    while receiver.asked.try_recv().is_ok() {}
    for n in 0..5 {
        write(&s3, &format!("in/{n}")).await;
    }
    receiver.asked.recv().expect("it is asked");
    receiver.asked.recv().expect("and asked again");
    let data = server.data();
    let mut doctor = crate::server::wellhouse();
    let doctor =
        doctor.envs(with).arg("--data").arg(&data).arg("doctor").output().expect("it runs");
    let told = String::from_utf8_lossy(&doctor.stdout);
    assert_eq!(doctor.status.code(), Some(2), "{told}");
    assert!(told.contains("webhook hook: fails since"), "{told}");
    assert!(told.contains("the status 307"), "{told}");

    let (house, _, _) = server.stop("TERM");
    receiver.answers(200);
    let server = Server::start_again_with(house, &with);
    let s3 = root(&server).await;
    write(&s3, "in/5").await;
    let expected: Vec<_> = (0..6).map(|n| created(&format!("in/{n}"))).collect();
    assert_eq!(receiver.records(6), expected, "in order, and nothing is lost");
    put(&s3, of(Vec::new())).await.expect("taken");
    write(&s3, "in/nobody is told").await;
    put(&s3, of(vec![topic(HOOK, &wanted, "in/")])).await.expect("taken");
    write(&s3, "in/last").await;
    assert_eq!(receiver.records(1), [created("in/last")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_cannot_be_honoured_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let hooks = settings(&Receiver::start(), folder.path());
    let server = Server::start_with(&[("WELLHOUSE_S3__WEBHOOKS", &hooks)]);
    let s3 = root(&server).await;
    let refused = async |topics, code: &str| {
        assert_eq!(put(&s3, of(topics)).await, Err(code.to_owned()));
    };
    let created = ["s3:ObjectCreated:*"];
    for arn in [
        "arn:aws:sns:us-east-1:000000000000:none",
        "arn:aws:sns:eu-west-1:000000000000:hook",
        "arn:aws:sns:us-east-1:111111111111:hook",
        "arn:aws:sqs:us-east-1:000000000000:hook",
        "http://169.254.169.254/",
    ] {
        refused(vec![topic(arn, &created, "")], "InvalidArgument").await;
    }
    refused(vec![topic(HOOK, &["s3:Nothing"], "")], "InvalidArgument").await;
    refused(vec![topic(HOOK, &["s3:ObjectRestore:*"], "")], "NotImplemented").await;
    let overlapping = vec![topic(HOOK, &created, "a/"), topic(HOOK, &created, "a/b/")];
    refused(overlapping, "InvalidArgument").await;
    let queue = QueueConfiguration::builder().queue_arn(HOOK).events(Event::from(created[0]));
    let queue = queue.build().expect("a queue");
    let queues = NotificationConfiguration::builder().queue_configurations(queue).build();
    assert_eq!(put(&s3, queues).await, Err("NotImplemented".to_owned()));

    let two = vec![topic(HOOK, &created, "a/"), topic(HOOK, &created, "b/")];
    put(&s3, of(two)).await.expect("taken");
    let kept = s3.get_bucket_notification_configuration().bucket(BUCKET).send().await;
    let kept = kept.expect("read");
    let topics = kept.topic_configurations();
    assert_eq!((topics.len(), topics[1].topic_arn()), (2, HOOK));
    let filter = topics[1].filter().and_then(|filter| filter.key()).expect("a filter");
    assert_eq!(filter.filter_rules()[0].value(), Some("b/"));
}

#[test]
fn a_webhook_that_may_not_be_reached_is_refused_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    for (hook, words) in [
        (r#"[{name="a",url="https://127.0.0.1/",secret_file="/s"}]"#, "not of the public internet"),
        (r#"[{name="a",url="http://example.org/",secret_file="/s"}]"#, "the scheme is not https"),
        (r#"[{name="a b",url="https://example.org/",secret_file="/s"}]"#, "letters, digits"),
    ] {
        let mut doctor = crate::server::wellhouse();
        doctor.env("WELLHOUSE_S3__WEBHOOKS", hook).arg("--data").arg(folder.path());
        let output = doctor.arg("doctor").output().expect("it runs");
        let told = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains(words), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_whose_certificate_nobody_vouches_for_hears_nothing_and_the_log_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = crate::transport::Certificate::new();
    let receiver = crate::transport::tls_house(&certificate);
    let secret = folder.path().join("hook.secret");
    std::fs::write(&secret, format!("{SECRET}\n")).expect("a secret");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&secret, private).expect("permissions");
    let url = receiver.portal.replace("http:", "https:");
    let hooks = format!(
        r#"[{{name="hook",url="{url}/",secret_file="{}",private=true}}]"#,
        secret.display()
    );
    let server = Server::start_with(&[("WELLHOUSE_S3__WEBHOOKS", &hooks)]);
    let s3 = root(&server).await;
    put(&s3, of(vec![topic(HOOK, &["s3:ObjectCreated:*"], "")])).await.expect("taken");
    write(&s3, "a").await;
    let told = |log: &str| {
        let line = log.lines().find(|line| line.contains("a webhook cannot be told"));
        line.map(str::to_owned)
    };
    let line = loop {
        if let Some(line) = told(&server.log()) {
            break line;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert!(line.contains("WARN") && line.contains("cannot be reached"), "{line}");
    assert!(line.to_lowercase().contains("certificate"), "{line}");
}
