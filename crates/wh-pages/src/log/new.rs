//! The file of a log that is made, and its name on the disk.
//!
//! SQLite would make the file itself, and sync its folder with the first sync of the log; but it
//! overlooks an error of that, and what was acknowledged then stands in a file that a power cut may
//! leave without a name.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use rusqlite::ffi;

use crate::vfs::Code;

/// Who opened a log with the wish to make it. Whether the file was there already does not matter:
/// who made it may have been killed before the name was on the disk.
#[derive(Debug)]
pub(crate) struct NewLog {
    folder: PathBuf,
}

impl NewLog {
    /// Makes the file where there is none, with the permissions and the owner of its database.
    pub(crate) fn make(log: &Path, database: &Path) -> io::Result<Self> {
        let model = fs::metadata(database)?;
        let mode = model.mode() & 0o777;
        match File::options().write(true).create_new(true).mode(mode).open(log) {
            Ok(file) => adopt(&file, mode, (model.uid(), model.gid()))?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        let folder = log.parent().filter(|folder| !folder.as_os_str().is_empty());
        Ok(Self { folder: folder.unwrap_or(Path::new(".")).to_owned() })
    }

    /// Puts the name on the disk.
    pub(crate) fn sync_name(&self) -> Result<(), Code> {
        let sync = || File::open(&self.folder)?.sync_all();
        sync().map_err(|_| Code(ffi::SQLITE_IOERR_DIR_FSYNC))
    }
}

/// Gives a new file the mode that the process's mask may have cut, and the owner: a store that is
/// repaired as root still belongs to the service afterwards.
fn adopt(file: &File, mode: u32, owner: (u32, u32)) -> io::Result<()> {
    let found = file.metadata()?;
    if found.mode() & 0o777 != mode {
        file.set_permissions(Permissions::from_mode(mode))?;
    }
    if (found.uid(), found.gid()) != owner {
        fchown(file, Some(owner.0), Some(owner.1))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_log_has_the_mode_of_its_database_whatever_the_mask() {
        let folder = tempfile::tempdir().unwrap();
        let (database, log) = (folder.path().join("a.db"), folder.path().join("a.db-wal"));
        File::create(&database).unwrap();
        fs::set_permissions(&database, Permissions::from_mode(0o666)).unwrap();
        let new = NewLog::make(&log, &database).unwrap();
        assert_eq!(fs::metadata(&log).unwrap().mode() & 0o777, 0o666);
        new.sync_name().unwrap();
    }

    #[test]
    fn a_log_that_is_there_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (database, log) = (folder.path().join("a.db"), folder.path().join("a.db-wal"));
        File::create(&database).unwrap();
        fs::write(&log, "frames").unwrap();
        NewLog::make(&log, &database).unwrap();
        assert_eq!(fs::read(&log).unwrap(), b"frames");
    }

    #[test]
    fn a_folder_that_cannot_be_synced_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let (database, log) = (folder.path().join("a.db"), folder.path().join("a.db-wal"));
        File::create(&database).unwrap();
        let new = NewLog::make(&log, &database).unwrap();
        folder.close().unwrap();
        assert_eq!(new.sync_name(), Err(Code(ffi::SQLITE_IOERR_DIR_FSYNC)));
    }
}
