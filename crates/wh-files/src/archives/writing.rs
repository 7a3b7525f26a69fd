//! The archive as a stream: ZIP, its files stored and not compressed, each size written after its bytes.
//!
//! Invariant: what fails ends the stream with an error, never as if it were whole. What the person may
//! not read, or what went away meanwhile, is named in the archive itself.

use std::fmt::Write as _;
use std::io;

use async_zip::base::write::ZipFileWriter;
use async_zip::error::ZipError;
use async_zip::{Compression, ZipDateTime, ZipDateTimeBuilder, ZipEntryBuilder};
use bytes::Bytes;
use futures::AsyncWriteExt as _;
use futures::stream::{self, BoxStream, StreamExt as _};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::io::DuplexStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt as _};
use tokio_util::io::ReaderStream;
use wh_people::Person;
use wh_policy::s3::action;

use super::names::Names;
use super::walk::{Found, Walk};
use crate::access::Access;
use crate::{EntryPath, Files, FilesError};

/// How many bytes wait for the reader.
const AHEAD_BYTES: usize = 256 * 1024;

/// Names what is missing.
const LEFT_OUT: &str = "NOT IN THIS ARCHIVE.txt";

/// What is to be packed, and for whom.
pub(super) struct Order {
    pub(super) files: Files,
    pub(super) person: Person,
    pub(super) location: String,
    pub(super) paths: Vec<EntryPath>,
}

#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error(transparent)]
    Zip(#[from] ZipError),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("the packing ended early")]
    Ended,
}

/// Packs while it is read; at most [`AHEAD_BYTES`] are ahead of the reader. `held` is kept as long.
pub(super) fn stream<T: Send + 'static>(
    order: Order,
    held: T,
) -> BoxStream<'static, io::Result<Bytes>> {
    let (into, out) = tokio::io::duplex(AHEAD_BYTES);
    let packing = tokio::spawn(async move {
        let _held = held;
        pack(&order, into).await
    });
    let end = stream::once(async move {
        let why = match packing.await {
            Ok(Ok(())) => return Ok(Bytes::new()),
            Ok(Err(why)) => why,
            Err(_stopped) => Broken::Ended,
        };
        tracing::warn!(error = %why, "an archive was broken off");
        Err(io::Error::other(why))
    });
    ReaderStream::with_capacity(out, AHEAD_BYTES / 4).chain(end).boxed()
}

async fn pack(order: &Order, into: DuplexStream) -> Result<(), Broken> {
    let access = order.files.access(&order.person, &order.location).await?;
    let mut packing = Packing {
        files: &order.files,
        access,
        zip: ZipFileWriter::new(into.compat_write()),
        names: Names::default(),
        left_out: String::new(),
    };
    let mut walk = Walk::over(&order.paths);
    while let Some(page) = walk.next(packing.files, &packing.access).await? {
        for found in page {
            packing.add(found).await?;
        }
    }
    packing.finish(order.files.options.clock.now()).await
}

struct Packing<'a> {
    files: &'a Files,
    access: Access<'a>,
    zip: ZipFileWriter<Compat<DuplexStream>>,
    names: Names,
    left_out: String,
}

impl Packing<'_> {
    async fn add(&mut self, found: Found) -> Result<(), Broken> {
        if let Some(folder) = found.path.strip_suffix('/') {
            return self.add_folder(folder).await;
        }
        let target = self.access.object_target(&found.key);
        if let Err(why) = self.access.foresee(action::GET_OBJECT, &target) {
            return self.leave_out(&found.path, &why);
        }
        let session = self.access.session().await?;
        let (objects, bucket) = (&self.files.options.objects, &self.access.grant.bucket);
        let mut object = match objects.read(&session, bucket, &found.key).await {
            Ok(object) => object,
            Err(error) => {
                let why = self.access.told(action::GET_OBJECT, &target, error);
                if matches!(why, FilesError::Refused(_) | FilesError::NotFound) {
                    return self.leave_out(&found.path, &why);
                }
                return Err(why.into());
            }
        };
        let entry = entry(self.names.file(&found.path), object.modified);
        let mut writer = self.zip.write_entry_stream(entry).await?;
        while let Some(piece) = object.next().await.map_err(FilesError::Store)? {
            writer.write_all(&piece).await?;
        }
        Ok(writer.close().await?)
    }

    async fn add_folder(&mut self, path: &str) -> Result<(), Broken> {
        let name = self.names.folder(path);
        let entry = ZipEntryBuilder::new(name.into(), Compression::Stored).unix_permissions(0o755);
        Ok(self.zip.write_entry_whole(entry, &[]).await?)
    }

    fn leave_out(&mut self, path: &str, why: &FilesError) -> Result<(), Broken> {
        writeln!(self.left_out, "{path}\r\n    {why}\r").map_err(io::Error::other)?;
        Ok(())
    }

    async fn finish(mut self, now: Timestamp) -> Result<(), Broken> {
        if !self.left_out.is_empty() {
            let text = format!("These files were left out, and why:\r\n\r\n{}", self.left_out);
            let entry = entry(self.names.file(LEFT_OUT), now);
            self.zip.write_entry_whole(entry, text.as_bytes()).await?;
        }
        let mut out = self.zip.close().await?;
        Ok(out.close().await?)
    }
}

fn entry(name: String, modified: Timestamp) -> ZipEntryBuilder {
    ZipEntryBuilder::new(name.into(), Compression::Stored)
        .last_modification_date(dos_time(modified))
        .unix_permissions(0o644)
}

/// ZIP knows the years 1980 to 2107, and two seconds.
fn dos_time(at: Timestamp) -> ZipDateTime {
    const FIRST: i16 = 1980;
    const LAST: i16 = 2107;
    let at = TimeZone::UTC.to_datetime(at);
    let number = |n: i8| u32::from(n.unsigned_abs());
    ZipDateTimeBuilder::new()
        .year(i32::from(at.year().clamp(FIRST, LAST)))
        .month(number(at.month()))
        .day(number(at.day()))
        .hour(number(at.hour()))
        .minute(number(at.minute()))
        .second(number(at.second()))
        .build()
}
