//! Searching by name: what is found is what the engine lets be listed, whatever the world is made of.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::Method;
use serde_json::{Value, json};
use wh_files::{
    Asker, FolderPath, IndexedName, RoleView, Search, SearchKind, SearchPage, SimulatedRequest,
};
use wh_ledger::{GrantRow, GrantSubject, RowId};
use wh_names::{Action, BucketName, Entropy, KeyPrefix, RoleName};
use wh_people::Person;
use wh_policy::{Context, Language, NamedPolicy, PolicyDocument, PolicyKind};

use super::access::by_token;
use super::house::House;
use super::store::Store;

/// Numbers that are the same every time.
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).expect("few")]
    }

    fn often(&mut self) -> bool {
        self.below(3) > 0
    }
}

/// A house over a store that lists everything.
pub(super) async fn house() -> House {
    House::over(&Store::start().await.url).await
}

fn name(key: &str, modified: i64) -> IndexedName {
    IndexedName { key: key.to_owned(), size: 7, modified }
}

fn search(words: &str) -> Search {
    Search {
        words: words.to_owned(),
        kind: None,
        size: (None, None),
        modified: (None, None),
        place: None,
        cursor: None,
        limit: 200,
    }
}

async fn holds(house: &House, keys: &BTreeSet<String>) -> BucketName {
    let cookie = &house.admin;
    let all = house.get("/api/v1/locations", cookie).await.json();
    let bucket = all["locations"][0]["bucket"].as_str().expect("a bucket").to_owned();
    let bucket = BucketName::parse(&bucket).expect("a bucket");
    let index = house.files.search_index();
    index.follow(std::slice::from_ref(&bucket), house.now());
    let names = keys.iter().zip(0..).map(|(key, at)| name(key, at % 3)).collect();
    index.names().replace(bucket.as_str(), ("", None), names).expect("room");
    index.listed_whole(&bucket);
    index.caught_up();
    bucket
}

/// A world: keys, what two roles allow, and whose grants are where.
pub(super) struct World {
    pub(super) keys: BTreeSet<String>,
    /// Whether a policy asks what is not known.
    pub(super) unknown: bool,
}

fn key(numbers: &mut Numbers) -> String {
    let parts = ["a", "b", "ab", "report.txt", "X", "a b", "u"];
    let count = 1 + numbers.below(4);
    let all: Vec<&str> = (0..count).map(|_| numbers.one_of(&parts)).collect();
    all.join("/")
}

fn prefix(numbers: &mut Numbers) -> &'static str {
    numbers.one_of(&["", "a/", "b/", "a/b/", "ab/", "home/${uid}/", "a"])
}

fn statement(numbers: &mut Numbers, unknown: &mut bool) -> Value {
    let effect = numbers.one_of(&["Allow", "Deny"]);
    let like = format!("{}*", prefix(numbers).replace("${uid}", "${aws:PrincipalTag/uid}"));
    let under = json!({"StringLike": {"s3:prefix": like}});
    let condition = match numbers.below(7) {
        0 => json!({"StringNotLike": {"s3:prefix": like}}),
        1 => json!({"StringEquals": {"s3:delimiter": "/"}}),
        2 => {
            *unknown = true;
            json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
        }
        3 => {
            *unknown = true;
            json!({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "StringLike": {"s3:prefix": like}})
        }
        _others => under,
    };
    let lists = ["s3:ListBucket", "s3:ListBucketVersions"];
    json!({"Effect": effect, "Action": lists, "Resource": "*", "Condition": condition})
}

fn policy(numbers: &mut Numbers, unknown: &mut bool, kind: PolicyKind) -> NamedPolicy {
    let everything = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let mut statements = if numbers.often() { vec![everything] } else { Vec::new() };
    for _ in 0..numbers.below(4) {
        statements.push(statement(numbers, unknown));
    }
    if statements.is_empty() {
        statements.push(json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}));
    }
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let document = Arc::new(PolicyDocument::read_stored(&text, kind));
    NamedPolicy { name: "random".to_owned(), document }
}

pub(super) async fn world(house: &House, person: &Person, numbers: &mut Numbers) -> World {
    let mut unknown = false;
    let mut keys: BTreeSet<String> = (0..25).map(|_| key(numbers)).collect();
    keys.extend((0..5).map(|_| format!("home/{}/{}", person.uid(), key(numbers))));
    let roles = house.files.roles();
    let views = ["S3AccessRole", "RegularUserRole"].map(|name| {
        let role = RoleName::parse(name).expect("a role");
        let view = roles.get(&role).expect("a role of the estate");
        let boundary = numbers.often().then(|| policy(numbers, &mut unknown, PolicyKind::Boundary));
        let permissions = vec![policy(numbers, &mut unknown, PolicyKind::Identity)];
        (role, RoleView { arn: view.arn.clone(), permissions, boundary })
    });
    let bucket = holds(house, &keys).await;
    for (role, _) in &views {
        let random = numbers.below(u64::MAX);
        let entropy = Entropy::new(move |bytes| {
            for (at, byte) in bytes.iter_mut().enumerate() {
                *byte = random.to_le_bytes()[at % 8];
            }
        });
        let row = GrantRow {
            id: RowId::generate(house.now(), &entropy),
            subject: GrantSubject::Person(person.uid().clone()),
            role: role.clone(),
            bucket: bucket.clone(),
            prefix: KeyPrefix::parse(prefix(numbers)).expect("a prefix"),
            title: "a place".to_owned(),
            created_at: house.now(),
            created_by: None,
            ends_at: None,
        };
        house.ledger.insert_grant(&row).await.expect("given");
    }
    roles.replace(views);
    World { keys, unknown }
}

/// Leaves the roles of a person's grants with this statement alone.
pub(super) async fn may_only(house: &House, person: &Person, statement: &Value) {
    let statements = if statement.is_array() { statement.clone() } else { json!([statement]) };
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let document = Arc::new(PolicyDocument::read_stored(&text, PolicyKind::Identity));
    let permissions = vec![NamedPolicy { name: "few".to_owned(), document }];
    let roles = house.files.roles();
    let grants = house.people.grants_for(person).await.expect("grants");
    let views: Vec<_> = grants
        .into_iter()
        .map(|grant| {
            let arn = roles.get(&grant.role).expect("a role of the estate").arn.clone();
            (grant.role, RoleView { arn, permissions: permissions.clone(), boundary: None })
        })
        .collect();
    roles.replace(views);
}

/// Whether the engine lets this be listed, wherever the person's machine is.
pub(super) fn listable(house: &House, person: &Person, grant: &GrantRow, folder: &str) -> bool {
    ["10.1.2.3", "192.0.2.7"].into_iter().all(|address| {
        let mut context = Context::new();
        context.set("aws:SourceIp", address);
        context.set("aws:SecureTransport", "false");
        let request = SimulatedRequest {
            action: Action::parse("s3:ListBucket").expect("an action"),
            bucket: grant.bucket.clone(),
            key: folder.to_owned(),
            context,
        };
        let asker = Asker::Grant(person.uid(), grant);
        let simulated = house.files.simulate(asker, &request, Language::English);
        simulated.expect("a decision").explained.allowed()
    })
}

fn fits(path: &str, words: &str) -> bool {
    let path = path.trim_end_matches('/').to_lowercase();
    let name = path.rsplit('/').next().expect("a name").to_owned();
    let mut words = words.split(' ');
    let in_name = words.clone().any(|word| name.contains(word));
    !name.is_empty() && in_name && words.all(|word| path.contains(word))
}

/// Whether a thing below a grant fits and may be listed there.
fn is_seen(house: &House, person: &Person, (grant, words): (&GrantRow, &str), thing: &str) -> bool {
    let prefix = grant.prefix.as_str();
    let inner = thing.trim_end_matches('/');
    let folder = inner.rfind('/').and_then(|at| inner.get(..=at)).unwrap_or_default();
    let folder = if folder.len() < prefix.len() { prefix } else { folder };
    let path = thing.strip_prefix(prefix).expect("inside");
    fits(path, words) && listable(house, person, grant, folder)
}

/// Every file and folder that fits and that the engine lets be listed.
fn expected(
    house: &House,
    person: &Person,
    world: &World,
    (grants, words): (&[GrantRow], &str),
) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for grant in grants {
        let prefix = grant.prefix.as_str();
        for key in world.keys.iter().filter(|key| key.starts_with(prefix)) {
            let folders = key.match_indices('/').filter_map(|(at, _)| key.get(..=at));
            let folders = folders.filter(|folder| folder.len() > prefix.len());
            let things = folders.chain([key.as_str()]);
            let seen = things.filter(|thing| is_seen(house, person, (grant, words), thing));
            all.extend(seen.map(str::to_owned));
        }
    }
    all
}

/// All that is found, page by page; nothing comes twice.
async fn found(
    house: &House,
    person: &Person,
    (grants, words, limit): (&[GrantRow], &str, usize),
) -> BTreeSet<String> {
    let (mut all, mut cursor) = (BTreeSet::new(), None);
    loop {
        let asked = Search { cursor, limit, ..search(words) };
        let SearchPage { hits, next, complete, .. } =
            house.files.search(person, asked).await.expect("a page");
        assert!(complete && hits.len() <= limit, "{hits:?}");
        assert!(next.is_none() || hits.len() == limit, "a page that is not the last is full");
        for hit in hits {
            let grant = grants.iter().find(|grant| grant.id == hit.location).expect("a grant");
            let key = format!("{}{}", grant.prefix.as_str(), hit.path);
            assert!(all.insert(key.clone()), "{key} came twice");
        }
        match next {
            Some(next) => cursor = Some(next),
            None => return all,
        }
    }
}

#[tokio::test]
async fn what_is_found_is_what_the_engine_lets_be_listed_in_random_worlds() {
    let house = house().await;
    let mut numbers = Numbers(0x5DEE_CE66_D1CE_5EED);
    let (mut shown, mut hidden, mut certain) = (0, 0, 0);
    for n in 0..60 {
        let cookie = house.register(&format!("person {n}")).await;
        let person = house.person(&cookie).await;
        let world = world(&house, &person, &mut numbers).await;
        let grants = house.people.grants_for(&person).await.expect("grants");
        for words in ["a", "b", "report", "txt a", "x", "home"] {
            let limit = 1 + usize::try_from(numbers.below(4)).expect("few");
            let found = found(&house, &person, (&grants, words, limit)).await;
            let expected = expected(&house, &person, &world, (&grants, words));
            assert!(found.is_subset(&expected), "{n} {words}: {found:?} and not {expected:?}");
            assert!(world.unknown || found == expected, "{n} {words}: {found:?} {expected:?}");
            certain += usize::from(!world.unknown);
            let all = world.keys.iter().filter(|key| fits(key, words)).count();
            (shown, hidden) = (shown + found.len(), hidden + all.saturating_sub(found.len()));
        }
    }
    assert!(shown > 500 && hidden > 500 && certain > 50, "{shown} {hidden} {certain}");
}

fn keys(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|key| (*key).to_owned()).collect()
}

#[tokio::test]
async fn nobody_finds_or_counts_what_is_somebody_elses() {
    let house = house().await;
    let (alice, bob) = (house.register("alice").await, house.register("robert").await);
    let uids = [house.uid_of("alice").await, house.uid_of("robert").await];
    let [hers, his] = uids.map(|uid| format!("home/{uid}/plans/merger.txt"));
    holds(&house, &keys(&[&hers, &his, "shared/merger notes.txt", "elsewhere/merger.txt"])).await;
    for (cookie, mine) in [(&alice, &hers), (&bob, &his)] {
        let answer = house.get("/api/v1/search?q=MERGER&limit=1", cookie).await.json();
        let next = answer["next"].as_str().expect("another page");
        let first = answer["results"][0]["path"].clone();
        assert_eq!(first, "plans/merger.txt");
        assert!(mine.ends_with("plans/merger.txt"));
        let next = format!("/api/v1/search?q=merger&limit=1&cursor={next}");
        let answer = house.get(&next, cookie).await.json();
        assert_eq!(answer["results"][0]["path"], "merger notes.txt");
        assert_eq!(answer["results"][0]["matched"], json!([{ "start": 0, "end": 6 }]));
        assert_eq!(answer["next"], Value::Null, "nothing of what is hidden is told");
        assert_eq!(answer["complete"], true);
    }
    let answer = house.get("/api/v1/search?q=plans", &alice).await.json();
    assert_eq!(answer["results"].as_array().expect("results").len(), 1);
    assert_eq!(answer["results"][0]["kind"], "folder");
    assert_eq!(answer["results"][0]["size"], Value::Null);
}

#[tokio::test]
async fn what_the_store_does_not_list_is_not_shown_whatever_is_known_of_policies() {
    let store = Store::start().await;
    let house = House::over(&store.url).await;
    let alice = house.register("alice").await;
    let all =
        ["shared/open/plan.txt", "shared/secret/hidden 2.txt", "shared/secret/a/hidden 3.txt"];
    let many = (0..300).map(|n| format!("shared/open/plan of {n}.txt"));
    holds(&house, &keys(&all).into_iter().chain(many).collect()).await;
    store.holding().unlisted = Some("shared%2Fsecret");
    let answer = house.get("/api/v1/search?q=plan.txt&limit=1", &alice).await.json();
    assert_eq!(answer["results"][0]["path"], "open/plan.txt");
    for query in ["hidden+2.txt", "hidden", "secret/hidden"] {
        let hidden = house.get(&format!("/api/v1/search?q={query}&limit=1"), &alice).await.json();
        let told = (&hidden["results"], &hidden["next"], &hidden["complete"]);
        assert_eq!(told, (&json!([]), &Value::Null, &json!(true)), "{query}");
    }
    // Of one folder the store is asked once, whatever is searched in it, and again a little later.
    let listings = store.holding().listings;
    let page = house.get("/api/v1/search?q=plan+of&limit=200", &alice).await.json();
    assert_eq!(page["results"].as_array().expect("results").len(), 200);
    assert_eq!(store.holding().listings, listings);
    store.holding().unlisted = Some("shared%2F");
    house.pass(jiff::SignedDuration::from_secs(31));
    let page = house.get("/api/v1/search?q=plan", &alice).await.json();
    assert_eq!((&page["results"], &page["next"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn what_the_store_does_not_answer_is_not_shown_and_the_page_is_not_complete() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    holds(&house, &keys(&["shared/plan.txt"])).await;
    let page = house.get("/api/v1/search?q=plan", &alice).await.json();
    let told = (&page["results"], &page["next"], &page["complete"]);
    assert_eq!(told, (&json!([]), &Value::Null, &json!(false)));
}

#[tokio::test]
async fn folders_of_all_locations_together_are_judged_so_many() {
    let house = house().await;
    let alice = house.register("alice").await;
    let person = house.person(&alice).await;
    let statement = json!({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*",
        "Condition": {"StringEquals": {"s3:prefix": "nowhere"}}});
    may_only(&house, &person, &statement).await;
    for (folders, complete) in [(2_000, true), (3_000, false)] {
        let uid = person.uid();
        let below = |n: usize| [format!("shared/{n}/plan"), format!("home/{uid}/{n}/plan")];
        holds(&house, &(0..folders).flat_map(below).collect()).await;
        let page = house.files.search(&person, search("plan")).await.expect("a page");
        assert_eq!((page.hits.len(), page.complete), (0, complete), "{folders}");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_names_the_field_and_the_fix() {
    let house = house().await;
    holds(&house, &keys(&["shared/a.txt"])).await;
    let alice = house.register("alice").await;
    for (query, field, code) in [
        ("", "q", "no-search-words"),
        ("q=%20", "q", "no-search-words"),
        ("q=a+b+c+d+e+f+g+h+i", "q", "search-too-long"),
        ("q=a&kind=song", "kind", "invalid-parameter"),
        ("q=a&size_min=-1", "size_min", "invalid-parameter"),
        ("q=a&size_max=much", "size_max", "invalid-parameter"),
        ("q=a&modified_after=yesterday", "modified_after", "invalid-parameter"),
        ("q=a&modified_before=2026", "modified_before", "invalid-parameter"),
        ("q=a&limit=0", "limit", "invalid-parameter"),
        ("q=a&limit=201", "limit", "invalid-parameter"),
        ("q=a&path=b/", "path", "invalid-parameter"),
        ("q=a&cursor=made-up", "cursor", "cursor-invalid"),
    ] {
        let problem = house.get(&format!("/api/v1/search?{query}"), &alice).await;
        assert_eq!(problem.problem(400, code)["field"], field, "{query}");
    }
    let refused = house.get("/api/v1/search?q=a&location=01arz3ndektsv4rrffq69g5fav", &alice).await;
    refused.problem(404, "no-such-location");
}

#[tokio::test]
async fn filters_and_folders_narrow_what_is_found() {
    let house = house().await;
    let alice = house.register("alice").await;
    let person = house.person(&alice).await;
    holds(&house, &keys(&["shared/x/plan.jpg", "shared/x/plan.txt", "shared/y/plan.txt"])).await;
    let shared = house.location(&alice, "shared/").await;
    let paths = async |asked: Search| -> Vec<String> {
        let page = house.files.search(&person, asked).await.expect("a page");
        page.hits.into_iter().map(|hit| hit.path).collect()
    };
    let kind = Some(SearchKind::Image);
    assert_eq!(paths(Search { kind, ..search("plan") }).await, ["x/plan.jpg"]);
    let size = (Some(8), None);
    assert!(paths(Search { size, ..search("plan") }).await.is_empty());
    let folder = FolderPath::parse("y/").expect("a folder");
    let place = Some((shared, folder));
    assert_eq!(paths(Search { place, ..search("plan") }).await, ["y/plan.txt"]);
    assert_eq!(paths(search("y")).await, ["y/"], "a folder is found by its own name");
}

#[tokio::test]
async fn a_token_that_may_not_list_finds_nothing_and_whoever_searches_much_waits() {
    let house = house().await;
    let alice = house.register("alice").await;
    holds(&house, &keys(&["shared/plan.txt"])).await;
    let shared = house.location(&alice, "shared/").await;
    let form = json!({ "name": "t", "locations": [shared], "actions": ["read"] });
    let made = house.post("/api/v1/tokens", &alice, form).await.json();
    let secret = made["secret"].as_str().expect("a token");
    let told = by_token(&house, Method::GET, "/api/v1/search?q=plan", (secret, None)).await;
    assert_eq!((told.status.as_u16(), &told.json()["results"]), (200, &json!([])));
    for _ in 0..29 {
        assert_eq!(house.get("/api/v1/search?q=plan", &alice).await.status, 200);
    }
    let refused = house.get("/api/v1/search?q=plan", &alice).await;
    refused.problem(429, "too-many-requests");
    house.pass(jiff::SignedDuration::from_secs(1));
    assert_eq!(house.get("/api/v1/search?q=plan", &alice).await.status, 200);
}

#[tokio::test]
async fn administrators_alone_see_the_index_and_have_it_made_anew() {
    let house = house().await;
    let alice = house.register("alice").await;
    holds(&house, &keys(&["shared/plan.txt", "b"])).await;
    house.get("/api/v1/search/index", &alice).await.problem(403, "not-administrator");
    house.post("/api/v1/search/rebuild", &alice, json!({})).await.problem(403, "not-administrator");
    let index = house.get("/api/v1/search/index", &house.admin).await.json();
    assert_eq!((&index["names"], &index["complete"]), (&json!(2), &json!(true)));
    assert_eq!(house.post("/api/v1/search/rebuild", &house.admin, json!({})).await.status, 202);
    let trail = house.get("/api/v1/audit", &house.admin).await;
    assert!(trail.body.contains("had the index of names made anew"), "{}", trail.body);
    let wanted = house.files.search_index().rebuild_wanted();
    tokio::time::timeout(std::time::Duration::from_secs(5), wanted).await.expect("it is wanted");
}
