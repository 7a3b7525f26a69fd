//! Users, their access keys and groups: what is put is kept, what hangs together stays together, and
//! a key ends when it is said to.

use wh_authority::{
    AccessKeyStatus, AuthenticationError, GroupCall, Holder, IamReply, IamRequest as R,
    NewAccessKey, PolicyCall, UserCall as U,
};
use wh_ledger::Ledger;
use wh_names::{GroupName, Region, UserName};

use crate::kit::{Kit, tags};

const READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;

fn user(name: &str) -> UserName {
    UserName::parse(name).expect("a user name")
}

fn group(name: &str) -> GroupName {
    GroupName::parse(name).expect("a group name")
}

fn create(name: &str) -> R {
    R::User(user(name), U::Create { path: "/team/".to_owned(), boundary: None, tags: Vec::new() })
}

fn inline(on: Holder, document: &str) -> R {
    let (name, document) = ("inline".to_owned(), document.to_owned());
    R::Policies(on, PolicyCall::PutInline { name, document })
}

async fn code(kit: &Kit, request: R) -> &'static str {
    kit.try_iam(request).await.map_or_else(|e| e.code(), |_| "ok")
}

async fn new_key(kit: &Kit, name: &str) -> NewAccessKey {
    let made = kit.iam(R::User(user(name), U::CreateAccessKey)).await;
    let IamReply::NewAccessKey(key) = made else { panic!("no key: {made:?}") };
    key
}

async fn furnish(kit: &Kit) -> NewAccessKey {
    kit.iam(create("Tool")).await;
    let call = U::Tag { tags: tags(&[("team", "red")]) };
    kit.iam(R::User(user("tool"), call)).await;
    kit.iam(inline(Holder::User(user("TOOL")), READ)).await;
    kit.iam(R::Group(group("Readers"), GroupCall::Create { path: "/".to_owned() })).await;
    kit.iam(inline(Holder::Group(group("readers")), READ)).await;
    kit.iam(R::Group(group("READERS"), GroupCall::AddUser { user: user("tool") })).await;
    new_key(kit, "tool").await
}

fn region() -> Region {
    Region::parse("us-east-1").expect("a region")
}

#[tokio::test]
async fn what_was_put_is_there_after_a_restart_and_no_secret_is_in_the_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.sqlite");
    let ledger = Ledger::open(&path).await.expect("a ledger");
    let kit = Kit::over(ledger.clone(), 1).await;
    let key = furnish(&kit).await;
    kit.authority.note_use(&key.id, "s3", &region()).await;
    let questions = || {
        [
            R::User(user("tool"), U::Get),
            R::User(user("tool"), U::ListAccessKeys),
            R::User(user("tool"), U::ListGroups),
            R::ListUsers { path_prefix: "/team/".to_owned() },
            R::Group(group("readers"), GroupCall::Get),
            R::GetAccessKeyLastUsed { id: key.id.clone() },
            R::Policies(Holder::User(user("tool")), PolicyCall::ListInline),
        ]
    };
    let mut before = Vec::new();
    for question in questions() {
        before.push(kit.iam(question).await);
    }
    ledger.close().await;
    for entry in std::fs::read_dir(folder.path()).expect("a folder") {
        let bytes = std::fs::read(entry.expect("a file").path()).expect("bytes");
        let secret = key.secret.expose().as_bytes();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret), "a secret in the open");
    }
    let kit = Kit::over(Ledger::open(&path).await.expect("a ledger"), 1).await;
    for (question, before) in questions().into_iter().zip(before) {
        assert_eq!(kit.iam(question).await, before);
    }
    let secret = kit.authority.secret_key(&key.id, None).expect("a secret");
    assert!(secret.matches(&key.secret));
    assert!(kit.authority.recognise(&key.id, None).is_ok());
}

#[tokio::test]
async fn a_sealed_secret_opens_for_its_own_key_and_ring_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.sqlite");
    let kit = Kit::over(Ledger::open(&path).await.expect("a ledger"), 1).await;
    kit.iam(create("tool")).await;
    let (one, two) = (new_key(&kit, "tool").await, new_key(&kit, "tool").await);
    assert!(!one.secret.matches(&two.secret));
    kit.ledger.close().await;
    let other = Kit::over(Ledger::open(&path).await.expect("a ledger"), 77).await;
    let unknown = Some(AuthenticationError::InvalidAccessKeyId);
    assert_eq!(other.authority.secret_key(&one.id, None).err(), unknown);
    let swapped = Ledger::open(&path).await.expect("a ledger");
    let rows = swapped.iam().await.expect("rows");
    let mut row = rows.users["tool"].clone();
    let sealed = row.access_keys[0].sealed_secret.clone();
    row.access_keys[1].sealed_secret = sealed;
    let write = wh_ledger::IamWrite::PutUser(row.clone());
    swapped.write_iam(rows.version, &write).await.expect("written");
    let kit = Kit::over(swapped, 1).await;
    assert!(kit.authority.secret_key(&row.access_keys[0].id, None).is_ok());
    assert_eq!(kit.authority.secret_key(&row.access_keys[1].id, None).err(), unknown);
}

#[tokio::test]
async fn what_something_hangs_on_is_not_deleted() {
    let kit = Kit::build().await;
    let key = furnish(&kit).await;
    let delete = || R::User(user("tool"), U::Delete);
    let steps = [
        R::User(user("tool"), U::DeleteAccessKey { id: key.id.clone() }),
        R::Policies(
            Holder::User(user("tool")),
            PolicyCall::DeleteInline { name: "inline".to_owned() },
        ),
        R::Group(group("readers"), GroupCall::RemoveUser { user: user("tool") }),
    ];
    let no_group = R::Group(group("readers"), GroupCall::Delete);
    for step in steps {
        assert_eq!(code(&kit, delete()).await, "DeleteConflict");
        assert_eq!(code(&kit, no_group.clone()).await, "DeleteConflict");
        assert_eq!(code(&kit, step.clone()).await, "ok", "{step:?}");
    }
    assert_eq!(code(&kit, delete()).await, "ok");
    assert_eq!(code(&kit, delete()).await, "NoSuchEntity");
    assert_eq!(code(&kit, no_group.clone()).await, "DeleteConflict", "its own policy");
    let name = "inline".to_owned();
    let drop = R::Policies(Holder::Group(group("readers")), PolicyCall::DeleteInline { name });
    assert_eq!(code(&kit, drop).await, "ok");
    assert_eq!(code(&kit, no_group).await, "ok");
}

#[tokio::test]
async fn names_are_unique_ignoring_case_reserved_ones_are_nobodys_and_limits_hold() {
    let kit = Kit::build().await;
    furnish(&kit).await;
    assert_eq!(code(&kit, create("TOOL")).await, "EntityAlreadyExists");
    for reserved in ["root", "Root", "ROOT", "anonymous", "111122223333"] {
        assert_eq!(code(&kit, create(reserved)).await, "InvalidInput", "{reserved}");
        let rename = U::Update { name: Some(user(reserved)), path: None };
        assert_eq!(code(&kit, R::User(user("tool"), rename)).await, "InvalidInput", "{reserved}");
    }
    let again = R::Group(group("readers"), GroupCall::Create { path: "/".to_owned() });
    assert_eq!(code(&kit, again).await, "EntityAlreadyExists");
    assert_eq!(code(&kit, R::User(user("nobody"), U::Get)).await, "NoSuchEntity");
    new_key(&kit, "tool").await;
    assert_eq!(code(&kit, R::User(user("tool"), U::CreateAccessKey)).await, "LimitExceeded");
    let bad = inline(Holder::User(user("tool")), "{}");
    assert_eq!(code(&kit, bad).await, "MalformedPolicyDocument");
    let filler = format!(r#""arn:aws:s3:::{}""#, "b".repeat(2100));
    let long = READ.replace(r#""*""#, &filler);
    assert_eq!(code(&kit, inline(Holder::User(user("tool")), &long)).await, "LimitExceeded");
    assert_eq!(code(&kit, inline(Holder::Group(group("readers")), &long)).await, "ok");
    let twice = U::Tag { tags: tags(&[("a", "1"), ("A", "2")]) };
    assert_eq!(code(&kit, R::User(user("tool"), twice)).await, "ValidationError");
    for n in 1..=9 {
        let name = group(&format!("g{n}"));
        kit.iam(R::Group(name.clone(), GroupCall::Create { path: "/".to_owned() })).await;
        kit.iam(R::Group(name, GroupCall::AddUser { user: user("tool") })).await;
    }
    kit.iam(R::Group(group("g10"), GroupCall::Create { path: "/".to_owned() })).await;
    let eleventh = R::Group(group("g10"), GroupCall::AddUser { user: user("tool") });
    assert_eq!(code(&kit, eleventh).await, "LimitExceeded");
}

#[tokio::test]
async fn a_new_name_keeps_what_the_user_has_and_a_new_user_of_the_old_name_has_nothing() {
    let kit = Kit::build().await;
    let key = furnish(&kit).await;
    let rename = U::Update { name: Some(user("Robot")), path: Some("/".to_owned()) };
    kit.iam(R::User(user("tool"), rename)).await;
    assert_eq!(code(&kit, R::User(user("tool"), U::Get)).await, "NoSuchEntity");
    let caller = kit.authority.recognise(&key.id, None).expect("the user");
    assert_eq!(caller.label(), "arn:aws:iam::111122223333:user/Robot");
    let standing = kit.authority.standing(&caller).expect("a standing");
    assert_eq!(standing.identity.len(), 2, "its own policy and its group's");
    let rename = GroupCall::Update { name: Some(group("Lookers")), path: None };
    kit.iam(R::Group(group("readers"), rename)).await;
    let standing = kit.authority.standing(&caller).expect("a standing");
    assert_eq!(standing.identity.len(), 2);
    kit.iam(create("tool")).await;
    let keys = kit.iam(R::User(user("tool"), U::ListAccessKeys)).await;
    assert_eq!(keys, IamReply::AccessKeys(Vec::new()));
}

#[tokio::test]
async fn a_key_ends_at_once_and_with_it_the_sessions_that_it_opened() {
    let kit = Kit::build().await;
    let key = furnish(&kit).await;
    let caller = kit.authority.recognise(&key.id, None).expect("the user");
    assert!(!caller.is_temporary());
    let session = kit.authority.get_session_token(&caller, Some(900)).expect("a session");
    let own = kit.recognise(&session);
    assert!(own.is_temporary());
    assert_eq!(own.label(), caller.label());
    let set = |status| R::User(user("tool"), U::UpdateAccessKey { id: key.id.clone(), status });
    kit.iam(set(AccessKeyStatus::Inactive)).await;
    let unknown = Some(AuthenticationError::InvalidAccessKeyId);
    assert_eq!(kit.authority.secret_key(&key.id, None).err(), unknown);
    assert_eq!(kit.authority.recognise(&key.id, None).err(), unknown);
    assert_eq!(kit.authority.standing(&caller).err(), unknown);
    assert_eq!(kit.authority.standing(&own).err(), Some(AuthenticationError::Revoked));
    kit.iam(set(AccessKeyStatus::Active)).await;
    assert!(kit.authority.standing(&own).is_ok());
    kit.pass(900);
    assert_eq!(kit.authority.standing(&own).err(), Some(AuthenticationError::ExpiredToken));
    assert_eq!(
        kit.authority.recognise(&key.id, Some("AAAA")).err(),
        Some(AuthenticationError::InvalidToken)
    );
}

#[tokio::test]
async fn sessions_of_ones_own_are_for_keys_of_ones_own() {
    let kit = Kit::build().await;
    let key = furnish(&kit).await;
    let caller = kit.authority.recognise(&key.id, None).expect("the user");
    let code = |who, seconds| {
        kit.authority.get_session_token(who, seconds).map_or_else(|e| e.code(), |_| "ok")
    };
    assert_eq!(code(&caller, Some(899)), "ValidationError");
    assert_eq!(code(&caller, Some(129_601)), "ValidationError");
    assert_eq!(code(&caller, Some(129_600)), "ok");
    let portal = kit.portal().await;
    assert_eq!(code(&portal, None), "AccessDenied");
    let root = kit.authority.recognise(kit.keys.root_access_key_id(), None).expect("root");
    let session = kit.authority.get_session_token(&root, Some(129_600)).expect("a session");
    let own = kit.recognise(&session);
    assert!(own.is_root() && own.is_temporary());
    assert_eq!(code(&own, None), "AccessDenied");
    kit.pass(3600);
    assert_eq!(kit.authority.standing(&own).err(), Some(AuthenticationError::ExpiredToken));
}

#[tokio::test]
async fn a_use_is_told_once_a_minute_and_gone_with_its_key() {
    let kit = Kit::build().await;
    let key = furnish(&kit).await;
    let asked = || R::GetAccessKeyLastUsed { id: key.id.clone() };
    let IamReply::AccessKeyLastUsed { used: None, .. } = kit.iam(asked()).await else {
        panic!("it was never used")
    };
    kit.authority.note_use(&key.id, "s3", &region()).await;
    let first = kit.now();
    for (seconds, at) in [(59, first), (1, first + jiff::SignedDuration::from_secs(60))] {
        kit.pass(seconds);
        kit.authority.note_use(&key.id, "sts", &region()).await;
        let IamReply::AccessKeyLastUsed { used: Some(used), .. } = kit.iam(asked()).await else {
            panic!("it was used")
        };
        assert_eq!(used.at, at);
    }
    kit.iam(R::User(user("tool"), U::DeleteAccessKey { id: key.id.clone() })).await;
    assert_eq!(code(&kit, asked()).await, "NoSuchEntity");
    assert!(kit.ledger.access_key_uses().await.expect("rows").is_empty());
    kit.authority.note_use(&key.id, "s3", &region()).await;
    assert!(
        kit.ledger.access_key_uses().await.expect("rows").is_empty(),
        "not the user's any more"
    );
}
