//! Folders as one archive: unpacked by three tools, broken off where it must not go on, and small in memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use aws_sdk_s3::primitives::ByteStream;
use serde_json::{Value, json};

use crate::actors::{Actor, Keys};
use crate::keeping::put;
use crate::sdk::client;
use crate::server::{Server, tool};

const MIB: usize = 1024 * 1024;

fn ask(actor: &mut Actor, location: &str, paths: &Value) -> Value {
    let asked = json!({ "paths": paths });
    let (status, archive) = actor.post(&format!("/locations/{location}/archives"), &asked);
    assert_eq!(status, 201, "{archive}");
    archive
}

fn fetching(server: &Server, actor: &Actor, archive: &Value, to: &Path, more: &[&str]) -> Child {
    let url = format!("{}{}", server.portal, archive["url"].as_str().expect("an address"));
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--fail", "--max-time", "120", "--cookie", &actor.cookie(), "--output"]);
    curl.arg(to).arg(url).args(more).stdout(Stdio::null()).stderr(Stdio::null());
    curl.spawn().expect("curl runs")
}

fn fetch(server: &Server, actor: &Actor, archive: &Value) -> PathBuf {
    let to = server.scratch().join("fetched.zip");
    let ended = fetching(server, actor, archive, &to, &[]).wait().expect("it ends");
    assert!(ended.success(), "{ended}: {}", server.log());
    to
}

/// Every file below a folder, with its bytes.
fn below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut ahead = vec![folder.to_path_buf()];
    while let Some(at) = ahead.pop() {
        for entry in fs::read_dir(&at).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                ahead.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below").to_str().expect("text");
                found.insert(name.to_owned(), fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

/// Unpacked by each tool in a folder of its own, beside which nothing may appear.
fn unpacked(server: &Server, archive: &Path) -> Vec<BTreeMap<String, Vec<u8>>> {
    let python = tool("WELLHOUSE_TEST_PYTHON");
    let archive = archive.to_str().expect("text");
    let tools: [(&Path, Vec<&str>); 3] = [
        (Path::new("unzip"), vec!["-q", archive]),
        (Path::new("bsdtar"), vec!["-x", "-f", archive]),
        (&python, vec!["-m", "zipfile", "-e", archive, "."]),
    ];
    let outer = server.scratch().join("sentinel");
    let trees = tools.iter().enumerate().map(|(n, (program, arguments))| {
        let inner = outer.join(format!("{n}/a/b/c"));
        fs::create_dir_all(&inner).expect("a folder");
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&inner).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        let output = command.output().expect("it runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {errors}", program.display());
        let tree = below(&inner);
        assert_eq!(below(&outer.join(n.to_string())).len(), tree.len(), "{}", program.display());
        tree
    });
    trees.collect()
}

async fn put_all(keys: &Keys, files: &[(&str, &[u8])]) {
    for (name, body) in files {
        put(keys, &format!("{}{name}", keys.prefix), body.to_vec()).await;
    }
}

/// File Browser and others: whoever unpacked an archive had files written wherever a name pointed.
#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_62843_an_archive_is_unpacked_where_it_should_be_by_every_tool() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let keys = bob.keys("home/");
    let big = vec![7; 3 * MIB];
    let files: [(&str, &[u8]); 10] = [
        ("pack/plain.txt", b"plain"),
        ("pack/empty", b""),
        ("pack/deep/er/\u{1f980} \u{fc}n\u{ef} \u{43a}\u{43b}.txt", b"crab"),
        ("pack/../../../up.txt", b"up"),
        ("pack//etc/absolute", b"absolute"),
        ("pack/..\\..\\back.txt", b"back"),
        ("pack/Same.txt", b"upper"),
        ("pack/same.txt", b"lower"),
        ("pack/big.bin", &big),
        ("pack/hollow/", b""),
    ];
    put_all(&keys, &files).await;
    let home = bob.location("home/");
    let archive = ask(&mut bob, &home, &json!(["pack/"]));
    assert_eq!((&archive["name"], &archive["files"]), (&json!("pack.zip"), &json!(10)));
    let fetched = fetch(&server, &bob, &archive);
    for tree in unpacked(&server, &fetched) {
        let names: Vec<_> = tree.keys().map(String::as_str).collect();
        let expected = [
            "pack/.._.._back.txt",
            "pack/Same.txt",
            "pack/_ (2)/etc/absolute",
            "pack/_/_/_/up.txt",
            "pack/big.bin",
            "pack/deep/er/\u{1f980} \u{fc}n\u{ef} \u{43a}\u{43b}.txt",
            "pack/empty",
            "pack/plain.txt",
            "pack/same (2).txt",
        ];
        assert_eq!(names, expected);
        assert_eq!(tree["pack/big.bin"], big);
        assert_eq!(tree["pack/plain.txt"], b"plain");
        assert_eq!(tree["pack/same (2).txt"], b"lower");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_store_refuses_is_named_in_the_archive_and_nobody_else_fetches_it() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let keys = bob.keys("home/");
    put_all(&keys, &[("a/open.txt", b"open"), ("a/secret/s.txt", b"secret")]).await;
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Sid": "NotYet", "Effect": "Deny",
        "Principal": "*", "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{}/{}a/secret/*", keys.bucket, keys.prefix) }] });
    let (access_key_id, secret) = server.root();
    let root = Keys { access_key_id, secret, token: String::new(), ..keys.clone() };
    let denied = client(&root).await.put_bucket_policy().bucket(&keys.bucket);
    denied.policy(policy.to_string()).send().await.expect("a policy");
    let home = bob.location("home/");
    let archive = ask(&mut bob, &home, &json!(["a/open.txt", "a/secret/", "a/gone.txt"]));
    assert_eq!(archive["name"], "files.zip");
    let fetched = fetch(&server, &bob, &archive);
    for tree in unpacked(&server, &fetched) {
        let names: Vec<_> = tree.keys().map(String::as_str).collect();
        assert_eq!(names, ["NOT IN THIS ARCHIVE.txt", "open.txt"]);
        let told = String::from_utf8_lossy(&tree["NOT IN THIS ARCHIVE.txt"]).into_owned();
        assert!(told.contains("secret/s.txt") && told.contains("explicit deny"), "{told}");
        assert!(told.contains("gone.txt"), "{told}");
        assert!(!tree.values().any(|bytes| bytes == b"secret"));
    }
    let address = archive["url"].as_str().expect("an address");
    let address = address.strip_prefix("/api/v1").expect("of the API");
    let (status, refused) = ada.get(address);
    assert_eq!((status, &refused["code"]), (404, &json!("no-such-archive")), "{refused}");
    assert_eq!(Actor::stranger(&server).get(address).0, 401);
    let (_, log) = ada.get("/audit");
    let log = log.to_string();
    assert!(log.contains("ArchivesAsk") && log.contains("ArchivesFetch"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_of_somebody_shut_out_breaks_off_and_memory_stays_small() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let keys = bob.keys("home/");
    let s3 = client(&keys).await;
    for n in 0..24 {
        let (key, body) = (format!("{}many/{n}", keys.prefix), vec![n; 4 * MIB]);
        let put = s3.put_object().bucket(&keys.bucket).key(key).body(ByteStream::from(body));
        put.send().await.expect("put");
    }
    let home = bob.location("home/");
    let archive = ask(&mut bob, &home, &json!(["many/"]));
    let before = server.peak_kib();
    let whole = fetch(&server, &bob, &archive);
    let length = fs::metadata(&whole).expect("a file").len();
    assert!(length > 96 * 1024 * 1024, "{length}");
    let grown = server.peak_kib() - before;
    assert!(grown < 48 * 1024, "{grown} KiB more for 96 MiB");

    let part = server.scratch().join("part.zip");
    let mut slow = fetching(&server, &bob, &archive, &part, &["--limit-rate", "16M"]);
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let (_, people) = ada.get("/people");
    let people = people["people"].as_array().expect("people");
    let uid = people.iter().find(|p| p["name"] == "bob").expect("bob")["uid"].clone();
    let path = format!("/people/{}/disable", uid.as_str().expect("a uid"));
    assert_eq!(ada.post(&path, &json!({})).0, 204);
    let ended = slow.wait().expect("it ends");
    assert!(!ended.success(), "an archive that was not whole ended as if it were");
    let came = fs::metadata(&part).expect("a file").len();
    assert!(came < length, "{came} of {length} bytes came all the same");
}
