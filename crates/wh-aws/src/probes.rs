//! Probes over S3, IAM and STS: roles really assumed, requests really made.
//!
//! Invariant: sessions live in this value alone and are never shown; each ends by itself after a quarter
//! of an hour, the shortest that STS gives.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Tag, Tagging};
use aws_sdk_sts::types::Tag as SessionTag;
use tokio::sync::Mutex;
use wh_names::{AccessKeyId, BucketName, Clock, KeyPrefix, ObjectKey, Secret};
use wh_provision::{Asker, Assumption, Attempt, Came, Expected, Probes, Transport};

use crate::client::{Client, ClientOptions};
use crate::cloud::AwsCloud;
use crate::credentials::{AwsCredentials, system_time};
use crate::error::{AwsError, HttpResponse, sort};
use crate::fetch::{FetchError, fetch};

/// For how long a session is asked, in seconds.
const SESSION_SECONDS: i32 = 900;
/// How often a role is tried that IAM may not know everywhere yet, and the pause between, in seconds.
const PATIENT_ATTEMPTS_MAX: u32 = 24;
const PATIENCE_SECONDS: u64 = 5;
/// For how long a URL that is too old would still be valid, in seconds beyond its age.
const URL_SECONDS: u64 = 600;
/// What a probe's object holds.
const CONTENT: &[u8] = b"wellhouse verify\n";

/// Probes with one set of credentials: those of `PortalRole` lead to every person's role, those of an
/// instance to its own.
#[derive(Debug)]
pub struct AwsProbes {
    client: Client,
    cloud: AwsCloud,
    clock: Clock,
    transport: Transport,
    sessions: Mutex<BTreeMap<Assumption, AwsCredentials>>,
}

impl AwsProbes {
    /// Probes with the credentials in `options`.
    pub async fn new(options: ClientOptions, clock: Clock) -> Self {
        let url = options.endpoint_url.as_deref().unwrap_or("https://");
        let transport = if url.starts_with("https://") { Transport::Tls } else { Transport::Plain };
        let client = Client::connect(options).await;
        let cloud = AwsCloud::over(&client);
        Self { client, cloud, clock, transport, sessions: Mutex::default() }
    }

    async fn credentials(&self, asker: &Asker) -> Result<Option<AwsCredentials>, Came> {
        let Asker::Session(assumed) = asker else { return Ok(None) };
        let sessions = self.sessions.lock().await;
        let found = sessions.get(assumed).cloned();
        found.map(Some).ok_or_else(|| Came::NotTried("the role was not assumed".to_owned()))
    }

    async fn assume_once(&self, wanted: &Assumption) -> Result<AwsCredentials, AwsError> {
        let tags = wanted.tags.iter();
        let tags = tags.map(|(key, value)| SessionTag::builder().key(key).value(value).build());
        let tags = tags.collect::<Result<Vec<_>, _>>().map_err(AwsError::malformed)?;
        let answer = self
            .client
            .sts()
            .assume_role()
            .role_arn(wanted.role.as_str())
            .role_session_name(&wanted.session_name)
            .set_source_identity(wanted.source_identity.clone())
            .set_tags((!tags.is_empty()).then_some(tags))
            .set_policy(wanted.session_policy.clone())
            .set_external_id(wanted.external_id.clone())
            .duration_seconds(SESSION_SECONDS)
            .send()
            .await
            .map_err(sort)?;
        let given = answer.credentials.ok_or_else(|| AwsError::malformed("no credentials"))?;
        let parsed = AccessKeyId::parse(&given.access_key_id).map_err(AwsError::malformed)?;
        Ok(AwsCredentials {
            access_key_id: parsed,
            secret: Secret::parse(&given.secret_access_key).map_err(AwsError::malformed)?,
            session_token: Some(Secret::parse(&given.session_token).map_err(AwsError::malformed)?),
            expires: None,
        })
    }

    /// A URL that was signed `age` seconds ago, and is valid for longer.
    async fn get_by_old_url(
        &self,
        s3: &aws_sdk_s3::Client,
        (bucket, key): (&BucketName, &ObjectKey),
        age: u32,
    ) -> Came {
        let signed = PresigningConfig::builder()
            .start_time(system_time(self.clock.now()) - Duration::from_secs(age.into()))
            .expires_in(Duration::from_secs(u64::from(age) + URL_SECONDS))
            .build();
        let unsigned = || Came::NotTried("the URL cannot be signed".to_owned());
        let Ok(signed) = signed else { return unsigned() };
        let call = s3.get_object().bucket(bucket.as_str()).key(key.as_str());
        match call.presigned(signed).await.map_err(sort) {
            Ok(request) => came_of_url(request.uri()).await,
            Err(error) => Came::NotTried(error.to_string()),
        }
    }

    fn s3(&self, credentials: Option<&AwsCredentials>) -> aws_sdk_s3::Client {
        credentials.map_or_else(|| self.client.s3(), |found| self.client.s3_as(found))
    }
}

#[async_trait]
impl Probes for AwsProbes {
    async fn caller(&self) -> Result<String, String> {
        let caller = self.client.sts().get_caller_identity().send().await.map_err(sort);
        let caller = caller.map_err(|error| error.to_string())?;
        caller.arn.ok_or_else(|| "STS does not say whose the credentials are".to_owned())
    }

    fn transport(&self) -> Transport {
        self.transport
    }

    async fn assume(&self, wanted: &Assumption, expected: Expected) -> Came {
        let mut tried = 1;
        loop {
            match self.assume_once(wanted).await {
                Ok(session) => {
                    self.sessions.lock().await.insert(wanted.clone(), session);
                    return Came::Allowed;
                }
                Err(AwsError::Denied { message }) => {
                    if expected == Expected::Denied || tried == PATIENT_ATTEMPTS_MAX {
                        return Came::Denied(message);
                    }
                }
                Err(error) => return Came::NotTried(error.to_string()),
            }
            tried += 1;
            tokio::time::sleep(Duration::from_secs(PATIENCE_SECONDS)).await;
        }
    }

    async fn attempt(&self, asker: &Asker, attempt: &Attempt) -> Came {
        let credentials = match self.credentials(asker).await {
            Ok(credentials) => credentials,
            Err(came) => return came,
        };
        if *attempt == Attempt::ListRoles {
            let iam = credentials
                .as_ref()
                .map_or_else(|| self.client.iam(), |found| self.client.iam_as(found));
            return came(iam.list_roles().max_items(1).send().await);
        }
        let s3 = self.s3(credentials.as_ref());
        if let Attempt::ReadSetting(bucket, kind) = attempt {
            return came_sorted(self.cloud.with_s3(s3).read_setting(bucket, *kind).await);
        }
        if let Attempt::GetWithOldUrl(bucket, key, age) = attempt {
            return self.get_by_old_url(&s3, (bucket, key), *age).await;
        }
        match attempt {
            Attempt::Get(..)
            | Attempt::Put(..)
            | Attempt::Delete(..)
            | Attempt::GetTags(..)
            | Attempt::PutTags(..)
            | Attempt::BeginUpload(..)
            | Attempt::GetWithOldUrl(..)
            | Attempt::GetInPlain(..) => of_object(&s3, attempt).await,
            Attempt::List(..)
            | Attempt::ListVersions(..)
            | Attempt::ListUploads(_)
            | Attempt::ListBuckets
            | Attempt::Locate(_)
            | Attempt::ReadSetting(..)
            | Attempt::PutBrokenPolicy(_)
            | Attempt::ListRoles => of_bucket(&s3, attempt).await,
        }
    }

    async fn clean(
        &self,
        asker: &Asker,
        bucket: &BucketName,
        prefix: &KeyPrefix,
    ) -> Result<usize, String> {
        let credentials = self.credentials(asker).await.map_err(|came| format!("{came:?}"))?;
        let s3 = self.s3(credentials.as_ref());
        let gone = self.cloud.with_s3(s3).empty_under(bucket, prefix).await;
        gone.map_err(|error| error.to_string())
    }
}

/// What came of a call: only a refusal is one. That an object is not there, or that a body says
/// nothing, is said to those who were let through.
fn came<T, E>(answer: Result<T, SdkError<E, HttpResponse>>) -> Came
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    came_sorted(answer.map_err(sort))
}

fn came_sorted<T>(answer: Result<T, AwsError>) -> Came {
    let Err(error) = answer else { return Came::Allowed };
    let message = error.to_string();
    match error {
        AwsError::Denied { message } => Came::Denied(message),
        AwsError::CredentialsRefused { .. }
        | AwsError::Unreachable { .. }
        | AwsError::Busy { .. }
        | AwsError::Malformed { .. } => Came::NotTried(message),
        AwsError::Service { service_code, .. } if service_code == "NotImplemented" => {
            Came::NotTried(message)
        }
        AwsError::NotFound { .. }
        | AwsError::NoSuchUpload
        | AwsError::PreconditionFailed
        | AwsError::Conflict { .. }
        | AwsError::ContentDiffers { .. }
        | AwsError::QuotaExceeded { .. }
        | AwsError::Service { .. } => Came::Allowed,
    }
}

async fn of_object(s3: &aws_sdk_s3::Client, attempt: &Attempt) -> Came {
    match attempt {
        Attempt::Put(bucket, key) => {
            let call = s3.put_object().bucket(bucket.as_str()).key(key.as_str());
            came(call.body(ByteStream::from_static(CONTENT)).send().await)
        }
        Attempt::Delete(bucket, key) => {
            came(s3.delete_object().bucket(bucket.as_str()).key(key.as_str()).send().await)
        }
        Attempt::GetTags(bucket, key) => {
            came(s3.get_object_tagging().bucket(bucket.as_str()).key(key.as_str()).send().await)
        }
        Attempt::PutTags(bucket, key) => put_tags(s3, bucket, key).await,
        Attempt::BeginUpload(bucket, key) => begin_upload(s3, bucket, key).await,
        Attempt::GetInPlain(bucket, key) => get_in_plain(s3, bucket, key).await,
        Attempt::Get(bucket, key) => {
            came(s3.get_object().bucket(bucket.as_str()).key(key.as_str()).send().await)
        }
        Attempt::List(..)
        | Attempt::ListVersions(..)
        | Attempt::ListUploads(_)
        | Attempt::ListBuckets
        | Attempt::Locate(_)
        | Attempt::ReadSetting(..)
        | Attempt::PutBrokenPolicy(_)
        | Attempt::GetWithOldUrl(..)
        | Attempt::ListRoles => Came::NotTried("it is about no object".to_owned()),
    }
}

async fn put_tags(s3: &aws_sdk_s3::Client, bucket: &BucketName, key: &ObjectKey) -> Came {
    let tag = Tag::builder().key("wellhouse").value("verify").build();
    let tagging = tag.and_then(|tag| Tagging::builder().tag_set(tag).build());
    let Ok(tagging) = tagging else { return Came::NotTried("a tag without a name".to_owned()) };
    let call = s3.put_object_tagging().bucket(bucket.as_str()).key(key.as_str());
    came(call.tagging(tagging).send().await)
}

/// The upload is aborted by whoever began it; administrators clear away what stays.
async fn begin_upload(s3: &aws_sdk_s3::Client, bucket: &BucketName, key: &ObjectKey) -> Came {
    let call = s3.create_multipart_upload().bucket(bucket.as_str()).key(key.as_str());
    let begun = call.send().await;
    if let Ok(Some(id)) = begun.as_ref().map(|begun| begun.upload_id()) {
        let call = s3.abort_multipart_upload().bucket(bucket.as_str()).key(key.as_str());
        if let Err(error) = call.upload_id(id).send().await.map_err(sort) {
            tracing::warn!(%error, %key, "an upload that a probe began could not be aborted");
        }
    }
    came(begun)
}

/// The same request that a browser would make of the same URL without TLS.
async fn get_in_plain(s3: &aws_sdk_s3::Client, bucket: &BucketName, key: &ObjectKey) -> Came {
    let signed = PresigningConfig::expires_in(Duration::from_secs(URL_SECONDS));
    let Ok(signed) = signed else { return Came::NotTried("the URL cannot be signed".to_owned()) };
    let call = s3.get_object().bucket(bucket.as_str()).key(key.as_str());
    match call.presigned(signed).await.map_err(sort) {
        Ok(request) => came_of_url(&request.uri().replacen("https://", "http://", 1)).await,
        Err(error) => Came::NotTried(error.to_string()),
    }
}

async fn came_of_url(url: &str) -> Came {
    match fetch(url, CONTENT.len()).await {
        Ok(_) | Err(FetchError::Status(404) | FetchError::TooLong(_)) => Came::Allowed,
        Err(FetchError::Status(403)) => Came::Denied("the answer has the status 403".to_owned()),
        Err(
            error @ (FetchError::Status(_)
            | FetchError::Address
            | FetchError::Unreachable(_)
            | FetchError::TimedOut),
        ) => Came::NotTried(error.to_string()),
    }
}

async fn of_bucket(s3: &aws_sdk_s3::Client, attempt: &Attempt) -> Came {
    match attempt {
        Attempt::List(bucket, prefix) => {
            let call = s3.list_objects_v2().bucket(bucket.as_str()).prefix(prefix.as_str());
            came(call.max_keys(1).send().await)
        }
        Attempt::ListVersions(bucket, prefix) => {
            let call = s3.list_object_versions().bucket(bucket.as_str()).prefix(prefix.as_str());
            came(call.max_keys(1).send().await)
        }
        Attempt::ListUploads(bucket) => {
            came(s3.list_multipart_uploads().bucket(bucket.as_str()).max_uploads(1).send().await)
        }
        Attempt::ListBuckets => came(s3.list_buckets().send().await),
        Attempt::Locate(bucket) => {
            came(s3.get_bucket_location().bucket(bucket.as_str()).send().await)
        }
        Attempt::PutBrokenPolicy(bucket) => {
            came(s3.put_bucket_policy().bucket(bucket.as_str()).policy("not JSON").send().await)
        }
        Attempt::Get(..)
        | Attempt::Put(..)
        | Attempt::Delete(..)
        | Attempt::GetTags(..)
        | Attempt::PutTags(..)
        | Attempt::BeginUpload(..)
        | Attempt::GetWithOldUrl(..)
        | Attempt::GetInPlain(..)
        | Attempt::ReadSetting(..)
        | Attempt::ListRoles => Came::NotTried("it is about no bucket".to_owned()),
    }
}
