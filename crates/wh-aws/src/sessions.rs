//! Role sessions: `AssumeRole` for one person, cached, refreshed at three quarters of its life.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_sdk_sts::operation::assume_role::AssumeRoleOutput;
use aws_sdk_sts::types::Tag;
use jiff::{SignedDuration, Timestamp};
use moka::future::Cache;
use moka::ops::compute::Op;
use tokio::sync::{OnceCell, Semaphore};
use wh_names::{AccessKeyId, Arn, Clock, RoleSessionName, Secret, Uid};

use crate::client::Client;
use crate::credentials::AwsCredentials;
use crate::error::{AwsError, sort};

/// How long a session is asked for, in seconds: the most that role chaining allows.
const SESSION_SECONDS: i32 = 3600;
/// A backstop behind the sessions' own expiry, so that secrets do not linger in memory.
const SESSION_KEPT_MAX: Duration = Duration::from_hours(1);
/// How many sessions are kept at once.
const SESSIONS_MAX: u64 = 20_000;
/// How many calls to STS may be under way at once.
const CALLS_MAX: usize = 32;

/// Which role to act in, for whom, narrowed to what. Equal requests share a session.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SessionRequest {
    /// The role.
    pub role_arn: Arn,
    /// `u-<uid>-<sid>`.
    pub session_name: RoleSessionName,
    /// The person: becomes the tag `uid`.
    pub uid: Uid,
    /// Who acts: becomes the source identity. The person, unless an administrator looks as them.
    pub by: Uid,
    /// The session policy, as JSON.
    pub session_policy: String,
    /// The grant that it is taken by: two grants share no session, so that a session tells its grant.
    pub grant: String,
}

/// Proof that a role may be acted in by a person, until it expires.
#[derive(Debug, Clone)]
pub struct RoleSession {
    inner: Arc<Session>,
}

#[derive(Debug)]
struct Session {
    credentials: AwsCredentials,
    expires: Timestamp,
    issued: Timestamp,
    refresh_at: Timestamp,
    told: OnceCell<()>,
    s3: aws_sdk_s3::Client,
    public_s3: aws_sdk_s3::Client,
}

impl RoleSession {
    /// The session's credentials, for a person's own tools.
    pub fn credentials(&self) -> &AwsCredentials {
        &self.inner.credentials
    }

    /// When it was asked for; it counts from then on.
    pub fn issued(&self) -> Timestamp {
        self.inner.issued
    }

    /// When the session ends.
    pub fn expires(&self) -> Timestamp {
        self.inner.expires
    }

    /// Runs `tell` once for this session, before anybody uses it who calls this first: whoever comes
    /// meanwhile waits, and where it failed the next one tries again.
    pub async fn tell_once<E>(&self, tell: impl Future<Output = Result<(), E>>) -> Result<(), E> {
        self.inner.told.get_or_try_init(|| tell).await?;
        Ok(())
    }

    pub(crate) fn s3(&self) -> &aws_sdk_s3::Client {
        &self.inner.s3
    }

    pub(crate) fn public_s3(&self) -> &aws_sdk_s3::Client {
        &self.inner.public_s3
    }

    /// Whether it has more than a quarter of its life left.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.inner.refresh_at
    }
}

/// Every role session that is in use. Cloning shares them.
#[derive(Debug, Clone)]
pub struct RoleSessions {
    client: Client,
    sts: aws_sdk_sts::Client,
    clock: Clock,
    cache: Cache<SessionRequest, RoleSession>,
    calls: Arc<Semaphore>,
    packed: Arc<AtomicU32>,
}

impl RoleSessions {
    /// Sessions assumed with the client's own credentials.
    pub fn new(client: Client, clock: Clock) -> Self {
        let cache = Cache::builder()
            .max_capacity(SESSIONS_MAX)
            .time_to_live(SESSION_KEPT_MAX)
            .support_invalidation_closures()
            .build();
        let sts = client.sts();
        let calls = Arc::new(Semaphore::new(CALLS_MAX));
        Self { client, sts, clock, cache, calls, packed: Arc::default() }
    }

    /// How much of what STS takes as session policy and tags together was used by the largest so far, in
    /// percent; beyond 100 it refuses (`PackedPolicyTooLarge`).
    pub fn packed_percent_max(&self) -> u32 {
        self.packed.load(Ordering::Relaxed)
    }

    /// The session for `request`: the one that is in use while it has more than a quarter of its
    /// life left, else a new one. Requests that come together share one call to STS.
    pub async fn session(&self, request: SessionRequest) -> Result<RoleSession, AwsError> {
        let now = self.clock.now();
        if let Some(kept) = self.cache.get(&request).await
            && kept.is_fresh(now)
        {
            return Ok(kept);
        }
        let entry = self.cache.entry(request.clone());
        let settled = entry
            .and_try_compute_with(async |kept| {
                let kept = kept.map(moka::Entry::into_value);
                self.renew(&request, kept, now).await
            })
            .await?;
        let session = settled.into_entry().map(moka::Entry::into_value);
        session.ok_or_else(|| AwsError::malformed("the role session was dropped while in use"))
    }

    /// A new session in nobody's name, for what the house does by itself in a role of its own.
    pub async fn of_the_house(
        &self,
        role_arn: &Arn,
        session_name: &RoleSessionName,
    ) -> Result<RoleSession, AwsError> {
        let now = self.clock.now();
        let _slot = self.calls.acquire().await.map_err(AwsError::malformed)?;
        let call = self.sts.assume_role().role_arn(role_arn.as_str());
        let call = call.role_session_name(session_name.as_str()).duration_seconds(SESSION_SECONDS);
        let answer = call.send().await.map_err(sort)?;
        let given = answer.credentials.ok_or_else(|| {
            AwsError::malformed("STS assumed the role and returned no credentials")
        })?;
        self.open(given, now)
    }

    /// Drops the sessions of a person who logged out or was shut out.
    pub fn forget(&self, uid: &Uid) {
        let uid = uid.clone();
        let scheduled = self
            .cache
            .invalidate_entries_if(move |request, _| request.uid == uid || request.by == uid);
        if let Err(error) = scheduled {
            tracing::error!(%error, "role sessions were dropped all at once");
            self.cache.invalidate_all();
        }
    }

    /// A session that is past its refresh but still alive serves on when STS does not answer.
    async fn renew(
        &self,
        request: &SessionRequest,
        kept: Option<RoleSession>,
        now: Timestamp,
    ) -> Result<Op<RoleSession>, AwsError> {
        if kept.as_ref().is_some_and(|session| session.is_fresh(now)) {
            return Ok(Op::Nop);
        }
        match self.assume(request, now).await {
            Ok(session) => Ok(Op::Put(session)),
            Err(AwsError::Unreachable { .. } | AwsError::Busy { .. })
                if kept.as_ref().is_some_and(|session| now < session.expires()) =>
            {
                Ok(Op::Nop)
            }
            Err(error) => Err(error),
        }
    }

    async fn assume(
        &self,
        request: &SessionRequest,
        now: Timestamp,
    ) -> Result<RoleSession, AwsError> {
        let _slot = self.calls.acquire().await.map_err(AwsError::malformed)?;
        let tag = Tag::builder().key("uid").value(request.uid.as_str()).build();
        let answer = self
            .sts
            .assume_role()
            .role_arn(request.role_arn.as_str())
            .role_session_name(request.session_name.as_str())
            .source_identity(request.by.as_str())
            .tags(tag.map_err(AwsError::malformed)?)
            .policy(&request.session_policy)
            .duration_seconds(SESSION_SECONDS)
            .send()
            .await
            .map_err(sort)?;
        self.packed.fetch_max(packed_percent(&answer), Ordering::Relaxed);
        let given = answer.credentials.ok_or_else(|| {
            AwsError::malformed("STS assumed the role and returned no credentials")
        })?;
        self.open(given, now)
    }

    fn open(
        &self,
        given: aws_sdk_sts::types::Credentials,
        now: Timestamp,
    ) -> Result<RoleSession, AwsError> {
        let expires =
            Timestamp::from_second(given.expiration.secs()).map_err(AwsError::malformed)?;
        let credentials = AwsCredentials {
            access_key_id: AccessKeyId::parse(&given.access_key_id).map_err(AwsError::malformed)?,
            secret: Secret::parse(&given.secret_access_key).map_err(AwsError::malformed)?,
            session_token: Some(Secret::parse(&given.session_token).map_err(AwsError::malformed)?),
            expires: Some(expires),
        };
        let life = expires.duration_since(now).max(SignedDuration::ZERO);
        let session = Session {
            issued: now,
            told: OnceCell::new(),
            refresh_at: now + life * 3 / 4,
            expires,
            s3: self.client.s3_as(&credentials),
            public_s3: self.client.public_s3_as(&credentials),
            credentials,
        };
        Ok(RoleSession { inner: Arc::new(session) })
    }
}

/// How much of a session's room its policy and tags took, in percent; 0 where nothing was said.
#[expect(deprecated, reason = "stores that are not Amazon's say it by the older name")]
fn packed_percent(answer: &AssumeRoleOutput) -> u32 {
    let said = answer.session_token_utilization.or(answer.packed_policy_size);
    said.and_then(|percent| u32::try_from(percent).ok()).unwrap_or_default()
}
