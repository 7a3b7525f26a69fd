//! The embedded store's master keys under AWS KMS: on the disk there is a *sealed key file*, and
//! KMS alone can open it.
//!
//! ```text
//! # sealed on 2026-03-01
//! 2026-03 AQIDAHh…=
//! # in force since 2026-09-01
//! 2026-09 AQIDAHj…=
//! ```
//!
//! Each line is sealed for its own id, by the encryption context, so that no line opens under
//! another name.
//!
//! Invariant: no plain key leaves this module but as the value of [`unseal`] or [`generate`].

mod error;
mod sealed;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wh_names::Region;
use zeroize::Zeroizing;

use crate::client::with_credentials;
use crate::credentials::PortalCredentials;
pub use error::{KmsCause, KmsError};
use sealed::{ID_BYTES_MAX, Sealed, is_id};

/// How long a master key is, in bytes.
const KEY_BYTES: usize = 32;
/// How many characters of Base64 [`KEY_BYTES`] make.
const KEY_CHARACTERS: usize = 44;

/// How long is waited for KMS, which answers within milliseconds, and how often it is asked.
#[derive(Debug, Clone, Copy)]
struct Patience {
    attempts: u32,
    connect: Duration,
    attempt: Duration,
    /// All attempts at one call.
    call: Duration,
    /// Everything, the search for credentials and region included.
    all: Duration,
}

/// More attempts than at other calls: the server does not start without its keys.
const PATIENCE: Patience = Patience {
    attempts: 5,
    connect: Duration::from_secs(3),
    attempt: Duration::from_secs(5),
    call: Duration::from_secs(20),
    all: Duration::from_mins(1),
};

/// Which key of which KMS, and who asks.
#[derive(Debug, Clone)]
pub struct KmsOptions {
    /// The region of the key; `None` means that of the key's ARN, or else what the SDK's
    /// environment names.
    pub region: Option<Region>,
    /// The endpoint of KMS; `None` means Amazon's own.
    pub endpoint_url: Option<String>,
    /// The KMS key: its id, its ARN, `alias/…` or an alias's ARN. With it, nothing is opened that
    /// is sealed under another key. Without it, every key will do that the credentials may use,
    /// and no new master key can be made.
    pub key: Option<String>,
    /// Our own credentials.
    pub credentials: PortalCredentials,
}

/// A new master key, sealed and plain.
pub struct GeneratedKey {
    /// The line for the sealed key file. It is no secret, and ends in a newline.
    pub sealed_line: String,
    /// The line as a keyring reads it, for immediate use. It holds the secret, must never be
    /// written to a disk, and ends in a newline.
    pub plain_line: Zeroizing<String>,
}

impl fmt::Debug for GeneratedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("GeneratedKey");
        shown.field("sealed_line", &self.sealed_line).finish_non_exhaustive()
    }
}

/// Opens a sealed key file: a call of `Decrypt` for each key, until the first that fails. The text
/// that comes out is a keyring's, wiped when it is dropped. Its lines have the numbers that they
/// have in the sealed file, and comments are empty lines.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html>
pub async fn unseal(options: &KmsOptions, sealed: &str) -> Result<Zeroizing<String>, KmsError> {
    unseal_within(PATIENCE, options, sealed).await
}

/// Makes a master key of 32 random bytes in KMS, sealed under the configured KMS key for this id:
/// 1 to 64 of `A–Z a–z 0–9 . _ -`. Nothing is written.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html>
pub async fn generate(options: &KmsOptions, id: &str) -> Result<GeneratedKey, KmsError> {
    if !is_id(id) {
        return Err(KmsError::BadNewId);
    }
    let key = options.key.as_deref().ok_or(KmsError::NoKmsKey)?;
    within(PATIENCE, async { ask_for_key(&connect(PATIENCE, options).await?, key, id).await }).await
}

async fn unseal_within(
    patience: Patience,
    options: &KmsOptions,
    sealed: &str,
) -> Result<Zeroizing<String>, KmsError> {
    let lines = sealed::parse(sealed)?;
    let opening = async {
        let kms = connect(patience, options).await?;
        // All the room at once: a string that grows leaves its content behind.
        let line_bytes = ID_BYTES_MAX + KEY_CHARACTERS + 2;
        let mut plain = Zeroizing::new(String::with_capacity(lines.len() * line_bytes));
        for line in &lines {
            match line {
                Some(sealed) => plain.push_str(&open(&kms, options.key.as_deref(), sealed).await?),
                None => plain.push('\n'),
            }
        }
        Ok(plain)
    };
    within(patience, opening).await
}

async fn within<T>(
    patience: Patience,
    work: impl Future<Output = Result<T, KmsError>>,
) -> Result<T, KmsError> {
    let late = |_| KmsError::TimedOut { seconds: patience.all.as_secs() };
    tokio::time::timeout(patience.all, work).await.map_err(late)?
}

async fn connect(
    patience: Patience,
    options: &KmsOptions,
) -> Result<aws_sdk_kms::Client, KmsError> {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(patience.connect)
        .operation_attempt_timeout(patience.attempt)
        .operation_timeout(patience.call)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(patience.attempts));
    if let Some(region) = options.region.clone().or_else(|| region_of(options.key.as_deref()?)) {
        loader = loader.region(aws_config::Region::new(region.as_str().to_owned()));
    }
    if let Some(url) = &options.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    // The search for credentials is a large future; boxed, it makes none of its callers one.
    let config = Box::pin(with_credentials(loader, options.credentials.clone()).load()).await;
    config.region().ok_or(KmsError::NoRegion)?;
    Ok(aws_sdk_kms::Client::new(&config))
}

/// The region that an ARN names: `arn:aws:kms:<region>:<account>:key/<id>`.
fn region_of(key: &str) -> Option<Region> {
    let mut parts = key.split(':');
    let is_arn = parts.next() == Some("arn");
    let region = is_arn.then(|| parts.nth(2)).flatten()?;
    Region::parse(region).ok()
}

/// What a sealed key is bound to: that it is one of ours, and its id.
fn context(id: &str) -> HashMap<String, String> {
    [("wellhouse", "master-key"), ("id", id)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

async fn open(
    kms: &aws_sdk_kms::Client,
    key: Option<&str>,
    sealed: &Sealed,
) -> Result<Zeroizing<String>, KmsError> {
    let (line, id) = (sealed.line, &sealed.id);
    let opened = kms
        .decrypt()
        .ciphertext_blob(Blob::new(sealed.blob.clone()))
        .set_encryption_context(Some(context(id)))
        .set_key_id(key.map(str::to_owned))
        .send()
        .await;
    let failed = |cause| KmsError::Unseal { line, id: id.clone(), cause };
    let answer = opened.map_err(|error| failed(error::sort(error, "kms:Decrypt")))?;
    plain_line(id, answer.plaintext).ok_or_else(|| failed(KmsCause::NotAKey))
}

async fn ask_for_key(
    kms: &aws_sdk_kms::Client,
    key: &str,
    id: &str,
) -> Result<GeneratedKey, KmsError> {
    let made = kms
        .generate_data_key()
        .key_id(key)
        .key_spec(DataKeySpec::Aes256)
        .set_encryption_context(Some(context(id)))
        .send()
        .await;
    let failed = |cause| KmsError::Generate { id: id.to_owned(), cause };
    let answer = made.map_err(|error| failed(error::sort(error, "kms:GenerateDataKey")))?;
    let plain = plain_line(id, answer.plaintext).ok_or_else(|| failed(KmsCause::NotAKey))?;
    let blob = answer.ciphertext_blob.ok_or_else(|| failed(KmsCause::NotAKey))?;
    let sealed_line = format!("{id} {}\n", STANDARD.encode(blob));
    Ok(GeneratedKey { sealed_line, plain_line: plain })
}

/// The line of a keyring; `None` where KMS gave anything but a key.
fn plain_line(id: &str, plain: Option<Blob>) -> Option<Zeroizing<String>> {
    let secret = Zeroizing::new(plain?.into_inner());
    (secret.len() == KEY_BYTES).then(|| {
        let base64 = Zeroizing::new(STANDARD.encode(secret.as_slice()));
        Zeroizing::new(format!("{id} {}\n", base64.as_str()))
    })
}
