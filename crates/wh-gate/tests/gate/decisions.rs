//! Decisions that others got wrong, each with its own claim.

use wh_authority::IamRequest;
use wh_gate::{Caller, GateError, OperationKind, RefusalCause, ops};
use wh_names::{ObjectKey, RoleName};
use wh_objects::{
    CopyObject, DeleteObject, ObjectAddress, ObjectLock, PutObject, ReadConditions, WriteCondition,
};

use crate::house::{ALICE, House, at, bucket};
use crate::perform::{Until, perform};

async fn ask(house: &House, caller: &Caller, kind: OperationKind, key: &str) -> &'static str {
    let answer = perform(house, caller, kind, key, Until::Effect).await;
    answer.as_ref().map_or_else(GateError::code, |()| "done")
}

async fn copy(house: &House, caller: &Caller, from: &str, to: &str) -> &'static str {
    let copy = CopyObject {
        from: at(from),
        from_version: None,
        to: at(to),
        headers: None,
        tags: None,
        lock: ObjectLock::default(),
        source_conditions: ReadConditions::default(),
        condition: WriteCondition::Always,
    };
    match house.gate.admit(caller, ops::CopyObject { copy }).await {
        Ok(permit) => {
            let answer = house.gate.copy_object(permit).await;
            answer.as_ref().map_or_else(GateError::code, |_| "done")
        }
        Err(refusal) => refusal.cause().code(),
    }
}

#[tokio::test]
async fn a_permit_carries_the_operation_that_was_checked() {
    let house = House::build().await;
    let put = ops::PutObject { address: at("home/a/x"), put: PutObject::default() };
    let permit = house.gate.admit(&house.root(), put).await.expect("a permit");
    assert_eq!(permit.op().address, at("home/a/x"));
}

#[tokio::test]
async fn a_missing_object_is_missing_only_to_those_who_may_list_it() {
    let house = House::build().await;
    let reader = house.person(ALICE, "RegularUserRole", "shared/");
    let blind = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Action":"s3:GetObject","Resource":"*"}]}"#;
    let blind = house.session(ALICE, "RegularUserRole", Some(blind.to_owned()));
    for kind in [OperationKind::GetObject, OperationKind::HeadObject] {
        assert_eq!(ask(&house, &reader, kind, "shared/none").await, "no-such-key");
        assert_eq!(ask(&house, &blind, kind, "shared/none").await, "denied-by-policy");
        assert_eq!(ask(&house, &reader, kind, "home/none").await, "denied-by-policy");
    }
}

#[tokio::test]
async fn a_copy_is_judged_at_both_ends() {
    let house = House::build().await;
    let root = house.root();
    for key in ["home/a/x", "home/b/x"] {
        assert_eq!(ask(&house, &root, OperationKind::PutObject, key).await, "done");
    }
    let alice = house.person(ALICE, "S3AccessRole", "home/a/");
    assert_eq!(copy(&house, &alice, "home/a/x", "home/a/y").await, "done");
    assert_eq!(copy(&house, &alice, "home/b/x", "home/a/z").await, "denied-by-policy");
    assert_eq!(copy(&house, &alice, "home/a/x", "home/b/z").await, "denied-by-policy");
    let uploader = house.person(ALICE, "UploadRole", "home/a/");
    assert_eq!(copy(&house, &uploader, "home/a/x", "home/a/w").await, "denied-by-policy");
}

#[tokio::test]
async fn a_prefix_does_not_cover_its_namesakes() {
    let house = House::build().await;
    let alice = house.person(ALICE, "S3AccessRole", "home/bob/");
    for kind in [OperationKind::PutObject, OperationKind::GetObject, OperationKind::ListObjects] {
        assert_eq!(ask(&house, &alice, kind, "home/bob/x").await, "done");
        for key in ["home/bob2/x", "home/x", "home/bob/../alice/x2/../../x", "Home/bob/x"] {
            let answer = ask(&house, &alice, kind, key).await;
            let literal = key.starts_with("home/bob/");
            assert_eq!(answer != "denied-by-policy", literal, "{kind:?} {key}");
        }
    }
}

#[tokio::test]
async fn deletes_of_many_are_judged_one_by_one() {
    let house = House::build().await;
    let alice = house.person(ALICE, "S3AccessRole", "home/a/");
    let keys = ["home/a/1", "home/b/2", "home/a/3"].map(|k| ObjectKey::parse(k).expect("a key"));
    let named = keys.map(|key| (key, DeleteObject::default())).to_vec();
    let results = house.gate.delete_objects(&alice, &bucket(), named).await;
    let codes: Vec<_> = results
        .iter()
        .map(|(key, _, r)| (key.as_str(), r.as_ref().map_or_else(GateError::code, |_| "done")))
        .collect();
    let expected = [("home/a/1", "done"), ("home/b/2", "denied-by-policy"), ("home/a/3", "done")];
    assert_eq!(codes, expected);
}

#[tokio::test]
async fn a_live_session_is_worth_what_its_role_is_worth_now() {
    let house = House::build().await;
    let alice = house.person(ALICE, "S3AccessRole", "home/a/");
    let put = OperationKind::PutObject;
    assert_eq!(ask(&house, &alice, put, "home/a/x").await, "done");
    let deny = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"s3:*","Resource":"*"},
        {"Sid":"NoWrites","Effect":"Deny","Action":"s3:PutObject","Resource":"*"}]}"#;
    house.permissions("S3AccessRole", deny).await;
    let answer = perform(&house, &alice, put, "home/a/x", Until::Effect).await;
    let Err(GateError::Refused(refusal)) = answer else { panic!("the put was allowed") };
    assert_eq!(refusal.explanation().statement.as_deref(), Some("NoWrites"));
    assert!(refusal.message().contains("with an explicit deny in an identity-based policy"));
}

#[tokio::test]
async fn a_role_made_again_under_its_name_is_another_role() {
    let house = House::build().await;
    let alice = house.person(ALICE, "S3AccessRole", "home/a/");
    let role = RoleName::parse("S3AccessRole").expect("a role name");
    let name = "S3AccessRole".to_owned();
    house.iam(IamRequest::DeleteRolePolicy { role: role.clone(), name }).await;
    house.iam(IamRequest::DeleteRole { role: role.clone() }).await;
    assert_eq!(ask(&house, &alice, OperationKind::PutObject, "home/a/x").await, "invalid-token");
    house
        .iam(IamRequest::CreateRole(wh_authority::CreateRole {
            name: role,
            path: "/wellhouse/test/".to_owned(),
            trust: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
                "Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#
                .to_owned(),
            description: String::new(),
            max_session_s: None,
            boundary: None,
            tags: Vec::new(),
        }))
        .await;
    let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    house.permissions("S3AccessRole", all).await;
    assert_eq!(ask(&house, &alice, OperationKind::PutObject, "home/a/x").await, "invalid-token");
}

#[tokio::test]
async fn root_can_mend_a_bucket_policy_that_locks_everybody_out() {
    let house = House::build().await;
    let lock = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",
        "Action":"s3:*","Resource":["arn:aws:s3:::files","arn:aws:s3:::files/*"]}]}"#;
    house.bucket_policy(lock).await;
    let (root, admin) = (house.root(), house.session(ALICE, "AdminRole", None));
    let drop = OperationKind::DeleteBucketPolicy;
    assert_eq!(ask(&house, &root, OperationKind::PutObject, "x").await, "denied-by-policy");
    assert_eq!(ask(&house, &admin, drop, "x").await, "denied-by-policy");
    assert_eq!(ask(&house, &root, drop, "x").await, "done");
    assert_eq!(ask(&house, &root, OperationKind::PutObject, "x").await, "done");
}

#[tokio::test]
async fn a_bucket_policy_is_kept_only_if_it_is_one() {
    let house = House::build().await;
    for text in ["", "{}", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Maybe"}]}"#] {
        let put = ops::PutBucketPolicy { bucket: bucket(), text: text.to_owned() };
        let permit = house.gate.admit(&house.root(), put).await.expect("a permit");
        let error = house.gate.put_bucket_policy(permit).await.expect_err("not a policy");
        assert_eq!(error.code(), "malformed-policy");
    }
    let text = " ".repeat(ops::POLICY_BYTES_MAX + 1);
    let put = ops::PutBucketPolicy { bucket: bucket(), text };
    let permit = house.gate.admit(&house.root(), put).await.expect("a permit");
    let error = house.gate.put_bucket_policy(permit).await.expect_err("too large");
    assert_eq!(error.code(), "policy-too-large");
}

#[tokio::test]
async fn if_match_needs_the_right_to_read() {
    let house = House::build().await;
    let uploader = house.person(ALICE, "UploadRole", "drop/");
    for (condition, expected) in [
        (WriteCondition::Always, true),
        (WriteCondition::IfNoneMatchAny, true),
        (WriteCondition::IfMatch("\"abc\"".to_owned()), false),
    ] {
        let put = PutObject { condition, ..PutObject::default() };
        let op = ops::PutObject { address: at("drop/x"), put };
        assert_eq!(house.gate.admit(&uploader, op).await.is_ok(), expected);
    }
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_missing_only_to_those_who_may_ask() {
    let house = House::build().await;
    let elsewhere = |key: &str| ObjectAddress {
        bucket: wh_names::BucketName::parse("nowhere").expect("a bucket name"),
        key: ObjectKey::parse(key).expect("a key"),
    };
    let delete = DeleteObject::default;
    let get = || ops::DeleteObject { address: elsewhere("x"), delete: delete() };
    let admin = house.session(ALICE, "AdminRole", None);
    let refusal = house.gate.admit(&admin, get()).await.expect_err("a refusal");
    assert_eq!(refusal.cause(), RefusalCause::Policy);
    let permit = house.gate.admit(&house.root(), get()).await.expect("a permit");
    let error = house.gate.delete_object(permit).await.expect_err("no bucket");
    assert_eq!(error.code(), "no-such-bucket");
}
