//! Into a folder, a file each, for whoever has the machine.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::SystemTime;

use super::SendError;

/// Puts a message into the folder, which is made where it is missing. Both are for their owner alone.
pub(super) fn put(folder: &Path, name: &str, message: &[u8]) -> Result<(), SendError> {
    let told = |error: io::Error| {
        SendError::Later(format!("it cannot be put into {}: {error}", folder.display()))
    };
    write(folder, name, message).map_err(told)
}

fn write(folder: &Path, name: &str, message: &[u8]) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    // Whoever watches the folder for `.eml` sees whole files.
    let (beside, path) = (folder.join(format!(".{name}.new")), folder.join(format!("{name}.eml")));
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    file.write_all(message)?;
    file.sync_all()?;
    fs::rename(&beside, &path)
}

/// Removes mails that have lain in the folder since before `before`.
pub(super) fn prune(folder: &Path, before: SystemTime) -> io::Result<()> {
    let files = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        files => files?,
    };
    for file in files {
        let file = file?;
        let mail = file.path().extension().is_some_and(|extension| extension == "eml");
        if mail && file.metadata()?.modified()? < before {
            fs::remove_file(file.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::time::{Duration, SystemTime};

    use super::{prune, put};

    #[test]
    fn a_mail_is_a_file_of_its_owners_own_and_goes_when_it_is_old() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path().join("mail");
        put(&folder, "one", b"Subject: x\r\n\r\nhello").expect("written");
        let path = folder.join("one.eml");
        let mode = |path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&folder)), (0o600, 0o700));
        assert_eq!(std::fs::read_dir(&folder).expect("read").count(), 1, "nothing else");
        let modified = std::fs::metadata(&path).and_then(|file| file.modified()).expect("a time");
        prune(&folder, modified).expect("pruned");
        assert!(path.exists());
        prune(&folder, modified + Duration::from_secs(1)).expect("pruned");
        assert!(!path.exists());
        prune(&place.path().join("none"), SystemTime::UNIX_EPOCH).expect("nothing to do");
    }
}
