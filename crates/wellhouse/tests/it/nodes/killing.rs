//! A node that is killed while it writes: what it acknowledged is there, at the others too.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use super::{House, iam};

/// How many changes are acknowledged before the node is killed.
const CHANGES: usize = 12;

/// Makes users until one is not made, and tells of each.
async fn write(writer: u32, iam: aws_sdk_iam::Client, tell: UnboundedSender<String>) {
    for n in 0.. {
        let name = format!("w{writer}-{n}");
        let made = iam.create_user().user_name(&name).send().await;
        if made.is_err() || tell.send(name).is_err() {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_change_outlives_the_node_that_made_it() {
    let house = House::new();
    let (one, two) = house.pair();
    let at_one = iam(&one).await;
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    for writer in 0..4 {
        drop(tokio::spawn(write(writer, at_one.clone(), tell.clone())));
    }
    drop(tell);
    let mut acknowledged = BTreeSet::new();
    while acknowledged.len() < CHANGES {
        acknowledged.insert(told.recv().await.expect("it writes"));
    }
    one.signal("KILL");
    while let Ok(Some(name)) = tokio::time::timeout(Duration::from_secs(30), told.recv()).await {
        acknowledged.insert(name);
    }
    let at_two = iam(&two).await;
    let listed = at_two.list_users().send().await.expect("the other node serves on");
    let there: BTreeSet<String> = listed.users().iter().map(|u| u.user_name().to_owned()).collect();
    let lost: Vec<_> = acknowledged.difference(&there).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    at_two.create_user().user_name("later").send().await.expect("and takes changes");
}
