//! Steps that the tests of several features take.

use crate::client::Answer;
use crate::house::House;
use crate::signer::Ask;

pub(crate) async fn root(house: &House, ask: Ask) -> Answer {
    house.ask(&house.root, ask).await
}

#[track_caller]
pub(crate) fn check(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text());
}

/// Writes an object and gives its version's id.
pub(crate) async fn put(house: &House, path: &str, body: &str) -> String {
    let answer = root(house, Ask::new("PUT", path).body(body)).await;
    check(&answer, 200);
    answer.header("x-amz-version-id").to_owned()
}

pub(crate) fn of_version(method: &str, path: &str, id: &str) -> Ask {
    Ask::new(method, path).query("versionId", id)
}
