//! A quota over several nodes: whichever node is asked, no more comes in than has room.

use aws_sdk_s3::primitives::ByteStream;
use serde_json::{Value, json};

use super::{House, until};
use crate::actors::{Actor, Keys};
use crate::sdk::client;
use crate::server::Server;

fn own(actor: &mut Actor) -> Option<Value> {
    let (status, all) = actor.get("/account/quotas");
    assert_eq!(status, 200, "{all}");
    let mut own = all["quotas"].as_array().expect("quotas").iter();
    own.find(|quota| quota["kind"] == "person" && quota["counted"] == json!(true)).cloned()
}

fn of(keys: &Keys, node: &Server) -> Keys {
    Keys { endpoint: node.s3.clone(), ..keys.clone() }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_uploads_at_two_nodes_no_more_come_in_than_has_room() {
    let house = House::new();
    let one = house.first();
    let mut ada = Actor::administrator(&one);
    let two = house.beside(&one);
    let mut bob = Actor::approved(&one, &mut ada, "bob");
    let form = json!({ "for": { "kind": "every-person" }, "limit_bytes": 1_000 });
    let (status, set) = ada.put_json("/quotas", &form);
    assert_eq!(status, 200, "{set}");
    until("the first count", async || own(&mut bob).is_some()).await;
    let keys = bob.keys("home/");
    let nodes = [client(&of(&keys, &one)).await, client(&of(&keys, &two)).await];
    let puts = (0..64).map(|n| {
        let put = nodes[n % 2].put_object().bucket(&keys.bucket);
        put.key(format!("{}{n}", keys.prefix)).body(ByteStream::from(vec![7; 90])).send()
    });
    let all = futures::future::join_all(puts).await;
    let refused = all.iter().filter_map(|put| put.as_ref().err());
    let refused = refused.filter_map(|put| put.as_service_error()?.meta().code());
    let refused = refused.filter(|code| *code == "QuotaExceeded").count();
    let came = all.iter().filter(|put| put.is_ok()).count();
    assert_eq!((came, refused), (11, 53));
    let listed = nodes[1].list_objects_v2().bucket(&keys.bucket).prefix(&keys.prefix).send().await;
    assert_eq!(listed.expect("a listing").contents().len(), 11);
    until("the count of what came", async || {
        own(&mut bob).is_some_and(|own| own["used_bytes"] == json!(990))
    })
    .await;
    // What is replaced makes room by the next count, whichever node counts.
    let smaller = nodes[0].put_object().bucket(&keys.bucket);
    let first = listed_first(&nodes[0], &keys).await;
    smaller.key(first).body(ByteStream::from(vec![7; 10])).send().await.expect("10 have room");
    until("the room of what was replaced", async || {
        own(&mut bob).is_some_and(|own| own["used_bytes"] == json!(910))
    })
    .await;
}

async fn listed_first(node: &aws_sdk_s3::Client, keys: &Keys) -> String {
    let listed = node.list_objects_v2().bucket(&keys.bucket).prefix(&keys.prefix).send().await;
    let listed = listed.expect("a listing");
    let first = listed.contents().first().and_then(|object| object.key());
    first.expect("an object").to_owned()
}
