//! Who refers to blobs: versions and parts of uploads, walked one by one.
//!
//! Whatever a row holds is handed on: a damaged one is the walker's news, not its end.

use std::collections::HashMap;
use std::fmt;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::codec::{self, Kept};
use super::extent::Extent;
use super::index::sql;
use super::versions::Place;
use crate::multipart::KeptPart;
use crate::{StoreError, VersionId};

/// To whom bytes belong, by the names that people know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    /// The bucket.
    pub bucket: String,
    /// The key; bytes that are no UTF-8 are shown by number.
    pub key: String,
    /// The version; `None` where an upload is meant.
    pub version: Option<VersionId>,
    /// The upload's id and the part's number; `None` where a version is meant.
    pub part: Option<(String, u16)>,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.bucket, self.key)?;
        match (&self.version, &self.part) {
            (Some(version), _) => write!(f, " version {version}"),
            (None, Some((upload, number))) => write!(f, " part {number} of upload {upload}"),
            (None, None) => Ok(()),
        }
    }
}

/// A row that refers to blobs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Holder {
    Version(VersionKey),
    Part { upload: i64, number: u16 },
}

/// Which version, by its row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct VersionKey {
    pub(super) bucket: i64,
    pub(super) key: Vec<u8>,
    pub(super) sequence: u64,
    pub(super) id: VersionId,
    pub(super) place: Place,
}

/// A row that refers to blobs, with what it holds, still sealed.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) holder: Holder,
    pub(super) record: Vec<u8>,
    pub(super) extents: Vec<u8>,
}

impl Held {
    fn name(&self) -> Vec<u8> {
        match &self.holder {
            Holder::Version(version) => codec::version_name(&version.key, version.sequence),
            Holder::Part { upload, number } => codec::part_name(*upload, *number),
        }
    }

    /// Where its bytes are.
    pub(super) fn extents(&self) -> Result<Vec<Extent>, StoreError> {
        codec::read_extents(&self.name(), &self.extents)
    }

    /// How many bytes its record says that it has.
    pub(super) fn content(&self) -> Result<HeldContent, StoreError> {
        match &self.holder {
            Holder::Version(version) => {
                let kept = codec::read_version(&version.key, version.sequence, &self.record)?;
                Ok(HeldContent::Version(kept))
            }
            Holder::Part { .. } => {
                codec::read_part(&self.name(), &self.record).map(HeldContent::Part)
            }
        }
    }
}

/// What a holder's record says.
#[derive(Debug)]
pub(super) enum HeldContent {
    Version(Kept),
    Part(KeptPart),
}

impl HeldContent {
    /// How many bytes it has.
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Version(Kept::Object(meta)) => meta.size,
            Self::Version(Kept::Marker(_)) => 0,
            Self::Part(part) => part.digests.size,
        }
    }
}

/// The bytes of a column, whatever type they have there.
pub(super) fn bytes_of(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<u8>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Blob(bytes) | ValueRef::Text(bytes) => bytes.to_vec(),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => Vec::new(),
    })
}

/// Walks over every row that refers to blobs.
pub(super) fn each(
    conn: &Connection,
    visit: &mut dyn FnMut(Held) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    for (place, text) in [
        (Place::Current, "SELECT bucket, key, seq, nul, record, extents FROM object"),
        (Place::Older, "SELECT bucket, key, seq, nul, record, extents FROM version"),
    ] {
        let mut statement = conn.prepare(text).map_err(sql)?;
        let mut rows = statement.query([]).map_err(sql)?;
        while let Some(row) = rows.next().map_err(sql)? {
            visit(version(place, row).map_err(sql)?)?;
        }
    }
    let text = "SELECT upload, number, record, extents FROM part";
    let mut statement = conn.prepare(text).map_err(sql)?;
    let mut rows = statement.query([]).map_err(sql)?;
    while let Some(row) = rows.next().map_err(sql)? {
        visit(part(row).map_err(sql)?)?;
    }
    Ok(())
}

fn version(place: Place, row: &Row<'_>) -> rusqlite::Result<Held> {
    let sequence: u64 = row.get(2)?;
    let null: bool = row.get(3)?;
    let id = if null { VersionId::Null } else { VersionId::Numbered(sequence) };
    let key = bytes_of(row, 1)?;
    let holder = Holder::Version(VersionKey { bucket: row.get(0)?, key, sequence, id, place });
    Ok(Held { holder, record: bytes_of(row, 4)?, extents: bytes_of(row, 5)? })
}

fn part(row: &Row<'_>) -> rusqlite::Result<Held> {
    let holder = Holder::Part { upload: row.get(0)?, number: row.get(1)? };
    Ok(Held { holder, record: bytes_of(row, 2)?, extents: bytes_of(row, 3)? })
}

/// The names that rows go by.
#[derive(Debug, Default)]
pub(super) struct Names {
    buckets: HashMap<i64, String>,
    uploads: HashMap<i64, (i64, String, String)>,
}

impl Names {
    /// Reads the names of all buckets and uploads.
    pub(super) fn load(conn: &Connection) -> Result<Self, StoreError> {
        let mut names = Self::default();
        let mut statement = conn.prepare("SELECT id, name FROM bucket").map_err(sql)?;
        let mut rows = statement.query([]).map_err(sql)?;
        while let Some(row) = rows.next().map_err(sql)? {
            let name = shown(&bytes_of(row, 1).map_err(sql)?);
            names.buckets.insert(row.get(0).map_err(sql)?, name);
        }
        let mut statement = conn.prepare("SELECT row, bucket, key, id FROM upload").map_err(sql)?;
        let mut rows = statement.query([]).map_err(sql)?;
        while let Some(row) = rows.next().map_err(sql)? {
            let text = |column| bytes_of(row, column).map(|bytes| shown(&bytes)).map_err(sql);
            let upload = (row.get(1).map_err(sql)?, text(2)?, text(3)?);
            names.uploads.insert(row.get(0).map_err(sql)?, upload);
        }
        Ok(names)
    }

    /// Whether there is such a bucket.
    pub(super) fn has_bucket(&self, row: i64) -> bool {
        self.buckets.contains_key(&row)
    }

    /// The bucket that an upload goes to.
    pub(super) fn bucket_of_upload(&self, upload: i64) -> Option<i64> {
        self.uploads.get(&upload).map(|(bucket, ..)| *bucket)
    }

    fn bucket(&self, row: i64) -> String {
        self.buckets.get(&row).cloned().unwrap_or_else(|| format!("(bucket {row})"))
    }

    /// A key, with no version of it in particular.
    pub(super) fn key(&self, bucket: i64, key: &[u8]) -> Owner {
        Owner { bucket: self.bucket(bucket), key: shown(key), version: None, part: None }
    }

    /// Tells who a holder is.
    pub(super) fn owner(&self, holder: &Holder) -> Owner {
        match holder {
            Holder::Version(version) => Owner {
                bucket: self.bucket(version.bucket),
                key: shown(&version.key),
                version: Some(version.id),
                part: None,
            },
            Holder::Part { upload, number } => match self.uploads.get(upload) {
                Some((bucket, key, id)) => Owner {
                    bucket: self.bucket(*bucket),
                    key: key.clone(),
                    version: None,
                    part: Some((id.clone(), *number)),
                },
                None => Owner {
                    bucket: "(none)".to_owned(),
                    key: String::new(),
                    version: None,
                    part: Some((format!("(upload {upload})"), *number)),
                },
            },
        }
    }
}

/// A name as text.
pub(super) fn shown(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.escape_ascii().to_string(),
    }
}
