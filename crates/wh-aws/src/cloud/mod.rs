//! The cloud port over S3, IAM, STS, KMS and CloudTrail.

mod account;
mod bucket;
mod keys;
mod owned;
mod policies;
mod profiles;
mod roles;
mod tags;
mod trails;

use std::time::Duration;

use async_trait::async_trait;
use wh_names::{AccountId, Arn, BucketName, KeyPrefix, RoleName};
use wh_provision::{
    BucketSettingKind, Cloud, CloudError, Found, InstanceProfileState, KeyState,
    ManagedPolicyState, Owned, RoleState, Step, TrailState,
};

use crate::client::{Client, ClientOptions};
use crate::error::{AwsError, sort};

/// How often a write is tried that AWS refuses only because an earlier one has not spread yet.
const PATIENT_ATTEMPTS_MAX: u32 = 30;
/// The wait before such a write is tried again, in seconds: it grows by as much up to the maximum.
const PATIENCE_SECONDS: u32 = 1;
const PATIENCE_SECONDS_MAX: u32 = 5;

/// Provisions over the AWS protocols: Amazon's own endpoints, or any that speaks the same.
#[derive(Debug, Clone)]
pub struct AwsCloud {
    s3: aws_sdk_s3::Client,
    iam: aws_sdk_iam::Client,
    sts: aws_sdk_sts::Client,
    kms: aws_sdk_kms::Client,
    cloudtrail: aws_sdk_cloudtrail::Client,
    s3control: aws_sdk_s3control::Client,
    is_amazon: bool,
}

impl AwsCloud {
    /// A cloud that is asked with the credentials in `options`.
    pub async fn new(options: ClientOptions) -> Self {
        Self::over(&Client::connect(options).await)
    }

    /// A cloud over a connection that is there.
    pub fn over(client: &Client) -> Self {
        Self {
            is_amazon: client.config().endpoint_url().is_none(),
            s3: client.s3(),
            iam: client.iam(),
            sts: client.sts(),
            kms: aws_sdk_kms::Client::new(client.config()),
            cloudtrail: aws_sdk_cloudtrail::Client::new(client.config()),
            s3control: account::s3control(client.config()),
        }
    }

    /// Whether it is Amazon's own, and no other endpoint was asked for.
    pub fn is_amazon(&self) -> bool {
        self.is_amazon
    }

    /// The ARN in whose name we speak.
    pub async fn caller(&self) -> Result<String, CloudError> {
        let caller = self.sts.get_caller_identity().send().await.map_err(refused)?;
        Ok(caller.arn.unwrap_or_default())
    }

    /// The same, whose buckets are asked with others' credentials.
    pub(crate) fn with_s3(&self, s3: aws_sdk_s3::Client) -> Self {
        Self { s3, ..self.clone() }
    }
}

#[async_trait]
impl Cloud for AwsCloud {
    async fn account(&self) -> Result<AccountId, CloudError> {
        let caller = self.sts.get_caller_identity().send().await.map_err(refused)?;
        let account = caller.account().unwrap_or_default();
        AccountId::parse(account).map_err(|error| cloud_error(AwsError::malformed(error)))
    }

    async fn key(&self, alias: &str, installation: &str) -> Result<Option<KeyState>, CloudError> {
        found(self.read_key(alias, installation).await).map(Option::flatten)
    }

    async fn bucket_exists(&self, bucket: &BucketName) -> Result<bool, CloudError> {
        self.bucket_is_there(bucket).await.map_err(cloud_error)
    }

    async fn bucket_is_empty(&self, bucket: &BucketName) -> Result<bool, CloudError> {
        let call = self.s3.list_objects_v2().bucket(bucket.as_str()).max_keys(1);
        let page = call.send().await.map_err(refused)?;
        Ok(page.contents().is_empty())
    }

    async fn bucket_setting(
        &self,
        bucket: &BucketName,
        kind: BucketSettingKind,
    ) -> Result<Found, CloudError> {
        match self.read_setting(bucket, kind).await {
            Err(error) if bucket::says_unset(&error) => Ok(Found::default()),
            read => read.map_err(cloud_error),
        }
    }

    async fn managed_policy(&self, arn: &Arn) -> Result<Option<ManagedPolicyState>, CloudError> {
        found(self.read_policy(arn).await)
    }

    async fn role(&self, name: &RoleName) -> Result<Option<RoleState>, CloudError> {
        found(self.read_role(name).await)
    }

    async fn instance_profile(
        &self,
        name: &RoleName,
    ) -> Result<Option<InstanceProfileState>, CloudError> {
        found(self.read_profile(name).await)
    }

    async fn profiles_of(&self, role: &RoleName) -> Result<Vec<String>, CloudError> {
        Ok(found(self.read_profiles_of(role).await)?.unwrap_or_default())
    }

    async fn owned(&self, installation: &str) -> Result<Owned, CloudError> {
        self.read_owned(installation).await.map_err(cloud_error)
    }

    async fn roles_under(&self, path: &str) -> Result<Vec<String>, CloudError> {
        let pages = self.iam.list_roles().path_prefix(path).into_paginator().items().send();
        let roles = pages.collect::<Result<Vec<_>, _>>().await.map_err(refused)?;
        Ok(roles.into_iter().map(|role| role.role_name).collect())
    }

    async fn trail(&self, name: &str) -> Result<Option<TrailState>, CloudError> {
        found(self.read_trail(name).await)
    }

    async fn account_is_blocked(&self) -> Result<bool, CloudError> {
        let read = found(self.read_account_block().await)?;
        Ok(read.unwrap_or_default())
    }

    async fn perform(&self, step: &Step) -> Result<(), CloudError> {
        let mut attempt = 1;
        loop {
            match self.write(step).await {
                Err(error) if passes(step, &error) && attempt < PATIENT_ATTEMPTS_MAX => {
                    pause(attempt).await;
                    attempt += 1;
                }
                done => return done.map_err(cloud_error),
            }
        }
    }
}

impl AwsCloud {
    async fn write(&self, step: &Step) -> Result<(), AwsError> {
        match step {
            Step::CreateKey { .. }
            | Step::AliasKey { .. }
            | Step::RotateKey { .. }
            | Step::PutKeyPolicy { .. }
            | Step::TagKey { .. }
            | Step::ClaimKey { .. }
            | Step::RestoreKey { .. }
            | Step::ScheduleKeyDeletion { .. } => self.write_key(step).await,
            Step::CreateBucket { bucket, region, locked } => {
                self.create_bucket(bucket, region, *locked).await
            }
            Step::PutBucketSetting { bucket, setting } => self.put_setting(bucket, setting).await,
            Step::DropRules { bucket, setting, .. } => self.drop_rules(bucket, *setting).await,
            Step::EmptyBucket { bucket } => {
                self.empty_under(bucket, &KeyPrefix::everything()).await.map(drop)
            }
            Step::DeleteBucket { bucket } => self.delete_bucket(bucket).await,
            Step::CreatePolicy { .. }
            | Step::PutPolicyVersion { .. }
            | Step::TagPolicy { .. }
            | Step::DeletePolicy { .. } => self.write_policy(step).await,
            Step::CreateRole { .. }
            | Step::UpdateRole { .. }
            | Step::PutTrust { .. }
            | Step::TagRole { .. }
            | Step::DeleteRole { .. }
            | Step::CreateServiceLinkedRole { .. } => self.write_role(step).await,
            Step::PutBoundary { .. }
            | Step::PutRolePolicy { .. }
            | Step::DeleteRolePolicy { .. }
            | Step::DetachRolePolicy { .. } => self.write_permissions(step).await,
            Step::CreateInstanceProfile { .. }
            | Step::TagInstanceProfile { .. }
            | Step::RemoveRoleFromInstanceProfile { .. }
            | Step::AddRoleToInstanceProfile { .. }
            | Step::DeleteInstanceProfile { .. } => self.write_profile(step).await,
            Step::CreateTrail(_)
            | Step::UpdateTrail(_)
            | Step::SelectEvents(_)
            | Step::StartTrail(_)
            | Step::TagTrail(_)
            | Step::DeleteTrail { .. } => self.write_trail(step).await,
            Step::BlockAccount => self.block_account().await,
        }
    }
}

async fn pause(attempt: u32) {
    let pause = (attempt * PATIENCE_SECONDS).min(PATIENCE_SECONDS_MAX);
    tokio::time::sleep(Duration::from_secs(pause.into())).await;
}

/// What AWS says of something that was just made and is not known everywhere yet: CloudTrail of the
/// bucket of logs and of its policy, KMS of a key, CloudTrail of its own trail, S3 of the versioning
/// that object lock needs.
const UNKNOWN_YET: [&str; 5] = [
    "InsufficientS3BucketPolicyException",
    "InvalidBucketState",
    "NotFoundException",
    "S3BucketDoesNotExistException",
    "TrailNotFoundException",
];

fn is_unknown(error: &AwsError) -> bool {
    if let AwsError::Service { service_code, .. } = error {
        return UNKNOWN_YET.contains(&service_code.as_str());
    }
    matches!(error, AwsError::NotFound { .. })
}

/// Whether waiting helps: what was just made is not known everywhere at once, a bucket or a role by its
/// name, a role as a principal; and S3 takes one change of a bucket at a time. A step is planned only
/// for what is there or was made before it, unless it takes something away.
fn passes(step: &Step, error: &AwsError) -> bool {
    // The making of a key waits by itself.
    let may_appear = !step.takes_away() && !matches!(step, Step::CreateKey { .. });
    if let AwsError::Service { service_code, message } = error {
        let principal =
            service_code.starts_with("MalformedPolicy") && message.contains("Invalid principal");
        return principal || may_appear && is_unknown(error);
    }
    may_appear && is_unknown(error) || matches!(error, AwsError::Conflict { .. })
}

/// What is not there is no error when it is read.
fn found<T>(read: Result<T, AwsError>) -> Result<Option<T>, CloudError> {
    match read {
        Ok(state) => Ok(Some(state)),
        Err(AwsError::NotFound { .. }) => Ok(None),
        Err(error) => Err(cloud_error(error)),
    }
}

fn refused<E>(error: aws_sdk_s3::error::SdkError<E, crate::error::HttpResponse>) -> CloudError
where
    E: aws_sdk_s3::error::ProvideErrorMetadata + std::error::Error + 'static,
{
    cloud_error(sort(error))
}

fn cloud_error(error: AwsError) -> CloudError {
    let (code, message) = (error.code(), error.to_string());
    match error {
        AwsError::Denied { .. } | AwsError::CredentialsRefused { .. } => {
            CloudError::Denied { message }
        }
        AwsError::Unreachable { .. } | AwsError::Busy { .. } => CloudError::Unreachable { message },
        AwsError::Service { service_code, message } if says_taken(&service_code, &message) => {
            CloudError::AlreadyExists { message }
        }
        AwsError::Service { service_code, message } => {
            CloudError::Refused { service_code, message }
        }
        AwsError::NotFound { .. }
        | AwsError::NoSuchUpload
        | AwsError::PreconditionFailed
        | AwsError::Conflict { .. }
        | AwsError::ContentDiffers { .. }
        | AwsError::QuotaExceeded { .. }
        | AwsError::Malformed { .. } => {
            CloudError::Refused { service_code: code.to_owned(), message }
        }
    }
}

/// AWS answers a service-linked role that is there with `InvalidInput`, others do by name.
fn says_taken(code: &str, message: &str) -> bool {
    code == "EntityAlreadyExists" || code == "InvalidInput" && message.contains("has been taken")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use wh_names::RoleName;
    use wh_provision::Step;

    use super::{CloudError, cloud_error, passes};
    use crate::error::by_code;

    #[test]
    fn a_service_linked_role_that_is_there_exists_already_however_it_is_said() {
        let aws = "Service role name AWSServiceRoleForSupport has been taken in this account";
        for (code, message) in [("InvalidInput", aws), ("EntityAlreadyExists", "")] {
            let error = cloud_error(by_code(code, 400, message));
            assert!(matches!(error, CloudError::AlreadyExists { .. }), "{error:?}");
        }
        let other = cloud_error(by_code("InvalidInput", 400, "no such service"));
        assert!(matches!(other, CloudError::Refused { .. }), "{other:?}");
    }

    #[test]
    fn only_what_passes_by_itself_is_waited_for() {
        let role = RoleName::parse("x").expect("a name");
        let makes = Step::TagRole { role: role.clone(), tags: BTreeMap::new() };
        let takes = Step::DeleteRole { role };
        let principal = "Invalid principal in policy: \"AWS\":\"arn\"";
        for (code, status, message, making, taking) in [
            ("MalformedPolicyDocument", 400, principal, true, true),
            ("MalformedPolicyDocument", 400, "Syntax errors in policy.", false, false),
            ("OperationAborted", 409, "", true, true),
            ("NoSuchBucket", 404, "", true, false),
            ("NoSuchEntity", 404, "", true, false),
            ("InsufficientS3BucketPolicyException", 400, "", true, false),
            ("TrailNotFoundException", 400, "", true, false),
            ("NotFoundException", 400, "", true, false),
            ("AccessDenied", 403, "", false, false),
        ] {
            let error = by_code(code, status, message);
            assert_eq!(passes(&makes, &error), making, "{code}");
            assert_eq!(passes(&takes, &error), taking, "{code}");
        }
    }
}
