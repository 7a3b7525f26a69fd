//! Verification, destruction and the provisioner's policy, against a cloud in memory.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};

use wh_names::{AccountId, BucketName, KeyPrefix, Partition, Region, RoleName, Uid};
use wh_provision::{
    ADMIN_ROLE, BucketSetting, Came, Cloud, Destruction, EC2_UPLOAD_ROLE, Estate, MemoryCloud,
    MemoryProbes, PORTAL_ROLE, Report, S3_ACCESS_ROLE, Settings, StandardEstate, State, Step,
    Target, apply, destroy, plan, probe, verify,
};

const ACCOUNT: &str = "123456789012";
const PORTAL: &str = "arn:aws:sts::123456789012:assumed-role/PortalRole/i-1";
const INSTANCE: &str = "arn:aws:sts::123456789012:assumed-role/EC2UploadRole/i-2";
const OPERATOR: &str = "arn:aws:iam::123456789012:user/ada";

fn estate(target: Target) -> Estate {
    Estate::standard(StandardEstate {
        partition: Partition::parse("aws").expect("a partition"),
        account: AccountId::parse(ACCOUNT).expect("an account"),
        region: Region::parse("eu-central-1").expect("a region"),
        bucket: BucketName::parse("wellhouse-files").expect("a bucket"),
        installation: "test".to_owned(),
        instance_prefix: KeyPrefix::parse("instances/").expect("a prefix"),
        portal_origins: vec!["https://files.example.org".to_owned()],
        target,
        settings: Settings::All,
        scan: None,
    })
    .expect("an estate")
}

fn memory() -> MemoryCloud {
    let account = AccountId::parse(ACCOUNT).expect("an account");
    MemoryCloud::new(Partition::parse("aws").expect("a partition"), account)
}

async fn made(estate: &Estate) -> MemoryCloud {
    let cloud = memory();
    apply(&plan(estate, &cloud).await.expect("a plan"), &cloud).await.expect("applied");
    cloud
}

fn person() -> Uid {
    Uid::parse("01k7d3m5q8w0e2r4t6y8v0b2n4").expect("a uid")
}

fn wrong(report: &Report) -> Vec<String> {
    let wrong = report.probes.iter().filter(|probe| probe.holds() == Some(false));
    wrong.map(ToString::to_string).collect()
}

#[tokio::test]
async fn an_estate_that_stands_is_verified_by_at_least_forty_refusals() {
    let estate = estate(Target::Aws);
    let cloud = made(&estate).await;
    let probes = MemoryProbes::new(&cloud, PORTAL);
    let report = verify(&estate, &cloud, &probes, &person()).await.expect("a report");
    assert_eq!(wrong(&report), [""; 0]);
    assert!(report.is_good());
    assert!(report.refused() >= 40, "{}", report.refused());
    assert!(report.properties.iter().all(|line| line.state == State::Ok));
    let not_tried: Vec<&str> = report
        .probes
        .iter()
        .filter(|probe| matches!(probe.came, Came::NotTried(_)))
        .map(|probe| probe.who.as_str())
        .collect();
    assert_eq!(not_tried, [EC2_UPLOAD_ROLE], "an instance's role needs an instance");
}

#[tokio::test]
async fn an_instance_tries_its_own_role_and_an_operator_none() {
    let estate = estate(Target::Aws);
    let cloud = made(&estate).await;
    let lines = probe(&estate, &MemoryProbes::new(&cloud, INSTANCE), &person()).await;
    assert!(lines.iter().all(|line| line.holds() != Some(false)), "{lines:#?}");
    let allowed = lines.iter().filter(|line| line.came == Came::Allowed);
    let allowed: Vec<&str> = allowed.map(|line| line.tried.as_str()).collect();
    assert_eq!(
        allowed,
        ["begin an upload in parts of \
          `wellhouse-files/instances/.wellhouse-verify/01k7d3m5q8w0e2r4t6y8v0b2n4/parts`"]
    );
    let lines = probe(&estate, &MemoryProbes::new(&cloud, OPERATOR), &person()).await;
    let refused = lines.iter().filter(|line| line.holds() == Some(true)).count();
    let not_tried = lines.iter().filter(|line| line.holds().is_none()).count();
    assert_eq!((refused, not_tried), (6, 6), "each trust refuses, and nothing else is tried");
}

#[tokio::test]
async fn what_was_widened_is_found_by_reading_and_by_trying() {
    let estate = estate(Target::Aws);
    let cloud = made(&estate).await;
    let wider =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    let role = RoleName::parse(S3_ACCESS_ROLE).expect("a name");
    let step =
        Step::PutRolePolicy { role, policy: S3_ACCESS_ROLE.to_owned(), document: wider.to_owned() };
    cloud.perform(&step).await.expect("drift");
    let probes = MemoryProbes::new(&cloud, PORTAL);
    let report = verify(&estate, &cloud, &probes, &person()).await.expect("a report");
    assert!(!report.is_good());
    let differs: Vec<String> = report
        .properties
        .iter()
        .filter(|line| line.state != State::Ok)
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        differs,
        ["differs: role `S3AccessRole`: Its policy `S3AccessRole` says what is documented."]
    );
    let wrong = wrong(&report);
    assert!(wrong.iter().any(|line| line.contains("read the bucket policy")), "{wrong:#?}");
}

/// Every step of every plan belongs to a property: otherwise something could differ and not be told.
#[tokio::test]
async fn an_empty_account_lacks_every_property() {
    for target in [Target::Aws, Target::Embedded] {
        let estate = estate(target);
        let cloud = memory();
        let plan = plan(&estate, &cloud).await.expect("a plan");
        let report = Report::of_plan(&estate, &plan);
        // An empty account has nothing that should not be there, and AWS's own defaults.
        let there = report.properties.iter().filter(|line| line.state == State::Ok);
        let there: BTreeSet<String> = there.map(|line| line.what.clone()).collect();
        let expected: BTreeSet<String> = [
            "Its owner pays for requests.",
            "It serves no website: every byte is asked for with a signature.",
            "No transfer acceleration: that would be another way in.",
            "Nothing is replicated to other buckets.",
        ]
        .map(str::to_owned)
        .into();
        let expected = if target == Target::Aws { expected } else { BTreeSet::new() };
        let others = ["It delivers no other role.", "It has no other policies."];
        let others: BTreeSet<String> = others.map(str::to_owned).into();
        assert_eq!(there, expected.union(&others).cloned().collect(), "{target:?}");
        let untold = report.properties.iter().filter(|line| line.what.starts_with("it is not"));
        assert_eq!(untold.count(), 0, "a change belongs to no property");
    }
}

const EVERYTHING: Destruction = Destruction { delete_data: true, delete_key: true };

fn steps(plan: &wh_provision::Plan) -> Vec<String> {
    plan.changes().iter().map(|change| change.step.to_string()).collect()
}

fn told(plan: &wh_provision::Plan) -> Vec<String> {
    plan.foreign().iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_destruction_takes_roles_and_policies_and_leaves_data() {
    let estate = estate(Target::Aws);
    let cloud = made(&estate).await;
    let leaving = destroy(&estate, &cloud, Destruction::default()).await.expect("a plan");
    apply(&leaving, &cloud).await.expect("destroyed");
    assert_eq!(
        told(&leaving),
        [
            "bucket `wellhouse-files`: kept: data goes only where it is asked for",
            "bucket `wellhouse-files-logs`: kept: data goes only where it is asked for",
            "key `alias/wellhouse-test`: kept: the key goes only where it is asked for",
        ]
    );
    let again = destroy(&estate, &cloud, Destruction::default()).await.expect("a plan");
    assert!(again.is_empty(), "{:?}", steps(&again));
    // The buckets are still there, with all their settings.
    let missing = plan(&estate, &cloud).await.expect("a plan");
    assert!(steps(&missing).iter().all(|step| !step.contains("bucket")), "{:?}", steps(&missing));
    assert!(leaving.notes().iter().any(|note| note.contains("AWSServiceRoleForSupport")));
    let linked = cloud.roles_under("/aws-service-role/support.amazonaws.com/").await;
    assert_eq!(linked.expect("roles").len(), 1);
}

#[tokio::test]
async fn data_goes_where_it_is_asked_for_and_the_key_never_before_it() {
    let estate = estate(Target::Aws);
    let cloud = made(&estate).await;
    cloud.fill(&estate.bucket().name);
    let only_key = Destruction { delete_key: true, ..Destruction::default() };
    let leaving = destroy(&estate, &cloud, only_key).await.expect("a plan");
    assert!(steps(&leaving).iter().all(|step| !step.contains("key")), "{:?}", steps(&leaving));
    let leaving = destroy(&estate, &cloud, EVERYTHING).await.expect("a plan");
    let steps = steps(&leaving);
    let at = |what: &str| steps.iter().position(|step| step.starts_with(what)).expect(what);
    assert!(at("delete EVERYTHING in bucket `wellhouse-files`") < at("delete bucket"));
    assert!(at("delete role `PortalRole`") < at("delete managed policy"));
    assert_eq!(at("have key `alias/wellhouse-test` deleted"), steps.len() - 1);
    apply(&leaving, &cloud).await.expect("destroyed");
    assert!(destroy(&estate, &cloud, EVERYTHING).await.expect("a plan").is_empty());
}

#[tokio::test]
async fn a_destruction_that_was_stopped_anywhere_is_finished_by_the_next() {
    for target in [Target::Aws, Target::Embedded] {
        let estate = estate(target);
        let cloud = made(&estate).await;
        let whole = destroy(&estate, &cloud, EVERYTHING).await.expect("a plan");
        for (done, change) in whole.changes().iter().enumerate() {
            let rest = destroy(&estate, &cloud, EVERYTHING).await.expect("a plan");
            let left = &whole.changes()[done..];
            // An empty bucket is emptied once more.
            assert!(rest.changes().ends_with(left), "{target:?} after {done}: {:?}", steps(&rest));
            assert!(rest.changes().len() <= left.len() + 1, "{target:?} after {done}");
            cloud.perform(&change.step).await.expect("done");
        }
        assert!(destroy(&estate, &cloud, EVERYTHING).await.expect("a plan").is_empty());
    }
}

/// Logs are encrypted with the store's own keys: that they stay keeps no key.
#[tokio::test]
async fn the_key_goes_where_only_logs_stay() {
    let estate = estate(Target::Aws);
    let cloud = made(&estate).await;
    let logs = estate.buckets().next().expect("a bucket of logs").name.clone();
    let theirs = BTreeMap::from([("installation-id".to_owned(), "other".to_owned())]);
    let step = Step::PutBucketSetting { bucket: logs, setting: BucketSetting::Tagged(theirs) };
    cloud.perform(&step).await.expect("tagged");
    let leaving = destroy(&estate, &cloud, EVERYTHING).await.expect("a plan");
    assert_eq!(
        told(&leaving),
        ["bucket `wellhouse-files-logs`: kept: it belongs to installation `other`"]
    );
    assert!(
        steps(&leaving).iter().any(|step| step.starts_with("have key")),
        "{:?}",
        steps(&leaving)
    );
}

#[tokio::test]
async fn a_profile_that_was_made_by_hand_stays_and_lets_our_role_go() {
    let estate = estate(Target::Aws);
    let cloud = made(&estate).await;
    let role = RoleName::parse(PORTAL_ROLE).expect("a name");
    let profile = RoleName::parse("ByHand").expect("a name");
    for step in [
        Step::CreateInstanceProfile {
            profile: profile.clone(),
            path: "/".to_owned(),
            tags: BTreeMap::new(),
        },
        Step::AddRoleToInstanceProfile { profile: profile.clone(), role },
    ] {
        cloud.perform(&step).await.expect("made by hand");
    }
    let leaving = destroy(&estate, &cloud, Destruction::default()).await.expect("a plan");
    let kept =
        "instance profile `ByHand`: kept: it is not ours, and role `PortalRole` is taken out of it";
    assert!(told(&leaving).contains(&kept.to_owned()), "{:?}", told(&leaving));
    apply(&leaving, &cloud).await.expect("destroyed");
    let left = cloud.instance_profile(&profile).await.expect("an answer").expect("it stays");
    assert!(left.roles.is_empty(), "{left:?}");
}

#[tokio::test]
async fn what_others_added_to_our_roles_goes_before_them() {
    let estate = estate(Target::Aws);
    let cloud = made(&estate).await;
    let role = RoleName::parse(ADMIN_ROLE).expect("a name");
    let document = r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned();
    let step = Step::PutRolePolicy { role, policy: "Theirs".to_owned(), document };
    cloud.perform(&step).await.expect("drift");
    let leaving = destroy(&estate, &cloud, Destruction::default()).await.expect("a plan");
    assert!(steps(&leaving).contains(&"delete policy `Theirs` of role `AdminRole`".to_owned()));
    apply(&leaving, &cloud).await.expect("destroyed");
}

#[tokio::test]
async fn what_is_tagged_as_anothers_is_kept_and_told() {
    let estate = estate(Target::Aws);
    let cloud = made(&estate).await;
    let theirs = BTreeMap::from([("installation-id".to_owned(), "other".to_owned())]);
    let role = RoleName::parse(PORTAL_ROLE).expect("a name");
    let bucket = estate.bucket().name.clone();
    let setting = BucketSetting::Tagged(theirs.clone());
    for step in [
        Step::TagRole { role, tags: theirs.clone() },
        Step::PutBucketSetting { bucket, setting },
        Step::TagKey { alias: "alias/wellhouse-test".to_owned(), tags: theirs },
    ] {
        cloud.perform(&step).await.expect("tagged");
    }
    let leaving = destroy(&estate, &cloud, EVERYTHING).await.expect("a plan");
    assert_eq!(
        told(&leaving),
        [
            "role `PortalRole`: kept: it belongs to installation `other`",
            "bucket `wellhouse-files`: kept: it belongs to installation `other`",
            "key `alias/wellhouse-test`: kept: it belongs to installation `other`",
        ]
    );
}
