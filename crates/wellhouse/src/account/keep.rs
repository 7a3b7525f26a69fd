//! Where a token lies on a person's machine: in one file of mode 0600.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use wh_names::Secret;

use crate::secret_file;

const VERSION: u32 = 1;

/// Which file.
#[derive(clap::Args)]
pub(crate) struct Place {
    /// The file that keeps the token; login.json in the folder `wellhouse` of the user's
    /// configuration without it
    #[arg(long, value_name = "FILE")]
    login: Option<PathBuf>,
}

impl Place {
    /// The file that was named, or the user's own. Source: XDG Base Directory Specification 0.8.
    #[expect(clippy::disallowed_methods, reason = "the user's own folder is named there alone")]
    pub(super) fn path(&self) -> Result<PathBuf> {
        if let Some(path) = &self.login {
            return Ok(path.clone());
        }
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let absolute = |name: &str| absolute(name).filter(|path| path.is_absolute());
        let folder = absolute("XDG_CONFIG_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".config")))
            .context("neither HOME nor XDG_CONFIG_HOME names a folder: give --login FILE")?;
        Ok(folder.join("wellhouse/login.json"))
    }
}

/// A portal, and a token that it knows. `Debug` does not show the token.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) portal: String,
    pub(super) token: Secret,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    portal: String,
    token: String,
}

impl Kept {
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
            made.with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let token = self.token.expose().to_owned();
        let stored = Stored { version: VERSION, portal: self.portal.clone(), token };
        secret_file::write(path, &Secret::parse(&serde_json::to_string(&stored)?)?)
    }

    pub(super) fn read(path: &Path) -> Result<Self> {
        if fs::symlink_metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            let shown = path.display();
            anyhow::bail!("there is no token in {shown}: run `wellhouse login URL` first");
        }
        let text = secret_file::read("--login", path)?;
        let damaged = || format!("{} is not what `wellhouse login` writes", path.display());
        // What serde would say could repeat the token.
        let stored: Option<Stored> = serde_json::from_str(text.expose()).ok();
        let stored = stored.filter(|stored| stored.version == VERSION).with_context(damaged)?;
        let token = Secret::parse(&stored.token).ok().with_context(damaged)?;
        // The file may have been written by hand.
        crate::address::check("the portal", &stored.portal)?;
        Ok(Self { portal: stored.portal, token })
    }

    /// `false`: there was nothing.
    pub(super) fn forget(path: &Path) -> Result<bool> {
        match fs::remove_file(path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error).with_context(|| format!("cannot remove {}", path.display())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use wh_names::Secret;

    use super::Kept;

    #[test]
    fn a_token_is_kept_for_its_user_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config/wellhouse/login.json");
        let error = Kept::read(&path).expect_err("nothing").to_string();
        assert!(error.contains("wellhouse login"), "{error}");
        let token = Secret::parse("wh_pat_1").expect("a secret");
        let kept = Kept { portal: "https://files.example.org".to_owned(), token };
        assert!(!format!("{kept:?}").contains("wh_pat_1"));
        kept.write(&path).expect("written");
        let mode = |path: &std::path::Path| {
            std::fs::metadata(path).expect("there").permissions().mode() & 0o777
        };
        assert_eq!((mode(&path), mode(path.parent().expect("a folder"))), (0o600, 0o700));
        let read = Kept::read(&path).expect("read");
        assert_eq!((read.portal.as_str(), read.token.expose()), (&*kept.portal, "wh_pat_1"));
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).expect("opened");
        assert!(Kept::read(&path).expect_err("refused").to_string().contains("chmod 600"));
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("closed");
        let plain = r#"{"version":1,"portal":"http://files.example.org","token":"wh_pat_1"}"#;
        std::fs::write(&path, plain).expect("written");
        let error = Kept::read(&path).expect_err("refused").to_string();
        assert!(error.contains("https"), "{error}");
        assert!(Kept::forget(&path).expect("forgotten") && !Kept::forget(&path).expect("gone"));
    }
}
