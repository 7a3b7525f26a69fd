//! Least privilege from use, on a real server: a person reads and writes, the use says so, and the smaller
//! policy keeps that working and refuses the rest.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::actors::{Actor, Keys};
use crate::keeping::ends;
use crate::sdk::client;
use crate::server::Server;

const ROLE: &str = "S3AccessRole";

/// The code of what came of a deletion, a reading or a writing.
async fn deletes(keys: &Keys) -> Result<(), String> {
    let key = format!("{}note.txt", keys.prefix);
    let ask = client(keys).await.delete_object().bucket(&keys.bucket).key(key);
    ask.send()
        .await
        .map(drop)
        .map_err(|error| error.into_service_error().meta().code().unwrap_or("nothing").to_owned())
}

async fn writes_and_reads(keys: &Keys) {
    let (s3, key) = (client(keys).await, format!("{}note.txt", keys.prefix));
    let body = b"a note".to_vec().into();
    s3.put_object().bucket(&keys.bucket).key(&key).body(body).send().await.expect("written");
    s3.get_object().bucket(&keys.bucket).key(&key).send().await.expect("read");
}

/// Asks until the uses were written down, which takes two seconds.
fn used(ada: &mut Actor, query: &str, action: &str) -> Value {
    let begun = Instant::now();
    loop {
        let (status, found) = ada.get(&format!("/access/use?role={ROLE}{query}"));
        assert_eq!(status, 200, "{found}");
        let places = found["places"].as_array().expect("places");
        if places.iter().any(|place| place["action"] == action) {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "it is not told: {found}");
        std::thread::yield_now();
    }
}

fn place<'a>(found: &'a Value, action: &str) -> &'a Value {
    let places = found["places"].as_array().expect("places");
    places.iter().find(|place| place["action"] == action).expect("the action")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_did_is_told_and_the_smaller_policy_keeps_it_and_refuses_the_rest() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let keys = bob.keys("home/");
    writes_and_reads(&keys).await;
    let found = used(&mut ada, "&resources=places", "s3:GetObject");
    let got = place(&found, "s3:GetObject");
    assert_eq!((&got["persons"], &got["machines"]), (&json!(1), &json!(0)), "{found}");
    assert_eq!(got["folder"], "home/${uid}/", "one's own home is everybody's own");
    assert_eq!(place(&found, "s3:PutObject")["requests"], 1, "{found}");
    assert_eq!((&found["whole"], &found["persons"]), (&json!(false), &json!(1)), "{found}");
    assert!(found["known_since"].is_string(), "{found}");
    let policy = &found["policies"][0];
    assert_eq!((&policy["proved"], &policy["differs"]), (&json!(true), &json!(true)), "{found}");
    let smaller = policy["smaller"].as_str().expect("a policy").to_owned();
    assert!(!smaller.contains("DeleteObject") && smaller.contains("s3:PutObject"), "{smaller}");
    assert!(smaller.contains(&format!("{}/home/*", keys.bucket)), "{smaller}");
    let grants = found["unused_grants"].as_array().expect("grants");
    assert_eq!(grants.len(), 1, "ada's home: {found}");
    assert_eq!(grants[0]["subject"]["name"], "ada");

    // The command says the same, from the ledger alone.
    let file = server.scratch().join("smaller.json");
    let to = file.to_str().expect("text");
    let ask = ["policy", "use", "--role", ROLE, "--days", "30", "--resources", "places"];
    let ask = [&ask[..], &["--write", to, "--output", "json"]].concat();
    let told: Value = serde_json::from_str(&ends(&server.data(), &ask, 0, &[])).expect("JSON");
    assert_eq!(told["policies"][0]["smaller"], policy["smaller"]);
    assert_eq!(std::fs::read_to_string(&file).expect("written").trim_end(), smaller);
    let words = ["policy", "use", "--role", ROLE];
    ends(
        &server.data(),
        &words,
        0,
        &["s3:GetObject on wellhouse/home/${uid}/: 1 persons", "only since", "proved"],
    );
    ends(&server.data(), &["policy", "use", "--role", "Nobody"], 1, &["the estate's roles are"]);

    // Saving it is a change set like any other.
    let change = json!({ "kind": "permissions", "role": ROLE, "document": smaller });
    let (status, set) = ada.post("/changes/preview", &json!({ "change": change }));
    assert_eq!((status, &set["refusals"]), (200, &json!([])), "{set}");
    assert_eq!(deletes(&keys).await, Ok(()), "before");
    let order = json!({ "change": change, "digest": set["digest"], "note": "as it was used" });
    let (status, made) = ada.post("/changes", &order);
    assert_eq!(status, 200, "{made}");
    writes_and_reads(&keys).await;
    let begun = Instant::now();
    while deletes(&keys).await.is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(5), "it still deletes");
    }
    assert_eq!(deletes(&keys).await, Err("AccessDenied".to_owned()));
}
