//! The vocabulary of the house: strings that were checked once.
//!
//! Every type here has a private field, one `parse`, and one `as_str`. To hold the value is to know
//! that the check was made; nothing downstream checks again.
//!
//! Invariant: no type in this crate can be made from an unchecked string, and none that holds a
//! secret shows it in `Debug`.

mod account;
mod arn;
mod bucket;
mod error;
mod iam;
mod instance;
mod key;
mod parameters;
mod scan;
mod secret;
mod uid;

pub use account::{AccountId, Partition, Region};
pub use arn::Arn;
pub use bucket::BucketName;
pub use error::NameError;
pub use iam::{
    AccessKeyId, Action, GroupName, RoleName, RoleSessionName, SourceIdentity, UserName,
};
pub use instance::InstanceId;
pub use key::{KEY_BYTES_MAX, KeyPrefix, ObjectKey};
pub use parameters::{Clock, Entropy};
pub use scan::{SCAN_TAG, ScanVerdict, Serving};
pub use secret::{Secret, SecretDigest};
pub use uid::Uid;
