//! The probes find out a store that lets everyone through: moto asks for no permission.
//!
//! That they pass where permissions are enforced is shown on our own endpoint.

use wh_aws::AwsProbes;
use wh_names::Uid;
use wh_provision::{Came, S3_ACCESS_ROLE, Target, probe};

use crate::{TestClock, UID, estate, options, set_up_without_bucket_policy, start_moto};

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_lets_everyone_through_is_found_out() {
    let moto = start_moto();
    let estate = estate(Target::Embedded);
    set_up_without_bucket_policy(&estate, &moto).await;
    let probes = AwsProbes::new(options(&moto, None), TestClock::new().clock()).await;
    let lines = probe(&estate, &probes, &Uid::parse(UID).expect("a uid")).await;
    let wrong = |what: &str| {
        let found =
            lines.iter().find(|line| line.tried.contains(what) && line.who == S3_ACCESS_ROLE);
        let found = found.unwrap_or_else(|| panic!("`{what}` was not tried: {lines:#?}"));
        found.came == Came::Allowed && found.holds() == Some(false)
    };
    assert!(wrong("read the bucket policy"));
    assert!(wrong("list IAM's roles"));
    // The trust of every role lets only the portal in, and moto let us.
    let assumed = lines.iter().filter(|line| line.tried.starts_with("assume"));
    assert!(assumed.filter(|line| line.holds() == Some(false)).count() >= 6);
}
