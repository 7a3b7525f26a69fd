//! STS and IAM over the wire.

use crate::house::House;
use crate::signer::{Ask, Signer};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/portal"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}]}"#;
const MAY_ASSUME: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*"}]}"#;
const MAY_READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":"*"}]}"#;
const NARROW: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::files/home/*"}]}"#;

#[tokio::test]
async fn a_role_is_assumed_and_its_session_is_narrowed() {
    let house = House::open().await;
    let portal = house.session("portal", Some(MAY_ASSUME)).await;
    let form =
        [("Action", "CreateRole"), ("RoleName", "reader"), ("AssumeRolePolicyDocument", TRUST)];
    assert_eq!(house.query(&house.root, "iam", &form).await.status, 200);
    let form = [
        ("Action", "PutRolePolicy"),
        ("RoleName", "reader"),
        ("PolicyName", "p"),
        ("PolicyDocument", MAY_READ),
    ];
    assert_eq!(house.query(&house.root, "iam", &form).await.status, 200);
    let form = [
        ("Action", "AssumeRole"),
        ("RoleArn", "arn:aws:iam::111122223333:role/reader"),
        ("RoleSessionName", "u-alice"),
        ("SourceIdentity", "alice"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "a b+c"),
        ("Policy", NARROW),
    ];
    let answer = house.query(&portal, "sts", &form).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let reader = Signer {
        access_key: answer.element("AccessKeyId"),
        secret: answer.element("SecretAccessKey"),
        token: Some(answer.element("SessionToken")),
        ..house.root.clone()
    };
    let who = house.query(&reader, "sts", &[("Action", "GetCallerIdentity")]).await;
    assert_eq!(who.element("Arn"), "arn:aws:sts::111122223333:assumed-role/reader/u-alice");
    for path in ["/files/home/x", "/files/other"] {
        house.ask(&house.root, Ask::new("PUT", path).body("x")).await;
    }
    assert_eq!(house.ask(&reader, Ask::new("GET", "/files/home/x")).await.status, 200);
    let presigned = reader.presigned(house.hosted(Ask::new("GET", "/files/home/x")), "60");
    assert_eq!(house.raw(&presigned).await.text(), "x");
    let denied = house.ask(&reader, Ask::new("GET", "/files/other")).await;
    assert_eq!(denied.code(), "AccessDenied");
    assert!(denied.element("Message").contains("no session policy allows the s3:GetObject action"));
    let stolen = Signer { token: None, ..reader.clone() };
    assert_eq!(
        house.ask(&stolen, Ask::new("GET", "/files/home/x")).await.code(),
        "InvalidAccessKeyId"
    );
    let mixed = Signer { token: portal.token.clone(), ..reader };
    assert_eq!(house.ask(&mixed, Ask::new("GET", "/files/home/x")).await.code(), "InvalidToken");
    house.close().await;
}

#[tokio::test]
async fn iam_answers_as_aws_does() {
    let house = House::open().await;
    house.session("one", Some(MAY_READ)).await;
    let get = [("Action", "GetRolePolicy"), ("RoleName", "one"), ("PolicyName", "permissions")];
    let answer = house.query(&house.root, "iam", &get).await;
    assert!(answer.element("PolicyDocument").starts_with("%7B%22Version%22"), "{}", answer.text());
    let roles = house.query(&house.root, "iam", &[("Action", "ListRoles")]).await;
    assert_eq!(
        (roles.element("RoleName").as_str(), roles.element("IsTruncated").as_str()),
        ("one", "false")
    );
    for (form, status, code) in [
        (&[("Action", "GetRole"), ("RoleName", "nobody")][..], 404, "NoSuchEntity"),
        (&[("Action", "GetRole")], 400, "ValidationError"),
        (&[("Action", "GetRole"), ("RoleName", "one"), ("Extra", "1")], 400, "ValidationError"),
        (&[("Action", "CreateUser"), ("UserName", "x")], 400, "InvalidAction"),
    ] {
        let answer = house.query(&house.root, "iam", form).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{}", answer.text());
    }
    house.close().await;
}

#[tokio::test]
async fn a_form_must_be_the_form_that_was_signed() {
    let house = House::open().await;
    let root = Signer { service: "sts".to_owned(), ..house.root.clone() };
    let form = || {
        let kind = "application/x-www-form-urlencoded";
        let body = "Action=GetCallerIdentity&Version=2011-06-15";
        house.hosted(Ask::new("POST", "/").header("content-type", kind).body(body))
    };
    assert_eq!(house.raw(&root.signed(form())).await.status, 200);
    let mut other = root.signed(form());
    other.body = b"Action=GetCallerIdentity&Version=2011-06-15&".to_vec();
    assert_eq!(house.raw(&other).await.code(), "SignatureDoesNotMatch");
    let mut hidden = root.signed(form());
    hidden.headers.retain(|(name, _)| name != "x-amz-content-sha256");
    assert_eq!(house.raw(&hidden).await.code(), "SignatureDoesNotMatch");
    let unsigned = {
        let mut ask = form();
        root.sign(&mut ask, "UNSIGNED-PAYLOAD");
        ask
    };
    assert_eq!(house.raw(&unsigned).await.code(), "SignatureDoesNotMatch");
    let s3 = house.root.signed(form());
    assert_eq!(house.raw(&s3).await.code(), "SignatureDoesNotMatch");
    house.close().await;
}
