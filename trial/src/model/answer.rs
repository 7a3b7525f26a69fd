//! Answers, written so that those of a store and those of the model can be compared.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::Result;
use wh_names::ObjectKey;
use wh_objects::{
    ListEntry, ListPage, ObjectMeta, PartsPage, UploadMarker, UploadsPage, VersionId,
};

use super::content::{Contents, crc64};
use super::op::Upload;
use super::state::{Id, Object, Part, upload_meta};

/// The longest answer that is written out, in bytes; of longer ones the length and a CRC are.
const SHOWN_BYTES_MAX: usize = 80;

/// What the model answers.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Done,
    Stored(Object),
    /// The version that is gone or that hides the others, and whether it is a delete marker.
    Deleted(Option<Id>, bool),
    Meta(ObjectKey, Object, Option<VersionId>),
    Read(ObjectKey, Object, Option<VersionId>, Range<u64>),
    Page {
        entries: Vec<(String, Entry)>,
        truncated: bool,
    },
    Part(u16, Part),
    Parts(Upload, BTreeMap<u16, Part>),
    Uploads(Vec<(ObjectKey, u64)>),
}

/// One line of a listing.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    Object(ObjectKey, Object),
    Prefix,
}

/// What is shown of an object that was stored.
pub(crate) fn shown_stored(etag: &str, size: u64) -> String {
    format!("{etag} {size}")
}

/// What is shown of an object that was read.
pub(crate) fn shown_body(meta: &ObjectMeta, range: &Range<u64>, crc: u64) -> String {
    format!("{meta:?} {range:?} {crc:016x}")
}

/// What is shown of a deletion.
pub(crate) fn shown_deleted(version: Option<VersionId>, marker: bool) -> String {
    format!("{:?} {marker}", version.map(without_number))
}

/// What does not depend on how the changes of several clients follow on each other.
pub(crate) fn without_numbers(meta: ObjectMeta) -> ObjectMeta {
    let version = meta.version.map(without_number);
    ObjectMeta { version, sequence: 0, encryption: None, ..meta }
}

fn without_number(version: VersionId) -> VersionId {
    match version {
        VersionId::Null => VersionId::Null,
        VersionId::Numbered(_) | VersionId::Foreign(_) => VersionId::Numbered(0),
    }
}

/// Short enough for a line of a log.
pub(crate) fn short(text: &str) -> String {
    if text.len() <= SHOWN_BYTES_MAX && !text.contains('\n') {
        return text.to_owned();
    }
    format!("{} bytes, crc {:016x}", text.len(), crc64(text.as_bytes()))
}

impl Answer {
    /// Written as that of a store.
    pub(crate) fn text(&self, contents: &Contents) -> Result<String> {
        Ok(match self {
            Self::Done => String::new(),
            Self::Stored(object) => shown_stored(&object.tag.text(contents), object.content.len()),
            Self::Deleted(id, marker) => shown_deleted(id.map(Id::shown), *marker),
            Self::Meta(key, object, version) => {
                format!("{:?}", without_numbers(object.meta(key, *version, contents)?))
            }
            Self::Read(key, object, version, range) => {
                let part = object.content.slice(range.start, range.end);
                let meta = without_numbers(object.meta(key, *version, contents)?);
                shown_body(&meta, range, contents.sums(&part).crc64)
            }
            Self::Page { entries, truncated } => {
                format!("{:?}", page(entries, *truncated, contents))
            }
            Self::Part(number, part) => format!("{:?}", part.meta(*number, contents)),
            Self::Parts(upload, parts) => {
                let upload = upload_meta(&upload.at.key, upload.begun)?;
                let parts = parts.iter().map(|(n, part)| part.meta(*n, contents)).collect();
                format!("{:?}", PartsPage { upload, parts, truncated: false, next_after: None })
            }
            Self::Uploads(uploads) => {
                let uploads = uploads.iter().map(|(key, begun)| upload_meta(key, *begun));
                let uploads = uploads.collect::<Result<Vec<_>>>()?;
                let next_after: Option<UploadMarker> = None;
                format!(
                    "{:?}",
                    UploadsPage { uploads, truncated: false, next_after, ..UploadsPage::default() }
                )
            }
        })
    }
}

fn page(entries: &[(String, Entry)], truncated: bool, contents: &Contents) -> ListPage {
    let next_after = entries.last().filter(|_| truncated).map(|(name, _)| name.clone());
    let entries = entries.iter().map(|(name, entry)| match entry {
        Entry::Object(key, object) => ListEntry::Object(object.listed(key, contents)),
        Entry::Prefix => ListEntry::CommonPrefix(name.clone()),
    });
    ListPage { entries: entries.collect(), truncated, next_after }
}
