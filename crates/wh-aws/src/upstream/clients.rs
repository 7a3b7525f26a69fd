//! The connections to the upstream store, by how long a call may take and whether it may be repeated.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_smithy_http_client::tls;
use wh_names::{Region, Secret};
use wh_objects::StoreError;

/// How long the opening of a connection may take.
const CONNECT_MAX: Duration = Duration::from_secs(3);
/// How long one attempt at a short call may take until its answer begins.
const ATTEMPT_MAX: Duration = Duration::from_secs(20);
/// How long a short call may take with all its attempts.
const CALL_MAX: Duration = Duration::from_secs(45);
/// How long the upstream may take to copy an object, or to make one of its parts.
const SLOW_MAX: Duration = Duration::from_mins(10);
/// How often a call that may be repeated is attempted.
const ATTEMPTS_MAX: u32 = 3;

/// Where the upstream store is, and whose key opens it.
#[derive(Debug, Clone)]
pub struct UpstreamOptions {
    /// The endpoint; `None` means Amazon's own.
    pub endpoint_url: Option<String>,
    /// The region that signatures name.
    pub region: Region,
    /// The public half of the gateway's key, as the upstream writes it.
    pub access_key_id: String,
    /// The secret half.
    pub secret: Secret,
    /// The bucket that holds what the upstream has no notion of. No client reaches it.
    pub control_bucket: wh_names::BucketName,
    /// The certificates, in PEM, of the authorities that may vouch for the endpoint; those of the system
    /// without it. The caller has seen that they can be read.
    pub authorities: Option<Vec<u8>>,
}

/// The same store through four clients.
#[derive(Debug, Clone)]
pub(super) struct Clients {
    /// Changes nothing, or makes what may be made twice, as the probes do: repeated when the answer is
    /// none, or that the store is busy.
    pub(super) read: aws_sdk_s3::Client,
    /// Changes something small: once, for what it did is not known when there is no answer.
    pub(super) write: aws_sdk_s3::Client,
    /// Makes something large of what is there: once, and for minutes.
    pub(super) slow: aws_sdk_s3::Client,
    /// Brings a body: once, and as long as its bytes come. [`super::body`] watches over it.
    pub(super) body: aws_sdk_s3::Client,
}

impl Clients {
    /// Opens no connection yet.
    pub(super) async fn new(options: &UpstreamOptions) -> Result<Self, StoreError> {
        let path_style = options.endpoint_url.is_some();
        let shared = shared(options).await?;
        let client = |timeouts: TimeoutConfig, retry: RetryConfig| {
            let config = aws_sdk_s3::config::Builder::from(&shared).force_path_style(path_style);
            aws_sdk_s3::Client::from_conf(
                config.timeout_config(timeouts).retry_config(retry).build(),
            )
        };
        let timeouts = || TimeoutConfig::builder().connect_timeout(CONNECT_MAX);
        let (short, slow) = (
            timeouts().operation_attempt_timeout(ATTEMPT_MAX).operation_timeout(CALL_MAX).build(),
            timeouts().operation_timeout(SLOW_MAX).build(),
        );
        Ok(Self {
            read: client(
                short.clone(),
                RetryConfig::standard()
                    .with_max_attempts(ATTEMPTS_MAX)
                    .with_initial_backoff(Duration::from_millis(100)),
            ),
            write: client(short, RetryConfig::disabled()),
            slow: client(slow, RetryConfig::disabled()),
            body: client(timeouts().build(), RetryConfig::disabled()),
        })
    }
}

/// Who may vouch for the endpoint.
fn believed(options: &UpstreamOptions) -> Result<tls::TlsContext, StoreError> {
    let authorities = match &options.authorities {
        Some(pem) => tls::TrustStore::empty().with_pem_certificate(pem.clone()),
        None => tls::TrustStore::default(),
    };
    let context = tls::TlsContext::builder().with_trust_store(authorities).build();
    context.map_err(|error| StoreError::Unreachable { what: error.to_string() })
}

async fn shared(options: &UpstreamOptions) -> Result<SdkConfig, StoreError> {
    let pool = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
        .tls_context(believed(options)?)
        .build_https();
    let key = Credentials::new(
        options.access_key_id.as_str(),
        options.secret.expose(),
        None,
        None,
        "wellhouse-gateway",
    );
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(aws_config::Region::new(options.region.as_str().to_owned()))
        .http_client(pool)
        .credentials_provider(key)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    if let Some(url) = &options.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    Ok(loader.load().await)
}
