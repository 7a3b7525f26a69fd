//! Every call of plan and apply is one that the provisioner's policy allows, as seen on the wire.
//!
//! That it is refused without one of them is shown on our own endpoint, which enforces it.

use wh_aws::AwsCloud;
use wh_provision::{Target, apply, plan, provisioner_policy};

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
    for _ in 0..2 {
        apply(&plan(&estate, &cloud).await.expect("a plan"), &cloud).await.expect("applied");
    }
    let policy = provisioner_policy(&estate).expect("a policy").document.to_json();
    let mut missing: Vec<String> = wire.calls().iter().map(|call| action_of(call)).collect();
    missing.sort();
    missing.dedup();
    assert!(missing.len() > 50, "{missing:?}");
    // Who asks is told to everyone.
    missing.retain(|action| action != "sts:GetCallerIdentity");
    missing.retain(|action| !policy.contains(&format!("\"{action}\"")));
    assert_eq!(missing, [""; 0]);
}
