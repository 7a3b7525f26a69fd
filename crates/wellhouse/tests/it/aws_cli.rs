//! The AWS CLI as a client: what an administrator and a person do with it, and what they may not.

use std::path::Path;
use std::process::{Command, Output};

use sha2::{Digest, Sha256};

use crate::actors::{Actor, Keys};
use crate::server::{Server, tool};

/// Big enough for a multipart upload of many parts; the gigabyte of the issue is `hammer`'s and the
/// browser's.
const LARGE_BYTES: usize = 64 << 20;

fn aws(keys: &Keys, arguments: &[&str]) -> Output {
    let mut command = Command::new(tool("WELLHOUSE_TEST_AWS"));
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/nonexistent");
    command.envs(keys.environment()).args(arguments).output().expect("the AWS CLI runs")
}

#[track_caller]
fn succeeds(keys: &Keys, arguments: &[&str]) -> String {
    let output = aws(keys, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "aws {}: {errors}", arguments.join(" "));
    String::from_utf8(output.stdout).expect("text")
}

#[track_caller]
fn fails_with(keys: &Keys, arguments: &[&str], words: &[&str]) {
    let output = aws(keys, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "aws {} succeeded", arguments.join(" "));
    for word in words {
        assert!(errors.contains(word), "`{word}` is not in: {errors}");
    }
}

fn digest(path: &Path) -> String {
    hex::encode(Sha256::digest(std::fs::read(path).expect("a file")))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

#[test]
fn cp_ls_sync_and_rm_work_as_on_aws() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let keys = ada.keys("");
    let bucket = format!("s3://{}", keys.bucket);
    let large = server.scratch().join("large");
    let bytes: Vec<u8> = (0..=250).cycle().take(LARGE_BYTES).collect();
    std::fs::write(&large, bytes).expect("a file");
    succeeds(&keys, &["s3", "cp", "--only-show-errors", text(&large), &format!("{bucket}/big")]);
    let back = server.scratch().join("back");
    succeeds(&keys, &["s3", "cp", "--only-show-errors", &format!("{bucket}/big"), text(&back)]);
    assert_eq!(digest(&large), digest(&back));

    let folder = server.scratch().join("folder");
    std::fs::create_dir_all(folder.join("deep/er")).expect("a folder");
    for name in ["plain.txt", "deep/a+b c#d%e.txt", "deep/er/🦀 ünï.txt", "empty"] {
        std::fs::write(folder.join(name), if name == "empty" { "" } else { name }).expect("a file");
    }
    let target = format!("{bucket}/sync/");
    succeeds(&keys, &["s3", "sync", "--only-show-errors", text(&folder), &target]);
    let listed = succeeds(&keys, &["s3", "ls", "--recursive", &target]);
    assert_eq!(listed.lines().count(), 4, "{listed}");
    assert!(listed.contains("sync/deep/er/🦀 ünï.txt"), "{listed}");
    let again = succeeds(&keys, &["s3", "sync", text(&folder), &target]);
    assert_eq!(again, "", "a second sync has nothing to do");
    let home = server.scratch().join("home");
    succeeds(&keys, &["s3", "sync", "--only-show-errors", &target, text(&home)]);
    assert_eq!(
        std::fs::read_to_string(home.join("deep/a+b c#d%e.txt")).expect("a file"),
        "deep/a+b c#d%e.txt"
    );
    succeeds(&keys, &["s3", "rm", "--recursive", "--only-show-errors", &target]);
    let output = aws(&keys, &["s3", "ls", "--recursive", &target]);
    assert!(output.stdout.is_empty());
}

#[test]
fn a_person_reads_shared_but_the_store_refuses_to_write_there() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let admin = ada.keys("");
    let file = server.scratch().join("note");
    std::fs::write(&file, "hello").expect("a file");
    let shared = format!("s3://{}/shared/note", admin.bucket);
    succeeds(&admin, &["s3", "cp", "--only-show-errors", text(&file), &shared]);
    let keys = bob.keys("shared/");
    let listed = succeeds(&keys, &["s3", "ls", &format!("s3://{}/shared/", keys.bucket)]);
    assert!(listed.contains("note"), "{listed}");
    succeeds(
        &keys,
        &["s3", "cp", "--only-show-errors", &shared, text(&server.scratch().join("b"))],
    );
    let words = [
        "AccessDenied",
        "assumed-role/RegularUserRole/u-",
        "is not authorized to perform: s3:PutObject",
        "shared/mine",
        "because no identity-based policy allows the s3:PutObject action",
    ];
    let mine = format!("s3://{}/shared/mine", keys.bucket);
    fails_with(&keys, &["s3", "cp", text(&file), &mine], &words);
    fails_with(&keys, &["s3", "rm", &shared], &["s3:DeleteObject", "AccessDenied"]);
    fails_with(&keys, &["s3", "ls", &format!("s3://{}/home/", keys.bucket)], &["AccessDenied"]);
}

#[test]
fn a_person_works_at_home_and_nowhere_else() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let mut eve = Actor::approved(&server, &mut ada, "eve");
    let (keys, others) = (bob.keys("home/"), eve.keys("home/"));
    let file = server.scratch().join("note");
    std::fs::write(&file, "hello").expect("a file");
    let mine = format!("s3://{}/{}note", keys.bucket, keys.prefix);
    succeeds(&keys, &["s3", "cp", "--only-show-errors", text(&file), &mine]);
    fails_with(&others, &["s3", "cp", &mine, "-"], &["403"]);
    fails_with(&others, &["s3", "cp", text(&file), &mine], &["AccessDenied", "session policy"]);
    fails_with(&keys, &["iam", "list-roles"], &["AccessDenied"]);
    fails_with(
        &keys,
        &["s3api", "put-bucket-policy", "--bucket", &keys.bucket, "--policy", "{}"],
        &["AccessDenied"],
    );
    let who = succeeds(&keys, &["sts", "get-caller-identity", "--output", "text"]);
    assert!(who.contains(":assumed-role/S3AccessRole/u-"), "{who}");
}

#[test]
fn what_cannot_be_honoured_is_refused() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let keys = ada.keys("");
    let on = |operation: &'static str| ["s3api", operation, "--bucket", &keys.bucket];
    let acl = ["--acl", "public-read"];
    let refused = ["AccessControlListNotSupported"];
    fails_with(&keys, &[&on("put-bucket-acl")[..], &acl].concat(), &refused);
    fails_with(&keys, &on("get-bucket-website"), &["NoSuchWebsiteConfiguration"]);
    fails_with(&keys, &on("list-bucket-inventory-configurations"), &["NotImplemented"]);
    let file = server.scratch().join("note");
    std::fs::write(&file, "hello").expect("a file");
    let url = format!("s3://{}/note", keys.bucket);
    let key = "0".repeat(32);
    let copy = ["s3", "cp", text(&file), &url];
    for (more, words) in [
        (&["--sse-c", "AES256", "--sse-c-key", &key][..], "SSE-C"),
        (&["--sse", "aws:kms"], "AWS KMS"),
        (&["--storage-class", "GLACIER"], "NotImplemented"),
    ] {
        fails_with(&keys, &[&copy[..], more].concat(), &["NotImplemented", words]);
    }
}

#[test]
fn the_root_user_keeps_versions_and_locks_them() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let (access_key_id, secret) = server.root();
    let root = Keys { access_key_id, secret, token: String::new(), ..ada.keys("") };
    let run = |line: &str| {
        let arguments: Vec<&str> = line.split(' ').collect();
        succeeds(&root, &[&["s3api"], &arguments[..], &["--output", "text"]].concat())
    };
    run("create-bucket --bucket kept --object-lock-enabled-for-bucket");
    assert_eq!(run("get-bucket-versioning --bucket kept --query Status").trim(), "Enabled");
    let file = server.scratch().join("note");
    std::fs::write(&file, "hello").expect("a file");
    let put = format!("put-object --bucket kept --key note --body {}", text(&file));
    let one = run(&format!("{put} --query VersionId --tagging team=red"));
    let one = one.trim();
    let two = run(&format!("{put} --query VersionId"));
    assert_ne!(one, two.trim());
    let marker = run("delete-object --bucket kept --key note --query VersionId");
    let listed =
        run("list-object-versions --bucket kept --query [length(Versions),length(DeleteMarkers)]");
    assert_eq!(listed.split_whitespace().collect::<Vec<_>>(), ["2", "1"]);
    run(&format!("delete-object --bucket kept --key note --version-id {}", marker.trim()));
    let back = server.scratch().join("back");
    run(&format!("get-object --bucket kept --key note --version-id {one} {}", text(&back)));
    assert_eq!(std::fs::read_to_string(&back).expect("a file"), "hello");
    let tags = format!("get-object-tagging --bucket kept --key note --version-id {one}");
    assert!(run(&tags).contains("team"), "the tags of the version");
    let hold = format!("--bucket kept --key note --version-id {one} --legal-hold Status");
    run(&format!("put-object-legal-hold {hold}=ON"));
    let delete = format!("s3api delete-object --bucket kept --key note --version-id {one}");
    let delete: Vec<&str> = delete.split(' ').collect();
    fails_with(&root, &delete, &["AccessDenied", "object protected by object lock"]);
    run(&format!("put-object-legal-hold {hold}=OFF"));
    succeeds(&root, &delete);
}

#[test]
fn what_a_rule_says_expires() {
    let mut server = Server::start();
    let (access_key_id, secret) = server.root();
    let keys_of = |server: &Server| Keys {
        access_key_id: access_key_id.clone(),
        secret: secret.clone(),
        token: String::new(),
        endpoint: server.s3.clone(),
        bucket: "rules".to_owned(),
        prefix: String::new(),
    };
    let root = keys_of(&server);
    succeeds(&root, &["s3api", "create-bucket", "--bucket", "rules"]);
    for key in ["kept/a", "tmp/a", "tmp/b"] {
        succeeds(&root, &["s3api", "put-object", "--bucket", "rules", "--key", key]);
    }
    let rules = r#"{"Rules":[{"ID":"r","Status":"Enabled","Filter":{"Prefix":"tmp/"},
        "Expiration":{"Date":"2020-01-01T00:00:00Z"}}]}"#;
    let put = ["s3api", "put-bucket-lifecycle-configuration", "--bucket", "rules"];
    succeeds(&root, &[&put[..], &["--lifecycle-configuration", rules]].concat());
    // A pass begins with the server, and then comes every hour.
    server = server.restart();
    let root = keys_of(&server);
    let list = ["s3api", "list-objects-v2", "--bucket", "rules", "--output", "text"];
    let list = [&list[..], &["--query", "Contents[].Key"]].concat();
    let left = (0..60).map(|_| succeeds(&root, &list)).find(|left| left.trim() == "kept/a");
    assert!(left.is_some(), "the rules were not carried out: {}", server.log());
}
