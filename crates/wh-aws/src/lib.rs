//! The client side of S3, STS and IAM: role sessions, presigning, and the cloud port over the AWS
//! protocols.
//!
//! The portal holds no permission on any object. What it asks of the store it asks with the
//! short-lived credentials of one person's [`RoleSession`], or it hands the browser a URL that was
//! signed with them.
//!
//! Invariant: only [`RoleSessions`] mints a [`RoleSession`], and its credentials are never stored
//! and never shown in `Debug`.

mod answer_date;
mod backup_bucket;
mod client;
mod cloud;
mod copying;
mod credentials;
mod disposition;
mod error;
mod expected_owner;
mod fetch;
mod keeping;
pub mod kms;
mod multipart;
mod objects;
mod post;
mod presign;
mod probes;
mod reading;
mod region;
mod scanning;
mod sending;
mod sessions;
mod streamed;
mod tagging;
pub mod upstream;
mod versions;

pub use backup_bucket::BackupBucket;
pub use client::{Caller, Client, ClientOptions};
pub use cloud::AwsCloud;
pub use copying::{CopyTo, Source};
pub use credentials::{AwsCredentials, CredentialSource, PortalCredentials};
pub use disposition::{Disposition, content_disposition};
pub use error::AwsError;
pub use fetch::{
    Answered, Asked, FetchError, FetchedBody, ask, ask_as, ask_with_form, fetch, fetch_body,
};
pub use keeping::OldVersionsRule;
pub use multipart::{CompleteUpload, NewObject, PartInfo, WriteCondition};
pub use objects::{
    Carried, DELETE_KEYS_MAX, DeletedKey, ListRequest, ListedObject, Listing, ObjectClient,
    ObjectInfo, Written,
};
pub use post::{PostError, Reach, check_address, post};
pub use presign::{GetToSign, PartToSign, PutToSign, SignedRequest};
pub use probes::AwsProbes;
pub use reading::ObjectBody;
pub use region::region_of_environment;
pub use sending::Sender;
pub use sessions::{RoleSession, RoleSessions, SessionRequest};
pub use streamed::PartToSend;
pub use tagging::ObjectTags;
pub use versions::{ListedVersion, VersionMark, Versions, VersionsRequest};
