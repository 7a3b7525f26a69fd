//! Users at the gate: what their policies allow, and every layer that may say no.

use wh_authority::{
    AccessKeyStatus, AuthenticationError, GroupCall, Holder, IamRequest, PolicyCall, UserCall,
};
use wh_gate::{Caller, GateError, OperationKind, Refusal, RefusalCause, ops};
use wh_names::{GroupName, RoleName, UserName};
use wh_objects::PutObject;

use crate::house::{House, User, account, allows, at, boundary_arn};
use crate::perform::{Until, perform};

const KEY: &str = "home/tool/letter.txt";

/// What no policy has a say in for a user with an access key.
const ALWAYS: [OperationKind; 2] =
    [OperationKind::GetCallerIdentity, OperationKind::GetSessionToken];

fn everything() -> String {
    allows(&[(r#""*""#, "*")])
}

fn denies(actions: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":[{actions}],"Resource":"*"}}]}}"#
    )
}

async fn refusal(house: &House, caller: &Caller, kind: OperationKind) -> Option<Refusal> {
    match perform(house, caller, kind, KEY, Until::Permit).await {
        Err(GateError::Refused(refusal)) => Some(refusal),
        Ok(()) | Err(_) => None,
    }
}

async fn put(house: &House, caller: &Caller, key: &str) -> &'static str {
    let put = ops::PutObject { address: at(key), put: PutObject::default() };
    house.gate.admit(caller, put).await.map_or_else(|r| r.cause().code(), |_| "ok")
}

async fn bound(house: &House, user: &User) {
    let call = UserCall::PutBoundary { policy_arn: boundary_arn() };
    house.iam(IamRequest::User(user.name.clone(), call)).await;
}

async fn set_status(house: &House, user: &User, status: AccessKeyStatus) {
    let call = UserCall::UpdateAccessKey { id: user.key.clone(), status };
    house.iam(IamRequest::User(user.name.clone(), call)).await;
}

#[tokio::test]
async fn every_operation_refuses_a_user_without_policies() {
    let house = House::build().await;
    let nobody = house.user("nobody", &[]).await;
    for &kind in OperationKind::ALL {
        let refused = refusal(&house, &house.as_user(&nobody), kind).await;
        assert_eq!(refused.is_none(), ALWAYS.contains(&kind), "{kind:?}");
    }
}

#[tokio::test]
async fn every_operation_is_refused_by_each_layer_that_denies_and_the_layer_is_named() {
    let house = House::build().await;
    let all = everything();
    let denied = house.user("denied", &[("all", &all), ("none", &denies(r#""*""#))]).await;
    let silent = house.user("silent", &[("some", &allows(&[(r#""ec2:*""#, "*")]))]).await;
    let fenced = house.user("fenced", &[("all", &all)]).await;
    bound(&house, &fenced).await;
    for &kind in OperationKind::ALL {
        // Who is vouched for is judged by the role's trust policy alone.
        if ALWAYS.contains(&kind) || kind == OperationKind::AssumeRoleWithWebIdentity {
            continue;
        }
        let at = async |user: &User| refusal(&house, &house.as_user(user), kind).await;
        let refused = at(&denied).await.expect("a refusal").message();
        assert!(
            refused.contains("explicit deny in an identity-based policy"),
            "{kind:?} {refused}"
        );
        // Assuming a role is decided by its trust policy first.
        let trusted = kind == OperationKind::AssumeRole;
        let layer = if trusted { "" } else { "no identity-based policy allows" };
        let refused = at(&silent).await.expect("a refusal").message();
        assert!(refused.contains(layer), "{kind:?} {refused}");
        // The boundary allows what concerns the bucket, and nothing of IAM and STS.
        let identity = matches!(
            kind,
            OperationKind::IamCall
                | OperationKind::AssumeRole
                | OperationKind::GetAccessKeyInfo
                | OperationKind::DecodeAuthorizationMessage
        );
        let refused = at(&fenced).await;
        let beyond = matches!(kind, OperationKind::CreateBucket);
        assert_eq!(refused.is_some(), identity || beyond, "{kind:?}");
    }
}

#[tokio::test]
async fn a_bucket_policy_that_denies_a_user_decides() {
    let house = House::build().await;
    let tool = house.user("tool", &[("all", &everything())]).await;
    let tool_call = house.as_user(&tool);
    assert_eq!(put(&house, &tool_call, KEY).await, "ok");
    let arn = tool_call.principal.label();
    house
        .bucket_policy(&format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":{{"AWS":"{arn}"}},
            "Action":"s3:PutObject","Resource":"arn:aws:s3:::files/*"}}]}}"#
        ))
        .await;
    assert_eq!(put(&house, &tool_call, KEY).await, "denied-by-policy");
    let other = house.user("other", &[("all", &everything())]).await;
    assert_eq!(put(&house, &house.as_user(&other), KEY).await, "ok");
}

#[tokio::test]
async fn what_a_user_is_comes_from_the_credentials_alone() {
    let house = House::build().await;
    let on = |key: &str| format!("arn:aws:s3:::files/{key}");
    let policy = allows(&[
        (r#""s3:PutObject""#, &on("home/${aws:username}/*")),
        (r#""s3:PutObject""#, &on("id/${aws:userid}")),
        (r#""s3:PutObject""#, &on("team/${aws:PrincipalTag/team}/x")),
        (r#""s3:PutObject""#, &on("type/${aws:PrincipalType}")),
    ]);
    let tool = house.user("tool", &[("own", &policy)]).await;
    let tags = vec![("team".to_owned(), "red".to_owned())];
    house.iam(IamRequest::User(tool.name.clone(), UserCall::Tag { tags })).await;
    let caller = house.as_user(&tool);
    let id = caller.principal.user_id().to_owned();
    assert!(id.starts_with("AIDA"), "{id}");
    for key in [KEY, &format!("id/{id}"), "team/red/x", "type/User"] {
        assert_eq!(put(&house, &caller, key).await, "ok", "{key}");
    }
    for key in ["home/other/x", "id/AIDAOTHER", "team/blue/x", "type/AssumedRole", "team//x"] {
        assert_eq!(put(&house, &caller, key).await, "denied-by-policy", "{key}");
    }
}

#[tokio::test]
async fn a_group_gives_its_members_what_it_has_and_takes_it_back() {
    let house = House::build().await;
    let tool = house.user("tool", &[]).await;
    let group = GroupName::parse("Writers").expect("a name");
    let path = "/".to_owned();
    house.iam(IamRequest::Group(group.clone(), GroupCall::Create { path })).await;
    let (name, document) = ("put".to_owned(), allows(&[(r#""s3:PutObject""#, "*")]));
    let call = PolicyCall::PutInline { name, document };
    house.iam(IamRequest::Policies(Holder::Group(group.clone()), call)).await;
    let caller = house.as_user(&tool);
    assert_eq!(put(&house, &caller, KEY).await, "denied-by-policy");
    let user = tool.name.clone();
    house.iam(IamRequest::Group(group.clone(), GroupCall::AddUser { user: user.clone() })).await;
    assert_eq!(put(&house, &caller, KEY).await, "ok");
    bound(&house, &tool).await;
    assert_eq!(put(&house, &caller, KEY).await, "ok");
    house.iam(IamRequest::Group(group, GroupCall::RemoveUser { user })).await;
    assert_eq!(put(&house, &caller, KEY).await, "denied-by-policy");
}

#[tokio::test]
async fn every_operation_refuses_a_key_that_was_deactivated_or_deleted() {
    let house = House::build().await;
    let tool = house.user("tool", &[("all", &everything())]).await;
    let caller = house.as_user(&tool);
    let session = house.own_session(&caller);
    assert_eq!(put(&house, &session, KEY).await, "ok");
    set_status(&house, &tool, AccessKeyStatus::Inactive).await;
    let of = |error| Some(RefusalCause::Credentials(error));
    for &kind in OperationKind::ALL {
        let key = refusal(&house, &caller, kind).await.map(|r| r.cause());
        assert_eq!(key, of(AuthenticationError::InvalidAccessKeyId), "{kind:?}");
        let own = refusal(&house, &session, kind).await.map(|r| r.cause());
        assert_eq!(own, of(AuthenticationError::Revoked), "{kind:?}");
    }
    set_status(&house, &tool, AccessKeyStatus::Active).await;
    assert_eq!(put(&house, &caller, KEY).await, "ok");
    let call = UserCall::DeleteAccessKey { id: tool.key.clone() };
    house.iam(IamRequest::User(tool.name.clone(), call)).await;
    assert_eq!(put(&house, &caller, KEY).await, "invalid-access-key-id");
}

/// CVE-2022-24842, CVE-2024-24747: a session of a mighty user is temporary, too, and makes nothing.
#[tokio::test]
async fn sec_a_session_of_ones_own_makes_no_credentials() {
    let house = House::build().await;
    let tool = house.user("tool", &[("all", &everything())]).await;
    for session in [house.own_session(&house.as_user(&tool)), house.own_session(&house.root())] {
        for name in ["tool", "other"] {
            let user = UserName::parse(name).expect("a name");
            let request = IamRequest::User(user, UserCall::CreateAccessKey);
            let refused = house.gate.admit(&session, ops::IamCall { request }).await;
            let cause = refused.expect_err("a refusal").cause();
            assert_eq!(cause, RefusalCause::TemporaryCredentials);
        }
        let refused = refusal(&house, &session, OperationKind::GetSessionToken).await;
        assert_eq!(refused.map(|r| r.cause()), Some(RefusalCause::SessionCredentials));
    }
    house.pass(3600);
    let root = house.own_session(&house.root());
    house.pass(3600);
    let expired = refusal(&house, &root, OperationKind::ListBuckets).await.map(|r| r.cause());
    assert_eq!(expired, Some(RefusalCause::Credentials(AuthenticationError::ExpiredToken)));
}

#[tokio::test]
async fn no_spelling_of_a_name_gets_around_a_policy_about_it() {
    let house = House::build().await;
    let document = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"iam:*","Resource":"*"},
        {"Effect":"Deny","Action":"iam:*","Resource":["arn:aws:iam::111122223333:role/*/AdminRole",
        "arn:aws:iam::111122223333:user/*/boss"]}]}"#;
    let tool = house.user("tool", &[("most", document)]).await;
    house.user("boss", &[]).await;
    let caller = house.as_user(&tool);
    for (role, user) in [("AdminRole", "boss"), ("ADMINROLE", "BOSS"), ("adminrole", "Boss")] {
        let role = RoleName::parse(role).expect("a name");
        let user = UserName::parse(user).expect("a name");
        for request in
            [IamRequest::DeleteRole { role }, IamRequest::User(user, UserCall::CreateAccessKey)]
        {
            let refused = house.gate.admit(&caller, ops::IamCall { request }).await;
            assert_eq!(refused.expect_err("a refusal").cause(), RefusalCause::Policy);
        }
    }
}

#[tokio::test]
async fn who_may_make_users_only_with_a_boundary_makes_none_without() {
    let house = House::build().await;
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":[
        {{"Effect":"Allow","Action":["iam:CreateUser","iam:AttachUserPolicy"],"Resource":"*",
        "Condition":{{"StringEquals":{{"iam:PermissionsBoundary":"{0}"}}}}}},
        {{"Effect":"Deny","Action":"iam:AttachUserPolicy","Resource":"*",
        "Condition":{{"ArnEquals":{{"iam:PolicyARN":"{0}"}}}}}}]}}"#,
        boundary_arn()
    );
    let lead = house.user("lead", &[("delegated", &document)]).await;
    let caller = house.as_user(&lead);
    let create = |name: &str, boundary: Option<String>| {
        let (path, tags) = ("/".to_owned(), Vec::new());
        let call = UserCall::Create { path, boundary, tags };
        IamRequest::User(UserName::parse(name).expect("a name"), call)
    };
    let attach = |name: &str, policy_arn: String| {
        let user = UserName::parse(name).expect("a name");
        IamRequest::Policies(Holder::User(user), PolicyCall::Attach { policy_arn })
    };
    let other = "arn:aws:iam::111122223333:policy/other".to_owned();
    house.iam(create("bound", Some(boundary_arn()))).await;
    house.iam(create("free", None)).await;
    for (request, allowed) in [
        (create("new", Some(boundary_arn())), true),
        (create("new", Some(other.clone())), false),
        (create("new", None), false),
        (attach("bound", other.clone()), true),
        (attach("bound", boundary_arn()), false),
        (attach("free", other), false),
    ] {
        let told = format!("{request:?}");
        let answer = house.gate.admit(&caller, ops::IamCall { request }).await;
        assert_eq!(answer.is_ok(), allowed, "{told}");
    }
}

#[tokio::test]
async fn what_a_refusal_keeps_to_itself_is_read_only_by_those_who_may() {
    let house = House::build().await;
    let tool = house.user("tool", &[]).await;
    let caller = house.as_user(&tool);
    let refused = refusal(&house, &caller, OperationKind::PutObject).await.expect("a refusal");
    let message = refused.encoded().expect("an encoded message").to_owned();
    assert!(!message.contains("tool"), "sealed");
    let decode = ops::DecodeAuthorizationMessage { message, account: account() };
    let denied = house.gate.admit(&caller, decode.clone()).await.expect_err("not by the refused");
    assert_eq!(denied.cause(), RefusalCause::Policy);
    let may = allows(&[(r#""sts:DecodeAuthorizationMessage""#, "*")]);
    let reader = house.user("reader", &[("decode", &may)]).await;
    let permit = house.gate.admit(&house.as_user(&reader), decode.clone()).await.expect("a permit");
    let text = house.gate.decode_authorization_message(permit).await.expect("a text");
    let text: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(text["allowed"], false);
    assert_eq!(text["explicitDeny"], false);
    assert_eq!(text["context"]["action"], "s3:PutObject");
    assert_eq!(text["context"]["principal"]["arn"], caller.principal.label());
    let conditions = text["context"]["conditions"]["items"].as_array().expect("conditions");
    assert!(conditions.iter().any(|c| c["key"] == "aws:userid"), "{text}");
    let mut forged = decode;
    forged.message = forged.message.chars().rev().collect();
    let permit = house.gate.admit(&house.as_user(&reader), forged).await.expect("a permit");
    let error = house.gate.decode_authorization_message(permit).await.expect_err("forged");
    assert_eq!(error.code(), "InvalidAuthorizationMessageException");
    let stranger = refusal(&house, &house.stranger(), OperationKind::PutObject).await;
    assert_eq!(stranger.expect("a refusal").encoded(), None);
}

#[tokio::test]
async fn somebody_vouched_for_may_assume_a_role_and_nothing_else() {
    let house = House::build().await;
    let alice = house.federated().await;
    for &kind in OperationKind::ALL {
        let refused = refusal(&house, &alice, kind).await;
        let own = kind == OperationKind::AssumeRoleWithWebIdentity;
        assert_eq!(refused.is_none(), own, "{kind:?}");
    }
}
