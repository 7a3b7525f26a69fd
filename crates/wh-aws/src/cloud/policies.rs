//! Managed policies and their versions.

use wh_names::Arn;
use wh_provision::{ManagedPolicyState, Step};

use super::AwsCloud;
use crate::error::{AwsError, sort};

/// How many versions IAM keeps of a managed policy.
const VERSIONS_MAX: usize = 5;

impl AwsCloud {
    pub(super) async fn read_policy(&self, arn: &Arn) -> Result<ManagedPolicyState, AwsError> {
        let answer = self.iam.get_policy().policy_arn(arn.as_str()).send().await.map_err(sort)?;
        let policy = answer.policy.ok_or_else(|| AwsError::malformed("an empty policy"))?;
        let tags = super::tags::of_iam(policy.tags);
        let version = policy.default_version_id;
        let version = version.ok_or_else(|| AwsError::malformed("a policy without a version"))?;
        let call = self.iam.get_policy_version().policy_arn(arn.as_str()).version_id(version);
        let answer = call.send().await.map_err(sort)?;
        let document = answer.policy_version().and_then(|version| version.document());
        Ok(ManagedPolicyState { document: document.unwrap_or_default().to_owned(), tags })
    }

    pub(super) async fn write_policy(&self, step: &Step) -> Result<(), AwsError> {
        if let Step::CreatePolicy { name, path, document, tags } = step {
            let call = self.iam.create_policy().policy_name(name).path(path);
            let call = call.set_tags(super::tags::iam(tags)?);
            call.policy_document(document).send().await.map_err(sort)?;
        }
        if let Step::PutPolicyVersion { policy, document } = step {
            self.make_room(policy).await?;
            let call = self.iam.create_policy_version().policy_arn(policy.as_str());
            let call = call.policy_document(document).set_as_default(true);
            call.send().await.map_err(sort)?;
        }
        if let Step::TagPolicy { policy, tags } = step {
            let call = self.iam.tag_policy().policy_arn(policy.as_str());
            call.set_tags(super::tags::iam(tags)?).send().await.map_err(sort)?;
        }
        if let Step::DeletePolicy { policy } = step {
            self.delete_old_versions(policy).await?;
            let call = self.iam.delete_policy().policy_arn(policy.as_str());
            call.send().await.map_err(sort)?;
        }
        Ok(())
    }

    /// IAM deletes a policy only once its other versions are gone.
    async fn delete_old_versions(&self, policy: &Arn) -> Result<(), AwsError> {
        let call = self.iam.list_policy_versions().policy_arn(policy.as_str());
        let answer = call.send().await.map_err(sort)?;
        let spare = answer.versions().iter().filter(|version| !version.is_default_version());
        for version in spare.filter_map(|version| version.version_id()) {
            let call = self.iam.delete_policy_version().policy_arn(policy.as_str());
            call.version_id(version).send().await.map_err(sort)?;
        }
        Ok(())
    }

    /// Deletes the oldest version that is not in force, when there are as many as IAM keeps.
    async fn make_room(&self, policy: &Arn) -> Result<(), AwsError> {
        let call = self.iam.list_policy_versions().policy_arn(policy.as_str());
        let answer = call.send().await.map_err(sort)?;
        if answer.versions().len() < VERSIONS_MAX {
            return Ok(());
        }
        let spare = answer.versions().iter().filter(|version| !version.is_default_version());
        let oldest = spare.filter_map(|version| version.version_id()).min_by_key(|id| number(id));
        let Some(oldest) = oldest else { return Ok(()) };
        let call = self.iam.delete_policy_version().policy_arn(policy.as_str());
        call.version_id(oldest).send().await.map_err(sort)?;
        Ok(())
    }
}

/// `v12` is later than `v9`.
fn number(version: &str) -> u64 {
    version.trim_start_matches('v').parse().unwrap_or_default()
}
