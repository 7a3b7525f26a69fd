//! What persons marked, and where they were.

use std::collections::BTreeSet;

use wh_names::Uid;

use super::{House, at, keep};
use crate::*;

const MAX: usize = 3;

impl House {
    async fn location(&self) -> RowId {
        let grant = self.grant(GrantSubject::Everyone);
        self.ledger.insert_grant(&grant).await.expect("given");
        grant.id
    }

    async fn paths(&self, uid: &Uid, kind: PlaceKind) -> Vec<String> {
        let places = self.ledger.places(uid, kind).await.expect("read");
        places.into_iter().map(|place| place.path).collect()
    }

    async fn marks(&self, uid: &Uid, place: PlaceRow, reach: &BTreeSet<RowId>) -> bool {
        let bounds = PlaceBounds { reach, max: MAX };
        self.ledger.mark_place(uid, &place, bounds).await.expect("asked")
    }

    async fn was(&self, uid: &Uid, places: &[PlaceRow], reach: &BTreeSet<RowId>) {
        let bounds = PlaceBounds { reach, max: MAX };
        self.ledger.note_places(uid, places, bounds).await.expect("noted");
    }
}

fn place(grant: &RowId, path: &str, second: i64) -> PlaceRow {
    PlaceRow { grant: grant.clone(), path: path.to_owned(), at: at(second) }
}

#[tokio::test]
async fn a_person_marks_so_many_places_and_those_out_of_reach_do_not_count() {
    for house in House::of_each_engine().await {
        let (ada, bob) = (house.person("ada").await.uid, house.person("bob").await.uid);
        let (here, there) = (house.location().await, house.location().await);
        let both = BTreeSet::from([here.clone(), there.clone()]);
        let one = BTreeSet::from([there.clone()]);
        assert!(house.marks(&ada, place(&here, "a/", 1), &both).await);
        assert!(house.marks(&ada, place(&here, "b.txt", 2), &both).await);
        assert!(house.marks(&ada, place(&here, "", 3), &both).await);
        assert!(house.marks(&ada, place(&here, "a/", 4), &both).await, "again is no more");
        assert!(!house.marks(&ada, place(&there, "c", 5), &both).await, "one too many");
        assert_eq!(house.paths(&ada, PlaceKind::Favourite).await, ["", "b.txt", "a/"]);
        assert!(house.marks(&ada, place(&there, "c", 6), &one).await, "what is not seen");
        for (path, second) in [("d", 7), ("e", 8)] {
            assert!(house.marks(&ada, place(&there, path, second), &one).await, "{path}");
        }
        assert!(!house.marks(&ada, place(&there, "f", 9), &one).await);
        let kept = house.paths(&ada, PlaceKind::Favourite).await;
        assert_eq!(kept, ["e", "d", "c", "", "b.txt", "a/"], "what is out of reach stays");
        assert_eq!(house.paths(&bob, PlaceKind::Favourite).await, [""; 0]);
        let gone = house.ledger.forget_place(&ada, PlaceKind::Favourite, (&here, "a/"));
        assert!(gone.await.expect("asked"));
        let gone = house.ledger.forget_place(&bob, PlaceKind::Favourite, (&here, "b.txt"));
        assert!(!gone.await.expect("asked"), "somebody else's");
        let grant = house.ledger.grant(&here).await.expect("read").expect("given");
        house.ledger.delete_grant(&here, at(10), &keep(&grant)).await.expect("asked");
        assert_eq!(house.paths(&ada, PlaceKind::Favourite).await, ["e", "d", "c"]);
    }
}

#[tokio::test]
async fn where_a_person_was_is_kept_for_the_last_places_and_not_at_all_if_they_say_so() {
    for house in House::of_each_engine().await {
        let ada = house.person("ada").await.uid;
        let here = house.location().await;
        let reach = BTreeSet::from([here.clone()]);
        assert!(house.ledger.keeps_recent(&ada).await.expect("read"));
        let way = [place(&here, "a/", 1), place(&here, "b/", 2), place(&here, "c/", 3)];
        house.was(&ada, &way, &reach).await;
        house.was(&ada, &[place(&here, "a/", 4), place(&here, "d", 5)], &reach).await;
        assert_eq!(house.paths(&ada, PlaceKind::Recent).await, ["d", "a/", "c/"]);
        assert_eq!(house.paths(&ada, PlaceKind::Favourite).await, [""; 0]);
        let never = RowId::parse("01arz3ndektsv4rrffq69g5fav").expect("an id");
        house.was(&ada, &[place(&never, "x", 6)], &reach).await;
        assert_eq!(house.paths(&ada, PlaceKind::Recent).await, ["d", "a/", "c/"], "no location");

        assert!(house.marks(&ada, place(&here, "kept", 7), &reach).await);
        house.ledger.keep_recent(&ada, false).await.expect("kept");
        assert!(!house.ledger.keeps_recent(&ada).await.expect("read"));
        house.was(&ada, &way, &reach).await;
        assert_eq!(house.paths(&ada, PlaceKind::Recent).await, [""; 0], "nothing is kept");
        house.ledger.keep_recent(&ada, true).await.expect("kept");
        house.was(&ada, &way, &reach).await;
        house.ledger.forget_recent(&ada).await.expect("forgotten");
        assert_eq!(house.paths(&ada, PlaceKind::Recent).await, [""; 0]);
        assert_eq!(house.paths(&ada, PlaceKind::Favourite).await, ["kept"]);
    }
}
