//! What went wrong at others' S3 doors, tried at ours. Each test bears the number of the advisory
//! whose lesson it keeps; `cargo xtask tidy` counts them.

mod forms;
mod input;
mod paths;
mod rights;
mod signing;
mod strangers;

use crate::house::House;
use crate::signer::{Ask, Signer};

/// Lets a session do these on that; and somebody of that name may.
async fn may(house: &House, name: &str, actions: &str, on: &str) -> Signer {
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{actions}],
        "Resource":[{on}]}}]}}"#
    );
    house.session(name, Some(&policy)).await
}

/// The keys that a bucket holds.
async fn keys(house: &House, bucket: &str) -> Vec<String> {
    let list = Ask::new("GET", bucket).query("list-type", "2").query("encoding-type", "url");
    let text = house.ask(&house.root, list).await.text();
    let found = text.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
    found.map(str::to_owned).collect()
}

/// Puts an object, as root.
async fn put(house: &House, path: &str, body: &str) {
    let answer = house.ask(&house.root, Ask::new("PUT", path).body(body)).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
}
