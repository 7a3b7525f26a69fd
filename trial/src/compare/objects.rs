//! What a store answers to operations on objects and their versions.

use std::hash::{DefaultHasher, Hasher};

use futures::TryStreamExt;
use wh_names::KeyPrefix;
use wh_objects::{
    CopyObject, DeleteCause, DeleteObject, GetObject, HeadObject, ListObjects, ListVersions,
    ObjectRead, ObjectStore, PutObject, StoreError, VersionAddress, VersionChange, VersionEntry,
    VersionId, VersionMarker,
};

use super::answer::{Fault, cut, reading, writing};
use super::bodies::{self, Said};
use super::names::{
    address, after, bucket, bypass, delimiter, headers, key, lock, prefix, retention, stamp, tags,
};
use super::operation::{OnObject, Place, Which};

/// More versions than a key is asked about.
const VERSIONS_MAX: usize = 300;

pub(super) async fn on_object(
    store: &dyn ObjectStore,
    op: OnObject,
    number: u64,
) -> Result<String, Fault> {
    match op {
        OnObject::Put { at, body, dress, when } => {
            let condition = writing(store, at, when).await?;
            let Said { size, content_md5, expected } = bodies::told(body).await;
            let (headers, tags) = (headers(dress.headers), tags(dress.tags)?);
            let lock = lock(dress.lock, number)?;
            let put = PutObject { headers, tags, lock, expected, content_md5, condition, size };
            let body = bodies::stream(body);
            let stored = store.put_object(&address(at)?, put, body, &stamp(number)?).await?;
            Ok(format!("{stored:?}"))
        }
        OnObject::Get { at, version, range, when } => {
            let conditions = reading(store, at, when).await?;
            let version = which(store, at, version).await?;
            let get = GetObject { version, range: range.map(cut), conditions };
            read(store.get_object(&address(at)?, get).await?).await
        }
        OnObject::Head { at, version, when } => {
            let conditions = reading(store, at, when).await?;
            let head = HeadObject { version: which(store, at, version).await?, conditions };
            Ok(format!("{:?}", store.head_object(&address(at)?, head).await?))
        }
        OnObject::Delete { at, version, when, bypass: ends } => {
            let delete = DeleteObject {
                version: which(store, at, version).await?,
                condition: writing(store, at, when).await?,
                if_modified: None,
                if_size: None,
                if_tagged: Vec::new(),
                bypass: bypass(ends),
                cause: if number.is_multiple_of(2) {
                    DeleteCause::Request
                } else {
                    DeleteCause::Lifecycle
                },
            };
            let deleted = store.delete_object(&address(at)?, delete, &stamp(number)?).await?;
            Ok(format!("{deleted:?}"))
        }
        OnObject::Copy { .. } => copy(store, op, number).await,
        OnObject::Tag { at, version, tags: given } => {
            change(store, (at, version), VersionChange::Tags(tags(given)?), number).await
        }
        OnObject::Retain { at, version, until, bypass: ends } => {
            let wanted = VersionChange::Retention(retention(until, number)?, bypass(ends));
            change(store, (at, version), wanted, number).await
        }
        OnObject::Hold { at, version, on } => {
            change(store, (at, version), VersionChange::LegalHold(on), number).await
        }
        OnObject::List { .. } | OnObject::ListVersions { .. } => list(store, op).await,
    }
}

async fn copy(store: &dyn ObjectStore, op: OnObject, number: u64) -> Result<String, Fault> {
    let OnObject::Copy { from, version, to, headers: kind, tags: given, lock: kept, source, when } =
        op
    else {
        return Err(Fault::Impossible);
    };
    let copy = CopyObject {
        from: address(from)?,
        from_version: which(store, from, version).await?,
        to: address(to)?,
        headers: kind.map(headers),
        tags: given.map(tags).transpose()?,
        lock: lock(kept, number)?,
        source_conditions: reading(store, from, source).await?,
        condition: writing(store, to, when).await?,
    };
    Ok(format!("{:?}", store.copy_object(copy, &stamp(number)?).await?))
}

async fn change(
    store: &dyn ObjectStore,
    (at, version): (Place, Which),
    change: VersionChange,
    number: u64,
) -> Result<String, Fault> {
    let version = which(store, at, version).await?;
    let address = VersionAddress { object: address(at)?, version };
    Ok(format!("{:?}", store.change_version(&address, change, &stamp(number)?).await?))
}

async fn list(store: &dyn ObjectStore, op: OnObject) -> Result<String, Fault> {
    match op {
        OnObject::List { bucket: name, prefix: begin, delimiter: end, after: start, max } => {
            let list = ListObjects {
                prefix: prefix(begin)?,
                delimiter: delimiter(end),
                after: start.map(after),
                max_keys: max,
            };
            Ok(format!("{:?}", store.list_objects(&bucket(name)?, list).await?))
        }
        OnObject::ListVersions {
            bucket: name,
            prefix: begin,
            delimiter: end,
            after: start,
            max,
        } => {
            let marker = match start {
                None => None,
                Some((number, version)) => {
                    let at = Place { bucket: name, key: number };
                    let version = which(store, at, version).await?;
                    Some(VersionMarker { key: after(number), version })
                }
            };
            let list = ListVersions {
                prefix: prefix(begin)?,
                delimiter: delimiter(end),
                after: marker,
                max_keys: max,
            };
            Ok(format!("{:?}", store.list_object_versions(&bucket(name)?, list).await?))
        }
        OnObject::Put { .. }
        | OnObject::Get { .. }
        | OnObject::Head { .. }
        | OnObject::Delete { .. }
        | OnObject::Copy { .. }
        | OnObject::Tag { .. }
        | OnObject::Retain { .. }
        | OnObject::Hold { .. } => Err(Fault::Impossible),
    }
}

/// The version that is meant, as the store's own listing has it.
pub(super) async fn which(
    store: &dyn ObjectStore,
    at: Place,
    which: Which,
) -> Result<Option<VersionId>, Fault> {
    let older = match which {
        Which::Newest => return Ok(None),
        Which::Null => return Ok(Some(VersionId::Null)),
        Which::Wrong => return Ok(Some(VersionId::Numbered(u64::MAX))),
        Which::Older(count) => usize::from(count),
    };
    let (key, name) = (key(at.key)?, bucket(at.bucket)?);
    let prefix = KeyPrefix::parse(key.as_str()).map_err(|_| Fault::Impossible)?;
    let list = ListVersions { prefix, delimiter: None, after: None, max_keys: VERSIONS_MAX };
    let page = store.list_object_versions(&name, list).await?;
    let found = page.entries.into_iter().filter_map(|entry| match entry {
        VersionEntry::Version(version) if version.key == key => Some(version.version),
        VersionEntry::Version(_) | VersionEntry::CommonPrefix(_) => None,
    });
    Ok(Some(found.take(older + 1).last().unwrap_or(VersionId::Null)))
}

/// What was read: all that is told of it, and a digest of its bytes.
async fn read(read: ObjectRead) -> Result<String, Fault> {
    let ObjectRead { meta, range, body } = read;
    let blocks: Vec<bytes::Bytes> = body.try_collect().await.map_err(StoreError::Body)?;
    let bytes = blocks.concat();
    let mut hasher = DefaultHasher::new();
    hasher.write(&bytes);
    Ok(format!("{meta:?} {range:?} {} bytes {:016x}", bytes.len(), hasher.finish()))
}
