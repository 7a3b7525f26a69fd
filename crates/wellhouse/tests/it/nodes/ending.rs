//! What is ended at one node is refused at the others.

use aws_sdk_iam::types::StatusType;
use aws_sdk_s3::Client;
use serde_json::json;

use super::{House, iam, until};
use crate::actors::{Actor, Keys};
use crate::sdk::client;

/// The status with which a node answers a GET of an object that is not there: 404 to those who may ask.
async fn status(s3: &Client) -> u16 {
    let asked = s3.get_object().bucket("front").key("shared/nothing").send().await;
    let error = asked.expect_err("there is no such object");
    error.raw_response().expect("an answer").status().as_u16()
}

/// Whether credentials count no more: they are not taken, or what they stand for may nothing.
async fn refused(s3: &Client) -> bool {
    [400, 403].contains(&status(s3).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_ended_at_one_node_is_refused_at_the_other() {
    let house = House::new();
    let one = house.first();
    let mut ada = Actor::administrator(&one);
    let two = house.beside(&one);
    let mut bob = Actor::approved(&one, &mut ada, "bob");
    let mut bob_there = Actor::stranger(&two);
    bob_there.sign_in("bob");
    assert_eq!(bob_there.get("/session").0, 200);

    // A role session of a portal session that ends at the other node.
    let keys = Keys { endpoint: two.s3.clone(), ..bob.keys("shared/") };
    let at_two = client(&keys).await;
    assert_eq!(status(&at_two).await, 404, "sealed by one, opened by the other");
    assert_eq!(bob.delete("/session").0, 204);
    let took = until("the end of a role session", async || refused(&at_two).await).await;
    println!("a portal session that ended took its role session along after {took:?}");
    assert_eq!(bob_there.get("/session").0, 200, "another session goes on");

    // A person who is disabled.
    let keys = bob_there.keys("shared/");
    assert_eq!(keys.endpoint, two.s3);
    let at_two = client(&keys).await;
    assert_eq!(status(&at_two).await, 404);
    let (_, people) = ada.get("/people");
    let people = people["people"].as_array().expect("people").clone();
    let uid = people.iter().find(|p| p["name"] == "bob").expect("bob")["uid"].clone();
    let path = format!("/people/{}/disable", uid.as_str().expect("a uid"));
    assert_eq!(ada.post(&path, &json!({})).0, 204);
    let took = until("a refusal at the endpoint", async || refused(&at_two).await).await;
    println!("a person disabled was refused by the other endpoint after {took:?}");
    assert_eq!(bob_there.get("/session").0, 401, "and by the other portal");
    two.stop("TERM");
    drop(one);
    drop(house.upstream);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_deactivated_at_one_node_is_refused_at_the_other() {
    let house = House::new();
    let (one, two) = house.pair();
    let (at_one, at_two) = (iam(&one).await, iam(&two).await);
    at_one.create_user().user_name("tool").send().await.expect("a user");
    let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",
        "Resource":"*"}]}"#;
    let put = at_one.put_user_policy().user_name("tool").policy_name("all");
    put.policy_document(document).send().await.expect("a policy");
    let key = at_two.create_access_key().user_name("tool").send().await;
    let key = key.expect("a key, judged by what the other node wrote");
    let key = key.access_key().expect("a key").clone();
    let keys = Keys {
        access_key_id: key.access_key_id().to_owned(),
        secret: key.secret_access_key().to_owned(),
        token: String::new(),
        endpoint: one.s3.clone(),
        bucket: "front".to_owned(),
        prefix: String::new(),
    };
    let theirs = plain(&keys).await;
    let took = until("the key at the other node", async || status(&theirs).await == 404).await;
    println!("a key counted at the other node after {took:?}");
    let update = at_two.update_access_key().user_name("tool").status(StatusType::Inactive);
    update.access_key_id(key.access_key_id()).send().await.expect("deactivated");
    let took = until("the end of a key", async || refused(&theirs).await).await;
    println!("a key deactivated was refused by the other node after {took:?}");
    let update = at_two.update_access_key().user_name("tool").status(StatusType::Active);
    update.access_key_id(key.access_key_id()).send().await.expect("activated");
    until("the key again", async || status(&theirs).await == 404).await;
    at_two.delete_user_policy().user_name("tool").policy_name("all").send().await.expect("gone");
    let took = until("the end of a policy", async || refused(&theirs).await).await;
    println!("a policy deleted held no more at the other node after {took:?}");
}

/// A client by a user's own key, which has no token.
async fn plain(keys: &Keys) -> Client {
    let (id, secret) = (&keys.access_key_id, &keys.secret);
    let credentials = aws_credential_types::Credentials::new(id, secret, None, None, "test");
    let shared = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::new("us-east-1"))
        .endpoint_url(&keys.endpoint)
        .credentials_provider(credentials)
        .load()
        .await;
    Client::from_conf(aws_sdk_s3::config::Builder::from(&shared).force_path_style(true).build())
}
