//! Rights: nobody comes to more of them by what they ask for, or by how.

use crate::advisories::{keys, may, put};
use crate::client::Answer;
use crate::house::House;
use crate::signer::{Ask, Signer};

const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// A user who may do this on that; and the user's key.
async fn user(house: &House, name: &str, actions: &str, on: &str) -> Signer {
    let made = [("Action", "CreateUser"), ("UserName", name)];
    assert_eq!(house.query(&house.root, "iam", &made).await.status, 200);
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{actions}],
        "Resource":[{on}]}}]}}"#
    );
    let put = [
        ("Action", "PutUserPolicy"),
        ("UserName", name),
        ("PolicyName", "p"),
        ("PolicyDocument", policy.as_str()),
    ];
    assert_eq!(house.query(&house.root, "iam", &put).await.status, 200);
    let key = [("Action", "CreateAccessKey"), ("UserName", name)];
    let key = house.query(&house.root, "iam", &key).await;
    Signer {
        access_key: key.element("AccessKeyId"),
        secret: key.element("SecretAccessKey"),
        ..house.root.clone()
    }
}

#[track_caller]
fn denied(shown: &str, answer: &Answer) {
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (403, "AccessDenied"),
        "{shown}: {}",
        answer.text()
    );
    assert!(answer.element("SecretAccessKey").is_empty(), "{shown}");
}

/// MinIO and RustFS: whoever might make a key made one for somebody else, root among them.
#[tokio::test]
async fn cve_2022_24842_a_key_is_made_for_oneself_and_for_nobody_else() {
    let house = House::open().await;
    let own = r#""arn:aws:iam::111122223333:user/${aws:username}""#;
    let mallory = user(&house, "mallory", r#""iam:CreateAccessKey""#, own).await;
    user(&house, "boss", r#""*""#, r#""*""#).await;
    let make = async |name: &str| {
        let form = [("Action", "CreateAccessKey"), ("UserName", name)];
        house.query(&mallory, "iam", &form).await
    };
    assert_eq!(make("mallory").await.status, 200);
    denied("boss", &make("boss").await);
    denied("BOSS", &make("BOSS").await);
    for name in ["root", "*", "mallory/../boss", "${aws:username}", "111122223333"] {
        let answer = make(name).await;
        assert!((400..500).contains(&answer.status), "{name}: {}", answer.text());
        assert!(answer.element("SecretAccessKey").is_empty(), "{name}");
    }
    house.close().await;
}

/// MinIO: a restricted key changed its own policy to have none.
#[tokio::test]
async fn cve_2021_43858_nobody_gives_themselves_more() {
    let house = House::open().await;
    let own = r#""arn:aws:iam::111122223333:user/mallory""#;
    let mallory = user(&house, "mallory", r#""iam:GetUser","iam:CreateAccessKey""#, own).await;
    let name = ("UserName", "mallory");
    let policy = ("PolicyName", "p");
    let document = ("PolicyDocument", EVERYTHING);
    let arn = ("PolicyArn", "arn:aws:iam::111122223333:policy/all");
    let forms: [&[(&str, &str)]; 10] = [
        &[("Action", "PutUserPolicy"), name, policy, document],
        &[("Action", "DeleteUserPolicy"), name, policy],
        &[("Action", "AttachUserPolicy"), name, arn],
        &[("Action", "CreatePolicy"), ("PolicyName", "all"), document],
        &[("Action", "AddUserToGroup"), name, ("GroupName", "admins")],
        &[("Action", "UpdateUser"), name, ("NewUserName", "boss")],
        &[("Action", "CreateUser"), ("UserName", "second")],
        &[("Action", "DeleteUserPermissionsBoundary"), name],
        &[("Action", "CreateRole"), ("RoleName", "r"), ("AssumeRolePolicyDocument", EVERYTHING)],
        &[("Action", "PutGroupPolicy"), ("GroupName", "admins"), policy, document],
    ];
    for form in forms {
        let answer = house.query(&mallory, "iam", form).await;
        denied(form[0].1, &answer);
    }
    assert_eq!(house.query(&mallory, "iam", &[("Action", "GetUser"), name]).await.status, 200);
    house.close().await;
}

/// MinIO: a key that was itself restricted made one that was not. Temporary credentials make none,
/// whatever their policies say; nor do they open sessions of their own.
#[tokio::test]
async fn cve_2024_24747_temporary_credentials_make_no_credentials() {
    let house = House::open().await;
    let role = may(&house, "mighty", r#""*""#, r#""*""#).await;
    let boss = user(&house, "boss", r#""*""#, r#""*""#).await;
    let opened = house.query(&boss, "sts", &[("Action", "GetSessionToken")]).await;
    let own = Signer {
        access_key: opened.element("AccessKeyId"),
        secret: opened.element("SecretAccessKey"),
        token: Some(opened.element("SessionToken")),
        ..house.root.clone()
    };
    for who in [&role, &own] {
        for form in [
            &[("Action", "CreateAccessKey"), ("UserName", "boss")][..],
            &[("Action", "CreateUser"), ("UserName", "second")],
            &[
                ("Action", "UpdateAccessKey"),
                ("UserName", "boss"),
                ("Status", "Active"),
                ("AccessKeyId", boss.access_key.as_str()),
            ],
            &[
                ("Action", "PutUserPolicy"),
                ("UserName", "boss"),
                ("PolicyName", "p"),
                ("PolicyDocument", EVERYTHING),
            ],
        ] {
            denied(form[0].1, &house.query(who, "iam", form).await);
        }
        let again = house.query(who, "sts", &[("Action", "GetSessionToken")]).await;
        assert_eq!(again.status, 403, "{}", again.text());
        assert!(again.element("SessionToken").is_empty());
    }
    house.close().await;
}

/// RustFS: a restricted session opened another that was not restricted. What a session policy leaves
/// out is left out of what it opens.
#[tokio::test]
async fn ghsa_xgr5_a_narrowed_session_opens_no_wider_one() {
    let house = House::open().await;
    let portal = may(&house, "portal", r#""sts:*","s3:*""#, r#""*""#).await;
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/portal","arn:aws:iam::111122223333:role/admin"]},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}]}"#;
    house.session("admin", None).await;
    let form =
        [("Action", "UpdateAssumeRolePolicy"), ("RoleName", "admin"), ("PolicyDocument", trust)];
    assert_eq!(house.query(&house.root, "iam", &form).await.status, 200);
    let form = [
        ("Action", "PutRolePolicy"),
        ("RoleName", "admin"),
        ("PolicyName", "p"),
        ("PolicyDocument", EVERYTHING),
    ];
    assert_eq!(house.query(&house.root, "iam", &form).await.status, 200);
    let narrow = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::files/a"}]}"#;
    let assume = async |who: &Signer, policy: Option<&str>| {
        let mut form = vec![
            ("Action", "AssumeRole"),
            ("RoleArn", "arn:aws:iam::111122223333:role/admin"),
            ("RoleSessionName", "session"),
        ];
        form.extend(policy.map(|policy| ("Policy", policy)));
        house.query(who, "sts", &form).await
    };
    let opened = assume(&portal, Some(narrow)).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    let narrowed = Signer {
        access_key: opened.element("AccessKeyId"),
        secret: opened.element("SecretAccessKey"),
        token: Some(opened.element("SessionToken")),
        ..house.root.clone()
    };
    put(&house, "/files/a", "a").await;
    put(&house, "/files/b", "b").await;
    assert_eq!(house.ask(&narrowed, Ask::new("GET", "/files/a")).await.status, 200);
    denied("another object", &house.ask(&narrowed, Ask::new("GET", "/files/b")).await);
    denied("a wider session", &assume(&narrowed, None).await);
    denied("the same session", &assume(&narrowed, Some(narrow)).await);
    denied("IAM", &house.query(&narrowed, "iam", &[("Action", "ListUsers")]).await);
    house.close().await;
}

/// RustFS: a header filled a condition key that only the server can know.
#[tokio::test]
async fn ghsa_6r96_no_client_fills_a_key_that_the_server_derives() {
    let house = House::open().await;
    put(&house, "/files/a", "secret").await;
    for (name, operator, key, value) in [
        ("ip", "IpAddress", "aws:SourceIp", "203.0.113.0/24"),
        ("tls", "Bool", "aws:SecureTransport", "true"),
        ("user", "StringEquals", "aws:username", "boss"),
        ("identity", "StringEquals", "aws:SourceIdentity", "boss"),
        ("tag", "StringEquals", "aws:PrincipalTag/team", "red"),
        ("mfa", "Bool", "aws:MultiFactorAuthPresent", "true"),
        ("via", "Bool", "aws:ViaAWSService", "true"),
        ("object", "StringEquals", "s3:ExistingObjectTag/public", "yes"),
        ("signature", "StringEquals", "s3:signatureversion", "AWS"),
        ("form", "StringEquals", "s3:authType", "POST"),
    ] {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:GetObject",
            "Resource":"*","Condition":{{"{operator}":{{"{key}":"{value}"}}}}}}]}}"#
        );
        let alice = house.session(&format!("alice-{name}"), Some(&policy)).await;
        let said = value.replace("0/24", "9");
        let bare = key.split(':').nth(1).expect("a name").replace('/', "-").to_lowercase();
        for header in [
            format!("aws-{bare}"),
            format!("x-aws-{bare}"),
            bare.clone(),
            format!("x-{bare}"),
            "x-forwarded-for".to_owned(),
            "x-forwarded-proto".to_owned(),
            "x-real-ip".to_owned(),
        ] {
            let value = if header == "x-forwarded-proto" { "https" } else { &said };
            let ask = Ask::new("GET", "/files/a").header(&header, value);
            denied(&format!("{key} by {header}"), &house.ask(&alice, ask).await);
        }
        for parameter in [key.to_owned(), bare] {
            let ask = Ask::new("GET", "/files/a").query(&parameter, &said);
            let answer = house.ask(&alice, ask).await;
            assert!([400, 403, 501].contains(&answer.status), "{key}: {}", answer.text());
        }
    }
    house.close().await;
}

/// RustFS: where one right was missing another was asked for. Each right is its own.
#[tokio::test]
async fn ghsa_x298_one_right_does_not_stand_in_for_another() {
    let house = House::open().await;
    put(&house, "/files/a", "secret").await;
    let list = || Ask::new("GET", "/files").query("list-type", "2");
    let versions = || Ask::new("GET", "/files").query("versions", "");
    let uploads = || Ask::new("GET", "/files").query("uploads", "");
    let get = || Ask::new("GET", "/files/a");
    let tags = || Ask::new("GET", "/files/a").query("tagging", "");
    let delete = || Ask::new("DELETE", "/files/a");
    let put = || Ask::new("PUT", "/files/a").body("other");
    let policy = || Ask::new("GET", "/files").query("policy", "");
    let asks: [(&str, &dyn Fn() -> Ask); 8] = [
        ("s3:ListBucket", &list),
        ("s3:ListBucketVersions", &versions),
        ("s3:ListBucketMultipartUploads", &uploads),
        ("s3:GetObject", &get),
        ("s3:GetObjectTagging", &tags),
        ("s3:GetBucketPolicy", &policy),
        ("s3:PutObject", &put),
        ("s3:DeleteObject", &delete),
    ];
    for (n, (right, _)) in asks.iter().enumerate() {
        let who = may(&house, &format!("alice{n}"), &format!("\"{right}\""), r#""*""#).await;
        for (needed, ask) in &asks {
            if needed == right {
                continue;
            }
            let answer = house.ask(&who, ask()).await;
            assert_eq!(answer.status, 403, "{needed} with {right}: {}", answer.text());
        }
    }
    assert_eq!(house.object("/files/a").await.as_deref(), Some(&b"secret"[..]));
    house.close().await;
}

/// RustFS: a version was read and removed by the right to the object as it is now.
#[tokio::test]
async fn ghsa_3ppv_a_version_needs_the_right_to_versions() {
    let house = House::open().await;
    let on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    let on = Ask::new("PUT", "/files").query("versioning", "").body(on);
    assert_eq!(house.ask(&house.root, on).await.status, 200);
    let first = house.ask(&house.root, Ask::new("PUT", "/files/a").body("secret")).await;
    let id = first.header("x-amz-version-id").to_owned();
    put(&house, "/files/a", "public").await;
    let rights = r#""s3:GetObject","s3:DeleteObject","s3:PutObject""#;
    let alice = may(&house, "alice", rights, r#""*""#).await;
    assert_eq!(house.ask(&alice, Ask::new("GET", "/files/a")).await.text(), "public");
    for method in ["GET", "HEAD", "DELETE"] {
        let ask = Ask::new(method, "/files/a").query("versionId", &id);
        let answer = house.ask(&alice, ask).await;
        assert_eq!(answer.status, 403, "{method}: {}", answer.text());
        assert!(!answer.text().contains("secret"));
    }
    let copied = Ask::new("PUT", "/files/b")
        .header("x-amz-copy-source", &format!("/files/a?versionId={id}"));
    denied("a copy of a version", &house.ask(&alice, copied).await);
    let old = house.ask(&house.root, Ask::new("GET", "/files/a").query("versionId", &id)).await;
    assert_eq!(old.text(), "secret", "it is still there");
    assert_eq!(keys(&house, "/files").await, ["a"]);
    house.close().await;
}

/// RustFS and MinIO: whoever sets up notifications made the server call where they liked. Here they
/// name one of the operator's webhooks, and no address.
#[tokio::test]
async fn ghsa_m479_who_configures_a_bucket_names_no_address() {
    let house = House::open().await;
    let put = async |arn: &str| {
        let document = format!(
            "<NotificationConfiguration><TopicConfiguration><Topic>{arn}</Topic>\
             <Event>s3:ObjectCreated:*</Event></TopicConfiguration></NotificationConfiguration>"
        );
        let ask = Ask::new("PUT", "/files").query("notification", "").body(document);
        house.ask(&house.root, ask).await
    };
    for arn in [
        "http://169.254.169.254/latest/meta-data/",
        "https://evil.example/",
        "arn:aws:sns:us-east-1:111122223333:https://evil.example/",
        "arn:aws:sns:us-east-1:111122223333:../hook",
        "arn:aws:sns:us-east-1:111122223333:hook@evil.example",
        "arn:aws:sns:us-east-1:999999999999:hook",
        "arn:minio:sqs::1:webhook",
        "arn:aws:lambda:us-east-1:111122223333:function:hook",
        "hook",
        "",
    ] {
        let answer = put(arn).await;
        assert!([400, 501].contains(&answer.status), "{arn}: {}", answer.text());
    }
    let good = put("arn:aws:sns:us-east-1:111122223333:hook").await;
    assert_eq!(good.status, 200, "{}", good.text());
    house.close().await;
}

/// RustFS: the negation of a set operator stood outside of its quantifier, so that one good value let
/// a bad one in.
#[tokio::test]
async fn ghsa_v9cp_a_negated_condition_is_asked_of_each_value() {
    let house = House::open().await;
    let put = |tags: &str| Ask::new("PUT", "/files/a").header("x-amz-tagging", tags).body("x");
    for (quantifier, tags, allowed) in [
        ("ForAllValues", "colour=red", true),
        ("ForAllValues", "secret=1", false),
        ("ForAllValues", "colour=red&secret=1", false),
        ("ForAllValues", "secret=1&colour=red", false),
        ("ForAnyValue", "colour=red", true),
        ("ForAnyValue", "secret=1", false),
        ("ForAnyValue", "colour=red&secret=1", true),
    ] {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",
            "Action":["s3:PutObject","s3:PutObjectTagging"],"Resource":"*","Condition":
            {{"{quantifier}:StringNotEquals":{{"s3:RequestObjectTagKeys":["secret","hidden"]}}}}}}]}}"#
        );
        let name = format!("{quantifier}-{}", tags.replace(['=', '&'], "-"));
        let alice = house.session(&name, Some(&policy)).await;
        let answer = house.ask(&alice, put(tags)).await;
        assert_eq!(answer.status == 200, allowed, "{quantifier} {tags}: {}", answer.text());
    }
    house.close().await;
}
