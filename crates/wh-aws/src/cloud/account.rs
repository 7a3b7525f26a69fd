//! What holds for the account as a whole.

use aws_config::SdkConfig;
use aws_sdk_s3control::config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint};
use aws_sdk_s3control::types::PublicAccessBlockConfiguration;

use super::AwsCloud;
use crate::error::{AwsError, sort};

/// An endpoint that is used as it is written: Amazon's own has the account before its name.
#[derive(Debug)]
struct AsWritten(String);

impl ResolveEndpoint for AsWritten {
    fn resolve_endpoint<'a>(&'a self, _: &'a Params) -> EndpointFuture<'a> {
        EndpointFuture::ready(Ok(Endpoint::builder().url(self.0.clone()).build()))
    }
}

/// S3 Control, at Amazon's endpoint or at another that was asked for.
pub(super) fn s3control(config: &SdkConfig) -> aws_sdk_s3control::Client {
    let mut built = aws_sdk_s3control::config::Builder::from(config);
    if let Some(url) = config.endpoint_url() {
        built = built.endpoint_resolver(AsWritten(url.to_owned()));
    }
    aws_sdk_s3control::Client::from_conf(built.build())
}

impl AwsCloud {
    async fn account_id(&self) -> Result<String, AwsError> {
        let caller = self.sts.get_caller_identity().send().await.map_err(sort)?;
        Ok(caller.account.unwrap_or_default())
    }

    pub(super) async fn read_account_block(&self) -> Result<bool, AwsError> {
        let call = self.s3control.get_public_access_block().account_id(self.account_id().await?);
        let answer = match call.send().await.map_err(sort) {
            Err(error) if super::bucket::says_unset(&error) => return Ok(false),
            read => read?,
        };
        let block = answer.public_access_block_configuration;
        Ok(block.is_some_and(|block| {
            block.block_public_acls.unwrap_or_default()
                && block.ignore_public_acls.unwrap_or_default()
                && block.block_public_policy.unwrap_or_default()
                && block.restrict_public_buckets.unwrap_or_default()
        }))
    }

    pub(super) async fn block_account(&self) -> Result<(), AwsError> {
        let all = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(true)
            .restrict_public_buckets(true)
            .build();
        let call = self.s3control.put_public_access_block().account_id(self.account_id().await?);
        call.public_access_block_configuration(all).send().await.map_err(sort)?;
        Ok(())
    }
}
