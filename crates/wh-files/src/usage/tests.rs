//! How what was used becomes few places.

use jiff::Timestamp;
use wh_ledger::{RolePlaceUse, RoleUseTimes};
use wh_names::{Action, Arn, Partition};
use wh_policy::analysis::least::Seen;

use super::gathered::Gathered;

fn used(action: &str, bucket: &str, place: &str) -> RolePlaceUse {
    let at = Timestamp::UNIX_EPOCH;
    RolePlaceUse {
        action: action.to_owned(),
        bucket: bucket.to_owned(),
        place: place.to_owned(),
        persons: 1,
        machines: 0,
        others: false,
        times: RoleUseTimes { first: at, last: at, requests: 1 },
    }
}

#[track_caller]
fn check(rows: &[RolePlaceUse], below: &[&str], widened: &[&str]) {
    let partition = Partition::parse("aws").expect("a partition");
    let mut gathered = Gathered::new(&partition);
    for row in rows {
        gathered.add(row);
    }
    let (seen, wider) = gathered.told();
    let action = Action::parse("s3:GetObject").expect("an action");
    let bucket = Arn::parse("arn:aws:s3:::files").expect("an arn");
    let expected: Vec<Seen> =
        below.iter().map(|prefix| Seen::below(&action, &bucket, prefix)).collect();
    assert_eq!(
        (seen, wider.iter().map(String::as_str).collect::<Vec<_>>()),
        (expected, widened.to_vec())
    );
}

fn get(place: &str) -> RolePlaceUse {
    used("s3:GetObject", "files", place)
}

#[test]
fn a_folder_stands_for_what_is_in_it_and_a_home_for_all_homes() {
    check(&[get("/a/b/"), get("/c/")], &["a/b/", "c/"], &[]);
    check(&[get("/a/"), get("/a/b/")], &["a/"], &[]);
    check(&[get("/a/b/"), get("/a/")], &["a/"], &[]);
    check(&[get("/home/${uid}/")], &["home/"], &["files/home/"]);
    check(&[get("/")], &[""], &[]);
}

#[test]
fn many_folders_are_the_folder_around_them() {
    let many = |parents: usize, each: usize| {
        let all =
            (0..parents).flat_map(move |a| (0..each).map(move |b| get(&format!("/a{a}/b{b}/"))));
        all.collect::<Vec<_>>()
    };
    check(&many(1, 9), &["a0/"], &["files/a0/"]);
    let eight: Vec<String> = (0..8).map(|b| format!("a0/b{b}/")).collect();
    let eight: Vec<&str> = eight.iter().map(String::as_str).collect();
    check(&many(1, 8), &eight, &[]);
    check(&many(5, 8), &[""], &["files/"]);
}

/// Places are counted, not times: a million of them are 32 at most.
#[test]
fn a_million_places_are_few() {
    let partition = Partition::parse("aws").expect("a partition");
    let mut gathered = Gathered::new(&partition);
    for n in 0..1_000_000_u32 {
        gathered.add(&get(&format!("/a{}/b{n}/", n % 20)));
    }
    let (seen, _) = gathered.told();
    assert!(seen.len() <= 32, "{}", seen.len());
}
