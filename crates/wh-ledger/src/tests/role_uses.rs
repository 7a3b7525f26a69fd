//! What the ledger promises about the uses of roles, on each engine.

use wh_names::RoleName;

use super::{House, at};
use crate::*;

fn role() -> RoleName {
    RoleName::parse("S3AccessRole").expect("a role")
}

fn used(action: &str, place: &str, who: &str) -> RoleUseKey {
    RoleUseKey {
        role: role(),
        action: action.to_owned(),
        bucket: "files".to_owned(),
        place: place.to_owned(),
        who: who.to_owned(),
    }
}

fn times(first: i64, last: i64, requests: u64) -> RoleUseTimes {
    RoleUseTimes { first: at(first), last: at(last), requests }
}

#[tokio::test]
async fn uses_add_up_by_action_place_and_person_and_are_counted_in_their_period() {
    for house in House::of_each_engine().await {
        let ledger = &house.ledger;
        let get = "s3:GetObject";
        let noted = [
            (used(get, "/shared/", "ada"), times(0, 10, 3)),
            (used(get, "/shared/", "bob"), times(5, 20, 1)),
            (used(get, "/shared/", "machine/i-1"), times(5, 5, 1)),
            (used("s3:ListBucket", "", "other"), times(50, 50, 1)),
        ];
        ledger.note_role_uses(&noted).await.expect("written");
        ledger.note_role_uses(&noted[..1]).await.expect("written");
        ledger
            .note_role_uses(&[(used(get, "/shared/", "ada"), times(30, 30, 2))])
            .await
            .expect("w");
        let all = ledger.role_place_uses((&role(), at(0)), None).await.expect("read");
        let [shared, bucket] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!((shared.persons, shared.machines, shared.others), (2, 1, false));
        assert_eq!(shared.times, times(0, 30, 10));
        assert_eq!((bucket.persons, bucket.others), (0, true));
        let after = ledger.role_place_uses((&role(), at(0)), Some(shared)).await.expect("read");
        assert_eq!(after.as_slice(), std::slice::from_ref(bucket));
        let late = ledger.role_place_uses((&role(), at(25)), None).await.expect("read");
        assert_eq!(late.iter().map(|row| row.persons).collect::<Vec<_>>(), [1, 0]);
        let users = ledger.role_users(&role(), at(0)).await.expect("read");
        assert_eq!(users, RoleUsers { persons: 2, machines: 1, others: true });
        let places = ledger.role_user_places((&role(), at(0)), None).await.expect("read");
        assert_eq!(
            places.iter().map(|row| row.who.as_str()).collect::<Vec<_>>(),
            ["ada", "bob", "machine/i-1", "other"]
        );
        let rest = ledger.role_user_places((&role(), at(0)), places.get(2)).await.expect("read");
        assert_eq!(rest.len(), 1);
        assert_eq!(ledger.sweep_role_uses(at(30)).await.expect("swept"), 2);
        assert_eq!(ledger.role_place_uses((&role(), at(0)), None).await.expect("read").len(), 2);
    }
}

#[tokio::test]
async fn from_when_on_uses_are_kept_is_said_once() {
    for house in House::of_each_engine().await {
        let ledger = &house.ledger;
        assert_eq!(ledger.role_uses_kept().await.expect("read"), RoleUsesKept::default());
        ledger.begin_role_uses(at(1)).await.expect("written");
        ledger.begin_role_uses(at(2)).await.expect("written");
        ledger.lose_role_uses(at(3)).await.expect("written");
        let kept = RoleUsesKept { since: Some(at(1)), lost: Some(at(3)) };
        assert_eq!(ledger.role_uses_kept().await.expect("read"), kept);
        ledger.end_role_uses().await.expect("written");
        assert_eq!(ledger.role_uses_kept().await.expect("read").since, None);
    }
}

/// How many uses each page of them has.
async fn pages(ledger: &Ledger) -> Vec<usize> {
    let (mut last, mut pages) = (None, Vec::new());
    loop {
        let page = ledger.role_place_uses((&role(), at(0)), last.as_ref()).await.expect("read");
        last = page.last().cloned();
        if last.is_none() {
            return pages;
        }
        pages.push(page.len());
    }
}

/// However many there are, no more than a page of them is in memory.
#[tokio::test]
async fn many_uses_come_in_pages_and_none_is_left_out() {
    const PLACES: usize = 2_500;
    for house in House::of_each_engine().await {
        let ledger = &house.ledger;
        let one = |n: usize| (used("s3:GetObject", &format!("/f{n:05}/"), "ada"), times(0, 0, 1));
        let all: Vec<_> = (0..PLACES).map(one).collect();
        ledger.note_role_uses(&all).await.expect("written");
        assert_eq!(pages(ledger).await, [1_000, 1_000, 500]);
    }
}
