//! Says *yes*: admits, records intent, then acts.
//!
//! The way of every request: [`Gate::admit`] judges the operation by the caller's own policies, the
//! boundary, the session policy and the bucket's policy; a refusal is recorded and goes back with
//! its explanation; for a mutation the intent is recorded; then there is a [`Permit`]. The gate's
//! acting functions take nothing else, and nobody else holds the store.
//!
//! Invariants:
//! - A [`Permit`] is minted in one place, and carries the very operation that was judged.
//! - No effect begins before its intent is recorded; if it cannot be, the answer is no.
//! - There is no arm that says yes to what it does not know.
//!
//! ```compile_fail
//! // A permit cannot be made outside of the gate.
//! fn forge(op: wh_gate::ops::ListBuckets) -> wh_gate::Permit<wh_gate::ops::ListBuckets> {
//!     wh_gate::Permit { op }
//! }
//! ```
//!
//! ```compile_fail
//! // The gate's store cannot be reached past the gate.
//! fn past(gate: &wh_gate::Gate) -> &dyn wh_objects::ObjectStore {
//!     &*gate.store
//! }
//! ```
//!
//! ```compile_fail
//! // An operation cannot be made up elsewhere, with demands of its own.
//! #[derive(Debug)]
//! struct Free;
//! impl wh_gate::Operation for Free {
//!     const KIND: wh_gate::OperationKind = wh_gate::OperationKind::ListBuckets;
//!     fn demands(&self, _: &wh_names::Partition) -> wh_gate::Demands<'_> {
//!         wh_gate::Demands::Known
//!     }
//! }
//! ```

mod admit;
mod bucket_policy;
mod caller;
mod error;
mod gate;
mod message;
mod operation;
pub mod ops;
mod permit;
mod quotas;
mod record;
mod refusal;
mod uses;

pub use caller::{AuthType, Caller, RequestFacts};
pub use error::GateError;
pub use gate::{Gate, GateOptions, OpenError};
pub use operation::{Demand, DemandWhen, Demands, Operation, OperationKind};
pub use permit::Permit;
pub use quotas::{QuotaRefusal, quota_room_of};
pub use refusal::{Refusal, RefusalCause};
pub use wh_ledger::QuotaSubject;
