//! A consistent copy of a database, plain or sealed, into a new sealed one.

use std::path::Path;

use rusqlite::Connection;

use crate::layout::{PAGE_SIZE, SEAL};
use crate::open::{OpenError, connect_draft, make, settle};
use crate::opening::Ticket;
use crate::seal::Seal;
use crate::vfs::{register, reserve};

/// Copies the database of a connection, as it is at one moment, into a new file under a seal that
/// may be another than its own. Others may read and write meanwhile. What is at `to` is replaced,
/// once the copy is on the disk.
///
/// The copy is compact, as after `VACUUM`, and like that may renumber the rows of tables that
/// have neither an `INTEGER PRIMARY KEY` nor `WITHOUT ROWID`.
///
/// The connection needs `SQLITE_OPEN_URI`, which those of [`crate::open`] and of rusqlite's
/// `Connection::open` have, and must not be in a transaction. Its page size must be 4096 or it
/// must be an ordinary database that is not in WAL mode.
///
/// # Errors
/// [`OpenError`]; damage in the source is [`OpenError::Damaged`].
pub fn copy(conn: &Connection, to: &Path, seal: &Seal) -> Result<(), OpenError> {
    register()?;
    make(to, |draft| {
        // Neither touches the source; they are for the copies that VACUUM makes. The size of
        // pages comes first, for it resets the bytes that are reserved.
        conn.pragma_update(None, "page_size", PAGE_SIZE)?;
        reserve(conn, u8::try_from(SEAL).unwrap_or(u8::MAX))?;
        let kept: i64 = conn.query_row("PRAGMA temp_store", [], |row| row.get(0))?;
        conn.pragma_update(None, "temp_store", "MEMORY")?;
        let ticket = Ticket::new(seal);
        let copied = conn.execute("VACUUM INTO ?1", [ticket.uri(draft)]);
        conn.pragma_update(None, "temp_store", kept)?;
        copied.map_err(|e| ticket.refusal().map_or_else(|| e.into(), OpenError::from))?;
        settle(connect_draft(draft, seal)?)
    })
}
