//! Settings that S3 keeps in other words than ours, or not in every region.

use wh_aws::AwsCloud;
use wh_provision::{
    BucketSetting, BucketSettingKind, Cloud, Description, Estate, LockMode, ObjectLock, Retention,
    Step, Target, Unwanted, apply, plan,
};

use crate::by_hand::python;
use crate::wire::Wire;
use crate::{ACCOUNT, BUCKET, bucket, changes, estate, options, options_at, start_moto};

fn described(more: &str) -> Estate {
    let text = format!(
        "installation = \"moto\"\naccount = \"{ACCOUNT}\"\nregion = \"eu-central-1\"\n\
         [[bucket]]\nname = \"{BUCKET}\"\n{more}"
    );
    Estate::of(Description::read(&text).expect("a description")).expect("an estate")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_exists_is_given_object_lock() {
    let moto = start_moto();
    let cloud = AwsCloud::new(options(&moto, None)).await;
    let before = described("");
    apply(&plan(&before, &cloud).await.expect("a plan"), &cloud).await.expect("applied");
    let locked = described("[bucket.object_lock]\nmode = \"governance\"\ndays = 30\n");
    let missing = plan(&locked, &cloud).await.expect("a plan");
    let told: Vec<String> = missing.changes().iter().map(ToString::to_string).collect();
    assert_eq!(told, ["set the object lock of bucket `wellhouse-files`: it is not there"]);
    let notes = missing.notes().join("\n");
    assert!(notes.contains("which cannot be taken off again"), "{notes}");
    // S3 does not know everywhere yet that the bucket keeps versions.
    let wire = Wire::to(&moto.url, usize::MAX);
    let call = format!("PUT /{BUCKET}/?object-lock");
    wire.refuse((&call, 2), 409, "InvalidBucketState");
    apply(&missing, &AwsCloud::new(options_at(&wire.url)).await).await.expect("applied");
    assert_eq!(wire.refusals(), 2);
    assert_eq!(wire.writes(), [call]);
    assert_eq!(changes(&locked, &cloud).await, [""; 0]);
}

/// One that is made anew each time would leave a key behind each time, which costs and cannot be told from
/// ours.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_known_at_once_is_not_made_anew() {
    let moto = start_moto();
    let estate = estate(Target::Aws);
    let wire = Wire::to(&moto.url, usize::MAX);
    let cloud = AwsCloud::new(options_at(&wire.url)).await;
    let missing = plan(&estate, &cloud).await.expect("a plan");
    wire.refuse(("kms:CreateAlias", 2), 400, "NotFoundException");
    cloud.perform(&missing.changes()[0].step).await.expect("made");
    assert_eq!(wire.refusals(), 2);
    assert_eq!(wire.writes(), ["kms:CreateKey", "kms:CreateAlias"]);
}

/// A trail of an organization is shown to its accounts, and its tags are not.
#[tokio::test(flavor = "multi_thread")]
async fn a_trail_whose_tags_are_not_shown_stops_no_plan_and_hides_no_other() {
    const THEIRS: &str = r#"
import sys, boto3
keys = dict(endpoint_url=sys.argv[1], region_name="eu-central-1",
    aws_access_key_id="testing", aws_secret_access_key="testing")
s3 = boto3.client("s3", config=boto3.session.Config(s3={"addressing_style": "path"}), **keys)
s3.create_bucket(Bucket="theirs", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
boto3.client("cloudtrail", **keys).create_trail(Name="organization", S3BucketName="theirs")
"#;
    let moto = start_moto();
    let output = python().args(["-c", THEIRS, &moto.url]).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let direct = AwsCloud::new(options(&moto, None)).await;
    apply(&plan(&described(""), &direct).await.expect("a plan"), &direct).await.expect("applied");
    // Ours is no longer described, so it is told, if its tags are read.
    let without = described("[trail]\nenabled = false\n");
    for code in ["AccessDeniedException", "CloudTrailARNInvalidException"] {
        let wire = Wire::to(&moto.url, usize::MAX);
        wire.refuse(("cloudtrail:ListTags", 1), 400, code);
        let cloud = AwsCloud::new(options_at(&wire.url)).await;
        let notes = plan(&without, &cloud).await.expect("a plan").notes().join("\n");
        assert_eq!(wire.refusals(), 1, "{code}");
        assert!(notes.contains("trail `wellhouse-moto`"), "{code}: {notes}");
    }
}

/// The tags by which a key would be found may be shown only minutes later: it has its name at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_just_made_has_its_alias() {
    let moto = start_moto();
    let cloud = AwsCloud::new(options(&moto, None)).await;
    let estate = estate(Target::Aws);
    let missing = plan(&estate, &cloud).await.expect("a plan");
    let made = &missing.changes()[0].step;
    assert!(matches!(made, Step::CreateKey { .. }), "{made}");
    cloud.perform(made).await.expect("made");
    let alias = &estate.key().expect("a key").alias;
    let by_name = cloud.key(alias, "no tag is looked for").await.expect("an answer");
    assert!(by_name.expect("a key of this name").aliased);
}

/// Some regions have no transfer acceleration, and say so in one of these ways.
#[tokio::test(flavor = "multi_thread")]
async fn a_region_without_acceleration_has_none() {
    let moto = start_moto();
    let estate = estate(Target::Aws);
    let direct = AwsCloud::new(options(&moto, None)).await;
    apply(&plan(&estate, &direct).await.expect("a plan"), &direct).await.expect("applied");
    for (status, code) in
        [(405, "MethodNotAllowed"), (400, "UnsupportedArgument"), (501, "NotImplemented")]
    {
        let wire = Wire::to(&moto.url, usize::MAX);
        for bucket in estate.buckets() {
            let call = format!("GET /{}/?accelerate", bucket.name);
            // Where we are told to try again, we do.
            wire.refuse((&call, usize::MAX), status, code);
        }
        let cloud = AwsCloud::new(options_at(&wire.url)).await;
        assert_eq!(changes(&estate, &cloud).await, [""; 0], "{code}");
        let kind = BucketSettingKind::Without(Unwanted::Acceleration);
        let found = cloud.bucket_setting(&bucket(), kind).await.expect("an answer");
        let none = BucketSetting::Without(Unwanted::Acceleration);
        assert_eq!(found.setting, Some(none), "{code}");
        assert!(wire.refusals() >= 3, "{code}: the wire said nothing");
    }
}

/// S3 keeps a default retention in days or in years; ours are days.
#[tokio::test(flavor = "multi_thread")]
async fn a_retention_in_years_is_read_as_its_days_and_mended() {
    const YEARS: &str = r#"
import sys, boto3
s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="eu-central-1",
    aws_access_key_id="testing", aws_secret_access_key="testing",
    config=boto3.session.Config(s3={"addressing_style": "path"}))
s3.put_object_lock_configuration(Bucket="wellhouse-files", ObjectLockConfiguration={
    "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 2}}})
"#;
    let moto = start_moto();
    let cloud = AwsCloud::new(options(&moto, None)).await;
    let locked = described("[bucket.object_lock]\nmode = \"governance\"\ndays = 30\n");
    apply(&plan(&locked, &cloud).await.expect("a plan"), &cloud).await.expect("applied");
    let output = python().args(["-c", YEARS, &moto.url]).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found = cloud.bucket_setting(&bucket(), BucketSettingKind::ObjectLock).await;
    let retention = Some(Retention { mode: LockMode::Compliance, days: 730 });
    let expected = BucketSetting::Locked(ObjectLock { retention });
    assert_eq!(found.expect("an answer").setting, Some(expected));
    let mending = plan(&locked, &cloud).await.expect("a plan");
    let told: Vec<String> = mending.changes().iter().map(ToString::to_string).collect();
    assert_eq!(told, ["set the object lock of bucket `wellhouse-files`: it differs"]);
}
