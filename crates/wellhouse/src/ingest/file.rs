//! A file that is read to be sent, and whether it stayed as it was.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use crc_fast::{CrcAlgorithm, Digest};

use super::folder::{Folder, Stamp};

/// A file that is open. Cloning shares it.
#[derive(Debug, Clone)]
pub(super) struct Open {
    file: Arc<File>,
    path: Arc<str>,
    folder: Arc<Folder>,
    pub(super) stamp: Stamp,
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    /// It is not what it was a moment ago.
    #[error("it changes while it is read")]
    Changed,
    /// It cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// The CRC-64/NVME of bytes that come one after another.
#[derive(Debug)]
pub(super) struct Sum(Digest);

impl Sum {
    pub(super) fn new() -> Self {
        Self(Digest::new(CrcAlgorithm::Crc64Nvme))
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// In base64, as S3 writes it.
    pub(super) fn text(&self) -> String {
        STANDARD.encode(self.0.clone().finalize().to_be_bytes())
    }

    pub(super) fn of(bytes: &[u8]) -> String {
        let mut sum = Self::new();
        sum.update(bytes);
        sum.text()
    }
}

impl Open {
    /// Opens a file that looked like `stamp`.
    pub(super) async fn open(
        folder: &Arc<Folder>,
        path: &str,
        stamp: Stamp,
    ) -> Result<Self, ReadError> {
        let (folder, path): (_, Arc<str>) = (Arc::clone(folder), path.into());
        blocking(move || {
            let file = match folder.open_file(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Err(ReadError::Changed);
                }
                file => Arc::new(file?),
            };
            let metadata = file.metadata()?;
            if !metadata.is_file() || Stamp::of(&metadata) != stamp {
                return Err(ReadError::Changed);
            }
            Ok(Self { file, path, folder, stamp })
        })
        .await
    }

    /// The bytes from `at` on. Fewer than `len` mean that the file has changed.
    pub(super) async fn read(&self, at: u64, len: usize) -> Result<Bytes, ReadError> {
        let file = Arc::clone(&self.file);
        blocking(move || {
            let mut bytes = vec![0; len];
            match file.read_exact_at(&mut bytes, at) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    Err(ReadError::Changed)
                }
                read => Ok(read.map(|()| Bytes::from(bytes))?),
            }
        })
        .await
    }

    /// Fails unless the file is as it was when it was opened, and is still what its name stands for.
    pub(super) async fn unchanged(&self) -> Result<(), ReadError> {
        let own = self.clone();
        blocking(move || {
            let now = own.folder.open_file(&own.path).map_err(|_| ReadError::Changed)?;
            let same = |file: &File| Ok::<_, io::Error>(Stamp::of(&file.metadata()?) == own.stamp);
            if same(&own.file)? && same(&now)? { Ok(()) } else { Err(ReadError::Changed) }
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ReadError> + Send + 'static,
) -> Result<T, ReadError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(ReadError::Io(io::Error::other(error))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_changes_is_known_by_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let opened = || async {
            let stamp = Stamp::of(&std::fs::symlink_metadata(&path).expect("a file"));
            let folder = Arc::new(Folder::open(folder.path()).expect("a folder"));
            Open::open(&folder, "file", stamp).await
        };
        let write = |text: &str| std::fs::write(&path, text).expect("written");
        write("123456789");
        let open = opened().await.expect("a file");
        let bytes = open.read(0, 9).await.expect("bytes");
        assert_eq!(Sum::of(&bytes), "rosUhgp5mIg=");
        assert!(open.unchanged().await.is_ok());
        assert!(matches!(open.read(1, 9).await, Err(ReadError::Changed)), "it is shorter");
        write("1234567890");
        assert!(matches!(open.unchanged().await, Err(ReadError::Changed)), "it grew");
        let open = opened().await.expect("a file");
        let before = std::fs::metadata(&path).and_then(|m| m.modified()).expect("a time");
        // Kernels count the times of files by the tick.
        std::thread::sleep(std::time::Duration::from_millis(20));
        write("0987654321");
        let file = File::options().write(true).open(&path).expect("a file");
        file.set_modified(before).expect("a time");
        assert!(matches!(open.unchanged().await, Err(ReadError::Changed)), "it looks as it was");
        let open = opened().await.expect("a file");
        std::fs::rename(&path, folder.path().join("other")).expect("renamed");
        write("1234567890");
        assert!(matches!(open.unchanged().await, Err(ReadError::Changed)), "another took its name");
        std::fs::remove_file(&path).expect("removed");
        assert!(matches!(open.unchanged().await, Err(ReadError::Changed)), "it is gone");
    }
}
