//! What the ledger promises whoever writes to it.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use wh_names::{BucketName, Entropy, KeyPrefix, ObjectKey, RoleName, Secret, Uid};

use crate::*;

fn entropy() -> Entropy {
    let counter = std::sync::atomic::AtomicU64::new(1);
    Entropy::new(move |out| {
        for chunk in out.chunks_mut(8) {
            let n = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let bytes = n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    })
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).expect("a time")
}

/// A ledger on the disk, as the house has it.
struct OnDisk {
    _folder: tempfile::TempDir,
    path: PathBuf,
    ledger: Ledger,
    entropy: Entropy,
}

impl OnDisk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.sqlite");
        let ledger = Ledger::open(&path).await.expect("a ledger");
        Self { _folder: folder, path, ledger, entropy: entropy() }
    }

    async fn reopen(&mut self) {
        self.ledger.close().await;
        self.ledger = Ledger::open(&self.path).await.expect("the ledger again");
    }

    async fn person(&self, name: &str) -> PersonRow {
        let row = PersonRow {
            uid: Uid::generate(at(0), &self.entropy),
            name: name.to_owned(),
            name_key: name.to_lowercase(),
            name_look: name.to_lowercase(),
            email: Some(format!("{name}@example.org")),
            password_phc: PasswordPhc::from_phc("$argon2id$one"),
            status: PersonStatus::Active,
            created_at: at(0),
            approved_at: Some(at(0)),
        };
        self.ledger.insert_person(&row, &[]).await.expect("inserted");
        row
    }

    async fn session(&self, person: &PersonRow) -> SessionRow {
        let row = SessionRow {
            digest: Secret::random(&self.entropy).digest(),
            uid: person.uid.clone(),
            created_at: at(0),
            seen_at: at(0),
            expires_at: at(3600),
            user_agent: Some("a browser".to_owned()),
            ip: Some("2001:db8::1".to_owned()),
        };
        assert!(self.ledger.insert_session(&row, &person.password_phc).await.expect("inserted"));
        row
    }

    fn grant(&self, subject: GrantSubject) -> GrantRow {
        GrantRow {
            id: RowId::generate(at(0), &self.entropy),
            subject,
            role: RoleName::parse("AdminRole").expect("a role"),
            bucket: BucketName::parse("wellhouse-files").expect("a bucket"),
            prefix: KeyPrefix::everything(),
            title: "Everything".to_owned(),
            created_at: at(0),
            created_by: None,
        }
    }

    fn upload(&self, uid: &Uid, condition: UploadCondition) -> UploadRow {
        UploadRow {
            id: RowId::generate(at(0), &self.entropy),
            uid: uid.clone(),
            grant_id: RowId::generate(at(0), &self.entropy),
            bucket: BucketName::parse("wellhouse-files").expect("a bucket"),
            key: ObjectKey::parse("home/🦀/ключ").expect("a key"),
            size: 5 << 40,
            part_size: 1 << 30,
            content_type: "text/plain".to_owned(),
            upload_id: None,
            condition,
            status: UploadStatus::Begun,
            created_at: at(0),
            updated_at: at(0),
            last_modified_ms: Some(-1),
            object: None,
        }
    }
}

fn keep(grant: &GrantRow) -> Holding {
    let GrantRow { role, bucket, prefix, .. } = grant.clone();
    Holding { role, bucket, prefix }
}

#[tokio::test]
async fn what_was_written_is_there_when_the_ledger_is_opened_again() {
    let mut house = OnDisk::new().await;
    let alice = house.person("Alice").await;
    let session = house.session(&alice).await;
    let grant = house.grant(GrantSubject::Person(alice.uid.clone()));
    house.ledger.insert_grant(&grant).await.expect("given");
    let upload = house.upload(&alice.uid, UploadCondition::Replace("etag".to_owned()));
    house.ledger.insert_upload(&upload).await.expect("inserted");
    house.ledger.put_settings(&[("homes", "on"), ("homes", "off")]).await.expect("set");
    house.reopen().await;
    let ledger = &house.ledger;
    assert_eq!(ledger.person(&alice.uid).await.expect("read"), Some(alice.clone()));
    assert_eq!(ledger.person_by_name_key("alice").await.expect("read"), Some(alice.clone()));
    assert_eq!(ledger.session(&session.digest).await.expect("read"), Some(session));
    assert_eq!(ledger.grant(&grant.id).await.expect("read"), Some(grant.clone()));
    assert_eq!(ledger.grants_for(&alice.uid).await.expect("read"), [grant]);
    assert_eq!(ledger.upload_of(&alice.uid, &upload.id).await.expect("read"), Some(upload));
    assert_eq!(ledger.setting("homes").await.expect("read").as_deref(), Some("off"));
    assert_eq!(ledger.setting("other").await.expect("read"), None);
}

#[tokio::test]
async fn the_database_is_for_its_owner_alone_and_writes_wait_for_the_disk() {
    let house = OnDisk::new().await;
    house.person("alice").await;
    for file in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"] {
        let meta = std::fs::metadata(house.path.with_file_name(file)).expect(file);
        assert_eq!(meta.permissions().mode() & 0o777, 0o600, "{file}");
    }
    for (pragma, expected) in [("synchronous", "2"), ("foreign_keys", "1"), ("journal_mode", "wal")]
    {
        let sql =
            sqlx::AssertSqlSafe(format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}"));
        let value: String =
            sqlx::query_scalar(sql).fetch_one(house.ledger.writer()).await.expect("a pragma");
        assert_eq!(value, expected, "{pragma}");
    }
    let write = sqlx::query("DELETE FROM persons").execute(house.ledger.reader()).await;
    assert!(write.is_err(), "readers cannot write");
}

#[tokio::test]
async fn a_ledger_of_a_later_version_is_refused_and_left_alone() {
    let house = OnDisk::new().await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9001, 'later', TRUE, x'00', 0)",
    )
    .execute(house.ledger.writer())
    .await
    .expect("a later version");
    house.ledger.close().await;
    let before = std::fs::read(&house.path).expect("the file");
    let error = Ledger::open(&house.path).await.expect_err("a refusal");
    assert!(matches!(error, LedgerError::NewerVersion { found: 9001, known } if known >= 4));
    assert_eq!(error.code(), "ledger-newer-version");
    assert_eq!(std::fs::read(&house.path).expect("the file"), before);
}

#[tokio::test]
async fn a_place_where_nothing_can_be_written_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let nowhere = folder.path().join("absent").join("ledger.sqlite");
    let error = Ledger::open(&nowhere).await.expect_err("a refusal");
    assert!(matches!(&error, LedgerError::Unwritable { path, .. } if *path == nowhere), "{error}");
    let error = Ledger::open(folder.path()).await.expect_err("a refusal");
    assert_eq!(error.code(), "ledger-unwritable");
    let text = folder.path().join("text");
    std::fs::write(&text, "this is not a database, and it is long enough ".repeat(9))
        .expect("written");
    assert!(Ledger::open(&text).await.is_err());
}

#[tokio::test]
async fn a_person_and_their_first_grants_are_written_together_or_not_at_all() {
    let house = OnDisk::new().await;
    let alice = house.person("alice").await;
    let bob = PersonRow {
        uid: Uid::generate(at(0), &house.entropy),
        name_key: "bob".to_owned(),
        name_look: "bob".to_owned(),
        ..alice.clone()
    };
    let nobody = Uid::generate(at(0), &house.entropy);
    let bad = [house.grant(GrantSubject::Person(nobody))];
    let conflict = house.ledger.insert_person(&bob, &bad).await.expect_err("a conflict");
    assert!(matches!(conflict, LedgerError::Conflict { what: "grant" }), "{conflict:?}");
    assert_eq!(house.ledger.person(&bob.uid).await.expect("read"), None);
    for again in [
        PersonRow { name_key: "alice".to_owned(), ..bob.clone() },
        PersonRow { name_look: "alice".to_owned(), ..bob.clone() },
        PersonRow { uid: alice.uid.clone(), ..bob },
    ] {
        let conflict = house.ledger.insert_person(&again, &[]).await.expect_err("a conflict");
        assert!(matches!(conflict, LedgerError::Conflict { what: "person" }), "{conflict:?}");
    }
}

#[tokio::test]
async fn a_revocation_holds_for_what_was_issued_before_and_survives_a_restart() {
    let mut house = OnDisk::new().await;
    let alice = house.person("alice").await;
    let bob = house.person("bob").await;
    let session = house.session(&alice).await;
    let check = |house: &OnDisk| {
        assert!(house.ledger.revoked(&alice.uid, at(9)));
        assert!(house.ledger.revoked(&alice.uid, at(10)), "the very moment is revoked");
        assert!(!house.ledger.revoked(&alice.uid, at(11)));
        assert!(!house.ledger.revoked(&bob.uid, at(9)));
        assert!(house.ledger.session_revoked(&session.sid()));
        assert!(!house.ledger.session_revoked("00000000"));
    };
    assert!(!house.ledger.revoked(&alice.uid, at(0)));
    house.ledger.revoke_person(&alice.uid, at(10)).await.expect("revoked");
    house.ledger.revoke_person(&alice.uid, at(5)).await.expect("an earlier one changes nothing");
    assert!(house.ledger.end_session(&session.digest, at(10)).await.expect("ended"));
    assert!(!house.ledger.end_session(&session.digest, at(10)).await.expect("ended already"));
    check(&house);
    house.reopen().await;
    check(&house);
    house.ledger.sweep_revocations(at(11)).await.expect("swept");
    assert!(!house.ledger.revoked(&alice.uid, at(9)));
    house.reopen().await;
    assert!(!house.ledger.session_revoked(&session.sid()));
}

#[tokio::test]
async fn a_disabled_person_is_revoked_for_good_until_enabled() {
    let mut house = OnDisk::new().await;
    let alice = house.person("alice").await;
    let root = house.person("root").await;
    let session = house.session(&alice).await;
    let grant = house.grant(GrantSubject::Person(root.uid.clone()));
    house.ledger.insert_grant(&grant).await.expect("given");
    let done = house.ledger.disable_person(&alice.uid, at(10), &keep(&grant)).await;
    assert_eq!(done.expect("done"), PersonChange::Done);
    let last = house.ledger.disable_person(&root.uid, at(10), &keep(&grant)).await;
    assert_eq!(last.expect("an answer"), PersonChange::LastHolder);
    assert!(!house.ledger.revoked(&root.uid, at(0)), "nothing was changed");
    house.reopen().await;
    assert!(house.ledger.revoked(&alice.uid, at(999)));
    house.ledger.sweep_revocations(at(999)).await.expect("swept");
    assert!(house.ledger.revoked(&alice.uid, at(999)));
    let done = house.ledger.enable_person(&alice.uid, at(20)).await.expect("done");
    assert_eq!(done, PersonChange::Done);
    assert!(house.ledger.revoked(&alice.uid, at(20)));
    assert!(!house.ledger.revoked(&alice.uid, at(21)));
    assert_eq!(house.ledger.session(&session.digest).await.expect("read"), None);
}

#[tokio::test]
async fn the_last_holder_of_a_grant_keeps_it() {
    let house = OnDisk::new().await;
    let root = house.person("root").await;
    let first = house.grant(GrantSubject::Person(root.uid.clone()));
    let second = house.grant(GrantSubject::Person(root.uid.clone()));
    let everyone = house.grant(GrantSubject::Everyone);
    for grant in [&first, &second, &everyone] {
        house.ledger.insert_grant(grant).await.expect("given");
    }
    assert_eq!(house.ledger.holders(&keep(&first)).await.expect("read"), [root.uid]);
    let delete = async |grant: &GrantRow| {
        house.ledger.delete_grant(&grant.id, at(10), &keep(&first)).await.expect("an answer")
    };
    assert_eq!(delete(&first).await, GrantChange::Done(first.clone()));
    assert_eq!(delete(&second).await, GrantChange::LastHolder, "everyone's grant holds nobody");
    assert_eq!(delete(&everyone).await, GrantChange::Done(everyone.clone()));
    assert_eq!(delete(&everyone).await, GrantChange::Absent);
    assert_eq!(house.ledger.grants().await.expect("read"), [second]);
    assert!(house.ledger.revoked(&Uid::generate(at(0), &house.entropy), at(10)), "everyone");
}

#[tokio::test]
async fn an_upload_goes_forward_only_and_belongs_to_one_person() {
    let house = OnDisk::new().await;
    let (alice, bob) = (house.person("alice").await, house.person("bob").await);
    let ledger = &house.ledger;
    let row = house.upload(&alice.uid, UploadCondition::Create);
    ledger.insert_upload(&row).await.expect("inserted");
    assert_eq!(ledger.upload_of(&bob.uid, &row.id).await.expect("read"), None);
    assert_eq!(ledger.uploads_unfinished(&bob.uid).await.expect("read"), []);
    assert!(ledger.upload_transfers(&row.id, "S3ID", at(1)).await.expect("done"));
    assert!(!ledger.upload_transfers(&row.id, "OTHER", at(2)).await.expect("not again"));
    ledger.touch_upload(&row.id, at(3)).await.expect("touched");
    let expected = UploadRow {
        upload_id: Some("S3ID".to_owned()),
        status: UploadStatus::Transferring,
        updated_at: at(3),
        ..row.clone()
    };
    assert_eq!(ledger.uploads_stale(at(3)).await.expect("read"), []);
    let stale = ledger.uploads_stale(at(4)).await.expect("read");
    assert_eq!(ledger.uploads_unfinished(&alice.uid).await.expect("read"), stale);
    assert_eq!(stale, [expected]);
    let object = UploadedObject { etag: "e".to_owned(), crc64nvme: "rosUhgp5mIg=".to_owned() };
    assert!(ledger.upload_completed(&row.id, &object, at(5)).await.expect("done"));
    let other = UploadedObject { etag: "f".to_owned(), ..object.clone() };
    assert!(!ledger.upload_completed(&row.id, &other, at(6)).await.expect("not again"));
    assert!(!ledger.upload_aborted(&row.id, at(6)).await.expect("too late"));
    let done = ledger.upload_of(&alice.uid, &row.id).await.expect("read").expect("the upload");
    assert_eq!((done.status, done.object), (UploadStatus::Completed, Some(object)));
    assert_eq!(ledger.uploads_unfinished(&alice.uid).await.expect("read"), []);
    assert_eq!(ledger.uploads_stale(at(99)).await.expect("read"), []);
}

#[tokio::test]
async fn sessions_that_ended_by_themselves_are_forgotten() {
    let house = OnDisk::new().await;
    let alice = house.person("alice").await;
    let idle = house.session(&alice).await;
    let used = house.session(&alice).await;
    house.ledger.touch_session(&used.digest, at(100)).await.expect("touched");
    house.ledger.touch_session(&used.digest, at(50)).await.expect("touched");
    assert_eq!(house.ledger.sweep_sessions(at(99), at(100)).await.expect("swept"), 1);
    assert_eq!(house.ledger.session(&idle.digest).await.expect("read"), None);
    let left = house.ledger.sessions_of(&alice.uid).await.expect("read");
    assert_eq!(left, [SessionRow { seen_at: at(100), ..used }]);
    let later = at(0) + SignedDuration::from_hours(2);
    assert_eq!(house.ledger.sweep_sessions(at(99), later).await.expect("swept"), 1);
}

#[tokio::test]
async fn a_session_begins_only_for_somebody_active_with_the_password_that_was_verified() {
    let house = OnDisk::new().await;
    let alice = house.person("alice").await;
    let old = house.session(&alice).await;
    let mut next = old.clone();
    next.digest = Secret::random(&house.entropy).digest();
    let new = PasswordPhc::from_phc("$argon2id$two");
    let changed = house.ledger.change_password(&alice.password_phc, &new, &next).await;
    assert_eq!(changed.expect("done"), PersonChange::Done);
    assert_eq!(house.ledger.session(&old.digest).await.expect("read"), None);
    assert_eq!(house.ledger.session(&next.digest).await.expect("read"), Some(next.clone()));
    let again = house.ledger.change_password(&alice.password_phc, &new, &old).await;
    assert_eq!(again.expect("an answer"), PersonChange::Absent);
    assert!(!house.ledger.insert_session(&old, &alice.password_phc).await.expect("an answer"));
    assert!(house.ledger.insert_session(&old, &new).await.expect("an answer"));
    assert!(
        !house.ledger.rehash_password(&alice.uid, &alice.password_phc, &new).await.expect("no")
    );
}

#[tokio::test]
async fn of_the_refusals_of_strangers_only_the_newest_are_kept() {
    let house = OnDisk::new().await;
    let audit = AuditWriter::start(&house.ledger).await.expect("a writer");
    let record = |kind, principal: &str| AuditRecord {
        at: at(0),
        kind,
        request_id: "r".to_owned(),
        operation: "GetObject".to_owned(),
        action: "s3:GetObject".to_owned(),
        resource: "arn:aws:s3:::wellhouse-files/a".to_owned(),
        principal: principal.to_owned(),
        source_identity: None,
        source_ip: None,
        detail: None,
    };
    let (refusal, intent) = (AuditKind::Refusal, AuditKind::Intent);
    let alice = "arn:aws:sts::000000000000:assumed-role/S3AccessRole/u-alice";
    for (kind, who) in [(refusal, alice), (intent, "anonymous")]
        .into_iter()
        .chain(std::iter::repeat_n((refusal, "anonymous"), 5))
    {
        audit.record(record(kind, who), Durability::Process).await.expect("recorded");
    }
    let left = async || -> Vec<i64> {
        let entries = house.ledger.audit_recent(None, 100).await.expect("read");
        entries.iter().map(|entry| entry.seq).collect()
    };
    assert_eq!(house.ledger.sweep_audit_of_strangers(5).await.expect("swept"), 0);
    assert_eq!(house.ledger.sweep_audit_of_strangers(2).await.expect("swept"), 3);
    assert_eq!(left().await, [7, 6, 2, 1]);
    assert_eq!(house.ledger.sweep_audit_of_strangers(0).await.expect("swept"), 1);
    assert_eq!(left().await, [7, 2, 1], "a number is never given twice");
}
