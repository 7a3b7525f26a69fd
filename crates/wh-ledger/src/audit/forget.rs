//! Forgetting the oldest refusals of those who can cause any number of them.
//!
//! Invariant: what is forgotten is the beginning of a chain, and the chain's tail moves with it.

use super::AuditChain;
use super::chain::{REACHES, reaches};
use crate::sql::{self, Queue};
use crate::{Ledger, LedgerError};

/// The most records that are forgotten in one transaction, so that nobody waits long for the writer.
const FORGET_RECORDS_MAX: i64 = 1_000;

/// How many refusals of strangers, and of machines, a house keeps: the newest.
pub const AUDIT_REFUSALS_KEPT: u32 = 100_000;

impl Ledger {
    /// Forgets the refusals of anonymous callers but the newest `keep`, at least one; returns how
    /// many. Anybody at all can cause them, so their number is bounded; all other records stay.
    pub async fn sweep_audit_of_strangers(&self, keep: u32) -> Result<u64, LedgerError> {
        self.forget_refusals(AuditChain::Strangers, keep).await
    }

    /// Forgets the refusals of machines as such (`machine/i-…`) but the newest `keep`, at least one;
    /// returns how many. One that was revoked, or whose clock is wrong, goes on asking for ever.
    pub async fn sweep_audit_of_machines(&self, keep: u32) -> Result<u64, LedgerError> {
        self.forget_refusals(AuditChain::Machines, keep).await
    }

    async fn forget_refusals(&self, chain: AuditChain, keep: u32) -> Result<u64, LedgerError> {
        let mut forgotten = 0;
        loop {
            let done = self.forget_some(chain, i64::from(keep.max(1))).await?;
            forgotten += done;
            if done == 0 {
                return Ok(forgotten);
            }
        }
    }

    async fn forget_some(&self, chain: AuditChain, keep: i64) -> Result<u64, LedgerError> {
        let mut tx = self.writer().begin_in(Queue::Trail).await?;
        let found = reaches(sql::query(REACHES).fetch_all(&mut tx).await?)?;
        let found = found.into_iter().find(|reach| reach.chain == chain);
        let reach = found.ok_or(LedgerError::Corrupt { column: "chain" })?;
        let last = (reach.head.link - keep).min(reach.tail.link + FORGET_RECORDS_MAX);
        if last <= reach.tail.link {
            return Ok(0);
        }
        let named = "SELECT hash FROM audit WHERE chain = $1 AND link = $2";
        let named = sql::query(named).bind(chain.as_str()).bind(last);
        // A line that is missing is no place to go on from; checking the chain tells of it.
        let Some(row) = named.fetch_optional(&mut tx).await? else { return Ok(0) };
        let hash: String = row.try_get("hash")?;
        let forget = "DELETE FROM audit WHERE chain = $1 AND link <= $2";
        let forget = sql::query(forget).bind(chain.as_str()).bind(last);
        let done = forget.execute(&mut tx).await?.rows_affected();
        let moved = "UPDATE audit_chains SET tail_link = $1, tail_hash = $2 WHERE chain = $3";
        sql::query(moved).bind(last).bind(hash).bind(chain.as_str()).execute(&mut tx).await?;
        tx.commit().await?;
        Ok(done)
    }
}
