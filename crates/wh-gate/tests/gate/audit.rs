//! What is written down.

use wh_gate::{Caller, GateError, OperationKind, RefusalCause, ops};
use wh_ledger::{AuditEntry, AuditKind, Ledger};
use wh_names::Uid;
use wh_objects::PutObject;

use crate::house::{ALICE, House, at};
use crate::perform::{Until, perform};

const KEY: &str = "shared/report.txt";

async fn trail(house: &House) -> Vec<AuditEntry> {
    house.gate.flush().await;
    house.ledger.audit_recent(None, 1000).await.expect("the trail")
}

/// Somebody who may do it: the root user, but for what is not for the root user.
async fn who_may(house: &House, kind: OperationKind) -> Caller {
    if kind == OperationKind::AssumeRole {
        return house.portal();
    }
    if kind == OperationKind::AssumeRoleWithWebIdentity {
        return house.federated().await;
    }
    house.root()
}

#[tokio::test]
async fn every_mutation_is_audited_with_its_outcome() {
    for &kind in OperationKind::ALL {
        let house = House::build().await;
        let before = trail(&house).await.len();
        let caller = who_may(&house, kind).await;
        let answer = perform(&house, &caller, kind, KEY, Until::Effect).await;
        let trail = trail(&house).await;
        let new: Vec<_> = trail.iter().take(trail.len() - before).collect();
        if !kind.mutates() {
            assert!(new.iter().all(|e| e.record.kind != AuditKind::Intent), "{kind:?}");
            continue;
        }
        assert_eq!(new.len(), 1, "{kind:?}");
        let AuditEntry { record, outcome, .. } = new[0];
        assert_eq!(record.kind, AuditKind::Intent, "{kind:?}");
        assert_eq!(record.operation, kind.as_str());
        assert_eq!(record.principal, caller.principal.label());
        let expected = answer.as_ref().map_or_else(GateError::code, |()| "done");
        let outcome = outcome.as_ref().map(|outcome| outcome.outcome.as_str());
        assert_eq!(outcome, Some(expected), "{kind:?}");
    }
}

#[tokio::test]
async fn every_refusal_is_audited() {
    let house = House::build().await;
    for &kind in OperationKind::ALL {
        let before = trail(&house).await.len();
        let answer = perform(&house, &house.stranger(), kind, KEY, Until::Permit).await;
        let Err(GateError::Refused(refusal)) = answer else { panic!("{kind:?} was open") };
        let trail = trail(&house).await;
        assert_eq!(trail.len(), before + 1, "{kind:?}");
        assert_eq!(trail[0].record.kind, AuditKind::Refusal);
        assert_eq!(trail[0].record.operation, kind.as_str());
        assert_eq!(trail[0].record.principal, "anonymous");
        assert_eq!(trail[0].record.detail, Some(refusal.message()));
        assert_eq!(trail[0].outcome, None);
    }
}

#[tokio::test]
async fn what_cannot_be_recorded_is_refused_and_not_done() {
    let house = House::build().await;
    let (root, portal) = (house.root(), house.portal());
    let mut changes = Vec::new();
    for kind in OperationKind::ALL.iter().copied().filter(|kind| kind.mutates()) {
        changes.push((kind, who_may(&house, kind).await));
    }
    house.ledger.close().await;
    for (kind, caller) in changes {
        let answer = perform(&house, &caller, kind, KEY, Until::Effect).await;
        let Err(GateError::Refused(refusal)) = answer else { panic!("{kind:?} was done") };
        assert_eq!(refusal.cause(), RefusalCause::Unrecorded, "{kind:?}");
    }
    let answer = perform(&house, &portal, OperationKind::AssumeRole, KEY, Until::Effect).await;
    assert_eq!(answer.expect_err("no session").code(), "unrecorded");
    let read = perform(&house, &root, OperationKind::GetObject, KEY, Until::Effect).await;
    assert_eq!(read.expect_err("nothing was written").code(), "no-such-key");
}

#[tokio::test]
async fn a_permit_that_is_dropped_leaves_an_intent_cut_short() {
    let house = House::build().await;
    let put = ops::PutObject { address: at(KEY), put: PutObject::default() };
    drop(house.gate.admit(&house.root(), put).await.expect("a permit"));
    assert_eq!(trail(&house).await[0].came_of_it(), "cut-short");
}

#[tokio::test]
async fn a_record_says_who_was_really_acting() {
    let house = House::build().await;
    let alice = house.person(ALICE, "S3AccessRole", "shared/");
    perform(&house, &alice, OperationKind::PutObject, KEY, Until::Effect).await.expect("a put");
    let record = trail(&house).await.swap_remove(0).record;
    assert_eq!(record.source_identity.as_deref(), Some(ALICE));
    assert_eq!(record.action, "s3:PutObject");
    assert_eq!(record.resource, "arn:aws:s3:::files/shared/report.txt");
    assert_eq!(record.source_ip.as_deref(), Some("192.0.2.7"));
    let session = format!("arn:aws:sts::111122223333:assumed-role/S3AccessRole/u-{ALICE}-0123abcd");
    assert_eq!(record.principal, session);
}

#[tokio::test]
async fn the_trail_is_kept_on_the_disk_while_others_write_to_the_ledger() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.sqlite");
    let ledger = Ledger::open(&path).await.expect("a ledger");
    let house = House::over(ledger.clone()).await;
    let uid = Uid::parse(ALICE).expect("a uid");
    let root = house.root();
    for n in 0..20 {
        let key = format!("shared/{n}");
        let put = perform(&house, &root, OperationKind::PutObject, &key, Until::Effect);
        let (put, revoked) = tokio::join!(put, ledger.revoke_person(&uid, house.now()));
        put.expect("a put");
        revoked.expect("a revocation");
    }
    let before = trail(&house).await;
    ledger.close().await;
    let again = Ledger::open(&path).await.expect("a ledger");
    assert_eq!(again.audit_recent(None, 1000).await.expect("the trail"), before);
    assert_eq!(before.len(), 21);
    assert!(before.iter().all(|entry| entry.came_of_it() == "done"));
    let older = again.audit_recent(Some(before[4].seq), 2).await.expect("the trail");
    assert_eq!(older, before[5..7]);
}

#[tokio::test]
async fn concurrent_intents_share_commits_and_none_is_lost() {
    let house = House::build().await;
    let root = house.root();
    let puts = (0..200).map(|n| {
        let (house, root) = (&house, &root);
        async move {
            let key = format!("shared/{n}");
            perform(house, root, OperationKind::PutObject, &key, Until::Effect).await
        }
    });
    for answer in futures::future::join_all(puts).await {
        answer.expect("a put");
    }
    let done = trail(&house).await.iter().filter(|e| e.came_of_it() == "done").count();
    assert_eq!(done, 201, "200 objects and the bucket");
}
