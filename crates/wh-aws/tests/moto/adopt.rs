//! A bucket of others is taken over only where that is asked for, and keeps what was made of it.

use wh_aws::AwsCloud;
use wh_provision::{Others, PlanError, Planning, Target, apply, plan};

use crate::by_hand::python;
use crate::wire::Wire;
use crate::{Moto, estate, options, options_at, start_moto};

/// What others made of the bucket, and how each is told.
const MAKES: &str = r#"
import json, sys, boto3
def client(service):
    return boto3.client(service, endpoint_url=sys.argv[1], region_name="eu-central-1",
        aws_access_key_id="testing", aws_secret_access_key="testing",
        config=boto3.session.Config(s3={"addressing_style": "path"}))
s3, name = client("s3"), "wellhouse-files"
s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "team", "Value": "theirs"}]})
rule = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}}
old = {"ID": "old", "Status": "Enabled", "Prefix": "old/", "Expiration": {"Days": 4}}
s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [rule, old]})
cors = {"AllowedOrigins": ["https://theirs.example"], "AllowedMethods": ["GET"]}
s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [cors]})
theirs = {"Sid": "Theirs", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:DeleteBucket",
          "Resource": f"arn:aws:s3:::{name}"}
policy = json.dumps({"Version": "2012-10-17", "Statement": [theirs]})
s3.put_bucket_policy(Bucket=name, Policy=policy)
client("sqs").create_queue(QueueName="theirs")
queue = {"Id": "theirs", "QueueArn": "arn:aws:sqs:eu-central-1:123456789012:theirs", "Events": ["s3:ObjectCreated:*"]}
s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"QueueConfigurations": [queue]})
"#;

const TOLD: [&str; 6] = [
    "bucket `wellhouse-files`: tag `team` = `theirs`",
    "bucket `wellhouse-files`: lifecycle rule `theirs`",
    "bucket `wellhouse-files`: lifecycle rule `old`",
    "bucket `wellhouse-files`: 1 notification(s) to a queue",
    "bucket `wellhouse-files`: cross-origin rule `without a name` for https://theirs.example",
    "bucket `wellhouse-files`: statement Theirs: denies everyone `s3:DeleteBucket` on `arn:aws:s3:::wellhouse-files`",
];

fn others_make_the_bucket(moto: &Moto) {
    let output = python().args(["-c", MAKES, &moto.url]).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_of_others_is_adopted_with_all_that_is_theirs() {
    let moto = start_moto();
    let cloud = AwsCloud::new(options(&moto, None)).await;
    let estate = estate(Target::Aws);
    others_make_the_bucket(&moto);
    let refused = plan(&estate, &cloud).await;
    assert!(matches!(&refused, Err(PlanError::Foreign { what: "bucket", .. })), "{refused:?}");
    let told = |plan: &wh_provision::Plan| -> Vec<String> {
        plan.foreign().iter().map(ToString::to_string).collect()
    };
    let adoption = Planning::new(&estate, &cloud).adopting().plan().await.expect("a plan");
    assert_eq!(told(&adoption), TOLD);
    assert!(adoption.notes()[0].contains("is taken over"), "{:?}", adoption.notes());
    let steps: Vec<String> = adoption.changes().iter().map(|c| c.step.to_string()).collect();
    assert!(!steps.iter().any(|step| step == "create bucket `wellhouse-files` in eu-central-1"));
    // To show it changes nothing: the next plan is the same.
    let again = Planning::new(&estate, &cloud).adopting().plan().await.expect("a plan");
    assert_eq!(again, adoption);
    apply(&adoption, &cloud).await.expect("applied");
    let left = plan(&estate, &cloud).await.expect("it is ours now");
    assert!(left.is_empty(), "{:?}", left.changes());
    assert_eq!(told(&left), TOLD);
    assert_eq!(lifecycle(&moto), ["old old/ 4", "theirs tmp/ 3", "wellhouse  None"]);

    // Whoever wants all of it for himself says so, and then ours is what is left; tags stay.
    let owning = || Planning::new(&estate, &cloud).others(Others::TakeAway);
    let taking = owning().plan().await.expect("a plan");
    assert_eq!(told(&taking), TOLD[..1]);
    assert_eq!(taking.changes().len(), 4, "{:?}", taking.changes());
    apply(&taking, &cloud).await.expect("taken away");
    let left = owning().plan().await.expect("a plan");
    assert!(left.is_empty(), "{:?}", left.changes());
    let kept = plan(&estate, &cloud).await.expect("a plan");
    assert!(kept.is_empty(), "{:?}", kept.changes());
    assert_eq!(told(&kept), TOLD[..1]);
    assert_eq!(lifecycle(&moto), ["wellhouse  None"]);
}

/// Each rule of the bucket's lifecycle: its name, the prefix of its filter and its days. A prefix that
/// stands beside the filter is none, for S3 refuses it together with ours.
fn lifecycle(moto: &Moto) -> Vec<String> {
    let asks = r#"
import sys, boto3
s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="eu-central-1",
    aws_access_key_id="testing", aws_secret_access_key="testing",
    config=boto3.session.Config(s3={"addressing_style": "path"}))
for rule in s3.get_bucket_lifecycle_configuration(Bucket="wellhouse-files")["Rules"]:
    print(rule["ID"], rule["Filter"].get("Prefix", ""), rule.get("Expiration", {}).get("Days"))
"#;
    let output = python().args(["-c", asks, &moto.url]).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let mut rules: Vec<String> = text.lines().map(str::to_owned).collect();
    rules.sort();
    rules
}

/// From which size on objects are moved is S3's to keep with the rules, and is handed on with them.
#[tokio::test(flavor = "multi_thread")]
async fn the_size_from_which_objects_are_moved_is_handed_on() {
    const HEADER: &str = "x-amz-transition-default-minimum-object-size: varies_by_storage_class";
    let moto = start_moto();
    let wire = Wire::to(&moto.url, usize::MAX);
    let cloud = AwsCloud::new(options_at(&wire.url)).await;
    let estate = estate(Target::Aws);
    others_make_the_bucket(&moto);
    wire.say("GET /wellhouse-files/?lifecycle", HEADER);
    let adoption = Planning::new(&estate, &cloud).adopting().plan().await.expect("a plan");
    apply(&adoption, &cloud).await.expect("applied");
    let heads = wire.heads();
    let put = heads.iter().find(|head| head.starts_with("PUT /wellhouse-files/?lifecycle"));
    assert!(put.expect("a write").to_ascii_lowercase().contains(HEADER), "{put:?}");
}

/// A trail of others with classic selectors, whose place advanced ones take.
const MAKES_TRAIL: &str = r#"
import sys, boto3
def client(service):
    return boto3.client(service, endpoint_url=sys.argv[1], region_name="eu-central-1",
        aws_access_key_id="testing", aws_secret_access_key="testing",
        config=boto3.session.Config(s3={"addressing_style": "path"}))
client("s3").create_bucket(Bucket="their-logs", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
trail = client("cloudtrail")
trail.create_trail(Name="wellhouse-moto", S3BucketName="their-logs")
trail.put_event_selectors(TrailName="wellhouse-moto", EventSelectors=[
    {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True,
     "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::theirs/"]},
                       {"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]}]}])
"#;

const ASKS_TRAIL: &str = r#"
import sys, json, boto3
trail = boto3.client("cloudtrail", endpoint_url=sys.argv[1], region_name="eu-central-1",
    aws_access_key_id="testing", aws_secret_access_key="testing")
for one in trail.get_event_selectors(TrailName="wellhouse-moto")["AdvancedEventSelectors"]:
    fields = [" ".join([f["Field"]] + [k + str(v) for k, v in sorted(f.items()) if k != "Field"]) for f in one["FieldSelectors"]]
    print(one["Name"], "|", "; ".join(fields))
"#;

#[tokio::test(flavor = "multi_thread")]
async fn classic_selectors_of_a_trail_are_told_and_written_as_advanced_ones() {
    let moto = start_moto();
    let cloud = AwsCloud::new(options(&moto, None)).await;
    let estate = estate(Target::Aws);
    let asked = |script: &str| {
        let output = python().args(["-c", script, &moto.url]).output().expect("Python runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    asked(MAKES_TRAIL);
    let adoption = Planning::new(&estate, &cloud).adopting().plan().await.expect("a plan");
    let told: Vec<String> = adoption.foreign().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["trail `wellhouse-moto`: classic selector: writes of the account; of AWS::S3::Object \
          arn:aws:s3:::theirs/; of AWS::Lambda::Function arn:aws:lambda; it is written as an \
          advanced selector, which records the same"]
    );
    apply(&adoption, &cloud).await.expect("applied");
    let selectors = asked(ASKS_TRAIL);
    let lines: Vec<&str> = selectors.lines().collect();
    assert_eq!(
        lines[..3],
        [
            "Classic selector 1: management events | eventCategory Equals['Management']; readOnly Equals['false']",
            "Classic selector 1: AWS::S3::Object | eventCategory Equals['Data']; resources.type Equals['AWS::S3::Object']; resources.ARN StartsWith['arn:aws:s3:::theirs/']; readOnly Equals['false']",
            "Classic selector 1: AWS::Lambda::Function | eventCategory Equals['Data']; resources.type Equals['AWS::Lambda::Function']; readOnly Equals['false']",
        ]
    );
    assert!(lines[3].starts_with("Wellhouse: every read and write"), "{selectors}");
}
