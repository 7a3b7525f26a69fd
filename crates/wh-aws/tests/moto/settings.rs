//! Settings that S3 keeps in other words than ours, or not in every region.

use wh_aws::AwsCloud;
use wh_provision::{Description, Estate, apply, plan};

use crate::{ACCOUNT, BUCKET, changes, options, start_moto};

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
    apply(&missing, &cloud).await.expect("applied");
    assert_eq!(changes(&locked, &cloud).await, [""; 0]);
}
