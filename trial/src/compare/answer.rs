//! What a store answers to an operation, as text. Two stores must give the same text.

use wh_objects::{ByteRange, HeadObject, ObjectStore, ReadConditions, StoreError, WriteCondition};

use super::names::{Impossible, address, time};
use super::operation::{Cut, Op, Place, Reading, Tag, Writing};
use super::{buckets, objects, uploads};

/// Why an operation has no other answer.
pub(crate) enum Fault {
    Store(StoreError),
    /// The operation itself makes no sense; the same for both stores.
    Impossible,
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Impossible> for Fault {
    fn from(_: Impossible) -> Self {
        Self::Impossible
    }
}

/// An answer: its code, for counting, and its text, for comparing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) code: &'static str,
    pub(crate) text: String,
}

/// The answer to the operation of this number.
pub(crate) async fn answer(store: &dyn ObjectStore, op: Op, number: u64) -> Answer {
    match try_answer(store, op, number).await {
        Ok(text) => Answer { code: "ok", text },
        Err(Fault::Store(error)) => {
            Answer { code: error.code(), text: format!("{}: {error}", error.code()) }
        }
        Err(Fault::Impossible) => Answer { code: "impossible", text: "impossible".to_owned() },
    }
}

async fn try_answer(store: &dyn ObjectStore, op: Op, number: u64) -> Result<String, Fault> {
    match op {
        Op::Bucket(op) => buckets::on_bucket(store, op, number).await,
        Op::Object(op) => objects::on_object(store, op, number).await,
        Op::Upload(op) => uploads::on_upload(store, op, number).await,
        Op::Reopen | Op::Crash => Ok(String::new()),
    }
}

pub(super) fn cut(cut: Cut) -> ByteRange {
    match cut {
        Cut::FromTo(from, to) => ByteRange::FromTo(from, to),
        Cut::From(from) => ByteRange::From(from),
        Cut::Last(count) => ByteRange::Last(count),
    }
}

/// The entity tag that is meant. What an object has now, both stores must know.
async fn etag(store: &dyn ObjectStore, at: Place, tag: Tag) -> Result<String, Fault> {
    Ok(match tag {
        Tag::Any => "*".to_owned(),
        Tag::Wrong => "\"00000000000000000000000000000000\"".to_owned(),
        Tag::Current => {
            let head = store.head_object(&address(at)?, HeadObject::default()).await;
            head.map_or_else(|error| error.code().to_owned(), |meta| format!("\"{}\"", meta.etag))
        }
    })
}

pub(super) async fn writing(
    store: &dyn ObjectStore,
    at: Place,
    when: Writing,
) -> Result<WriteCondition, Fault> {
    Ok(match when {
        Writing::Always => WriteCondition::Always,
        Writing::Nothing => WriteCondition::IfNoneMatchAny,
        Writing::Match(tag) => WriteCondition::IfMatch(etag(store, at, tag).await?),
        Writing::Sequence(Tag::Current) => {
            let head = store.head_object(&address(at)?, HeadObject::default()).await;
            WriteCondition::IfSequence(head.map_or(0, |meta| meta.sequence))
        }
        Writing::Sequence(Tag::Wrong | Tag::Any) => WriteCondition::IfSequence(u64::MAX),
    })
}

pub(super) async fn reading(
    store: &dyn ObjectStore,
    at: Place,
    when: Reading,
) -> Result<ReadConditions, Fault> {
    let Reading { matches, differs, since, before } = when;
    let mut conditions = ReadConditions::default();
    if let Some(tag) = matches {
        conditions.if_match = Some(etag(store, at, tag).await?);
    }
    if let Some(tag) = differs {
        conditions.if_none_match = Some(etag(store, at, tag).await?);
    }
    conditions.if_modified_since = since.map(time).transpose()?;
    conditions.if_unmodified_since = before.map(time).transpose()?;
    Ok(conditions)
}
