//! What the ledger promises about what happened to files, on each engine.

use super::{House, at};
use crate::*;

impl House {
    fn happened(&self, second: i64, key: &str, by: ActivityBy) -> ActivityRow {
        ActivityRow {
            id: RowId::generate(at(second), &self.entropy),
            at: at(second),
            kind: ActivityKind::Added,
            bucket: "files".to_owned(),
            key: key.to_owned(),
            by,
        }
    }

    async fn told(&self, place: &ActivityPlace, asked: &ActivityFilter) -> Vec<String> {
        let rows = self.ledger.activity(("files", place), asked, 100).await.expect("read");
        rows.into_iter().map(|row| row.key).collect()
    }
}

fn below(first: &str, end: &str) -> ActivityPlace {
    ActivityPlace::Below(first.to_owned(), Some(end.to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_told_by_place_person_kind_and_time_the_newest_first() {
    for house in House::of_each_engine().await {
        let ada = wh_names::Uid::generate(at(0), &house.entropy);
        let mut tagged = house.happened(5, "a/x", ActivityBy::Machine("i-1".to_owned()));
        tagged.kind = ActivityKind::Tagged;
        let all = [
            house.happened(1, "a/x", ActivityBy::Person(ada.clone())),
            house.happened(2, "a/b/y", ActivityBy::Role("AdminRole".to_owned())),
            house.happened(3, "b/z", ActivityBy::Rule),
            house.happened(4, "a0", ActivityBy::Other),
            tagged,
        ];
        house.ledger.note_activity(&all).await.expect("written");
        let everything = ActivityFilter::default();
        let whole = ActivityPlace::Below(String::new(), None);
        let rows = house.ledger.activity(("files", &whole), &everything, 100).await.expect("read");
        assert_eq!(rows, all.iter().rev().cloned().collect::<Vec<_>>(), "as they were written");
        assert_eq!(house.told(&below("a/", "a0"), &everything).await, ["a/x", "a/b/y", "a/x"]);
        let file = ActivityPlace::At("a/x".to_owned());
        assert_eq!(house.told(&file, &everything).await, ["a/x", "a/x"]);
        let before = ActivityFilter { before: Some(all[2].id.clone()), ..everything.clone() };
        assert_eq!(house.told(&whole, &before).await, ["a/b/y", "a/x"]);
        let hers = ActivityFilter { by: Some(ada), ..everything.clone() };
        assert_eq!(house.told(&whole, &hers).await, ["a/x"]);
        let tags = ActivityFilter { kind: Some(ActivityKind::Tagged), ..everything.clone() };
        assert_eq!(house.told(&whole, &tags).await, ["a/x"]);
        let then = ActivityFilter { since: Some(at(2)), until: Some(at(4)), ..everything };
        assert_eq!(house.told(&whole, &then).await, ["b/z", "a/b/y"]);
        let none = house.ledger.activity(("other", &whole), &then, 100).await.expect("read");
        assert_eq!(none, [], "another bucket is another place");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_feed_counts_once_whoever_reads_it() {
    for house in House::of_each_engine().await {
        house.ledger.begin_activity("store", at(9)).await.expect("begun");
        house.ledger.begin_activity("store", at(10)).await.expect("begun before");
        let mark = ActivityMark { position: 7, since: at(3) };
        let page = [house.happened(4, "a", ActivityBy::Other)];
        let follow = || house.ledger.follow_activity(("store", 0), mark, &page);
        assert!(follow().await.expect("written"));
        assert!(!follow().await.expect("an answer"), "somebody has read it already");
        assert_eq!(house.ledger.activity_mark("store").await.expect("read"), Some(mark));
        assert_eq!(house.ledger.activity_mark("portal").await.expect("read"), None);
        let whole = ActivityPlace::Below(String::new(), None);
        assert_eq!(house.told(&whole, &ActivityFilter::default()).await, ["a"]);
        // A page that cannot be written is not passed over: what it says stands twice under one name.
        let next = ActivityMark { position: 9, since: at(3) };
        let failed = house.ledger.follow_activity(("store", 7), next, &page).await;
        assert!(failed.is_err());
        assert_eq!(house.ledger.activity_mark("store").await.expect("read"), Some(mark));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_old_or_too_much_is_forgotten_and_it_is_known_since_when() {
    for house in House::of_each_engine().await {
        house.ledger.begin_activity("store", at(0)).await.expect("begun");
        let all: Vec<_> =
            (1..=6).map(|n| house.happened(n, &n.to_string(), ActivityBy::Other)).collect();
        house.ledger.note_activity(&all).await.expect("written");
        let whole = ActivityPlace::Below(String::new(), None);
        let since = async || {
            let mark = house.ledger.activity_mark("store").await.expect("read");
            mark.expect("begun").since
        };
        assert_eq!(house.ledger.sweep_activity(at(3), 100).await.expect("swept"), 2);
        assert_eq!(house.told(&whole, &ActivityFilter::default()).await, ["6", "5", "4", "3"]);
        assert_eq!(since().await, at(3));
        assert_eq!(house.ledger.sweep_activity(at(0), 2).await.expect("swept"), 2);
        assert_eq!(house.told(&whole, &ActivityFilter::default()).await, ["6", "5"]);
        assert!(since().await > at(4) && since().await < at(5));
        assert_eq!(house.ledger.sweep_activity(at(0), 2).await.expect("swept"), 0);
    }
}
