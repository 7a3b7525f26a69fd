//! What the running server tells: to strangers, to its log, and how it bears being asked too much.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::actors::{Actor, PASSWORD};
use crate::advisories::{ask, client};
use crate::server::{Server, free_port, wellhouse_that_ends};

/// A variable of the environment that somebody else's secret is in.
const CANARY: &str = "canary-of-the-environment-7f3a";

/// MinIO: a route for other servers told its environment, secrets and all, to strangers. All that is
/// open is asked, at both doors, and none of it holds a secret of the house.
#[test]
fn cve_2023_28432_no_open_route_tells_a_secret() {
    let filter = format!("info,{}=debug", CANARY.replace('-', "_"));
    let server = Server::start_with(&[("WELLHOUSE_LOG__FILTER", &filter), ("AWS_SECRET", CANARY)]);
    let link = server.setup_token.clone().expect("a link");
    Actor::administrator(&server);
    let (id, secret) = server.root();
    let keys = std::fs::read_to_string(server.data().join("authority.keys")).expect("the keys");
    let mut secrets: Vec<String> =
        keys.lines().filter_map(|l| l.split_once('=')).map(|(_, v)| v.to_owned()).collect();
    let data = server.data().to_str().expect("text").to_owned();
    secrets.extend([link, id, secret, data, CANARY.to_owned(), PASSWORD.to_owned()]);
    secrets.push("$argon2id$".to_owned());
    let api = ask("GET", &format!("{}/api/v1/openapi.json", server.portal), &[]).2;
    let api: Value = serde_json::from_str(&api).expect("JSON");
    let mut paths: Vec<String> = api["paths"].as_object().expect("paths").keys().cloned().collect();
    paths.extend(
        [
            "/",
            "/setup",
            "/.env",
            "/metrics",
            "/debug/vars",
            "/debug/pprof/",
            "/env",
            "/config",
            "/api/v1/config",
            "/minio/bootstrap/v1/verify",
            "/minio/health/cluster",
            "/rustfs/console/version",
            "/wellhouse.toml",
            "/data/authority.keys",
            "/..%2fauthority.keys",
            "/assets/..%2f..%2fauthority.keys",
        ]
        .map(str::to_owned),
    );
    for path in paths {
        for door in [&server.portal, &server.s3] {
            for method in ["GET", "POST", "OPTIONS"] {
                let url = format!("{door}{}", path.replace(['{', '}'], ""));
                let (status, headers, body) = ask(method, &url, &[("content-length", "0")]);
                assert!(status < 500 || status == 501, "{method} {url}: {status} {body}");
                let told = |secret: &&String| body.contains(*secret) || headers.contains(*secret);
                assert_eq!(secrets.iter().find(told), None, "{method} {url}");
            }
        }
    }
}

/// RustFS: metrics and profiles were open to whoever came by. Ours have a listener of their own, on
/// this machine alone, and hold nothing of anybody's.
#[test]
fn ghsa_f5cv_metrics_are_told_on_this_machine_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    for open in ["0.0.0.0:0", "[::]:0", "192.0.2.1:9100"] {
        let mut command = wellhouse_that_ends();
        command.args(["serve", "--data"]).arg(folder.path().join("data"));
        for flag in ["--portal-listen", "--s3-listen"] {
            command.args([flag, &format!("127.0.0.1:{}", free_port())]);
        }
        let output = command.env("WELLHOUSE_METRICS__LISTEN", open).output().expect("it runs");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{open}: {errors}");
        assert!(errors.contains("metrics.listen"), "{errors}");
    }
    let listen = format!("127.0.0.1:{}", free_port());
    let server = Server::start_with(&[("WELLHOUSE_METRICS__LISTEN", &listen)]);
    let mut ada = Actor::administrator(&server);
    Actor::approved(&server, &mut ada, "bob");
    let (status, _, told) = ask("GET", &format!("http://{listen}/metrics"), &[]);
    assert_eq!(status, 200);
    assert!(told.contains("wellhouse_build_info"), "{told}");
    let (id, _) = server.root();
    for word in ["ada", "bob", &id, server.data().to_str().expect("text")] {
        assert!(!told.contains(word), "{word}: {told}");
    }
    for door in [&server.portal, &server.s3] {
        assert!(!ask("GET", &format!("{door}/metrics"), &[]).2.contains("wellhouse_build_info"));
    }
    for path in ["/", "/debug/pprof/profile", "/env"] {
        assert_eq!(ask("GET", &format!("http://{listen}{path}"), &[]).0, 404, "{path}");
    }
}

/// RustFS, and the AWS SDK (RUSTSEC-2023-0125): secrets stood in logs. At the finest level, through
/// every way of signing in and of using the store, none does.
#[tokio::test(flavor = "multi_thread")]
async fn ghsa_r54g_at_the_finest_level_no_secret_is_logged() {
    let server = Server::start_with(&[("WELLHOUSE_LOG__FILTER", "trace")]);
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let mut secrets = bob.second_factor_secrets();
    let home = bob.location("home/");
    bob.upload_digits(&home, "digits.txt");
    let keys = bob.keys("home/");
    let form = json!({ "name": "backup", "location": home, "days": 1, "actions": null,
        "password": PASSWORD });
    let (_, made) = bob.post("/keys", &form);
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let (_, link) =
        bob.post(&format!("/locations/{home}/downloads"), &json!({ "path": "digits.txt" }));
    let link = text(&link["url"]);
    assert_eq!(ask("GET", &link, &[]).0, 200);
    assert_eq!(ask("GET", &link.replace("digits", "absent"), &[]).0, 403);
    let s3 = client(&server, &keys.access_key_id, &keys.secret, Some(&keys.token)).await;
    let wrong = client(&server, &keys.access_key_id, "a wrong secret", Some(&keys.token)).await;
    let key = format!("{}digits.txt", keys.prefix);
    let read = s3.get_object().bucket(&keys.bucket).key(&key).send().await;
    assert!(read.is_ok());
    assert!(wrong.get_object().bucket(&keys.bucket).key(&key).send().await.is_err());
    let mut mallory = Actor::stranger(&server);
    mallory.post("/session", &json!({ "name": "bob", "password": "a wrong password of length" }));
    mallory.post(
        "/setup",
        &json!({ "token": server.setup_token, "name": "m", "password": PASSWORD,
        "registration": "open", "homes": true }),
    );
    let new = "another password of length";
    bob.post("/account/password", &json!({ "current": PASSWORD, "new": new }));
    let (_, root_secret) = server.root();
    let signature = link.split("X-Amz-Signature=").nth(1).expect("a signature");
    secrets
        .extend([PASSWORD, new, "a wrong password of length", "a wrong secret"].map(str::to_owned));
    secrets.extend([keys.secret, keys.token, text(&made["secret_access_key"]), root_secret]);
    secrets.extend([ada.session_token(), bob.session_token()]);
    secrets.extend(server.setup_token.clone());
    secrets.extend(signature.split('&').next().map(str::to_owned));
    let (folder, _, _) = server.stop("TERM");
    let log = std::fs::read_to_string(folder.path().join("log")).expect("the log");
    assert!(log.contains("TRACE"), "the log is not of the finest level");
    for secret in secrets {
        let told = log.lines().find(|line| line.contains(&secret));
        assert_eq!(told, None, "a secret is logged");
    }
}

/// What comes in with line breaks begins no line of its own in the log, nor in what it exports.
#[test]
fn what_holds_line_breaks_begins_no_line_of_a_log() {
    let server = Server::start_with(&[("WELLHOUSE_LOG__FILTER", "debug")]);
    let mut ada = Actor::administrator(&server);
    let forged = "2026-01-01T00:00:00Z  INFO forged: root signed in";
    let mut mallory = Actor::stranger(&server);
    for end in ["\n", "\r", "\r\n", "\u{2028}", "\u{85}", "\u{1b}[2K"] {
        let name = format!("x{end}{forged}");
        mallory.post("/session", &json!({ "name": name, "password": PASSWORD }));
        mallory.post("/registration", &json!({ "name": name, "password": PASSWORD }));
        let encoded: Vec<String> = name.bytes().map(|b| format!("%{b:02X}")).collect();
        let encoded = encoded.concat();
        let agent = format!("x{forged}");
        ask("GET", &format!("{}/{encoded}", server.portal), &[("user-agent", &agent)]);
        ask("GET", &format!("{}/wellhouse/{encoded}", server.s3), &[("user-agent", &agent)]);
        ada.get(&format!("/audit?who={encoded}"));
    }
    let (status, told) = ada.get("/audit/export?format=jsonl");
    assert_eq!(status, 200);
    let told = told.as_str().expect("text").to_owned();
    for text in [server.log(), told] {
        let line = text.lines().find(|line| line.starts_with("2026-01-01T00:00:00Z"));
        assert_eq!(line, None, "a line was forged");
        assert!(!text.contains("\u{1b}[2K"), "a terminal would be steered");
    }
}

/// TRACE gives back what was sent, cookies and all; no door answers it.
#[test]
fn trace_is_answered_at_no_door() {
    let server = Server::start();
    for door in [&server.portal, &server.s3] {
        for path in ["/", "/api/v1/session", "/wellhouse/a"] {
            let echo = [("x-canary", CANARY), ("cookie", "__Host-sid=secret")];
            let (status, headers, body) = ask("TRACE", &format!("{door}{path}"), &echo);
            assert!([400, 403, 405, 501].contains(&status), "{door}{path}: {status} {body}");
            assert!(!body.contains(CANARY) && !headers.contains(CANARY), "{door}{path}: {body}");
        }
    }
}

/// File Browser and Quantum: a flood of sign-ins used up the memory. Hashes are bounded in number; who
/// comes too many is told so, and everybody else is answered.
#[test]
fn cve_2026_54092_a_flood_of_sign_ins_is_turned_away_and_the_rest_is_answered() {
    const GUESSERS: usize = 150;
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let before = server.peak_kib();
    let (done, slowest) = (AtomicUsize::new(0), std::sync::Mutex::new(Duration::ZERO));
    let statuses = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for n in 0..GUESSERS {
            let mut guesser = Actor::stranger(&server);
            let (done, statuses) = (&done, &statuses);
            scope.spawn(move || {
                let form = json!({ "name": format!("nobody {n}"), "password": "not the password" });
                let (status, _) = guesser.post("/session", &form);
                statuses.lock().expect("statuses").push(status);
                done.fetch_add(1, Ordering::Relaxed);
            });
        }
        while done.load(Ordering::Relaxed) < GUESSERS {
            let began = Instant::now();
            assert_eq!(ada.get("/session").0, 200, "who is signed in is answered");
            let mut slowest = slowest.lock().expect("a time");
            *slowest = began.elapsed().max(*slowest);
            drop(slowest);
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let statuses = statuses.into_inner().expect("statuses");
    let count = |status: u16| statuses.iter().filter(|s| **s == status).count();
    let (refused, slowed, busy) = (count(401), count(429), count(503));
    assert_eq!(refused + slowed + busy, GUESSERS, "{statuses:?}");
    assert!(slowed + busy >= GUESSERS / 2, "{refused} hashes were computed for one address");
    let grown = server.peak_kib().saturating_sub(before);
    assert!(grown < 256 << 10, "{grown} KiB more");
    let slowest = slowest.into_inner().expect("a time");
    assert!(slowest < Duration::from_secs(10), "{slowest:?}");
}
