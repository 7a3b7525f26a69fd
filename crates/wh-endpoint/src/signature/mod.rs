//! AWS Signature Version 4: what a request claims, whether the claim holds, and a body that proves
//! itself while it is read.
//!
//! One verifier serves every way of signing (header, presigned query, signed chunks, signed and
//! unsigned trailers, forms) and every service behind this door (`s3`, `sts`, `iam`). Nothing is handed on
//! to `s3s` but requests that passed here, with their credentials taken off.
//!
//! Source: IAM User Guide, "AWS Signature Version 4 for API requests"; S3 API Reference,
//! "Authenticating Requests (AWS Signature Version 4)".

mod chunked;
mod claim;
mod error;
mod payload;
mod text;
mod verify;

pub(crate) use chunked::{Chunking, decode};
pub(crate) use claim::{Claim, Form};
pub(crate) use error::{PayloadError, SignatureError};
pub(crate) use payload::{
    Arriving, BodyFault, PayloadForm, RawBody, Trailers, announced, check_hash, from_wire, whole,
};
pub(crate) use text::{QueryString, form_decoded};
#[cfg(any(test, feature = "fuzz"))]
pub(crate) use text::{canonical_path, canonical_query};
pub(crate) use verify::{Expectation, SigningKey, verify, verify_policy};
