//! Changes of access: shown before they are made, made as they were shown, refused by guard rails.

use axum::http::Method;
use serde_json::{Value, json};
use wh_people::{GrantForm, GrantSubject, ProvenAdministrator};

use super::house::House;
use crate::changes::{WEIGHING_MAX, stands, weigh};
use crate::routes::changes::{enforced, made};
use crate::routes::grants;

const CHANGES: &str = "/api/v1/changes";
const PREVIEW: &str = "/api/v1/changes/preview";

/// The permissions of a role as they are in force, with one more statement.
pub(super) async fn with(house: &House, role: &str, statement: Value) -> Value {
    let mut document = permissions(house, role).await;
    document["Statement"].as_array_mut().expect("statements").push(statement);
    json!({ "kind": "permissions", "role": role, "document": document.to_string() })
}

async fn permissions(house: &House, role: &str) -> Value {
    let roles = house.get("/api/v1/roles", &house.admin).await.json();
    let all = roles["roles"].as_array().expect("roles");
    let found = all.iter().find(|one| one["name"] == role).expect("the role");
    let text = found["policies"][0]["document"].as_str().expect("text");
    serde_json::from_str(text).expect("JSON")
}

pub(super) async fn seen(house: &House, change: &Value) -> Value {
    let answer = house.post(PREVIEW, &house.admin, json!({ "change": change })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

pub(super) fn order(change: &Value, seen: &Value) -> Value {
    json!({ "change": change, "digest": seen["digest"], "note": "as agreed" })
}

/// The actions of all differences below `persons[..][side]`, each once.
fn actions(set: &Value, side: &str) -> Vec<String> {
    let persons = set["persons"].as_array().expect("persons").iter();
    let places = persons.flat_map(|one| one[side].as_array().expect("places"));
    let all = places.flat_map(|place| place["differences"].as_array().expect("differences"));
    let mut all: Vec<String> =
        all.map(|one| one["action"].as_str().expect("an action").to_owned()).collect();
    all.sort();
    all.dedup();
    all
}

async fn allowed(house: &House, uid: &str, action: &str, key: &str) -> bool {
    let form = json!({ "who": { "kind": "person", "uid": uid }, "action": action, "key": key });
    house.post("/api/v1/simulations", &house.admin, form).await.json()["allowed"] == true
}

/// The worked example of README.md.
#[tokio::test]
async fn an_administrator_gives_too_much_and_then_less() {
    let house = House::new().await;
    house.register("alice").await;
    let uid = house.uid_of("alice").await.to_string();
    let bucket = permissions(&house, "RegularUserRole").await["Statement"][0]["Resource"].clone();
    let shared = format!("{}/shared/*", bucket.as_str().expect("the bucket's ARN"));
    let too_much =
        json!({ "Sid": "Team", "Effect": "Allow", "Action": "s3:*", "Resource": shared });
    let change = with(&house, "RegularUserRole", too_much).await;
    let set = seen(&house, &change).await;
    assert_eq!(set["warnings"], json!(["new-write", "everyone"]));
    // The administrator has all of it already, by another grant.
    assert_eq!((&set["asked"], &set["persons"][0]["count"]), (&json!(2), &json!(1)), "{set}");
    assert_eq!(set["persons"][0]["persons"][0]["name"], "alice");
    assert_eq!(set["persons"][0]["gained"][0]["by"]["kind"], "person");
    let gained = actions(&set, "gained");
    for action in ["s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectAcl"] {
        assert!(gained.iter().any(|one| one == action), "{action}: {gained:?}");
    }
    assert!(!gained.iter().any(|one| one == "s3:GetObject"), "that is no gain");
    assert_eq!(actions(&set, "lost"), Vec::<String>::new());
    let refusal = |name: &str| {
        let all = set["refusals"].as_array().expect("refusals");
        all.iter().find(|one| one["name"] == name).expect("a refusal").clone()
    };
    let home = refusal("regular-users-write-only-at-home");
    assert_eq!(home["who"], "RegularUserRole");
    assert_eq!(home["request"]["action"], "s3:PutObject");
    assert!(home["request"]["resource"].as_str().is_some_and(|arn| arn.contains("/shared/")));
    refusal("only-administrators-delete-versions");
    let refused = house.post(CHANGES, &house.admin, order(&change, &set)).await;
    let problem = refused.problem(409, "change-refused");
    let detail = problem["detail"].as_str().expect("text");
    assert!(detail.contains("regular-users-write-only-at-home"), "{detail}");
    assert!(!allowed(&house, &uid, "s3:PutObject", "shared/a").await);

    let less = json!({ "Sid": "Team", "Effect": "Allow", "Action": "s3:GetObjectAcl",
        "Resource": shared });
    let change = with(&house, "RegularUserRole", less).await;
    let set = seen(&house, &change).await;
    assert_eq!((&set["refusals"], &set["base"]), (&json!([]), &json!(0)));
    assert_eq!(actions(&set, "gained"), ["s3:GetObjectAcl"]);
    let made = house.post(CHANGES, &house.admin, order(&change, &set)).await;
    assert_eq!((made.status.as_u16(), &made.json()["version"]), (200, &json!(1)), "{}", made.body);
    assert!(allowed(&house, &uid, "s3:GetObjectAcl", "shared/a").await, "it counts at once");
    let versions = house.get("/api/v1/policy-versions", &house.admin).await.json();
    let saved = &versions["versions"][0];
    assert_eq!((&saved["number"], &saved["note"]), (&json!(1), &json!("as agreed")));
    assert_eq!(saved["author"]["name"], "root");

    // Back to what the estate describes.
    let back = json!({ "kind": "standard-permissions", "role": "RegularUserRole" });
    let set = seen(&house, &back).await;
    assert_eq!(actions(&set, "lost"), ["s3:GetObjectAcl"]);
    let made = house.post(CHANGES, &house.admin, order(&back, &set)).await;
    assert_eq!(made.json()["version"], 2, "{}", made.body);
    assert!(!allowed(&house, &uid, "s3:GetObjectAcl", "shared/a").await);
}

#[tokio::test]
async fn what_is_made_is_what_was_seen() {
    let house = House::new().await;
    let grant = json!({ "to": { "kind": "everyone" }, "role": "S3AccessRole", "prefix": "team/",
        "title": "Team" });
    let change = json!({ "kind": "grant", "grant": grant });
    let set = seen(&house, &change).await;
    assert_eq!(set["warnings"], json!(["everyone"]), "of those who come later");
    // Somebody comes whom it would concern.
    house.register("alice").await;
    let late = house.post(CHANGES, &house.admin, order(&change, &set)).await;
    late.problem(409, "change-differs");
    let mut other = change.clone();
    other["grant"]["prefix"] = json!("");
    let set = seen(&house, &change).await;
    assert_eq!(set["warnings"], json!(["new-write", "everyone"]));
    let swapped = house.post(CHANGES, &house.admin, order(&other, &set)).await;
    swapped.problem(409, "change-differs");
    let made = house.post(CHANGES, &house.admin, order(&change, &set)).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let id = made.json()["grant"]["id"].clone();
    let removal = json!({ "kind": "grant-removal", "id": id });
    let set = seen(&house, &removal).await;
    assert!(actions(&set, "lost").iter().any(|one| one == "s3:PutObject"), "{set}");
    let made = house.post(CHANGES, &house.admin, order(&removal, &set)).await;
    assert_eq!(made.status, 200, "{}", made.body);
    house
        .post(PREVIEW, &house.admin, json!({ "change": removal }))
        .await
        .problem(404, "no-such-grant");
}

#[tokio::test]
async fn whoever_has_it_by_another_grant_gains_nothing() {
    let house = House::new().await;
    house.register("alice").await;
    let uid = house.uid_of("alice").await.to_string();
    let to = json!({ "kind": "person", "uid": uid });
    let grant = |prefix: &str, role: &str| json!({ "to": to, "role": role, "prefix": prefix, "title": "T" });
    let made = house.post("/api/v1/grants", &house.admin, grant("team/", "S3AccessRole")).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let narrower = json!({ "kind": "grant", "grant": grant("team/inner/", "UploadRole") });
    let set = seen(&house, &narrower).await;
    assert_eq!((&set["persons"], &set["warnings"]), (&json!([]), &json!([])));
    let elsewhere = json!({ "kind": "grant", "grant": grant("inbox/", "UploadRole") });
    let set = seen(&house, &elsewhere).await;
    assert_eq!(set["persons"][0]["persons"][0]["name"], "alice");
    assert!(actions(&set, "gained").iter().any(|one| one == "s3:PutObject"), "{set}");
}

#[tokio::test]
async fn of_two_with_alike_grants_only_the_one_is_told_whose_grant_changes() {
    let house = House::new().await;
    let mut ids = Vec::new();
    for name in ["alice", "bob"] {
        house.register(name).await;
        let to = json!({ "kind": "person", "uid": house.uid_of(name).await.to_string() });
        let grant = json!({ "to": to, "role": "S3AccessRole", "prefix": "team/", "title": "T" });
        let made = house.post("/api/v1/grants", &house.admin, grant).await;
        ids.push(made.json()["id"].clone());
    }
    let removal = json!({ "kind": "grant-removal", "id": ids[1] });
    let set = seen(&house, &removal).await;
    assert_eq!(set["persons"].as_array().map(Vec::len), Some(1), "{set}");
    assert_eq!(set["persons"][0]["persons"][0]["name"], "bob");
    assert_eq!(set["persons"][0]["count"], 1);
    let made = house.post(CHANGES, &house.admin, order(&removal, &set)).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let to = json!({ "kind": "person", "uid": house.uid_of("bob").await.to_string() });
    let again = json!({ "kind": "grant", "grant":
        { "to": to, "role": "S3AccessRole", "prefix": "team/", "title": "T" } });
    let set = seen(&house, &again).await;
    assert_eq!(set["persons"][0]["persons"][0]["name"], "bob", "alice has it, bob has not");
    assert_eq!(set["persons"][0]["count"], 1);
}

#[tokio::test]
async fn the_last_administrator_and_what_administrators_need_are_kept() {
    let house = House::new().await;
    let grants = house.get("/api/v1/grants", &house.admin).await.json();
    let all = grants["grants"].as_array().expect("grants");
    let own = all.iter().find(|one| one["role"] == "AdminRole").expect("a grant");
    let removal = json!({ "kind": "grant-removal", "id": own["id"] });
    let set = seen(&house, &removal).await;
    assert_eq!(set["refusals"], json!([{ "kind": "last-administrator" }]));
    let refused = house.post(CHANGES, &house.admin, order(&removal, &set)).await;
    refused.problem(409, "change-refused");
    let deny =
        json!({ "Sid": "Oops", "Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*" });
    let change = with(&house, "AdminRole", deny).await;
    let set = seen(&house, &change).await;
    assert_eq!(set["refusals"], json!([{ "kind": "last-administrator" }]));
    assert_eq!(actions(&set, "lost"), ["s3:DeleteObject"]);
    let all = json!({ "Sid": "Oops", "Effect": "Deny", "Action": "*", "Resource": "*" });
    let change = with(&house, "RegularUserRole", all).await;
    house.register("alice").await;
    let set = seen(&house, &change).await;
    assert_eq!(set["refusals"], json!([]));
    assert!(!actions(&set, "lost").is_empty(), "{set}");
}

#[tokio::test]
async fn what_is_no_policy_is_refused_at_its_place() {
    let house = House::new().await;
    let form = |role: &str, document: &str| json!({ "change": { "kind": "permissions", "role": role, "document": document } });
    let broken = house.post(PREVIEW, &house.admin, form("RegularUserRole", "{\n  oops")).await;
    let problem = broken.problem(400, "invalid-policy");
    assert_eq!(problem["field"], "document");
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("line 2")), "{problem}");
    let portal = house.post(PREVIEW, &house.admin, form("PortalRole", "{}")).await;
    assert_eq!(portal.problem(400, "role-invalid")["field"], "role");
    let rails = house.get("/api/v1/guard-rails", &house.admin).await.json();
    let rails = rails["rails"].as_array().expect("rails");
    assert_eq!(rails.len(), 6);
    assert!(rails.iter().all(|rail| rail["broken"] == json!([])), "{rails:?}");
}

#[tokio::test]
async fn where_only_an_operator_changes_roles_the_way_is_shown_and_nothing_is_saved() {
    let house = House::of_an_operator().await;
    house.register("alice").await;
    let more = json!({ "Sid": "More", "Effect": "Allow", "Action": "s3:GetObjectAcl",
        "Resource": "*" });
    let change = with(&house, "RegularUserRole", more).await;
    let set = seen(&house, &change).await;
    assert_eq!(actions(&set, "gained"), ["s3:GetObjectAcl"]);
    let section = set["operator"]["section"].as_str().expect("a section");
    assert!(section.starts_with("[[policy]]\nrole = \"RegularUserRole\""), "{section}");
    assert!(section.contains("s3:GetObjectAcl"), "{section}");
    assert_eq!(set["operator"]["commands"][1], "wellhouse apply --plan change.json");
    assert!(
        set["operator"]["steps"][0].as_str().is_some_and(|step| step.contains("PutRolePolicy"))
    );
    let refused = house.post(CHANGES, &house.admin, order(&change, &set)).await;
    refused.problem(409, "change-by-operator");
    let versions = house.get("/api/v1/policy-versions", &house.admin).await.json();
    assert_eq!((&versions["versions"], &versions["at_once"]), (&json!([]), &json!(false)));
    // Grants are the portal's own.
    let grant = json!({ "kind": "grant", "grant": { "to": { "kind": "everyone" },
        "role": "UploadRole", "prefix": "inbox/", "title": "Inbox" } });
    let set = seen(&house, &grant).await;
    assert_eq!(set["operator"], Value::Null);
    let made = house.post(CHANGES, &house.admin, order(&grant, &set)).await;
    assert_eq!(made.status, 200, "{}", made.body);
}

#[tokio::test]
async fn what_is_written_is_checked_and_said_in_words() {
    let house = House::new().await;
    let check = async |document: &str| {
        let form = json!({ "document": document });
        house.post("/api/v1/policies/check", &house.admin, form).await.json()
    };
    let text = "{\"Version\": \"2012-10-17\", \"Statement\": [\n{\"Sid\": \"A\", \"Effect\": \"Allow\", \"Action\": \"s3:GetObjet\",\n\"Resource\": \"arn:aws:s3:::b/*\"}]}";
    let told = check(text).await;
    let found = &told["findings"][0];
    assert_eq!((&found["code"], &found["line"]), (&json!("action-unknown"), &json!(2)));
    let mended = found["fix"]["document"].as_str().expect("the mended text");
    assert_eq!(mended, text.replace("GetObjet", "GetObject"));
    assert_eq!(told["summary"], json!(["A: allows `s3:GetObjet` on `arn:aws:s3:::b/*`"]));
    let told = check("{").await;
    assert_eq!((&told["valid"], &told["summary"]), (&json!(false), &json!([])));
    assert_eq!(told["findings"][0]["severity"], "error");
    let long = json!({ "document": " ".repeat(40_000) });
    let refused = house.post("/api/v1/policies/check", &house.admin, long).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json()["field"], "document");
    let many = json!({ "Effect": "Allow", "Action": vec!["*"; 600], "Resource": "*" });
    let many = json!({ "Version": "2012-10-17", "Statement": [many] }).to_string();
    let told = check(&many).await;
    assert_eq!(
        told["findings"].as_array().map(Vec::len),
        Some(100),
        "each brings a document along"
    );
    let words = house.get("/api/v1/policies/words", &house.admin).await.json();
    let actions = words["actions"].as_array().expect("actions");
    assert!(actions.iter().any(|one| one["name"] == "s3:PutObject" && one["class"] == "write"));
    assert!(words["keys"].as_array().is_some_and(|all| all.contains(&json!("s3:prefix"))));
}

/// What a guard rail forbids comes by no route: not by a change that was looked at, and not by those of scripts.
#[tokio::test]
async fn no_route_gives_what_a_guard_rail_forbids() {
    let house = House::with_a_frozen_folder().await;
    let alice = house.register("alice").await;
    let uid = house.uid_of("alice").await.to_string();
    let to = json!({ "kind": "person", "uid": uid });
    let grant = |role: &str, prefix: &str| json!({ "role": role, "prefix": prefix, "title": "T" });
    let given = |mut grant: Value| {
        grant["to"] = to.clone();
        grant
    };
    for prefix in ["frozen/", "frozen/2030/", ""] {
        let wanted = grant("S3AccessRole", prefix);
        let change = json!({ "kind": "grant", "grant": given(wanted.clone()) });
        let set = seen(&house, &change).await;
        let rail = &set["refusals"][0];
        assert_eq!((&rail["kind"], &rail["name"]), (&json!("rail"), &json!("frozen")), "{set}");
        let resource = rail["request"]["resource"].as_str().expect("an ARN");
        assert!(resource.contains("/frozen/"), "{resource}");
        let refused = house.post(CHANGES, &house.admin, order(&change, &set)).await;
        refused.problem(409, "change-refused");
        let plain = house.post("/api/v1/grants", &house.admin, given(wanted.clone())).await;
        let problem = plain.problem(409, "change-refused");
        let detail = problem["detail"].as_str().expect("text");
        assert!(detail.contains("`frozen`") && detail.contains("s3:PutObject"), "{detail}");
        let by_name = format!("/api/v1/people/{uid}/grants");
        let plain = house.post(&by_name, &house.admin, wanted.clone()).await;
        plain.problem(409, "change-refused");
        let invitation = json!({ "grants": [wanted] });
        let plain = house.post("/api/v1/invitations", &house.admin, invitation.clone()).await;
        plain.problem(409, "change-refused");
        let change = json!({ "kind": "invitation", "invitation": invitation });
        let set = seen(&house, &change).await;
        assert_eq!(set["refusals"][0]["name"], "frozen");
        house
            .post(CHANGES, &house.admin, order(&change, &set))
            .await
            .problem(409, "change-refused");
    }
    // Where the rail says nothing, and of whom it says nothing.
    for (role, prefix) in
        [("S3AccessRole", "team/"), ("RegularUserRole", "frozen/"), ("AdminRole", "")]
    {
        let made = house.post("/api/v1/grants", &house.admin, given(grant(role, prefix))).await;
        assert_eq!(made.status, 201, "{role} {prefix}: {}", made.body);
    }
    drop(alice);
}

/// A group's grant that is there already is given to whoever comes into the group.
#[tokio::test]
async fn nobody_comes_into_a_group_that_has_what_a_rail_forbids() {
    let mut house = House::new().await;
    house.register("alice").await;
    let uid = house.uid_of("alice").await.to_string();
    let group = house.post("/api/v1/groups", &house.admin, json!({ "name": "team" })).await.json();
    let group = group["id"].as_str().expect("an id").to_owned();
    let grant = json!({ "to": { "kind": "group", "id": group }, "role": "S3AccessRole",
        "prefix": "frozen/", "title": "T" });
    assert_eq!(house.post("/api/v1/grants", &house.admin, grant).await.status, 201);
    let member = format!("/api/v1/groups/{group}/members/{uid}");
    let joins = json!({ "kind": "group-member", "group": group, "uid": uid });
    let set = seen(&house, &joins).await;
    assert_eq!((&set["refusals"], &set["persons"][0]["count"]), (&json!([]), &json!(1)), "{set}");
    assert_eq!(set["persons"][0]["gained"][0]["by"], json!({ "kind": "group", "name": "team" }));
    house.freeze();
    let put = house.ask(Method::PUT, &member, &house.admin, None).await;
    put.problem(409, "change-refused");
    let set = seen(&house, &joins).await;
    assert_eq!(set["refusals"][0]["name"], "frozen", "{set}");
    house.post(CHANGES, &house.admin, order(&joins, &set)).await.problem(409, "change-refused");
}

/// Who is shut out holds what the group has once they are let back.
#[tokio::test]
async fn whoever_is_shut_out_is_asked_about_like_others() {
    let mut house = House::new().await;
    house.register("alice").await;
    let uid = house.uid_of("alice").await.to_string();
    let group = house.post("/api/v1/groups", &house.admin, json!({ "name": "team" })).await.json();
    let group = group["id"].as_str().expect("an id").to_owned();
    let grant = json!({ "to": { "kind": "group", "id": group }, "role": "S3AccessRole",
        "prefix": "home/${uid}/", "title": "T" });
    let member = format!("/api/v1/groups/{group}/members/{uid}");
    let put = async |house: &House| house.ask(Method::PUT, &member, &house.admin, None).await;
    house.freeze_at(&format!("home/{uid}/*"));
    let disable = format!("/api/v1/people/{uid}/disable");
    let gone = house.ask(Method::POST, &disable, &house.admin, None).await;
    assert_eq!(gone.status, 204, "{}", gone.body);
    // The grant comes to who is in the group, and who comes into the group to the grant.
    assert_eq!(put(&house).await.status, 204);
    let given = house.post("/api/v1/grants", &house.admin, grant.clone()).await;
    given.problem(409, "change-refused");
    let gone = house.ask(Method::DELETE, &member, &house.admin, None).await;
    assert_eq!(gone.status, 204, "{}", gone.body);
    let given = house.post("/api/v1/grants", &house.admin, grant).await;
    assert_eq!(given.status, 201, "{}", given.body);
    put(&house).await.problem(409, "change-refused");
}

/// What was saved and does not come into force keeps nobody from taking away, nor from saving what mends it.
#[tokio::test]
async fn what_is_not_in_force_yet_holds_back_only_what_gives() {
    let house = House::new().await;
    house.register("alice").await;
    let (portal, uid) = (house.portal(), house.uid_of("alice").await);
    let group = house.post("/api/v1/groups", &house.admin, json!({ "name": "team" })).await.json();
    let group = group["id"].as_str().expect("an id").to_owned();
    let member = format!("/api/v1/groups/{group}/members/{uid}");
    assert_eq!(house.ask(Method::PUT, &member, &house.admin, None).await.status, 204);
    let grant = json!({ "to": { "kind": "everyone" }, "role": "UploadRole", "prefix": "inbox/",
        "title": "T" });
    let given = house.post("/api/v1/grants", &house.admin, grant.clone()).await.json();
    let id = given["id"].as_str().expect("an id").to_owned();
    let saved = wh_ledger::PolicyVersion {
        role: wh_names::RoleName::parse("RegularUserRole").expect("a role"),
        number: 1,
        document: Some(permissions(&house, "RegularUserRole").await.to_string()),
        note: String::new(),
        author: uid.clone(),
        saved_at: portal.clock().now(),
    };
    assert!(portal.ledger().add_policy_version(&saved).await.expect("saved"));
    let waits = house.post("/api/v1/grants", &house.admin, grant.clone()).await;
    waits.problem(503, "not-in-force");
    let removal = json!({ "kind": "grant-removal", "id": id });
    assert_eq!(seen(&house, &removal).await["refusals"], json!([]));
    for path in [member, format!("/api/v1/groups/{group}"), format!("/api/v1/grants/{id}")] {
        let gone = house.ask(Method::DELETE, &path, &house.admin, None).await;
        assert_eq!(gone.status, 204, "{path}: {}", gone.body);
    }
    let deny = json!({ "Sid": "More", "Effect": "Deny", "Action": "s3:GetBucketLocation",
        "Resource": "*" });
    let change = with(&house, "RegularUserRole", deny).await;
    let set = seen(&house, &change).await;
    let made = house.post(CHANGES, &house.admin, order(&change, &set)).await;
    assert_eq!(made.json()["version"], 2, "{}", made.body);
    assert_eq!(house.post("/api/v1/grants", &house.admin, grant).await.status, 201);
}

/// Who waits for a turn may not be an administrator any more when it comes.
#[tokio::test]
async fn whoever_waited_is_an_administrator_still_or_changes_nothing() {
    let house = House::new().await;
    house.register("alice").await;
    let (portal, administrator) = (house.portal(), administrator(&house).await);
    let form = |subject: GrantSubject, role: &str| GrantForm {
        subject,
        role: wh_names::RoleName::parse(role).expect("a role"),
        bucket: None,
        prefix: wh_names::KeyPrefix::everything(),
        title: "T".to_owned(),
        ends_at: None,
    };
    let alice = GrantSubject::Person(house.uid_of("alice").await);
    let second = form(alice.clone(), "AdminRole");
    house.people.add_grant(&administrator, second).await.expect("given");
    let change = grants::change(&portal, form(alice, "UploadRole")).expect("a change");
    let administers = administrator.administrator();
    assert!(stands(&portal, administers, (&change, WEIGHING_MAX)).await.is_ok());
    let own = house.people.grants_of(administers, administrator.uid()).await.expect("read");
    for record in own {
        let id = record.grant.id.as_str();
        house.people.remove_grant(&administrator, id).await.expect("taken");
    }
    let refused = stands(&portal, administers, (&change, WEIGHING_MAX)).await;
    assert_eq!(refused.expect_err("no administrator").code(), "not-administrator");
}

#[tokio::test]
async fn a_turn_is_not_waited_for_without_end() {
    let portal = House::new().await.portal();
    let turn = portal.one_change().await.expect("nobody is before");
    let limit = std::time::Duration::from_millis(50);
    let busy = portal.one_change_within(limit).await.expect_err("somebody is");
    assert_eq!(busy.code(), "weighing-busy");
    drop(turn);
    assert!(portal.one_change().await.is_ok());
}

#[tokio::test]
async fn groups_and_requests_are_changed_as_they_were_seen() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let uid = house.uid_of("alice").await.to_string();
    let group = house.post("/api/v1/groups", &house.admin, json!({ "name": "team" })).await.json();
    let group = group["id"].as_str().expect("an id").to_owned();
    let grant = json!({ "to": { "kind": "group", "id": group }, "role": "S3AccessRole",
        "prefix": "team/", "title": "T" });
    assert_eq!(house.post("/api/v1/grants", &house.admin, grant).await.status, 201);
    let change = async |change: Value, side: &str| {
        let set = seen(&house, &change).await;
        assert_eq!(set["persons"][0]["persons"][0]["name"], "alice", "{set}");
        assert!(actions(&set, side).iter().any(|one| one == "s3:PutObject"), "{set}");
        let made = house.post(CHANGES, &house.admin, order(&change, &set)).await;
        assert_eq!(made.status, 200, "{}", made.body);
        let again = house.post(CHANGES, &house.admin, order(&change, &set)).await;
        assert!(!again.status.is_success(), "it is another change by now: {}", again.body);
    };
    change(json!({ "kind": "group-member", "group": group, "uid": uid }), "gained").await;
    assert!(allowed(&house, &uid, "s3:PutObject", "team/a").await);
    change(json!({ "kind": "group-member-removal", "group": group, "uid": uid }), "lost").await;
    assert!(!allowed(&house, &uid, "s3:PutObject", "team/a").await);
    change(json!({ "kind": "group-member", "group": group, "uid": uid }), "gained").await;
    change(json!({ "kind": "group-removal", "id": group }), "lost").await;
    assert!(!allowed(&house, &uid, "s3:PutObject", "team/a").await);

    let location = house.location(&alice, "shared/").await;
    let form = json!({ "path": "", "action": "s3:PutObject", "note": "for the report" });
    let path = format!("/api/v1/locations/{location}/access-requests");
    let asked = house.post(&path, &alice, form).await;
    assert_eq!(asked.status, 201, "{}", asked.body);
    let id = asked.json()["id"].clone();
    change(json!({ "kind": "access-request", "id": id }), "gained").await;
    assert!(allowed(&house, &uid, "s3:PutObject", "shared/a").await);

    let invitation = json!({ "name": "carol", "groups": [], "grants": [
        { "role": "UploadRole", "prefix": "inbox/", "title": "Inbox" }] });
    let invited = json!({ "kind": "invitation", "invitation": invitation });
    let set = seen(&house, &invited).await;
    assert_eq!(set["persons"][0]["persons"][0]["name"], "carol", "{set}");
    assert!(actions(&set, "gained").iter().any(|one| one == "s3:PutObject"), "{set}");
    let made = house.post(CHANGES, &house.admin, order(&invited, &set)).await.json();
    assert!(made["invitation"]["path"].as_str().is_some_and(|path| path.contains("#token=")));
}

/// The administrator of this house, who has just proved who they are.
async fn administrator(house: &House) -> ProvenAdministrator {
    let person = house.person(&house.admin).await;
    let administrator = person.administrator().expect("an administrator");
    ProvenAdministrator::try_from(administrator).expect("proved")
}

/// Between the weighing and the commit somebody else gives a grant. What was weighed is not made; it is weighed anew.
#[tokio::test]
async fn what_changes_between_weighing_and_commit_is_weighed_anew() {
    let house = House::new().await;
    house.register("alice").await;
    let (portal, administrator) = (house.portal(), administrator(&house).await);
    let form = |prefix: &str| GrantForm {
        subject: GrantSubject::Everyone,
        role: wh_names::RoleName::parse("UploadRole").expect("a role"),
        bucket: None,
        prefix: wh_names::KeyPrefix::parse(prefix).expect("a prefix"),
        title: "T".to_owned(),
        ends_at: None,
    };
    let change = grants::change(&portal, form("inbox/")).expect("a change");
    let administers = administrator.administrator();
    let weighed = weigh(&portal, administers, &change).await.expect("weighed");
    let stood = stands(&portal, administers, (&change, WEIGHING_MAX))
        .await
        .expect("nothing stands against it");
    house.people.add_grant(&administrator, form("other/")).await.expect("given");
    for revision in [weighed.revision, stood] {
        let people = house.people.weighed_at(revision);
        let stale = made((&portal, &people), &administrator, change.clone()).await;
        let Err(stale) = stale else { panic!("it was weighed without the other") };
        assert_eq!(stale.code(), "access-changed");
    }
    let done =
        enforced(&portal, &administrator, change).await.map(|(_, made)| made.grant.is_some());
    assert!(done.is_ok_and(|given| given), "weighed anew");
    let held = house.get("/api/v1/grants", &house.admin).await.json();
    let prefixes: Vec<&str> = held["grants"]
        .as_array()
        .expect("grants")
        .iter()
        .filter(|one| one["role"] == "UploadRole")
        .map(|one| one["prefix"].as_str().expect("a prefix"))
        .collect();
    assert_eq!(prefixes, ["other/", "inbox/"]);
}

#[tokio::test]
async fn scripts_that_give_many_grants_at_once_are_all_served() {
    let house = House::new().await;
    let give = |n: usize| {
        let grant = json!({ "to": { "kind": "everyone" }, "role": "UploadRole",
            "prefix": format!("inbox/{n}/"), "title": "T" });
        house.post("/api/v1/grants", &house.admin, grant)
    };
    let all = futures::future::join_all((0..8).map(give)).await;
    for made in all {
        assert_eq!(made.status, 201, "{}", made.body);
    }
}

/// What is denied to administrators besides, and whether nobody administers then.
fn denials() -> Vec<(Value, bool)> {
    let deny = |action: &str, more: Value| {
        let mut one = json!({ "Sid": "More", "Effect": "Deny", "Action": action, "Resource": "*" });
        one.as_object_mut().expect("a map").extend(more.as_object().expect("a map").clone());
        one
    };
    let where_ = |operator: &str, key: &str, value: &str| json!({ "Condition": { operator: { key: value } } });
    vec![
        (deny("s3:DeleteObjectVersion", json!({})), true),
        (deny("s3:ListBucketVersions", json!({})), true),
        (deny("s3:PutObjectTagging", json!({})), true),
        // Some requests are still allowed.
        (deny("s3:GetObject", where_("NotIpAddress", "aws:SourceIp", "192.0.2.0/24")), true),
        (
            deny(
                "s3:PutObject",
                where_("DateGreaterThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"),
            ),
            true,
        ),
        (deny("s3:DeleteObject", where_("StringNotLike", "aws:UserAgent", "*Mozilla*")), true),
        // What administrators do not need for it.
        (deny("s3:GetBucketLocation", json!({})), false),
        (deny("s3:*", where_("Bool", "aws:SecureTransport", "false")), false),
    ]
}

/// One request that is allowed is not enough: whatever administrators need must be certain.
#[tokio::test]
async fn administration_is_left_only_where_it_is_certain() {
    let house = House::new().await;
    house.register("alice").await;
    let refused = json!([{ "kind": "last-administrator" }]);
    for (deny, expected) in denials() {
        let change = with(&house, "AdminRole", deny.clone()).await;
        let set = seen(&house, &change).await;
        let refusals = if expected { refused.clone() } else { json!([]) };
        assert_eq!(set["refusals"], refusals, "{deny}");
    }
    // Of two, the other is left, and may not be lost then.
    let to = json!({ "kind": "person", "uid": house.uid_of("alice").await.to_string() });
    let grant = json!({ "to": to, "role": "AdminRole", "prefix": "", "title": "All" });
    let second = house.post("/api/v1/grants", &house.admin, grant).await;
    assert_eq!(second.status, 201, "{}", second.body);
    let all = house.get("/api/v1/grants", &house.admin).await.json();
    let own = all["grants"].as_array().expect("grants").iter();
    let own: Vec<Value> = own.filter(|one| one["role"] == "AdminRole").cloned().collect();
    assert_eq!(own.len(), 2);
    let id = |one: &Value| one["id"].as_str().expect("an id").to_owned();
    let removal = json!({ "kind": "grant-removal", "id": id(&own[1]) });
    assert_eq!(seen(&house, &removal).await["refusals"], json!([]));
    let delete = |one: &Value| format!("/api/v1/grants/{}", id(one));
    let gone = house.ask(Method::DELETE, &delete(&own[1]), &house.admin, None).await;
    assert_eq!(gone.status, 204, "{}", gone.body);
    let kept = house.ask(Method::DELETE, &delete(&own[0]), &house.admin, None).await;
    kept.problem(409, "last-administrator");
}
