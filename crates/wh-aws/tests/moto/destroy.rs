//! A destruction beside others of similar names touches none of them.

use wh_aws::AwsCloud;
use wh_names::RoleName;
use wh_provision::{
    BucketSetting, Cloud, Destruction, Estate, Plan, Step, Target, UPLOAD_ROLE, apply, destroy,
    plan,
};

use crate::by_hand::python;
use crate::{Moto, agent, bucket, estate, options, start_moto};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/neighbours.py");
const EVERYTHING: Destruction = Destruction { delete_data: true, delete_key: true };

fn neighbours(moto: &Moto, command: &str) -> String {
    let output = python().args([SCRIPT, &moto.url, command]).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// moto applies bucket policies without their conditions, so that ours would let nobody empty a bucket.
pub(crate) fn take_policies_away(moto: &Moto, estate: &Estate) {
    for bucket in estate.buckets() {
        let answer = agent().delete(format!("{}/{}?policy", moto.url, bucket.name)).call();
        assert_eq!(answer.expect("an answer").status().as_u16(), 204);
    }
}

fn told(plan: &Plan) -> Vec<String> {
    plan.foreign().iter().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destruction_takes_the_estate_and_touches_nobody_elses() {
    let moto = start_moto();
    let cloud = AwsCloud::new(options(&moto, None)).await;
    let estate = estate(Target::Aws);
    neighbours(&moto, "make");
    let before = neighbours(&moto, "dump");
    apply(&plan(&estate, &cloud).await.expect("a plan"), &cloud).await.expect("applied");
    assert_ne!(neighbours(&moto, "dump"), before, "the estate stands beside them");
    take_policies_away(&moto, &estate);
    let leaving = destroy(&estate, &cloud, EVERYTHING).await.expect("a plan");
    assert_eq!(told(&leaving), [""; 0]);
    apply(&leaving, &cloud).await.expect("destroyed");
    assert_eq!(neighbours(&moto, "dump"), before);
    let again = destroy(&estate, &cloud, EVERYTHING).await.expect("a plan");
    assert!(again.is_empty(), "{:?}", again.changes());
    assert_eq!(
        told(&again),
        ["key `alias/wellhouse-moto`: kept as it is: it is disabled, or on its way to deletion"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_bears_our_names_and_is_anothers_is_kept_and_told() {
    let moto = start_moto();
    let cloud = AwsCloud::new(options(&moto, None)).await;
    let estate = estate(Target::Aws);
    apply(&plan(&estate, &cloud).await.expect("a plan"), &cloud).await.expect("applied");
    let role = RoleName::parse(UPLOAD_ROLE).expect("a name");
    let theirs =
        std::collections::BTreeMap::from([("installation-id".to_owned(), "moto2".to_owned())]);
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    for step in [
        Step::DeleteRolePolicy { role: role.clone(), policy: UPLOAD_ROLE.to_owned() },
        Step::DeleteRole { role: role.clone() },
        Step::CreateRole {
            role,
            path: "/theirs/".to_owned(),
            description: "Theirs".to_owned(),
            trust: trust.to_owned(),
            max_session_seconds: 3600,
            boundary: None,
            tags: estate.roles()[0].tags.clone(),
        },
        Step::PutBucketSetting { bucket: bucket(), setting: BucketSetting::Tagged(theirs) },
    ] {
        cloud.perform(&step).await.expect("changed");
    }
    take_policies_away(&moto, &estate);
    let leaving = destroy(&estate, &cloud, EVERYTHING).await.expect("a plan");
    assert_eq!(
        told(&leaving),
        [
            "role `UploadRole`: kept: it is `arn:aws:iam::123456789012:role/theirs/UploadRole`, under a path of others",
            "bucket `wellhouse-files`: kept: it belongs to installation `moto2`",
            "key `alias/wellhouse-moto`: kept: a bucket stays, and nothing in it could be read any more",
        ]
    );
    apply(&leaving, &cloud).await.expect("destroyed");
    let left = cloud.roles_under("/theirs/").await.expect("roles");
    assert_eq!(left, [UPLOAD_ROLE]);
    assert!(cloud.bucket_exists(&bucket()).await.expect("an answer"));
}
