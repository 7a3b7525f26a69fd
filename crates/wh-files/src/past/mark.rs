//! Where a page ended, with what is known so far of the key and of the folder that it ended in: a key may have
//! more versions, and a folder more keys, than one page looks at.

use jiff::Timestamp;
use serde_json::{Value, json};
use wh_aws::{ListedVersion, VersionMark};

use super::folder::FolderThen;
use super::key::KeyThen;

/// What is there is not of its shape.
struct OtherShape;

/// A cursor. Whoever writes one themselves is shown what they wrote, and opens nothing by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) after: VersionMark,
    pub(super) key: Option<KeyThen>,
    pub(super) folder: Option<FolderThen>,
}

impl Mark {
    pub(super) fn written(&self) -> String {
        let key = self.key.as_ref().map(|key| {
            json!([key.key(), version(&key.newest), key.then.as_ref().map(version), key.unsure])
        });
        let folder = self.folder.as_ref().map(|folder| json!([folder.name, folder.was, folder.is]));
        json!([self.after.key, self.after.version, key, folder]).to_string()
    }

    pub(super) fn read(cursor: &str) -> Option<Self> {
        let kept: Value = serde_json::from_str(cursor).ok()?;
        let [after, version, key, folder] = kept.as_array()?.as_slice() else { return None };
        let after = VersionMark { key: word(after)?, version: optional(version, word).ok()? };
        let (key, folder) = (optional(key, read_key).ok()?, optional(folder, read_folder).ok()?);
        Some(Self { after, key, folder })
    }
}

fn version(of: &ListedVersion) -> Value {
    json!([of.version, of.marker, of.size, of.modified.as_second(), of.etag])
}

fn read_key(kept: &Value) -> Option<KeyThen> {
    let [key, newest, then, unsure] = kept.as_array()?.as_slice() else { return None };
    let key = word(key)?;
    let read = |kept: &Value| read_version(&key, kept);
    let (newest, then) = (read(newest)?, optional(then, read).ok()?);
    Some(KeyThen { newest, then, unsure: unsure.as_bool()? })
}

fn read_version(key: &str, kept: &Value) -> Option<ListedVersion> {
    let [version, marker, size, modified, etag] = kept.as_array()?.as_slice() else { return None };
    Some(ListedVersion {
        key: key.to_owned(),
        version: word(version)?,
        latest: false,
        marker: marker.as_bool()?,
        size: size.as_u64()?,
        modified: Timestamp::from_second(modified.as_i64()?).ok()?,
        etag: word(etag)?,
    })
}

fn read_folder(kept: &Value) -> Option<FolderThen> {
    let [name, was, is] = kept.as_array()?.as_slice() else { return None };
    Some(FolderThen { name: word(name)?, was: was.as_bool()?, is: is.as_bool()? })
}

fn word(kept: &Value) -> Option<String> {
    kept.as_str().map(str::to_owned)
}

/// Nothing is nothing; what is there must be of its shape.
fn optional<T>(kept: &Value, read: impl Fn(&Value) -> Option<T>) -> Result<Option<T>, OtherShape> {
    if kept.is_null() { Ok(None) } else { read(kept).map(Some).ok_or(OtherShape) }
}
