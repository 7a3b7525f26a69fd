//! Quotas, usage and the feed of changes, as an operator asks for them.

use std::process::Stdio;

use aws_sdk_s3::primitives::ByteStream;
use serde_json::Value;

use crate::actors::Actor;
use crate::keeping::{ends, put, run};
use crate::sdk::client;
use crate::server::{Server, wellhouse};

/// The arguments of `wellhouse store …`.
fn store<'a>(of: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["store", of], more].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_is_set_and_seen_while_the_server_runs_and_when_it_does_not() {
    let server = Server::start();
    let keys = Actor::administrator(&server).keys("");
    put(&keys, "a", vec![1; 300_000]).await;
    let (data, bucket) = (server.data(), keys.bucket.as_str());
    ends(
        &data,
        &store("quota", &[]),
        0,
        &[bucket, ": 292.9 KiB, without a quota; objects: 1, versions: 1"],
    );
    ends(&data, &store("quota", &[bucket, "--set", "300KiB"]), 0, &["292.9 KiB of 300.0 KiB;"]);
    let put = async |size| {
        let body = ByteStream::from(vec![2; size]);
        let put = client(&keys).await.put_object().bucket(bucket).key("b").body(body);
        put.send()
            .await
            .map_err(|error| error.into_service_error().meta().code().map(str::to_owned))
    };
    let refused = put(10_000).await.map(drop).expect_err("it would not fit");
    assert_eq!(refused.as_deref(), Some("QuotaExceeded"));
    put(7_200).await.expect("it fits");
    let (_folder, _, _) = server.stop("TERM");
    let told = ends(&data, &store("quota", &["--output", "json"]), 0, &[]);
    let told: Value = serde_json::from_str(&told).expect("JSON");
    let told = &told["buckets"][0];
    assert_eq!((&told["bucket"], &told["quota_bytes"]), (&bucket.into(), &307_200.into()));
    assert_eq!((&told["held_bytes"], &told["objects"]), (&307_200.into(), &2.into()));
    ends(
        &data,
        &store("quota", &[bucket, "--set", "1"]),
        0,
        &["300.0 KiB of 1 bytes, more than it may"],
    );
    ends(&data, &store("quota", &[bucket, "--none"]), 0, &["300.0 KiB, without a quota;"]);
    ends(&data, &store("quota", &["none-such"]), 1, &["bucket `none-such`: no such bucket"]);
    ends(&data, &store("quota", &[bucket, "--set", "5GB"]), 1, &["`5GB` is no size", "KiB"]);
    ends(&data, &store("quota", &["--none"]), 1, &["BUCKET"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_is_read_and_followed_and_says_what_it_has_no_more() {
    let server = Server::start();
    let keys = Actor::administrator(&server).keys("");
    let data = server.data();
    put(&keys, "first", vec![1; 10]).await;
    put(&keys, "second", vec![2; 100_000]).await;
    let last = |text: &str| -> Value {
        serde_json::from_str(text.lines().last().expect("a line")).expect("JSON")
    };
    let told = last(&ends(&data, &store("events", &["--output", "json"]), 0, &[]));
    assert_eq!((&told["key"], &told["size"]), (&"second".into(), &100_000.into()), "{told}");
    assert_eq!(told["event"], "s3:ObjectCreated:Put");
    assert!(told["by"].as_str().expect("a name").contains("assumed-role/AdminRole"), "{told}");
    let number = told["number"].as_u64().expect("a number");
    let (before, after) = ((number - 1).to_string(), number.to_string());
    let line = format!("{number} {} ", told["at"].as_str().expect("a time"));
    let one = ends(
        &data,
        &store("events", &["--after", &before, "--max", "1"]),
        0,
        &[&line, "/second ("],
    );
    assert_eq!(one.lines().count(), 1, "{one}");
    assert_eq!(ends(&data, &store("events", &["--bucket", "none-such"]), 0, &[]), "");
    let mut following = wellhouse();
    following
        .arg("--data")
        .arg(&data)
        .args(store("events", &["--follow", "--after", &after, "--max", "1"]));
    let following = following.args(["--output", "json"]).stdout(Stdio::piped()).spawn();
    put(&keys, "third", vec![3; 10]).await;
    let heard = following.expect("it runs").wait_with_output().expect("it ends");
    assert_eq!(last(&String::from_utf8(heard.stdout).expect("text"))["key"], "third");
    let (folder, _, _) = server.stop("TERM");
    ends(&data, &store("events", &["--after", &after]), 0, &["/third ("]);
    ends(&data, &store("events", &["--follow"]), 1, &["no server runs here"]);
    let server = Server::start_again_with(folder, &[("WELLHOUSE_STORE__EVENTS_KEPT", "1")]);
    // The server trims the feed once it has begun, and nothing else tells when it has.
    let trimmed = || run(&data, &store("events", &["--after", "0"]));
    let mut told = trimmed();
    for _ in 0..1000 {
        if told.0 != 0 {
            break;
        }
        told = trimmed();
    }
    assert_eq!(told.0, 2, "{}", told.1);
    assert!(told.1.starts_with("Changes 1 to "), "{}", told.1);
    assert!(told.1.contains(" are not kept any more.\n"), "{}", told.1);
    let kept = ends(&data, &store("events", &[]), 0, &["/third ("]);
    assert!(!kept.contains("not kept"), "nobody asked for those: {kept}");
    drop(server);
}
