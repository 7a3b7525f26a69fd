//! Credentials: the portal's own, and where they come from.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use futures::future::BoxFuture;
use jiff::Timestamp;
use wh_names::{AccessKeyId, Secret};

/// One set of AWS credentials.
#[derive(Debug, Clone)]
pub struct AwsCredentials {
    /// The public half.
    pub access_key_id: AccessKeyId,
    /// The secret half.
    pub secret: Secret,
    /// Present with temporary credentials.
    pub session_token: Option<Secret>,
    /// When temporary credentials end.
    pub expires: Option<Timestamp>,
}

/// Fetches fresh credentials each time it is called; the reason of a failure is plain text.
pub type CredentialSource =
    Arc<dyn Fn() -> BoxFuture<'static, Result<AwsCredentials, String>> + Send + Sync>;

/// Where the portal's own credentials come from.
#[derive(Clone)]
pub enum PortalCredentials {
    /// The AWS SDK's default chain: environment, profile, web identity, container, `IMDSv2`.
    DefaultChain,
    /// A named profile of the SDK's configuration files.
    Profile(String),
    /// As given.
    Static(AwsCredentials),
    /// Delivered by a function, as an instance's metadata service delivers a role's.
    Delivered(CredentialSource),
}

impl fmt::Debug for PortalCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DefaultChain => "DefaultChain",
            Self::Profile(_) => "Profile(…)",
            Self::Static(_) => "Static(…)",
            Self::Delivered(_) => "Delivered(…)",
        })
    }
}

/// As the SDK wants them.
pub(crate) fn sdk_credentials(credentials: &AwsCredentials) -> Credentials {
    Credentials::new(
        credentials.access_key_id.as_str(),
        credentials.secret.expose(),
        credentials.session_token.as_ref().map(|token| token.expose().to_owned()),
        credentials.expires.map(system_time),
        "wellhouse",
    )
}

/// To the millisecond; a time before 1970 becomes 1970.
pub(crate) fn system_time(time: Timestamp) -> SystemTime {
    let millis = u64::try_from(time.as_millisecond()).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
}

/// A [`CredentialSource`] in the SDK's clothes; the SDK caches what it returns until it expires.
pub(crate) struct DeliveredProvider(pub(crate) CredentialSource);

impl fmt::Debug for DeliveredProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeliveredProvider")
    }
}

impl ProvideCredentials for DeliveredProvider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let fetching = (self.0)();
        future::ProvideCredentials::new(async move {
            let fresh = fetching.await.map_err(CredentialsError::provider_error)?;
            Ok(sdk_credentials(&fresh))
        })
    }
}
