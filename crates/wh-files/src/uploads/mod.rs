//! Uploads: written down, begun at the store, sent to it by the browser, and completed.
//!
//! Invariant: the row is written before the store is asked to begin anything, so that no upload is
//! ever forgotten; the entity tags of parts come from the store, never from the client.

mod abort;
mod begin;
mod complete;
mod error;
pub(crate) mod parts;
mod pass;
mod sign;
mod status;
mod sweep;
mod whole;

pub(crate) use begin::media_type;
pub use begin::{Conflict, NewUpload};
pub use complete::Completion;
pub use error::UploadError;
pub use pass::PARTS_PASSED_MAX;
pub use sign::{PART_LIFE, PARTS_SIGNED_MAX, PartWanted, SignedPart};
pub use status::{StoredPart, Upload};
pub use sweep::{SENT_AGE_MAX, SENT_STALE_AFTER, UNSENT_STALE_AFTER, UPLOAD_STALE_AFTER};
pub use wh_ledger::UploadStatus;
pub use whole::WholeWanted;
