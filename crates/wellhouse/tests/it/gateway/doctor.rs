//! `wellhouse doctor`: a line each, with a verdict and what to do.

use std::path::Path;

use serde_json::Value;

use crate::server::{Server, free_port, wellhouse};

fn doctor(settings: &[(&str, &str)], arguments: &[&str]) -> (i32, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = wellhouse();
    command.arg("--data").arg(folder.path().join("data")).arg("doctor").args(arguments);
    let output = command.envs(settings.iter().copied()).output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("text");
    (output.status.code().expect("a code"), text)
}

fn find<'a>(report: &'a Value, check: &str) -> &'a Value {
    let checks = report["checks"].as_array().expect("checks");
    let found = checks.iter().find(|one| one["check"] == check);
    found.unwrap_or_else(|| panic!("no {check} in {report}"))
}

#[test]
fn a_gateways_doctor_tells_what_the_upstream_can_do_and_what_to_mend() {
    let upstream = Server::start();
    let settings = super::binary::settings(&upstream, "front");
    let settings: Vec<_> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let (code, text) = doctor(&settings, &["--output", "json"]);
    let report: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((code, report["well"].as_bool()), (0, Some(true)), "{report}");
    assert_eq!(find(&report, "upstream")["verdict"], "good");
    assert_eq!(find(&report, "upstream: conditional writes")["verdict"], "good");
    assert_eq!(find(&report, "clock")["verdict"], "good");
    assert_eq!(find(&report, "control bucket")["found"], "front-control");
    let (code, text) = doctor(&settings, &[]);
    assert!(code == 0 && text.contains("good   upstream: versions: as S3 has it"), "{text}");

    let away = format!("http://127.0.0.1:{}", free_port());
    let with = |name, value| {
        let mut settings = settings.clone();
        settings.push((name, value));
        settings
    };
    let (code, text) = doctor(&with("WELLHOUSE_STORE__ENDPOINT_URL", &away), &[]);
    assert!(code == 2 && text.contains("→ is store.endpoint_url right"), "{text}");
    let (code, text) = doctor(&with("WELLHOUSE_STORE__ACCESS_KEY_ID", "AKIAWRONGWRONGWRONG1"), &[]);
    assert!(code == 2 && text.contains("→ does the upstream know"), "{text}");
    let secret = settings.iter().find(|(k, _)| k.ends_with("FILE")).expect("a file").1;
    open_to_all(Path::new(secret));
    let (code, text) = doctor(&settings, &[]);
    assert!(code == 2 && text.contains("chmod 600"), "{text}");
    let (code, text) = doctor(&with("WELLHOUSE_STORE__KIND", "gatewey"), &["--output", "json"]);
    let report: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((code, &find(&report, "configuration")["verdict"]), (1, &Value::from("wrong")));
}

#[test]
fn an_embedded_house_is_well_before_its_first_start_and_after_it() {
    let (code, text) = doctor(&[], &[]);
    assert!(code == 0 && text.contains("is not there yet"), "{text}");
    let server = Server::start();
    let run = || {
        let mut command = wellhouse();
        let output = command.arg("--data").arg(server.data()).arg("doctor").output();
        let output = output.expect("it runs");
        (output.status.code().expect("a code"), String::from_utf8(output.stdout).expect("text"))
    };
    let (code, text) = run();
    assert!(code == 0 && text.contains("good   master keys"), "{text}");
    open_to_all(&server.data().join("authority.keys"));
    let (code, text) = run();
    assert!(code == 2 && text.contains("wrong  keys of IAM and STS"), "{text}");
}

fn open_to_all(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o644)).expect("opened");
}
