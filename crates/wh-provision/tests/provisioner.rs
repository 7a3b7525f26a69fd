//! What the policies of a provisioner allow, judged by the engine that the embedded store uses.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use wh_names::{AccountId, Action, Arn};
use wh_policy::{Context, Outcome, PolicySet, Request, Subject, evaluate};
use wh_provision::{
    Cloud, Description, Duty, Estate, MemoryCloud, Step, apply, plan, provisioner_policy,
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
const READING: [Duty; 3] = [Duty::Everyday, Duty::Destroy, Duty::DestroyWithData];
const GOING: [Duty; 2] = [Duty::Destroy, Duty::DestroyWithData];

#[test]
fn a_role_is_made_and_widened_only_within_a_boundary_of_ours() {
    for action in ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"] {
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
    check("iam:UpdateAssumeRolePolicy", ROLE, &[], &MAKING);
    check(
        "iam:UpdateAssumeRolePolicy",
        "arn:aws:iam::123456789012:role/wellhouse/files/Own",
        &[],
        &[],
    );
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
    for action in ["kms:PutKeyPolicy", "kms:CreateAlias", "kms:EnableKey"] {
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

#[test]
fn data_goes_only_by_the_policy_that_says_so() {
    let object = "arn:aws:s3:::example-files/a";
    for action in ["s3:DeleteObject", "s3:DeleteObjectVersion"] {
        check(action, object, &[], &[Duty::DestroyWithData]);
    }
    check("s3:GetObject", object, &[], &[]);
    check("s3:DeleteBucket", "arn:aws:s3:::theirs", &[], &[]);
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
}
