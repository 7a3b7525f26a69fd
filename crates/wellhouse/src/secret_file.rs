//! Secrets that lie in files of their own.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::{Context, Result, bail};
use wh_names::Secret;

/// The secret in a file that nobody else may read; `field` of the configuration names it.
pub(crate) fn read(field: &str, path: &Path) -> Result<Secret> {
    let shown = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {field} {shown}"))?;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("others may read the secret of {field}: run `chmod 600 {shown}`");
    }
    Secret::parse(text.trim()).with_context(|| format!("in {shown}"))
}

/// Puts a secret into a file that nobody else may read: written beside, synced, renamed, folder synced.
/// A crash leaves the old file or the new one.
pub(crate) fn write(path: &Path, secret: &Secret) -> Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    // One that lies there may be somebody else's, or a link: the secret goes into a file of our own.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(cannot);
        }
        Ok(()) | Err(_) => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut file = options.open(&beside).with_context(cannot)?;
    file.write_all(secret.expose().as_bytes()).with_context(cannot)?;
    file.sync_all().with_context(cannot)?;
    fs::rename(&beside, path).with_context(cannot)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new("."))).and_then(|f| f.sync_all()).with_context(cannot)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use wh_names::Secret;

    use super::{read, write};

    #[test]
    fn a_secret_is_written_into_a_file_of_its_owners_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, elsewhere) = (folder.path().join("secret"), folder.path().join("elsewhere"));
        std::fs::write(&elsewhere, "theirs").expect("written");
        std::os::unix::fs::symlink(&elsewhere, folder.path().join("secret.new")).expect("a link");
        for text in ["one", "two"] {
            write(&path, &Secret::parse(text).expect("a secret")).expect("written");
            assert_eq!(read("field", &path).expect("a secret").expose(), text);
        }
        assert_eq!(std::fs::read_to_string(&elsewhere).expect("read"), "theirs");
    }

    #[test]
    fn a_secret_is_read_from_a_file_that_nobody_else_may_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        let refused = |words: &str| {
            let error = format!("{:#}", read("field", &path).expect_err("refused"));
            assert!(error.contains(words), "{error}");
        };
        refused("cannot read");
        std::fs::write(&path, "s3cret\n").expect("written");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).expect("opened");
        refused("chmod 600");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("closed");
        assert_eq!(read("field", &path).expect("a secret").expose(), "s3cret");
        std::fs::write(&path, "\n").expect("written");
        refused("empty");
    }
}
