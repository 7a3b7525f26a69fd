//! An apply that is cut off after any of its calls is finished by the next; and a second apply writes
//! nothing, as counted on the wire.
//!
//! `cargo xtask converge` cuts after every call; the ordinary tests after some.

use wh_aws::AwsCloud;
use wh_provision::{Estate, Target, apply, plan};

use crate::wire::{STRIDE, Wire, stride};
use crate::{Moto, agent, estate, options_at, start_moto};

async fn apply_over(estate: &Estate, wire: &Wire) -> Result<usize, String> {
    let cloud = AwsCloud::new(options_at(&wire.url)).await;
    let missing = plan(estate, &cloud).await.map_err(|error| error.to_string())?;
    apply(&missing, &cloud).await.map_err(|error| error.to_string())
}

fn reset(moto: &Moto) {
    let answer = agent().post(format!("{}/moto-api/reset", moto.url)).send_empty();
    assert_eq!(answer.expect("an answer").status().as_u16(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_apply_writes_nothing_on_the_wire() {
    let moto = start_moto();
    let estate = estate(Target::Aws);
    let first = Wire::to(&moto.url, usize::MAX);
    let steps = apply_over(&estate, &first).await.expect("applied");
    assert!(first.writes().len() >= steps, "{} calls for {steps} steps", first.writes().len());
    let second = Wire::to(&moto.url, usize::MAX);
    assert_eq!(apply_over(&estate, &second).await, Ok(0));
    assert_eq!(second.writes(), [""; 0]);
}

/// Buckets, roles and a bucket's policy are not known everywhere as soon as they are made.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_just_made_and_is_not_known_yet_is_waited_for() {
    let moto = start_moto();
    let estate = estate(Target::Aws);
    let wire = Wire::to(&moto.url, usize::MAX);
    wire.refuse(("PUT /wellhouse-files/?versioning", 1), 404, "NoSuchBucket");
    wire.refuse(("iam:PutRolePolicy", 1), 404, "NoSuchEntity");
    wire.refuse(("cloudtrail:CreateTrail", 1), 400, "InsufficientS3BucketPolicyException");
    let steps = apply_over(&estate, &wire).await.expect("applied");
    let calls = |name: &str| wire.calls().iter().filter(|call| call.starts_with(name)).count();
    assert_eq!(calls("PUT /wellhouse-files/?versioning"), 2);
    assert_eq!(calls("cloudtrail:CreateTrail"), 2);
    assert!(steps > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_that_was_cut_off_after_any_call_is_finished_by_the_next() {
    let moto = start_moto();
    let estate = estate(Target::Aws);
    let whole = Wire::to(&moto.url, usize::MAX);
    apply_over(&estate, &whole).await.expect("applied");
    let calls = whole.writes().len();
    assert!(calls > STRIDE, "{calls}");
    for cut in (1..calls).step_by(stride()) {
        reset(&moto);
        let wire = Wire::to(&moto.url, cut);
        let stopped = apply_over(&estate, &wire).await;
        assert!(stopped.is_err() && wire.is_cut(), "after {cut} calls: {stopped:?}");
        let next = Wire::to(&moto.url, usize::MAX);
        let finished = apply_over(&estate, &next).await;
        finished.unwrap_or_else(|error| {
            panic!("after {cut} calls, {:?}: {error}", wire.writes().last())
        });
        let last = Wire::to(&moto.url, usize::MAX);
        assert_eq!(apply_over(&estate, &last).await, Ok(0), "after {cut} calls");
        assert_eq!(last.writes(), [""; 0], "after {cut} calls");
    }
}
