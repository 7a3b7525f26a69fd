//! The trash: what is deleted, how long it is kept, and its end; by the real binary, over its own store.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, BucketVersioningStatus, ExpirationStatus, LifecycleRule,
    LifecycleRuleFilter, NoncurrentVersionExpiration, VersioningConfiguration,
};
use serde_json::{Value, json};

use super::{Place, counts, done};
use crate::actors::{Actor, Keys};
use crate::sdk::client;
use crate::server::{Server, wellhouse};

/// The root user, as an operator who sets the bucket up by hand.
pub(super) async fn operator(server: &Server) -> Client {
    let (access_key_id, secret) = server.root();
    let (bucket, prefix) = ("wellhouse".to_owned(), String::new());
    let endpoint = server.s3.clone();
    client(&Keys { access_key_id, secret, token: String::new(), endpoint, bucket, prefix }).await
}

pub(super) async fn set_versioning(server: &Server, status: BucketVersioningStatus) {
    let wanted = VersioningConfiguration::builder().status(status).build();
    let call = operator(server).await.put_bucket_versioning().bucket("wellhouse");
    call.versioning_configuration(wanted).send().await.expect("it is set");
}

/// Old versions are gone after so many days, but for the newest ones.
async fn keep_old_versions(server: &Server, days: i32, newest: Option<i32>) {
    let old = NoncurrentVersionExpiration::builder()
        .noncurrent_days(days)
        .set_newer_noncurrent_versions(newest)
        .build();
    let rule = LifecycleRule::builder()
        .id("by-hand")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("").build())
        .noncurrent_version_expiration(old)
        .build();
    let rules = BucketLifecycleConfiguration::builder().rules(rule.expect("a rule")).build();
    let call = operator(server).await.put_bucket_lifecycle_configuration().bucket("wellhouse");
    let call = call.lifecycle_configuration(rules.expect("rules"));
    call.send().await.expect("the rules are set");
}

#[tokio::test(flavor = "multi_thread")]
async fn how_long_what_is_deleted_is_kept_is_told_as_the_bucket_has_it_now() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let (home, shared) = (bob.location("home/"), bob.location("shared/"));
    let mut told = |location: &str| {
        let (status, trash) = bob.get(&format!("/locations/{location}/trash"));
        assert_eq!(status, 200, "{trash}");
        (trash["versioned"].clone(), trash["retention"].clone())
    };
    let retention = |days: Value, older: Value, newest: u32| json!({ "days": days, "older_days": older, "newest": newest });
    assert_eq!(told(&home), (json!(true), retention(Value::Null, json!(90), 3)));
    // `RegularUserRole` deletes nothing, and reads nothing of how the bucket is set up.
    assert_eq!(told(&shared), (json!(false), Value::Null));
    keep_old_versions(&server, 30, None).await;
    assert_eq!(told(&home), (json!(true), retention(json!(30), Value::Null, 0)));
    keep_old_versions(&server, 7, Some(1)).await;
    assert_eq!(told(&home), (json!(true), retention(Value::Null, json!(7), 1)));
    let none = operator(&server).await.delete_bucket_lifecycle().bucket("wellhouse");
    none.send().await.expect("no rules");
    assert_eq!(told(&home), (json!(true), retention(Value::Null, Value::Null, 0)));
    set_versioning(&server, BucketVersioningStatus::Suspended).await;
    assert_eq!(told(&home).0, json!(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_encrypts_nothing_keeps_versions_too() {
    let server = Server::start_with(&[("WELLHOUSE_STORE__ENCRYPTION__KEYS", "off")]);
    let mut ada = Actor::administrator(&server);
    let all = ada.location("");
    let (_, trash) = ada.get(&format!("/locations/{all}/trash"));
    assert_eq!(
        (&trash["versioned"], &trash["retention"]["older_days"]),
        (&json!(true), &json!(90))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_made_before_versions_were_kept_keeps_them_from_the_next_start() {
    let server = Server::start_store_only();
    let root = operator(&server).await;
    root.create_bucket().bucket("wellhouse").send().await.expect("a bucket");
    let put = root.put_object().bucket("wellhouse").key("old");
    put.body(ByteStream::from_static(b"before")).send().await.expect("put");
    let asked = root.get_bucket_versioning().bucket("wellhouse").send().await.expect("told");
    assert_eq!(asked.status(), None);

    let server = server.again_after(&[], |_data| ());
    let root = operator(&server).await;
    let asked = root.get_bucket_versioning().bucket("wellhouse").send().await.expect("told");
    assert_eq!(asked.status(), Some(&BucketVersioningStatus::Enabled));
    let mut ada = Actor::administrator(&server);
    let all = ada.location("");
    let (_, trash) = ada.get(&format!("/locations/{all}/trash"));
    assert_eq!(trash["versioned"], true, "though no object has a version yet: {trash}");
    let place = Place::of(&mut ada, "").await;
    let deleted = done(&mut ada, &json!({ "kind": "delete", "location": all, "paths": ["old"] }));
    counts(&deleted, 1, 0, 0);
    assert_eq!(place.all().await, [""; 0]);
    let undo = json!({ "kind": "restore", "location": all, "undoes": deleted["id"] });
    counts(&done(&mut ada, &undo), 1, 0, 0);
    assert_eq!(place.text("old").await, "before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_undone_alone_and_for_ever_is_typed() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let home = bob.location("home/");
    let place = Place::of(&mut bob, "home/").await;
    place.put("gone", "for ever").await;
    set_versioning(&server, BucketVersioningStatus::Suspended).await;
    let (_, trash) = bob.get(&format!("/locations/{home}/trash"));
    assert_eq!(trash["versioned"], false, "without versions there is no way back: {trash}");
    set_versioning(&server, BucketVersioningStatus::Enabled).await;
    for path in ["d/early", "d/one", "d/sub/two", "live"] {
        place.put(path, path).await;
    }
    let form = |kind: &str, paths: Value| json!({ "kind": kind, "location": home, "paths": paths });
    counts(&done(&mut bob, &form("delete", json!(["d/early"]))), 1, 0, 0);
    let deleted = done(&mut bob, &form("delete", json!(["d/"])));
    counts(&deleted, 2, 0, 0);
    assert_eq!(place.all().await, ["gone", "live"]);
    let (status, trash) = bob.get(&format!("/locations/{home}/trash?path=d/"));
    assert_eq!(status, 200, "{trash}");
    assert_eq!(trash["versioned"], true, "{trash}");
    let paths = trash["entries"].as_array().expect("entries").iter();
    let paths: Vec<&str> = paths.map(|entry| entry["path"].as_str().expect("a path")).collect();
    assert_eq!(paths, ["d/early", "d/one", "d/sub/two"]);
    assert_eq!(trash["may"]["restore"]["allowed"], true, "{trash}");
    assert_eq!(trash["may"]["purge"]["allowed"], false, "{trash}");
    let undo = json!({ "kind": "restore", "location": home, "undoes": deleted["id"] });
    counts(&done(&mut bob, &undo), 2, 0, 0);
    assert_eq!(place.all().await, ["d/one", "d/sub/two", "gone", "live"]);
    assert_eq!(place.text("d/sub/two").await, "d/sub/two");
    counts(&done(&mut bob, &form("restore", json!(["d/early"]))), 1, 0, 0);
    assert_eq!(place.text("d/early").await, "d/early");
    // For ever: typed, and only by whose role may.
    counts(&done(&mut bob, &form("delete", json!(["d/one"]))), 1, 0, 0);
    let mut purge = form("purge", json!(["d/one"]));
    purge["confirm"] = json!("one");
    let (status, problem) = bob.post("/jobs", &purge);
    assert_eq!(
        (status, &problem["explanation"]["action"]),
        (403, &json!("s3:DeleteObjectVersion"))
    );
    let path = format!("{}d/one", place.keys.prefix);
    let mut purge = json!({ "kind": "purge", "location": ada.location(""), "paths": [path] });
    let (status, problem) = ada.post("/jobs", &purge);
    assert_eq!((status, &problem["code"]), (400, &json!("not-confirmed")), "{problem}");
    purge["confirm"] = json!("one");
    counts(&done(&mut ada, &purge), 1, 0, 0);
    let (_, trash) = bob.get(&format!("/locations/{home}/trash"));
    assert_eq!(trash["entries"], json!([]), "{trash}");
}

/// What the bucket holds, as an operator is told: bytes of all versions, objects, and versions.
fn held(server: &Server) -> [u64; 3] {
    let mut command = wellhouse();
    command.args(["store", "quota", "wellhouse", "--output", "json", "--data"]).arg(server.data());
    let output = command.output().expect("it runs");
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let bucket = &told["buckets"][0];
    ["held_bytes", "objects", "versions"].map(|name| bucket[name].as_u64().expect("a count"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_trash_counts_until_it_is_deleted_for_ever() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let all = ada.location("");
    let place = Place::of(&mut ada, "").await;
    let [before, objects, versions] = held(&server);
    for body in ["first", "second one"] {
        place.put("counted", body).await;
    }
    assert_eq!(held(&server), [before + 15, objects + 1, versions + 2]);
    let form = |kind: &str| json!({ "kind": kind, "location": all, "paths": ["counted"], "confirm": (kind == "purge").then_some("counted") });
    counts(&done(&mut ada, &form("delete")), 1, 0, 0);
    let [deleted, gone, _] = held(&server);
    assert_eq!((deleted, gone), (before + 15, objects), "a deletion makes no room");
    counts(&done(&mut ada, &form("purge")), 1, 0, 0);
    assert_eq!(held(&server), [before, objects, versions]);
}
