//! The standard estate: what its roles may do, that plans converge, and that it is documented.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use wh_names::{
    AccountId, Action, Arn, BucketName, KeyPrefix, ObjectKey, Partition, Region, RoleName,
    RoleSessionName,
};
use wh_policy::{Context, NamedPolicy, Outcome, PolicyKind, PolicySet, Request, Subject, evaluate};
use wh_provision::{
    ADMIN_ROLE, BucketSetting, BucketSettingKind, Cloud, EC2_UPLOAD_ROLE, Estate, EstateError,
    MemoryCloud, Others, PORTAL_ROLE, PlanError, Planning, REGULAR_USER_ROLE, RoleSpec,
    S3_ACCESS_ROLE, Settings, Shared, StandardEstate, Step, Target, UPLOAD_ROLE, apply, document,
    plan,
};

const ACCOUNT: &str = "123456789012";

fn described(target: Target) -> StandardEstate {
    StandardEstate {
        partition: Partition::parse("aws").expect("a partition"),
        account: AccountId::parse(ACCOUNT).expect("an account"),
        region: Region::parse("eu-central-1").expect("a region"),
        bucket: BucketName::parse("wellhouse-files").expect("a bucket"),
        installation: "test".to_owned(),
        instance_prefix: KeyPrefix::parse("instances/").expect("a prefix"),
        portal_origins: vec!["https://files.example.org".to_owned()],
        target,
        settings: Settings::All,
        scan: None,
    }
}

fn estate(target: Target) -> Estate {
    Estate::standard(described(target)).expect("an estate")
}

fn memory() -> MemoryCloud {
    let account = AccountId::parse(ACCOUNT).expect("an account");
    MemoryCloud::new(Partition::parse("aws").expect("a partition"), account)
}

fn role<'a>(estate: &'a Estate, name: &str) -> &'a RoleSpec {
    estate.role(&RoleName::parse(name).expect("a name")).expect("a role of the estate")
}

/// A role's sessions may do exactly these of the actions to an object, and these to the bucket.
#[track_caller]
fn check(name: &str, key: &str, on_object: &[&str], on_bucket: &[&str]) {
    let estate = estate(Target::Aws);
    let bucket = Arn::bucket(estate.partition(), &estate.bucket().name);
    let key = ObjectKey::parse(key).expect("a key");
    let object = Arn::object(estate.partition(), &estate.bucket().name, &key);
    let asked_of_objects = [
        "GetObject",
        "GetObjectVersion",
        "PutObject",
        "DeleteObject",
        "DeleteObjectVersion",
        "AbortMultipartUpload",
        "ListMultipartUploadParts",
        "PutObjectTagging",
    ];
    let asked_of_bucket = [
        "ListBucket",
        "ListBucketVersions",
        "GetBucketLocation",
        "ListBucketMultipartUploads",
        "PutBucketPolicy",
        "DeleteBucket",
    ];
    let allowed = |actions: &[&'static str], resource: &Arn| -> Vec<&'static str> {
        let may = |action: &&str| judged(&estate, name, &format!("s3:{action}"), resource);
        actions.iter().copied().filter(|a| may(a) == Outcome::Allow).collect()
    };
    assert_eq!(allowed(&asked_of_objects, &object), on_object, "{name} on an object");
    assert_eq!(allowed(&asked_of_bucket, &bucket), on_bucket, "{name} on the bucket");
}

fn judged(estate: &Estate, name: &str, action: &str, resource: &Arn) -> Outcome {
    let role = role(estate, name);
    let mut context = Context::new();
    context.set("aws:PrincipalAccount", ACCOUNT);
    context.set("aws:PrincipalIsAWSService", "false");
    context.set("aws:SecureTransport", "true");
    context.set("s3:TlsVersion", "1.3");
    context.set("s3:signatureAge", "1000");
    judged_in(estate, role, (action, resource), &context)
}

fn judged_in(
    estate: &Estate,
    role: &RoleSpec,
    (action, resource): (&str, &Arn),
    context: &Context,
) -> Outcome {
    let session = RoleSessionName::parse("u-test").expect("a name");
    let subject = Subject::RoleSession {
        role_arn: role.arn.clone(),
        session_arn: Arn::assumed_role(estate.partition(), estate.account(), &role.name, &session),
    };
    let request = Request {
        subject: &subject,
        action: &Action::parse(action).expect("an action"),
        resource,
        resource_account: estate.account(),
        context,
    };
    let policies = PolicySet {
        identity: &role.permissions,
        resource: Some(estate.bucket_policy()),
        boundary: Some(&role.boundary),
        ..PolicySet::default()
    };
    evaluate(&policies, &request).outcome()
}

#[test]
fn a_role_may_do_what_the_design_says_and_nothing_else() {
    let all = [
        "GetObject",
        "GetObjectVersion",
        "PutObject",
        "DeleteObject",
        "DeleteObjectVersion",
        "AbortMultipartUpload",
        "ListMultipartUploadParts",
        "PutObjectTagging",
    ];
    let all_of_bucket = [
        "ListBucket",
        "ListBucketVersions",
        "GetBucketLocation",
        "ListBucketMultipartUploads",
        "PutBucketPolicy",
        "DeleteBucket",
    ];
    check(ADMIN_ROLE, "a", &all, &all_of_bucket);
    check(
        REGULAR_USER_ROLE,
        "a",
        &["GetObject", "GetObjectVersion"],
        &["ListBucket", "ListBucketVersions", "GetBucketLocation"],
    );
    check(
        S3_ACCESS_ROLE,
        "a",
        &[
            "GetObject",
            "GetObjectVersion",
            "PutObject",
            "DeleteObject",
            "AbortMultipartUpload",
            "ListMultipartUploadParts",
        ],
        &["ListBucket", "ListBucketVersions", "GetBucketLocation", "ListBucketMultipartUploads"],
    );
    check(
        UPLOAD_ROLE,
        "a",
        &["PutObject", "AbortMultipartUpload", "ListMultipartUploadParts"],
        &[],
    );
    check(EC2_UPLOAD_ROLE, "instances/a", &["PutObject", "AbortMultipartUpload"], &[]);
    check(EC2_UPLOAD_ROLE, "instances", &[], &[]);
    check(EC2_UPLOAD_ROLE, "a", &[], &[]);
    check(PORTAL_ROLE, "a", &[], &[]);
}

#[test]
fn one_statement_of_the_file_workers_role_holds_exactly_its_three_actions() {
    let estate = estate(Target::Aws);
    let json = role(&estate, S3_ACCESS_ROLE).permissions[0].document.to_json();
    let document: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        document["Statement"][0]["Action"],
        serde_json::json!(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"])
    );
}

#[test]
fn the_bucket_denies_old_signatures_plain_transport_and_foreigners() {
    let check = |target: Target, key: &str, value: &str, expected: Outcome| {
        let estate = estate(target);
        let mut context = Context::new();
        context.set("aws:PrincipalAccount", ACCOUNT);
        context.set("aws:PrincipalIsAWSService", "false");
        context.set(key, value);
        let object = Arn::parse("arn:aws:s3:::wellhouse-files/a").expect("an ARN");
        let role = role(&estate, ADMIN_ROLE);
        let outcome = judged_in(&estate, role, ("s3:GetObject", &object), &context);
        assert_eq!(outcome, expected, "{target:?} {key} {value}");
    };
    for target in [Target::Aws, Target::Embedded] {
        check(target, "s3:signatureAge", "900000", Outcome::Allow);
        check(target, "s3:signatureAge", "900001", Outcome::ExplicitDeny);
        check(target, "aws:PrincipalAccount", "999999999999", Outcome::ExplicitDeny);
    }
    check(Target::Aws, "aws:SecureTransport", "false", Outcome::ExplicitDeny);
    check(Target::Aws, "s3:TlsVersion", "1.1", Outcome::ExplicitDeny);
    check(Target::Embedded, "aws:SecureTransport", "false", Outcome::Allow);
}

type Keys<'k> = &'k [(&'k str, &'k str)];

#[test]
fn a_bucket_is_closed_to_anonymous_requests_and_to_other_accounts_and_open_to_services() {
    let estate = estate(Target::Aws);
    let ours = AccountId::parse(ACCOUNT).expect("an account");
    // Whoever added this did not open the bucket.
    let theirs = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Public","Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::wellhouse-files/*","arn:aws:s3:::wellhouse-files-logs/*"]},STATEMENTS]}"#;
    let check = |bucket: &wh_provision::BucketSpec, subject: &Subject, keys: Keys<'_>, expected| {
        let own: serde_json::Value =
            serde_json::from_str(&bucket.policy.document.to_json()).expect("JSON");
        let own = own["Statement"].to_string();
        let text = theirs.replace("STATEMENTS", own.trim_matches(['[', ']']));
        let document = wh_policy::PolicyDocument::read_stored(&text, PolicyKind::Resource);
        let policy = NamedPolicy { name: String::new(), document: std::sync::Arc::new(document) };
        let mut context = Context::new();
        context.set("aws:SecureTransport", "true");
        context.set("s3:TlsVersion", "1.3");
        for (key, value) in keys {
            context.set(key, *value);
        }
        let resource = format!("arn:aws:s3:::{}/a", bucket.name);
        let request = Request {
            subject,
            action: &Action::parse("s3:GetObject").expect("an action"),
            resource: &Arn::parse(&resource).expect("an ARN"),
            resource_account: &ours,
            context: &context,
        };
        let policies = PolicySet { resource: Some(&policy), ..PolicySet::default() };
        let outcome = evaluate(&policies, &request).outcome();
        assert_eq!(outcome, expected, "{subject:?} of {} with {keys:?}", bucket.name);
    };
    let other =
        Subject::User { arn: Arn::parse("arn:aws:iam::999999999999:user/theirs").expect("an ARN") };
    let service = Subject::Service { name: "logging.s3.amazonaws.com".to_owned() };
    let (account, by_service) = ("aws:PrincipalAccount", "aws:PrincipalIsAWSService");
    for bucket in estate.buckets() {
        check(bucket, &Subject::Anonymous, &[], Outcome::ExplicitDeny);
        let of_other = [(account, "999999999999"), (by_service, "false")];
        check(bucket, &other, &of_other, Outcome::ExplicitDeny);
        check(bucket, &service, &[(by_service, "true")], Outcome::Allow);
    }
}

#[test]
fn objects_are_sealed_by_the_buckets_key_and_by_no_other() {
    const METHOD: &str = "s3:x-amz-server-side-encryption";
    const KEY: &str = "s3:x-amz-server-side-encryption-aws-kms-key-id";
    let own = "arn:aws:kms:eu-central-1:123456789012:alias/wellhouse-test";
    let other = "arn:aws:kms:eu-central-1:123456789012:alias/other";
    let estate = estate(Target::Aws);
    for (asked, expected) in [
        (vec![], Outcome::Allow),
        (vec![(METHOD, "aws:kms"), (KEY, own)], Outcome::Allow),
        // KMS with no key named is the key that AWS keeps for S3: anybody of the account may use it.
        (vec![(METHOD, "aws:kms")], Outcome::ExplicitDeny),
        (vec![(METHOD, "aws:kms"), (KEY, other)], Outcome::ExplicitDeny),
        (vec![(METHOD, "AES256")], Outcome::ExplicitDeny),
    ] {
        let mut context = Context::new();
        context.set("aws:PrincipalAccount", ACCOUNT);
        context.set("aws:PrincipalIsAWSService", "false");
        for (key, value) in &asked {
            context.set(key, *value);
        }
        let object = Arn::parse("arn:aws:s3:::wellhouse-files/a").expect("an ARN");
        let role = role(&estate, S3_ACCESS_ROLE);
        let outcome = judged_in(&estate, role, ("s3:PutObject", &object), &context);
        assert_eq!(outcome, expected, "{asked:?}");
    }
}

#[test]
fn only_the_portal_becomes_a_person_and_only_by_name_and_tag() {
    let estate = estate(Target::Embedded);
    let check = |by: &str, keys: &[(&str, &str)], expected: Outcome| {
        let target = role(&estate, S3_ACCESS_ROLE);
        let by = role(&estate, by);
        let session = RoleSessionName::parse("portal").expect("a name");
        let subject = Subject::RoleSession {
            role_arn: by.arn.clone(),
            session_arn: Arn::assumed_role(
                estate.partition(),
                estate.account(),
                &by.name,
                &session,
            ),
        };
        let mut context = Context::new();
        for (key, value) in keys {
            context.set(key, *value);
        }
        let trust: &NamedPolicy = &target.trust;
        let policies = PolicySet {
            identity: &by.permissions,
            resource: Some(trust),
            boundary: Some(&by.boundary),
            ..PolicySet::default()
        };
        let request = Request {
            subject: &subject,
            action: &Action::parse("sts:AssumeRole").expect("an action"),
            resource: &target.arn,
            resource_account: estate.account(),
            context: &context,
        };
        assert_eq!(evaluate(&policies, &request).outcome(), expected, "{} {keys:?}", by.name);
    };
    let whole = [
        ("sts:RoleSessionName", "u-x-1"),
        ("aws:RequestTag/uid", "x"),
        ("sts:SourceIdentity", "x"),
        ("aws:TagKeys", "uid"),
    ];
    check(PORTAL_ROLE, &whole, Outcome::Allow);
    check(ADMIN_ROLE, &whole, Outcome::ImplicitDeny);
    for missing in 0..3 {
        let mut keys = whole.to_vec();
        keys.remove(missing);
        check(PORTAL_ROLE, &keys, Outcome::ImplicitDeny);
    }
    let mut other_tag = whole.to_vec();
    other_tag[3] = ("aws:TagKeys", "role");
    check(PORTAL_ROLE, &other_tag, Outcome::ImplicitDeny);
}

#[tokio::test]
async fn a_second_apply_writes_nothing() {
    for target in [Target::Embedded, Target::Aws] {
        let (estate, cloud) = (estate(target), memory());
        let missing = plan(&estate, &cloud).await.expect("a plan");
        let done = apply(&missing, &cloud).await.expect("applied");
        assert_eq!((done, cloud.writes()), (missing.changes().len(), done));
        let second = plan(&estate, &cloud).await.expect("a plan");
        assert_eq!(second.changes(), [], "{target:?}");
        assert_eq!(apply(&second, &cloud).await.expect("applied"), 0);
        assert_eq!(cloud.writes(), done);
    }
}

#[tokio::test]
async fn an_apply_that_was_stopped_anywhere_is_finished_by_the_next() {
    let estate = estate(Target::Aws);
    let whole = plan(&estate, &memory()).await.expect("a plan").changes().to_vec();
    for stop in 0..whole.len() {
        let cloud = memory();
        for change in &whole[..stop] {
            cloud.perform(&change.step).await.expect("a step");
        }
        let rest = plan(&estate, &cloud).await.expect("a plan");
        assert_eq!(rest.changes().len(), whole.len() - stop, "stopped after {stop}");
        apply(&rest, &cloud).await.expect("applied");
        assert!(plan(&estate, &cloud).await.expect("a plan").is_empty(), "stopped after {stop}");
    }
}

#[tokio::test]
async fn drift_is_told_and_mended() {
    let (estate, cloud) = (estate(Target::Aws), memory());
    apply(&plan(&estate, &cloud).await.expect("a plan"), &cloud).await.expect("applied");
    let admin = RoleName::parse(ADMIN_ROLE).expect("a name");
    let theirs = Arn::parse("arn:aws:iam::aws:policy/AdministratorAccess").expect("an ARN");
    let drift = [
        Step::PutBoundary { role: admin.clone(), boundary: theirs },
        Step::PutTrust { role: admin.clone(), trust: r#"{"Statement":[]}"#.to_owned() },
        Step::PutRolePolicy {
            role: admin,
            policy: "More".to_owned(),
            document: r#"{"Statement":[]}"#.to_owned(),
        },
    ];
    for step in &drift {
        cloud.perform(step).await.expect("drift");
    }
    let mending = plan(&estate, &cloud).await.expect("a plan");
    let told: Vec<String> = mending.changes().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "bound role `AdminRole` by \
             `arn:aws:iam::123456789012:policy/wellhouse/test/WellhouseBoundary`: it differs",
            "delete policy `More` of role `AdminRole`: it does not belong there",
            "replace the trust policy of role `AdminRole`: it differs",
        ]
    );
    apply(&mending, &cloud).await.expect("mended");
    assert!(plan(&estate, &cloud).await.expect("a plan").is_empty());
}

/// What is not there yet is shown as what changes: whoever approves the first plan reads every policy in it.
#[tokio::test]
async fn a_first_plan_shows_every_policy_and_what_it_opens() {
    let estate = estate(Target::Aws);
    let first = plan(&estate, &memory()).await.expect("a plan");
    let mut shown = 0;
    for change in first.changes() {
        let holds_policy = matches!(
            change.step,
            Step::CreateKey { .. }
                | Step::CreatePolicy { .. }
                | Step::CreateRole { .. }
                | Step::PutRolePolicy { .. }
                | Step::PutBucketSetting { setting: BucketSetting::Policy(_), .. }
        );
        let policy = change.policy.as_ref().filter(|policy| !policy.lines.is_empty());
        assert_eq!(policy.is_some(), holds_policy, "{}", change.step);
        shown += usize::from(holds_policy);
        for meaning in policy.iter().flat_map(|policy| &policy.meaning) {
            assert!(meaning.contains(" gains "), "{}: {meaning}", change.step);
        }
    }
    // The key, two boundaries, six roles with a policy each, two buckets.
    assert_eq!(shown, 1 + 2 + 6 + 6 + 2);
    let told = format!("{:#}", first.to_json());
    for role in ["AdminRole", "RegularUserRole", "S3AccessRole", "UploadRole"] {
        let gains = format!(
            "PortalRole gains sts:AssumeRole, sts:SetSourceIdentity, sts:TagSession on \
             arn:aws:iam::123456789012:role/wellhouse/test/{role}"
        );
        assert!(told.contains(&gains), "{gains}: {told}");
    }
}

/// AWS writes a principal's id where it was deleted, and takes no policy back that holds one.
#[tokio::test]
async fn a_deleted_principal_in_a_statement_of_others_is_told_and_left_out() {
    let (estate, cloud) = (estate(Target::Aws), memory());
    apply(&plan(&estate, &cloud).await.expect("a plan"), &cloud).await.expect("applied");
    let own: serde_json::Value =
        serde_json::from_str(&estate.bucket_policy().document.to_json()).expect("JSON");
    let mut document = own;
    let statement = |sid: &str, principal: &str| {
        serde_json::json!({"Sid": sid, "Effect": "Allow", "Principal": {"AWS": principal},
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::wellhouse-files/*"})
    };
    let statements = document["Statement"].as_array_mut().expect("statements");
    statements.push(statement("Theirs", "arn:aws:iam::999999999999:root"));
    statements.push(statement("Backup", "AROAEXAMPLE0123456789"));
    let bucket = estate.bucket().name.clone();
    let setting = BucketSetting::Policy(document.to_string());
    let step = Step::PutBucketSetting { bucket: bucket.clone(), setting };
    cloud.perform(&step).await.expect("drift");
    let mending = plan(&estate, &cloud).await.expect("a plan");
    let told: Vec<String> = mending.changes().iter().map(ToString::to_string).collect();
    assert_eq!(told, ["set the bucket policy of bucket `wellhouse-files`: it differs"]);
    let change = mending.changes()[0].policy.as_ref().expect("what changes");
    assert_eq!(change.lines.len(), 1, "{change:?}");
    let notes = mending.notes().join("\n");
    assert!(notes.contains("its statement `Backup` lets in `AROAEXAMPLE0123456789`"), "{notes}");
    apply(&mending, &cloud).await.expect("mended");
    let left = plan(&estate, &cloud).await.expect("a plan");
    assert!(left.is_empty(), "{:?}", left.changes());
    let kept: Vec<String> = left.foreign().iter().map(ToString::to_string).collect();
    assert!(
        kept[0].contains("Theirs") && kept[0].contains("it opens `s3:GetObject` to account 9999"),
        "{kept:?}"
    );
}

/// With `--own-all` what is described is all that there is; without it, what is others' is kept.
#[tokio::test]
async fn what_others_wrote_is_taken_away_only_where_that_is_asked_for() {
    let (estate, cloud) = (estate(Target::Aws), memory());
    apply(&plan(&estate, &cloud).await.expect("a plan"), &cloud).await.expect("applied");
    let bucket = estate.bucket().name.clone();
    let mut document: serde_json::Value =
        serde_json::from_str(&estate.bucket_policy().document.to_json()).expect("JSON");
    document["Statement"].as_array_mut().expect("statements").push(serde_json::json!(
        {"Sid": "Theirs", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:root"},
         "Action": "s3:GetObject", "Resource": "arn:aws:s3:::wellhouse-files/*"}));
    let setting = BucketSetting::Policy(document.to_string());
    cloud
        .perform(&Step::PutBucketSetting { bucket: bucket.clone(), setting })
        .await
        .expect("drift");
    for (setting, rule) in [
        (Shared::Lifecycle, "lifecycle rule `theirs`"),
        (Shared::Cors, "cross-origin rule `theirs`"),
        (Shared::Events, "1 notification(s) to a queue"),
    ] {
        cloud.add_rule(&bucket, setting, rule);
    }
    let kept = plan(&estate, &cloud).await.expect("a plan");
    assert!(kept.is_empty(), "{:?}", kept.changes());
    assert_eq!(kept.foreign().len(), 4, "{:?}", kept.foreign());

    let owning = || Planning::new(&estate, &cloud).others(Others::TakeAway);
    let taking = owning().plan().await.expect("a plan");
    assert_eq!(taking.foreign(), []);
    let steps: Vec<String> = taking.changes().iter().map(ToString::to_string).collect();
    let told = |rule: &str| {
        format!(
            "take away from bucket `wellhouse-files` what is others': {rule}: it does not belong there"
        )
    };
    assert_eq!(
        steps,
        [
            told("lifecycle rule `theirs`"),
            told("1 notification(s) to a queue"),
            told("cross-origin rule `theirs`"),
            "set the bucket policy of bucket `wellhouse-files`: it does not belong there"
                .to_owned(),
        ]
    );
    let lost = taking.changes()[3].policy.as_ref().expect("what changes");
    assert_eq!(lost.lines.len(), 1, "{lost:?}");
    apply(&taking, &cloud).await.expect("applied");
    assert!(owning().plan().await.expect("a plan").is_empty());
    let left = plan(&estate, &cloud).await.expect("a plan");
    assert!(left.is_empty() && left.foreign().is_empty(), "{:?}", left.foreign());
}

/// The services that may deliver a role's credentials, with the statement's condition.
fn services(estate: &Estate, name: &str) -> serde_json::Value {
    let trust = role(estate, name).trust.document.to_json();
    let trust: serde_json::Value = serde_json::from_str(&trust).expect("JSON");
    trust.pointer("/Statement/0").expect("a statement").clone()
}

#[tokio::test]
async fn the_portal_runs_where_the_description_says() {
    let five = include_str!("../../../tests/estates/five-lines.toml");
    for (host, service, actions, condition) in [
        ("ec2", "ec2.amazonaws.com", serde_json::json!("sts:AssumeRole"), false),
        ("ecs", "ecs-tasks.amazonaws.com", serde_json::json!("sts:AssumeRole"), true),
        (
            "eks",
            "pods.eks.amazonaws.com",
            serde_json::json!(["sts:AssumeRole", "sts:TagSession"]),
            false,
        ),
    ] {
        let text = five.replace("[[bucket]]", &format!("portal_runs_on = \"{host}\"\n[[bucket]]"));
        let described = wh_provision::Description::read(&text).expect("a description");
        let again = wh_provision::Description::read(&described.to_toml()).expect("as written");
        assert_eq!(again, described);
        let estate = Estate::of(described).expect("an estate");
        let trust = services(&estate, PORTAL_ROLE);
        assert_eq!(trust["Principal"]["Service"], service);
        assert_eq!(trust["Action"], actions);
        assert_eq!(trust["Condition"].is_object(), condition, "{trust}");
        assert_eq!(services(&estate, EC2_UPLOAD_ROLE)["Principal"]["Service"], "ec2.amazonaws.com");
        let profiles = estate.instance_profiles().iter().map(|profile| profile.role.as_str());
        let profiles: Vec<&str> = profiles.collect();
        let expected =
            if host == "ec2" { vec![PORTAL_ROLE, EC2_UPLOAD_ROLE] } else { vec![EC2_UPLOAD_ROLE] };
        assert_eq!(profiles, expected);
        // Only persons' roles are told as such, whoever may tag the portal's session.
        let told = document(&estate);
        assert!(told.contains(&format!("| `{service}` |")), "{told}");
        let cloud = memory();
        apply(&plan(&estate, &cloud).await.expect("a plan"), &cloud).await.expect("applied");
        assert!(plan(&estate, &cloud).await.expect("a plan").is_empty());
    }
}

#[tokio::test]
async fn what_belongs_to_others_is_refused() {
    let cloud = memory();
    let ours = estate(Target::Aws);
    apply(&plan(&ours, &cloud).await.expect("a plan"), &cloud).await.expect("applied");
    let theirs = StandardEstate { installation: "other".to_owned(), ..described(Target::Aws) };
    let theirs = Estate::standard(theirs).expect("an estate");
    let refused = plan(&theirs, &cloud).await.expect_err("the bucket is tagged");
    assert!(matches!(refused, PlanError::Foreign { what: "bucket", .. }), "{refused}");
    let other = StandardEstate {
        account: AccountId::parse("999999999999").expect("an account"),
        ..described(Target::Aws)
    };
    let other = Estate::standard(other).expect("an estate");
    let refused = plan(&other, &cloud).await.expect_err("another account");
    assert_eq!(refused.code(), "wrong-account");
}

#[tokio::test]
async fn the_embedded_endpoint_is_asked_only_for_what_it_honours() {
    let estate = estate(Target::Embedded);
    assert_eq!(estate.buckets().count(), 1);
    assert!(estate.key().is_none() && estate.trail().is_none());
    let expected = [
        BucketSettingKind::PublicAccess,
        BucketSettingKind::Ownership,
        BucketSettingKind::Tags,
        BucketSettingKind::Encryption,
        BucketSettingKind::Versioning,
        BucketSettingKind::Lifecycle,
        BucketSettingKind::Cors,
        BucketSettingKind::Policy,
    ];
    assert_eq!(kinds(&estate), expected);
    let described =
        StandardEstate { settings: Settings::Unencrypted, ..described(Target::Embedded) };
    let estate = Estate::standard(described).expect("an estate");
    let expected: Vec<_> =
        expected.into_iter().filter(|kind| *kind != BucketSettingKind::Encryption).collect();
    assert_eq!(kinds(&estate), expected);
}

#[test]
fn the_bucket_of_a_gateway_gets_cors_and_policy_alone() {
    let described = StandardEstate { settings: Settings::Guards, ..described(Target::Embedded) };
    let estate = Estate::standard(described).expect("an estate");
    assert_eq!(kinds(&estate), [BucketSettingKind::Cors, BucketSettingKind::Policy]);
}

fn kinds(estate: &Estate) -> Vec<BucketSettingKind> {
    estate.bucket().settings.iter().map(BucketSetting::kind).collect()
}

#[test]
fn an_estate_is_named_by_what_fits_a_path() {
    for bad in ["", "a/b", "Über", "a*"] {
        let described = StandardEstate { installation: bad.to_owned(), ..described(Target::Aws) };
        let refused = Estate::standard(described).expect_err("a bad name");
        assert!(matches!(refused, EstateError::Installation(_)), "{bad}");
    }
    let open = KeyPrefix::parse("instances").expect("a prefix");
    let described = StandardEstate { instance_prefix: open, ..described(Target::Aws) };
    assert!(matches!(Estate::standard(described), Err(EstateError::InstancePrefix(_))));
}

#[test]
fn the_documentation_names_every_role_and_shows_every_policy() {
    for target in [Target::Embedded, Target::Aws] {
        let estate = estate(target);
        let text = document(&estate);
        for role in estate.roles() {
            assert!(text.contains(&format!("## `{}`", role.name)));
            assert!(text.contains(&role.trust.document.to_json_pretty()));
            for policy in &role.permissions {
                assert!(text.contains(&policy.document.to_json_pretty()));
            }
        }
        assert!(text.contains(&estate.bucket_policy().document.to_json_pretty()));
        assert!(text.contains("AWSServiceRoleForTrustedAdvisor"));
        assert!(!text.contains("| ?"), "an action could not be judged");
    }
}

#[test]
fn the_table_of_roles_and_actions_is_as_designed() {
    let text = document(&estate(Target::Aws));
    let table: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[tokio::test]
async fn a_bucket_that_holds_somebodys_files_is_adopted_and_never_just_gone_on_with() {
    let (estate, cloud) = (estate(Target::Aws), memory());
    let bucket = estate.bucket().name.clone();
    let region = estate.region().clone();
    let made = Step::CreateBucket { bucket: bucket.clone(), region, locked: false };
    cloud.perform(&made).await.expect("a bucket");
    assert!(plan(&estate, &cloud).await.is_ok(), "we may have been stopped");
    cloud.fill(&bucket);
    let refused = plan(&estate, &cloud).await.expect_err("somebody's files");
    assert_eq!(refused.code(), "foreign-resource");
    let adopted = Planning::new(&estate, &cloud).adopting().plan().await;
    apply(&adopted.expect("a plan"), &cloud).await.expect("applied");
    assert!(plan(&estate, &cloud).await.expect("a plan").is_empty());
}

/// What is written stands in a plan's JSON by names that do not change with our types.
#[tokio::test]
async fn a_plan_says_in_json_what_it_writes() {
    let everything = include_str!("../../../tests/estates/everything.toml");
    let described = wh_provision::Description::read(everything).expect("a description");
    let estate = Estate::of(described).expect("an estate");
    let plan = plan(&estate, &memory()).await.expect("a plan").to_json();
    let writes = plan["changes"].as_array().expect("changes").iter();
    let writes: Vec<&serde_json::Value> = writes.map(|change| &change["write"]).collect();
    for write in &writes {
        let verb = write["verb"].as_str().expect("a verb");
        assert!(verb.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{verb}");
        assert!(!write.to_string().contains('('), "no type of ours shows: {write}");
    }
    let bucket = "example-files-123456789012-eu-central-1-an";
    let of_kind = |write: &serde_json::Value, kind: &str| {
        write["setting"]["kind"] == kind && write["bucket"] == bucket
    };
    let of = |verb: &str, kind: Option<&str>| {
        let found = writes
            .iter()
            .find(|write| write["verb"] == verb && kind.is_none_or(|kind| of_kind(write, kind)));
        (*found.expect(verb)).clone()
    };
    assert_eq!(
        of("put_bucket_setting", Some("locked")),
        serde_json::json!({"verb": "put_bucket_setting", "bucket": bucket,
            "setting": {"kind": "locked", "value": {"retention": {"mode": "governance", "days": 30}}}})
    );
    assert_eq!(
        of("put_bucket_setting", Some("versioned")),
        serde_json::json!({"verb": "put_bucket_setting", "bucket": bucket,
            "setting": {"kind": "versioned"}})
    );
    assert_eq!(
        of("add_role_to_instance_profile", None),
        serde_json::json!({"verb": "add_role_to_instance_profile", "profile": "PortalRole",
            "role": "PortalRole"})
    );
    let role = of("create_role", None);
    assert_eq!(role["boundary"], estate.roles()[0].boundary_arn.as_str());
    assert_eq!(of("start_trail", None)["name"], "example-trail");
}

#[tokio::test]
async fn what_is_ours_and_no_longer_described_is_told() {
    let (before, cloud) = (estate(Target::Aws), memory());
    apply(&plan(&before, &cloud).await.expect("a plan"), &cloud).await.expect("applied");
    let after = "installation = \"test\"\naccount = \"123456789012\"\nregion = \"eu-central-1\"\n\
                 encryption = \"s3\"\n[[bucket]]\nname = \"wellhouse-files\"\n\
                 [logs]\nenabled = false\n[trail]\nenabled = false\n";
    let after = wh_provision::Description::read(after).expect("a description");
    let after = Estate::of(after).expect("an estate");
    let found = plan(&after, &cloud).await.expect("a plan");
    let told: Vec<&str> = found.notes().iter().map(String::as_str).collect();
    for (number, beginning) in [
        (
            0,
            "bucket `wellhouse-files`: no longer described, and left as it is: the cross-origin rule. Pages",
        ),
        (
            1,
            "bucket `wellhouse-files`: no longer described, and left as it is: the access logs. Access",
        ),
        (3, "bucket `wellhouse-files-logs` carries our tag and is no longer described"),
        (4, "trail `wellhouse-test` carries our tag and is no longer described"),
        (5, "key `alias/wellhouse-test` carries our tag and is no longer described"),
    ] {
        assert!(told[number].starts_with(beginning), "{told:#?}");
    }
    let again = plan(&before, &cloud).await.expect("a plan");
    assert!(again.notes().iter().all(|note| !note.contains("no longer")), "{:?}", again.notes());
}
