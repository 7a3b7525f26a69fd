//! An archive is read back by the tools that people have.

use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use futures::stream;
use jiff::Timestamp;
use tokio::fs::File;

use super::super::writing::Broken;
use super::super::zip::Zip;

/// More than the sixteen bits of ZIP's first end of central directory can count.
const MANY: usize = 65_600;

/// The one that the tests fetched, or the machine's.
#[expect(clippy::disallowed_methods, reason = "the chore tells the tests where its tools are")]
fn python() -> String {
    std::env::var("WELLHOUSE_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

#[track_caller]
fn prints(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("text")
}

async fn write_many(to: &Path) -> Result<(), Broken> {
    let mut zip = Zip::into(File::create(to).await?);
    zip.folder("many").await?;
    for n in 1..MANY {
        let body = stream::iter([Ok(Bytes::from(format!("body {n}")))]);
        let at = Timestamp::UNIX_EPOCH;
        zip.file((&format!("many/{}/{n}", n % 100), at), body).await?;
    }
    zip.finish(Timestamp::UNIX_EPOCH).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_of_more_entries_than_zip_once_counted_is_read_by_every_tool() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("many.zip");
    write_many(&file).await.expect("written");
    let bytes = std::fs::read(&file).expect("a file");
    let end = bytes.len() - 22;
    assert_eq!(bytes[end..end + 4], *b"PK\x05\x06", "the first end of the directory");
    assert_eq!(bytes[end + 8..end + 12], [0xff; 4], "which says that another one counts");

    let path = file.to_str().expect("text");
    let script = "import sys, zipfile\n\
        z = zipfile.ZipFile(sys.argv[1])\n\
        names = z.namelist()\n\
        print(len(names), len(set(names)), z.testzip(), z.read('many/99/65599').decode())";
    let counted = format!("{MANY} {MANY} None body 65599\n");
    assert_eq!(prints(&python(), &["-c", script, path]), counted);
    let told = prints("unzip", &["-tq", path]);
    assert!(told.starts_with("No errors detected"), "{told}");
    assert_eq!(prints("unzip", &["-p", path, "many/99/65599"]), "body 65599");
    assert_eq!(prints("bsdtar", &["-t", "-f", path]).lines().count(), MANY);
}
