//! Versions, tags and locks: which action each of them is, and what conditions see.

use jiff::{SignedDuration, Timestamp};
use wh_gate::{Caller, GateError, Refusal, ops};
use wh_names::ObjectKey;
use wh_objects::{
    CopyObject, DeleteObject, GetObject, GovernanceBypass, HeadObject, ObjectAddress, ObjectLock,
    ObjectLockState, ObjectMeta, PutObject, ReadConditions, Retention, RetentionMode, Tags,
    VersionAddress, VersionId, Versioning, WriteCondition,
};

use crate::house::{ALICE, House, at, bucket};
use crate::perform::body;

const DONE: &str = "done";

fn code<T>(answer: &Result<T, GateError>) -> &'static str {
    answer.as_ref().map_or_else(GateError::code, |_| DONE)
}

fn tags(pairs: &[(&str, &str)]) -> Tags {
    Tags::new(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))).expect("tags")
}

/// A session that may do what the statements say.
fn who(house: &House, statements: &str) -> Caller {
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    house.session(ALICE, "EverythingRole", Some(policy))
}

fn allow(actions: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":[{actions}],"Resource":"*"}}"#)
}

/// A house whose bucket keeps versions, and can lock them.
async fn keeping() -> House {
    let house = House::build().await;
    let root = house.root();
    let put = ops::PutBucketVersioning { bucket: bucket(), versioning: Versioning::Enabled };
    let permit = house.gate.admit(&root, put).await.expect("a permit");
    house.gate.put_bucket_versioning(permit).await.expect("versions");
    let lock =
        ops::PutObjectLockConfiguration { bucket: bucket(), state: ObjectLockState::default() };
    let permit = house.gate.admit(&root, lock).await.expect("a permit");
    house.gate.put_object_lock_configuration(permit).await.expect("a lock");
    house
}

async fn put(
    house: &House,
    caller: &Caller,
    key: &str,
    put: PutObject,
) -> Result<VersionId, GateError> {
    let permit = house.gate.admit(caller, ops::PutObject { address: at(key), put }).await?;
    let stored = house.gate.put_object(permit, body()).await?;
    Ok(stored.version().expect("a version"))
}

async fn tagged(house: &House, key: &str, pairs: &[(&str, &str)]) -> VersionId {
    let with = PutObject { tags: tags(pairs), ..PutObject::default() };
    put(house, &house.root(), key, with).await.expect("a version")
}

async fn get(
    house: &House,
    caller: &Caller,
    key: &str,
    version: Option<VersionId>,
) -> Result<ObjectMeta, GateError> {
    let get = GetObject { version, ..GetObject::default() };
    let permit = house.gate.admit(caller, ops::GetObject { address: at(key), get }).await?;
    Ok(house.gate.get_object(permit).await?.meta)
}

async fn head(house: &House, caller: &Caller, key: &str) -> Result<ObjectMeta, GateError> {
    let op = ops::HeadObject { address: at(key), head: HeadObject::default() };
    let permit = house.gate.admit(caller, op).await?;
    house.gate.head_object(permit).await
}

async fn delete(
    house: &House,
    caller: &Caller,
    key: &str,
    delete: DeleteObject,
) -> Result<(), GateError> {
    let op = ops::DeleteObject { address: at(key), delete };
    let permit = house.gate.admit(caller, op).await?;
    house.gate.delete_object(permit).await.map(drop)
}

fn of_version(version: VersionId) -> DeleteObject {
    DeleteObject { version: Some(version), ..DeleteObject::default() }
}

#[tokio::test]
async fn a_version_is_read_and_removed_by_actions_of_its_own() {
    let house = keeping().await;
    let first = tagged(&house, "a", &[]).await;
    tagged(&house, "a", &[]).await;
    let plain = who(&house, &allow(r#""s3:GetObject","s3:DeleteObject","s3:PutObject""#));
    assert_eq!(code(&get(&house, &plain, "a", None).await), DONE);
    assert_eq!(code(&get(&house, &plain, "a", Some(first)).await), "denied-by-policy");
    assert_eq!(code(&delete(&house, &plain, "a", of_version(first)).await), "denied-by-policy");
    let only = format!(
        r#"{{"Effect":"Allow","Action":["s3:GetObjectVersion","s3:DeleteObjectVersion"],
        "Resource":"*","Condition":{{"StringEquals":{{"s3:VersionId":"{first}"}}}}}}"#
    );
    let only = who(&house, &only);
    assert_eq!(code(&get(&house, &only, "a", None).await), "denied-by-policy");
    assert_eq!(code(&get(&house, &only, "a", Some(first)).await), DONE);
    let other = tagged(&house, "a", &[]).await;
    assert_eq!(code(&get(&house, &only, "a", Some(other)).await), "denied-by-policy");
    assert_eq!(code(&delete(&house, &only, "a", of_version(other)).await), "denied-by-policy");
    assert_eq!(code(&delete(&house, &only, "a", of_version(first)).await), DONE);
}

#[tokio::test]
async fn what_was_deleted_is_missing_only_to_those_who_may_list_it() {
    let house = keeping().await;
    let gone = tagged(&house, "a", &[]).await;
    let root = house.root();
    delete(&house, &root, "a", DeleteObject::default()).await.expect("a marker");
    tagged(&house, "b", &[]).await;
    delete(&house, &root, "a", of_version(gone)).await.expect("gone");
    let blind = who(&house, &allow(r#""s3:GetObject","s3:GetObjectVersion""#));
    let sees = r#""s3:GetObject","s3:GetObjectVersion","s3:ListBucket""#;
    let (sees, all) = (who(&house, &allow(sees)), who(&house, &allow(r#""s3:*""#)));
    assert_eq!(code(&get(&house, &blind, "a", None).await), "denied-by-policy");
    assert_eq!(code(&get(&house, &sees, "a", None).await), "deleted");
    assert_eq!(code(&head(&house, &blind, "a").await), "denied-by-policy");
    assert_eq!(code(&get(&house, &sees, "a", Some(gone)).await), "denied-by-policy");
    assert_eq!(code(&get(&house, &all, "a", Some(gone)).await), "no-such-version");
}

/// The rest of the policy allows everything.
const NO_SECRETS: &str = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"},
    {"Effect":"Deny","Action":["s3:GetObject","s3:GetObjectVersion"],"Resource":"*",
    "Condition":{"StringEquals":{"s3:ExistingObjectTag/Secret":"yes"}}}"#;

#[tokio::test]
async fn tags_of_what_is_there_decide() {
    let house = keeping().await;
    let secret = tagged(&house, "a", &[("secret", "yes"), ("x", "y")]).await;
    let reader = who(&house, NO_SECRETS);
    assert_eq!(code(&get(&house, &reader, "a", None).await), "denied-by-policy");
    assert_eq!(code(&head(&house, &reader, "a").await), "denied-by-policy");
    let open = tagged(&house, "a", &[("secret", "no")]).await;
    assert_eq!(code(&get(&house, &reader, "a", None).await), DONE);
    assert_eq!(code(&get(&house, &reader, "a", Some(open)).await), DONE);
    assert_eq!(code(&get(&house, &reader, "a", Some(secret)).await), "denied-by-policy");
    let copy = |from_version| CopyObject {
        from: at("a"),
        from_version,
        to: at("copy"),
        headers: None,
        tags: Some(Tags::default()),
        lock: ObjectLock::default(),
        source_conditions: ReadConditions::default(),
        condition: WriteCondition::Always,
    };
    let asked = |version| house.gate.admit(&reader, ops::CopyObject { copy: copy(version) });
    assert!(asked(Some(secret)).await.is_err());
    assert!(asked(None).await.is_ok());
    // A variable sees them, too, in the bucket's policy as in any other.
    house
        .bucket_policy(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",
            "Action":"s3:GetObject","Resource":"arn:aws:s3:::files/${s3:ExistingObjectTag/hide}"}]}"#,
        )
        .await;
    let root = house.root();
    tagged(&house, "b", &[("hide", "b")]).await;
    tagged(&house, "c", &[("hide", "b")]).await;
    assert_eq!(code(&get(&house, &root, "b", None).await), "denied-by-policy");
    assert_eq!(code(&get(&house, &root, "c", None).await), DONE);
}

#[tokio::test]
async fn what_is_read_is_what_was_judged() {
    let house = keeping().await;
    tagged(&house, "a", &[("secret", "no")]).await;
    let reader = who(&house, NO_SECRETS);
    let permit = |key| {
        house.gate.admit(&reader, ops::GetObject { address: at(key), get: GetObject::default() })
    };
    let early = permit("a").await.expect("a permit");
    let none = permit("b").await.expect("a permit");
    tagged(&house, "a", &[("secret", "yes")]).await;
    tagged(&house, "b", &[("secret", "yes")]).await;
    assert_eq!(code(&house.gate.get_object(early).await), "denied-by-policy");
    assert_eq!(code(&house.gate.get_object(none).await), "denied-by-policy");
    let early = house
        .gate
        .admit(&reader, ops::HeadObject { address: at("c"), head: HeadObject::default() });
    let early = early.await.expect("a permit");
    tagged(&house, "c", &[("secret", "yes")]).await;
    assert_eq!(code(&house.gate.head_object(early).await), "denied-by-policy");
}

#[tokio::test]
async fn tags_that_come_with_an_object_need_the_right_to_tag() {
    let house = keeping().await;
    let with = |pairs| PutObject { tags: tags(pairs), ..PutObject::default() };
    let putter = who(&house, &allow(r#""s3:PutObject""#));
    assert_eq!(code(&put(&house, &putter, "a", with(&[])).await), DONE);
    assert_eq!(code(&put(&house, &putter, "a", with(&[("k", "v")])).await), "denied-by-policy");
    let tagger = who(&house, &allow(r#""s3:PutObject","s3:PutObjectTagging""#));
    assert_eq!(code(&put(&house, &tagger, "a", with(&[("k", "v")])).await), DONE);
    let only = r#"{"Effect":"Allow","Action":["s3:PutObject","s3:PutObjectTagging"],"Resource":"*",
        "Condition":{"StringEquals":{"s3:RequestObjectTag/team":"red"},
        "ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":["team","note"]}}}"#;
    let only = who(&house, only);
    for (pairs, expected) in [
        (&[("team", "red")][..], DONE),
        (&[("Team", "red"), ("note", "x")], "denied-by-policy"),
        (&[("team", "red"), ("note", "x")], DONE),
        (&[("team", "blue")], "denied-by-policy"),
        (&[("team", "red"), ("other", "x")], "denied-by-policy"),
        (&[], "denied-by-policy"),
    ] {
        assert_eq!(code(&put(&house, &only, "a", with(pairs)).await), expected, "{pairs:?}");
        let version = VersionAddress { object: at("a"), version: None };
        let op = ops::PutObjectTagging { version, tags: tags(pairs) };
        assert_eq!(house.gate.admit(&only, op).await.is_ok(), expected == DONE, "{pairs:?}");
    }
}

#[tokio::test]
async fn tags_that_travel_with_a_copy_are_read_and_written() {
    let house = keeping().await;
    tagged(&house, "plain", &[]).await;
    tagged(&house, "tagged", &[("k", "v")]).await;
    let copy = |from: &str, tags| ops::CopyObject {
        copy: CopyObject {
            from: at(from),
            from_version: None,
            to: at("copy"),
            headers: None,
            tags,
            lock: ObjectLock::default(),
            source_conditions: ReadConditions::default(),
            condition: WriteCondition::Always,
        },
    };
    let base = r#""s3:GetObject","s3:PutObject""#;
    let rights = ["", r#","s3:GetObjectTagging""#, r#","s3:PutObjectTagging""#];
    let both = r#","s3:GetObjectTagging","s3:PutObjectTagging""#;
    for more in rights {
        let copier = who(&house, &allow(&format!("{base}{more}")));
        assert!(house.gate.admit(&copier, copy("plain", None)).await.is_ok(), "{more}");
        assert!(house.gate.admit(&copier, copy("tagged", None)).await.is_err(), "{more}");
        let none = Some(Tags::default());
        assert!(house.gate.admit(&copier, copy("tagged", none)).await.is_ok(), "{more}");
    }
    let copier = who(&house, &allow(&format!("{base}{both}")));
    let permit = house.gate.admit(&copier, copy("tagged", None)).await.expect("a permit");
    let made = house.gate.copy_object(permit).await.expect("a copy");
    assert!(made.source_version.is_some());
    assert_eq!(head(&house, &house.root(), "copy").await.expect("it").tags, tags(&[("k", "v")]));
}

fn locked(house: &House, mode: RetentionMode, hours: i64) -> Retention {
    let until = house.now().checked_add(SignedDuration::from_hours(hours)).expect("a time");
    Retention { mode, until }
}

async fn lock(house: &House, key: &str, lock: ObjectLock) -> VersionId {
    let put_it = PutObject { lock, ..PutObject::default() };
    put(house, &house.root(), key, put_it).await.expect("a version")
}

#[tokio::test]
async fn governance_is_bypassed_by_those_who_may_and_ask() {
    use GovernanceBypass::{No, Yes};
    let house = keeping().await;
    let (may, may_not) = (
        who(&house, &allow(r#""s3:*""#)),
        who(&house, &allow(r#""s3:DeleteObjectVersion","s3:PutObjectRetention","s3:PutObject""#)),
    );
    let retention = Some(locked(&house, RetentionMode::Governance, 24));
    let version = lock(&house, "a", ObjectLock { retention, legal_hold: false }).await;
    let firm = Some(locked(&house, RetentionMode::Compliance, 24));
    let firm = lock(&house, "a", ObjectLock { retention: firm, legal_hold: false }).await;
    let open = tagged(&house, "a", &[]).await;
    let ask = |version, bypass| DeleteObject { bypass, ..of_version(version) };
    for (caller, version, bypass, expected) in [
        (&may_not, version, No, "locked"),
        (&may_not, version, Yes, "denied-by-policy"),
        (&may, version, No, "locked"),
        (&may, firm, Yes, "locked"),
        // Where nothing is retained, nothing is bypassed.
        (&may_not, open, Yes, DONE),
    ] {
        assert_eq!(code(&delete(&house, caller, "a", ask(version, bypass)).await), expected);
    }
    let change = |caller: &Caller, bypass| {
        let address = VersionAddress { object: at("a"), version: Some(version) };
        let op = ops::PutObjectRetention { version: address, retention: None, bypass };
        let caller = caller.clone();
        let gate = &house.gate;
        async move {
            let permit = gate.admit(&caller, op).await?;
            gate.put_object_retention(permit).await
        }
    };
    assert_eq!(code(&change(&may_not, Yes).await), "denied-by-policy");
    assert_eq!(code(&change(&may, No).await), "locked");
    assert_eq!(code(&change(&may, Yes).await), DONE);
    assert_eq!(code(&delete(&house, &may_not, "a", ask(version, No)).await), DONE);
}

async fn admitted(house: &House, caller: &Caller, lock: ObjectLock) -> Result<(), Refusal> {
    let put = PutObject { lock, ..PutObject::default() };
    house.gate.admit(caller, ops::PutObject { address: at("x"), put }).await.map(drop)
}

#[tokio::test]
async fn a_lock_that_comes_with_an_object_needs_the_right_to_lock() {
    let house = keeping().await;
    let retention = Some(locked(&house, RetentionMode::Governance, 24));
    let (kept, held) = (
        ObjectLock { retention, legal_hold: false },
        ObjectLock { retention: None, legal_hold: true },
    );
    let rights = |more: &str| who(&house, &allow(&format!(r#""s3:PutObject"{more}"#)));
    let none = rights("");
    let retains = rights(r#","s3:PutObjectRetention""#);
    let holds = rights(r#","s3:PutObjectLegalHold""#);
    for (caller, lock, expected) in [
        (&none, ObjectLock::default(), true),
        (&none, kept, false),
        (&none, held, false),
        (&retains, kept, true),
        (&retains, held, false),
        (&holds, kept, false),
        (&holds, held, true),
    ] {
        assert_eq!(admitted(&house, caller, lock).await.is_ok(), expected, "{lock:?}");
    }
}

#[tokio::test]
async fn conditions_see_how_long_and_how_firmly_something_is_retained() {
    let house = keeping().await;
    let limits = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"},
        {"Effect":"Deny","Action":"s3:PutObjectRetention","Resource":"*",
         "Condition":{"NumericGreaterThan":{"s3:object-lock-remaining-retention-days":"10"}}},
        {"Effect":"Deny","Action":"s3:PutObject","Resource":"*",
         "Condition":{"StringEquals":{"s3:object-lock-mode":"COMPLIANCE"}}},
        {"Effect":"Deny","Action":"s3:PutObject","Resource":"*","Condition":{
         "DateLessThan":{"s3:object-lock-retain-until-date":"2026-09-22T00:00:00Z"}}},
        {"Effect":"Deny","Action":"s3:PutObject","Resource":"*",
         "Condition":{"StringEquals":{"s3:object-lock-legal-hold":"ON"}}}"#;
    let caller = who(&house, limits);
    let until: Timestamp = "2026-09-21T20:00:00Z".parse().expect("a time");
    assert!(house.now() < until, "the house's clock");
    let date = Some(Retention { mode: RetentionMode::Governance, until });
    for (retention, legal_hold, expected) in [
        (None, false, true),
        (None, true, false),
        (Some(locked(&house, RetentionMode::Governance, 240)), false, true),
        (Some(locked(&house, RetentionMode::Governance, 241)), false, false),
        (Some(locked(&house, RetentionMode::Compliance, 240)), false, false),
        (date, false, false),
    ] {
        let lock = ObjectLock { retention, legal_hold };
        assert_eq!(admitted(&house, &caller, lock).await.is_ok(), expected, "{lock:?}");
    }
}

#[tokio::test]
async fn an_answer_holds_no_tags_and_no_lock_of_which_the_caller_may_not_know() {
    let house = keeping().await;
    let retention = Some(locked(&house, RetentionMode::Governance, 24));
    let lock = ObjectLock { retention, legal_hold: true };
    let with = PutObject { lock, tags: tags(&[("k", "v")]), ..PutObject::default() };
    put(&house, &house.root(), "a", with).await.expect("a version");
    for (more, tags, retained, held) in [
        ("", 0, false, false),
        (r#","s3:GetObjectTagging""#, 1, false, false),
        (r#","s3:GetObjectRetention""#, 0, true, false),
        (r#","s3:GetObjectLegalHold""#, 0, false, true),
    ] {
        let caller = who(&house, &allow(&format!(r#""s3:GetObject"{more}"#)));
        for meta in [get(&house, &caller, "a", None).await, head(&house, &caller, "a").await] {
            let meta = meta.expect("an object");
            let told = (meta.tags.len(), meta.lock.retention.is_some(), meta.lock.legal_hold);
            assert_eq!(told, (tags, retained, held), "{more}");
        }
    }
}

#[tokio::test]
async fn a_delete_that_depends_on_an_etag_needs_the_right_to_read() {
    let house = keeping().await;
    tagged(&house, "a", &[]).await;
    let deleter = who(&house, &allow(r#""s3:DeleteObject""#));
    let when = |etag: &str| DeleteObject {
        condition: WriteCondition::IfMatch(etag.to_owned()),
        ..DeleteObject::default()
    };
    assert_eq!(code(&delete(&house, &deleter, "a", when("\"x\"")).await), "denied-by-policy");
    let reads = who(&house, &allow(r#""s3:DeleteObject","s3:GetObject""#));
    assert_eq!(code(&delete(&house, &reads, "a", when("\"x\"")).await), "precondition-failed");
    assert_eq!(code(&delete(&house, &deleter, "a", when("*")).await), DONE);
    assert_eq!(code(&delete(&house, &deleter, "a", when("*")).await), "denied-by-policy");
    let only = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"},
        {"Effect":"Deny","Action":"s3:DeleteObject","Resource":"*",
         "Condition":{"Null":{"s3:if-match":"true"}}}"#;
    let only = who(&house, only);
    tagged(&house, "b", &[]).await;
    let plain = delete(&house, &only, "b", DeleteObject::default()).await;
    assert_eq!(code(&plain), "denied-by-policy");
    assert_eq!(code(&delete(&house, &only, "b", when("*")).await), DONE);
}

#[tokio::test]
async fn a_bucket_with_object_lock_needs_the_right_to_both() {
    let house = House::build().await;
    let other = wh_names::BucketName::parse("other").expect("a name");
    let op = |object_lock| ops::CreateBucket { bucket: other.clone(), object_lock };
    let lock = Some(ObjectLockState::default());
    let makes = who(&house, &allow(r#""s3:CreateBucket""#));
    assert!(house.gate.admit(&makes, op(None)).await.is_ok());
    assert!(house.gate.admit(&makes, op(lock)).await.is_err());
    let more =
        r#""s3:CreateBucket","s3:PutBucketObjectLockConfiguration","s3:PutBucketVersioning""#;
    let more = who(&house, &allow(more));
    let permit = house.gate.admit(&more, op(lock)).await.expect("a permit");
    house.gate.create_bucket(permit).await.expect("a bucket");
    let address =
        ObjectAddress { bucket: other.clone(), key: ObjectKey::parse("k").expect("a key") };
    let put = PutObject {
        lock: ObjectLock { retention: None, legal_hold: true },
        ..PutObject::default()
    };
    let root = house.root();
    let permit = house.gate.admit(&root, ops::PutObject { address, put }).await.expect("a permit");
    let stored = house.gate.put_object(permit, body()).await.expect("an object");
    assert!(stored.version().is_some());
}
