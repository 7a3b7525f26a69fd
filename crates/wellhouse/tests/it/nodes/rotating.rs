//! Keys that are rotated at one node are known at the others before anything is sealed by them.

use std::fs;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{House, until};
use crate::actors::{Actor, Keys};
use crate::sdk::client;

async fn may(keys: &Keys) -> bool {
    let s3 = client(keys).await;
    let asked = s3.get_object().bucket("front").key("shared/nothing").send().await;
    let error = asked.expect_err("there is no such object");
    error.raw_response().expect("an answer").status().as_u16() == 404
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_rotated_at_one_node_are_taken_over_by_the_others_before_they_seal() {
    let house = House::new();
    let one = house.first();
    let mut ada = Actor::administrator(&one);
    let two = house.beside(&one);
    let keys =
        |node: &crate::server::Server| fs::read_to_string(node.data().join("authority.keys"));
    let before = keys(&one).expect("read");
    let mut bob = Actor::approved(&one, &mut ada, "bob");
    let of_one = bob.keys("shared/");
    let at_two = Keys { endpoint: two.s3.clone(), ..bob.keys("shared/") };
    let (status, told) = ada.post("/house-keys/rotation", &json!({}));
    assert_eq!(status, 200, "{told}");
    let time = |name: &str| {
        let text = told["keys"][1][name].as_str().expect(name);
        text.parse::<Timestamp>().expect("a time")
    };
    let wait = time("seals_from").duration_since(time("made_at"));
    assert_eq!((wait, &told["keys"][0]["in_force"]), (SignedDuration::from_secs(60), &json!(true)));
    // When the first were made each node tells by its own file.
    let handed = |node: &crate::server::Server| {
        let text = keys(node).expect("read");
        let next: Vec<_> = text.lines().filter(|line| line.starts_with("next=")).collect();
        assert!(next.len() < 2, "{} rotations", next.len());
        next.concat()
    };
    assert_ne!(handed(&one), "");
    until("the keys at the other node", async || handed(&two) == handed(&one)).await;
    assert_ne!(keys(&two).expect("read"), before);
    assert!(may(&of_one).await && may(&at_two).await, "sessions of before ended");

    // A node that was away meanwhile, with the file of then.
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("data")).expect("made");
    fs::write(folder.path().join("data/authority.keys"), &before).expect("written");
    let three = crate::server::Server::start_again_with(folder, &house.settings());
    assert_eq!(handed(&three), handed(&one));
    assert!(may(&Keys { endpoint: three.s3.clone(), ..bob.keys("shared/") }).await);
}
