//! What the ledger promises about the scan for malware, on each engine.

use futures::future::join_all;

use super::{House, at};
use crate::*;

impl House {
    fn to_scan(&self, key: &str, version: &str) -> NewScan {
        NewScan {
            id: RowId::generate(at(0), &self.entropy),
            target: ScanTarget {
                bucket: "files".to_owned(),
                key: key.to_owned(),
                version: version.to_owned(),
            },
            uid: None,
            from_before: false,
            modified_at: at(0),
        }
    }

    async fn queued(&self, scans: &[NewScan], mark: &str) {
        let queued = self.ledger.queue_scans(("feed", mark, at(1)), scans, at(0)).await;
        queued.expect("written");
    }

    async fn taken(&self, now: i64, until: i64) -> Option<ScanRow> {
        self.ledger.take_scan(at(now), at(until)).await.expect("read")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_who_want_to_scan_a_version_at_once_one_takes_it() {
    for house in House::of_each_engine().await {
        house.queued(&[house.to_scan("a", "1")], "1").await;
        let (one, two) = (house.ledger.clone(), house.other_node().await);
        let nodes = (0..50).map(|n| if n % 2 == 0 { one.clone() } else { two.clone() });
        let nodes: Vec<Ledger> = nodes.collect();
        let takers = nodes.iter().map(|ledger| ledger.take_scan(at(1), at(50)));
        let taken = join_all(takers).await.into_iter().filter_map(|taken| taken.expect("read"));
        let taken: Vec<ScanRow> = taken.collect();
        assert_eq!(taken.len(), 1);
        assert_eq!((taken[0].target.key.as_str(), taken[0].attempts), ("a", 1));
        house.ledger.scan_put_off(&taken[0], at(60), "it is\r\naway").await.expect("noted");
        assert_eq!(house.taken(59, 90).await, None);
        let again = house.taken(60, 90).await.expect("its turn");
        assert_eq!(again.finding.as_deref(), Some("it is  away"));
        // For what is not its fault it does not count as tried, and is told all the same.
        house.ledger.scan_waits(&again, at(60), "it is ill").await.expect("noted");
        assert_eq!(house.ledger.scans_counted().await.expect("read").failing, 1);
        let again = house.taken(60, 90).await.expect("its turn");
        assert_eq!((again.attempts, again.finding.as_deref()), (2, Some("it is ill")));
        // Whoever took it never came back: another does, and the first has no say any more.
        let crashed = house.taken(90, 120).await.expect("its turn");
        let late = house.ledger.scan_settled(&again, &ScanSettled::Done, at(91)).await;
        assert!(!late.expect("an answer"));
        let done = house.ledger.scan_settled(&crashed, &ScanSettled::Done, at(92)).await;
        assert!(done.expect("an answer"));
        // Whoever looks again does not scan it again, until it is forgotten.
        house.queued(&[house.to_scan("a", "1")], "2").await;
        assert_eq!(house.taken(99, 120).await, None);
        assert_eq!(house.ledger.sweep_scans(at(92)).await.expect("swept"), 0);
        assert_eq!(house.ledger.sweep_scans(at(93)).await.expect("swept"), 1);
        assert_eq!(house.ledger.scans_counted().await.expect("read"), ScansCounted::default());
    }
}

#[tokio::test]
async fn what_was_found_stays_until_it_is_released() {
    for house in House::of_each_engine().await {
        let scans = [house.to_scan("a", "1"), house.to_scan("b", "1"), house.to_scan("c", "1")];
        house.queued(&scans, "1").await;
        let found = ScanSettled::Infected("Eicar".to_owned());
        let taken = house.taken(1, 9).await.expect("one");
        assert!(house.ledger.scan_settled(&taken, &found, at(2)).await.expect("settled"));
        // What is listed again is not scanned again.
        house.queued(&scans, "2").await;
        let counted = house.ledger.scans_counted().await.expect("read");
        assert_eq!((counted.waiting, counted.infected), (2, 1));
        assert_eq!(counted.waiting_since, Some(at(0)));
        let listed = house.ledger.scans_found().await.expect("read");
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].finding.as_deref(), Some("Eicar"));
        let between = house.ledger.scans_between("files", ("a", "b")).await.expect("read");
        assert_eq!(between.len(), 2);
        let id = &listed[0].id;
        assert!(house.ledger.release_scan(id, at(3)).await.expect("released"));
        assert!(!house.ledger.release_scan(id, at(3)).await.expect("an answer"), "once");
        let released = house.ledger.scan(id).await.expect("read").expect("there");
        assert_eq!(released.state, ScanState::Releasing);
    }
}

#[tokio::test]
async fn how_far_was_looked_is_one_nodes_at_a_time() {
    for house in House::of_each_engine().await {
        let take = |now, until| house.ledger.take_scan_mark("bucket", at(now), at(until));
        assert_eq!(take(0, 10).await.expect("taken"), Some(String::new()));
        assert_eq!(take(9, 20).await.expect("an answer"), None);
        let put = house.ledger.queue_scans(("bucket", "k", at(5)), &[], at(1)).await;
        put.expect("written");
        assert_eq!(take(5, 20).await.expect("taken"), Some("k".to_owned()));
        house.ledger.free_scans(at(6)).await.expect("freed");
        assert_eq!(take(6, 20).await.expect("taken"), Some("k".to_owned()));
    }
}
