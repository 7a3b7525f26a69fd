//! `Permit`: proof that an operation was allowed and its intent recorded.

use jiff::Timestamp;
use wh_ledger::{AuditEntryId, AuditWriter};
use wh_names::Clock;
use wh_objects::Tags;

use crate::{Caller, GateError};

/// Proof that `op` was allowed and its intent recorded. Only [`crate::Gate::admit`] mints one, and
/// the acting functions take nothing else: what was checked is what is done.
#[derive(Debug)]
#[must_use = "a permit that is not spent changes nothing"]
pub struct Permit<Op> {
    op: Op,
    caller: Caller,
    ticket: Option<Ticket>,
    tags: Option<Tags>,
}

impl<Op> Permit<Op> {
    pub(crate) fn mint(op: Op, caller: Caller, ticket: Option<Ticket>, tags: Option<Tags>) -> Self {
        Self { op, caller, ticket, tags }
    }

    /// The tags of what was there, if the judgement depended on them.
    pub(crate) fn take_tags(&mut self) -> Option<Tags> {
        self.tags.take()
    }

    /// The operation that was checked.
    pub fn op(&self) -> &Op {
        &self.op
    }

    pub(crate) fn spend(self) -> (Op, Caller, Spent) {
        (self.op, self.caller, Spent(self.ticket))
    }
}

/// A recorded intent whose outcome is still to be told.
#[derive(Debug)]
pub(crate) struct Ticket {
    writer: AuditWriter,
    clock: Clock,
    id: AuditEntryId,
    told: bool,
}

/// What is recorded of an intent whose effect was dropped on its way: it may have happened.
const CUT_SHORT: &str = "cut-short";
const DONE: &str = "done";

impl Ticket {
    pub(crate) fn new(writer: &AuditWriter, clock: &Clock, id: AuditEntryId) -> Self {
        Self { writer: writer.clone(), clock: clock.clone(), id, told: false }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn tell(&mut self, outcome: &str) {
        self.told = true;
        self.writer.outcome(self.id, self.now(), outcome);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.told {
            self.tell(CUT_SHORT);
        }
    }
}

/// What is left of a spent permit: the duty to say what came of it.
#[derive(Debug)]
pub(crate) struct Spent(Option<Ticket>);

impl Spent {
    /// Records what came of it, and passes it on.
    pub(crate) fn settle<T, E: Into<GateError>>(
        self,
        result: Result<T, E>,
    ) -> Result<T, GateError> {
        let result = result.map_err(Into::into);
        if let Some(mut ticket) = self.0 {
            ticket.tell(result.as_ref().map_or_else(GateError::code, |_| DONE));
        }
        result
    }
}
