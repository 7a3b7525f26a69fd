//! `x-amz-expected-bucket-owner`: every call says whose the bucket must be, so that one of the same
//! name in a stranger's account, made after ours was deleted, is never written to or read.

use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use wh_names::AccountId;

const HEADER: &str = "x-amz-expected-bucket-owner";
/// Calls that are about no bucket that is there.
const WITHOUT_BUCKET: [&str; 2] = ["CreateBucket", "ListBuckets"];

/// Says with every call whose the bucket must be. Not with URLs that are signed for browsers: they would
/// have to send the header, too.
#[derive(Debug, Clone)]
pub(crate) struct ExpectedOwner(pub(crate) AccountId);

impl Intercept for ExpectedOwner {
    fn name(&self) -> &'static str {
        "ExpectedOwner"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = bag.load::<Metadata>().map(Metadata::name).unwrap_or_default();
        if !WITHOUT_BUCKET.contains(&operation) {
            let owner = self.0.as_str().to_owned();
            context.request_mut().headers_mut().insert(HEADER, owner);
        }
        Ok(())
    }
}
