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
        // One after the other, so that writers get their turn in between.
        loop {
            let job = move |work: &mut Work<'_>| trim(work.conn, before, TRIMMED_MAX);
            if self.writer.submit(job).await? < TRIMMED_MAX {
                return Ok(());
            }
        }
    }
}

/// How many events are trimmed in one transaction.
const TRIMMED_MAX: usize = 10_000;

/// Trims the oldest events, so many at most, and tells how many there were.
fn trim(conn: &Connection, before: u64, most: usize) -> Result<usize, StoreError> {
    let text = "DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE seq < ?1 \
                AND seq < (SELECT max(seq) FROM event) ORDER BY seq LIMIT ?2)";
    run(conn, text, (signed(before), i64::try_from(most).unwrap_or(i64::MAX)))
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

#[cfg(test)]
mod tests {
    use super::trim;

    #[test]
    fn the_feed_is_trimmed_by_and_by_and_never_of_its_newest() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, seal) = (folder.path().join("index-2.db"), wh_pages::Seal::Checksum);
        let conn = crate::disk::index::IndexFile { path, seal }.prepare().expect("an index");
        for seq in 1..=25 {
            conn.execute("INSERT INTO event VALUES (?1, x'00')", [seq]).expect("an event");
        }
        let mut trimmed = Vec::new();
        for before in [20, 20, 100, 100] {
            trimmed.push(trim(&conn, before, 10).expect("trimmed"));
        }
        assert_eq!(trimmed, [10, 9, 5, 0]);
        let left = conn.query_row("SELECT min(seq) FROM event", [], |row| row.get::<_, i64>(0));
        assert_eq!(left.expect("the newest"), 25);
    }
}
