//! Quotas: room is taken of all counters or of none, and what is not certain is added.

use super::{House, at};
use crate::*;

pub(super) const ID: &str = "location:wellhouse-files/a/";

fn place(prefix: &str) -> QuotaPlace {
    QuotaPlace {
        bucket: BucketName::parse("wellhouse-files").expect("a bucket"),
        prefix: KeyPrefix::parse(prefix).expect("a prefix"),
    }
}

use wh_names::{BucketName, KeyPrefix};

pub(super) fn amount(bytes: u64, objects: u64) -> QuotaAmount {
    QuotaAmount { bytes, objects }
}

impl House {
    /// A quota of a place, and its counter.
    pub(super) async fn quota(&self, prefix: &str, bytes: u64) -> QuotaRow {
        let row = QuotaRow {
            id: RowId::generate(at(0), &self.entropy),
            subject: QuotaSubject::Location(place(prefix)),
            limits: QuotaLimits { bytes: Some(bytes), objects: None },
            created_at: at(0),
            updated_at: at(0),
            updated_by: None,
        };
        self.ledger.put_quota(&row).await.expect("put");
        let rules = self.ledger.quotas().await.expect("read");
        let wanted: Vec<WantedCounter> = rules
            .into_iter()
            .map(|rule| WantedCounter {
                places: match &rule.subject {
                    QuotaSubject::Location(place) => vec![place.clone()],
                    other @ (QuotaSubject::Person(_)
                    | QuotaSubject::Group(_)
                    | QuotaSubject::EveryPerson) => panic!("{other:?}"),
                },
                quota_id: rule.id,
                subject: rule.subject,
                limits: rule.limits,
            })
            .collect();
        self.ledger.set_quota_counters(&wanted).await.expect("set");
        row
    }

    async fn takes(&self, id: &str, key: &str, bytes: u64, part: Option<u16>) -> bool {
        let over = self.ledger.quota_counters_over("wellhouse-files", key).await.expect("read");
        let more = amount(bytes, 1);
        let reserve = QuotaReserve {
            id,
            counters: &over,
            more,
            rounds: None,
            whole: bytes,
            part,
            expires: at(100),
        };
        self.ledger.reserve_quota(reserve).await.expect("asked").is_none()
    }

    pub(super) async fn counter(&self, id: &str) -> QuotaCounterRow {
        let found = self.ledger.quota_counters_named(&[id.to_owned()]).await.expect("read");
        found.into_iter().next().expect("a counter").0
    }

    async fn counts(&self, used: u64, reserved: u64) {
        let counter = self.counter(ID).await;
        assert_eq!((counter.used.bytes, counter.reserved.bytes), (used, reserved));
    }
}

fn came(stored: u64, replaced: u64) -> QuotaStored {
    let objects = |bytes| u64::from(bytes > 0);
    QuotaStored {
        stored: amount(stored, objects(stored)),
        replaced: amount(replaced, objects(replaced)),
        certain: true,
        at: at(1),
    }
}

#[tokio::test]
async fn room_is_taken_of_all_counters_or_of_none() {
    for house in House::of_each_engine().await {
        house.quota("a/", 100).await;
        house.quota("a/b/", 50).await;
        assert!(house.takes("one", "a/b/x", 50, None).await);
        assert!(!house.takes("two", "a/b/y", 1, None).await, "the inner has none");
        house.counts(0, 50).await;
        assert!(house.takes("three", "a/y", 50, None).await);
        assert!(!house.takes("four", "a/z", 1, None).await, "nor has the outer");
        assert!(house.takes("five", "ab", 1_000, None).await, "that lies elsewhere");
        house.ledger.release_quota("one").await.expect("released");
        house.ledger.release_quota("one").await.expect("once is enough");
        house.counts(0, 50).await;
        assert!(house.ledger.settle_quota("three", came(50, 0)).await.expect("settled"));
        assert!(!house.ledger.settle_quota("three", came(50, 0)).await.expect("asked"), "once");
        house.counts(50, 0).await;
    }
}

#[tokio::test]
async fn of_many_at_once_no_more_get_room_than_there_is() {
    for house in House::of_each_engine().await {
        house.quota("a/", 100).await;
        let ledger = &house.ledger;
        let tries = (0..64).map(|n| async move {
            let id = format!("put:{n}");
            let counters = [ID.to_owned()];
            let more = amount(7, 1);
            let reserve = QuotaReserve {
                id: &id,
                counters: &counters,
                more,
                rounds: None,
                whole: more.bytes,
                part: None,
                expires: at(100),
            };
            ledger.reserve_quota(reserve).await.expect("asked").is_none()
        });
        let taken = futures_all(tries).await.into_iter().filter(|taken| *taken).count();
        assert_eq!(taken, 14);
        house.counts(0, 98).await;
    }
}

async fn futures_all<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    futures::future::join_all(all).await
}

#[tokio::test]
async fn parts_grow_into_what_was_announced_and_beyond_it() {
    for house in House::of_each_engine().await {
        house.quota("a/", 100).await;
        assert!(house.takes("up:1", "a/x", 60, None).await);
        house.ledger.rename_quota_reservation("up:1", "mp:1").await.expect("renamed");
        assert!(house.takes("mp:1", "a/x", 30, Some(1)).await);
        assert!(house.takes("mp:1", "a/x", 30, Some(2)).await);
        house.counts(0, 60).await;
        assert!(house.takes("mp:1", "a/x", 40, Some(3)).await);
        house.counts(0, 100).await;
        assert!(!house.takes("mp:1", "a/x", 1, Some(4)).await);
        assert_eq!(house.ledger.quota_part("mp:1", 4).await.expect("read"), None, "taken back");
        house.ledger.set_quota_part(("mp:1", 3), Some(20)).await.expect("it was smaller");
        house.counts(0, 80).await;
        house.ledger.set_quota_part(("mp:1", 3), None).await.expect("it did not come");
        house.counts(0, 60).await;
        assert!(house.takes("mp:1", "a/x", 30, Some(2)).await, "again is no more");
        house.counts(0, 60).await;
        assert!(house.ledger.settle_quota("mp:1", came(60, 10)).await.expect("settled"));
        house.counts(50, 0).await;
        assert_eq!(house.ledger.quota_part("mp:1", 1).await.expect("read"), None);
    }
}

#[tokio::test]
async fn what_expires_counts_as_used_until_it_is_counted() {
    for house in House::of_each_engine().await {
        house.quota("a/", 100).await;
        assert!(house.takes("one", "a/x", 60, None).await);
        assert_eq!(house.ledger.sweep_quota_reservations(at(99)).await.expect("swept"), 0);
        assert_eq!(house.ledger.sweep_quota_reservations(at(100)).await.expect("swept"), 1);
        house.counts(60, 0).await;
        assert!(house.counter(ID).await.stale_at.is_some(), "it is to be counted");
        assert!(house.ledger.begin_quota_count((ID, 7), (at(0), at(0))).await.expect("begun"));
        let done = house.ledger.finish_quota_count((ID, 7), amount(0, 0), at(101));
        assert!(done.await.expect("done"));
        house.counts(0, 0).await;
    }
}

#[tokio::test]
async fn a_count_is_never_less_than_what_is_written_meanwhile() {
    for house in House::of_each_engine().await {
        house.quota("a/", 100).await;
        assert!(house.takes("early", "a/x", 10, None).await);
        assert!(house.ledger.begin_quota_count((ID, 7), (at(0), at(0))).await.expect("begun"));
        assert!(house.takes("late", "a/y", 20, None).await);
        // The listing may have passed before it.
        house.ledger.settle_quota("late", came(20, 5)).await.expect("settled");
        let found = amount(30, 3);
        let other = house.ledger.finish_quota_count((ID, 8), found, at(9));
        assert!(!other.await.expect("asked"), "another count");
        assert!(house.ledger.finish_quota_count((ID, 7), found, at(9)).await.expect("done"));
        house.counts(50, 10).await;
        assert!(house.counter(ID).await.stale_at.is_some(), "it may be more than there is");
        // What was replaced may be gone from what was found.
        house.ledger.settle_quota("early", came(10, 5)).await.expect("settled");
        house.counts(60, 0).await;
    }
}

/// The walk of a count may have passed what goes while it goes on.
#[tokio::test]
async fn what_goes_or_is_distrusted_while_a_count_goes_on_makes_the_next_one_due() {
    for house in House::of_each_engine().await {
        house.quota("a/", 100).await;
        let (ledger, all) = (&house.ledger, [ID.to_owned()]);
        let begins = async |token| ledger.begin_quota_count((ID, token), (at(0), at(0))).await;
        let finishes =
            async |token| ledger.finish_quota_count((ID, token), amount(50, 1), at(9)).await;
        ledger.distrust_quotas(at(1)).await.expect("told");
        assert!(begins(7).await.expect("begun"));
        assert!(house.counter(ID).await.counting);
        assert!(finishes(7).await.expect("done"));
        let counter = house.counter(ID).await;
        assert_eq!((counter.stale_at, counter.counting), (None, false), "nothing happened");

        assert!(begins(8).await.expect("begun"));
        let rounds = ledger.quota_rounds(&all).await.expect("read");
        ledger.free_quota(&rounds, came(0, 50)).await.expect("freed");
        assert!(finishes(8).await.expect("done"));
        house.counts(50, 0).await;
        assert!(house.counter(ID).await.stale_at.is_some(), "it found what is gone");

        assert!(begins(9).await.expect("begun"));
        ledger.distrust_quotas(at(3)).await.expect("told");
        assert!(finishes(9).await.expect("done"));
        assert_eq!(house.counter(ID).await.stale_at, Some(at(3)));

        assert!(begins(10).await.expect("begun"));
        ledger.give_up_quota_count((ID, 10), at(4)).await.expect("given up");
        let counter = house.counter(ID).await;
        assert_eq!((counter.stale_at, counter.counting), (Some(at(4)), false));
    }
}

/// One looks at what it replaces; somebody else deletes that, and a count does not find it any more.
#[tokio::test]
async fn what_was_counted_between_a_look_and_its_reservation_is_taken_whole() {
    for house in House::of_each_engine().await {
        house.quota("a/", 100).await;
        let (ledger, counters) = (&house.ledger, [ID.to_owned()]);
        assert!(house.takes("first", "a/x", 50, None).await);
        assert!(ledger.settle_quota("first", came(50, 0)).await.expect("settled"));
        let looked = ledger.quota_rounds(&counters).await.expect("read");
        assert!(ledger.begin_quota_count((ID, 7), (at(0), at(0))).await.expect("begun"));
        let done = ledger.finish_quota_count((ID, 7), amount(0, 0), at(2));
        assert!(done.await.expect("done"));
        let reserve = |id, rounds| {
            let (counters, more, expires) = (&counters[..], amount(10, 0), at(100));
            QuotaReserve { id, counters, more, rounds, whole: 60, part: None, expires }
        };
        let full = ledger.reserve_quota(reserve("second", Some(&looked[..]))).await;
        assert_eq!(full.expect("asked"), None);
        let counter = house.counter(ID).await;
        assert_eq!(counter.reserved, amount(60, 1), "all of it, and not what it grows by");
        assert!(ledger.settle_quota("second", came(60, 50)).await.expect("settled"));
        let counter = house.counter(ID).await;
        assert_eq!(counter.used, amount(60, 1), "what it replaces was not counted any more");
        assert!(counter.stale_at.is_some());
        // In the same round it takes what it grows by, and of a counter that came to be since, all.
        let looked = ledger.quota_rounds(&counters).await.expect("read");
        let full = ledger.reserve_quota(reserve("third", Some(&looked[..]))).await;
        assert_eq!(full.expect("asked"), None);
        assert_eq!(house.counter(ID).await.reserved, amount(10, 0));
        let full = ledger.reserve_quota(reserve("fourth", Some(&[]))).await.expect("asked");
        assert_eq!(full.map(|full| full.asked), Some(amount(60, 1)));
    }
}

#[tokio::test]
async fn one_node_counts_at_a_time_and_another_takes_over_what_is_left() {
    for house in House::of_each_engine().await {
        house.quota("a/", 100).await;
        let begin =
            |token, now, until| house.ledger.begin_quota_count((ID, token), (at(now), at(until)));
        assert!(begin(7, 0, 60).await.expect("begun"));
        assert!(!begin(8, 59, 120).await.expect("asked"), "another node counts");
        let done = house.ledger.finish_quota_count((ID, 7), amount(5, 1), at(59));
        assert!(done.await.expect("done"), "nobody got in its way");
        assert!(begin(8, 60, 120).await.expect("begun"));
        assert!(begin(9, 120, 180).await.expect("begun"), "the other did not come back");
        let late = house.ledger.finish_quota_count((ID, 8), amount(9, 9), at(121));
        assert!(!late.await.expect("asked"));
        assert!(house.counter(ID).await.stale_at.is_none());
        house.ledger.distrust_quotas(at(122)).await.expect("told");
        assert_eq!(house.counter(ID).await.stale_at, Some(at(122)));
    }
}

#[tokio::test]
async fn counters_follow_their_quotas_and_other_nodes_are_told() {
    for house in House::of_each_engine().await {
        let before = house.ledger.quotas_version().await.expect("asked");
        let row = house.quota("a/", 100).await;
        assert_ne!(house.ledger.quotas_version().await.expect("asked"), before);
        assert!(house.takes("one", "a/x", 60, None).await);
        let changed = QuotaRow {
            id: RowId::generate(at(1), &house.entropy),
            limits: QuotaLimits { bytes: Some(50), objects: Some(1) },
            updated_at: at(1),
            ..row.clone()
        };
        let again = house.ledger.put_quota(&changed);
        assert_eq!(again.await.expect("put").as_ref(), Some(&row), "what it was");
        let rules = house.ledger.quotas().await.expect("read");
        assert_eq!((rules.len(), &rules[0].id), (1, &row.id), "it keeps its id");
        assert!(house.ledger.remove_quota(&row.id).await.expect("removed").is_some());
        assert!(house.ledger.remove_quota(&row.id).await.expect("asked").is_none());
        assert!(house.ledger.quota_counters().await.expect("read").is_empty());
        assert!(house.takes("two", "a/x", 1_000, None).await, "nothing is counted any more");
    }
}
