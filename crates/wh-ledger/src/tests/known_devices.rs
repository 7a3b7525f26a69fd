//! Attempts to sign in that failed, and known browsers: counted together by all nodes.

use futures::future::join_all;
use wh_names::{Secret, SecretDigest};

use super::{House, at, keep};
use crate::*;

impl House {
    fn digest(&self) -> SecretDigest {
        Secret::random(&self.entropy).digest()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_attempts_at_once_on_two_nodes_no_more_are_admitted_than_may_be() {
    for house in House::of_each_engine().await {
        let alice = house.person("alice").await;
        let digest = house.digest();
        let known = house.ledger.know_device(&alice.uid, (None, &digest), (at(0), 20)).await;
        known.expect("known");
        let nodes = [house.ledger.clone(), house.other_node().await];
        for by in [
            CountedBy::Name("alice".to_owned()),
            CountedBy::Name("nobody".to_owned()),
            CountedBy::Device { digest, name: "alice".to_owned() },
        ] {
            let calls = (0..60).map(|n| nodes[n % 2].count_failure(&by, at(1), 25));
            let admitted =
                join_all(calls).await.into_iter().filter(|a| *a.as_ref().expect("asked"));
            assert_eq!(admitted.count(), 25, "{by:?}");
            house.ledger.take_back_failure(&by).await.expect("taken back");
            assert!(house.ledger.count_failure(&by, at(1), 25).await.expect("asked"));
            assert!(!house.ledger.count_failure(&by, at(1), 25).await.expect("asked"));
            house.ledger.forget_failures(&by).await.expect("forgotten");
            assert!(house.ledger.count_failure(&by, at(1), 1).await.expect("asked"));
        }
    }
}

#[tokio::test]
async fn a_browser_is_known_of_its_persons_under_its_newest_token_alone() {
    for house in House::of_each_engine().await {
        let (alice, bob) = (house.person("alice").await, house.person("bob").await);
        let knows = async |digest: &SecretDigest, name: &str, since: i64| {
            house.ledger.knows_device((digest, name), (at(since), 100)).await.expect("asked")
        };
        let know = async |person: &PersonRow, old: Option<&SecretDigest>, second: i64| {
            let new = house.digest();
            let done = house.ledger.know_device(&person.uid, (old, &new), (at(second), 2)).await;
            done.expect("known");
            new
        };
        let first = know(&alice, None, 1).await;
        assert!(knows(&first, "alice", 0).await && !knows(&first, "bob", 0).await);
        assert!(!knows(&first, "alice", 1).await, "that is long ago");
        let second = know(&bob, Some(&first), 2).await;
        assert!(knows(&second, "alice", 0).await && knows(&second, "bob", 0).await);
        assert!(!knows(&first, "alice", 0).await, "the token was replaced");
        let third = know(&alice, None, 3).await;
        let fourth = know(&alice, None, 4).await;
        assert!(!knows(&second, "alice", 0).await, "the two that were used last are known");
        assert!(knows(&third, "alice", 0).await && knows(&fourth, "alice", 0).await);
        let stranger = CountedBy::Device { digest: second, name: "alice".to_owned() };
        assert!(!house.ledger.count_failure(&stranger, at(5), 9).await.expect("asked"));
        house.ledger.end_sessions(&alice.uid, at(5)).await.expect("ended");
        assert!(!knows(&fourth, "alice", 0).await, "with her sessions");
        assert!(knows(&second, "bob", 0).await, "his is his");
    }
}

#[tokio::test]
async fn who_is_no_administrator_is_shut_out_though_there_is_none() {
    for house in House::of_each_engine().await {
        let (alice, bob) = (house.person("alice").await, house.person("bob").await);
        let holding = keep(&house.grant(GrantSubject::Everyone));
        let done = house.ledger.disable_person(&alice.uid, at(1), &holding).await;
        assert_eq!(done.expect("judged"), PersonChange::Done);
        let done = house.ledger.delete_person(&bob.uid, at(1), &holding).await;
        assert_eq!(done.expect("judged"), PersonChange::Done);
    }
}

#[tokio::test]
async fn sessions_that_end_by_themselves_are_revoked() {
    for house in House::of_each_engine().await {
        let alice = house.person("alice").await;
        let session = house.session(&alice).await;
        assert_eq!(house.ledger.sweep_sessions(at(-1), at(3599)).await.expect("swept"), 0);
        assert!(!house.ledger.session_revoked(&session.sid));
        assert_eq!(house.ledger.sweep_sessions(at(-1), at(3600)).await.expect("swept"), 1);
        assert!(house.ledger.session_revoked(&session.sid));
        assert_eq!(house.ledger.sweep_sessions(at(-1), at(3600)).await.expect("swept"), 0);
    }
}
