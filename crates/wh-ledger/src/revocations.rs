//! What was issued and no longer counts: kept in memory, in step with the table, so that a check on
//! every request costs no SQL.
//!
//! What another node revoked is read again, and added: see [`crate::follow`].
//!
//! Invariant: where access ends, memory learns of it before the transaction commits. A change that
//! is cut off half-way may end too much, never too little.

use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use jiff::Timestamp;
use wh_names::Uid;

use crate::open::{millis, timestamp};
use crate::persons::read_uid;
use crate::sql::{self, Pool, Tx};
use crate::versions::{Kept, raise};
use crate::{Ledger, LedgerError};

impl Ledger {
    /// Whether what was issued to this person at `issued_at` no longer counts.
    ///
    /// A disabled person's credentials never count, whenever they were issued. What was issued in
    /// the very millisecond of a revocation is revoked.
    pub fn revoked(&self, uid: &Uid, issued_at: Timestamp) -> bool {
        let state = self.revocations().read();
        state.shut_out.contains(uid)
            || state.persons.get(uid).is_some_and(|at| issued_at <= *at)
            || state.everyone.is_some_and(|at| issued_at <= at)
    }

    /// Whether this session of the portal has been ended; nothing issued for it counts any more.
    pub fn session_revoked(&self, sid: &str) -> bool {
        self.revocations().read().sessions.contains_key(sid)
    }

    /// Takes over what another process on this machine wrote: who is shut out, and what was revoked.
    pub async fn learn_standing(&self) -> Result<(), LedgerError> {
        self.revocations().read_again(self.reader()).await
    }

    /// Revokes what was issued to a person until `at`; their sessions go on.
    pub async fn revoke_person(&self, uid: &Uid, at: Timestamp) -> Result<(), LedgerError> {
        self.revocations().narrow(Some(uid), at);
        let mut tx = self.writer().begin().await?;
        write_person(&mut tx, uid, at).await?;
        Ok(tx.commit().await?)
    }

    /// Revokes what was issued to anybody until then.
    pub async fn revoke_everyone(&self, at: Timestamp) -> Result<(), LedgerError> {
        self.revocations().narrow(None, at);
        let mut tx = self.writer().begin().await?;
        write_everyone(&mut tx, at).await?;
        Ok(tx.commit().await?)
    }

    /// Revokes what was and will be issued for a session of the portal.
    pub async fn revoke_session(&self, sid: &str, at: Timestamp) -> Result<(), LedgerError> {
        self.revocations().end_session(sid, at);
        let mut tx = self.writer().begin().await?;
        write_session(&mut tx, sid, at).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets revocations made before `before`, when all that they could concern has expired.
    pub async fn sweep_revocations(&self, before: Timestamp) -> Result<u64, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let done = sql::query("DELETE FROM revocations WHERE revoked_at < $1")
            .bind(millis(before))
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        let mut state = self.revocations().write();
        state.persons.retain(|_, at| *at >= before);
        state.sessions.retain(|_, at| *at >= before);
        state.everyone = state.everyone.filter(|at| *at >= before);
        Ok(done.rows_affected())
    }
}

#[derive(Debug, Default)]
pub(crate) struct Revocations {
    state: RwLock<State>,
    /// Held by whoever shuts out or lets back, and while the table is read again: what was read before
    /// such a change must not be taken over after it.
    order: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    shut_out: HashSet<Uid>,
    persons: HashMap<Uid, Timestamp>,
    sessions: HashMap<String, Timestamp>,
    everyone: Option<Timestamp>,
}

impl State {
    async fn read(pool: &Pool) -> Result<Self, LedgerError> {
        let mut state = Self::default();
        let disabled = sql::query(
            "SELECT uid FROM persons WHERE status = 'disabled' UNION SELECT uid FROM deleted_persons",
        );
        for row in disabled.fetch_all(pool).await? {
            state.shut_out.insert(read_uid(row.try_get("uid")?)?);
        }
        let revoked = sql::query("SELECT subject, revoked_at FROM revocations");
        for row in revoked.fetch_all(pool).await? {
            let at = timestamp("revoked_at", row.try_get("revoked_at")?)?;
            let subject: &str = row.try_get("subject")?;
            match subject.split_once(':') {
                Some(("person", uid)) => state.narrow_person(&read_uid(uid)?, at),
                Some(("session", sid)) => drop(state.sessions.insert(sid.to_owned(), at)),
                None if subject == EVERYONE => state.everyone = Some(at),
                Some(_) | None => return Err(LedgerError::Corrupt { column: "subject" }),
            }
        }
        Ok(state)
    }

    fn narrow_person(&mut self, uid: &Uid, at: Timestamp) {
        let entry = self.persons.entry(uid.clone()).or_insert(at);
        *entry = at.max(*entry);
    }
}

impl Revocations {
    pub(crate) async fn load(pool: &Pool) -> Result<Self, LedgerError> {
        Ok(Self { state: RwLock::new(State::read(pool).await?), order: Default::default() })
    }

    /// Takes over what the tables say now. Only whom they let back is let back; what was revoked here
    /// and is forgotten there is forgotten here by [`Ledger::sweep_revocations`].
    pub(crate) async fn read_again(&self, pool: &Pool) -> Result<(), LedgerError> {
        let _order = self.order.lock().await;
        let read = State::read(pool).await?;
        let mut state = self.write();
        state.shut_out = read.shut_out;
        state.everyone = state.everyone.max(read.everyone);
        for (uid, at) in &read.persons {
            state.narrow_person(uid, *at);
        }
        state.sessions.extend(read.sessions);
        Ok(())
    }

    /// Waits for others who shut out or let back, and keeps them waiting.
    pub(crate) async fn in_order(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.order.lock().await
    }

    /// The person's sessions end and nothing issued to them counts until they are let back.
    pub(crate) fn shut_out(&self, uid: &Uid, at: Timestamp, sids: &[String]) {
        let mut state = self.write();
        state.shut_out.insert(uid.clone());
        state.narrow_person(uid, at);
        state.sessions.extend(sids.iter().map(|sid| (sid.clone(), at)));
    }

    pub(crate) fn let_back(&self, uid: &Uid, at: Timestamp) {
        let mut state = self.write();
        state.narrow_person(uid, at);
        state.shut_out.remove(uid);
    }

    /// The person's sessions end, and nothing issued to them until `at` counts.
    pub(crate) fn end(&self, uid: &Uid, at: Timestamp, sids: &[String]) {
        let mut state = self.write();
        state.narrow_person(uid, at);
        state.sessions.extend(sids.iter().map(|sid| (sid.clone(), at)));
    }

    pub(crate) fn end_session(&self, sid: &str, at: Timestamp) {
        self.write().sessions.insert(sid.to_owned(), at);
    }

    pub(crate) fn end_each(&self, sids: &[String], at: Timestamp) {
        self.write().sessions.extend(sids.iter().map(|sid| (sid.clone(), at)));
    }

    /// Nothing issued until `at` counts, to a person or to everyone.
    pub(crate) fn narrow(&self, uid: Option<&Uid>, at: Timestamp) {
        let mut state = self.write();
        match uid {
            Some(uid) => state.narrow_person(uid, at),
            None => state.everyone = state.everyone.max(Some(at)),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

const EVERYONE: &str = "everyone";

pub(crate) async fn write_person(tx: &mut Tx, uid: &Uid, at: Timestamp) -> Result<(), LedgerError> {
    write(tx, &format!("person:{uid}"), at).await
}

pub(crate) async fn write_session(
    tx: &mut Tx,
    sid: &str,
    at: Timestamp,
) -> Result<(), LedgerError> {
    write(tx, &format!("session:{sid}"), at).await
}

pub(crate) async fn write_everyone(tx: &mut Tx, at: Timestamp) -> Result<(), LedgerError> {
    write(tx, EVERYONE, at).await
}

async fn write(tx: &mut Tx, subject: &str, at: Timestamp) -> Result<(), LedgerError> {
    let sql = "INSERT INTO revocations (subject, revoked_at) VALUES ($1, $2)
               ON CONFLICT (subject) DO UPDATE SET revoked_at = excluded.revoked_at
               WHERE excluded.revoked_at > revocations.revoked_at";
    sql::query(sql).bind(subject).bind(millis(at)).execute(&mut *tx).await?;
    raise(tx, Kept::Standing).await.map(drop)
}
