//! The index held against the plainest account of it: a map of keys that is gone over from its beginning.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use crate::{IndexFull, IndexedName, Mark, NameIndex, NameKind, NameQuery, SearchPlace, fold};

/// Every object that is there.
type Model = BTreeMap<String, IndexedName>;

fn name(key: &str, size: u64, modified: i64) -> IndexedName {
    IndexedName { key: key.to_owned(), size, modified }
}

fn place(prefix: &str, folder: &str) -> SearchPlace {
    SearchPlace { bucket: "b".to_owned(), prefix: prefix.to_owned(), folder: folder.to_owned() }
}

/// All that is found, in its order.
fn found(index: &NameIndex, places: Vec<SearchPlace>, query: &NameQuery) -> Vec<(usize, String)> {
    let mut ranking = index.search(places, query);
    let mut all = Vec::new();
    loop {
        let alike = ranking.next_alike();
        if alike.is_empty() {
            return all;
        }
        all.extend(alike.into_iter().map(|one| (one.place, one.key)));
    }
}

/// The same by the plainest account, in no order.
fn expected(model: &Model, (prefix, folder): (&str, &str), query: &NameQuery) -> BTreeSet<String> {
    let below = format!("{prefix}{folder}");
    let inside = model.values().filter(|one| one.key.starts_with(&below));
    let mut all = BTreeSet::new();
    for one in inside {
        let path = one.key.strip_prefix(prefix).expect("inside");
        for (at, _) in one.key.match_indices('/').filter(|(at, _)| at + 1 > below.len()) {
            let folder = fold(one.key.get(prefix.len()..at).expect("inside")).into_owned();
            let of = folder.rsplit('/').next().expect("a name");
            if query.takes(NameKind::Folder, None) && query.rank(of, &folder).is_some() {
                all.insert(one.key.get(..=at).expect("a folder").to_owned());
            }
        }
        let path = fold(path).into_owned();
        let of = path.rsplit('/').next().expect("a name");
        let kind = crate::kind_of(&one.key);
        let fits = query.takes(kind, Some((one.size, one.modified)));
        if !of.is_empty() && fits && query.rank(of, &path).is_some() {
            all.insert(one.key.clone());
        }
    }
    all
}

fn key() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "a",
        "b",
        "ab",
        "A",
        "é",
        "e\u{301}",
        "a b",
        "report.PDF",
        "x.jpg",
        "-",
        "a-b",
        "",
    ]);
    prop::collection::vec(part, 1..5).prop_map(|parts| parts.join("/"))
}

fn change() -> impl Strategy<Value = (String, Option<(u64, i64)>)> {
    (key(), prop::option::weighted(0.8, (0..4_u64, 0..4_i64)))
}

proptest! {
    #[test]
    fn it_finds_what_the_plainest_account_finds(
        changes in prop::collection::vec(change(), 0..60),
        words in prop::sample::select(vec!["a", "b", "é", "a b", "a/b", "rep", "JPG", "/", "-", "e"]),
        prefix in prop::sample::select(vec!["", "a", "a/", "ab/", "é/"]),
        folder in prop::sample::select(vec!["", "b/", "a/"]),
        kind in prop::option::of(prop::sample::select(NameKind::ALL.to_vec())),
        least in prop::option::of(0..4_u64),
    ) {
        let (index, mut model) = (NameIndex::new(1_000), Model::new());
        for (key, now) in changes.into_iter().filter(|(key, _)| !key.is_empty()) {
            let now = now.map(|(size, modified)| name(&key, size, modified));
            index.set("b", &key, now.clone()).expect("room");
            match now {
                Some(now) => drop(model.insert(key, now)),
                None => drop(model.remove(&key)),
            }
        }
        prop_assert_eq!(index.names(), model.len());
        let mut query = NameQuery::parse(words).expect("a query");
        query.kind = kind;
        query.size.0 = least;
        let found = found(&index, vec![place(prefix, folder)], &query);
        let keys: BTreeSet<String> = found.iter().map(|(_, key)| key.clone()).collect();
        prop_assert_eq!(keys.len(), found.len(), "nothing comes twice");
        prop_assert_eq!(keys, expected(&model, (prefix, folder), &query));
    }

    #[test]
    fn pages_are_the_whole_cut_up(
        keys in prop::collection::btree_map(key(), 0..3_i64, 0..40),
        cut in 0..20_usize,
    ) {
        let index = NameIndex::new(1_000);
        for (key, modified) in keys.iter().filter(|(key, _)| !key.is_empty()) {
            index.set("b", key, Some(name(key, 1, *modified))).expect("room");
        }
        let query = NameQuery::parse("a").expect("a query");
        let marks = |after: Option<&Mark>| {
            let mut ranking = index.search(vec![place("", "")], &query);
            if let Some(after) = after {
                ranking.skip_to(after);
            }
            let mut all = Vec::new();
            loop {
                let alike = ranking.next_alike();
                if alike.is_empty() {
                    return all;
                }
                let marks = alike.into_iter().map(|one| one.mark);
                all.extend(marks.filter(|mark| after.is_none_or(|after| mark.is_after(after))));
            }
        };
        let all = marks(None);
        if let Some(last) = all.get(cut) {
            prop_assert_eq!(marks(Some(last)), &all[cut + 1..]);
        }
    }
}

#[test]
fn a_listing_takes_the_place_of_what_was_there_and_of_nothing_else() {
    let index = NameIndex::new(10_000);
    let numbered = |from: usize, to: usize, step: usize| -> Vec<IndexedName> {
        (from..to).step_by(step).map(|n| name(&format!("k/{n:06}"), 1, 1)).collect()
    };
    index.replace("b", ("", None), numbered(0, 3_000, 1)).expect("room");
    assert_eq!(index.names(), 3_000);
    index.replace("b", ("k/001000", Some("k/002000")), numbered(1_000, 2_000, 2)).expect("room");
    assert_eq!(index.names(), 2_500);
    let query = NameQuery::parse("001999").expect("a query");
    assert!(found(&index, vec![place("", "")], &query).is_empty());
    index.replace("b", ("k/002999\0", None), numbered(3_000, 5_000, 1)).expect("room");
    assert_eq!(index.names(), 4_500);
    index.replace("b", ("k/", Some("k0")), Vec::new()).expect("room");
    assert_eq!(index.names(), 0);
}

#[test]
fn a_full_index_says_so_and_stays_as_it_is() {
    let index = NameIndex::new(2);
    index.set("b", "a", Some(name("a", 1, 1))).expect("room");
    index.set("b", "b", Some(name("b", 1, 1))).expect("room");
    assert_eq!(index.set("b", "c", Some(name("c", 1, 1))), Err(IndexFull { max: 2 }));
    assert_eq!(index.names(), 2);
    index.set("b", "a", Some(name("a", 9, 9))).expect("a change takes no room");
    index.set("b", "a", None).expect("nor does a deletion");
    index.set("b", "c", Some(name("c", 1, 1))).expect("room again");
}

#[test]
fn the_best_comes_first_and_of_what_is_as_good_the_newest() {
    let index = NameIndex::new(100);
    for (key, modified) in [
        ("x/myreport.txt", 9),
        ("report.pdf", 1),
        ("annual report.pdf", 5),
        ("reports.csv", 2),
        ("report/notes", 4),
        ("old report.pdf", 3),
    ] {
        index.set("b", key, Some(name(key, 1, modified))).expect("room");
    }
    let query = NameQuery::parse("report").expect("a query");
    let keys: Vec<String> =
        found(&index, vec![place("", "")], &query).into_iter().map(|(_, key)| key).collect();
    assert_eq!(
        keys,
        [
            "report/",
            "report.pdf",
            "reports.csv",
            "annual report.pdf",
            "old report.pdf",
            "x/myreport.txt"
        ]
    );
}

#[test]
fn what_is_shown_for_debugging_holds_no_name() {
    let index = NameIndex::new(100);
    index.set("b", "secret plans", Some(name("secret plans", 1, 1))).expect("room");
    assert!(!format!("{index:?}").contains("secret"));
}

#[test]
fn a_search_goes_over_the_names_below_its_place_and_over_no_others() {
    let index = NameIndex::new(10_000);
    let all = (0..300).flat_map(|who| (0..10).map(move |n| format!("home/{who:03}/plan {n}")));
    let names = all.map(|key| name(&key, 1, 1)).collect();
    index.replace("b", ("", None), names).expect("room");
    let leaves = index.below("b", "home/007/");
    assert!((2..=4).contains(&leaves.len()), "{} leaves of 5 names for 10 names", leaves.len());
    assert!(
        index.below("b", "home/300/").len() <= 1,
        "of somebody who has nothing, at most the next"
    );
    assert!(index.below("other", "").is_empty());
    let query = NameQuery::parse("plan").expect("a query");
    assert_eq!(found(&index, vec![place("home/007/", "")], &query).len(), 10);
}

#[test]
fn whoever_goes_over_a_place_meets_each_name_below_it_once_and_no_other() {
    let index = NameIndex::new(100);
    let keys: Vec<String> =
        (0..30).map(|n| format!("{}/{n:02}", ["a", "a b", "b"][n % 3])).collect();
    for (key, size) in keys.iter().zip(1..) {
        index.set("b", key, Some(name(key, size, 1))).expect("room");
    }
    for prefix in ["", "a", "a/", "a b/", "a/2", "c", "b/29"] {
        let mut met = Vec::new();
        index.each_below("b", prefix, |key, size| met.push((key.to_owned(), size)));
        let sizes = keys.iter().cloned().zip(1..);
        let mut expected: Vec<_> = sizes.filter(|(key, _)| key.starts_with(prefix)).collect();
        expected.sort();
        assert_eq!(met, expected, "{prefix}");
    }
    index.each_below("other", "", |key, _| panic!("{key} is in another bucket"));
}
