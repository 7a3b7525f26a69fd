//! Every check of the store, once holding and once failing, by breaking what it is about.

use serde_json::json;
use wh_names::BucketName;

use super::*;
use crate::description::Description;
use crate::memory::MemoryCloud;
use crate::{Cloud, Estate, Step, Unwanted, apply, plan};

const AWS: &str = r#"
account = "111122223333"
region = "eu-central-1"
block_account = true
[[bucket]]
name = "example-files"
"#;

fn aws() -> Estate {
    Estate::of(Description::read(AWS).expect("a description")).expect("an estate")
}

async fn made(estate: &Estate) -> MemoryCloud {
    let cloud = MemoryCloud::new(estate.partition().clone(), estate.account().clone());
    let plan = plan(estate, &cloud).await.expect("a plan");
    apply(&plan, &cloud).await.expect("applied");
    cloud
}

async fn found(estate: &Estate, cloud: &MemoryCloud) -> Vec<CheckFound> {
    let read = read_back(estate, cloud).await.expect("read");
    of_store(estate, &read, Transport::Policies)
}

fn failing(found: &[CheckFound]) -> Vec<&str> {
    let failing = found.iter().filter(|one| one.state == CheckState::Fails);
    failing.map(|one| one.check.as_str()).collect()
}

#[tokio::test]
async fn everything_holds_of_an_estate_on_aws_that_was_just_made() {
    let estate = aws();
    let found = found(&estate, &made(&estate).await).await;
    let states: Vec<_> = found.iter().map(|one| (one.check.as_str(), one.state)).collect();
    let expected: Vec<_> = STORE_CHECKS.iter().map(|id| (*id, CheckState::Holds)).collect();
    assert_eq!(states, expected, "{found:#?}");
    assert_eq!(of_rails(&estate).state, CheckState::Holds);
}
