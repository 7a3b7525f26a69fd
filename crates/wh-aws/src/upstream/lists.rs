//! Listings of the upstream store, in pages of the port's own making.

use aws_sdk_s3::types::{EncodingType, Object};
use wh_names::{BucketName, KEY_BYTES_MAX, ObjectKey};
use wh_objects::{ListEntry, ListObjects, ListPage, ListedObject, StoreError};

use super::UpstreamStore;
use super::fault::fault;
use super::wire::{bare, broken, checked_by, decoded, length, time};

/// How many entries S3 gives at once.
pub(super) const PAGE_MAX: usize = 1000;

const DOING: &str = "listing objects";

/// Where a listing goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Start {
    /// S3's marker: what comes after it is listed.
    pub(super) marker: Option<String>,
    /// The common prefix that is over, whatever keys there are behind the marker.
    pub(super) over: Option<String>,
}

/// Where to begin after `after`: behind a key, or behind all keys under a common prefix, which S3's own
/// markers do not say in all stores.
pub(super) fn start(prefix: &str, delimiter: Option<&str>, after: Option<&str>) -> Start {
    let Some(after) = after else { return Start { marker: None, over: None } };
    let group = delimiter.and_then(|delimiter| {
        let (head, _) = after.strip_prefix(prefix)?.split_once(delimiter)?;
        Some(format!("{prefix}{head}{delimiter}"))
    });
    if group.as_deref() != Some(after) {
        return Start { marker: Some(after.to_owned()), over: None };
    }
    let mut marker = after.to_owned();
    let last = char::MAX;
    while marker.len() + last.len_utf8() <= KEY_BYTES_MAX {
        marker.push(last);
    }
    Start { marker: Some(marker), over: Some(after.to_owned()) }
}

impl Start {
    /// Whether an entry belongs to what is over.
    pub(super) fn is_over(&self, name: &str) -> bool {
        self.over.as_deref().is_some_and(|over| name.starts_with(over))
    }
}

/// How many entries are asked for; one more than are wanted tells whether there are more.
pub(super) fn asked(left: usize) -> i32 {
    i32::try_from(left.min(PAGE_MAX)).unwrap_or(i32::MAX)
}

/// The name of an entry.
fn name(entry: &ListEntry) -> &str {
    match entry {
        ListEntry::Object(object) => object.key.as_str(),
        ListEntry::CommonPrefix(prefix) => prefix,
    }
}

impl UpstreamStore {
    pub(super) async fn list(
        &self,
        bucket: &BucketName,
        list: ListObjects,
    ) -> Result<ListPage, StoreError> {
        self.settings_of(bucket).await?;
        let delimiter = list.delimiter.clone().filter(|delimiter| !delimiter.is_empty());
        let mut page = ListPage::default();
        let mut after = list.after.clone();
        while page.entries.len() < list.max_keys {
            let begin = start(list.prefix.as_str(), delimiter.as_deref(), after.as_deref());
            let left = list.max_keys - page.entries.len();
            let asked = (list.prefix.as_str(), delimiter.as_deref(), left);
            let (entries, more) = self.list_once(bucket, asked, &begin).await?;
            let reached = entries.last().map(|entry| name(entry).to_owned());
            if more && reached <= after {
                return Err(broken(DOING, "a page that is not the last and leads nowhere"));
            }
            after = reached;
            page.entries.extend(entries.into_iter().filter(|entry| !begin.is_over(name(entry))));
            page.truncated = more;
            if !more {
                return Ok(page);
            }
        }
        page.next_after = after.filter(|_| page.truncated);
        Ok(page)
    }

    /// One page of S3's, in one order.
    async fn list_once(
        &self,
        bucket: &BucketName,
        (prefix, delimiter, left): (&str, Option<&str>, usize),
        begin: &Start,
    ) -> Result<(Vec<ListEntry>, bool), StoreError> {
        let call = self.clients.read.list_objects_v2().bucket(bucket.as_str());
        let answer = call
            .prefix(prefix)
            .set_delimiter(delimiter.map(str::to_owned))
            .set_start_after(begin.marker.clone())
            // XML cannot hold every key.
            .encoding_type(EncodingType::Url)
            .max_keys(asked(left))
            .send()
            .await
            .map_err(|error| fault(DOING, error))?;
        let encoded = answer.encoding_type() == Some(&EncodingType::Url);
        let mut entries = Vec::new();
        for object in answer.contents() {
            entries.push(ListEntry::Object(listed(object, encoded)?));
        }
        for common in answer.common_prefixes() {
            let prefix = decoded(common.prefix().unwrap_or_default(), encoded)?;
            entries.push(ListEntry::CommonPrefix(prefix));
        }
        entries.sort_by(|a, b| name(a).cmp(name(b)));
        Ok((entries, answer.is_truncated().unwrap_or_default()))
    }
}

/// A key of a listing. One that no client could name would make the listing a lie without it.
pub(super) fn key(name: Option<&str>, encoded: bool) -> Result<ObjectKey, StoreError> {
    let name = decoded(name.unwrap_or_default(), encoded)?;
    ObjectKey::parse(&name).map_err(|error| broken("listing", error))
}

fn listed(object: &Object, encoded: bool) -> Result<ListedObject, StoreError> {
    Ok(ListedObject {
        key: key(object.key(), encoded)?,
        size: length(object.size())?,
        etag: bare(object.e_tag()),
        modified: time(object.last_modified())?,
        checksum: checked_by(object.checksum_algorithm().first(), object.checksum_type()),
    })
}

#[cfg(test)]
mod tests {
    use super::{Start, start};

    #[test]
    fn a_page_begins_behind_a_key_or_behind_all_under_a_prefix() {
        let key = |marker: &str| Start { marker: Some(marker.to_owned()), over: None };
        assert_eq!(start("", Some("/"), None), Start { marker: None, over: None });
        assert_eq!(start("", Some("/"), Some("a")), key("a"));
        assert_eq!(start("", Some("/"), Some("a/b")), key("a/b"));
        assert_eq!(start("", None, Some("a/")), key("a/"));
        assert_eq!(start("a/", Some("/"), Some("a/")), key("a/"));
        let group = start("", Some("/"), Some("a/"));
        assert!(group.is_over("a/") && group.is_over("a/b") && !group.is_over("a0"));
        let marker = group.marker.expect("a marker");
        assert!(marker.len() <= 1024 && marker.as_str() > "a/\u{10ffff}/1" && *marker < *"a0");
    }
}
