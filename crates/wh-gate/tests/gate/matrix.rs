//! Roles × operations, kept as a snapshot: a decision that changes is seen in review.

use std::fmt::Write;

use wh_gate::{Caller, GateError, OperationKind};
use wh_policy::Outcome;

use crate::house::{ALICE, House};
use crate::perform::{POLICY, Until, perform};

/// ✔ allowed, ✘ nothing allows it, ! something denies it.
async fn cell(house: &House, caller: &Caller, kind: OperationKind, key: &str) -> char {
    match perform(house, caller, kind, key, Until::Permit).await {
        Err(GateError::Refused(refusal)) => match refusal.explanation().outcome {
            Outcome::ExplicitDeny => '!',
            Outcome::ImplicitDeny | Outcome::Allow => '✘',
        },
        Ok(()) | Err(_) => '✔',
    }
}

#[tokio::test]
async fn the_standard_roles_may_do_this_and_nothing_else() {
    let house = House::build().await;
    house.bucket_policy(POLICY).await;
    let callers = [
        ("anonymous", house.stranger(), "shared/"),
        ("root", house.root(), "shared/"),
        ("PortalRole", house.portal(), "shared/"),
        ("AdminRole", house.session(ALICE, "AdminRole", None), "shared/"),
        ("AdminRole@", house.person(ALICE, "AdminRole", ""), "shared/"),
        ("RegularUserRole@shared/", house.person(ALICE, "RegularUserRole", "shared/"), "shared/"),
        ("S3AccessRole@home/a/", house.person(ALICE, "S3AccessRole", "home/a/"), "home/a/"),
        ("UploadRole@drop/", house.person(ALICE, "UploadRole", "drop/"), "drop/"),
    ];
    let mut matrix = String::from("in its own prefix, in another (home/a2/), under tape/\n\n");
    for (name, caller, prefix) in &callers {
        writeln!(matrix, "{name}").expect("a line");
        for &kind in OperationKind::ALL {
            let own = cell(&house, caller, kind, &format!("{prefix}x")).await;
            let other = cell(&house, caller, kind, "home/a2/x").await;
            let tape = cell(&house, caller, kind, "tape/x").await;
            writeln!(matrix, "  {own} {other} {tape} {}", kind.as_str()).expect("a line");
        }
    }
    insta::assert_snapshot!(matrix);
}
