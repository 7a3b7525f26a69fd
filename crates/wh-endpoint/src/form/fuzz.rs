//! What the fuzzer feeds: forms, and their policies.

use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::policy::PostPolicy;
use super::reader::{self, Fields};
use crate::fault::Fault;
use crate::signature::RawBody;

/// The fields of a form, and its file.
pub(crate) async fn read(body: RawBody, boundary: &str) -> Result<(Fields, RawBody), Fault> {
    reader::read(body, boundary).await
}

/// What a policy, as JSON, says of fields for the bucket `files`.
pub(crate) fn judge(
    policy: &str,
    pairs: &[(String, String)],
    now: Timestamp,
) -> Option<RangeInclusive<u64>> {
    let policy = PostPolicy::read(&STANDARD.encode(policy)).ok()?;
    let fields = Fields { pairs: pairs.to_vec(), ..Fields::default() };
    policy.judge(&fields, "files", now).ok()
}
