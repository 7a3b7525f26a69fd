//! Two persons in one house: no id of the one opens anything to the other, in whatever place it is
//! named.

use axum::http::Method;
use serde_json::{Value, json};
use wh_names::Uid;

use crate::tests::doors::routes;
use crate::tests::house::House;
use crate::tests::store::{CRC, Store};

/// What alice has, which bob would like.
struct Alice {
    cookie: String,
    uid: Uid,
    location: String,
    upload: String,
    key: String,
    job: String,
}

impl Alice {
    async fn settle(house: &House) -> Self {
        let cookie = house.register("alice").await;
        let uid = house.uid_of("alice").await;
        let location = house.location(&cookie, "home/").await;
        let begin = json!({ "location": location, "path": "a.txt", "size": 9,
            "content_type": "text/plain", "last_modified": 1, "conflict": "replace" });
        let upload = house.post("/api/v1/uploads", &cookie, begin).await;
        assert_eq!(upload.status, 201, "{}", upload.body);
        let upload = upload.json()["id"].as_str().expect("an id").to_owned();
        let form = json!({ "name": "backup", "location": location, "days": 1, "actions": null,
            "password": crate::tests::house::PASSWORD });
        let made = house.post("/api/v1/keys", &cookie, form).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let key = made.json()["key"]["id"].as_str().expect("an id").to_owned();
        let job = body_of("/jobs", &location).expect("a body");
        let made = house.post("/api/v1/jobs", &cookie, job).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let job = made.json()["id"].as_str().expect("an id").to_owned();
        Self { cookie, uid, location, upload, key, job }
    }

    fn ids(&self) -> [&str; 5] {
        [self.uid.as_str(), &self.location, &self.upload, &self.key, &self.job]
    }

    /// All that she is told of what she has.
    async fn sees(&self, house: &House) -> Vec<Value> {
        let mut seen = Vec::new();
        for path in [
            "/api/v1/session",
            "/api/v1/locations",
            "/api/v1/uploads",
            "/api/v1/keys",
            "/api/v1/jobs",
        ] {
            let answer = house.get(path, &self.cookie).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            seen.push(answer.json());
        }
        seen
    }
}

async fn neighbours() -> (Store, House, Alice, String) {
    let store = Store::start().await;
    let house = House::over(&store.url).await;
    let alice = Alice::settle(&house).await;
    let bob = house.register("robert").await;
    (store, house, alice, bob)
}

/// A body that could stand, so that what is refused is the id.
fn body_of(path: &str, location: &str) -> Option<Value> {
    let upload = json!({ "location": location, "path": "b.txt", "size": 9, "content_type": "",
        "last_modified": 1, "conflict": "replace" });
    let key = json!({ "name": "k", "location": location, "days": 1, "actions": null,
        "password": crate::tests::house::PASSWORD });
    let part = json!({ "parts": [{ "n": 1, "size": 9, "crc": CRC }] });
    let grant = json!({ "role": "AdminRole", "prefix": "", "title": "All" });
    let bodies = [
        ("/uploads", upload),
        ("/keys", key),
        ("/parts", part),
        ("/complete", json!({ "crc": CRC })),
        ("/folders", json!({ "path": "b/" })),
        ("/delete", json!({ "paths": ["a.txt"] })),
        (
            "/puts",
            json!({ "files": [{ "path": "a.txt", "size": 9, "content_type": "", "crc": CRC }] }),
        ),
        ("/tags", json!({ "path": "a.txt", "tags": [] })),
        ("/metadata", json!({ "path": "a.txt", "etag": "0", "content_type": "", "metadata": {} })),
        ("/versions", json!({ "path": "a.txt", "version": "0", "over": null })),
        ("/downloads", json!({ "path": "a.txt" })),
        ("/archives", json!({ "paths": ["a.txt"] })),
        ("/access-requests", json!({ "path": "", "action": "s3:PutObject" })),
        ("/links", json!({ "location": location, "path": "a.txt" })),
        ("/jobs", json!({ "kind": "delete", "location": location, "paths": ["a.txt"] })),
        ("/give", json!({})),
        ("/decline", json!({})),
        ("/grants", grant),
        ("/credentials", json!({ "location": location })),
        ("/answer", json!({ "state": "0" })),
    ];
    let named = path.contains("/passkeys/").then(|| json!({ "name": "Key" }));
    let leaves = path.contains("/providers/") || path.contains("/identities/");
    let others = named.or(leaves.then(|| json!({})));
    bodies.into_iter().find(|(end, _)| path.ends_with(end)).map(|(_, body)| body).or(others)
}

fn query_of(path: &str) -> &'static str {
    let of_links = path.contains("/locations/") && path.ends_with("/links");
    if path.ends_with("/explain") {
        "?action=s3:GetObject"
    } else if path.ends_with("/properties") || path.ends_with("/versions") || of_links {
        "?path=a.txt"
    } else if path.ends_with("/past") {
        "?at=2026-01-01T00:00:00Z"
    } else {
        ""
    }
}

/// Vaultwarden: an id of another organisation was taken in the place of one's own. Each of alice's
/// ids, by bob, in each place of an address that takes an id.
#[tokio::test]
async fn ghsa_xwf8_no_id_of_one_person_opens_a_route_to_another() {
    let (store, house, alice, bob) = neighbours().await;
    let before = alice.sees(&house).await;
    let assumed = store.holding().assumed;
    let mut asked = 0;
    let placed = "01arz3ndektsv4rrffq69g5fav";
    for route in routes().into_iter().filter(|route| route.path.contains(placed)) {
        for id in alice.ids() {
            let path = route.path.replace(placed, id);
            let query = query_of(&path);
            let takes = matches!(route.method, Method::POST | Method::PUT | Method::PATCH);
            let body = takes.then(|| body_of(&path, &alice.location)).flatten();
            let address = format!("{path}{query}");
            let answer = house.ask(route.method.clone(), &address, &bob, body).await;
            let refused = [403, 404].contains(&answer.status.as_u16());
            let parsed = answer.json()["code"] == "invalid-id" || answer.status == 400;
            assert!(
                refused || parsed,
                "{} {path}: {} {}",
                route.method,
                answer.status,
                answer.body
            );
            assert!(!answer.body.contains("a.txt"), "{path} tells: {}", answer.body);
            asked += 1;
        }
    }
    assert!(asked > 60, "{asked}");
    assert_eq!(store.holding().assumed, assumed, "the store was asked in alice's name");
    assert_eq!(alice.sees(&house).await, before, "something of alice's was changed");
}

/// Vaultwarden: the second id, in the body, was not looked at. Alice's location in the bodies that
/// name one.
#[tokio::test]
async fn ghsa_569v_no_body_names_the_location_of_another() {
    let (store, house, alice, bob) = neighbours().await;
    let assumed = store.holding().assumed;
    for path in ["/api/v1/uploads", "/api/v1/keys", "/api/v1/jobs", "/api/v1/links"] {
        let body = body_of(path, &alice.location).expect("a body");
        house.post(path, &bob, body).await.problem(404, "no-such-location");
    }
    assert_eq!(house.get("/api/v1/uploads", &bob).await.json()["uploads"], json!([]));
    assert_eq!(house.get("/api/v1/keys", &bob).await.json()["keys"], json!([]));
    assert_eq!(store.holding().assumed, assumed);
}

/// Vaultwarden: what was listed held others' things. No list of bob's holds any id of alice's.
#[tokio::test]
async fn ghsa_h265_no_list_holds_what_is_anothers() {
    let (_store, house, alice, bob) = neighbours().await;
    for route in routes().into_iter().filter(|route| route.method == Method::GET) {
        let answer = house.get(&route.path, &bob).await;
        for id in alice.ids() {
            assert!(!answer.body.contains(id), "{} tells bob of {id}", route.path);
        }
    }
}

/// Pydio Cells: the folders of others could be changed. No verb on a folder of alice's is bob's, and
/// the store is not even asked.
#[tokio::test]
async fn cve_2023_2980_nobody_changes_a_folder_of_another() {
    let (store, house, alice, bob) = neighbours().await;
    let assumed = store.holding().assumed;
    let verbs = ["folders", "delete", "downloads"].into_iter();
    let paths = verbs.map(|verb| format!("/api/v1/locations/{}/{verb}", alice.location));
    for path in paths.chain(["/api/v1/credentials".to_owned()]) {
        let body = body_of(&path, &alice.location);
        house.ask(Method::POST, &path, &bob, body).await.problem(404, "no-such-location");
    }
    assert_eq!(store.holding().assumed, assumed);
    // From one's own, no path leads there.
    let own = house.location(&bob, "home/").await;
    for path in [format!("../{}/a.txt", alice.uid), format!("/home/{}/a.txt", alice.uid)] {
        let link = format!("/api/v1/locations/{own}/downloads");
        let answer = house.post(&link, &bob, json!({ "path": path })).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.body);
    }
}

/// File Browser: an upload was deleted by whoever knew its id. It is its person's alone, to look at,
/// to sign for, to finish and to give up.
#[tokio::test]
async fn cve_2026_29188_an_upload_is_given_up_by_its_person_alone() {
    let (store, house, alice, bob) = neighbours().await;
    let path = format!("/api/v1/uploads/{}", alice.upload);
    for cookie in [&bob, &house.admin] {
        house.get(&path, cookie).await.problem(404, "no-such-upload");
        let given_up = house.ask(Method::DELETE, &path, cookie, None).await;
        given_up.problem(404, "no-such-upload");
        for verb in ["parts", "complete"] {
            let path = format!("{path}/{verb}");
            let body = body_of(&path, &alice.location).expect("a body");
            house.post(&path, cookie, body).await.problem(404, "no-such-upload");
        }
    }
    assert!(store.holding().parts.is_some(), "the upload is still open in the store");
    assert_eq!(house.ask(Method::DELETE, &path, &alice.cookie, None).await.status, 204);
    assert!(store.holding().parts.is_none());
}

/// File Browser: an upload of a negative length. Sizes are whole numbers, and parts add up.
#[tokio::test]
async fn cve_2026_32759_no_size_is_below_nothing() {
    let (_store, house, alice, _bob) = neighbours().await;
    let begin = |size: Value| {
        let mut form = body_of("/uploads", &alice.location).expect("a body");
        form["size"] = size;
        form
    };
    let sizes = [json!(-1), json!(-9.0), json!(1.5), json!("9"), json!(1e300), json!(null)];
    for size in sizes {
        let shown = size.to_string();
        let answer = house.post("/api/v1/uploads", &alice.cookie, begin(size)).await;
        assert_eq!(answer.problem(400, "invalid-body")["status"], 400, "{shown}");
    }
    let parts = format!("/api/v1/uploads/{}/parts", alice.upload);
    for (n, size) in [(json!(-1), json!(9)), (json!(1), json!(-9)), (json!(1.5), json!(9))] {
        let part = json!({ "parts": [{ "n": n, "size": size, "crc": CRC }] });
        house.post(&parts, &alice.cookie, part).await.problem(400, "invalid-body");
    }
    for (n, size) in [(0, 9), (2, 9), (1, 8), (1, 10), (10_001, 9)] {
        let part = json!({ "parts": [{ "n": n, "size": size, "crc": CRC }] });
        let answer = house.post(&parts, &alice.cookie, part).await;
        assert_eq!(answer.status, 400, "part {n} of {size}: {}", answer.body);
    }
}

/// RustFS: whoever could make a key made it with more than they had. A key is for what its person has
/// been given, and to narrow, never to widen.
#[tokio::test]
async fn ghsa_5354_a_key_opens_no_more_than_its_person_has() {
    let (_store, house, alice, bob) = neighbours().await;
    let root = house.location(&house.admin, "").await;
    let form = |location: &str, actions: Value| {
        json!({ "name": "k", "location": location, "days": 1, "actions": actions,
            "password": crate::tests::house::PASSWORD })
    };
    for location in [root.as_str(), &alice.location, alice.uid.as_str(), &alice.key] {
        let answer = house.post("/api/v1/keys", &bob, form(location, Value::Null)).await;
        answer.problem(404, "no-such-location");
    }
    let own = house.location(&bob, "home/").await;
    for actions in
        [json!(["iam:*"]), json!(["*"]), json!(["sts:AssumeRole"]), json!(["s3:*", "iam:X"])]
    {
        let shown = actions.to_string();
        let answer = house.post("/api/v1/keys", &bob, form(&own, actions)).await;
        assert_eq!(answer.problem(400, "key-actions-invalid")["field"], "actions", "{shown}");
    }
    let mut for_alice = form(&own, Value::Null);
    for_alice["uid"] = json!(alice.uid.as_str());
    house.post("/api/v1/keys", &bob, for_alice).await.problem(400, "invalid-body");
}
