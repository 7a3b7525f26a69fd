//! Who is refused, for every operation that there is.

use wh_authority::AuthenticationError;
use wh_gate::{Caller, GateError, OperationKind, Refusal, RefusalCause};
use wh_names::Uid;

use crate::house::{ALICE, BOB, House};
use crate::perform::{Until, perform};

const KEY: &str = "home/alice/letter.txt";

/// Every operation, with what came of asking for it up to its effect.
async fn refusals(house: &House, caller: &Caller) -> Vec<(OperationKind, Option<Refusal>)> {
    let mut all = Vec::new();
    for &kind in OperationKind::ALL {
        let refusal = match perform(house, caller, kind, KEY, Until::Effect).await {
            Err(GateError::Refused(refusal)) => Some(refusal),
            Ok(()) | Err(_) => None,
        };
        all.push((kind, refusal));
    }
    all
}

#[tokio::test]
async fn every_operation_refuses_a_stranger() {
    let house = House::build().await;
    for (kind, refusal) in refusals(&house, &house.stranger()).await {
        assert!(refusal.is_some(), "{kind:?} was open to a stranger");
    }
}

#[tokio::test]
async fn what_an_operation_demands_is_what_aws_demands_for_it() {
    let house = House::build().await;
    for (kind, refusal) in refusals(&house, &house.stranger()).await {
        let asked = refusal.expect("a refusal").explanation().action.clone();
        // An IAM call is named by its request, and who one is needs no permission.
        if matches!(kind, OperationKind::IamCall | OperationKind::GetCallerIdentity) {
            continue;
        }
        let call = wh_policy::tables::call(kind.as_str()).expect("a call of AWS's");
        let needs: Vec<&str> = call.needs.iter().map(|need| need.action).collect();
        assert!(needs.contains(&asked.as_str()), "{kind:?} demands {asked}, not {needs:?}");
    }
}

#[tokio::test]
async fn every_operation_on_what_is_another_persons_refuses_a_person() {
    let house = House::build().await;
    let bob = house.person(BOB, "S3AccessRole", "home/bob/");
    for (kind, refusal) in refusals(&house, &bob).await {
        // Who one is concerns nobody else.
        let own = kind == OperationKind::GetCallerIdentity;
        assert_eq!(refusal.is_none(), own, "{kind:?}");
    }
}

#[tokio::test]
async fn every_operation_refuses_a_revoked_person() {
    let house = House::build().await;
    let alice = house.person(ALICE, "S3AccessRole", "home/alice/");
    assert!(perform(&house, &alice, OperationKind::PutObject, KEY, Until::Effect).await.is_ok());
    let uid = Uid::parse(ALICE).expect("a uid");
    house.ledger.revoke_person(&uid, house.now()).await.expect("a revocation");
    let revoked = Some(RefusalCause::Credentials(AuthenticationError::Revoked));
    for (kind, refusal) in refusals(&house, &alice).await {
        assert_eq!(refusal.map(|r| r.cause()), revoked, "{kind:?}");
    }
}

#[tokio::test]
async fn every_operation_refuses_an_ended_session_and_no_other() {
    let house = House::build().await;
    let alice = house.person(ALICE, "S3AccessRole", "home/alice/");
    house.ledger.revoke_session("ffffffff", house.now()).await.expect("a revocation");
    assert!(perform(&house, &alice, OperationKind::PutObject, KEY, Until::Effect).await.is_ok());
    house.ledger.revoke_session("0123abcd", house.now()).await.expect("a revocation");
    let revoked = Some(RefusalCause::Credentials(AuthenticationError::Revoked));
    for (kind, refusal) in refusals(&house, &alice).await {
        assert_eq!(refusal.map(|r| r.cause()), revoked, "{kind:?}");
    }
}

#[tokio::test]
async fn every_operation_refuses_expired_credentials() {
    let house = House::build().await;
    let alice = house.person(ALICE, "S3AccessRole", "home/alice/");
    house.pass(3600);
    let expired = Some(RefusalCause::Credentials(AuthenticationError::ExpiredToken));
    for (kind, refusal) in refusals(&house, &alice).await {
        assert_eq!(refusal.map(|r| r.cause()), expired, "{kind:?}");
    }
}

/// CVE-2025-62506, GHSA-xgr5: a session policy was not asked for operations on what is one's own.
#[tokio::test]
async fn sec_session_policy_caps_every_action() {
    let house = House::build().await;
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:GetObject",
        "Resource":"arn:aws:s3:::files/{KEY}"}}]}}"#
    );
    let narrow = house.session(ALICE, "EverythingRole", Some(policy));
    for &kind in OperationKind::ALL {
        let answer = perform(&house, &narrow, kind, KEY, Until::Permit).await;
        let within = matches!(
            kind,
            OperationKind::GetObject | OperationKind::HeadObject | OperationKind::GetCallerIdentity
        );
        assert_eq!(answer.is_ok(), within, "{kind:?}");
    }
    let elsewhere = perform(&house, &narrow, OperationKind::GetObject, "x", Until::Permit).await;
    assert!(matches!(elsewhere, Err(GateError::Refused(_))));
}

/// CVE-2022-24842, CVE-2024-24747: restricted credentials made unrestricted ones.
#[tokio::test]
async fn sec_temporary_credentials_never_call_iam() {
    let house = House::build().await;
    let mighty = house.session(ALICE, "EverythingRole", None);
    let answer = perform(&house, &mighty, OperationKind::IamCall, KEY, Until::Effect).await;
    let Err(GateError::Refused(refusal)) = answer else { panic!("IAM was open") };
    assert_eq!(refusal.cause(), RefusalCause::TemporaryCredentials);
}
