//! The session policy of a grant.

use std::sync::Arc;

use wh_names::{AccountId, Action, Arn, BucketName, KeyPrefix, Partition};
use wh_policy::s3::{
    Ending, ending, narrowed_to, session_policy, session_policy_of_link, session_policy_of_sender,
};
use wh_policy::{
    Context, Explanation, NamedPolicy, Outcome, PolicyDocument, PolicyKind, PolicySet, Request,
    Subject, evaluate,
};

fn narrowed(prefix: &str) -> PolicyDocument {
    let partition = Partition::parse("aws").expect("a partition");
    let bucket = BucketName::parse("files").expect("a bucket");
    session_policy(&partition, &bucket, &KeyPrefix::parse(prefix).expect("a prefix"))
}

fn judged(narrowing: &PolicyDocument, object: &str, now: Option<&str>) -> Explanation {
    let all =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    let all = PolicyDocument::parse(all, PolicyKind::Identity).expect("a policy");
    let named =
        |name: &str, document| NamedPolicy { name: name.to_owned(), document: Arc::new(document) };
    let identity = [named("role", all)];
    let session = [named("grant", narrowing.clone())];
    let mut context = Context::new();
    if let Some(now) = now {
        context.set("aws:CurrentTime", now);
    }
    let policies =
        PolicySet { identity: &identity, session: Some(&session), ..PolicySet::default() };
    let request = Request {
        subject: &Subject::RoleSession {
            role_arn: Arn::parse("arn:aws:iam::111122223333:role/w/R").expect("an ARN"),
            session_arn: Arn::parse("arn:aws:sts::111122223333:assumed-role/R/u-1")
                .expect("an ARN"),
        },
        action: &Action::parse("s3:GetObject").expect("an action"),
        resource: &Arn::parse(object).expect("an ARN"),
        resource_account: &AccountId::parse("111122223333").expect("an account"),
        context: &context,
    };
    evaluate(&policies, &request).explanation()
}

#[track_caller]
fn check(prefix: &str, action: &str, resource: &str, listed: Option<&str>, expected: bool) {
    let context = listed.map(|listed| ("s3:prefix", listed));
    judge(narrowed(prefix), (action, resource), context, expected);
}

#[track_caller]
fn judge(
    document: PolicyDocument,
    (action, resource): (&str, &str),
    asked: Option<(&str, &str)>,
    expected: bool,
) {
    let all =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    let all = PolicyDocument::parse(all, PolicyKind::Identity).expect("a policy");
    let named =
        |name: &str, document| NamedPolicy { name: name.to_owned(), document: Arc::new(document) };
    let identity = [named("role", all)];
    // What STS gets is text, so what is judged is what is read back from it.
    let read = PolicyDocument::parse(&document.to_json(), PolicyKind::Session);
    let read = read.expect("a session policy");
    assert_eq!(read, document);
    let session = [named("grant", read)];
    let mut context = Context::new();
    if let Some((key, value)) = asked {
        context.set(key, value);
    }
    let subject = Subject::RoleSession {
        role_arn: Arn::parse("arn:aws:iam::111122223333:role/w/R").expect("an ARN"),
        session_arn: Arn::parse("arn:aws:sts::111122223333:assumed-role/R/u-1").expect("an ARN"),
    };
    let action = Action::parse(action).expect("an action");
    let resource = Arn::parse(resource).expect("an ARN");
    let account = AccountId::parse("111122223333").expect("an account");
    let decision = evaluate(
        &PolicySet { identity: &identity, session: Some(&session), ..PolicySet::default() },
        &Request {
            subject: &subject,
            action: &action,
            resource: &resource,
            resource_account: &account,
            context: &context,
        },
    );
    assert_eq!(decision.allowed(), expected, "{}", decision.explanation().message());
}

#[test]
fn a_grant_reaches_its_prefix_and_no_further() {
    for action in ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"] {
        check("home/a/", action, "arn:aws:s3:::files/home/a/x/y", None, true);
        check("home/a/", action, "arn:aws:s3:::files/home/b/x", None, false);
        check("home/a/", action, "arn:aws:s3:::files/home/a", None, false);
        check("home/a/", action, "arn:aws:s3:::files2/home/a/x", None, false);
    }
    let list = ["s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"];
    for action in list {
        check("home/a/", action, "arn:aws:s3:::files", Some("home/a/"), true);
        check("home/a/", action, "arn:aws:s3:::files", Some("home/a/b/"), true);
        check("home/a/", action, "arn:aws:s3:::files", Some("home/"), false);
        check("home/a/", action, "arn:aws:s3:::files", Some(""), false);
        check("home/a/", action, "arn:aws:s3:::files", None, false);
        check("", action, "arn:aws:s3:::files", None, true);
    }
    let kept = ["s3:GetBucketVersioning", "s3:GetLifecycleConfiguration"];
    for action in ["s3:GetBucketLocation"].into_iter().chain(kept) {
        check("home/a/", action, "arn:aws:s3:::files", None, true);
        check("home/a/", action, "arn:aws:s3:::files2", None, false);
    }
    for action in ["s3:GetBucketPolicy", "s3:PutBucketVersioning", "s3:PutLifecycleConfiguration"] {
        check("home/a/", action, "arn:aws:s3:::files", None, false);
    }
    check("", "s3:GetObject", "arn:aws:s3:::files/any", None, true);
    for action in ["s3:PutBucketPolicy", "s3:DeleteBucket", "s3:PutBucketCORS"] {
        check("", action, "arn:aws:s3:::files", None, false);
    }
}

#[test]
fn whatever_a_prefix_holds_is_literal() {
    for (prefix, inside, outside) in [
        ("a*/", "a*/x", "ab/x"),
        ("a?/", "a?/x", "ab/x"),
        ("${aws:userid}/", "${aws:userid}/x", "me/x"),
        ("$/", "$/x", "x"),
        ("ключ/🦀/", "ключ/🦀/x", "ключ/x"),
        ("a:b/\"\\/", "a:b/\"\\/x", "a:b/x"),
    ] {
        let object = |key: &str| format!("arn:aws:s3:::files/{key}");
        check(prefix, "s3:GetObject", &object(inside), None, true);
        check(prefix, "s3:GetObject", &object(outside), None, false);
        check(prefix, "s3:ListBucket", "arn:aws:s3:::files", Some(inside), true);
        check(prefix, "s3:ListBucket", "arn:aws:s3:::files", Some(outside), false);
    }
}

#[test]
fn a_link_reads_what_was_shared_and_nothing_beside_it() {
    let partition = Partition::parse("aws").expect("a partition");
    let bucket = BucketName::parse("files").expect("a bucket");
    let link = |key: &str| {
        let text = session_policy_of_link(&partition, &bucket, key).to_json();
        PolicyDocument::parse(&text, PolicyKind::Session).expect("a session policy")
    };
    let judged = |key: &str, action: &str, at: &str, expected: bool| {
        let object = format!("arn:aws:s3:::files/{at}");
        judge(link(key), (action, &object), None, expected);
    };
    for (key, inside, outside) in [
        ("a/", "a/b", "ab"),
        ("a/", "a/b/c", "a"),
        ("a*/", "a*/b", "ab/b"),
        ("a?.txt", "a?.txt", "ab.txt"),
        ("${aws:userid}", "${aws:userid}", "me"),
        ("a.txt", "a.txt", "a.txt2"),
        ("a.txt", "a.txt", "a.txt/b"),
        ("x/a.txt", "x/a.txt", "x/"),
    ] {
        judged(key, "s3:GetObject", inside, true);
        judged(key, "s3:GetObjectTagging", inside, true);
        judged(key, "s3:GetObject", outside, false);
        for action in ["s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject", "s3:GetObjectAcl"]
        {
            judged(key, action, inside, false);
        }
    }
    let bucket_arn = "arn:aws:s3:::files";
    for (key, listed, expected) in [
        ("a/", Some("a/"), true),
        ("a/", Some("a/b/"), true),
        ("a/", Some("a"), false),
        ("a/", Some(""), false),
        ("a/", None, false),
        ("a.txt", Some("a.txt"), false),
    ] {
        let context = listed.map(|listed| ("s3:prefix", listed));
        judge(link(key), ("s3:ListBucket", bucket_arn), context, expected);
        judge(link(key), ("s3:ListBucketVersions", bucket_arn), context, false);
        judge(link(key), ("s3:GetBucketPolicy", bucket_arn), None, false);
    }
}

#[test]
fn a_sender_writes_into_their_own_folder_and_lists_and_reads_nothing() {
    let partition = Partition::parse("aws").expect("a partition");
    let bucket = BucketName::parse("files").expect("a bucket");
    let sender = |key: &str| {
        let text = session_policy_of_sender(&partition, &bucket, key).to_json();
        PolicyDocument::parse(&text, PolicyKind::Session).expect("a session policy")
    };
    let upkeep = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];
    let never = [
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:GetObjectTagging",
        "s3:PutObjectTagging",
        "s3:PutObjectAcl",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
    ];
    for (key, inside, outside) in [
        ("in/Eve (1)/", "in/Eve (1)/a", "in/Eve (2)/a"),
        ("in/Eve (1)/", "in/Eve (1)/a/b", "in/Eve (1)"),
        ("in/*/", "in/*/a", "in/Eve/a"),
        ("in/${aws:userid}/", "in/${aws:userid}/a", "in/me/a"),
    ] {
        let object = |at: &str| format!("arn:aws:s3:::files/{at}");
        for action in upkeep {
            judge(sender(key), (action, &object(inside)), None, true);
            judge(sender(key), (action, &object(outside)), None, false);
        }
        for action in never {
            judge(sender(key), (action, &object(inside)), None, false);
        }
        for action in ["s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"] {
            judge(sender(key), (action, "arn:aws:s3:::files"), Some(("s3:prefix", key)), false);
        }
    }
}

#[test]
fn a_session_policy_fits_into_what_sts_takes() {
    assert!(narrowed(&"p".repeat(750)).to_json().len() <= 2_048);
    assert!(narrowed("home/01jabcdefghjkmnpqrstvwxyz0/").to_json().len() <= 550);
}

#[test]
fn a_narrowed_grant_is_for_its_actions_alone() {
    let actions = ["s3:GetObject", "s3:ListBucket"].map(str::to_owned);
    let document = || narrowed_to(narrowed(""), &actions);
    let object = "arn:aws:s3:::files/any";
    for (action, resource, allowed) in [
        ("s3:GetObject", object, true),
        ("s3:ListBucket", "arn:aws:s3:::files", true),
        ("s3:PutObject", object, false),
        ("s3:GetObjectVersion", object, false),
        ("s3:GetBucketPolicy", "arn:aws:s3:::files", false),
    ] {
        judge(document(), (action, resource), None, allowed);
    }
}

#[test]
fn a_grant_that_ends_denies_everything_from_then_on() {
    let end: jiff::Timestamp = "2030-01-01T00:00:00Z".parse().expect("a time");
    let all = [Ending::Grant, Ending::Token, Ending::Viewing, Ending::Link];
    let sids = ["GrantEnded", "TokenEnded", "ViewingEnded", "LinkEnded"];
    for (what, sid) in all.into_iter().zip(sids) {
        check_ending((end, what), sid);
    }
}

#[track_caller]
fn check_ending(end: (jiff::Timestamp, Ending), sid: &str) {
    // What STS gets is text, so what is judged is what is read back from it.
    let text = ending(narrowed("home/a/"), end).to_json();
    let read = PolicyDocument::parse(&text, PolicyKind::Session).expect("a session policy");
    assert_eq!(read, ending(narrowed("home/a/"), end));
    for (now, expected) in [
        (Some("2029-12-31T23:59:59Z"), true),
        (Some("2029-12-31T23:59:59.999Z"), true),
        (Some("2030-01-01T00:00:00Z"), false),
        (Some("2030-06-01T00:00:00Z"), false),
        (None, false),
    ] {
        let told = judged(&read, "arn:aws:s3:::files/home/a/x", now);
        let allowed = told.outcome == Outcome::Allow;
        assert_eq!(allowed, expected, "{now:?}: {}", told.message());
        assert!(expected || told.statement.as_deref() == Some(sid), "{told:?}");
    }
    let elsewhere = judged(&read, "arn:aws:s3:::files/home/b/x", Some("2029-01-01T00:00:00Z"));
    assert_eq!(elsewhere.outcome, Outcome::ImplicitDeny);
}
