//! What persons watch: told by mail, of what they may list when it is told, once, and in one letter.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use wh_files::ActivityKind;
use wh_ledger::{ActivityBy, ActivityRow, RowId, WatchLanguage, WatchRhythm, WatchRow};
use wh_names::Entropy;

use super::access::by_token;
use super::house::House;
use super::search::{Numbers, house, may_only, world};
use super::store::Store;

/// How long what happens is gathered.
const GATHER: SignedDuration = SignedDuration::from_mins(15);

impl House {
    /// Somebody whose address is confirmed, by their cookie.
    async fn reached(&self, name: &str) -> String {
        let cookie = self.register(name).await;
        self.confirm_address(name).await;
        self.letters().await;
        cookie
    }

    /// Watches; the id comes back.
    async fn watches(&self, who: &str, location: &str, path: &str) -> String {
        let form = json!({ "location": location, "path": path });
        let made = self.post("/api/v1/watches", who, form).await;
        assert_eq!(made.status, 201, "{path}: {}", made.body);
        made.json()["id"].as_str().expect("an id").to_owned()
    }

    /// Something happens to these keys now.
    async fn happens(&self, by: &ActivityBy, keys: &[&str]) {
        let (bucket, at) = ("wellhouse-files".to_owned(), self.now());
        let rows = keys.iter().map(|key| ActivityRow {
            id: RowId::generate(at, &drawn()),
            at,
            kind: ActivityKind::Added,
            bucket: bucket.clone(),
            key: (*key).to_owned(),
            by: by.clone(),
        });
        self.ledger.note_activity(&rows.collect::<Vec<_>>()).await.expect("written");
    }

    async fn tells(&self) -> usize {
        self.files.tell_watchers(GATHER).await.expect("told")
    }

    /// What was written to whom, and is sent by that.
    async fn letters(&self) -> Vec<(String, String)> {
        let mut letters = Vec::new();
        while let Some(mail) = self.mail().await {
            letters.push((mail.recipient, mail.body));
        }
        letters
    }
}

/// Another for each: what happens at one moment has names of its own.
fn drawn() -> Entropy {
    static DRAWN: AtomicU64 = AtomicU64::new(1);
    let n = DRAWN.fetch_add(1, Ordering::Relaxed);
    Entropy::new(move |bytes| {
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = n.to_le_bytes()[at % 8];
        }
    })
}

fn address(name: &str) -> String {
    format!("{name}@example.org")
}

async fn watched(house: &House, who: &str) -> Value {
    house.get("/api/v1/watches", who).await.json()
}

#[tokio::test]
async fn one_letter_tells_what_others_did_for_a_while_and_how_to_end_it() {
    let house = house().await;
    let (alice, robert) = (house.reached("alice").await, house.uid_of("root").await);
    let shared = house.location(&alice, "shared/").await;
    let id = house.watches(&alice, &shared, "plans/").await;
    let (his, hers) = (ActivityBy::Person(robert), ActivityBy::Person(house.uid_of("alice").await));
    house.happens(&his, &["shared/plans/a.txt", "shared/other.txt"]).await;
    house.happens(&hers, &["shared/plans/hers.txt"]).await;
    assert_eq!(house.tells().await, 0, "it is gathered");
    house.pass(SignedDuration::from_mins(14));
    house.happens(&his, &["shared/plans/deep/b.txt"]).await;
    assert_eq!(house.tells().await, 0, "it is gathered still");
    house.pass(SignedDuration::from_mins(1));
    assert_eq!(house.tells().await, 1);
    let [(to, body)] = &house.letters().await[..] else { panic!("one letter") };
    assert_eq!(*to, address("alice"));
    for expected in [
        "\"root\" added \"a.txt\" in \"plans/\"",
        "\"root\" added \"b.txt\" in \"plans/deep/\"",
        &format!("https://files.example.org/files/{shared}/plans\n"),
        &format!("https://files.example.org/watches?end={id}\n"),
    ] {
        assert!(body.contains(expected), "{expected}: {body}");
    }
    assert!(!body.contains("hers") && !body.contains("other.txt"), "{body}");
    // What comes after it is told a quarter of an hour after the letter.
    house.happens(&his, &["shared/plans/c.txt"]).await;
    house.pass(SignedDuration::from_mins(14));
    assert_eq!((house.tells().await, house.letters().await), (0, vec![]));
    house.pass(SignedDuration::from_mins(1));
    assert_eq!(house.tells().await, 1);
    let letters = house.letters().await;
    assert!(letters[0].1.contains("\"c.txt\"") && !letters[0].1.contains("a.txt"), "{letters:?}");
    house.pass(GATHER);
    assert_eq!(house.tells().await, 0, "once");
}

#[tokio::test]
async fn what_is_told_is_what_may_be_listed_when_it_is_told() {
    let store = Store::start().await;
    let house = House::over(&store.url).await;
    let alice = house.reached("alice").await;
    let shared = house.location(&alice, "shared/").await;
    house.watches(&alice, &shared, "").await;
    let person = house.person(&alice).await;
    house.happens(&ActivityBy::Rule, &["shared/open/x", "shared/secret/hidden.txt"]).await;
    // The store has the last word.
    store.holding().unlisted = Some("shared%2Fsecret");
    house.pass(GATHER);
    assert_eq!(house.tells().await, 1);
    let letters = house.letters().await;
    assert!(letters[0].1.contains("\"x\"") && !letters[0].1.contains("hidden"), "{letters:?}");
    assert!(!letters[0].1.contains("secret"), "nor what the folder is called: {letters:?}");
    // Rights that end between what happens and the letter.
    house.happens(&ActivityBy::Rule, &["shared/open/later"]).await;
    let few = json!({ "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*" });
    may_only(&house, &person, &few).await;
    house.pass(GATHER);
    assert_eq!((house.tells().await, house.letters().await), (0, vec![]));
    assert_eq!(watched(&house, &alice).await["watches"][0]["state"], "not-listed");
    let all = json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" });
    may_only(&house, &person, &all).await;
    house.pass(GATHER);
    assert_eq!((house.tells().await, house.letters().await), (0, vec![]), "it is forgotten");
    assert_eq!(watched(&house, &alice).await["watches"][0]["state"], "standing");
}

#[tokio::test]
async fn what_the_store_does_not_answer_waits_and_nothing_is_lost() {
    let store = Store::start().await;
    let house = House::over(&store.url).await;
    let alice = house.reached("alice").await;
    let shared = house.location(&alice, "shared/").await;
    house.watches(&alice, &shared, "").await;
    house.happens(&ActivityBy::Rule, &["shared/x"]).await;
    store.holding().assumes_nothing = true;
    house.pass(GATHER);
    assert_eq!((house.tells().await, house.letters().await), (0, vec![]));
    store.holding().assumes_nothing = false;
    assert_eq!(house.tells().await, 0, "it is not asked at once again");
    house.pass(SignedDuration::from_mins(5));
    assert_eq!(house.tells().await, 1);
    assert!(house.letters().await[0].1.contains("\"x\""));
}

#[tokio::test]
async fn a_round_ends_where_the_store_does_not_answer_and_the_next_goes_on() {
    let store = Store::start().await;
    let house = House::over(&store.url).await;
    for name in ["alice", "claire"] {
        let who = house.reached(name).await;
        let shared = house.location(&who, "shared/").await;
        house.watches(&who, &shared, "").await;
    }
    house.happens(&ActivityBy::Rule, &["shared/x"]).await;
    store.holding().assumes_nothing = true;
    house.pass(GATHER);
    for left in [1, 0] {
        assert_eq!(house.tells().await, 0);
        let (now, gathered) = (house.now(), house.now() - GATHER);
        let due = house.ledger.watchers_due((now, gathered), 9).await.expect("read");
        assert_eq!(due.len(), left, "one was asked for");
    }
    store.holding().assumes_nothing = false;
    house.pass(SignedDuration::from_mins(5));
    assert_eq!((house.tells().await, house.letters().await.len()), (2, 2));
}

#[tokio::test]
async fn a_grant_that_ended_ends_the_news_and_is_said() {
    let house = house().await;
    let alice = house.reached("alice").await;
    let path = format!("/api/v1/people/{}/grants", house.uid_of("alice").await);
    let ends = (house.now() + SignedDuration::from_mins(30)).to_string();
    let grant = json!({ "role": "S3AccessRole", "prefix": "team/", "title": "Team", "ends": ends });
    let given = house.post(&path, &house.admin, grant).await;
    assert_eq!(given.status, 201, "{}", given.body);
    let team = house.location(&alice, "team/").await;
    let id = house.watches(&alice, &team, "").await;
    house.happens(&ActivityBy::Rule, &["team/x"]).await;
    house.pass(SignedDuration::from_mins(31));
    assert_eq!((house.tells().await, house.letters().await), (0, vec![]));
    let all = watched(&house, &alice).await;
    assert_eq!(
        (&all["watches"][0]["id"], &all["watches"][0]["state"]),
        (&json!(id), &json!("not-granted"))
    );
    let end = format!("/api/v1/watches/{id}");
    assert_eq!(house.ask(Method::DELETE, &end, &alice, None).await.status, 204);
    house.ask(Method::DELETE, &end, &alice, None).await.problem(404, "no-such-watch");
}

#[tokio::test]
async fn whoever_is_shut_out_or_has_no_address_is_told_nothing() {
    let house = house().await;
    for name in ["alice", "claire"] {
        let who = house.reached(name).await;
        let shared = house.location(&who, "shared/").await;
        house.watches(&who, &shared, "").await;
    }
    house.happens(&ActivityBy::Rule, &["shared/x"]).await;
    let alice = house.uid_of("alice").await;
    house.ledger.remove_email(&alice).await.expect("removed");
    house.shut_out("claire").await;
    house.pass(GATHER);
    house.letters().await;
    assert_eq!((house.tells().await, house.letters().await), (0, vec![]));
    let later = house.now() + SignedDuration::from_hours(1);
    let news = house.ledger.watch_news(&alice, later, 9).await.expect("read");
    assert_eq!(news, [], "nothing waits for them");
}

#[tokio::test]
async fn two_nodes_at_the_same_time_write_one_letter() {
    let house = house().await;
    let alice = house.reached("alice").await;
    let shared = house.location(&alice, "shared/").await;
    house.watches(&alice, &shared, "").await;
    for round in 0..10 {
        house.happens(&ActivityBy::Rule, &[&format!("shared/{round}")]).await;
        house.pass(GATHER);
        let (one, other) = tokio::join!(house.tells(), house.tells());
        assert_eq!((one + other, house.letters().await.len()), (1, 1), "{round}");
    }
}

#[tokio::test]
async fn more_than_one_letter_looks_at_is_told_as_more_and_never_lags() {
    let house = house().await;
    let alice = house.reached("alice").await;
    let shared = house.location(&alice, "shared/").await;
    let form = json!({ "location": shared, "rhythm": "daily" });
    assert_eq!(house.post("/api/v1/watches", &alice, form).await.status, 201);
    let day = SignedDuration::from_hours(24);
    for (count, more) in [(2_001, false), (10_050, true)] {
        let keys: Vec<String> = (0..count).map(|n| format!("shared/{n}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        house.happens(&ActivityBy::Rule, &keys).await;
        house.pass(day);
        assert_eq!(house.tells().await, 1, "{count}");
        let letters = house.letters().await;
        let [(_, body)] = &letters[..] else { panic!("one letter: {}", letters.len()) };
        assert_eq!(body.contains("https://files.example.org/activity\n"), more, "{body}");
        assert_eq!(counted(body), count.min(10_000), "{body}");
        // The next day tells of the next day alone.
        house.happens(&ActivityBy::Rule, &["shared/next"]).await;
        house.pass(day);
        assert_eq!(house.tells().await, 1);
        let letters = house.letters().await;
        assert!(letters[0].1.contains("\"next\"") && counted(&letters[0].1) == 1, "{letters:?}");
        house.pass(day);
        assert_eq!((house.tells().await, house.letters().await), (0, vec![]));
    }
}

#[tokio::test]
async fn what_lies_in_two_watches_of_different_rhythms_is_told_once() {
    let house = house().await;
    let alice = house.reached("alice").await;
    let shared = house.location(&alice, "shared/").await;
    house.watches(&alice, &shared, "plans/").await;
    // The newest is told by its moment.
    house.pass(SignedDuration::from_secs(1));
    let form = json!({ "location": shared, "path": "", "rhythm": "daily", "language": "de" });
    assert_eq!(house.post("/api/v1/watches", &alice, form).await.status, 201);
    house.happens(&ActivityBy::Rule, &["shared/plans/a.txt"]).await;
    house.pass(GATHER);
    assert_eq!(house.tells().await, 1);
    let letters = house.letters().await;
    assert!(letters[0].1.contains(" added \"a.txt\""), "{letters:?}");
    house.pass(SignedDuration::from_hours(24));
    assert_eq!((house.tells().await, house.letters().await), (0, vec![]), "it was told");
    house.happens(&ActivityBy::Rule, &["shared/plans/b.txt", "shared/c.txt"]).await;
    house.pass(SignedDuration::from_hours(24));
    assert_eq!(house.tells().await, 1);
    let letters = house.letters().await;
    assert_eq!(letters[0].1.matches("b.txt").count(), 1, "of the innermost: {letters:?}");
    assert!(letters[0].1.contains("hinzugefügt"), "as the newest watch says: {letters:?}");
}

#[tokio::test]
async fn a_token_that_may_not_list_knows_of_no_watch_and_ends_none() {
    let house = house().await;
    let alice = house.reached("alice").await;
    let shared = house.location(&alice, "shared/").await;
    let id = house.watches(&alice, &shared, "").await;
    for (action, count, ends) in [("write", 0, 404_u16), ("list", 1, 204)] {
        let form = json!({ "name": "watch", "locations": [shared], "actions": [action] });
        let made = house.post("/api/v1/tokens", &alice, form).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let secret = made.json()["secret"].as_str().expect("a secret").to_owned();
        let all =
            by_token(&house, Method::GET, "/api/v1/watches", (secret.as_str(), None)).await.json();
        assert_eq!(all["watches"].as_array().expect("a list").len(), count, "{action}: {all}");
        let end = format!("/api/v1/watches/{id}");
        let ended = by_token(&house, Method::DELETE, &end, (secret.as_str(), None)).await;
        assert_eq!(ended.status, ends, "{action}: {}", ended.body);
    }
}

#[tokio::test]
async fn what_is_refused_says_why() {
    let house = house().await;
    let alice = house.reached("alice").await;
    let home = house.location(&alice, "home/").await;
    let refused = async |form: Value, status: u16, code: &str| {
        house.post("/api/v1/watches", &alice, form).await.problem(status, code);
    };
    refused(json!({ "location": "none" }), 404, "no-such-location").await;
    refused(json!({ "location": home, "path": "../a/" }), 400, "path-dot-segment").await;
    refused(json!({ "location": home, "path": "a/".repeat(600) }), 400, "path-too-long").await;
    refused(json!({ "location": home, "rhythm": "hourly" }), 400, "invalid-body").await;
    for n in 0..100 {
        house.watches(&alice, &home, &format!("{n}/")).await;
        house.pass(SignedDuration::from_secs(1));
    }
    refused(json!({ "location": home, "path": "more/" }), 409, "too-many-watches").await;
    house.watches(&alice, &home, "7/").await;
    let claire = house.register("claire").await;
    let hers = json!({ "location": house.location(&claire, "home/").await });
    house.post("/api/v1/watches", &claire, hers).await.problem(409, "watch-no-address");
    assert_eq!(watched(&house, &claire).await, json!({ "watches": [], "mail": "no-address" }));
    let person = house.person(&alice).await;
    let few = json!({ "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*" });
    may_only(&house, &person, &few).await;
    refused(json!({ "location": home, "path": "7/" }), 403, "access-denied").await;
    // What depends on where the store is asked from is not told, and nobody is promised it.
    let office = json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } });
    let there =
        json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": office });
    may_only(&house, &person, &there).await;
    refused(json!({ "location": home, "path": "7/" }), 403, "watch-not-certain").await;
    assert_eq!(watched(&house, &alice).await["watches"][0]["state"], "not-listed");
}

#[tokio::test]
async fn a_house_without_mail_says_so_and_tells_nothing() {
    let house = House::without_mail().await;
    let alice = house.register("alice").await;
    let home = house.location(&alice, "home/").await;
    let refused = house.post("/api/v1/watches", &alice, json!({ "location": home })).await;
    refused.problem(409, "watch-mail-not-set-up");
    assert_eq!(watched(&house, &alice).await["mail"], "not-set-up");
    assert_eq!(house.tells().await, 0);
}

/// What a watch of a time when there was mail has to tell does not pile up.
#[tokio::test]
async fn what_happened_long_before_mail_was_set_up_again_is_forgotten() {
    let house = House::without_mail().await;
    let alice = house.register("alice").await;
    let (uid, now) = (house.uid_of("alice").await, house.now());
    let grant = RowId::parse(&house.location(&alice, "home/").await).expect("an id");
    let watch = WatchRow {
        id: RowId::generate(now, &drawn()),
        grant,
        path: String::new(),
        bucket: "wellhouse-files".to_owned(),
        key: String::new(),
        rhythm: WatchRhythm::Daily,
        language: WatchLanguage::English,
        created_at: now,
        next_at: now,
    };
    assert!(house.ledger.put_watch(&uid, &watch, 9).await.expect("written"));
    house.happens(&ActivityBy::Rule, &["old"]).await;
    house.pass(SignedDuration::from_hours(47));
    house.happens(&ActivityBy::Rule, &["new"]).await;
    let news = async || {
        let news = house.ledger.watch_news(&uid, house.now(), 9).await.expect("read");
        news.into_iter().map(|one| one.row.key).collect::<Vec<_>>()
    };
    assert_eq!((house.tells().await, news().await.len()), (0, 2));
    house.pass(SignedDuration::from_hours(2));
    assert_eq!((house.tells().await, news().await), (0, vec!["new".to_owned()]));
}

/// What the page of activity shows is what the letter tells, in worlds of random policies.
#[tokio::test]
async fn a_letter_tells_what_the_page_of_activity_shows_in_random_worlds() {
    let house = house().await;
    let mut numbers = Numbers(0x0BAD_5EED_D1CE_5EED);
    let (mut told, mut hidden) = (0, 0);
    for n in 0..40 {
        let cookie = house.reached(&format!("person{n}")).await;
        let person = house.person(&cookie).await;
        let world = world(&house, &person, &mut numbers).await;
        let mut watching = 0;
        for grant in house.people.grants_for(&person).await.expect("grants") {
            let form = json!({ "location": grant.id.to_string() });
            let made = house.post("/api/v1/watches", &cookie, form).await;
            watching += usize::from(made.status == 201);
        }
        let keys: Vec<&str> = world.keys.iter().map(String::as_str).collect();
        house.ledger.sweep_activity(house.now(), 0).await.expect("forgotten");
        house.happens(&ActivityBy::Rule, &keys).await;
        house.pass(GATHER);
        house.tells().await;
        let letters = house.letters().await;
        let mine = letters.iter().find(|(to, _)| *to == address(&format!("person{n}")));
        let shown = shown(&house, &cookie).await;
        let count = mine.map_or(0, |(_, body)| counted(body));
        if watching == house.people.grants_for(&person).await.expect("grants").len() {
            assert_eq!(count, shown, "{n}: {mine:?}");
        }
        assert!(count <= shown, "{n}: {mine:?}");
        (told, hidden) = (told + count, hidden + keys.len() - shown);
    }
    assert!(told > 50 && hidden > 50, "{told} {hidden}");
}

/// How much the page of activity shows.
async fn shown(house: &House, who: &str) -> usize {
    let page = house.get("/api/v1/activity?limit=100", who).await.json();
    let entries = page["entries"].as_array().expect("entries").iter();
    entries.map(|one| usize::try_from(one["count"].as_u64().expect("n")).expect("few")).sum()
}

/// How much a letter tells of.
fn counted(body: &str) -> usize {
    let lines = body.lines().filter_map(|line| line.strip_prefix("- "));
    let count = |line: &str| -> usize {
        let more = line.split(" and ").nth(1).or(line.strip_prefix("and "));
        let more = more.and_then(|more| more.split(' ').next()?.parse::<usize>().ok());
        let named = line.split_once(" added ").map_or(0, |(_, names)| {
            let names = names.split(" in \"").next().unwrap_or_default();
            names.matches('"').count() / 2
        });
        named + more.unwrap_or(0)
    };
    lines.map(count).sum()
}
