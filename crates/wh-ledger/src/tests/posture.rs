//! What the ledger promises about looking at the house, on each engine.

use futures::future::join_all;

use super::{House, at};
use crate::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_who_want_the_turn_one_has_it_until_it_is_over() {
    for house in House::of_each_engine().await {
        let (one, two) = (house.ledger.clone(), house.other_node().await);
        let nodes: Vec<Ledger> =
            (0..20).map(|n| if n % 2 == 0 { one.clone() } else { two.clone() }).collect();
        let tries = nodes.iter().map(|ledger| ledger.take_posture_turn(at(0), at(60)));
        let taken = join_all(tries).await.into_iter().filter(|took| matches!(took, Ok(true)));
        assert_eq!(taken.count(), 1);
        for (now, free) in [(59, false), (60, true), (61, false)] {
            let took = two.take_posture_turn(at(now), at(now + 60)).await.expect("an answer");
            assert_eq!(took, free, "{now}");
        }
        one.end_posture_turn(at(60)).await.expect("no longer ours");
        let took = one.take_posture_turn(at(62), at(70)).await.expect("an answer");
        assert!(!took, "a turn is given back only by whoever has it");
        two.end_posture_turn(at(120)).await.expect("given back");
        assert!(two.take_posture_turn(at(62), at(70)).await.expect("an answer"));
    }
}

#[tokio::test]
async fn a_report_and_what_changed_by_it_are_kept_together() {
    for house in House::of_each_engine().await {
        let ledger = &house.ledger;
        assert_eq!(ledger.posture().await.expect("read"), None);
        let change = AuditRecord {
            at: at(1),
            kind: AuditKind::Intent,
            request_id: "1".to_owned(),
            operation: "PostureChanged".to_owned(),
            action: "wellhouse:PostureChanged".to_owned(),
            resource: "posture/versioning".to_owned(),
            principal: "wellhouse".to_owned(),
            source_identity: None,
            source_ip: None,
            detail: Some("holds → fails".to_owned()),
        };
        ledger.put_posture("{}", std::slice::from_ref(&change)).await.expect("kept");
        assert_eq!(ledger.posture().await.expect("read").as_deref(), Some("{}"));
        let trail = ledger.audit_entries(&AuditFilter::default(), 10).await.expect("read");
        assert_eq!(trail[0].record.resource, change.resource);
        ledger.close().await;
    }
}

#[tokio::test]
async fn a_person_is_active_by_their_last_use_of_anything() {
    for house in House::of_each_engine().await {
        let (ledger, ada, bob) =
            (&house.ledger, house.person("ada").await, house.person("bob").await);
        let session = house.session(&ada).await;
        let last = async || ledger.persons_last_active().await.expect("read");
        assert_eq!(last().await.get(&ada.uid), Some(&at(0)));
        assert_eq!(last().await.get(&bob.uid), None, "who never signed in is not known to have");
        ledger.touch_session(&session.digest, at(9)).await.expect("touched");
        assert_eq!(last().await.get(&ada.uid), Some(&at(9)));
        ledger.end_session(&session.digest, at(10)).await.expect("ended");
        assert_eq!(last().await.get(&ada.uid), Some(&at(0)), "the sign-in outlives its session");
    }
}

#[tokio::test]
async fn the_last_backup_is_remembered_with_its_place() {
    for house in House::of_each_engine().await {
        assert_eq!(house.ledger.last_backup().await.expect("read"), None);
        for (second, place) in [(1, "/mnt/a place"), (2, "s3://backups/here")] {
            let backup = LastBackup { at: at(second), place: place.to_owned() };
            house.ledger.note_backup(&backup).await.expect("noted");
            assert_eq!(house.ledger.last_backup().await.expect("read"), Some(backup));
        }
    }
}
