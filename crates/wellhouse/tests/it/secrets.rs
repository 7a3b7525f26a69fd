//! Nothing secret reaches a log.

use serde_json::json;

use crate::actors::{Actor, PASSWORD};
use crate::server::Server;

#[test]
fn no_log_line_holds_a_signature_a_token_or_a_password() {
    let server = Server::start_with(&[("WELLHOUSE_LOG__FILTER", "debug")]);
    let mut ada = Actor::administrator(&server);
    let keys = ada.keys("");
    let location = ada.location("");
    ada.upload_digits(&location, "digits.txt");
    let (status, link) =
        ada.post(&format!("/locations/{location}/downloads"), &json!({ "path": "digits.txt" }));
    assert_eq!(status, 200, "{link}");
    let got = ureq::get(link["url"].as_str().expect("a URL")).call();
    assert!(got.is_ok(), "the store does not give the file");
    let mut mallory = Actor::stranger(&server);
    mallory.post("/session", &json!({ "name": "ada", "password": "a wrong password of length" }));
    let log = server.log();
    assert!(log.len() > 1000, "the log is too short to prove anything:\n{log}");
    let token = server.setup_token.as_deref().expect("a token");
    let forbidden = [
        PASSWORD,
        "a wrong password of length",
        token,
        &keys.secret,
        &keys.token,
        "X-Amz-Signature=",
        "X-Amz-Security-Token=",
    ];
    for secret in forbidden {
        assert!(!log.contains(secret), "the log holds a secret");
    }
}
