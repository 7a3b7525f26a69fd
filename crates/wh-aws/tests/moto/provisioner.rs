//! Every call of plan and apply is one that the provisioner's policy allows, as seen on the wire.
//!
//! That it is refused without one of them is shown on our own endpoint, which enforces it.

use wh_aws::AwsCloud;
use wh_provision::{
    Cloud, Destruction, Duty, Estate, Step, Target, apply, destroy, plan, provisioner_policy,
};

use crate::destroy::take_policies_away;
use crate::wire::Wire;
use crate::{estate, options_at, start_moto};

/// The action that S3 judges a call as. Source: Service Authorization Reference, Amazon S3.
fn action_of(call: &str) -> String {
    if !call.contains(' ') {
        return call.to_owned();
    }
    let (method, path) = call.split_once(' ').expect("a method");
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let setting = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    let setting = setting.into_iter().find(|name| !name.is_empty() && *name != "x-id");
    let verb = if method == "GET" { "Get" } else { "Put" };
    let name = match setting {
        None if method == "DELETE" => return "s3:DeleteBucket".to_owned(),
        Some("versions") => return "s3:ListBucketVersions".to_owned(),
        Some("uploads") => return "s3:ListBucketMultipartUploads".to_owned(),
        None if method == "GET" && path.split('?').next() == Some("/") => {
            return "s3:ListAllMyBuckets".to_owned();
        }
        Some("delete") => return "s3:DeleteObject".to_owned(),
        Some("list-type") => return "s3:ListBucket".to_owned(),
        None if method == "HEAD" => return "s3:ListBucket".to_owned(),
        None if path.contains("publicAccessBlock") => {
            return format!("s3:{verb}AccountPublicAccessBlock");
        }
        None => return "s3:CreateBucket".to_owned(),
        Some("publicAccessBlock") => "BucketPublicAccessBlock",
        Some("ownershipControls") => "BucketOwnershipControls",
        Some("encryption") => "EncryptionConfiguration",
        Some("versioning") => "BucketVersioning",
        Some("lifecycle") => "LifecycleConfiguration",
        Some("tagging") => "BucketTagging",
        Some("cors") => "BucketCORS",
        Some("logging") => "BucketLogging",
        Some("notification") => "BucketNotification",
        Some("accelerate") => "AccelerateConfiguration",
        Some("requestPayment") => "BucketRequestPayment",
        Some("policy") => "BucketPolicy",
        Some("website") => "BucketWebsite",
        Some("replication") => "ReplicationConfiguration",
        // No policy knows it, and so the test tells it.
        Some(unknown) => unknown,
    };
    format!("s3:{verb}{name}")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_one_that_the_provisioners_policy_allows() {
    let moto = start_moto();
    let estate = estate(Target::Aws);
    let wire = Wire::to(&moto.url, usize::MAX);
    let cloud = AwsCloud::new(options_at(&wire.url)).await;
    let missing = plan(&estate, &cloud).await.expect("a plan");
    let of_set_up = missing.changes().iter().filter(|change| change.step.needs_set_up()).count();
    apply(&missing, &cloud).await.expect("applied");
    apply(&plan(&estate, &cloud).await.expect("a plan"), &cloud).await.expect("nothing");
    let first = actions(&wire);
    assert!(first.len() > 50, "{first:?}");
    assert_eq!(beyond(&estate, &first, &[Duty::Everyday, Duty::SetUp]), [""; 0]);
    // Nor does the policy for reading allow what nothing asks for.
    let reads = provisioner_policy(&estate, Duty::Read).expect("a policy").document.to_json();
    let needless: Vec<&str> = reads
        .split('"')
        .filter(|word| ["cloudtrail:", "iam:", "kms:", "s3:"].iter().any(|s| word.starts_with(s)))
        .filter(|action| !first.iter().any(|asked| asked == action))
        .collect();
    assert_eq!(needless, [""; 0]);
    // A step that is told to need the set-up's policy does, and no other: each of these is one action.
    let beyond_everyday = beyond(&estate, &first, &[Duty::Everyday]);
    assert_eq!(beyond_everyday, ["iam:CreatePolicy", "kms:CreateKey"]);
    assert_eq!(of_set_up, 3, "the key and two boundaries");

    let wire = Wire::to(&moto.url, usize::MAX);
    let cloud = AwsCloud::new(options_at(&wire.url)).await;
    let role = estate.roles()[0].name.clone();
    let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let document = document.to_owned();
    let added = Step::PutRolePolicy { role, policy: "Added".to_owned(), document };
    cloud.perform(&added).await.expect("drift");
    apply(&plan(&estate, &cloud).await.expect("a plan"), &cloud).await.expect("mended");
    assert_eq!(beyond(&estate, &actions(&wire), &[Duty::Everyday]), [""; 0]);

    let wire = Wire::to(&moto.url, usize::MAX);
    let cloud = AwsCloud::new(options_at(&wire.url)).await;
    take_policies_away(&moto, &estate);
    let leaving = destroy(&estate, &cloud, Destruction::default()).await.expect("a plan");
    apply(&leaving, &cloud).await.expect("destroyed");
    assert_eq!(beyond(&estate, &actions(&wire), &[Duty::Destroy]), [""; 0]);
    let everything = Destruction { delete_data: true, delete_key: true };
    let leaving = destroy(&estate, &cloud, everything).await.expect("a plan");
    apply(&leaving, &cloud).await.expect("destroyed");
    let of_data = ["kms:ScheduleKeyDeletion", "s3:DeleteBucket", "s3:ListBucketVersions"];
    let beyond_plain = beyond(&estate, &actions(&wire), &[Duty::Destroy]);
    assert!(
        of_data.iter().all(|one| beyond_plain.contains(&(*one).to_owned())),
        "{beyond_plain:?}"
    );
    assert_eq!(beyond(&estate, &actions(&wire), &[Duty::DestroyWithData]), [""; 0]);
}

/// What was asked for on a wire, each action once.
fn actions(wire: &Wire) -> Vec<String> {
    let mut actions: Vec<String> = wire.calls().iter().map(|call| action_of(call)).collect();
    actions.sort();
    actions.dedup();
    // Who asks is told to everyone.
    actions.retain(|action| action != "sts:GetCallerIdentity");
    actions
}

/// The actions that none of these policies names.
fn beyond(estate: &Estate, actions: &[String], duties: &[Duty]) -> Vec<String> {
    let policy = |duty: &Duty| provisioner_policy(estate, *duty).expect("a policy");
    let policies: String = duties.iter().map(|duty| policy(duty).document.to_json()).collect();
    let named = |action: &&String| !policies.contains(&format!("\"{action}\""));
    actions.iter().filter(named).cloned().collect()
}
