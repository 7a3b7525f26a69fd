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
        (&[("Action", "CreateSAMLProvider"), ("Name", "x")], 400, "InvalidAction"),
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

#[tokio::test]
async fn a_user_signs_with_a_key_that_is_shown_once_and_ends_when_it_is_said_to() {
    let house = House::open().await;
    let on = |action: &'static str| [("Action", action), ("UserName", "tool")];
    let made = house.query(&house.root, "iam", &on("CreateUser")).await;
    assert_eq!(made.element("Arn"), "arn:aws:iam::111122223333:user/tool", "{}", made.text());
    let policy = [("PolicyName", "p"), ("PolicyDocument", MAY_READ)];
    let put = [&on("PutUserPolicy")[..], &policy].concat();
    assert_eq!(house.query(&house.root, "iam", &put).await.status, 200);
    let key = house.query(&house.root, "iam", &on("CreateAccessKey")).await;
    let tool = Signer {
        access_key: key.element("AccessKeyId"),
        secret: key.element("SecretAccessKey"),
        ..house.root.clone()
    };
    assert_eq!(tool.secret.len(), 40);
    let listed = house.query(&house.root, "iam", &on("ListAccessKeys")).await;
    assert!(!listed.text().contains(&tool.secret));
    house.ask(&house.root, Ask::new("PUT", "/files/x").body("x")).await;
    assert_eq!(house.ask(&tool, Ask::new("GET", "/files/x")).await.status, 200);
    let denied = house.ask(&tool, Ask::new("PUT", "/files/x").body("y")).await;
    assert_eq!(denied.code(), "AccessDenied");
    assert!(denied.element("Message").contains("user/tool is not authorized"), "{}", denied.text());
    let who = house.query(&tool, "sts", &[("Action", "GetCallerIdentity")]).await;
    assert!(who.element("UserId").starts_with("AIDA"));
    let info = [("Action", "GetAccessKeyInfo"), ("AccessKeyId", tool.access_key.as_str())];
    assert_eq!(house.query(&tool, "sts", &info).await.code(), "AccessDenied");
    assert_eq!(house.query(&house.root, "sts", &info).await.element("Account"), "111122223333");
    let own = house.query(&tool, "iam", &[("Action", "GetUser")]).await;
    assert_eq!(own.code(), "AccessDenied");
    assert!(own.element("Message").contains("user/tool"), "one's own: {}", own.text());
    let session = house.query(&tool, "sts", &[("Action", "GetSessionToken")]).await;
    let session = Signer {
        access_key: session.element("AccessKeyId"),
        secret: session.element("SecretAccessKey"),
        token: Some(session.element("SessionToken")),
        ..house.root.clone()
    };
    assert_eq!(house.ask(&session, Ask::new("GET", "/files/x")).await.status, 200);
    let used = [("Action", "GetAccessKeyLastUsed"), ("AccessKeyId", tool.access_key.as_str())];
    let used = house.query(&house.root, "iam", &used).await;
    assert_eq!(used.element("ServiceName"), "s3", "{}", used.text());
    let off = [("AccessKeyId", tool.access_key.as_str()), ("Status", "Inactive")];
    let off = [&on("UpdateAccessKey")[..], &off].concat();
    assert_eq!(house.query(&house.root, "iam", &off).await.status, 200);
    let ended = house.ask(&tool, Ask::new("GET", "/files/x")).await;
    assert_eq!(ended.code(), "InvalidAccessKeyId");
    assert_eq!(house.ask(&session, Ask::new("GET", "/files/x")).await.code(), "InvalidToken");
    house.close().await;
}

#[tokio::test]
async fn lists_come_in_pages_and_errors_name_the_field() {
    let house = House::open().await;
    for name in ["b", "A", "c"] {
        let form = [("Action", "CreateUser"), ("UserName", name), ("Path", "/p/")];
        assert_eq!(house.query(&house.root, "iam", &form).await.status, 200);
    }
    let (mut names, mut marker) = (Vec::new(), String::new());
    loop {
        let mut form = vec![("Action", "ListUsers"), ("MaxItems", "1")];
        if !marker.is_empty() {
            form.push(("Marker", marker.as_str()));
        }
        let page = house.query(&house.root, "iam", &form).await;
        names.push(page.element("UserName"));
        if page.element("IsTruncated") == "false" {
            break;
        }
        marker = page.element("Marker");
    }
    assert_eq!(names, ["A", "b", "c"]);
    for (form, status, code, word) in [
        (&[("Action", "CreateUser"), ("UserName", "B")][..], 409, "EntityAlreadyExists", "`B`"),
        (&[("Action", "CreateUser"), ("UserName", "root")], 400, "InvalidInput", "UserName"),
        (&[("Action", "CreateUser"), ("UserName", "a b")], 400, "ValidationError", "user name"),
        (&[("Action", "GetUser")], 400, "ValidationError", "userName"),
        (&[("Action", "GetUser"), ("UserName", "z")], 404, "NoSuchEntity", "`z`"),
        (
            &[("Action", "GetUser"), ("UserName", "b"), ("Marker", "x")],
            400,
            "ValidationError",
            "Marker",
        ),
        (&[("Action", "ListUsers"), ("MaxItems", "0")], 400, "ValidationError", "MaxItems"),
    ] {
        let answer = house.query(&house.root, "iam", form).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{}", answer.text());
        assert!(answer.element("Message").contains(word), "{}", answer.text());
    }
    house.close().await;
}
