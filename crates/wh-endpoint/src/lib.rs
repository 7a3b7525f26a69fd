//! The S3, STS and IAM door: wire protocol, SigV4, AWS's error codes.
//!
//! A request is verified here, by one verifier for all ways of signing; `s3s` gets it without its
//! credentials and turns HTTP into operations; each operation goes to the gate and back.
//!
//! Invariant: nothing reaches the gate without a `Principal`, and no body reaches it but through a
//! stream that fails unless it is the body that was signed.

mod authentication;
mod cors;
mod document;
mod door;
mod dress;
mod endpoint;
mod fault;
mod form;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod host;
mod machines;
mod query;
mod s3;
mod screen;
mod shed;
mod signature;

pub use endpoint::{Endpoint, EndpointOptions};
