//! What is changed by hand is found and mended; what others added is told and kept.
//!
//! The changes are made with boto3 by `tests/drift.py`, each with what a plan must say of it. Those
//! whose steps differ are made together, so that a plan that names each step shows that each change was
//! found, and none else.

use std::collections::BTreeSet;

use wh_aws::AwsCloud;
use wh_provision::{Estate, Target, apply, plan};

use crate::by_hand::{BESIDE_OTHERS, Changed, DRIFTS_MIN, Hand, Whose, apart, listed, rounds};
use crate::{Moto, estate, options, start_moto};

const MOTO: Whose = Whose("moto");

async fn missing(estate: &Estate, cloud: &AwsCloud) -> (wh_provision::Plan, BTreeSet<String>) {
    let missing = plan(estate, cloud).await.expect("a plan");
    let steps = missing.changes().iter().map(|change| change.step.to_string()).collect();
    (missing, steps)
}

struct Standing {
    cloud: AwsCloud,
    estate: Estate,
    hand: Hand,
    _moto: Moto,
}

impl Standing {
    async fn set_up() -> Self {
        let moto = start_moto();
        let cloud = AwsCloud::new(options(&moto, None)).await;
        let estate = estate(Target::Aws);
        apply(&plan(&estate, &cloud).await.expect("a plan"), &cloud).await.expect("applied");
        Self { cloud, estate, hand: Hand::at(MOTO, &moto.url, ("testing", "testing")), _moto: moto }
    }

    /// Makes these changes, and expects a plan of exactly what mends them.
    async fn mend(&mut self, round: &[Changed]) {
        for changed in round {
            self.hand.change(&changed.name);
        }
        let (mends, found) = missing(&self.estate, &self.cloud).await;
        let expected = round.iter().flat_map(|changed| changed.says.clone()).collect();
        let names: Vec<&str> = round.iter().map(|changed| changed.name.as_str()).collect();
        assert_eq!(found, expected, "{names:?}");
        apply(&mends, &self.cloud).await.expect("mended");
        let (_, left) = missing(&self.estate, &self.cloud).await;
        assert!(left.is_empty(), "{names:?}: {left:?}");
    }

    async fn expect_told(&self, additions: &[Changed]) {
        let (left, steps) = missing(&self.estate, &self.cloud).await;
        assert!(steps.is_empty(), "{steps:?}");
        let told: Vec<String> = left.foreign().iter().map(ToString::to_string).collect();
        for addition in additions {
            let says = addition.says.first().expect("what is told");
            assert!(told.iter().any(|line| line.starts_with(says)), "{}: {told:#?}", addition.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_by_hand_is_found_and_mended_and_others_are_kept() {
    let mut standing = Standing::set_up().await;
    let additions = listed(MOTO, "additions");
    for addition in &additions {
        standing.hand.change(&addition.name);
    }
    standing.expect_told(&additions).await;
    let drifts = listed(MOTO, "drifts");
    assert!(drifts.len() >= DRIFTS_MIN, "{}", drifts.len());
    let (beside, others) = apart(drifts);
    assert_eq!(beside.len(), BESIDE_OTHERS.len());
    standing.mend(&beside).await;
    standing.expect_told(&additions).await;
    for round in rounds(others) {
        standing.mend(&round).await;
    }
}
