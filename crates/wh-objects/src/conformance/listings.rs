//! Listings, held against a naive model.

use bytes::Bytes;
use std::collections::BTreeSet;
use wh_names::KeyPrefix;

use super::kit::{Store, bucket, put, with_bucket};
use crate::{ListEntry, ListObjects};

const KEYS: [&str; 22] = [
    "a",
    "a/",
    "a/b",
    "a/b/c",
    "a/b/d",
    "a/c",
    "a-b",
    "a0",
    "b/x",
    "b/y",
    "b//z",
    "c",
    "ä/1",
    "ä/2",
    "z/🦀/1",
    "z/🦀/2",
    "z/\u{10ffff}/1",
    "z/\u{10ffff}/2",
    "zz",
    "\u{e000}",
    "𐀀",
    "d/e/f/g",
];

pub(super) async fn run(make: &impl AsyncFn() -> Store) {
    let store = with_bucket(make().await).await;
    for key in KEYS {
        put(&store, key, &Bytes::from_static(b"x")).await;
    }
    for prefix in ["", "a", "a/", "a/b", "b/", "z/", "z/🦀", "ä", "nothing", "\u{10ffff}"] {
        for delimiter in [None, Some(""), Some("/"), Some("b"), Some("//"), Some("/1")] {
            for max in [1, 2, 3, 1000] {
                pages_agree_with_the_model(&store, prefix, delimiter, max).await;
            }
        }
    }
    after_may_be_anything(&store).await;
    nothing_is_listed_when_nothing_is_asked_for(&store).await;
}

/// What a listing is to hold, in order.
fn model(keys: &[&str], prefix: &str, delimiter: Option<&str>) -> Vec<String> {
    let group = |key: &str| {
        let delimiter = delimiter.filter(|d| !d.is_empty())?;
        let (head, _) = key.strip_prefix(prefix)?.split_once(delimiter)?;
        Some(format!("{prefix}{head}{delimiter} (prefix)"))
    };
    let lines = keys.iter().filter(|key| key.starts_with(prefix));
    let lines: BTreeSet<String> =
        lines.map(|key| group(key).unwrap_or_else(|| (*key).to_owned())).collect();
    lines.into_iter().collect()
}

/// The same, from entries.
fn line(entry: &ListEntry) -> String {
    match entry {
        ListEntry::Object(object) => object.key.as_str().to_owned(),
        ListEntry::CommonPrefix(prefix) => format!("{prefix} (prefix)"),
    }
}

fn list(prefix: &str, delimiter: Option<&str>, after: Option<String>, max: usize) -> ListObjects {
    ListObjects {
        prefix: KeyPrefix::parse(prefix).expect("a prefix"),
        delimiter: delimiter.map(str::to_owned),
        after,
        max_keys: max,
    }
}

async fn all_pages(
    store: &Store,
    prefix: &str,
    delimiter: Option<&str>,
    max: usize,
) -> Vec<String> {
    let mut lines = Vec::new();
    let mut after = None;
    loop {
        let asked = list(prefix, delimiter, after, max);
        let page = store.list_objects(&bucket(), asked).await.expect("a page");
        assert!(page.entries.len() <= max);
        assert_eq!(page.truncated, page.next_after.is_some());
        lines.extend(page.entries.iter().map(line));
        if !page.truncated {
            return lines;
        }
        assert_eq!(page.entries.len(), max);
        after = page.next_after;
    }
}

async fn pages_agree_with_the_model(
    store: &Store,
    prefix: &str,
    delimiter: Option<&str>,
    max: usize,
) {
    let expected = model(&KEYS, prefix, delimiter);
    let found = all_pages(store, prefix, delimiter, max).await;
    assert_eq!(found, expected, "{prefix:?} {delimiter:?} {max}");
}

async fn after_may_be_anything(store: &Store) {
    let check = async |after: &str, first: Option<&str>| {
        let asked = list("", Some("/"), Some(after.to_owned()), 1);
        let page = store.list_objects(&bucket(), asked).await.expect("a page");
        assert_eq!(page.entries.first().map(line).as_deref(), first, "{after:?}");
    };
    check("", Some("a")).await;
    check("a", Some("a-b")).await;
    check("a-b", Some("a/ (prefix)")).await;
    check("a/", Some("a0")).await;
    check("a/c", Some("a0")).await;
    check("b/", Some("c")).await;
    check("zz", Some("ä/ (prefix)")).await;
    check("\u{10ffff}", None).await;
}

async fn nothing_is_listed_when_nothing_is_asked_for(store: &Store) {
    let page = store.list_objects(&bucket(), list("", None, None, 0)).await.expect("a page");
    assert!(page.entries.is_empty() && !page.truncated && page.next_after.is_none());
}
