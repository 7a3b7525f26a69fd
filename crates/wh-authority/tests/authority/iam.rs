//! IAM: what is put can be got, after a restart too, and what hangs together stays together.

use wh_authority::{
    CreatePolicy, Holder, IamReply, IamRequest as R, PolicyCall, TagCall, Tagged, UserCall,
};
use wh_ledger::Ledger;
use wh_names::UserName;

use crate::kit::{Kit, create, role, tags, trust};

const EC2: &str = r#"{"Service":"ec2.amazonaws.com"}"#;
const READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;

fn trusts() -> String {
    trust(EC2, r#""sts:AssumeRole""#, "")
}

fn policy(name: &str) -> R {
    R::CreatePolicy(CreatePolicy {
        name: name.to_owned(),
        path: "/".to_owned(),
        document: READ.to_owned(),
        description: String::new(),
        tags: tags(&[("app", "wellhouse")]),
    })
}

fn policy_arn(name: &str) -> String {
    format!("arn:aws:iam::111122223333:policy/{name}")
}

async fn code(kit: &Kit, request: R) -> &'static str {
    kit.try_iam(request).await.map_or_else(|e| e.code(), |_| "ok")
}

async fn furnish(kit: &Kit) {
    let mut create = create("Uploader", trusts());
    create.tags = tags(&[("app", "wellhouse")]);
    kit.iam(R::CreateRole(create)).await;
    kit.iam(policy("Boundary")).await;
    let (role, name, document) = (role("uploader"), "inline".to_owned(), READ.to_owned());
    kit.iam(R::PutRolePolicy { role: role.clone(), name, document }).await;
    let arn = policy_arn("Boundary");
    kit.iam(R::AttachRolePolicy { role: role.clone(), policy_arn: arn.clone() }).await;
    kit.iam(R::PutRolePermissionsBoundary { role: role.clone(), policy_arn: arn.clone() }).await;
    let document = READ.to_owned();
    kit.iam(R::CreatePolicyVersion { arn, document, set_as_default: true }).await;
    let (name, path) = ("Uploader".to_owned(), "/".to_owned());
    let tags = tags(&[("app", "wellhouse")]);
    kit.iam(R::CreateInstanceProfile { name: name.clone(), path, tags }).await;
    kit.iam(R::AddRoleToInstanceProfile { name, role }).await;
}

#[tokio::test]
async fn what_was_put_is_there_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.sqlite");
    let questions = || {
        let role = role("UPLOADER");
        [
            R::GetRole { role: role.clone() },
            R::ListRoles { path_prefix: "/".to_owned() },
            R::ListRoleTags { role: role.clone() },
            R::GetRolePolicy { role: role.clone(), name: "inline".to_owned() },
            R::ListAttachedRolePolicies { role: role.clone() },
            R::ListPolicyVersions { arn: policy_arn("Boundary") },
            R::Tags(Tagged::Policy(policy_arn("Boundary")), TagCall::List),
            R::Tags(Tagged::InstanceProfile("uploader".to_owned()), TagCall::List),
            R::GetInstanceProfile { name: "uploader".to_owned() },
            R::ListInstanceProfilesForRole { role },
        ]
    };
    let ledger = Ledger::open(&path).await.expect("a ledger");
    let kit = Kit::over(ledger.clone(), 1).await;
    furnish(&kit).await;
    let mut before = Vec::new();
    for question in questions() {
        before.push(kit.iam(question).await);
    }
    ledger.close().await;
    let kit = Kit::over(Ledger::open(&path).await.expect("a ledger"), 1).await;
    for (question, before) in questions().into_iter().zip(before) {
        assert_eq!(kit.iam(question).await, before);
    }
}

#[tokio::test]
async fn what_something_hangs_on_is_not_deleted() {
    let kit = Kit::build().await;
    furnish(&kit).await;
    let (role, arn) = (role("Uploader"), policy_arn("Boundary"));
    let profile = "Uploader".to_owned();
    let conflict = "DeleteConflict";
    assert_eq!(code(&kit, R::DeleteRole { role: role.clone() }).await, conflict);
    assert_eq!(code(&kit, R::DeletePolicy { arn: arn.clone() }).await, conflict);
    assert_eq!(code(&kit, R::DeleteInstanceProfile { name: profile.clone() }).await, conflict);
    let steps = [
        R::DeleteRolePolicy { role: role.clone(), name: "inline".to_owned() },
        R::DetachRolePolicy { role: role.clone(), policy_arn: arn.clone() },
        R::RemoveRoleFromInstanceProfile { name: profile.clone(), role: role.clone() },
        R::DeleteInstanceProfile { name: profile },
        R::DeleteRole { role },
        R::DeletePolicyVersion { arn: arn.clone(), version: "v1".to_owned() },
        R::DeletePolicy { arn },
    ];
    for step in steps {
        assert_eq!(code(&kit, step.clone()).await, "ok", "{step:?}");
    }
}

#[tokio::test]
async fn names_are_unique_ignoring_case_and_limits_hold() {
    let kit = Kit::build().await;
    furnish(&kit).await;
    let exists = "EntityAlreadyExists";
    assert_eq!(code(&kit, R::CreateRole(create("UPLOADER", trusts()))).await, exists);
    assert_eq!(code(&kit, policy("boundary")).await, exists);
    assert_eq!(code(&kit, R::GetRole { role: role("Nobody") }).await, "NoSuchEntity");
    let bad = create("Bad", READ.to_owned());
    assert_eq!(code(&kit, R::CreateRole(bad)).await, "MalformedPolicyDocument");
    let mut long = create("Long", trusts());
    long.max_session_s = Some(43_201);
    assert_eq!(code(&kit, R::CreateRole(long)).await, "ValidationError");
    let mut fake = create("Fake", trusts());
    fake.path = "/aws-service-role/x/".to_owned();
    assert_eq!(code(&kit, R::CreateRole(fake)).await, "ValidationError");
    let (arn, document) = (policy_arn("Boundary"), READ.to_owned());
    let version = || R::CreatePolicyVersion {
        arn: arn.clone(),
        document: document.clone(),
        set_as_default: false,
    };
    for expected in ["ok", "ok", "ok", "LimitExceeded"] {
        assert_eq!(code(&kit, version()).await, expected);
    }
}

#[tokio::test]
async fn a_service_linked_role_is_made_once_and_never_changed() {
    let kit = Kit::build().await;
    let service = "support.amazonaws.com".to_owned();
    let make =
        || R::CreateServiceLinkedRole { service: service.clone(), description: String::new() };
    let IamReply::Role(role_made) = kit.iam(make()).await else { panic!("not a role") };
    assert_eq!(
        role_made.arn.as_str(),
        "arn:aws:iam::111122223333:role/aws-service-role/support.amazonaws.com/\
         AWSServiceRoleForSupport"
    );
    assert_eq!(code(&kit, make()).await, "InvalidInput");
    let role = role("AWSServiceRoleForSupport");
    let document = trusts();
    let change = R::UpdateAssumeRolePolicy { role: role.clone(), document };
    assert_eq!(code(&kit, change).await, "UnmodifiableEntity");
    assert_eq!(code(&kit, R::DeleteRole { role }).await, "UnmodifiableEntity");
    let other = R::CreateServiceLinkedRole {
        service: "evil.example".to_owned(),
        description: String::new(),
    };
    assert_eq!(code(&kit, other).await, "InvalidInput");
}

#[tokio::test]
async fn a_change_that_cannot_be_written_has_not_happened() {
    let kit = Kit::build().await;
    furnish(&kit).await;
    kit.ledger.close().await;
    assert_eq!(code(&kit, R::CreateRole(create("Late", trusts()))).await, "ServiceFailure");
    assert_eq!(code(&kit, R::GetRole { role: role("Late") }).await, "NoSuchEntity");
}

#[tokio::test]
async fn policies_and_instance_profiles_have_tags() {
    let kit = Kit::build().await;
    furnish(&kit).await;
    let policy = || Tagged::Policy(policy_arn("Boundary"));
    let profile = || Tagged::InstanceProfile("UPLOADER".to_owned());
    let held = |reply| {
        let IamReply::Tags(held) = reply else { panic!("{reply:?}") };
        held
    };
    for tagged in [policy, profile as fn() -> Tagged].map(|of| of()) {
        let list = || R::Tags(tagged.clone(), TagCall::List);
        let tag = |of: &[(&str, &str)]| R::Tags(tagged.clone(), TagCall::Tag { tags: tags(of) });
        assert_eq!(held(kit.iam(list()).await), tags(&[("app", "wellhouse")]));
        // A key that differs only in case takes the other's place.
        kit.iam(tag(&[("APP", "other"), ("team", "red")])).await;
        assert_eq!(held(kit.iam(list()).await), tags(&[("APP", "other"), ("team", "red")]));
        assert_eq!(code(&kit, tag(&[("a", "1"), ("A", "2")])).await, "ValidationError");
        assert_eq!(code(&kit, tag(&[("aws:a", "1")])).await, "ValidationError");
        let many: Vec<_> = (0..49).map(|n| (n.to_string(), String::new())).collect();
        let many = R::Tags(tagged.clone(), TagCall::Tag { tags: many });
        assert_eq!(code(&kit, many).await, "LimitExceeded");
        let keys = vec!["app".to_owned(), "none".to_owned()];
        kit.iam(R::Tags(tagged.clone(), TagCall::Untag { keys })).await;
        assert_eq!(held(kit.iam(list()).await), tags(&[("team", "red")]));
    }
    let gone = [
        Tagged::Policy("arn:aws:iam::111122223333:policy/elsewhere/Boundary".to_owned()),
        Tagged::InstanceProfile("gone".to_owned()),
    ];
    for tagged in gone {
        assert_eq!(code(&kit, R::Tags(tagged, TagCall::List)).await, "NoSuchEntity");
    }
}

/// Source: Service Authorization Reference, the condition keys of each of IAM's actions: not all that is
/// done to a bounded role or user is told its boundary.
#[tokio::test]
async fn a_boundary_is_told_to_the_actions_that_know_it() {
    let kit = Kit::build().await;
    furnish(&kit).await;
    let (user, bounded) = (UserName::parse("ada").expect("a name"), Some(policy_arn("Boundary")));
    let path = "/".to_owned();
    let create = UserCall::Create { path, boundary: bounded, tags: Vec::new() };
    kit.iam(R::User(user.clone(), create)).await;
    let check = |request: R, expected: Option<&str>| {
        let target = kit.authority.iam_target(&request).expect("a target");
        let told = target.keys.iter().find(|(key, _)| key == "iam:PermissionsBoundary");
        let told = told.map(|(_, value)| value.clone());
        assert_eq!(told, expected.map(Into::into), "{request:?}");
    };
    let own = policy_arn("Boundary");
    let (name, document, policy_arn) = (|| "inline".to_owned(), READ.to_owned(), own.clone());
    let role = || role("Uploader");
    for told in [
        R::AttachRolePolicy { role: role(), policy_arn: policy_arn.clone() },
        R::DeleteRole { role: role() },
        R::DeleteRolePermissionsBoundary { role: role() },
        R::DeleteRolePolicy { role: role(), name: name() },
        R::DetachRolePolicy { role: role(), policy_arn: policy_arn.clone() },
        R::PutRolePolicy { role: role(), name: name(), document: document.clone() },
        R::UpdateAssumeRolePolicy { role: role(), document: trusts() },
        R::User(user.clone(), UserCall::DeleteBoundary),
        R::Policies(Holder::User(user.clone()), PolicyCall::Attach { policy_arn }),
        R::Policies(Holder::User(user.clone()), PolicyCall::DeleteInline { name: name() }),
    ] {
        check(told, Some(&own));
    }
    for untold in [
        R::GetRolePolicy { role: role(), name: name() },
        R::ListRolePolicies { role: role() },
        R::TagRole { role: role(), tags: tags(&[("app", "x")]) },
        R::ListInstanceProfilesForRole { role: role() },
        R::User(user.clone(), UserCall::Delete),
        R::User(user.clone(), UserCall::CreateAccessKey),
        R::User(user.clone(), UserCall::Tag { tags: tags(&[("app", "x")]) }),
        R::Policies(Holder::User(user), PolicyCall::ListInline),
    ] {
        check(untold, None);
    }
    let other = format!("{own}2");
    let asked = R::PutRolePermissionsBoundary { role: role(), policy_arn: other.clone() };
    check(asked, Some(&other));
}

/// Source: Service Authorization Reference, the resource types of IAM: `iam:ResourceTag` is of users and
/// roles, `aws:ResourceTag` of policies and instance profiles, too.
#[tokio::test]
async fn tags_are_told_to_policies_by_the_keys_that_aws_has() {
    let kit = Kit::build().await;
    furnish(&kit).await;
    for (request, expected) in [
        (R::GetRole { role: role("Uploader") }, &["aws", "iam"][..]),
        (R::GetPolicy { arn: policy_arn("Boundary") }, &["aws"]),
        (R::DeleteInstanceProfile { name: "Uploader".to_owned() }, &["aws"]),
    ] {
        let target = kit.authority.iam_target(&request).expect("a target");
        let told: Vec<_> = target.keys.iter().map(|(key, _)| key.as_str()).collect();
        let told = told.into_iter().filter(|key| key.contains(":ResourceTag/"));
        let expected = expected.iter().map(|service| format!("{service}:ResourceTag/app"));
        assert_eq!(told.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{request:?}");
    }
}
