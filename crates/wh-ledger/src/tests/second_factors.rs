//! What the ledger promises about second factors, on each engine: what is spent once is spent once,
//! by two nodes at the same moment too.

use futures::future::join_all;
use wh_names::{Secret, SecretDigest};

use super::{House, at, rounds};
use crate::*;

/// How many spend one code at the same moment.
const SPENDERS: usize = 50;

pub(super) fn record(second: i64, operation: &str) -> AuditRecord {
    AuditRecord {
        at: at(second),
        kind: AuditKind::Intent,
        request_id: "1".to_owned(),
        operation: operation.to_owned(),
        action: format!("wellhouse:{operation}"),
        resource: "person/alice/second-factor".to_owned(),
        principal: "alice".to_owned(),
        source_identity: None,
        source_ip: None,
        detail: None,
    }
}

impl House {
    fn digests(&self, count: usize) -> Vec<SecretDigest> {
        (0..count).map(|_| Secret::random(&self.entropy).digest()).collect()
    }

    fn renewal(&self, session: &SessionRow) -> Renewal {
        Renewal {
            from: session.digest,
            to: Secret::random(&self.entropy).digest(),
            proved_at: at(20),
            proved_by: ProofKind::Totp,
        }
    }

    /// Sets up a second factor whose first code was that of step 7; the session's new digest comes back.
    async fn set_up_factor(&self, session: &SessionRow, codes: &[SecretDigest]) -> SecretDigest {
        let offer = record(10, "StartSecondFactor");
        let offered = self.ledger.offer_second_factor(&session.uid, "sealed", at(60), &offer);
        offered.await.expect("offered");
        let new = NewSecondFactor { uid: &session.uid, sealed_seed: "sealed", step: 7, codes };
        let (renewal, record) = (self.renewal(session), record(20, "ConfirmSecondFactor"));
        let done = self.ledger.confirm_second_factor(new, &renewal, &record).await;
        assert!(done.expect("written"));
        renewal.to
    }

    async fn pending(&self, person: &PersonRow) -> PendingSignInRow {
        let row = PendingSignInRow {
            digest: Secret::random(&self.entropy).digest(),
            uid: person.uid.clone(),
            expires_at: at(300),
        };
        assert!(self.ledger.begin_sign_in(&row, &person.password_phc).await.expect("begun"));
        row
    }

    async fn finish(&self, pending: &PendingSignInRow, used: FactorUse) -> bool {
        let session = self.draw_session(&pending.uid);
        let record = record(30, "SignIn");
        let done = self.ledger.finish_sign_in(&pending.digest, &used, &session, &record).await;
        done.expect("an answer")
    }
}

/// Whether this one spent it.
async fn spends(
    ledger: Ledger,
    row: &PendingSignInRow,
    session: &SessionRow,
    used: FactorUse,
) -> bool {
    let record = record(30, "SignIn");
    ledger.finish_sign_in(&row.digest, &used, session, &record).await.expect("an answer")
}

/// Begins fifty sign-ins, and spends one code on all of them at the same moment, by two nodes.
async fn spend_at_once(house: &House, person: &PersonRow, used: FactorUse) {
    let nodes = [house.ledger.clone(), house.other_node().await];
    let mut begun = Vec::new();
    for _ in 0..SPENDERS {
        begun.push((house.pending(person).await, house.draw_session(&person.uid)));
    }
    let before = house.ledger.sessions_of(&person.uid).await.expect("read").len();
    let nodes = nodes.iter().cycle().cloned();
    let calls = begun
        .iter()
        .zip(nodes)
        .map(|((row, session), ledger)| spends(ledger, row, session, used.clone()));
    let won = join_all(calls).await.into_iter().filter(|won| *won).count();
    assert_eq!(won, 1, "{used:?}");
    assert_eq!(house.ledger.sessions_of(&person.uid).await.expect("read").len(), before + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_who_spend_one_code_at_once_exactly_one_wins() {
    for house in House::of_each_engine().await {
        let alice = house.person("alice").await;
        let session = house.session(&alice).await;
        let codes = house.digests(rounds() + 1);
        house.set_up_factor(&session, &codes).await;
        for (code, step) in codes.iter().zip(8..).take(rounds()) {
            spend_at_once(&house, &alice, FactorUse::Step(step)).await;
            spend_at_once(&house, &alice, FactorUse::Recovery(*code)).await;
        }
        let left = house.ledger.second_factor(&alice.uid).await.expect("read").expect("a factor");
        let codes_left = house.ledger.recovery_codes_left(&alice.uid).await.expect("read");
        let last = i64::try_from(7 + rounds()).expect("a step");
        assert_eq!((left.last_step, codes_left), (last, 1));
    }
}

#[tokio::test]
async fn a_code_counts_once_and_none_of_an_earlier_step_after_it() {
    for house in House::of_each_engine().await {
        let alice = house.person("alice").await;
        let session = house.session(&alice).await;
        let codes = house.digests(2);
        let renewed = house.set_up_factor(&session, &codes).await;
        assert_eq!(house.ledger.session(&session.digest).await.expect("read"), None);
        let now = house.ledger.session(&renewed).await.expect("read").expect("renewed");
        assert_eq!(
            (&now.sid, now.proved_by, now.proved_at),
            (&session.sid, ProofKind::Totp, at(20))
        );
        assert!(!house.ledger.session_revoked(&session.sid), "it goes on under another token");

        for (used, taken) in [
            (FactorUse::Step(7), false),
            (FactorUse::Step(9), true),
            (FactorUse::Step(9), false),
            (FactorUse::Step(8), false),
            (FactorUse::Recovery(codes[1]), true),
            (FactorUse::Recovery(codes[1]), false),
            (FactorUse::Recovery(house.digests(1)[0]), false),
        ] {
            let pending = house.pending(&alice).await;
            assert_eq!(house.finish(&pending, used.clone()).await, taken, "{used:?}");
        }
        let by_password = house.draw_session(&alice.uid);
        let begun = house.ledger.insert_session(&by_password, &alice.password_phc).await;
        assert!(!begun.expect("an answer"), "the password alone begins no session");
        let bob = house.person("bob").await;
        let pending = house.pending(&bob).await;
        let theirs = FactorUse::Recovery(codes[0]);
        assert!(!house.finish(&pending, theirs.clone()).await, "alice's code is none of bob's");
        let fresh = house.digests(10);
        let record = record(40, "ReplaceRecoveryCodes");
        let replaced = house.ledger.replace_recovery_codes(&alice.uid, &fresh, &record).await;
        assert!(replaced.expect("written"));
        let replaced = house.ledger.replace_recovery_codes(&bob.uid, &[], &record).await;
        assert!(!replaced.expect("an answer"), "bob has no second factor");
        let pending = house.pending(&alice).await;
        assert!(!house.finish(&pending, theirs).await, "the old codes are void");
        assert!(house.finish(&pending, FactorUse::Recovery(fresh[9])).await, "and nothing spent");
    }
}

#[tokio::test]
async fn a_sign_in_that_waits_ends_by_time_by_attempts_and_with_the_persons_sessions() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let session = house.session(&alice).await;
        let code = house.digests(1);
        house.set_up_factor(&session, &code).await;
        let row = house.pending(&alice).await;
        let known = async |second| {
            ledger.pending_sign_in(&row.digest, at(second), 2).await.expect("read").is_some()
        };
        assert!(known(299).await && !known(300).await);
        for left in [true, true, false] {
            let counted = ledger.count_sign_in_attempt(&row.digest, at(1), 2).await;
            assert_eq!(counted.expect("counted"), left);
        }
        assert!(!known(1).await);
        let ended = house.pending(&alice).await;
        ledger.end_sessions(&alice.uid, at(9)).await.expect("ended");
        assert!(!house.finish(&ended, FactorUse::Recovery(code[0])).await);
        assert_eq!(ledger.sweep_sign_ins(at(300)).await.expect("swept"), 0);
        let late = house.pending(&alice).await;
        assert_eq!(ledger.sweep_sign_ins(at(300)).await.expect("swept"), 1);
        assert!(!house.finish(&late, FactorUse::Recovery(code[0])).await);
        let stale = PasswordPhc::from_phc("$argon2id$old");
        assert!(!ledger.begin_sign_in(&late, &stale).await.expect("an answer"));
    }
}

#[tokio::test]
async fn a_change_of_the_factor_ends_the_other_sessions_and_a_reset_ends_every_one() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let mut session = house.session(&alice).await;
        let other = house.session(&alice).await;
        let of_bob = house.session(&house.person("bob").await).await;
        session.digest = house.set_up_factor(&session, &house.digests(1)).await;
        assert_eq!(ledger.session(&other.digest).await.expect("read"), None, "by the password");
        assert!(ledger.session_revoked(&other.sid) && !ledger.session_revoked(&session.sid));
        assert!(!ledger.revoked(&alice.uid, at(0)), "what was issued for this one counts");
        let row = house.pending(&alice).await;
        assert!(house.finish(&row, FactorUse::Step(8)).await);
        let half_way = house.pending(&alice).await;
        assert!(ledger.with_second_factor().await.expect("read").contains(&alice.uid));
        let removed = record(30, "RemoveSecondFactor");
        let kept = session.digest;
        let remove = async || ledger.remove_second_factor(&alice.uid, &kept, &removed).await;
        assert!(remove().await.expect("removed"));
        assert!(!remove().await.expect("an answer"));
        let left = ledger.sessions_of(&alice.uid).await.expect("read");
        assert_eq!(left.iter().map(|row| &row.sid).collect::<Vec<_>>(), [&session.sid]);
        let pending = ledger.pending_sign_in(&half_way.digest, at(31), 5).await;
        assert_eq!(pending.expect("read"), None, "half-way is no way in either");
        assert!(ledger.session(&of_bob.digest).await.expect("read").is_some());

        session.digest = house.set_up_factor(&session, &house.digests(1)).await;
        let reset = record(40, "ResetSecondFactor");
        assert!(
            ledger.reset_second_factor(&alice.uid, AddedLinks::End, &reset).await.expect("reset")
        );
        let again = ledger.reset_second_factor(&alice.uid, AddedLinks::End, &reset).await;
        assert!(!again.expect("an answer"));
        assert_eq!(ledger.second_factor(&alice.uid).await.expect("read"), None);
        assert_eq!(ledger.session(&session.digest).await.expect("read"), None);
        assert!(ledger.session_revoked(&session.sid));
        let trail = ledger.audit_recent(None, 9).await.expect("read");
        let told: Vec<&str> = trail.iter().map(|e| e.record.operation.as_str()).collect();
        let (start, confirm) = ("StartSecondFactor", "ConfirmSecondFactor");
        let first = ["SignIn", confirm, start];
        let expected = ["ResetSecondFactor", confirm, start, "RemoveSecondFactor"];
        let expected = [&expected[..], &first[..]].concat();
        assert_eq!(told, expected);
        assert!(trail.iter().all(|entry| entry.came_of_it() == "done"));
    }
}
