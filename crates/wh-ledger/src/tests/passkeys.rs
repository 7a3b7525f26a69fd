//! What the ledger promises about passkeys, on each engine: a challenge is answered once, by two nodes
//! at the same moment too, and strangers cannot fill the house with challenges.

use futures::future::join_all;
use wh_names::{Secret, SecretDigest};

use super::second_factors::record;
use super::{House, at};
use crate::*;

/// How many answer one challenge at the same moment.
const ANSWERERS: usize = 50;

impl House {
    async fn ceremony(&self, holder: SecretDigest, kind: CeremonyKind, uid: Option<&PersonRow>) {
        let row = CeremonyRow {
            holder,
            kind,
            uid: uid.map(|person| person.uid.clone()),
            ip: "192.0.2.1".to_owned(),
            state: "asked".to_owned(),
            expires_at: at(300),
        };
        self.ledger.begin_ceremony(&row).await.expect("begun");
    }

    /// Keeps a passkey of this id; the session's new digest comes back with what came of it.
    pub(super) async fn keep(&self, session: &SessionRow, id: &str) -> (PasskeyKept, SecretDigest) {
        self.ceremony(session.digest, CeremonyKind::Making, None).await;
        self.keep_unasked(session, id).await
    }

    async fn keep_unasked(&self, session: &SessionRow, id: &str) -> (PasskeyKept, SecretDigest) {
        let row = PasskeyRow {
            id: id.to_owned(),
            uid: session.uid.clone(),
            name: "Phone".to_owned(),
            credential: "known".to_owned(),
            created_at: at(10),
            used_at: None,
        };
        let to = Secret::random(&self.entropy).digest();
        let (from, proved_by) = (session.digest, ProofKind::Passkey);
        let renewal = Renewal { from, to, proved_at: at(20), proved_by };
        let codes =
            [Secret::random(&self.entropy).digest(), Secret::random(&self.entropy).digest()];
        let new = NewPasskey { row: &row, codes: &codes, max: 2 };
        let kept = self.ledger.keep_passkey(new, &renewal, &record(20, "AddPasskey")).await;
        (kept.expect("an answer"), to)
    }
}

fn used(holder: SecretDigest, id: &str) -> PasskeyUse {
    PasskeyUse {
        holder,
        kind: CeremonyKind::SignIn,
        id: id.to_owned(),
        judged_by: "known".to_owned(),
        credential: "known better".to_owned(),
        at: at(30),
    }
}

#[tokio::test]
async fn a_first_passkey_brings_recovery_codes_and_the_last_takes_them_away() {
    for house in House::of_each_engine().await {
        let alice = house.person("alice").await;
        let session = house.session(&alice).await;
        assert_eq!(house.keep_unasked(&session, "a").await.0, PasskeyKept::Over, "nobody asked");
        let (kept, digest) = house.keep(&session, "a").await;
        assert_eq!(kept, PasskeyKept::First);
        let session = SessionRow { digest, ..session };
        assert_eq!(house.keep_unasked(&session, "b").await.0, PasskeyKept::Over, "asked once");
        assert_eq!(house.keep(&session, "a").await.0, PasskeyKept::Taken);
        let (kept, digest) = house.keep(&session, "b").await;
        assert_eq!(kept, PasskeyKept::Further);
        let session = SessionRow { digest, ..session };
        assert_eq!(house.keep(&session, "c").await.0, PasskeyKept::Full);

        let (ledger, uid) = (&house.ledger, &alice.uid);
        let factors = ledger.factors(uid).await.expect("read");
        assert_eq!(factors, Factors { totp: false, passkey: true, provider: false });
        let by_password = house.draw_session(uid);
        let begun = ledger.insert_session(&by_password, &alice.password_phc).await;
        assert!(!begun.expect("an answer"), "the password alone begins no session");
        let bob = house.person("bob").await;
        let change = record(40, "RenamePasskey");
        for (who, id, done) in [(&alice, "a", true), (&bob, "a", false), (&alice, "c", false)] {
            let renamed = ledger.rename_passkey((&who.uid, id), "Key", &change).await;
            assert_eq!(renamed.expect("an answer"), done, "{id}");
        }
        let (taken, absent) = (WayTaken::Done, WayTaken::Absent);
        for (who, id, done, left) in
            [(&bob, "a", absent, 2), (&alice, "a", taken, 2), (&alice, "b", taken, 0)]
        {
            let kept = (&session.digest, [].as_slice());
            let removed = ledger.remove_passkey((&who.uid, id), kept, &change).await;
            assert_eq!(removed.expect("an answer"), done, "{id}");
            assert_eq!(ledger.recovery_codes_left(uid).await.expect("read"), left, "{id}");
        }
        assert_eq!(ledger.factors(uid).await.expect("read"), Factors::default());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_who_answer_one_challenge_at_once_exactly_one_signs_in() {
    for house in House::of_each_engine().await {
        let alice = house.person("alice").await;
        let session = house.session(&alice).await;
        house.keep(&session, "a").await;
        let holder = Secret::random(&house.entropy).digest();
        house.ceremony(holder, CeremonyKind::SignIn, None).await;
        let nodes = [house.ledger.clone(), house.other_node().await];
        let (used, before) = (used(holder, "a"), house.ledger.sessions_of(&alice.uid).await);
        let sessions: Vec<_> = (0..ANSWERERS).map(|_| house.draw_session(&alice.uid)).collect();
        let calls = sessions.iter().zip(nodes.iter().cycle());
        let calls = calls.map(|(session, node)| node.sign_in_by_passkey(&used, session));
        let won = join_all(calls).await;
        let won = won.into_iter().filter(|won| *won.as_ref().expect("an answer")).count();
        assert_eq!(won, 1);
        let after = house.ledger.sessions_of(&alice.uid).await.expect("read").len();
        assert_eq!(after, before.expect("read").len() + 1);
        let row = house.ledger.passkey("a").await.expect("read").expect("a passkey");
        assert_eq!((row.credential.as_str(), row.used_at), ("known better", Some(at(30))));
    }
}

/// A way for an answer to be wrong.
type Broken<'a> = &'a dyn Fn(&PasskeyUse) -> PasskeyUse;

#[tokio::test]
async fn a_passkey_that_changed_meanwhile_or_is_nobodys_signs_nobody_in() {
    for house in House::of_each_engine().await {
        let (ledger, alice) = (&house.ledger, house.person("alice").await);
        let session = house.session(&alice).await;
        house.keep(&session, "a").await;
        let bob = house.person("bob").await;
        let changed =
            |used: &PasskeyUse| PasskeyUse { judged_by: "copied".to_owned(), ..used.clone() };
        let late = |used: &PasskeyUse| PasskeyUse { at: at(300), ..used.clone() };
        let other = |used: &PasskeyUse| PasskeyUse { kind: CeremonyKind::Proof, ..used.clone() };
        let cases: [(&PersonRow, Broken<'_>); 4] =
            [(&alice, &changed), (&alice, &late), (&alice, &other), (&bob, &PasskeyUse::clone)];
        for (who, broken) in cases {
            let holder = Secret::random(&house.entropy).digest();
            house.ceremony(holder, CeremonyKind::SignIn, None).await;
            let used = broken(&used(holder, "a"));
            let begun = ledger.sign_in_by_passkey(&used, &house.draw_session(&who.uid)).await;
            assert!(!begun.expect("an answer"), "{used:?}");
        }
        let (keep, reset) = (AddedLinks::Keep, record(40, "Reset"));
        ledger.reset_second_factor(&alice.uid, keep, &reset).await.expect("reset");
        assert_eq!(ledger.passkeys(&alice.uid).await.expect("read"), []);
        assert_eq!(ledger.recovery_codes_left(&alice.uid).await.expect("read"), 0);
    }
}

#[tokio::test]
async fn strangers_challenges_make_room_for_each_other_and_for_nobody_elses() {
    for house in House::of_each_engine().await {
        let alice = house.person("alice").await;
        let theirs = Secret::random(&house.entropy).digest();
        house.ceremony(theirs, CeremonyKind::Proof, Some(&alice)).await;
        let mut holders = Vec::new();
        for second in 0..30 {
            let holder = Secret::random(&house.entropy).digest();
            let row = CeremonyRow {
                holder,
                kind: CeremonyKind::SignIn,
                uid: None,
                ip: "192.0.2.1".to_owned(),
                state: "asked".to_owned(),
                expires_at: at(300 + second),
            };
            house.ledger.begin_ceremony(&row).await.expect("begun");
            holders.push(holder);
        }
        let known = async |holder: &SecretDigest, kind| {
            house.ledger.ceremony(holder, kind, at(1)).await.expect("read").is_some()
        };
        for (n, holder) in holders.iter().enumerate() {
            assert_eq!(known(holder, CeremonyKind::SignIn).await, n >= 10, "{n}");
        }
        assert!(known(&theirs, CeremonyKind::Proof).await);
        house.ledger.sweep_sign_ins(at(900)).await.expect("swept");
        assert!(!known(&theirs, CeremonyKind::Proof).await);
    }
}
