//! Rules of others beside ours: taken away where somebody asked for that.

use aws_sdk_s3::types::{CorsConfiguration, NotificationConfiguration};
use wh_names::BucketName;
use wh_provision::Shared;

use super::read::is_ours;
use crate::cloud::AwsCloud;
use crate::error::{AwsError, sort};

impl AwsCloud {
    /// S3 replaces all rules at once, so ours are written back.
    pub(in crate::cloud) async fn drop_rules(
        &self,
        bucket: &BucketName,
        setting: Shared,
    ) -> Result<(), AwsError> {
        let name = bucket.as_str();
        match setting {
            Shared::Lifecycle => self.drop_lifecycle_rules(name).await,
            Shared::Cors => self.drop_cors_rules(name).await,
            Shared::Events => self.drop_notifications(name).await,
        }
    }

    async fn drop_cors_rules(&self, bucket: &str) -> Result<(), AwsError> {
        let answer = self.s3.get_bucket_cors().bucket(bucket).send().await.map_err(sort)?;
        let mut rules = answer.cors_rules.unwrap_or_default();
        let count = rules.len();
        rules.retain(|rule| is_ours(rule, count));
        if rules.is_empty() {
            self.s3.delete_bucket_cors().bucket(bucket).send().await.map_err(sort)?;
            return Ok(());
        }
        let left = CorsConfiguration::builder().set_cors_rules(Some(rules)).build();
        let call = self.s3.put_bucket_cors().bucket(bucket);
        let call = call.cors_configuration(left.map_err(AwsError::malformed)?);
        call.send().await.map_err(sort)?;
        Ok(())
    }

    async fn drop_notifications(&self, bucket: &str) -> Result<(), AwsError> {
        let told = self.notifications(bucket).await?.event_bridge_configuration;
        let left =
            NotificationConfiguration::builder().set_event_bridge_configuration(told).build();
        let call = self.s3.put_bucket_notification_configuration().bucket(bucket);
        call.notification_configuration(left).send().await.map_err(sort)?;
        Ok(())
    }
}
