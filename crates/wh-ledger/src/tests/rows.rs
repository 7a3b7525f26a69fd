//! What the ledger promises whoever writes to it, on each engine.

use jiff::SignedDuration;
use wh_names::Uid;

use super::{House, at, keep, stale_at};
use crate::*;

#[tokio::test]
async fn what_was_written_is_there_when_the_ledger_is_opened_again() {
    for mut house in House::of_each_engine().await {
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
        assert_eq!(ledger.grants_for(&alice.uid, at(0)).await.expect("read"), [grant]);
        assert_eq!(ledger.upload_of(&alice.uid, &upload.id).await.expect("read"), Some(upload));
        assert_eq!(ledger.setting("homes").await.expect("read").as_deref(), Some("off"));
        assert_eq!(ledger.setting("other").await.expect("read"), None);
    }
}

#[tokio::test]
async fn a_person_and_their_first_grants_are_written_together_or_not_at_all() {
    for house in House::of_each_engine().await {
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
}

#[tokio::test]
async fn a_revocation_holds_for_what_was_issued_before_and_survives_a_restart() {
    for mut house in House::of_each_engine().await {
        let alice = house.person("alice").await;
        let bob = house.person("bob").await;
        let session = house.session(&alice).await;
        let check = |house: &House| {
            assert!(house.ledger.revoked(&alice.uid, at(9)));
            assert!(house.ledger.revoked(&alice.uid, at(10)), "the very moment is revoked");
            assert!(!house.ledger.revoked(&alice.uid, at(11)));
            assert!(!house.ledger.revoked(&bob.uid, at(9)));
            assert!(house.ledger.session_revoked(&session.sid));
            assert!(!house.ledger.session_revoked("00000000"));
        };
        assert!(!house.ledger.revoked(&alice.uid, at(0)));
        house.ledger.revoke_person(&alice.uid, at(10)).await.expect("revoked");
        house
            .ledger
            .revoke_person(&alice.uid, at(5))
            .await
            .expect("an earlier one changes nothing");
        assert!(house.ledger.end_session(&session.digest, at(10)).await.expect("ended"));
        assert!(!house.ledger.end_session(&session.digest, at(10)).await.expect("ended already"));
        check(&house);
        house.reopen().await;
        check(&house);
        house.ledger.sweep_revocations(at(11)).await.expect("swept");
        assert!(!house.ledger.revoked(&alice.uid, at(9)));
        house.reopen().await;
        assert!(!house.ledger.session_revoked(&session.sid));
    }
}

#[tokio::test]
async fn a_disabled_person_is_revoked_for_good_until_enabled() {
    for mut house in House::of_each_engine().await {
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
}

#[tokio::test]
async fn the_last_holder_of_a_grant_keeps_it() {
    for house in House::of_each_engine().await {
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
}

#[tokio::test]
async fn an_upload_goes_forward_only_and_belongs_to_one_person() {
    for house in House::of_each_engine().await {
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
        assert_eq!(ledger.uploads_stale(&stale_at(3, 3, 3)).await.expect("read"), []);
        let stale = ledger.uploads_stale(&stale_at(4, 4, 4)).await.expect("read");
        assert_eq!(ledger.uploads_unfinished(&alice.uid).await.expect("read"), stale);
        assert_eq!(stale, [expected]);
        let object =
            UploadedObject { etag: Some("e".to_owned()), crc64nvme: "rosUhgp5mIg=".to_owned() };
        assert!(ledger.upload_completed(&row.id, &object, at(5)).await.expect("done"));
        let other = UploadedObject { etag: Some("f".to_owned()), ..object.clone() };
        assert!(!ledger.upload_completed(&row.id, &other, at(6)).await.expect("not again"));
        assert!(!ledger.upload_aborted(&row.id, at(6)).await.expect("too late"));
        let done = ledger.upload_of(&alice.uid, &row.id).await.expect("read").expect("the upload");
        assert_eq!((done.status, done.object), (UploadStatus::Completed, Some(object)));
        assert_eq!(ledger.uploads_unfinished(&alice.uid).await.expect("read"), []);
        assert_eq!(ledger.uploads_stale(&stale_at(99, 99, 99)).await.expect("read"), []);
    }
}

#[tokio::test]
async fn sessions_that_ended_by_themselves_are_forgotten() {
    for house in House::of_each_engine().await {
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
}

#[tokio::test]
async fn a_session_begins_only_for_somebody_active_with_the_password_that_was_verified() {
    for house in House::of_each_engine().await {
        let alice = house.person("alice").await;
        let old = house.session(&alice).await;
        let next = house.draw_session(&alice.uid);
        let new = PasswordPhc::from_phc("$argon2id$two");
        let changed =
            house.ledger.change_password(&alice.password_phc, (&new, Programs::Keep), &next).await;
        assert_eq!(changed.expect("done"), PersonChange::Done);
        assert_eq!(house.ledger.session(&old.digest).await.expect("read"), None);
        assert_eq!(house.ledger.session(&next.digest).await.expect("read"), Some(next.clone()));
        let again =
            house.ledger.change_password(&alice.password_phc, (&new, Programs::Keep), &old).await;
        assert_eq!(again.expect("an answer"), PersonChange::Absent);
        assert!(!house.ledger.insert_session(&old, &alice.password_phc).await.expect("an answer"));
        assert!(house.ledger.insert_session(&old, &new).await.expect("an answer"));
        assert!(
            !house.ledger.rehash_password(&alice.uid, &alice.password_phc, &new).await.expect("no")
        );
    }
}

#[tokio::test]
async fn of_the_refusals_of_strangers_and_machines_only_the_newest_are_kept() {
    for house in House::of_each_engine().await {
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
        let machine = "machine/i-0123456789abcdef0";
        for (kind, who) in [(refusal, machine), (intent, machine), (refusal, machine)] {
            audit.record(record(kind, who), Durability::Process).await.expect("recorded");
        }
        assert_eq!(house.ledger.sweep_audit_of_machines(2).await.expect("swept"), 0);
        assert_eq!(house.ledger.sweep_audit_of_machines(0).await.expect("swept"), 1);
        assert_eq!(left().await, [10, 9, 7, 2, 1], "and nothing of anybody else's");
    }
}

#[tokio::test]
async fn descriptions_of_the_estate_are_kept_by_version_and_the_same_is_not_kept_twice() {
    for mut house in House::of_each_engine().await {
        let ledger = &house.ledger;
        assert_eq!(ledger.estates().await.expect("read"), []);
        for (description, number) in [("one", 1), ("one", 1), ("two", 2), ("one", 3)] {
            let added = ledger.add_estate(description, "note", at(i64::from(number))).await;
            assert_eq!(added.expect("taken in"), number, "{description}");
        }
        house.reopen().await;
        let kept = house.ledger.estates().await.expect("read");
        let told: Vec<_> = kept.iter().map(|v| (v.number, v.description.as_str())).collect();
        assert_eq!(told, [(3, "one"), (2, "two"), (1, "one")]);
        assert_eq!(kept[0].taken_at, at(3));
    }
}

#[tokio::test]
async fn the_last_check_of_the_estate_takes_the_place_of_the_one_before() {
    for house in House::of_each_engine().await {
        let ledger = &house.ledger;
        assert_eq!(ledger.estate_check().await.expect("read"), None);
        for (second, differences) in [(1, vec!["a".to_owned(), "b".to_owned()]), (2, Vec::new())] {
            let kept = vec!["theirs".to_owned()];
            let check = EstateCheck { checked_at: at(second), differences, kept };
            ledger.put_estate_check(&check).await.expect("written");
            assert_eq!(ledger.estate_check().await.expect("read"), Some(check));
            assert_eq!(ledger.estate_unread().await.expect("read"), None);
            ledger.note_estate_unread(at(second + 1)).await.expect("written");
            assert_eq!(ledger.estate_unread().await.expect("read"), Some(at(second + 1)));
        }
    }
}
