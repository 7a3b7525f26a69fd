//! What the policies of a provisioner allow, judged by the engine that the embedded store uses.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use wh_names::{AccountId, Action, Arn};
use wh_policy::{Context, Outcome, PolicySet, Request, Subject, evaluate};
use wh_provision::{
    Cloud, Description, Duty, Estate, MemoryCloud, Planning, Step, apply, plan, provisioner_policy,
};

const FIVE_LINES: &str = include_str!("../../../tests/estates/five-lines.toml");
const EVERYTHING: &str = include_str!("../../../tests/estates/everything.toml");
const ROLE: &str = "arn:aws:iam::123456789012:role/wellhouse/files/PortalRole";
const BOUNDARY: &str = "arn:aws:iam::123456789012:policy/wellhouse/files/WellhouseBoundary";
const PORTAL_BOUNDARY: &str =
    "arn:aws:iam::123456789012:policy/wellhouse/files/WellhousePortalBoundary";
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/theirs";

fn estate(text: &str) -> Estate {
    Estate::of(Description::read(text).expect("a description")).expect("an estate")
}

type Keys<'k> = &'k [(&'k str, &'k str)];

fn judged(duty: Duty, action: &str, resource: &str, keys: Keys<'_>) -> Outcome {
    let policy = provisioner_policy(&estate(FIVE_LINES), duty).expect("a policy");
    let mut context = Context::new();
    for (key, value) in keys {
        context.set(key, *value);
    }
    let subject = Subject::User {
        arn: Arn::parse("arn:aws:iam::123456789012:user/provisioner").expect("an ARN"),
    };
    let request = Request {
        subject: &subject,
        action: &Action::parse(action).expect("an action"),
        resource: &Arn::parse(resource).expect("an ARN"),
        resource_account: &AccountId::parse("123456789012").expect("an account"),
        context: &context,
    };
    let policies = PolicySet { identity: &[policy], ..PolicySet::default() };
    evaluate(&policies, &request).outcome()
}

/// The request is allowed for exactly these duties.
#[track_caller]
fn check(action: &str, resource: &str, keys: Keys<'_>, allowed: &[Duty]) {
    let found = Duty::ALL
        .into_iter()
        .filter(|duty| judged(*duty, action, resource, keys) == Outcome::Allow);
    assert_eq!(found.collect::<Vec<_>>(), allowed, "{action} on {resource} with {keys:?}");
}

const MAKING: [Duty; 1] = [Duty::Everyday];
const SET_UP: [Duty; 1] = [Duty::SetUp];
const READING: [Duty; 4] = [Duty::Read, Duty::Everyday, Duty::Destroy, Duty::DestroyWithData];
const GOING: [Duty; 2] = [Duty::Destroy, Duty::DestroyWithData];

#[test]
fn a_role_is_made_and_widened_only_within_a_boundary_of_ours() {
    for action in [
        "iam:CreateRole",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
        "iam:UpdateAssumeRolePolicy",
    ] {
        for boundary in [BOUNDARY, PORTAL_BOUNDARY] {
            check(action, ROLE, &[("iam:PermissionsBoundary", boundary)], &MAKING);
        }
        check(action, ROLE, &[], &[]);
        check(action, ROLE, &[("iam:PermissionsBoundary", ADMINISTRATOR)], &[]);
        for other in ["role/wellhouse/other/Own", "role/Own"] {
            let other = format!("arn:aws:iam::123456789012:{other}");
            check(action, &other, &[("iam:PermissionsBoundary", BOUNDARY)], &[]);
        }
    }
    check("iam:DeleteRolePermissionsBoundary", ROLE, &[], &[]);
    let attach = [("iam:PermissionsBoundary", BOUNDARY), ("iam:PolicyARN", ADMINISTRATOR)];
    check("iam:AttachRolePolicy", ROLE, &attach, &[]);
    check("iam:DeleteRole", ROLE, &[], &GOING);
}

#[test]
fn a_boundary_is_written_only_by_the_set_up() {
    for boundary in [BOUNDARY, PORTAL_BOUNDARY] {
        for action in ["iam:CreatePolicy", "iam:CreatePolicyVersion"] {
            check(action, boundary, &[], &SET_UP);
        }
        check("iam:SetDefaultPolicyVersion", boundary, &[], &[]);
        check("iam:DeletePolicy", boundary, &[], &GOING);
        check("iam:GetPolicy", boundary, &[], &READING);
    }
    let own = "arn:aws:iam::123456789012:policy/wellhouse/files/Own";
    check("iam:CreatePolicy", own, &[], &[]);
}

#[test]
fn only_a_key_that_is_ours_is_tagged_and_changed() {
    let (asked, there) = ("aws:RequestTag/installation-id", "aws:ResourceTag/installation-id");
    check("kms:TagResource", KEY, &[(asked, "files")], &SET_UP);
    check("kms:TagResource", KEY, &[(asked, "files"), (there, "other")], &SET_UP);
    check("kms:TagResource", KEY, &[(asked, "other"), (there, "files")], &MAKING);
    for action in ["kms:PutKeyPolicy", "kms:EnableKey", "kms:CancelKeyDeletion"] {
        check(action, KEY, &[], &[]);
        check(action, KEY, &[(there, "other")], &[]);
    }
    check("kms:PutKeyPolicy", KEY, &[(there, "files")], &MAKING);
    let every = "arn:aws:kms:eu-central-1:123456789012:key/*";
    check("kms:CreateKey", every, &[(asked, "files")], &SET_UP);
    check("kms:CreateKey", every, &[], &[]);
    check("kms:ScheduleKeyDeletion", KEY, &[(there, "files")], &[Duty::DestroyWithData]);
    check("kms:ScheduleKeyDeletion", KEY, &[(there, "other")], &[]);
}

/// The tags of a new key count only minutes after it was made, and those of a key that lost them never:
/// the set-up reads and finishes it all the same.
#[test]
fn a_key_whose_tags_do_not_count_is_finished_by_the_set_up() {
    let there = "aws:ResourceTag/installation-id";
    for action in ["kms:CreateAlias", "kms:EnableKeyRotation"] {
        check(action, KEY, &[], &SET_UP);
        check(action, KEY, &[(there, "other")], &SET_UP);
    }
    for read in ["DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags"] {
        check(&format!("kms:{read}"), KEY, &[], &SET_UP);
        let ours = [Duty::Read, Duty::Everyday, Duty::SetUp, Duty::Destroy, Duty::DestroyWithData];
        check(&format!("kms:{read}"), KEY, &[(there, "files")], &ours);
    }
    let elsewhere = "arn:aws:kms:eu-central-1:999999999999:key/theirs";
    check("kms:DescribeKey", elsewhere, &[], &[]);
}

#[test]
fn the_trail_is_moved_only_by_the_set_up_and_no_other_trail_by_any() {
    let trail = "arn:aws:cloudtrail:eu-central-1:123456789012:trail/wellhouse-files";
    let other = "arn:aws:cloudtrail:eu-central-1:123456789012:trail/theirs";
    check("cloudtrail:UpdateTrail", trail, &[], &SET_UP);
    check("cloudtrail:PutEventSelectors", trail, &[], &MAKING);
    check("cloudtrail:DeleteTrail", trail, &[], &GOING);
    for action in ["UpdateTrail", "PutEventSelectors", "CreateTrail", "DeleteTrail"] {
        check(&format!("cloudtrail:{action}"), other, &[], &[]);
    }
    check("cloudtrail:StopLogging", trail, &[], &[]);
}

/// Each of its actions is one by whose name AWS reads.
#[test]
fn the_policy_for_reading_writes_nothing() {
    for text in [FIVE_LINES, EVERYTHING] {
        let policy = provisioner_policy(&estate(text), Duty::Read).expect("a policy");
        let document: serde_json::Value =
            serde_json::from_str(&policy.document.to_json()).expect("JSON");
        let mut actions = Vec::new();
        for statement in document["Statement"].as_array().expect("statements") {
            assert_eq!(statement["Effect"], "Allow");
            let named = &statement["Action"];
            actions.extend(named.as_array().cloned().unwrap_or_else(|| vec![named.clone()]));
        }
        assert!(actions.len() > 20, "{actions:?}");
        for action in actions {
            let action = action.as_str().expect("an action").to_owned();
            let (_, name) = action.split_once(':').expect("a service");
            let reads = ["Get", "List", "Describe"].iter().any(|verb| name.starts_with(verb));
            assert!(reads && !name.starts_with("GetObject"), "{action}");
        }
    }
}

#[test]
fn data_goes_only_by_the_policy_that_says_so() {
    let object = "arn:aws:s3:::example-files/a";
    for action in ["s3:DeleteObject", "s3:DeleteObjectVersion"] {
        check(action, object, &[], &[Duty::DestroyWithData]);
    }
    check("s3:GetObject", object, &[], &[]);
    check("s3:DeleteBucket", "arn:aws:s3:::theirs", &[], &[]);
}

/// AWS counts 6,144 characters without white space. The description of everything leaves a tenth of that
/// free by each policy, and three more buckets fit into the everyday one of the least.
#[test]
fn each_policy_leaves_room_for_more() {
    let length = |estate: &Estate, duty| {
        let policy = provisioner_policy(estate, duty).expect("within AWS's limit");
        policy.document.to_json().chars().filter(|c| !c.is_whitespace()).count()
    };
    for duty in Duty::ALL {
        let found = length(&estate(EVERYTHING), duty);
        assert!(found <= 6_144 * 9 / 10, "{duty:?}: {found}");
    }
    let more = |count: usize| -> String {
        let name = |n: usize| {
            format!("\n[[bucket]]\nname = \"more-files-{n}-123456789012-eu-central-1-an\"")
        };
        format!("{FIVE_LINES}{}", (0..count).map(name).collect::<String>())
    };
    let found = length(&estate(&more(20)), Duty::Everyday);
    assert!(found <= 6_144, "{found}");
}

/// What is said of the same things in two places is one statement, and says neither more nor less.
#[test]
fn no_two_statements_are_about_the_same_things() {
    for text in [FIVE_LINES, EVERYTHING] {
        for duty in Duty::ALL {
            let policy = provisioner_policy(&estate(text), duty).expect("a policy");
            let document: serde_json::Value =
                serde_json::from_str(&policy.document.to_json()).expect("JSON");
            let mut about = std::collections::BTreeSet::new();
            for statement in document["Statement"].as_array().expect("statements") {
                let of = format!("{} {}", statement["Resource"], statement["Condition"]);
                let open = statement["Resource"] == "*";
                assert!(open || about.insert(of), "{duty:?}: {statement}");
            }
        }
    }
}

/// No policy is longer than AWS takes, names a service as a whole, or leaves a write open to everything.
#[test]
fn each_policy_fits_and_names_only_what_is_ours() {
    let embedded = FIVE_LINES.replace("[[bucket]]", "target = \"embedded\"\n[[bucket]]");
    for text in [FIVE_LINES, EVERYTHING, &embedded] {
        for duty in Duty::ALL {
            let policy = provisioner_policy(&estate(text), duty).expect("within AWS's limit");
            let document: serde_json::Value =
                serde_json::from_str(&policy.document.to_json()).expect("JSON");
            for statement in document["Statement"].as_array().expect("statements") {
                let text = statement.to_string();
                let open = ["FindWhatIsThere", "BlockTheAccount", "MakeTheKey"];
                let named = open.iter().any(|sid| statement["Sid"] == *sid);
                assert!(statement["Resource"] != "*" || named, "{duty:?}: {text}");
                let whole = statement["Action"].to_string().contains(":*\"");
                assert!(!whole, "no service as a whole: {text}");
            }
        }
    }
}

#[tokio::test]
async fn a_plan_tells_which_steps_take_the_policy_of_the_set_up() {
    let estate = estate(FIVE_LINES);
    let cloud = MemoryCloud::new(estate.partition().clone(), estate.account().clone());
    let told = |plan: &wh_provision::Plan| -> Vec<String> {
        let notes = plan.notes().iter().filter(|note| note.contains("--for set-up"));
        notes.cloned().collect()
    };
    let first = plan(&estate, &cloud).await.expect("a plan");
    assert_eq!(
        told(&first),
        [
            "this takes the policy that `wellhouse provisioner-policy --for set-up` prints, beside the everyday \
          one: create the key of \
          `alias/wellhouse-files`; create managed policy `/wellhouse/files/WellhouseBoundary`; create \
          managed policy `/wellhouse/files/WellhousePortalBoundary`"
        ]
    );
    apply(&first, &cloud).await.expect("applied");
    let policy = estate.boundaries()[1].arn.clone();
    let trust = Step::PutTrust { role: estate.roles()[0].name.clone(), trust: "{}".to_owned() };
    cloud.perform(&trust).await.expect("drift");
    assert_eq!(told(&plan(&estate, &cloud).await.expect("a plan")), [""; 0]);
    let document = r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned();
    cloud.perform(&Step::PutPolicyVersion { policy, document }).await.expect("drift");
    assert_eq!(told(&plan(&estate, &cloud).await.expect("a plan")).len(), 1);
    mended(&estate, &cloud).await;

    let mut trail = estate.trail().expect("a trail").clone();
    trail.bucket = estate.bucket().name.clone();
    cloud.perform(&Step::UpdateTrail(trail)).await.expect("drift");
    let moved = told(&plan(&estate, &cloud).await.expect("a plan"));
    assert!(moved[0].contains("one: have trail `wellhouse-files` write to"), "{moved:?}");
    mended(&estate, &cloud).await;

    // A key that lost its tag is planned by `adopt` alone, and tagged before all else that it takes.
    let alias = "alias/wellhouse-files".to_owned();
    let tags = [("installation-id".to_owned(), "other".to_owned())].into();
    cloud.perform(&Step::TagKey { alias: alias.clone(), tags }).await.expect("drift");
    let policy = r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned();
    cloud.perform(&Step::PutKeyPolicy { alias, policy }).await.expect("drift");
    let refused = plan(&estate, &cloud).await.expect_err("another's");
    assert_eq!(refused.code(), "foreign-resource");
    let adopting = Planning::new(&estate, &cloud).adopting().plan().await.expect("a plan");
    let steps: Vec<String> = adopting.changes().iter().map(|one| one.step.to_string()).collect();
    let (claimed, policy) =
        ("tag key `alias/wellhouse-files` as ours", "replace the policy of key");
    assert!(steps[0] == claimed && steps[1].starts_with(policy), "{steps:?}");
    assert!(told(&adopting)[0].ends_with(&format!("one: {claimed}")), "{:?}", told(&adopting));
    apply(&adopting, &cloud).await.expect("adopted");
    assert!(plan(&estate, &cloud).await.expect("a plan").is_empty());
}

async fn mended(estate: &Estate, cloud: &MemoryCloud) {
    let mending = plan(estate, cloud).await.expect("a plan");
    assert!(!mending.is_empty());
    apply(&mending, cloud).await.expect("mended");
    assert!(plan(estate, cloud).await.expect("a plan").is_empty());
}
