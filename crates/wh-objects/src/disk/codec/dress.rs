//! What comes with an object beside its bytes: headers, tags, lock.

use super::{Fields, put_bytes, put_text, put_time, put_u64};
use crate::object::Dress;
use crate::{Encryption, ObjectHeaders, ObjectLock, Retention, RetentionMode, Tags};

fn put_headers(out: &mut Vec<u8>, headers: &ObjectHeaders) {
    for text in [
        &headers.content_type,
        &headers.content_disposition,
        &headers.content_encoding,
        &headers.content_language,
        &headers.cache_control,
        &headers.expires,
    ] {
        put_text(out, text.as_deref());
    }
    put_u64(out, headers.user.len() as u64);
    for (name, value) in &headers.user {
        put_bytes(out, name.as_bytes());
        put_bytes(out, value.as_bytes());
    }
}

pub(super) fn headers(fields: &mut Fields<'_>) -> Option<ObjectHeaders> {
    let mut headers = ObjectHeaders::default();
    for field in [
        &mut headers.content_type,
        &mut headers.content_disposition,
        &mut headers.content_encoding,
        &mut headers.content_language,
        &mut headers.cache_control,
        &mut headers.expires,
    ] {
        fields.text_into(field)?;
    }
    for _ in 0..fields.u64()? {
        headers.user.insert(fields.string()?, fields.string()?);
    }
    Some(headers)
}

fn put_tags(out: &mut Vec<u8>, tags: &Tags) {
    put_u64(out, tags.len() as u64);
    for (key, value) in tags.iter() {
        put_bytes(out, key.as_bytes());
        put_bytes(out, value.as_bytes());
    }
}

fn tags(fields: &mut Fields<'_>) -> Option<Tags> {
    let count = fields.u64()?;
    let mut pairs = Vec::new();
    for _ in 0..count {
        pairs.push((fields.string()?, fields.string()?));
    }
    Tags::new(pairs).ok()
}

pub(super) fn mode_byte(mode: RetentionMode) -> u8 {
    match mode {
        RetentionMode::Governance => 1,
        RetentionMode::Compliance => 2,
    }
}

pub(super) fn mode(byte: u8) -> Option<RetentionMode> {
    match byte {
        1 => Some(RetentionMode::Governance),
        2 => Some(RetentionMode::Compliance),
        _ => None,
    }
}

fn put_lock(out: &mut Vec<u8>, lock: ObjectLock) {
    out.push(u8::from(lock.legal_hold));
    out.push(lock.retention.map_or(0, |retention| mode_byte(retention.mode)));
    if let Some(retention) = lock.retention {
        put_time(out, retention.until);
    }
}

fn lock(fields: &mut Fields<'_>) -> Option<ObjectLock> {
    let legal_hold = fields.byte()? == 1;
    let retention = match fields.byte()? {
        0 => None,
        byte => Some(Retention { mode: mode(byte)?, until: fields.time()? }),
    };
    Some(ObjectLock { retention, legal_hold })
}

pub(super) fn put_dress(
    out: &mut Vec<u8>,
    (headers, tags, lock, encryption): (&ObjectHeaders, &Tags, ObjectLock, Option<Encryption>),
) {
    put_headers(out, headers);
    put_tags(out, tags);
    put_lock(out, lock);
    out.push(u8::from(encryption.is_some()));
}

pub(super) fn dress(fields: &mut Fields<'_>) -> Option<Dress> {
    let (headers, tags, lock) = (headers(fields)?, tags(fields)?, lock(fields)?);
    let encryption = (fields.byte()? == 1).then_some(Encryption::Aes256);
    Some(Dress { headers, tags, lock, encryption })
}
