//! Does what a client asks for, on a store in this process.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use bytes::Bytes;
use futures::TryStreamExt;
use jiff::Timestamp;
use wh_names::{BucketName, KeyPrefix, ObjectKey};
use wh_objects::{
    BucketChange, BucketSettings, ByteStream, CopyObject, DeleteObject, Event, EventKind,
    GetObject, HeadObject, ListEntry, ListObjects, ListVersions, ObjectAddress, ObjectHeaders,
    ObjectLock, ObjectMeta, ObjectStore, PutObject, ReadConditions, Stamp, StoreError,
    VersionEntry, Versioning, WriteCondition,
};

use super::command::{Answer, Change, Command, Sight, Wanted};
use crate::content::{content, number_of};

/// The header that carries the stamp beside the time of last modification.
const STAMP: &str = "stamp";

/// Who asks for everything here.
const BY: &str = "arn:aws:iam::000000000000:user/histories";

/// The names of the keys begin so; their number follows, in three digits.
const KEY: &str = "folder/key-";

/// How many changes and versions are told at once.
const CHANGES_MAX: usize = 100_000;

/// Makes the bucket of the histories, with such versioning; that it is there already is fine.
pub(crate) async fn make_bucket(store: &dyn ObjectStore, versioning: Versioning) -> Result<()> {
    match store
        .create_bucket(
            &bucket()?,
            BucketSettings::default(),
            &Stamp::new(Timestamp::UNIX_EPOCH, BY),
        )
        .await
    {
        Ok(()) | Err(StoreError::BucketAlreadyExists) => {}
        Err(error) => return Err(error).context("making the bucket"),
    }
    if versioning != Versioning::Unversioned {
        let change = BucketChange::Versioning(versioning);
        store.change_bucket(&bucket()?, change).await.context("versioning the bucket")?;
    }
    Ok(())
}

/// Why there is no answer of the kind that was asked for.
enum Fault {
    /// The store says no.
    Store(StoreError),
    /// The store says what makes no sense.
    Nonsense(anyhow::Error),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<anyhow::Error> for Fault {
    fn from(error: anyhow::Error) -> Self {
        Self::Nonsense(error)
    }
}

/// Does what is asked for. An error is an answer too: `Wrong`, unless it is one of those that a
/// correct store gives.
pub(crate) async fn perform(store: &dyn ObjectStore, command: Command) -> Answer {
    match try_perform(store, command).await {
        Ok(answer) => answer,
        Err(Fault::Store(StoreError::NoSuchKey | StoreError::Deleted { .. })) => Answer::Nothing,
        Err(Fault::Store(StoreError::PreconditionFailed)) => Answer::Refused,
        Err(Fault::Store(error)) => Answer::Wrong(format!("{}: {error}", error.code())),
        Err(Fault::Nonsense(error)) => Answer::Wrong(format!("{error:#}")),
    }
}

async fn try_perform(store: &dyn ObjectStore, command: Command) -> Result<Answer, Fault> {
    match command {
        Command::Put { key, stamp, size, when } => put(store, (key, stamp, size), when).await,
        Command::Get { key } => get(store, key).await,
        Command::Head { key } => {
            let meta = store.head_object(&address(key)?, HeadObject::default()).await?;
            Ok(Answer::Found(found(&meta, None)?))
        }
        Command::Delete { key, stamp } => {
            let delete = DeleteObject::default();
            store.delete_object(&address(key)?, delete, &time(stamp)?).await?;
            Ok(Answer::Deleted)
        }
        Command::Copy { from, to, stamp } => copy(store, (from, to), stamp).await,
        Command::List { after, max } => list(store, after, max).await,
        Command::Feed { after } => {
            let events = store.events(after, CHANGES_MAX).await?;
            let changes = events.into_iter().map(told).collect::<Result<_>>()?;
            Ok(Answer::Changes(changes))
        }
        Command::Versions => versions(store).await,
    }
}

async fn put(
    store: &dyn ObjectStore,
    (key, stamp, size): (u8, u64, u32),
    when: Wanted,
) -> Result<Answer, Fault> {
    let condition = match when {
        Wanted::Always => WriteCondition::Always,
        Wanted::Nothing => WriteCondition::IfNoneMatchAny,
        Wanted::Content { etag, .. } => WriteCondition::IfMatch(etag),
    };
    let put = PutObject { headers: headers(stamp), condition, ..PutObject::default() };
    let size = usize::try_from(size).context("a size beyond this machine")?;
    let body = body(content(stamp, size));
    let stored = store.put_object(&address(key)?, put, body, &time(stamp)?).await?;
    Ok(Answer::Stored { etag: stored.etag().to_owned(), sequence: stored.sequence() })
}

async fn get(store: &dyn ObjectStore, key: u8) -> Result<Answer, Fault> {
    let read = store.get_object(&address(key)?, GetObject::default()).await?;
    let blocks: Vec<Bytes> = read.body.try_collect().await.map_err(StoreError::Body)?;
    let bytes = blocks.concat();
    let number =
        number_of(&bytes).with_context(|| format!("{} bytes that nobody wrote", bytes.len()))?;
    if bytes.len() as u64 != read.meta.size {
        return Err(anyhow::anyhow!("a body of another size than was told").into());
    }
    Ok(Answer::Found(found(&read.meta, Some(number))?))
}

async fn copy(store: &dyn ObjectStore, (from, to): (u8, u8), stamp: u64) -> Result<Answer, Fault> {
    let copy = CopyObject {
        from: address(from)?,
        from_version: None,
        to: address(to)?,
        headers: Some(headers(stamp)),
        tags: None,
        lock: ObjectLock::default(),
        source_conditions: ReadConditions::default(),
        condition: WriteCondition::Always,
    };
    let stored = store.copy_object(copy, &time(stamp)?).await?;
    Ok(Answer::Stored { etag: stored.etag().to_owned(), sequence: stored.sequence() })
}

async fn list(store: &dyn ObjectStore, after: Option<u8>, max: u16) -> Result<Answer, Fault> {
    let list = ListObjects {
        prefix: KeyPrefix::everything(),
        delimiter: None,
        after: after.map(name),
        max_keys: usize::from(max),
    };
    let page = store.list_objects(&bucket()?, list).await?;
    let entries = page.entries.into_iter().map(listed).collect::<Result<_>>()?;
    Ok(Answer::Page { entries, more: page.truncated })
}

async fn versions(store: &dyn ObjectStore) -> Result<Answer, Fault> {
    let prefix = KeyPrefix::everything();
    let list = ListVersions { prefix, delimiter: None, after: None, max_keys: CHANGES_MAX };
    let page = store.list_object_versions(&bucket()?, list).await?;
    let changes = page.entries.into_iter().map(version).collect::<Result<_>>()?;
    Ok(Answer::Changes(changes))
}

fn told(event: Event) -> Result<Change> {
    let (key, stamp) = (number(&event.key)?, stamp(event.at)?);
    let etag = match event.kind {
        EventKind::Put | EventKind::Copy => event.content.map(|(_, etag)| etag),
        EventKind::Delete | EventKind::DeleteMarkerCreated => None,
        EventKind::CompleteMultipartUpload
        | EventKind::LifecycleDelete
        | EventKind::LifecycleDeleteMarkerCreated
        | EventKind::TaggingPut
        | EventKind::TaggingDelete
        | EventKind::LockChanged => anyhow::bail!("an event that nobody caused"),
    };
    Ok(Change { sequence: event.sequence, key, stamp, etag })
}

fn version(entry: VersionEntry) -> Result<Change> {
    let VersionEntry::Version(version) = entry else { anyhow::bail!("a prefix was listed") };
    let (key, stamp) = (number(&version.key)?, stamp(version.modified)?);
    let etag = version.object.map(|object| object.etag);
    Ok(Change { sequence: version.sequence, key, stamp, etag })
}

fn number(key: &ObjectKey) -> Result<u8> {
    let number = key.as_str().strip_prefix(KEY).and_then(|number| number.parse().ok());
    number.with_context(|| format!("`{key}` was never written"))
}

fn listed(entry: ListEntry) -> Result<(u8, Sight)> {
    let ListEntry::Object(object) = entry else { anyhow::bail!("a prefix was listed") };
    let number = number(&object.key)?;
    let (etag, size) = (object.etag, object.size);
    Ok((number, Sight { stamp: stamp(object.modified)?, etag, size, content: None }))
}

fn found(meta: &ObjectMeta, content: Option<u64>) -> Result<Sight> {
    let stamp = stamp(meta.modified)?;
    let header = meta.headers.user.get(STAMP).map(String::as_str);
    anyhow::ensure!(
        header == Some(&*stamp.to_string()),
        "an object written at {stamp} with the header {header:?}"
    );
    Ok(Sight { stamp, etag: meta.etag.clone(), size: meta.size, content })
}

fn body(bytes: Bytes) -> ByteStream {
    Box::pin(futures::stream::iter([Ok(bytes)]))
}

fn headers(stamp: u64) -> ObjectHeaders {
    let user = BTreeMap::from([(STAMP.to_owned(), stamp.to_string())]);
    ObjectHeaders { user, ..ObjectHeaders::default() }
}

fn time(stamp: u64) -> Result<Stamp> {
    let at = Timestamp::from_millisecond(i64::try_from(stamp)?);
    Ok(Stamp::new(at.context("a stamp that is no time")?, BY))
}

fn stamp(time: Timestamp) -> Result<u64> {
    u64::try_from(time.as_millisecond()).context("a time before all stamps")
}

fn bucket() -> Result<BucketName> {
    BucketName::parse("histories").context("the bucket's name")
}

fn name(key: u8) -> String {
    format!("{KEY}{key:03}")
}

fn address(key: u8) -> Result<ObjectAddress> {
    let key = ObjectKey::parse(&name(key)).context("a key's name")?;
    Ok(ObjectAddress { bucket: bucket()?, key })
}
