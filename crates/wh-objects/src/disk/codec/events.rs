//! The records of events.

use wh_names::{BucketName, ObjectKey};

use super::{open, put_bytes, put_time, put_u64, seal};
use crate::{Event, EventKind, StoreError, VersionId};

/// An event's record; its name is its number.
pub(in crate::disk) fn event(event: &Event) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    let kind = EventKind::ALL.iter().position(|kind| *kind == event.kind);
    out.push(kind.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX));
    put_time(&mut out, event.at);
    put_bytes(&mut out, event.by.as_bytes());
    put_bytes(&mut out, event.bucket.as_str().as_bytes());
    put_bytes(&mut out, event.key.as_str().as_bytes());
    out.push(u8::from(event.version == VersionId::Null));
    if let VersionId::Numbered(number) = event.version {
        put_u64(&mut out, number);
    }
    out.push(u8::from(event.content.is_some()));
    if let Some((size, etag)) = &event.content {
        put_u64(&mut out, *size);
        put_bytes(&mut out, etag.as_bytes());
    }
    seal(&event.sequence.to_be_bytes(), out)
}

/// Reads what [`event`] wrote.
pub(in crate::disk) fn read_event(sequence: u64, record: &[u8]) -> Result<Event, StoreError> {
    let what = || StoreError::Corrupt { what: format!("the record of event {sequence}") };
    read_event_fields(sequence, record).ok_or_else(what)
}

fn read_event_fields(sequence: u64, record: &[u8]) -> Option<Event> {
    let mut fields = open(&sequence.to_be_bytes(), record)?;
    let kind = *EventKind::ALL.get(usize::from(fields.byte()?))?;
    let (at, by) = (fields.time()?, fields.string()?.into());
    let bucket = BucketName::parse(&fields.string()?).ok()?;
    let key = ObjectKey::parse(&fields.string()?).ok()?;
    let version = match fields.byte()? {
        1 => VersionId::Null,
        _ => VersionId::Numbered(fields.u64()?),
    };
    let content = match fields.byte()? {
        0 => None,
        _ => Some((fields.u64()?, fields.string()?)),
    };
    Some(Event { sequence, kind, at, by, bucket, key, version, content })
}
