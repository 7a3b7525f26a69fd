//! What lies on the disk: for its owner alone, sealed, hashed, and nowhere else than it should.

use std::collections::BTreeSet;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use aws_sdk_s3::primitives::ByteStream;

use crate::actors::{Actor, PASSWORD};
use crate::advisories::{BUCKET, client, root};
use crate::server::{Server, free_port, wellhouse_that_ends};

/// Everything below a folder, the folder first.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![folder.to_path_buf()];
    let mut next = 0;
    while let Some(path) = all.get(next).cloned() {
        next += 1;
        if path.symlink_metadata().is_ok_and(|about| about.is_dir()) {
            let entries = std::fs::read_dir(&path).expect("a folder");
            all.extend(entries.map(|entry| entry.expect("an entry").path()));
        }
    }
    all
}

/// Whether a file below a folder holds these bytes.
fn holds(folder: &Path, text: &str) -> Option<PathBuf> {
    let needle = text.as_bytes();
    let files = below(folder).into_iter().filter(|path| path.is_file());
    files.into_iter().find(|path| {
        let bytes = std::fs::read(path).expect("a file");
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}

async fn put(server: &Server, key: &str, body: &str) {
    let s3 = root(server).await;
    let body = ByteStream::from(body.as_bytes().to_vec());
    s3.put_object().bucket(BUCKET).key(key).body(body).send().await.expect("put");
}

async fn get(server: &Server, key: &str) -> Option<Vec<u8>> {
    let answer = root(server).await.get_object().bucket(BUCKET).key(key).send().await.ok()?;
    Some(answer.body.collect().await.ok()?.into_bytes().to_vec())
}

/// File Browser: its files could be read by everybody on the machine. Ours are for their owner, even
/// where the process masks nothing: each file and each folder, also those that came while it ran.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2025_52900_every_file_of_a_house_is_for_its_owner_alone() {
    let server = Server::start_unmasked();
    Actor::administrator(&server);
    put(&server, "small", "small").await;
    put(&server, "large", &"large".repeat(1 << 18)).await;
    let all = below(&server.data());
    assert!(all.len() > 12, "{all:?}");
    for path in all {
        let about = path.symlink_metadata().expect("metadata");
        let mode = about.permissions().mode() & 0o777;
        let expected: &[u32] = if about.is_dir() { &[0o700] } else { &[0o600, 0o400] };
        assert!(expected.contains(&mode), "{} has {mode:o}", path.display());
    }
}

/// File Browser: passwords were hashed weakly. What is kept of one is Argon2id of the cost that
/// OWASP asks for, by default, and neither it nor a session's token lies anywhere.
#[test]
fn cve_2025_52997_of_a_password_only_a_costly_hash_is_kept() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    Actor::approved(&server, &mut ada, "bob");
    let token = server.setup_token.clone().expect("a one-time link");
    let session = ada.session_token();
    let (folder, status, _) = server.stop("TERM");
    assert!(status.success(), "{status}");
    let data = folder.path().join("data");
    assert!(holds(&data, "$argon2id$v=19$m=47104,t=1,p=1$").is_some(), "the hash is another");
    for secret in [PASSWORD, &token, &session] {
        assert_eq!(holds(folder.path(), secret), None, "{secret} lies on the disk");
    }
}

/// Who reads the disk must not be able to take a second step: recovery codes lie there as digests, the seed
/// of one-time codes sealed.
#[test]
fn no_code_and_no_seed_of_a_second_factor_lies_on_the_disk_in_plain() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let secrets = ada.second_factor_secrets();
    assert_eq!(secrets.len(), 11, "ten codes and a seed");
    let (folder, status, _) = server.stop("TERM");
    assert!(status.success(), "{status}");
    for secret in &secrets {
        let plain: String = secret.chars().filter(char::is_ascii_alphanumeric).collect();
        for form in [secret.clone(), plain.to_lowercase(), plain.to_uppercase(), plain] {
            assert_eq!(holds(folder.path(), &form), None, "{form} lies on the disk");
        }
    }
}

/// RustFS: what was said to be encrypted lay on the disk as it was. Ours is looked for there.
#[tokio::test(flavor = "multi_thread")]
async fn ghsa_xrrf_what_is_told_to_be_encrypted_is_so_on_the_disk() {
    let server = Server::start();
    let canary = "a canary that sings in the clear ";
    put(&server, "canary-of-a-name", &canary.repeat(40_000)).await;
    put(&server, "short", canary).await;
    let s3 = root(&server).await;
    let head = s3.head_object().bucket(BUCKET).key("short").send().await.expect("head");
    let told = head.server_side_encryption().map(aws_sdk_s3::types::ServerSideEncryption::as_str);
    assert_eq!(told, Some("AES256"));
    let objects = server.data().join("objects");
    let (folder, status, _) = server.stop("TERM");
    assert!(status.success(), "{status}");
    for text in [canary.trim(), "canary-of-a-name"] {
        assert_eq!(holds(&folder.path().join("data/objects"), text), None, "{text}");
    }
    assert!(objects.exists(), "it was looked for where the objects are");
}

/// MinIO: a name led out of the store's folder. Whatever a key holds, no file is named by it, inside
/// the data folder or beside it.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_42600_no_key_becomes_a_path() {
    let server = Server::start();
    let scratch = server.scratch();
    std::fs::write(scratch.join("sentinel"), "untouched").expect("a file");
    let names = |folder: &Path| -> BTreeSet<PathBuf> { below(folder).into_iter().collect() };
    let before = names(&scratch);
    let keys = [
        "../sentinel",
        "../../sentinel",
        "../../../sentinel",
        "../../authority.keys",
        "../ledger.db",
        "/etc/wellhouse-was-here",
        "a/../../../sentinel",
        "..\\..\\sentinel",
        "%2e%2e/sentinel",
        "sentinel-of-a-key",
        "sentinel-of-a-key/",
        "con",
        "a:b",
        ".",
        "..",
        "\u{202e}sentinel",
        "-rf",
        "~/sentinel",
        "$HOME/sentinel",
        "a\nsentinel",
        "|sentinel",
    ];
    for key in keys {
        put(&server, key, key).await;
        assert_eq!(get(&server, key).await.as_deref(), Some(key.as_bytes()), "{key:?}");
    }
    let told = std::fs::read_to_string(scratch.join("sentinel")).expect("a file");
    assert_eq!(told, "untouched");
    assert!(!Path::new("/etc/wellhouse-was-here").exists());
    for path in names(&scratch).difference(&before) {
        assert!(path.starts_with(server.data()), "{} is beside the data folder", path.display());
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(!name.contains("sentinel") && name != "con", "{}", path.display());
    }
    let s3 = root(&server).await;
    for key in keys {
        s3.delete_object().bucket(BUCKET).key(key).send().await.expect("deleted");
    }
    assert!(scratch.join("sentinel").exists() && server.data().join("authority.keys").exists());
}

/// File Browser, and those who unpack: a link in the folder was followed. Where a file of the store is
/// a link to another, nothing of the other comes out.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_54094_a_link_in_the_data_folder_gives_nothing_away() {
    let server = Server::start();
    let body = "0123456789abcdef".repeat(1 << 16);
    put(&server, "victim", &body).await;
    let (folder, status, _) = server.stop("TERM");
    assert!(status.success(), "{status}");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "a secret of the machine ".repeat(60_000)).expect("a file");
    let blobs: Vec<PathBuf> = below(&folder.path().join("data/objects"))
        .into_iter()
        .filter(|path| path.metadata().is_ok_and(|about| about.is_file() && about.len() >= 1 << 20))
        .filter(|path| !path.to_string_lossy().contains("index"))
        .collect();
    assert!(!blobs.is_empty(), "no file of the object was found");
    for blob in &blobs {
        std::fs::remove_file(blob).expect("removed");
        symlink(&secret, blob).expect("a link");
    }
    let server = Server::start_again(folder);
    let read = get(&server, "victim").await;
    assert_eq!(read, None, "something came out by the link");
    root(&server).await.delete_object().bucket(BUCKET).key("victim").send().await.expect("deleted");
    put(&server, "victim", "anew").await;
    let kept = std::fs::read_to_string(server.scratch().join("secret")).expect("a file");
    assert!(kept.starts_with("a secret of the machine "), "what the link names was written to");
}

/// RustFS: one default secret for all, in six advisories. Of two fresh houses nothing is alike, and no
/// default of anybody's opens one.
#[tokio::test(flavor = "multi_thread")]
async fn ghsa_j59h_no_two_houses_share_a_secret_and_no_default_opens_one() {
    let (one, two) = (Server::start(), Server::start());
    for file in ["authority.keys", "store.keys", "audit.key"] {
        // Everything in the file that is long enough to be a secret.
        let long = |server: &Server| -> BTreeSet<String> {
            let bytes = std::fs::read(server.data().join(file)).expect(file);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !"+/_-".contains(c));
            words.filter(|word| word.len() >= 40).map(str::to_owned).collect()
        };
        let (mine, theirs) = (long(&one), long(&two));
        assert!(!mine.is_empty() && mine.is_disjoint(&theirs), "{file}: {mine:?} {theirs:?}");
    }
    assert_ne!(one.setup_token, two.setup_token);
    let pairs = [
        (["minio", "admin"].concat(), ["minio", "admin"].concat()),
        ("rustfsadmin".to_owned(), "rustfsadmin".to_owned()),
        ("admin".to_owned(), "admin".to_owned()),
        ("root".to_owned(), "password".to_owned()),
        ("wellhouse".to_owned(), "wellhouse".to_owned()),
        ("AKIAIOSFODNN7EXAMPLE".to_owned(), "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned()),
        two.root(),
    ];
    for (id, secret) in pairs {
        let s3 = client(&one, &id, &secret, None).await;
        assert!(s3.list_buckets().send().await.is_err(), "{id} opens it");
        let form = serde_json::json!({ "name": id, "password": secret });
        let (status, _) = Actor::stranger(&one).post("/session", &form);
        assert_eq!(status, 401, "{id}");
    }
    let token = two.setup_token.clone().expect("a link");
    let form = serde_json::json!({ "token": token, "name": "mallory", "password": PASSWORD,
        "registration": "open", "homes": true });
    assert_eq!(Actor::stranger(&one).post("/setup", &form).0, 403, "the other's one-time link");
}

/// RustFS: where a secret was missing, one that everybody knows took its place. A house whose keys are
/// gone or cut does not start, and makes no others.
#[test]
fn ghsa_r5qv_a_house_without_its_keys_does_not_start() {
    let server = Server::start();
    let (folder, _, _) = server.stop("TERM");
    let data = folder.path().join("data");
    let refuses = |shown: &str| {
        let mut command = wellhouse_that_ends();
        command.args(["serve", "--data"]).arg(&data);
        for flag in ["--portal-listen", "--s3-listen"] {
            command.args([flag, &format!("127.0.0.1:{}", free_port())]);
        }
        let output = command.output().expect("it runs");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{shown}: {errors}");
        errors
    };
    let keys = data.join("authority.keys");
    let good = std::fs::read_to_string(&keys).expect("the keys");
    for (shown, text) in [
        ("an empty file", String::new()),
        ("half of it", good.chars().take(good.len() / 2).collect()),
        ("no sealing key", good.replace("token-sealing-key=", "token-sealing-key=A")),
        ("no version", good.replace("wellhouse-keys 1", "wellhouse-keys")),
    ] {
        std::fs::write(&keys, &text).expect("written");
        let told = refuses(shown);
        let secrets = good.lines().skip(1).filter_map(|line| line.split_once('='));
        for (name, secret) in secrets {
            assert!(!told.contains(secret), "{shown}: {name} is told");
        }
        assert_eq!(std::fs::read_to_string(&keys).expect("the keys"), text, "{shown}");
    }
    std::fs::write(&keys, &good).expect("written");
    std::fs::remove_file(data.join("store.keys")).expect("removed");
    refuses("the store's keys are gone");
    assert!(!data.join("store.keys").exists(), "others were made in their place");
    std::fs::set_permissions(&keys, PermissionsExt::from_mode(0o644)).expect("permissions");
    refuses("keys that others may read");
}
