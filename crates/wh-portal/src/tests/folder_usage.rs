//! How much lies in a folder: what is counted is what the engine lets be listed, whatever the world is made of.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use wh_files::{
    FOLDER_USAGE_ENTRIES_MAX, FilesError, FolderPath, FolderUsage, IndexedName, UsageSource,
    UsedBy, UsedEntry, UsedSum,
};
use wh_ledger::GrantRow;
use wh_names::BucketName;
use wh_people::Person;

use super::house::House;
use super::search::{Numbers, World, house, listable, may_only, world};
use super::store::{Store, object};

async fn bucket(house: &House) -> BucketName {
    let all = house.get("/api/v1/locations", &house.admin).await.json();
    let bucket = all["locations"][0]["bucket"].as_str().expect("a bucket").to_owned();
    BucketName::parse(&bucket).expect("a bucket")
}

/// The index knows these, and nothing else.
async fn holds(house: &House, sizes: &BTreeMap<String, u64>) {
    let bucket = bucket(house).await;
    let index = house.files.search_index();
    index.follow(std::slice::from_ref(&bucket), house.now());
    let names = sizes.iter().map(|(key, size)| {
        let key = key.clone();
        IndexedName { key, size: *size, modified: 1 }
    });
    index.names().replace(bucket.as_str(), ("", None), names.collect()).expect("room");
    index.listed_whole(&bucket);
    index.caught_up();
}

fn sizes(all: &[(&str, u64)]) -> BTreeMap<String, u64> {
    all.iter().map(|(key, size)| ((*key).to_owned(), *size)).collect()
}

/// What is in a folder, by its name with a slash where it is a folder's.
type Tally = BTreeMap<String, UsedSum>;

/// What the engine lets be counted in a folder, told apart from the product: key by key.
fn expected(
    house: &House,
    person: &Person,
    (grant, prefix, all): (&GrantRow, &str, &BTreeMap<String, u64>),
) -> Tally {
    let mut tally = Tally::new();
    for (key, size) in all {
        let Some(rest) = key.strip_prefix(prefix).filter(|rest| !rest.is_empty()) else { continue };
        let holder = key.rfind('/').and_then(|at| key.get(..=at)).unwrap_or_default();
        let holder = if holder.len() < prefix.len() { prefix } else { holder };
        if !listable(house, person, grant, holder) {
            continue;
        }
        let name = rest.find('/').and_then(|at| rest.get(..=at)).unwrap_or(rest);
        let sum = tally.entry(name.to_owned()).or_default();
        sum.bytes += size;
        sum.files += u64::from(!key.ends_with('/'));
    }
    tally
}

fn told(usage: &FolderUsage) -> Tally {
    let named = |entry: &UsedEntry| match entry.kind {
        UsedBy::Folder => format!("{}/", entry.name),
        UsedBy::File => entry.name.clone(),
    };
    let tally: Tally = usage.entries.iter().map(|entry| (named(entry), entry.used)).collect();
    assert_eq!(tally.len(), usage.entries.len(), "nothing comes twice");
    tally
}

/// That the sums are those of the entries, which come by size.
fn adds_up(usage: &FolderUsage) {
    let sum = |all: &mut dyn Iterator<Item = &UsedEntry>| {
        let used: Vec<UsedSum> = all.map(|entry| entry.used).collect();
        let bytes = used.iter().map(|used| used.bytes).sum();
        UsedSum { bytes, files: used.iter().map(|used| used.files).sum() }
    };
    let files = |entry: &&UsedEntry| entry.kind == UsedBy::File;
    assert_eq!(usage.total, sum(&mut usage.entries.iter()));
    assert_eq!(usage.own, sum(&mut usage.entries.iter().filter(files)));
    assert_eq!(usage.left_out, 0);
    let bytes: Vec<u64> = usage.entries.iter().map(|entry| entry.used.bytes).collect();
    assert!(bytes.windows(2).all(|two| two[0] >= two[1]), "{bytes:?}");
}

/// Every folder that a world has below a grant, and the grant itself.
fn folders(world: &World, grant: &GrantRow) -> BTreeSet<String> {
    let prefix = grant.prefix.as_str();
    let below = world.keys.iter().filter_map(|key| key.strip_prefix(prefix));
    let each = below.flat_map(|path| {
        path.match_indices('/').filter_map(|(at, _)| path.get(..=at).map(str::to_owned))
    });
    each.chain([String::new()]).collect()
}

/// What the worlds came to.
#[derive(Debug, Default)]
struct Tried {
    counted: usize,
    hidden: usize,
    certain: usize,
    refused: usize,
}

impl Tried {
    async fn grant(
        &mut self,
        asks: (&House, &Person),
        grant: &GrantRow,
        known: (&World, &BTreeMap<String, u64>),
    ) {
        for folder in folders(known.0, grant) {
            self.folder(asks, (grant, &folder), known).await;
        }
    }

    /// Asks about a folder of somebody's, and holds the answer against the engine's word.
    async fn folder(
        &mut self,
        (house, person): (&House, &Person),
        (grant, folder): (&GrantRow, &str),
        (world, all): (&World, &BTreeMap<String, u64>),
    ) {
        let Ok(path) = FolderPath::parse(folder) else { return };
        let prefix = format!("{}{folder}", grant.prefix);
        let usage = match house.files.folder_usage(person, grant.id.as_str(), &path).await {
            Ok(usage) => usage,
            Err(FilesError::Refused(_)) => {
                let allowed = listable(house, person, grant, &prefix);
                assert!(!allowed, "{prefix}: refused, and may be listed");
                self.refused += 1;
                return;
            }
            Err(error) => panic!("{prefix}: {error}"),
        };
        assert_eq!(usage.source, UsageSource::Index);
        adds_up(&usage);
        let (told, expected) = (told(&usage), expected(house, person, (grant, &prefix, all)));
        for (name, used) in &told {
            let most = expected.get(name).copied().unwrap_or_default();
            let less = used.bytes <= most.bytes && used.files <= most.files;
            assert!(less && expected.contains_key(name), "{prefix}{name}: {used:?} and {most:?}");
        }
        assert!(world.unknown || told == expected, "{prefix}: {told:?} and not {expected:?}");
        assert!(world.unknown || usage.complete || usage.unsure, "{prefix}");
        self.certain += usize::from(!world.unknown);
        let below = all.keys().filter(|key| key.starts_with(&prefix) && !key.ends_with('/'));
        self.counted += told.len();
        self.hidden += usize::from(usage.total.files < below.count() as u64);
    }
}

#[tokio::test]
async fn what_is_counted_is_what_the_engine_lets_be_listed_in_random_worlds() {
    let house = house().await;
    let mut numbers = Numbers(0x5DEE_CE66_D1CE_5EED);
    let mut tried = Tried::default();
    for n in 0..60 {
        let cookie = house.register(&format!("person {n}")).await;
        let person = house.person(&cookie).await;
        let world = world(&house, &person, &mut numbers).await;
        let files = world.keys.iter().map(|key| (key.clone(), numbers.below(1_000)));
        let mut all: BTreeMap<String, u64> = files.collect();
        // Some folders have a mark of their own, and some have nothing else.
        let marks = world.keys.iter().filter(|_| numbers.below(5) == 0);
        all.extend(marks.map(|key| (format!("{key}/"), 0)).collect::<Vec<_>>());
        holds(&house, &all).await;
        for grant in house.people.grants_for(&person).await.expect("grants") {
            tried.grant((&house, &person), &grant, (&world, &all)).await;
        }
    }
    let Tried { counted, hidden, certain, refused } = tried;
    let enough = counted > 300 && hidden > 30 && certain > 50 && refused > 30;
    assert!(enough, "{counted} {hidden} {certain} {refused}");
}

#[tokio::test]
async fn a_folder_shows_what_is_in_it_by_size_and_nothing_of_others() {
    let house = house().await;
    let (alice, bob) = (house.register("alice").await, house.register("robert").await);
    let uids = [house.uid_of("alice").await, house.uid_of("robert").await];
    let [hers, his] = uids.map(|uid| format!("home/{uid}/"));
    holds(
        &house,
        &sizes(&[
            (&format!("{hers}a/1"), 10),
            (&format!("{hers}a/b/2"), 20),
            (&format!("{hers}a-b/3"), 5),
            (&format!("{hers}empty/"), 0),
            (&hers, 0),
            (&format!("{hers}z.txt"), 7),
            (&format!("{his}big"), 1_000),
        ]),
    )
    .await;
    let home = house.location(&alice, &hers).await;
    let usage = house.get(&format!("/api/v1/locations/{home}/usage"), &alice).await.json();
    let sums = (&usage["bytes"], &usage["files"], &usage["folders"], &usage["own_bytes"]);
    assert_eq!(sums, (&json!(42), &json!(4), &json!(3), &json!(7)), "{usage}");
    let entry = |kind: &str, name: &str, bytes: u64, files: u64| json!({"kind": kind, "name": name, "bytes": bytes, "files": files});
    let expected = json!([
        entry("folder", "a", 30, 2),
        entry("file", "z.txt", 7, 1),
        entry("folder", "a-b", 5, 1),
        entry("folder", "empty", 0, 0),
    ]);
    assert_eq!(usage["entries"], expected);
    let told = (&usage["complete"], &usage["source"], &usage["left_out"], &usage["own_files"]);
    assert_eq!(told, (&json!(true), &json!("index"), &json!(0), &json!(1)));
    assert_eq!(usage["as_of"], house.now().to_string());
    let below = house.get(&format!("/api/v1/locations/{home}/usage?path=a/"), &alice).await.json();
    assert_eq!((&below["bytes"], &below["path"]), (&json!(30), &json!("a/")));
    let refused = house.get(&format!("/api/v1/locations/{home}/usage"), &bob).await;
    refused.problem(404, "no-such-location");
    let wrong = house.get(&format!("/api/v1/locations/{home}/usage?path=a"), &alice).await;
    assert_eq!(wrong.problem(400, "path-not-a-folder")["field"], "path");
}

#[tokio::test]
async fn what_the_store_does_not_list_is_not_counted_whatever_is_known_of_policies() {
    let store = Store::start().await;
    let house = House::over(&store.url).await;
    let alice = house.register("alice").await;
    holds(
        &house,
        &sizes(&[
            ("shared/open/1", 10),
            ("shared/open/2", 11),
            ("shared/secret/3", 100),
            ("shared/secret/a/4", 100),
            ("shared/5", 1),
        ]),
    )
    .await;
    // Nothing is listed with all that is below it: each folder is asked about.
    store.holding().unlisted_below = Some("shared%2F");
    store.holding().unlisted = Some("shared%2Fsecret");
    let shared = house.location(&alice, "shared/").await;
    let usage = house.get(&format!("/api/v1/locations/{shared}/usage"), &alice).await.json();
    let told = (&usage["bytes"], &usage["files"], &usage["folders"], &usage["complete"]);
    assert_eq!(told, (&json!(22), &json!(3), &json!(1), &json!(true)), "{usage}");
    assert!(!usage.to_string().contains("secret"), "{usage}");
    // What it lists in one listing it has told, whatever it says of a folder in there.
    store.holding().unlisted_below = None;
    store.holding().unlisted = Some("shared%2Fsecret%2Fa%2F");
    house.pass(jiff::SignedDuration::from_secs(31));
    let usage = house.get(&format!("/api/v1/locations/{shared}/usage"), &alice).await.json();
    assert_eq!(usage["bytes"], 222, "the store lists all below shared/ in one listing: {usage}");
    store.holding().unlisted_below = Some("shared%2F");
    house.pass(jiff::SignedDuration::from_secs(31));
    let usage = house.get(&format!("/api/v1/locations/{shared}/usage"), &alice).await.json();
    assert_eq!((&usage["bytes"], &usage["complete"]), (&json!(122), &json!(true)), "{usage}");
    // What the store does not let be listed itself is refused, as its page is.
    let hidden = format!("/api/v1/locations/{shared}/usage?path=secret/a/");
    house.get(&hidden, &alice).await.problem(403, "access-denied");
}

#[tokio::test]
async fn what_may_not_be_listed_is_refused_with_the_reason() {
    let house = house().await;
    let alice = house.register("alice").await;
    let person = house.person(&alice).await;
    holds(&house, &sizes(&[("shared/a/1", 1), ("shared/b/2", 2)])).await;
    let shared = house.location(&alice, "shared/").await;
    let statement = json!({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*",
        "Condition": {"StringEquals": {"s3:prefix": ["shared/", "shared/a/"]}}});
    may_only(&house, &person, &statement).await;
    let usage = house.get(&format!("/api/v1/locations/{shared}/usage"), &alice).await.json();
    assert_eq!((&usage["bytes"], &usage["complete"]), (&json!(1), &json!(true)), "{usage}");
    let refused = house.get(&format!("/api/v1/locations/{shared}/usage?path=b/"), &alice).await;
    refused.problem(403, "access-denied");
}

#[tokio::test]
async fn more_than_is_shown_is_in_the_sum() {
    let house = house().await;
    let alice = house.register("alice").await;
    let many = FOLDER_USAGE_ENTRIES_MAX as u64 + 100;
    let folders = (0..many).map(|n| (format!("shared/many/{n:04}/x"), n));
    let files = (0..many).map(|n| (format!("shared/many/f{n:04}"), n));
    holds(&house, &folders.chain(files).collect()).await;
    let shared = house.location(&alice, "shared/").await;
    let asked = format!("/api/v1/locations/{shared}/usage?path=many/");
    let usage = house.get(&asked, &alice).await.json();
    let entries = usage["entries"].as_array().expect("entries");
    assert_eq!(entries.len(), FOLDER_USAGE_ENTRIES_MAX);
    assert_eq!(entries[0]["bytes"], many - 1);
    let sums = (&usage["bytes"], &usage["files"], &usage["left_out"]);
    let left_out = 2 * many - FOLDER_USAGE_ENTRIES_MAX as u64;
    assert_eq!(sums, (&json!(many * (many - 1)), &json!(2 * many), &json!(left_out)));
    assert_eq!(usage["complete"], true, "{}", usage["complete"]);
}

/// What is below a folder is asked about at once, and not folder by folder.
#[tokio::test]
async fn one_question_is_enough_where_the_store_lists_all_below_a_folder() {
    let store = Store::start().await;
    let house = House::over(&store.url).await;
    let alice = house.register("alice").await;
    holds(&house, &(0..300).map(|n| (format!("shared/{n:03}/x"), 1)).collect()).await;
    let shared = house.location(&alice, "shared/").await;
    let before = store.holding().listings;
    let usage = house.get(&format!("/api/v1/locations/{shared}/usage"), &alice).await.json();
    let told = (&usage["bytes"], &usage["folders"], &usage["complete"]);
    assert_eq!(told, (&json!(300), &json!(300), &json!(true)), "{told:?}");
    let asked = store.holding().listings - before;
    assert!(asked < 10, "{asked} listings for one answer");
}

#[tokio::test]
async fn what_is_listed_by_folders_only_is_counted_for_a_hundred_pages() {
    // One page that was refused, one of the folder itself, and 98 of the folders in it.
    for (folders, bytes, whole) in [(3, 8, true), (150, 98 + 5, false)] {
        let store = Store::start().await;
        let house = House::over(&store.url).await;
        let alice = house.register("alice").await;
        store.holding().unlisted_below = Some("shared%2F");
        let mut tree: Vec<_> = (0..folders).map(|n| (format!("shared/{n:03}/x"), 1)).collect();
        tree.push(("shared/own".to_owned(), 5));
        store.holding().tree = tree;
        let shared = house.location(&alice, "shared/").await;
        let usage = house.get(&format!("/api/v1/locations/{shared}/usage"), &alice).await.json();
        let told = [&usage["source"], &usage["bytes"], &usage["complete"], &usage["unsure"]];
        let expected = [json!("listing"), json!(bytes), json!(whole), json!(false)];
        assert_eq!(told, expected.each_ref(), "{folders} folders");
    }
}

#[tokio::test]
async fn what_was_listed_before_a_refusal_does_not_count_twice() {
    let store = Store::start().await;
    let house = House::over(&store.url).await;
    let alice = house.register("alice").await;
    store.holding().tree = vec![("shared/2".to_owned(), 4), ("shared/a/1".to_owned(), 10)];
    store.holding().breaks_off = true;
    let shared = house.location(&alice, "shared/").await;
    let usage = house.get(&format!("/api/v1/locations/{shared}/usage"), &alice).await.json();
    let told = [&usage["source"], &usage["bytes"], &usage["files"], &usage["complete"]];
    let expected = [json!("listing"), json!(14), json!(2), json!(true)];
    assert_eq!(told, expected.each_ref(), "{usage}");
}

/// A folder that one sees or not by where one asks from is in no sum, and that is said; one that one certainly may
/// not see is not.
#[tokio::test]
async fn a_folder_of_which_only_the_store_knows_makes_a_sum_unsure() {
    let house = house().await;
    let alice = house.register("alice").await;
    let person = house.person(&alice).await;
    holds(&house, &sizes(&[("shared/a/1", 1), ("shared/b/2", 2), ("shared/c/3", 4)])).await;
    let shared = house.location(&alice, "shared/").await;
    let listing = |condition: Value| {
        json!({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*",
            "Condition": condition})
    };
    let certain = listing(json!({"StringEquals": {"s3:prefix": ["shared/", "shared/a/"]}}));
    let perhaps = listing(json!({"StringEquals": {"s3:prefix": "shared/b/"},
        "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}));
    for (statements, unsure) in [(json!([certain]), false), (json!([certain, perhaps]), true)] {
        may_only(&house, &person, &statements).await;
        let usage = house.get(&format!("/api/v1/locations/{shared}/usage"), &alice).await.json();
        let told = (&usage["bytes"], &usage["unsure"], &usage["complete"]);
        assert_eq!(told, (&json!(1), &json!(unsure), &json!(!unsure)), "{usage}");
    }
}

/// Before the index knows a location, it is listed in the person's own session.
#[tokio::test]
async fn without_an_index_a_listing_says_it_and_what_is_not_certain_is_said() {
    let store = Store::start().await;
    let house = House::over(&store.url).await;
    let alice = house.register("alice").await;
    store.holding().listing = [object("shared/a/1", 10), object("shared/2", 4)].concat();
    let shared = house.location(&alice, "shared/").await;
    let asked = format!("/api/v1/locations/{shared}/usage");
    let usage = house.get(&asked, &alice).await.json();
    let told = (&usage["bytes"], &usage["source"], &usage["complete"], &usage["folders"]);
    assert_eq!(told, (&json!(14), &json!("listing"), &json!(true), &json!(1)), "{usage}");
    let person = house.person(&alice).await;
    let statement = json!({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}});
    may_only(&house, &person, &statement).await;
    let usage = house.get(&asked, &alice).await.json();
    let told = (&usage["bytes"], &usage["complete"], &usage["unsure"]);
    assert_eq!(told, (&json!(0), &json!(false), &json!(true)), "{usage}");
    assert_eq!(usage["entries"], Value::Array(Vec::new()));
}
