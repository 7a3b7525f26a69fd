//! What the fuzzer feeds: headers of objects, and the sources of copies.

use http::HeaderMap;
use s3s::dto;

use super::{lock, read, tagging};

/// What headers say of an object.
pub(crate) fn headers(headers: &HeaderMap) {
    drop((tagging::of_header(headers), tagging::of_copy(headers), lock::of_headers(headers)));
}

/// Where a copy comes from.
pub(crate) fn copy_source(text: &str) {
    drop(read::copy_range(Some(text)));
    if let Ok(source) = dto::CopySource::parse(text) {
        drop(read::copy_source(&source));
    }
}
