//! The gateway: a store behind the endpoint that is another S3 endpoint.

pub(crate) mod binary;
mod conformance;
mod doctor;
mod upstream;

pub(crate) use binary::settings;
