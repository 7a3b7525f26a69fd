//! What happened to files: shown to those whom the engine and the store let list the folder, and to nobody else.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use wh_files::{Activity, ActivityKind, ActivityQuestion};
use wh_ledger::{ActivityBy, ActivityRow, GrantRow, RowId};
use wh_names::Entropy;
use wh_people::Person;

use super::house::House;
use super::search::{Numbers, World, house, listable, may_only, world};
use super::store::Store;

fn row((at, n): (Timestamp, u64), bucket: &str, key: &str) -> ActivityRow {
    let entropy = Entropy::new(move |bytes| {
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = n.to_le_bytes()[at % 8];
        }
    });
    ActivityRow {
        id: RowId::generate(at, &entropy),
        at,
        kind: ActivityKind::Added,
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        by: ActivityBy::Rule,
    }
}

/// Something happened to each of these, an hour apart.
async fn happened(house: &House, bucket: &str, keys: impl IntoIterator<Item = &String>) {
    let mut at = house.now() - SignedDuration::from_hours(5_000);
    let mut rows = Vec::new();
    for key in keys {
        at += SignedDuration::from_hours(1);
        rows.push(row((at, 1), bucket, key));
    }
    house.ledger.note_activity(&rows).await.expect("written");
}

async fn bucket(house: &House) -> String {
    let all = house.get("/api/v1/locations", &house.admin).await.json();
    all["locations"][0]["bucket"].as_str().expect("a bucket").to_owned()
}

/// Every key that may be told of: whoever lists the folder that holds it.
fn expected(
    house: &House,
    person: &Person,
    (world, grants): (&World, &[GrantRow]),
) -> BTreeSet<String> {
    let told = |grant: &GrantRow, key: &str| {
        let prefix = grant.prefix.as_str();
        let folder = key.rfind('/').and_then(|at| key.get(..=at)).unwrap_or_default();
        let folder = if folder.len() < prefix.len() { prefix } else { folder };
        key.starts_with(prefix) && listable(house, person, grant, folder)
    };
    let keys = world.keys.iter();
    keys.filter(|key| grants.iter().any(|grant| told(grant, key))).cloned().collect()
}

/// All that is told, page by page; nothing comes twice, and no page hints at what is not told.
async fn told(
    house: &House,
    person: &Person,
    (grants, limit): (&[GrantRow], usize),
) -> BTreeSet<String> {
    let (mut all, mut cursor) = (BTreeSet::new(), None);
    loop {
        let within = (None, None);
        let asked = ActivityQuestion { place: None, kind: None, by: None, within, cursor, limit };
        let page = house.files.activity(person, asked).await.expect("a page");
        let Activity { entries, next, complete, .. } = page;
        assert!(complete && entries.len() <= limit, "{entries:?}");
        assert!(next.is_none() || entries.len() == limit, "a page that is not the last is full");
        for entry in &entries {
            let grant = grants.iter().find(|grant| grant.id == entry.location).expect("a grant");
            let key = format!("{}{}{}", grant.prefix.as_str(), entry.folder, entry.names[0]);
            assert_eq!((entry.count, entry.names.len()), (1, 1));
            assert!(all.insert(key.clone()), "{key} came twice");
        }
        match next {
            Some(next) => {
                let last = entries.last().map(|entry| entry.id.to_string());
                assert_eq!(Some(&next), last.as_ref(), "it begins at what was shown");
                cursor = Some(next);
            }
            None => return all,
        }
    }
}

#[tokio::test]
async fn what_is_told_is_what_the_engine_lets_be_listed_in_random_worlds() {
    let house = house().await;
    let mut numbers = Numbers(0x5DEE_CE66_D1CE_5EED);
    let (mut shown, mut hidden, mut certain) = (0, 0, 0);
    for n in 0..60 {
        let cookie = house.register(&format!("person {n}")).await;
        let person = house.person(&cookie).await;
        let world = world(&house, &person, &mut numbers).await;
        house.ledger.sweep_activity(house.now(), 0).await.expect("forgotten");
        happened(&house, &bucket(&house).await, &world.keys).await;
        let grants = house.people.grants_for(&person).await.expect("grants");
        let limit = 1 + usize::try_from(numbers.below(4)).expect("few");
        let told = told(&house, &person, (&grants, limit)).await;
        let expected = expected(&house, &person, (&world, &grants));
        assert!(told.is_subset(&expected), "{n}: {told:?} and not {expected:?}");
        assert!(world.unknown || told == expected, "{n}: {told:?} {expected:?}");
        certain += usize::from(!world.unknown);
        (shown, hidden) = (shown + told.len(), hidden + world.keys.len() - told.len());
    }
    assert!(shown > 100 && hidden > 100 && certain > 5, "{shown} {hidden} {certain}");
}

/// The trash and the versions name files that are gone to nobody else.
#[tokio::test]
async fn whoever_may_not_list_versions_is_told_of_nothing() {
    let house = house().await;
    let alice = house.register("alice").await;
    let person = house.person(&alice).await;
    happened(&house, &bucket(&house).await, &["shared/plan.txt".to_owned()]).await;
    for (lists, told) in [
        (json!(["s3:ListBucket", "s3:ListBucketVersions"]), 1),
        (json!("s3:ListBucket"), 0),
        (json!("s3:ListBucketVersions"), 0),
    ] {
        let statement = json!({"Effect": "Allow", "Action": lists, "Resource": "*"});
        may_only(&house, &person, &statement).await;
        let page = house.get("/api/v1/activity", &alice).await.json();
        assert_eq!(page["entries"].as_array().map(Vec::len), Some(told), "{lists}: {page}");
        assert_eq!((&page["next"], &page["complete"]), (&Value::Null, &json!(true)), "{lists}");
    }
}

#[tokio::test]
async fn what_the_store_does_not_list_is_not_told_whatever_is_known_of_policies() {
    let store = Store::start().await;
    let house = House::over(&store.url).await;
    let alice = house.register("alice").await;
    let keys = ["shared/open/plan.txt", "shared/secret/hidden.txt", "elsewhere/x.txt"];
    happened(&house, &bucket(&house).await, &keys.map(str::to_owned)).await;
    store.holding().unlisted = Some("shared%2Fsecret");
    let page = house.get("/api/v1/activity?limit=1", &alice).await.json();
    assert_eq!(page["entries"][0]["names"], json!(["plan.txt"]), "{page}");
    assert_eq!((&page["next"], &page["complete"]), (&Value::Null, &json!(true)));
    assert_eq!(page["source"], "portal");
    store.holding().unlisted = Some("shared%2F");
    house.pass(SignedDuration::from_secs(31));
    let page = house.get("/api/v1/activity", &alice).await.json();
    assert_eq!((&page["entries"], &page["next"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn a_burst_is_one_entry_and_counts_what_may_be_listed_alone() {
    let house = house().await;
    let alice = house.register("alice").await;
    let (bucket, uid) = (bucket(&house).await, house.uid_of("alice").await);
    let began = house.now() - SignedDuration::from_hours(1);
    let home = format!("home/{uid}/");
    let hers = |n: u64, folder: &str| {
        let at = began + SignedDuration::from_secs(i64::try_from(n).expect("a number"));
        let by = ActivityBy::Person(uid.clone());
        ActivityRow { by, ..row((at, n), &bucket, &format!("{folder}{n}.txt")) }
    };
    let mut rows = vec![hers(40, &home)];
    for n in 0..40 {
        rows.extend([hers(n, "shared/"), hers(n + 50, "elsewhere/")]);
    }
    house.ledger.note_activity(&rows).await.expect("written");
    let page = house.get("/api/v1/activity", &alice).await.json();
    let entries = page["entries"].as_array().expect("entries");
    let counts: Vec<u64> = entries.iter().map(|one| one["count"].as_u64().expect("n")).collect();
    assert_eq!(counts, [1, 40], "{page}");
    assert_eq!(
        entries[0]["by"],
        json!({ "kind": "person", "name": "alice" }),
        "her name, and not her id"
    );
    assert_eq!(entries[1]["names"], json!(["39.txt", "38.txt", "37.txt"]));
    let hers = house.get("/api/v1/activity?person=Alice", &alice).await.json();
    assert_eq!(hers["entries"], page["entries"], "a name is what it is at the door");
    house.register("zoe").await;
    let idle = house.get("/api/v1/activity?person=zoe", &alice).await.json();
    let nobody = house.get("/api/v1/activity?person=nobody", &alice).await.json();
    assert_eq!((&idle["entries"], &idle), (&json!([]), &nobody), "nobody learns who is here");
}

#[tokio::test]
async fn what_cannot_be_asked_names_the_field() {
    let house = house().await;
    let alice = house.register("alice").await;
    for (query, field) in [
        ("kind=eaten", "kind"),
        ("person=a", "person"),
        ("since=yesterday", "since"),
        ("until=2026", "until"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("path=a/", "path"),
    ] {
        let refused = house.get(&format!("/api/v1/activity?{query}"), &alice).await;
        assert_eq!(refused.problem(400, "invalid-parameter")["field"], field, "{query}");
    }
    let refused = house.get("/api/v1/activity?cursor=x", &alice).await;
    assert_eq!(refused.problem(400, "cursor-invalid")["field"], "cursor");
}
