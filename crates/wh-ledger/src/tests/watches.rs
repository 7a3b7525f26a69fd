//! What the ledger promises about what persons want to be told of, on each engine.

use wh_names::Uid;

use super::{House, at, keep};
use crate::*;

impl House {
    async fn watches(&self, uid: &Uid, grant: &RowId, key: &str) -> WatchRow {
        let watch = WatchRow {
            id: RowId::generate(at(0), &self.entropy),
            grant: grant.clone(),
            path: key.to_owned(),
            bucket: "files".to_owned(),
            key: key.to_owned(),
            rhythm: WatchRhythm::Soon,
            language: WatchLanguage::German,
            created_at: at(0),
            next_at: at(10),
        };
        assert!(self.ledger.put_watch(uid, &watch, 3).await.expect("asked"), "{key}");
        watch
    }

    async fn happens(&self, second: i64, key: &str, by: ActivityBy) {
        let row = ActivityRow {
            id: RowId::generate(at(second), &self.entropy),
            at: at(second),
            kind: ActivityKind::Added,
            bucket: "files".to_owned(),
            key: key.to_owned(),
            by,
        };
        self.ledger.note_activity(&[row]).await.expect("written");
    }

    async fn news(&self, uid: &Uid, second: i64) -> Vec<WatchNews> {
        self.ledger.watch_news(uid, at(second), 100).await.expect("read")
    }

    async fn taken_watches(&self, uid: &Uid, now: i64, until: i64) -> Vec<WatchRow> {
        self.ledger.take_watches(uid, (at(now), at(until))).await.expect("taken")
    }

    /// Whether what is told is taken away.
    async fn settles(
        &self,
        uid: &Uid,
        news: &[WatchNews],
        next: &[(WatchRow, jiff::Timestamp)],
    ) -> bool {
        let told: Vec<RowId> = news.iter().map(|one| one.row.id.clone()).collect();
        self.ledger.settle_news(uid, (news, &told), next).await.expect("an answer")
    }

    async fn granted(&self) -> RowId {
        let grant = self.grant(GrantSubject::Everyone);
        self.ledger.insert_grant(&grant).await.expect("given");
        grant.id
    }
}

fn keys(news: &[WatchNews]) -> Vec<&str> {
    news.iter().map(|one| one.row.key.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_below_a_watch_is_to_be_told_and_never_ones_own_doings() {
    for house in House::of_each_engine().await {
        let (ada, bob) = (house.person("ada").await.uid, house.person("bob").await.uid);
        let grant = house.granted().await;
        house.happens(1, "a/before", ActivityBy::Rule).await;
        house.watches(&ada, &grant, "a/").await;
        house.watches(&bob, &grant, "a_").await;
        for (second, key) in [(5, "a/x"), (3, "a/é/y"), (6, "ab"), (7, "a"), (8, "a_/z")] {
            house.happens(second, key, ActivityBy::Other).await;
        }
        house.happens(9, "a/hers", ActivityBy::Person(ada.clone())).await;
        house.happens(9, "a_", ActivityBy::Person(ada.clone())).await;
        assert_eq!(house.news(&ada, 9).await, [], "not before its time");
        assert_eq!(keys(&house.news(&ada, 10).await), ["a/é/y", "a/x"], "by their moments");
        assert_eq!(keys(&house.news(&bob, 10).await), ["a_"], "a file is no folder");
        let due = async |now, gathered| {
            house.ledger.watchers_due((at(now), at(gathered)), 9).await.expect("read")
        };
        assert_eq!(due(9, 9).await, []);
        assert_eq!(due(10, 10).await.len(), 2);
        assert_eq!(
            due(10, 3).await,
            std::slice::from_ref(&ada),
            "of what happened then nothing is his"
        );
        assert_eq!(due(10, 2).await, [], "it is gathered still");
        // What is forgotten is not to be told any more.
        house.ledger.sweep_activity(at(4), 100).await.expect("swept");
        assert_eq!(keys(&house.news(&ada, 10).await), ["a/x"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_is_told_once_and_what_comes_meanwhile_or_late_is_told_next() {
    for house in House::of_each_engine().await {
        let ada = house.person("ada").await.uid;
        let watch = house.watches(&ada, &house.granted().await, "").await;
        house.happens(5, "x", ActivityBy::Rule).await;
        let taken = house.taken_watches(&ada, 10, 15).await;
        assert_eq!(taken, [WatchRow { next_at: at(15), ..watch.clone() }]);
        assert_eq!(house.taken_watches(&ada, 10, 15).await, [], "one takes them");
        let told = house.ledger.taken_news(&ada, at(15), 100).await.expect("read");
        assert_eq!(keys(&told), ["x"]);
        // Of an earlier moment than what is told.
        house.happens(2, "late", ActivityBy::Rule).await;
        let next = [(taken[0].clone(), at(20))];
        assert!(house.settles(&ada, &told, &next).await);
        assert!(!house.settles(&ada, &told, &[]).await, "once");
        assert_eq!(house.news(&ada, 19).await, []);
        assert_eq!(keys(&house.news(&ada, 20).await), ["late"]);
        let late = house.news(&ada, 20).await;
        assert!(house.ledger.end_watch(&ada, &watch.id).await.expect("ended"));
        assert!(!house.settles(&ada, &late, &[]).await, "it ended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_of_one_watch_is_told_of_no_other_of_the_person() {
    for house in House::of_each_engine().await {
        let (ada, bob) = (house.person("ada").await.uid, house.person("bob").await.uid);
        let grant = house.granted().await;
        let inner = house.watches(&ada, &grant, "a/").await;
        house.watches(&ada, &grant, "").await;
        house.watches(&bob, &grant, "").await;
        house.happens(5, "a/x", ActivityBy::Rule).await;
        house.happens(6, "y", ActivityBy::Rule).await;
        let mut told = house.news(&ada, 10).await;
        told.retain(|one| one.watch == inner.id);
        assert!(house.settles(&ada, &told, &[]).await);
        assert_eq!(keys(&house.news(&ada, 10).await), ["y"]);
        assert_eq!(keys(&house.news(&bob, 10).await), ["a/x", "y"], "his is his");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_is_changed_meanwhile_is_left_as_its_person_wants_it() {
    for house in House::of_each_engine().await {
        let ada = house.person("ada").await.uid;
        let grant = house.granted().await;
        let watch = house.watches(&ada, &grant, "").await;
        house.happens(5, "x", ActivityBy::Rule).await;
        let taken = house.taken_watches(&ada, 10, 15).await;
        let told = house.news(&ada, 15).await;
        let daily = WatchRow { rhythm: WatchRhythm::Daily, next_at: at(15), ..watch };
        assert!(house.ledger.put_watch(&ada, &daily, 3).await.expect("asked"));
        assert!(!house.settles(&ada, &told, &[(taken[0].clone(), at(20))]).await);
        assert_eq!(house.ledger.watches(&ada).await.expect("read"), [daily]);
        assert_eq!(keys(&house.news(&ada, 15).await), ["x"], "and nothing is told");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_never_told_is_taken_away() {
    for house in House::of_each_engine().await {
        let (ada, bob) = (house.person("ada").await.uid, house.person("bob").await.uid);
        let grant = house.granted().await;
        let hers = house.watches(&ada, &grant, "").await;
        house.watches(&bob, &grant, "").await;
        for (second, key) in [(3, "x"), (5, "y"), (7, "z")] {
            house.happens(second, key, ActivityBy::Rule).await;
        }
        house.ledger.forget_news(&hers.id, at(4)).await.expect("forgotten");
        assert_eq!(keys(&house.news(&ada, 10).await), ["y", "z"]);
        assert_eq!(house.news(&bob, 10).await.len(), 3, "of this watch alone");
        house.ledger.forget_all_news(at(6)).await.expect("forgotten");
        assert_eq!(keys(&house.news(&ada, 10).await), ["z"]);
        assert_eq!(keys(&house.news(&bob, 10).await), ["z"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_has_so_many_watches_and_they_end_with_the_grant() {
    for house in House::of_each_engine().await {
        let (ada, bob) = (house.person("ada").await.uid, house.person("bob").await.uid);
        let given = house.grant(GrantSubject::Everyone);
        house.ledger.insert_grant(&given).await.expect("given");
        let grant = given.id.clone();
        for key in ["a/", "b/", "c"] {
            house.watches(&ada, &grant, key).await;
        }
        let mut again = house.watches(&ada, &grant, "a/").await;
        again.rhythm = WatchRhythm::Daily;
        assert!(house.ledger.put_watch(&ada, &again, 3).await.expect("asked"), "no other one");
        let known = house.ledger.watches(&ada).await.expect("read");
        let daily = known.iter().filter(|watch| watch.rhythm == WatchRhythm::Daily);
        assert_eq!((known.len(), daily.count()), (3, 1));
        let more = WatchRow { path: "d".to_owned(), ..again };
        assert!(!house.ledger.put_watch(&ada, &more, 3).await.expect("asked"), "one too many");
        let gone = house.ledger.end_watch(&bob, &known[0].id).await.expect("asked");
        assert!(!gone, "it is not his");
        house.watches(&bob, &grant, "a/").await;
        house.happens(5, "a/x", ActivityBy::Rule).await;
        house.ledger.delete_person(&bob, at(8), &keep(&given)).await.expect("deleted");
        assert_eq!(house.ledger.watches(&bob).await.expect("read"), [], "they go with the person");
        assert_eq!(house.news(&bob, 10).await, []);
        assert_eq!(house.news(&ada, 10).await.len(), 1, "and nobody else's with them");
        house.ledger.delete_grant(&grant, at(9), &keep(&given)).await.expect("taken");
        assert_eq!(house.ledger.watches(&ada).await.expect("read"), []);
    }
}
