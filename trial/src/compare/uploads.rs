//! What a store answers to operations on uploads in parts.

use wh_objects::{
    CompleteUpload, CompletedPart, CreateUpload, ListUploads, ObjectStore, PartMeta, StoreError,
    UploadMarker, UploadPart, UploadPartCopy,
};

use super::answer::{Fault, cut, reading, writing};
use super::bodies;
use super::names::{
    address, after, algorithm, bucket, headers, kind, lock, prefix, stamp, tags, upload,
};
use super::objects::which;
use super::operation::{Chosen, Dress, OnUpload, Upload, Writing};

/// More parts than an upload here ever has.
const PARTS_MAX: usize = 100;

pub(super) async fn on_upload(
    store: &dyn ObjectStore,
    op: OnUpload,
    number: u64,
) -> Result<String, Fault> {
    match op {
        OnUpload::Begin { upload: at, dress: given, checksum } => {
            begin(store, at, (given, checksum), number).await
        }
        OnUpload::Part { upload: at, number: part, body } => {
            let told = bodies::told(body).await;
            let part = UploadPart {
                address: address(at.to)?,
                upload: upload(at.id)?,
                number: part,
                expected: told.expected,
                content_md5: told.content_md5,
                size: told.size,
            };
            let kept = store.upload_part(part, bodies::stream(body), &stamp(number)?).await?;
            Ok(format!("{kept:?}"))
        }
        OnUpload::PartCopy { upload: at, number: part, from, version, range, source } => {
            let copy = UploadPartCopy {
                address: address(at.to)?,
                upload: upload(at.id)?,
                number: part,
                from: address(from)?,
                from_version: which(store, from, version).await?,
                range: range.map(cut),
                source_conditions: reading(store, from, source).await?,
            };
            Ok(format!("{:?}", store.upload_part_copy(copy, &stamp(number)?).await?))
        }
        OnUpload::Complete { upload: at, chosen, when } => {
            complete(store, at, (chosen, when), number).await
        }
        OnUpload::Abort(at) => {
            let (address, id) = (address(at.to)?, upload(at.id)?);
            Ok(format!("{:?}", store.abort_multipart_upload(&address, &id).await?))
        }
        OnUpload::Parts { upload: at, after, max } => {
            let (address, id) = (address(at.to)?, upload(at.id)?);
            Ok(format!("{:?}", store.list_parts(&address, &id, after, max).await?))
        }
        OnUpload::List { bucket: name, prefix: begin, after: start, max } => {
            let marker = match start {
                None => None,
                Some((key, None)) => Some(UploadMarker { key: after(key), upload: None }),
                Some((key, Some(id))) => {
                    Some(UploadMarker { key: after(key), upload: Some(upload(id)?) })
                }
            };
            let list = ListUploads { prefix: prefix(begin)?, delimiter: None, after: marker, max };
            Ok(format!("{:?}", store.list_multipart_uploads(&bucket(name)?, list).await?))
        }
    }
}

async fn begin(
    store: &dyn ObjectStore,
    at: Upload,
    (given, checksum): (Dress, Option<(u8, bool)>),
    number: u64,
) -> Result<String, Fault> {
    let (address, id) = (address(at.to)?, upload(at.id)?);
    // An id is generated, so it never comes twice.
    if store.list_parts(&address, &id, 0, 1).await.is_ok() {
        return Ok("begun before".to_owned());
    }
    let checksum = checksum.map(|(number, composite)| (algorithm(number), kind(composite)));
    let create = CreateUpload {
        headers: headers(given.headers),
        tags: tags(given.tags)?,
        lock: lock(given.lock, number)?,
        checksum,
    };
    let at = stamp(number)?;
    Ok(format!("{:?}", store.create_multipart_upload(&address, create, id, &at).await?))
}

async fn complete(
    store: &dyn ObjectStore,
    at: Upload,
    (chosen, when): (Chosen, Writing),
    number: u64,
) -> Result<String, Fault> {
    let (address, id) = (address(at.to)?, upload(at.id)?);
    let parts = match store.list_parts(&address, &id, 0, PARTS_MAX).await {
        Ok(page) => page.parts,
        Err(StoreError::NoSuchUpload) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let size: u64 = parts.iter().map(|part| part.size).sum();
    let complete = CompleteUpload {
        address,
        upload: id,
        parts: choose(&parts, chosen),
        expected: None,
        condition: writing(store, at.to, when).await?,
        object_size: matches!(chosen, Chosen::WrongSize).then_some(size + 1),
    };
    Ok(format!("{:?}", store.complete_multipart_upload(complete, &stamp(number)?).await?))
}

fn choose(parts: &[PartMeta], chosen: Chosen) -> Vec<CompletedPart> {
    let named = |part: &PartMeta| CompletedPart {
        number: part.number,
        etag: part.etag.clone(),
        checksum: part.checksum.as_ref().map(|sum| sum.value.clone()),
    };
    let mut named: Vec<_> = parts.iter().map(named).collect();
    match chosen {
        Chosen::All | Chosen::WrongSize => {}
        Chosen::None => named.clear(),
        Chosen::Last => named = named.pop().into_iter().collect(),
        Chosen::Backwards => named.reverse(),
        Chosen::WrongTag => named.iter_mut().for_each(|part| part.etag.push('0')),
    }
    named
}
