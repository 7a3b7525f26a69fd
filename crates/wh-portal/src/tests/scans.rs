//! What the scan for malware holds back: seen and let go by administrators alone.

use serde_json::json;

use super::house::House;

#[tokio::test]
async fn a_file_is_released_once_by_an_administrator_and_that_is_written_down() {
    let house = House::new().await;
    let alice = house.register("alice").await;
    let id = house.finding("shared/a.txt", "Eicar-Test-Signature").await;
    let found = house.get("/api/v1/scans", &house.admin).await.json();
    assert_eq!((&found["serves"], &found["waiting"]), (&json!("not-scanned"), &json!(0)));
    let [finding] = found["findings"].as_array().expect("findings").as_slice() else {
        panic!("{found}")
    };
    assert_eq!(
        (&finding["key"], &finding["state"], &finding["finding"]),
        (&json!("shared/a.txt"), &json!("infected"), &json!("Eicar-Test-Signature"))
    );
    let release = format!("/api/v1/scans/{id}/release");
    house.post(&release, &alice, json!({})).await.problem(403, "not-administrator");
    assert_eq!(house.post(&release, &house.admin, json!({})).await.status, 204);
    let found = house.get("/api/v1/scans", &house.admin).await.json();
    assert_eq!(found["findings"][0]["state"], "releasing");
    house.post(&release, &house.admin, json!({})).await.problem(404, "no-such-finding");
    let told = house.get("/api/v1/audit", &house.admin).await.body;
    assert!(told.contains("shared/a.txt") && told.contains("now: released"), "{told}");
}
