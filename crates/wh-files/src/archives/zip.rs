//! The file that an archive is: ZIP, its files stored and not compressed, each size written after its bytes.
//! What is larger than ZIP once was (4 GiB, 65,535 entries) is written as ZIP64.

use std::fmt::{Display, Write as _};
use std::io;
use std::pin::pin;

use async_zip::base::write::ZipFileWriter;
use async_zip::{Compression, ZipDateTime, ZipDateTimeBuilder, ZipEntryBuilder};
use bytes::Bytes;
use futures::{AsyncWriteExt as _, Stream, TryStreamExt as _};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::io::AsyncWrite;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt as _};

use super::names::Names;
use super::writing::Broken;

/// Names what is missing.
const LEFT_OUT: &str = "NOT IN THIS ARCHIVE.txt";

/// An archive that is being written.
pub(super) struct Zip<W> {
    writer: ZipFileWriter<Compat<W>>,
    names: Names,
    left_out: String,
}

impl<W: AsyncWrite + Unpin> Zip<W> {
    pub(super) fn into(out: W) -> Self {
        let writer = ZipFileWriter::new(out.compat_write());
        Self { writer, names: Names::default(), left_out: String::new() }
    }

    pub(super) async fn file(
        &mut self,
        (path, modified): (&str, Timestamp),
        pieces: impl Stream<Item = Result<Bytes, Broken>>,
    ) -> Result<(), Broken> {
        let entry = entry(self.names.file(path), modified);
        let mut writer = self.writer.write_entry_stream(entry).await?;
        let mut pieces = pin!(pieces);
        while let Some(piece) = pieces.try_next().await? {
            writer.write_all(&piece).await?;
        }
        Ok(writer.close().await?)
    }

    pub(super) async fn folder(&mut self, path: &str) -> Result<(), Broken> {
        let name = self.names.folder(path);
        let entry = ZipEntryBuilder::new(name.into(), Compression::Stored).unix_permissions(0o755);
        Ok(self.writer.write_entry_whole(entry, &[]).await?)
    }

    /// Keeps in mind what is to be named at the end.
    pub(super) fn leave_out(&mut self, path: &str, why: &dyn Display) -> Result<(), Broken> {
        writeln!(self.left_out, "{path}\r\n    {why}\r").map_err(io::Error::other)?;
        Ok(())
    }

    pub(super) async fn finish(mut self, now: Timestamp) -> Result<(), Broken> {
        if !self.left_out.is_empty() {
            let text = format!("These files were left out, and why:\r\n\r\n{}", self.left_out);
            let entry = entry(self.names.file(LEFT_OUT), now);
            self.writer.write_entry_whole(entry, text.as_bytes()).await?;
        }
        let mut out = self.writer.close().await?;
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
