//! What roles were used for, and the smaller policies that would have sufficed.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::house::House;

const ROLE: &str = "S3AccessRole";

async fn used(house: &House, query: &str) -> Value {
    let answer = house.get(&format!("/api/v1/access/use?{query}"), &house.admin).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

#[tokio::test]
async fn what_was_used_is_told_with_what_was_not_and_what_would_have_sufficed() {
    let house = House::new().await;
    house.register("alice").await;
    house.register("bob").await;
    let uid = house.uid_of("alice").await.to_string();
    let long_ago = house.now() - SignedDuration::from_hours(24 * 100);
    house.as_if_used((ROLE, &uid), ("s3:GetObject", "/home/${uid}/"), long_ago).await;
    house.as_if_used((ROLE, "machine/i-1"), ("s3:ListBucket", "?home/"), long_ago).await;
    let found = used(&house, &format!("role={ROLE}&resources=places")).await;
    assert_eq!((&found["whole"], &found["lost_at"]), (&json!(true), &Value::Null), "{found}");
    assert_eq!((&found["persons"], &found["machines"]), (&json!(1), &json!(1)));
    let [get, list] = found["places"].as_array().expect("places").as_slice() else {
        panic!("{found}")
    };
    assert_eq!((&get["folder"], &get["listing"]), (&json!("home/${uid}/"), &json!(false)));
    assert_eq!((&list["folder"], &list["listing"]), (&json!("home/"), &json!(true)));
    assert_eq!(
        found["widened"],
        json!([format!("{}/home/", get["bucket"].as_str().expect("text"))])
    );
    let policy = &found["policies"][0];
    assert_eq!((&policy["proved"], &policy["differs"]), (&json!(true), &json!(true)), "{found}");
    let smaller: Value =
        serde_json::from_str(policy["smaller"].as_str().expect("text")).expect("JSON");
    let actions: Vec<&Value> =
        smaller["Statement"].as_array().expect("statements").iter().map(|s| &s["Action"]).collect();
    assert_eq!(actions, [&json!("s3:GetObject"), &json!("s3:ListBucket")], "{smaller}");
    let unused = policy["statements"].as_array().expect("statements");
    let write = unused.iter().find(|one| one["statement"] == "ReadWriteDelete").expect("it");
    assert_eq!(write["unused_actions"], json!(["s3:PutObject", "s3:DeleteObject"]), "{found}");
    let grants: Vec<&str> = found["unused_grants"]
        .as_array()
        .expect("grants")
        .iter()
        .filter_map(|one| one["subject"]["name"].as_str())
        .collect();
    assert!(grants.contains(&"bob") && !grants.contains(&"alice"), "{found}");
    let elsewhere = used(&house, "role=UploadRole").await;
    assert_eq!(
        (&elsewhere["places"], &elsewhere["policies"][0]["smaller"]),
        (&json!([]), &Value::Null)
    );
}

#[tokio::test]
async fn a_shorter_time_than_was_asked_for_is_said() {
    let house = House::new().await;
    let nothing = used(&house, &format!("role={ROLE}")).await;
    assert_eq!((&nothing["known_since"], &nothing["whole"]), (&Value::Null, &json!(false)));
    let nobody_watches = (&nothing["policies"], &nothing["unused_grants"]);
    assert_eq!(nobody_watches, (&json!([]), &json!([])), "{nothing}");
    let since = house.now() - SignedDuration::from_hours(24 * 10);
    house.as_if_used((ROLE, "other"), ("s3:GetObject", "/a/"), since).await;
    let watched = used(&house, &format!("role={ROLE}")).await;
    assert_eq!(watched["policies"].as_array().map(Vec::len), Some(1), "{watched}");
    for (days, whole) in [(9, true), (11, false)] {
        let found = used(&house, &format!("role={ROLE}&days={days}")).await;
        assert_eq!((&found["whole"], &found["others"]), (&json!(whole), &json!(true)), "{found}");
        assert_eq!(found["known_since"], since.to_string());
    }
}

#[tokio::test]
async fn whoever_lists_the_whole_bucket_uses_the_grant_of_it_and_no_other() {
    let house = House::new().await;
    house.register("alice").await;
    let uid = house.uid_of("alice").await.to_string();
    let mut given = Vec::new();
    for prefix in ["", "other/"] {
        let form = json!({ "role": ROLE, "prefix": prefix, "title": "x" });
        let answer = house.post(&format!("/api/v1/people/{uid}/grants"), &house.admin, form).await;
        given.push(answer.json()["id"].clone());
    }
    let unused = async || {
        let found = used(&house, &format!("role={ROLE}")).await;
        let unused = found["unused_grants"].as_array().expect("grants").clone();
        unused.into_iter().map(|one| one["id"].clone()).collect::<Vec<_>>()
    };
    house.as_if_used((ROLE, "machine/i-1"), ("s3:GetObject", "/x/"), house.now()).await;
    let before = unused().await;
    assert!(given.iter().all(|id| before.contains(id)), "{before:?}");
    house.as_if_used((ROLE, &uid), ("s3:ListBucket", ""), house.now()).await;
    let after = unused().await;
    let still = [after.contains(&given[0]), after.contains(&given[1])];
    assert_eq!(still, [false, true], "{after:?}");
}

#[tokio::test]
async fn only_an_administrator_asks_and_about_a_role_that_is_there() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let path = |query: &str| format!("/api/v1/access/use?{query}");
    house.get(&path("role=S3AccessRole"), &alice).await.problem(403, "not-administrator");
    let unknown = house.get(&path("role=Nobody"), &house.admin).await;
    assert_eq!(unknown.problem(400, "no-such-role")["field"], "role");
    for days in ["0", "401"] {
        let wrong = house.get(&path(&format!("role={ROLE}&days={days}")), &house.admin).await;
        assert_eq!(wrong.problem(400, "days-invalid")["field"], "days");
    }
    let odd = house.get(&path("role=S3AccessRole&resources=some"), &house.admin).await;
    odd.problem(400, "invalid-parameter");
}
