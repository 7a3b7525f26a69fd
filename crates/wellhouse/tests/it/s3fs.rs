//! s3fs as a client: a bucket as a folder, with the calls of an ordinary file system.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::server::{Server, tool};

/// A mounted bucket; it is unmounted when it is dropped.
struct Mounted(PathBuf);

impl Mounted {
    fn new(server: &Server, s3fs: &Path, bucket: &str, at: &str) -> Self {
        let (key, secret) = server.root();
        let passwords = server.scratch().join("passwd-s3fs");
        fs::write(&passwords, format!("{key}:{secret}")).expect("a file");
        fs::set_permissions(&passwords, PermissionsExt::from_mode(0o600)).expect("closed");
        let folder = server.scratch().join(at);
        fs::create_dir_all(&folder).expect("a folder");
        let mut command = Command::new(s3fs);
        command.env_clear().env("PATH", "/usr/bin:/bin").arg(bucket).arg(&folder);
        let options = format!(
            "url={},use_path_request_style,passwd_file={}",
            server.s3,
            passwords.to_str().expect("text")
        );
        let output = command.args(["-o", &options]).output().expect("s3fs runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "s3fs: {errors}");
        // It looks at the bucket only after it has gone into the background.
        let mounted = || {
            let table = fs::read_to_string("/proc/mounts").expect("the mounts");
            table.contains(folder.to_str().expect("text"))
        };
        let is_there = (0..600).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            mounted()
        });
        assert!(is_there, "nothing was mounted: {}", server.log());
        Self(folder)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        drop(Command::new("fusermount").arg("-u").arg(&self.0).output());
    }
}

fn files_and_folders(root: &Path) {
    fs::create_dir_all(root.join("deep/er")).expect("folders");
    for name in ["plain", "deep/a+b c#d%e.txt", "deep/er/🦀 ünï.txt", "deep/back\\slash"] {
        fs::write(root.join(name), name).expect("a file");
        assert_eq!(fs::read_to_string(root.join(name)).expect("a file"), name);
    }
    let mut names: Vec<_> = fs::read_dir(root.join("deep"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .collect();
    names.sort();
    assert_eq!(names, ["a+b c#d%e.txt", "back\\slash", "er"]);
    fs::rename(root.join("plain"), root.join("deep/moved")).expect("a rename");
    assert!(!root.join("plain").exists());
    let mut file = fs::OpenOptions::new().append(true).open(root.join("deep/moved"));
    file.as_mut().expect("a file").write_all(b" and more").expect("written");
    drop(file);
    assert_eq!(fs::read(root.join("deep/moved")).expect("a file"), b"plain and more");
    fs::set_permissions(root.join("deep/moved"), PermissionsExt::from_mode(0o640)).expect("a mode");
    let mode = fs::metadata(root.join("deep/moved")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    symlink("deep/moved", root.join("link")).expect("a link");
    assert_eq!(fs::read(root.join("link")).expect("a file"), b"plain and more");
    fs::rename(root.join("deep"), root.join("renamed")).expect("a rename of a folder");
    assert_eq!(fs::read_dir(root.join("renamed/er")).expect("a folder").count(), 1);
    fs::remove_dir_all(root.join("renamed")).expect("removed");
    assert_eq!(fs::read_dir(root).expect("a folder").count(), 1, "the link is left");
}

/// Larger than s3fs sends in one request, and than it copies in one.
fn a_large_file(root: &Path) -> Vec<u8> {
    let bytes: Vec<u8> = (0..=250).cycle().take(30 << 20).collect();
    fs::write(root.join("large"), &bytes).expect("a file");
    fs::rename(root.join("large"), root.join("larger")).expect("a rename");
    bytes
}

#[test]
fn a_mounted_bucket_is_a_folder() {
    let s3fs = tool("WELLHOUSE_TEST_S3FS");
    if s3fs.as_os_str().is_empty() {
        // `cargo xtask test` has said that nothing can be mounted here.
        return;
    }
    let server = Server::start_store_only();
    make_bucket(&server, "mounted");
    let mounted = Mounted::new(&server, &s3fs, "mounted", "mount");
    files_and_folders(&mounted.0);
    let bytes = a_large_file(&mounted.0);
    drop(mounted);
    // Another mount has nothing in its cache.
    let again = Mounted::new(&server, &s3fs, "mounted", "again");
    assert!(fs::read(again.0.join("larger")).expect("a file") == bytes, "the same bytes");
    assert_eq!(fs::read_link(again.0.join("link")).expect("a link"), Path::new("deep/moved"));
}

fn make_bucket(server: &Server, bucket: &str) {
    let (key, secret) = server.root();
    let mut aws = Command::new(tool("WELLHOUSE_TEST_AWS"));
    aws.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/nonexistent");
    aws.envs([("AWS_ACCESS_KEY_ID", key), ("AWS_SECRET_ACCESS_KEY", secret)]);
    aws.env("AWS_DEFAULT_REGION", "us-east-1").env("AWS_ENDPOINT_URL", &server.s3);
    let made = aws.args(["s3api", "create-bucket", "--bucket", bucket]).output();
    assert!(made.expect("the AWS CLI runs").status.success(), "the bucket is made");
}
