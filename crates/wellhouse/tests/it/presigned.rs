//! Presigned URLs as the page uses them, fetched by curl.

use std::process::Command;

use serde_json::json;

use crate::actors::{Actor, CRC_OF_DIGITS};
use crate::server::Server;

fn curl(arguments: &[&str]) -> (String, String) {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "60", "--write-out", "%{http_code}"])
        .args(arguments)
        .output()
        .expect("curl runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let split = text.len() - 3;
    (text[split..].to_owned(), text[..split].to_owned())
}

#[test]
fn an_upload_and_a_download_go_straight_to_the_store() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let home = bob.location("home/");
    let name = "Übersicht \"2026\" 🦀.txt";
    let begin = json!({ "location": home, "path": name, "size": 9, "content_type": "text/plain",
        "last_modified": 0, "conflict": "fail" });
    let (status, upload) = bob.post("/uploads", &begin);
    assert_eq!((status, &upload["part_count"]), (201, &json!(1)), "{upload}");
    let id = upload["id"].as_str().expect("an id");
    let crc = CRC_OF_DIGITS;
    let parts = json!({ "parts": [{ "n": 1, "size": 9, "crc": crc }] });
    let (status, signed) = bob.post(&format!("/uploads/{id}/parts"), &parts);
    assert_eq!(status, 200, "{signed}");
    let part = &signed["parts"][0];
    let url = part["url"].as_str().expect("a URL");
    assert!(url.starts_with(&server.s3), "{url}");
    assert!(url.contains("x-amz-checksum-crc64nvme"), "the checksum is not signed: {url}");
    let headers: Vec<String> = part["headers"]
        .as_object()
        .expect("headers")
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.as_str().expect("text")))
        .collect();
    let mut arguments = vec!["--request", "PUT", url];
    for header in &headers {
        arguments.extend(["--header", header]);
    }
    let (status, body) = curl(&[&arguments[..], &["--data-binary", "987654321"]].concat());
    assert!(status.starts_with('4'), "other bytes were taken: {status} {body}");
    let (status, body) = curl(&[&arguments[..], &["--data-binary", "123456789"]].concat());
    assert_eq!(status, "200", "{body}");
    let complete = format!("/uploads/{id}/complete");
    let (status, done) = bob.post(&complete, &json!({ "crc": crc }));
    assert_eq!((status, &done["size"], &done["checksum"]), (200, &json!(9), &json!(crc)), "{done}");

    let (status, answer) = bob.post(&complete, &json!({ "crc": crc }));
    assert_eq!(
        (status, &answer),
        (200, &done),
        "an answer that was lost cannot be asked for again"
    );

    let (status, again) = bob.post("/uploads", &begin);
    assert_eq!((status, again["code"].as_str()), (409, Some("file-exists")), "{again}");
    assert_eq!(again["existing"]["crc64nvme"], json!(crc), "it can be told from another file");
    let download = json!({ "path": name });
    let (status, link) = bob.post(&format!("/locations/{home}/downloads"), &download);
    assert_eq!(status, 200, "{link}");
    let url = link["url"].as_str().expect("a URL");
    let (status, body) = curl(&["--dump-header", "-", url]);
    assert_eq!(status, "200", "{body}");
    assert!(body.ends_with("123456789"), "{body}");
    let header = body
        .lines()
        .find(|l| l.to_lowercase().starts_with("content-disposition"))
        .expect("a header");
    assert!(
        header.contains("attachment") && header.contains("filename*=UTF-8''%C3%9Cbersicht"),
        "{header}"
    );
}

#[test]
fn an_upload_to_shared_is_refused_with_the_reason() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let (_, locations) = bob.get("/locations");
    let shared = locations["locations"]
        .as_array()
        .expect("locations")
        .iter()
        .find(|l| l["prefix"] == "shared/")
        .expect("shared")
        .clone();
    assert_eq!(shared["may"]["put"]["allowed"], json!(false), "{shared}");
    assert_eq!(shared["may"]["list"]["allowed"], json!(true), "{shared}");
    let why = shared["may"]["put"]["explanation"]["message"].as_str().expect("a reason");
    assert!(why.contains("s3:PutObject"), "{why}");
    let begin = json!({ "location": shared["id"], "path": "x", "size": 1, "content_type": "",
        "last_modified": 0, "conflict": "fail" });
    let (status, problem) = bob.post("/uploads", &begin);
    assert_eq!(status, 403, "{problem}");
    let explanation = &problem["explanation"];
    assert_eq!(explanation["decision"], "implicit-deny", "{problem}");
    assert_eq!(explanation["action"], "s3:PutObject", "{problem}");
    assert!(
        explanation["message"].as_str().expect("text").contains("RegularUserRole"),
        "{problem}"
    );
}
