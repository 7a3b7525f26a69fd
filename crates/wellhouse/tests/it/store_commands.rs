//! Quotas and usage, as an operator asks for them.

use aws_sdk_s3::primitives::ByteStream;
use serde_json::Value;

use crate::actors::Actor;
use crate::keeping::{ends, put};
use crate::sdk::client;
use crate::server::Server;

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
        &[bucket, ": 292.9 KiB, without a quota; 1 objects in 1 versions"],
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
