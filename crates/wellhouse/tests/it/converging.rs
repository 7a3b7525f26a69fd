//! The estate on our own endpoint, as the tests of `wh-aws` have it on moto: a second apply writes
//! nothing on the wire, one that was cut off is finished by the next, and changes by hand are found.
//!
//! `cargo xtask converge` cuts after every call; the ordinary tests after some.

use std::collections::BTreeSet;

use wh_aws::AwsCloud;
use wh_provision::{Description, Estate, Plan, apply, plan};

use crate::by_hand::{Changed, DRIFTS_MIN, Hand, Whose, apart, listed, rounds};
use crate::provisioner::options_at;
use crate::server::Server;
use crate::wire::{Wire, stride};

const EMBEDDED: Whose = Whose("embedded");

/// As `tests/drift.py` knows it.
fn estate() -> Estate {
    let text = "installation = \"moto\"\naccount = \"000000000000\"\nregion = \"us-east-1\"\n\
         target = \"embedded\"\nportal_origins = [\"https://files.example.org\"]\n\n\
         [[bucket]]\nname = \"wellhouse-files\"\n";
    Estate::of(Description::read(text).expect("a description")).expect("an estate")
}

async fn cloud(server: &Server, url: &str) -> AwsCloud {
    let (id, secret) = server.root();
    AwsCloud::new(options_at(url, (&id, &secret, None))).await
}

async fn apply_over(server: &Server, wire: &Wire) -> Result<usize, String> {
    let cloud = cloud(server, &wire.url).await;
    let missing = plan(&estate(), &cloud).await.map_err(|error| error.to_string())?;
    apply(&missing, &cloud).await.map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_is_finished_by_the_next_and_a_second_writes_nothing() {
    let server = Server::start_store_only();
    let whole = Wire::to(&server.s3, usize::MAX);
    let steps = apply_over(&server, &whole).await.expect("applied");
    let calls = whole.writes().len();
    assert!(calls >= steps && steps > 20, "{calls} calls for {steps} steps");
    let second = Wire::to(&server.s3, usize::MAX);
    assert_eq!(apply_over(&server, &second).await, Ok(0));
    assert!(second.calls().len() > steps, "it read {}", second.calls().len());
    assert_eq!(second.writes(), [""; 0]);
    for cut in (1..calls).step_by(stride()) {
        let server = Server::start_store_only();
        let wire = Wire::to(&server.s3, cut);
        let stopped = apply_over(&server, &wire).await;
        assert!(stopped.is_err() && wire.is_cut(), "after {cut} calls: {stopped:?}");
        let next = Wire::to(&server.s3, usize::MAX);
        let finished = apply_over(&server, &next).await;
        assert!(finished.is_ok(), "after {cut} calls, {:?}: {finished:?}", wire.writes().last());
        let last = Wire::to(&server.s3, usize::MAX);
        assert_eq!(apply_over(&server, &last).await, Ok(0), "after {cut} calls");
        assert_eq!(last.writes(), [""; 0], "after {cut} calls");
    }
}

async fn missing(cloud: &AwsCloud) -> (Plan, BTreeSet<String>) {
    let missing = plan(&estate(), cloud).await.expect("a plan");
    let steps = missing.changes().iter().map(|change| change.step.to_string()).collect();
    (missing, steps)
}

async fn expect_told(cloud: &AwsCloud, additions: &[Changed]) {
    let (left, steps) = missing(cloud).await;
    assert!(steps.is_empty(), "{steps:?}");
    let told: Vec<String> = left.foreign().iter().map(ToString::to_string).collect();
    for addition in additions {
        let says = addition.says.first().expect("what is told");
        assert!(told.iter().any(|line| line.starts_with(says)), "{}: {told:#?}", addition.name);
    }
}

/// Makes these changes, and expects a plan of exactly what mends them.
async fn mend(cloud: &AwsCloud, hand: &mut Hand, round: &[Changed]) {
    for changed in round {
        hand.change(&changed.name);
    }
    let (mends, found) = missing(cloud).await;
    let expected = round.iter().flat_map(|changed| changed.says.clone()).collect();
    let names: Vec<&str> = round.iter().map(|changed| changed.name.as_str()).collect();
    assert_eq!(found, expected, "{names:?}");
    apply(&mends, cloud).await.expect("mended");
    let (_, left) = missing(cloud).await;
    assert!(left.is_empty(), "{names:?}: {left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_by_hand_is_found_and_mended_and_others_are_kept() {
    let server = Server::start_store_only();
    let cloud = cloud(&server, &server.s3).await;
    apply(&missing(&cloud).await.0, &cloud).await.expect("applied");
    let (id, secret) = server.root();
    let mut hand = Hand::at(EMBEDDED, &server.s3, (&id, &secret));
    let additions = listed(EMBEDDED, "additions");
    for addition in &additions {
        hand.change(&addition.name);
    }
    expect_told(&cloud, &additions).await;
    let drifts = listed(EMBEDDED, "drifts");
    assert!(drifts.len() >= DRIFTS_MIN, "{}", drifts.len());
    let (beside, others) = apart(drifts);
    mend(&cloud, &mut hand, &beside).await;
    // Mending these wrote whole documents again: what others added is in them.
    expect_told(&cloud, &additions).await;
    for round in rounds(others) {
        mend(&cloud, &mut hand, &round).await;
    }
}
