//! The feed of changes: rows that are committed with the change that they tell of.

use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::watch;

use super::index::{Work, sql};
use super::rows::run;
use super::versions::signed;
use super::{DiskStore, codec};
use crate::object::whole_millis;
use crate::{Event, EventKind, ObjectAddress, Stamp, StoreError, VersionId};

/// Tells those who wait that there is news.
#[derive(Debug, Clone)]
pub(super) struct Feed(Arc<watch::Sender<u64>>);

/// What happened, to which version of what, and what that held.
type News<'a> = (EventKind, &'a ObjectAddress, VersionId, Option<(u64, String)>);

impl Feed {
    /// The feed of an index that is being opened.
    pub(super) fn load(conn: &Connection) -> rusqlite::Result<Self> {
        let newest = newest(conn)?;
        Ok(Self(Arc::new(watch::Sender::new(newest))))
    }

    /// Keeps an event; those who wait hear of it once it is durable.
    pub(super) fn tell(
        &self,
        work: &mut Work<'_>,
        sequence: u64,
        (kind, address, version, content): News<'_>,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        let event = Event {
            sequence,
            kind,
            at: whole_millis(stamp.at),
            by: Arc::clone(&stamp.by),
            bucket: address.bucket.clone(),
            key: address.key.clone(),
            version,
            content,
        };
        let text = "INSERT INTO event (seq, record) VALUES (?1, ?2)";
        run(work.conn, text, (signed(sequence), codec::event(&event)))?;
        let feed = Arc::clone(&self.0);
        work.after.push(Box::new(move || {
            feed.send_replace(sequence);
        }));
        Ok(())
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}

fn newest(conn: &Connection) -> rusqlite::Result<u64> {
    let text = "SELECT coalesce(max(seq), 0) FROM event";
    conn.prepare_cached(text)?.query_row([], |row| row.get(0))
}

/// The number of the next change. The newest event is never trimmed, so numbers never come twice.
pub(super) fn next_sequence(conn: &Connection) -> Result<u64, StoreError> {
    newest(conn).map(|newest| newest + 1).map_err(sql)
}

impl DiskStore {
    pub(super) async fn read_events(
        &self,
        after: u64,
        max: usize,
    ) -> Result<Vec<Event>, StoreError> {
        self.readers.read(move |conn| page(conn, after, max)).await
    }

    pub(super) async fn forget_events(&self, before: u64) -> Result<(), StoreError> {
        let job = move |work: &mut Work<'_>| {
            let text = "DELETE FROM event WHERE seq < ?1 AND seq < (SELECT max(seq) FROM event)";
            run(work.conn, text, [signed(before)]).map(drop)
        };
        self.writer.submit(job).await
    }
}

fn page(conn: &Connection, after: u64, max: usize) -> Result<Vec<Event>, StoreError> {
    let oldest = "SELECT coalesce(min(seq), 1) FROM event";
    let mut statement = conn.prepare_cached(oldest).map_err(sql)?;
    let oldest: u64 = statement.query_row([], |row| row.get(0)).map_err(sql)?;
    if after.saturating_add(1) < oldest {
        return Err(StoreError::EventsTrimmed { oldest });
    }
    let text = "SELECT seq, record FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    let mut statement = conn.prepare_cached(text).map_err(sql)?;
    let limit = i64::try_from(max).unwrap_or(i64::MAX);
    let mut found = statement.query((signed(after), limit)).map_err(sql)?;
    let mut events = Vec::new();
    while let Some(row) = found.next().map_err(sql)? {
        let sequence: u64 = row.get(0).map_err(sql)?;
        let record = row.get_ref(1).and_then(|r| Ok(r.as_blob()?)).map_err(sql)?;
        events.push(codec::read_event(sequence, record)?);
    }
    Ok(events)
}
