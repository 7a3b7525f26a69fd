//! What a node is told that cannot share the ledger.

use super::House;
use crate::server::{free_port, tool, wellhouse};

/// Starts a node that must not start, and gives its words.
fn refused(settings: &[(&str, &str)], data: &std::path::Path) -> String {
    let mut command = wellhouse();
    command.args(["serve", "--store-only", "--data"]).arg(data);
    command.args(["--s3-listen", &format!("127.0.0.1:{}", free_port())]);
    let output = command.envs(settings.iter().copied()).output().expect("it runs");
    assert!(!output.status.success());
    String::from_utf8([output.stdout, output.stderr].concat()).expect("text")
}

#[test]
fn a_node_that_cannot_share_the_ledger_is_told_why() {
    let house = House::new();
    let first = house.first();
    let folder = tempfile::tempdir().expect("a folder");
    let without_keys = refused(&house.settings(), &folder.path().join("data"));
    assert!(without_keys.contains("copy authority.keys"), "{without_keys}");
    let other = folder.path().join("other");
    std::fs::create_dir(&other).expect("made");
    let mut keys = std::fs::read_to_string(first.data().join("authority.keys")).expect("keys");
    let id = keys.find("AKIA").expect("an id") + 5;
    let swapped = if keys.as_bytes()[id] == b'A' { "B" } else { "A" };
    keys.replace_range(id..=id, swapped);
    std::fs::write(other.join("authority.keys"), keys).expect("written");
    let other_keys = refused(&house.settings(), &other);
    assert!(other_keys.contains("another authority.keys"), "{other_keys}");

    let with = |name: &'static str, value: &str| {
        let mut settings = house.settings();
        settings.retain(|(known, _)| *known != name);
        let settings: Vec<_> = settings.into_iter().chain([(name, value)]).collect();
        refused(&settings, &other)
    };
    let gone = with("WELLHOUSE_LEDGER__URL", "postgres://w@127.0.0.1:1/w");
    assert!(gone.contains("ledger.url") && gone.contains("cannot be reached"), "{gone}");
    let server = tool("WELLHOUSE_TEST_POSTGRES");
    let locked = server.to_str().expect("text").replace("//wellhouse@", "//locked@");
    let file = folder.path().join("password");
    std::fs::write(&file, "canary-of-the-ledger").expect("written");
    let mut settings = house.settings();
    settings.retain(|(known, _)| *known != "WELLHOUSE_LEDGER__URL");
    settings.push(("WELLHOUSE_LEDGER__URL", &locked));
    settings.push(("WELLHOUSE_LEDGER__PASSWORD_FILE", file.to_str().expect("text")));
    settings.push(("WELLHOUSE_LOG__FILTER", "trace"));
    let open = refused(&settings, &other);
    assert!(open.contains("chmod 600"), "{open}");
    let closed = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&file, closed).expect("closed");
    let wrong = refused(&settings, &other);
    assert!(wrong.contains("refuses the user or the password"), "{wrong}");
    assert!(wrong.contains("ledger.password_file") && !wrong.contains("canary"), "{wrong}");
    let in_url = with("WELLHOUSE_LEDGER__URL", "postgres://w:canary-of-the-ledger@127.0.0.1/w");
    assert!(in_url.contains("must not hold a password") && !in_url.contains("canary"), "{in_url}");
    let embedded = with("WELLHOUSE_STORE__KIND", "embedded");
    assert!(embedded.contains("store."), "{embedded}");
}
