//! Secrets that lie in files of their own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::read;

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
