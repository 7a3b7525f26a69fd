//! Listings of versions. The SDK gives versions and delete markers in two lists; the one order that they
//! had is read off the answer itself.

use std::cmp::Ordering;
use std::sync::{Arc, Mutex};

use aws_sdk_s3::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::{DeleteMarkerEntry, EncodingType, ObjectVersion};
use wh_names::BucketName;
use wh_objects::{
    ListVersions, ListedObject, ListedVersion, StoreError, VersionEntry, VersionId, VersionMarker,
    VersionsPage,
};

use super::UpstreamStore;
use super::fault::fault;
use super::lists::{Start, asked, key, start};
use super::wire::{bare, broken, checked_by, decoded, length, sequence, time, version_id};

const DOING: &str = "listing versions";

/// What stands in an answer, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Version,
    Marker,
}

/// Takes the order of an answer down.
#[derive(Debug, Clone, Default)]
struct Order(Arc<Mutex<Vec<Kind>>>);

impl Intercept for Order {
    fn name(&self) -> &'static str {
        "Order"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default();
        if let Ok(mut order) = self.0.lock() {
            *order = kinds(&String::from_utf8_lossy(body));
        }
        Ok(())
    }
}

/// The kinds of entries in an answer: in XML no text can hold a `<`.
fn kinds(xml: &str) -> Vec<Kind> {
    let kind = |tag: &str| {
        let name = tag.split(|c: char| c == '>' || c == '/' || c.is_whitespace()).next();
        match name.unwrap_or_default() {
            "Version" => Some(Kind::Version),
            "DeleteMarker" => Some(Kind::Marker),
            _ => None,
        }
    };
    xml.split('<').skip(1).filter_map(kind).collect()
}

/// Where one page ended.
type Next = Option<VersionMarker>;

impl UpstreamStore {
    pub(super) async fn list_versions(
        &self,
        bucket: &BucketName,
        list: ListVersions,
    ) -> Result<VersionsPage, StoreError> {
        self.settings_of(bucket).await?;
        if !self.findings.capabilities.has(wh_objects::Capability::Versioning) {
            return self.list_current(bucket, list).await;
        }
        let delimiter = list.delimiter.clone().filter(|delimiter| !delimiter.is_empty());
        let (mut page, mut after) = (VersionsPage::default(), list.after.clone());
        while page.entries.len() < list.max_keys {
            let named = after.as_ref().map(|after| after.key.as_str());
            let mut begin = start(list.prefix.as_str(), delimiter.as_deref(), named);
            let within = after.as_ref().and_then(|after| after.version);
            if within.is_some() {
                begin = Start { marker: named.map(str::to_owned), over: None };
            }
            let call = self.clients.read.list_object_versions().bucket(bucket.as_str());
            let order = Order::default();
            let answer = call
                .prefix(list.prefix.as_str())
                .set_delimiter(delimiter.clone())
                .set_key_marker(begin.marker.clone())
                .set_version_id_marker(within.map(|id| id.to_string()))
                .encoding_type(EncodingType::Url)
                .max_keys(asked(list.max_keys - page.entries.len()))
                .customize()
                .interceptor(order.clone())
                .send()
                .await
                .map_err(|error| fault(DOING, error))?;
            let (entries, next) = entries(&answer, &order)?;
            let kept = entries.into_iter().filter(|entry| !begin.is_over(name(entry)));
            page.entries.extend(kept);
            page.truncated = next.is_some();
            if next.is_none() {
                return Ok(page);
            }
            if next == after {
                return Err(broken(DOING, "the same page again"));
            }
            after = next;
        }
        page.next_after = after.filter(|_| page.truncated);
        Ok(page)
    }

    /// Where nothing is versioned, what is there is all there is.
    async fn list_current(
        &self,
        bucket: &BucketName,
        list: ListVersions,
    ) -> Result<VersionsPage, StoreError> {
        let ListVersions { prefix, delimiter, after, max_keys } = list;
        let after = after.map(|after| after.key);
        let list = wh_objects::ListObjects { prefix, delimiter, after, max_keys };
        let page = self.list(bucket, list).await?;
        let entry = |entry| match entry {
            wh_objects::ListEntry::CommonPrefix(prefix) => VersionEntry::CommonPrefix(prefix),
            wh_objects::ListEntry::Object(object) => {
                let version = VersionId::Null;
                VersionEntry::Version(ListedVersion {
                    key: object.key.clone(),
                    version,
                    sequence: sequence(version, &object.etag, object.modified),
                    latest: true,
                    modified: object.modified,
                    object: Some(object),
                })
            }
        };
        let next_after = page.next_after.map(|key| VersionMarker { key, version: None });
        let entries = page.entries.into_iter().map(entry).collect();
        Ok(VersionsPage { entries, truncated: page.truncated, next_after })
    }
}

fn name(entry: &VersionEntry) -> &str {
    match entry {
        VersionEntry::Version(version) => version.key.as_str(),
        VersionEntry::CommonPrefix(prefix) => prefix,
    }
}

/// The entries of an answer in one order, and where the next begins.
fn entries(
    answer: &ListObjectVersionsOutput,
    order: &Order,
) -> Result<(Vec<VersionEntry>, Next), StoreError> {
    let encoded = answer.encoding_type() == Some(&EncodingType::Url);
    let (mut versions, mut markers) = (answer.versions().iter(), answer.delete_markers().iter());
    let order = order.0.lock().map(|order| order.clone()).unwrap_or_default();
    let mut found = Vec::new();
    for kind in order {
        let next = match kind {
            Kind::Version => versions.next().map(|one| of_version(one, encoded)),
            Kind::Marker => markers.next().map(|one| of_marker(one, encoded)),
        };
        found.push(VersionEntry::Version(next.ok_or_else(out_of_step)??));
    }
    if versions.next().is_some() || markers.next().is_some() {
        return Err(out_of_step());
    }
    for common in answer.common_prefixes() {
        let prefix = decoded(common.prefix().unwrap_or_default(), encoded)?;
        found.push(VersionEntry::CommonPrefix(prefix));
    }
    found.sort_by(|a, b| name(a).cmp(name(b)).then_with(|| newer_first(a, b)));
    Ok((found, next(answer, encoded)?))
}

/// The order of a key's versions: the newest is said to be it, and the others are as old as they say.
/// Where that is to the second, and two are of one, numbers decide, or else the order of the answer (the
/// sorting is stable): Amazon S3 writes versions and markers in one order, others one after the other.
fn newer_first(a: &VersionEntry, b: &VersionEntry) -> Ordering {
    let (VersionEntry::Version(a), VersionEntry::Version(b)) = (a, b) else {
        return Ordering::Equal;
    };
    let by_number = match (a.version, b.version) {
        (VersionId::Numbered(a), VersionId::Numbered(b)) => b.cmp(&a),
        (VersionId::Null | VersionId::Numbered(_) | VersionId::Foreign(_), _) => Ordering::Equal,
    };
    b.latest.cmp(&a.latest).then(b.modified.cmp(&a.modified)).then(by_number)
}

fn out_of_step() -> StoreError {
    broken(DOING, "entries that cannot be put in order")
}

fn next(answer: &ListObjectVersionsOutput, encoded: bool) -> Result<Next, StoreError> {
    if !answer.is_truncated().unwrap_or_default() {
        return Ok(None);
    }
    let key = answer.next_key_marker();
    let key = key.ok_or_else(|| broken(DOING, "a page cut short without a marker"))?;
    let version = answer.next_version_id_marker().filter(|id| !id.is_empty());
    let version = version.map(version_id).transpose()?;
    Ok(Some(VersionMarker { key: decoded(key, encoded)?, version }))
}

fn of_version(one: &ObjectVersion, encoded: bool) -> Result<ListedVersion, StoreError> {
    let key = key(one.key(), encoded)?;
    let (modified, etag) = (time(one.last_modified())?, bare(one.e_tag()));
    let version = version_id(one.version_id().unwrap_or("null"))?;
    let object = ListedObject {
        key: key.clone(),
        size: length(one.size())?,
        etag: etag.clone(),
        modified,
        checksum: checked_by(one.checksum_algorithm().first(), one.checksum_type()),
    };
    Ok(ListedVersion {
        key,
        version,
        sequence: sequence(version, &etag, modified),
        latest: one.is_latest().unwrap_or_default(),
        modified,
        object: Some(object),
    })
}

fn of_marker(one: &DeleteMarkerEntry, encoded: bool) -> Result<ListedVersion, StoreError> {
    let modified = time(one.last_modified())?;
    let version = version_id(one.version_id().unwrap_or("null"))?;
    Ok(ListedVersion {
        key: key(one.key(), encoded)?,
        version,
        sequence: sequence(version, "", modified),
        latest: one.is_latest().unwrap_or_default(),
        modified,
        object: None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Kind, kinds};

    #[test]
    fn the_order_of_versions_and_markers_is_that_of_the_answer() {
        let xml = "<?xml version=\"1.0\"?><R xmlns=\"x\"><VersionIdMarker/><Version><Key>a</Key>\
                   <VersionId>1</VersionId></Version><DeleteMarker ><Key>&lt;Version></Key>\
                   </DeleteMarker><Version></Version></R>";
        assert_eq!(kinds(xml), [Kind::Version, Kind::Marker, Kind::Version]);
    }
}
