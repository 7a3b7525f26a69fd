//! Presigned URLs as the page uses them, fetched by curl.

use std::process::Command;

use serde_json::json;

use crate::actors::{Actor, CRC_OF_DIGITS};
use crate::server::{Server, tool};

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

/// Where a browser cannot reach the store, its parts come by the portal: in its person's name, and judged by
/// the store all the same.
#[test]
fn a_part_comes_by_the_portal_and_is_verified_by_the_store() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let home = bob.location("home/");
    let begin = json!({ "location": home, "path": "by-portal.txt", "size": 9,
        "content_type": "text/plain", "last_modified": 0, "conflict": "fail" });
    let (status, upload) = bob.post("/uploads", &begin);
    assert_eq!(status, 201, "{upload}");
    let id = upload["id"].as_str().expect("an id");
    let part = format!("/uploads/{id}/parts/1");
    for (crc, bytes, refused) in [
        (CRC_OF_DIGITS, "987654321", "checksum-mismatch"),
        (CRC_OF_DIGITS, "12345678", "invalid-part"),
        ("", "123456789", "invalid-checksum"),
    ] {
        let (status, answer) = bob.put_part(&part, crc, bytes);
        assert!((400..500).contains(&status), "{status} {answer}");
        assert_eq!(answer["code"], json!(refused), "{answer}");
    }
    let (status, answer) = ada.put_part(&part, CRC_OF_DIGITS, "123456789");
    assert_eq!((status, &answer["code"]), (404, &json!("no-such-upload")), "{answer}");
    let (status, answer) = bob.put_part(&part, CRC_OF_DIGITS, "123456789");
    assert_eq!(status, 200, "{answer}");
    let (status, done) =
        bob.post(&format!("/uploads/{id}/complete"), &json!({ "crc": CRC_OF_DIGITS }));
    assert_eq!((status, &done["size"]), (200, &json!(9)), "{done}");
}

/// A new version of a file keeps what stood beside the bytes of the old one.
#[test]
fn tags_and_metadata_are_shown_written_and_kept_by_a_new_version() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let all = ada.location("");
    ada.upload_digits(&all, "shared/report.txt");
    let tags = json!({ "path": "shared/report.txt", "tags": [
        { "key": "team", "value": "a & b" }, { "key": "état", "value": "" }] });
    let (status, answer) = ada.put_json(&format!("/locations/{all}/tags"), &tags);
    assert_eq!(status, 204, "{answer}");
    let at = format!("/locations/{all}/properties?path=shared%2Freport.txt");
    let (status, shown) = ada.get(&at);
    assert_eq!((status, &shown["content_type"]), (200, &json!("text/plain")), "{shown}");
    assert_eq!(shown["tags"], tags["tags"]);
    ada.upload_digits(&all, "shared/report.txt");
    assert_eq!(ada.get(&at).1["tags"], tags["tags"], "the new version lost its tags");

    let keys = ada.keys("");
    let put = ["s3api", "put-object", "--bucket", &keys.bucket, "--key", "shared/report.txt"];
    let beside = ["--metadata", "crane=7", "--cache-control", "max-age=60"];
    let mut aws = Command::new(tool("WELLHOUSE_TEST_AWS"));
    aws.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/nonexistent");
    let done = aws.envs(keys.environment()).args(put).args(beside).output().expect("it runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    ada.upload_digits(&all, "shared/report.txt");
    let shown = ada.get(&at).1;
    let expected = (&json!({ "crane": "7" }), &json!("max-age=60"), &json!([]));
    assert_eq!((&shown["metadata"], &shown["cache_control"], &shown["tags"]), expected);

    let twice = json!({ "path": "shared/report.txt", "tags": [
        { "key": "Team", "value": "a" }, { "key": "team", "value": "b" }] });
    let (status, answer) = ada.put_json(&format!("/locations/{all}/tags"), &twice);
    assert_eq!((status, &answer["code"]), (400, &json!("invalid-tags")), "{answer}");

    let home = bob.location("home/");
    bob.upload_digits(&home, "mine.txt");
    let (status, shown) = bob.get(&format!("/locations/{home}/properties?path=mine.txt"));
    assert_eq!(status, 200, "{shown}");
    assert_eq!(shown["tags"], json!([]), "S3AccessRole reads tags, to keep them in a move");
    assert_eq!(shown["may_read_tags"]["allowed"], json!(true), "{shown}");
    assert_eq!(shown["may_write_tags"]["allowed"], json!(false), "{shown}");
    let none = json!({ "path": "mine.txt", "tags": [] });
    let (status, answer) = bob.put_json(&format!("/locations/{home}/tags"), &none);
    assert_eq!((status, &answer["code"]), (403, &json!("access-denied")), "{answer}");
}
