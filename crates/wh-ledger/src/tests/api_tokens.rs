//! What the ledger promises about API tokens, on each engine.

use wh_names::{Secret, Uid};

use super::{House, at, keep};
use crate::*;

pub(super) fn record(second: i64, operation: &str) -> AuditRecord {
    AuditRecord {
        at: at(second),
        kind: AuditKind::Intent,
        request_id: "1".to_owned(),
        operation: operation.to_owned(),
        action: format!("wellhouse:{operation}"),
        resource: "person/alice/api-token/1".to_owned(),
        principal: "alice".to_owned(),
        source_identity: None,
        source_ip: None,
        detail: None,
    }
}

impl House {
    pub(super) fn token(&self, uid: &Uid, expires: i64) -> ApiTokenRow {
        let id = || RowId::generate(at(0), &self.entropy);
        ApiTokenRow {
            id: id(),
            uid: uid.clone(),
            digest: Secret::random(&self.entropy).digest(),
            name: "backup".to_owned(),
            grants: vec![id(), id()],
            actions: vec![TokenAction::List, TokenAction::Read],
            created_at: at(0),
            expires_at: at(expires),
            used: None,
            revoked_at: None,
        }
    }

    pub(super) async fn keeps(&self, token: &ApiTokenRow, max: u32) -> bool {
        let person = self.ledger.person(&token.uid).await.expect("read").expect("a person");
        let session = self.session(&person).await;
        let (bounds, record) = ((max, session.sid.as_str()), record(0, "CreateApiToken"));
        let kept = self.ledger.insert_api_token(token, bounds, &record).await;
        kept.expect("written")
    }
}

#[tokio::test]
async fn a_token_is_found_by_its_digest_and_remembers_its_last_use() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let mut token = house.token(&alice.uid, 90);
        assert!(house.keeps(&token, 3).await);
        assert_eq!(ledger.api_token(&token.digest).await.expect("read"), Some(token.clone()));
        let other = Secret::random(&house.entropy).digest();
        assert_eq!(ledger.api_token(&other).await.expect("read"), None);
        let used = ApiTokenUse { at: at(7), ip: Some("192.0.2.7".to_owned()) };
        ledger.note_api_token_use(&token.id, &used).await.expect("noted");
        token.used = Some(used);
        assert_eq!(ledger.api_tokens_of(&alice.uid).await.expect("read"), [token]);
    }
}

#[tokio::test]
async fn a_person_has_so_many_tokens_that_count() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let tokens = [20, 90, 90, 90].map(|expires| house.token(&alice.uid, expires));
        assert!(house.keeps(&tokens[0], 2).await && house.keeps(&tokens[1], 2).await);
        assert!(!house.keeps(&tokens[2], 2).await);
        let revoke = record(10, "RevokeApiToken");
        let (bob, id) = (house.person("bob").await, &tokens[1].id);
        assert!(!ledger.revoke_api_token(&bob.uid, id, &revoke).await.expect("asked"));
        assert!(!ledger.session_revoked(id.as_str()));
        assert!(ledger.revoke_api_token(&alice.uid, id, &revoke).await.expect("asked"));
        assert!(!ledger.revoke_api_token(&alice.uid, id, &revoke).await.expect("asked"));
        assert!(ledger.session_revoked(id.as_str()), "with it ends what was issued for it");
        assert!(house.keeps(&tokens[2], 2).await, "one that was revoked does not count");
        let later = ApiTokenRow { created_at: at(20), ..tokens[3].clone() };
        assert!(house.keeps(&later, 2).await, "nor one that has expired");
        assert_eq!(ledger.sweep_api_tokens(at(10)).await.expect("swept"), 0);
        assert_eq!(ledger.sweep_api_tokens(at(21)).await.expect("swept"), 2);
        let trail = ledger.audit_recent(None, 9).await.expect("read");
        let told: Vec<&str> = trail.iter().map(|e| e.record.operation.as_str()).collect();
        let create = "CreateApiToken";
        assert_eq!(told, [create, create, "RevokeApiToken", create, create]);
    }
}

#[tokio::test]
async fn a_token_is_not_made_by_a_session_that_has_ended_meanwhile() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let (session, token) = (house.session(&alice).await, house.token(&alice.uid, 90));
        ledger.end_sessions(&alice.uid, at(5)).await.expect("ended");
        let (bounds, record) = ((9, session.sid.as_str()), record(6, "CreateApiToken"));
        let late = ledger.insert_api_token(&token, bounds, &record).await;
        assert!(matches!(late, Err(LedgerError::Conflict { what: "session" })), "{late:?}");
        assert_eq!(ledger.api_tokens_of(&alice.uid).await.expect("read"), []);
    }
}

#[tokio::test]
async fn tokens_fall_with_their_person_for_good_and_on_every_node() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let root = house.person("root").await;
        let grant = house.grant(GrantSubject::Person(root.uid.clone()));
        ledger.insert_grant(&grant).await.expect("given");
        let tokens = [90, 90].map(|expires| house.token(&alice.uid, expires));
        assert!(house.keeps(&tokens[0], 9).await);
        ledger.end_sessions(&alice.uid, at(5)).await.expect("ended");
        assert!(house.keeps(&tokens[1], 9).await);
        let change = ledger.disable_person(&alice.uid, at(6), &keep(&grant)).await;
        assert_eq!(change.expect("written"), PersonChange::Done);
        ledger.enable_person(&alice.uid, at(7)).await.expect("written");
        let other = house.other_node().await;
        for (token, ended) in tokens.iter().zip([5, 6]) {
            let row = ledger.api_token(&token.digest).await.expect("read").expect("a row");
            assert_eq!(row.revoked_at, Some(at(ended)));
            assert!(ledger.session_revoked(token.id.as_str()));
            assert!(other.session_revoked(token.id.as_str()));
        }
    }
}
