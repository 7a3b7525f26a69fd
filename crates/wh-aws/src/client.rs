//! The connection to one store and its STS and IAM: endpoint, region, time-outs, shared pool.

use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, SdkConfig};
use aws_credential_types::credential_feature::AwsCredentialFeature;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_s3::config::{IdentityCache, RequestChecksumCalculation, ResponseChecksumValidation};
use aws_smithy_http_client::tls;
use jiff::Timestamp;
use wh_names::{AccountId, BucketName, Region};

use crate::answer_date::Date;
use crate::credentials::{AwsCredentials, DeliveredProvider, PortalCredentials, sdk_credentials};
use crate::error::{AwsError, sort};
use crate::expected_owner::ExpectedOwner;

/// How long the opening of a connection may take.
const CONNECT_MAX: Duration = Duration::from_secs(2);
/// How long one attempt at a call may take.
const ATTEMPT_MAX: Duration = Duration::from_secs(30);
/// How long a call may take with all its attempts.
const CALL_MAX: Duration = Duration::from_mins(1);
/// How often a call is attempted.
const ATTEMPTS_MAX: u32 = 3;

/// Where the store is and who asks.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// The region that signatures name.
    pub region: Region,
    /// The endpoint of S3, STS and IAM; `None` means Amazon's own.
    pub endpoint_url: Option<String>,
    /// The endpoint that presigned URLs name, where browsers see another host than we do.
    pub public_s3_url: Option<String>,
    /// Whether the bucket stands in the path instead of the host name.
    pub path_style: bool,
    /// Our own credentials.
    pub credentials: PortalCredentials,
}

/// As whom AWS is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The 12-digit account.
    pub account: String,
    /// The ARN of the user or of the role session.
    pub arn: String,
    /// Where the credentials come from, as the SDK calls it; empty where it does not say.
    pub source: String,
    /// When they end; never, for the keys of a user.
    pub expires: Option<Timestamp>,
    /// The time there, in whole seconds.
    pub told: Option<Timestamp>,
}

/// A connection to one store. Cloning shares the pool.
#[derive(Debug, Clone)]
pub struct Client {
    config: SdkConfig,
    path_style: bool,
    public_s3_url: Option<String>,
    owner: Option<AccountId>,
}

impl Client {
    /// Reads what the options leave to the environment of the SDK; opens no connection yet.
    pub async fn connect(options: ClientOptions) -> Self {
        let pool = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_MAX)
            .operation_attempt_timeout(ATTEMPT_MAX)
            .operation_timeout(CALL_MAX)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(aws_config::Region::new(options.region.as_str().to_owned()))
            .http_client(pool)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS_MAX))
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        if let Some(url) = &options.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let config = with_credentials(loader, options.credentials).load().await;
        let ClientOptions { path_style, public_s3_url, .. } = options;
        Self { config, path_style, public_s3_url, owner: None }
    }

    /// The same, which says with every call on a bucket that this account must own it.
    #[must_use]
    pub fn expecting(self, owner: AccountId) -> Self {
        Self { owner: Some(owner), ..self }
    }

    /// What clients of other services are made from.
    pub(crate) fn config(&self) -> &SdkConfig {
        &self.config
    }

    pub(crate) fn sts(&self) -> aws_sdk_sts::Client {
        aws_sdk_sts::Client::new(&self.config)
    }

    pub(crate) fn iam(&self) -> aws_sdk_iam::Client {
        aws_sdk_iam::Client::new(&self.config)
    }

    /// IAM with other credentials, which end with the returned client.
    pub(crate) fn iam_as(&self, credentials: &AwsCredentials) -> aws_sdk_iam::Client {
        let config = aws_sdk_iam::config::Builder::from(&self.config)
            .credentials_provider(SharedCredentialsProvider::new(sdk_credentials(credentials)));
        aws_sdk_iam::Client::from_conf(config.build())
    }

    /// Whether a bucket answers to our own credentials; gives the time there, in whole seconds.
    pub async fn reach(&self, bucket: &BucketName) -> Result<Option<Timestamp>, AwsError> {
        let date = Date::default();
        let call = self.s3().head_bucket().bucket(bucket.as_str()).customize();
        call.interceptor(date.clone()).send().await.map_err(sort)?;
        Ok(date.told())
    }

    /// As whom we ask, and by which credentials.
    pub async fn caller(&self) -> Result<Caller, AwsError> {
        let date = Date::default();
        let call = self.sts().get_caller_identity().customize();
        let answer = call.interceptor(date.clone()).send().await.map_err(sort)?;
        let provider = self.config.credentials_provider();
        let given = match provider {
            Some(provider) => provider.provide_credentials().await.ok(),
            None => None,
        };
        let expires = given.as_ref().and_then(aws_credential_types::Credentials::expiry);
        let source = given.as_ref().and_then(|given| {
            let features = given.get_property::<Vec<AwsCredentialFeature>>()?;
            features.last().map(|feature| format!("{feature:?}"))
        });
        Ok(Caller {
            account: answer.account.unwrap_or_default(),
            arn: answer.arn.unwrap_or_default(),
            source: source.unwrap_or_default(),
            expires: expires.and_then(|at| Timestamp::try_from(at).ok()),
            told: date.told(),
        })
    }

    /// S3 with our own credentials.
    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.config);
        let config = self.owned(config.force_path_style(self.path_style));
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// The same, for bodies that may take long: with another patience, and tried so many times.
    pub(crate) fn s3_for_bodies(&self, attempt: Duration, attempts: u32) -> aws_sdk_s3::Client {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_MAX)
            .operation_attempt_timeout(attempt)
            .build();
        let config = aws_sdk_s3::config::Builder::from(&self.config)
            .force_path_style(self.path_style)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(attempts));
        aws_sdk_s3::Client::from_conf(self.owned(config).build())
    }

    /// S3 with other credentials, which end with the returned client.
    pub(crate) fn s3_as(&self, credentials: &AwsCredentials) -> aws_sdk_s3::Client {
        aws_sdk_s3::Client::from_conf(self.owned(self.s3_config_as(credentials)).build())
    }

    fn owned(&self, config: aws_sdk_s3::config::Builder) -> aws_sdk_s3::config::Builder {
        match &self.owner {
            Some(owner) => config.interceptor(ExpectedOwner(owner.clone())),
            None => config,
        }
    }

    /// As [`Self::s3_as`], with the host that browsers see.
    pub(crate) fn public_s3_as(&self, credentials: &AwsCredentials) -> aws_sdk_s3::Client {
        let mut config = self.s3_config_as(credentials);
        if let Some(url) = &self.public_s3_url {
            config = config.endpoint_url(url);
        }
        aws_sdk_s3::Client::from_conf(config.build())
    }

    fn s3_config_as(&self, credentials: &AwsCredentials) -> aws_sdk_s3::config::Builder {
        aws_sdk_s3::config::Builder::from(&self.config)
            .force_path_style(self.path_style)
            .identity_cache(IdentityCache::no_cache())
            .credentials_provider(SharedCredentialsProvider::new(sdk_credentials(credentials)))
    }
}

/// Tells the SDK whom to ask as.
pub(crate) fn with_credentials(loader: ConfigLoader, own: PortalCredentials) -> ConfigLoader {
    match own {
        PortalCredentials::DefaultChain => loader,
        PortalCredentials::Profile(name) => {
            let named = ProfileFileCredentialsProvider::builder().profile_name(name).build();
            loader.credentials_provider(named)
        }
        PortalCredentials::Static(own) => loader.credentials_provider(sdk_credentials(&own)),
        PortalCredentials::Delivered(source) => {
            loader.credentials_provider(DeliveredProvider(source))
        }
    }
}
