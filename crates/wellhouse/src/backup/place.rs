//! Where a backup is kept, as it is said on the command line.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use wh_aws::{AwsCredentials, BackupBucket, Client, ClientOptions, PortalCredentials};
use wh_names::{AccessKeyId, BucketName, KeyPrefix, Region, Secret};
use wh_objects::backup::{FolderTarget, Target};

/// What a bucket needs besides its name.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Where {
    /// The endpoint of the bucket's store [default: Amazon's]
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// The region of the bucket
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    region: String,
}

/// A folder, or a prefix of a bucket.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Place {
    /// A folder, by its whole path.
    Folder(PathBuf),
    /// A bucket.
    Bucket(Bucket),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "{}", path.display()),
            Self::Bucket(bucket) => write!(f, "s3://{}/{}", bucket.name, bucket.prefix),
        }
    }
}

/// A prefix of a bucket, and who we are there.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Bucket {
    name: String,
    prefix: String,
    endpoint: Option<String>,
    region: String,
    credentials: Option<Given>,
}

/// Credentials from the environment of the command. Without them the process that makes the backup
/// looks for its own.
#[derive(Clone, Serialize, Deserialize)]
struct Given {
    access_key_id: String,
    secret: String,
    token: Option<String>,
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Given").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

impl Given {
    #[expect(clippy::disallowed_methods, reason = "this is the binary, and a command of its own")]
    fn of_environment() -> Option<Self> {
        let access_key_id = std::env::var("AWS_ACCESS_KEY_ID").ok()?;
        let secret = std::env::var("AWS_SECRET_ACCESS_KEY").ok()?;
        Some(Self { access_key_id, secret, token: std::env::var("AWS_SESSION_TOKEN").ok() })
    }

    fn credentials(&self) -> Result<AwsCredentials> {
        Ok(AwsCredentials {
            access_key_id: AccessKeyId::parse(&self.access_key_id).context("AWS_ACCESS_KEY_ID")?,
            secret: Secret::parse(&self.secret).context("AWS_SECRET_ACCESS_KEY")?,
            session_token: self
                .token
                .as_deref()
                .map(Secret::parse)
                .transpose()
                .context("AWS_SESSION_TOKEN")?,
            expires: None,
        })
    }
}

impl Place {
    /// Reads `s3://bucket/prefix`, or else a folder's path.
    pub(crate) fn new(text: &str, s3: Where) -> Result<Self> {
        let Some(rest) = text.strip_prefix("s3://") else {
            let path = std::path::absolute(Path::new(text))
                .with_context(|| format!("`{text}` is no folder"))?;
            return Ok(Self::Folder(path));
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        BucketName::parse(bucket).with_context(|| format!("`{bucket}` is no bucket"))?;
        let trimmed = prefix.trim_end_matches('/');
        let prefix = if trimmed.is_empty() { String::new() } else { format!("{trimmed}/") };
        let Where { endpoint, region } = s3;
        let (name, credentials) = (bucket.to_owned(), Given::of_environment());
        Ok(Self::Bucket(Bucket { name, prefix, endpoint, region, credentials }))
    }

    /// Opens it.
    pub(crate) async fn target(&self) -> Result<Arc<dyn Target>> {
        match self {
            Self::Folder(path) => Ok(Arc::new(FolderTarget::new(path))),
            Self::Bucket(at) => {
                let credentials = at.credentials.as_ref().map(Given::credentials).transpose()?;
                let client = Client::connect(ClientOptions {
                    region: Region::parse(&at.region).context("--region")?,
                    endpoint_url: at.endpoint.clone(),
                    public_s3_url: None,
                    path_style: at.endpoint.is_some(),
                    credentials: credentials
                        .map_or(PortalCredentials::DefaultChain, PortalCredentials::Static),
                })
                .await;
                let (bucket, prefix) =
                    (BucketName::parse(&at.name)?, KeyPrefix::parse(&at.prefix)?);
                Ok(Arc::new(BackupBucket::new(&client, bucket, prefix)))
            }
        }
    }
}
