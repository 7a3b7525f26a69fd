//! The whole binary as a gateway, in front of another whole binary.

use std::convert::Infallible;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;

use crate::actors::{Actor, Keys};
use crate::sdk::client;
use crate::server::{Server, tool, wellhouse, wellhouse_that_ends};
use crate::transport::{Certificate, tls_house};

/// The settings of a gateway before `upstream`, with its root user's key.
pub(crate) fn settings(upstream: &Server, bucket: &str) -> Vec<(&'static str, String)> {
    let (key, secret) = upstream.root();
    let file = upstream.scratch().join("upstream.secret");
    std::fs::write(&file, secret).expect("written");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).expect("closed");
    let file = file.to_str().expect("text").to_owned();
    vec![
        ("WELLHOUSE_STORE__KIND", "gateway".to_owned()),
        ("WELLHOUSE_STORE__BUCKET", bucket.to_owned()),
        ("WELLHOUSE_STORE__ENDPOINT_URL", upstream.s3.clone()),
        ("WELLHOUSE_STORE__ACCESS_KEY_ID", key),
        ("WELLHOUSE_STORE__SECRET_ACCESS_KEY_FILE", file),
    ]
}

#[test]
fn an_upstream_is_believed_by_the_authority_that_was_named_and_by_no_other() {
    let (own, other) = (Certificate::new(), Certificate::new());
    let upstream = tls_house(&own);
    let at = |file: &std::path::Path| file.to_str().expect("text").to_owned();
    let empty = upstream.scratch().join("empty.pem");
    std::fs::write(&empty, "no certificate").expect("written");
    let settings = |authority: Option<String>| {
        let mut settings = settings(&upstream, "front");
        let endpoint = upstream.s3.replace("http:", "https:");
        settings.push(("WELLHOUSE_STORE__ENDPOINT_URL", endpoint));
        settings.extend(authority.map(|file| ("WELLHOUSE_STORE__UPSTREAM_CA_FILE", file)));
        settings
    };
    for (authority, told) in [
        (Some(at(&other.path())), "does not serve us"),
        (None, "does not serve us"),
        (Some(at(&empty)), "holds no certificate"),
        (Some("/nowhere.pem".to_owned()), "store.upstream_ca_file: /nowhere.pem"),
    ] {
        let mut start = wellhouse_that_ends();
        start.args(["serve", "--portal-listen", "127.0.0.1:0", "--s3-listen", "127.0.0.1:0"]);
        let folder = tempfile::tempdir().expect("a folder");
        start.arg("--data").arg(folder.path().join("data")).envs(settings(authority.clone()));
        let refused = start.output().expect("it runs");
        let errors = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{authority:?}: {errors}");
        assert!(errors.contains(told), "{authority:?}: {errors}");
    }
    let named = settings(Some(at(&own.path())));
    let named: Vec<_> = named.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let server = Server::start_with(&named);
    let mut ada = Actor::administrator(&server);
    let home = ada.location("home/");
    ada.upload_digits(&home, "digits.txt");
}

fn gateway(upstream: &Server) -> Server {
    let settings = settings(upstream, "front");
    let settings: Vec<_> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
    Server::start_with(&settings)
}

/// The root user at a server's own endpoint.
async fn root(server: &Server) -> Client {
    let (key, secret) = server.root();
    let shared = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(&server.s3)
        .credentials_provider(Credentials::new(key, secret, None, None, "test"))
        .load()
        .await;
    Client::from_conf(aws_sdk_s3::config::Builder::from(&shared).force_path_style(true).build())
}

async fn bytes_of(s3: &Client, key: &str) -> Vec<u8> {
    let got = s3.get_object().bucket("front").key(key).send().await.expect("get");
    got.body.collect().await.expect("a body").to_vec()
}

/// A body of so many MiB that is made while it is sent.
fn made(mib: usize) -> ByteStream {
    let blocks = (0..mib).map(|n| {
        let block = vec![u8::try_from(n % 251).expect("small"); 1 << 20];
        Ok::<_, Infallible>(http_body::Frame::data(Bytes::from(block)))
    });
    let body = http_body_util::StreamBody::new(futures::stream::iter(blocks));
    ByteStream::new(SdkBody::from_body_1_x(body))
}

#[tokio::test(flavor = "multi_thread")]
async fn persons_and_tools_work_through_a_gateway_as_through_the_store_itself() {
    let upstream = Server::start();
    let server = gateway(&upstream);
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let keys = ada.keys("");
    assert_eq!(keys.bucket, "front");
    let s3 = client(&keys).await;
    let body = ByteStream::from(vec![7; 300_000]);
    s3.put_object().bucket("front").key("shared/a b+ü").body(body).send().await.expect("put");
    assert_eq!(bytes_of(&s3, "shared/a b+ü").await, vec![7; 300_000]);
    let listed = s3.list_objects_v2().bucket("front").prefix("shared/").send().await.expect("list");
    assert_eq!(listed.contents()[0].key(), Some("shared/a b+ü"));
    in_parts(&s3).await;
    let portal = ada.location("");
    ada.upload_digits(&portal, "shared/digits.txt");

    // The bytes lie in the upstream under the keys that people see.
    let behind = root(&upstream).await;
    assert_eq!(bytes_of(&behind, "shared/digits.txt").await, b"123456789");
    assert_eq!(bytes_of(&behind, "shared/parts").await.len(), (5 << 20) + 17);

    // The policies are enforced here, and no word of the upstream's key gets out.
    let reader = bob.keys("shared/");
    let theirs = client(&reader).await;
    assert_eq!(bytes_of(&theirs, "shared/digits.txt").await, b"123456789");
    let put = theirs.put_object().bucket("front").key("shared/x").body(vec![1].into()).send().await;
    let refused = put.expect_err("refused");
    assert_eq!(refused.raw_response().expect("an answer").status().as_u16(), 403);
    let control = s3.list_objects_v2().bucket("front-control").send().await;
    assert!(control.is_err(), "the control bucket is nobody's");
    the_aws_cli_works(&keys, &server);
    s3.delete_object().bucket("front").key("shared/digits.txt").send().await.expect("delete");
    let gone = theirs.get_object().bucket("front").key("shared/digits.txt").send().await;
    assert!(gone.expect_err("it is gone").into_service_error().is_no_such_key());
}

async fn in_parts(s3: &Client) {
    let (bucket, key) = ("front", "shared/parts");
    let begun = s3.create_multipart_upload().bucket(bucket).key(key).send().await.expect("create");
    let upload = begun.upload_id().expect("an id");
    let mut parts = Vec::new();
    for (number, size) in [(1, 5 << 20), (2, 17)] {
        let part = s3.upload_part().bucket(bucket).key(key).upload_id(upload).part_number(number);
        let part = part.body(ByteStream::from(vec![1; size])).send().await.expect("a part");
        let etag = part.e_tag().expect("an ETag");
        parts.push(CompletedPart::builder().part_number(number).e_tag(etag).build());
    }
    let listed = s3.list_parts().bucket(bucket).key(key).upload_id(upload).send().await;
    assert_eq!(listed.expect("parts").parts().len(), 2);
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let complete = s3.complete_multipart_upload().bucket(bucket).key(key).upload_id(upload);
    let done = complete.multipart_upload(parts).send().await.expect("complete");
    assert!(done.e_tag().is_some_and(|etag| etag.ends_with("-2\"")));
}

fn the_aws_cli_works(keys: &Keys, server: &Server) {
    let file = server.scratch().join("file");
    std::fs::write(&file, vec![9; 9 << 20]).expect("written");
    let aws = |arguments: &[&str]| {
        let mut command = Command::new(tool("WELLHOUSE_TEST_AWS"));
        command.env_clear().env("PATH", "/usr/bin:/bin").envs(keys.environment());
        let output = command.env("HOME", server.scratch()).args(arguments).output();
        let output = output.expect("it runs");
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).expect("text");
        assert!(output.status.success(), "aws {}: {text}", arguments.join(" "));
        text
    };
    let (from, to) = (file.to_str().expect("text"), server.scratch().join("back"));
    aws(&["s3", "cp", from, "s3://front/shared/cli/file"]);
    aws(&["s3", "cp", "s3://front/shared/cli/file", to.to_str().expect("text")]);
    assert_eq!(std::fs::read(&to).expect("read").len(), 9 << 20);
    assert!(aws(&["s3", "ls", "s3://front/shared/"]).contains("PRE cli/"));
    aws(&["s3", "mv", "s3://front/shared/cli/file", "s3://front/shared/cli/moved"]);
    aws(&["s3", "rm", "--recursive", "s3://front/shared/cli/"]);
    assert!(!aws(&["s3", "ls", "s3://front/shared/"]).contains("PRE cli/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_passes_through_little_memory() {
    const MIB: usize = 256;
    let upstream = Server::start();
    let server = gateway(&upstream);
    let s3 = client(&Actor::administrator(&server).keys("")).await;
    let before = server.peak_kib();
    let size = i64::try_from(MIB << 20).expect("small");
    let put = s3.put_object().bucket("front").key("large").content_length(size).body(made(MIB));
    put.send().await.expect("put");
    let mut got = s3.get_object().bucket("front").key("large").send().await.expect("get").body;
    let mut read = 0;
    while let Some(block) = got.next().await {
        read += block.expect("bytes").len();
    }
    assert_eq!(read, MIB << 20);
    let grown = server.peak_kib() - before;
    assert!(grown < 64 << 10, "the gateway grew by {grown} KiB over a body of {MIB} MiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_dies_is_an_error_to_clients_and_loses_nothing() {
    let upstream = Server::start();
    let server = gateway(&upstream);
    let s3 = client(&Actor::administrator(&server).keys("")).await;
    let size = 64 << 20;
    let put = s3.put_object().bucket("front").key("kept").content_length(size).body(made(64));
    put.send().await.expect("put");

    // One body is on its way in and one on its way out when the upstream is killed.
    let mut reading = s3.get_object().bucket("front").key("kept").send().await.expect("get").body;
    let first = reading.next().await.expect("a block").expect("bytes");
    let (send, receive) = tokio::sync::mpsc::channel::<Bytes>(1);
    let blocks = futures::stream::unfold(receive, async |mut receive| {
        let block = receive.recv().await?;
        Some((Ok::<_, Infallible>(http_body::Frame::data(block)), receive))
    });
    let body = http_body_util::StreamBody::new(Box::pin(blocks));
    let body = ByteStream::new(SdkBody::from_body_1_x(body));
    let put = s3.put_object().bucket("front").key("torn").content_length(size).body(body);
    let putting = tokio::spawn(put.send());
    for _ in 0..4 {
        send.send(Bytes::from(vec![1; 1 << 20])).await.expect("it takes the block");
    }
    let (folder, _, _) = upstream.stop("KILL");
    for _ in 0..60 {
        if send.send(Bytes::from(vec![1; 1 << 20])).await.is_err() {
            break;
        }
    }
    drop(send);
    assert!(putting.await.expect("it ends").is_err(), "what is not stored is not acknowledged");
    let mut read = first.len();
    let broken = loop {
        match reading.next().await {
            Some(Ok(block)) => read += block.len(),
            Some(Err(_)) => break true,
            None => break false,
        }
    };
    assert!(broken, "a body that ended at {read} bytes looked whole");
    let listed = s3.list_objects_v2().bucket("front").send().await;
    let listed = listed.expect_err("an error, and no empty folder");
    let status = listed.raw_response().expect("an answer").status().as_u16();
    assert_eq!(status, 503, "{listed:?}");

    let upstream = Server::start_again(folder);
    let behind = root(&upstream).await;
    assert_eq!(bytes_of(&behind, "kept").await.len(), 64 << 20);
    let torn = behind.get_object().bucket("front").key("torn").send().await;
    assert!(torn.expect_err("nothing").into_service_error().is_no_such_key());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_on_sqlite_is_told_by_its_control_socket_who_is_shut_out() {
    let upstream = Server::start();
    let server = gateway(&upstream);
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let s3 = client(&bob.keys("shared/")).await;
    let lists = async || {
        let list = s3.list_objects_v2().bucket("front").prefix("shared/");
        list.send().await.is_ok()
    };
    assert!(lists().await);
    assert!(server.data().join("control.sock").exists(), "it listens");
    let operator = |arguments: &[&str]| {
        let mut command = wellhouse();
        command.envs(settings(&upstream, "front")).arg("--data").arg(server.data());
        let output = command.args(arguments).output().expect("it runs");
        let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("text");
        assert!(output.status.success(), "{}: {text}", arguments.join(" "));
        text
    };
    let said = operator(&["user", "disable", "bob"]);
    assert!(said.contains("is shut out") && !said.contains("No server answers"), "{said}");
    assert!(!lists().await, "what was given out ended at once");
    assert_eq!(bob.get("/session").0, 401);
    operator(&["user", "enable", "bob"]);
    bob.sign_in("bob");
    let (status, _) = bob.get("/session");
    assert_eq!(status, 200);
}
