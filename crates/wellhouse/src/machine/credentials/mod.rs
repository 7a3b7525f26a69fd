//! The machine's credentials: asked of the endpoint with the machine's key, kept in memory, asked for
//! again before they end.
//!
//! Invariant: what is handed on has a quarter of its life left, unless the endpoint cannot be reached;
//! once the endpoint has said no, nothing is handed on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, bail};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::task::JoinError;
use wh_authority::{delivery_message, enrolment_message};
use wh_names::{Clock, Secret};

use super::identity::{Enrolled, Identity};

/// The largest answer, in bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// How long after a failure the endpoint is left alone.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(5);

/// The credentials of a role.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) access_key_id: String,
    pub(super) secret: Secret,
    pub(super) token: Secret,
    pub(super) updated: Timestamp,
    pub(super) expires: Timestamp,
    pub(super) role: String,
    pub(super) profile_arn: String,
    pub(super) profile_id: String,
}

impl Held {
    fn is_fresh(&self, now: Timestamp) -> bool {
        let life = self.expires.duration_since(self.updated).max(SignedDuration::ZERO);
        now < self.updated + life * 3 / 4
    }
}

/// Why there are no credentials.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Unavailable {
    /// The endpoint does not give any.
    #[error("{message}")]
    Refused { code: String, message: String },
    /// The endpoint did not answer, or not as it should.
    #[error("{0}")]
    Unreachable(String),
}

/// Where the credentials come from, for whoever hands them on.
pub(super) type Source =
    Arc<dyn Fn() -> BoxFuture<'static, Result<Arc<Held>, Unavailable>> + Send + Sync>;

#[derive(Serialize)]
struct Enrolment<'a> {
    token: &'a str,
    public_key: String,
    asked_at: i64,
    signature: String,
}

#[derive(Serialize)]
struct Asking<'a> {
    instance_id: &'a str,
    asked_at: i64,
    signature: String,
}

#[derive(Deserialize)]
struct AnswerOfEnrolment {
    instance_arn: String,
}

#[derive(Deserialize)]
struct Given {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expires: Timestamp,
    role: String,
    profile_arn: String,
    profile_id: String,
}

#[derive(Deserialize)]
struct Refusal {
    code: String,
    message: String,
}

/// Spends a token on the machine's key.
pub(super) async fn enrol(identity: &Identity, token: &Secret, clock: &Clock) -> Result<Enrolled> {
    let (key, asked_at) = (&identity.key, clock.now());
    let message = enrolment_message(token, key.public(), asked_at);
    let document = serde_json::to_vec(&Enrolment {
        token: token.expose(),
        public_key: hex::encode(key.public()),
        asked_at: asked_at.as_millisecond(),
        signature: hex::encode(key.sign(&message)),
    })?;
    let answered: Result<AnswerOfEnrolment, _> = ask(&identity.endpoint, "enrol", document).await;
    match answered {
        Ok(answer) => Enrolled::parse(&answer.instance_arn).context("the endpoint's answer"),
        Err(Unavailable::Refused { message, .. }) => bail!("not enrolled: {message}"),
        Err(Unavailable::Unreachable(why)) => bail!("not enrolled: {why}"),
    }
}

/// What is asked for, for all that wait for it.
type Underway = Shared<BoxFuture<'static, Result<Arc<Held>, Unavailable>>>;

/// The credentials of one machine.
#[derive(Debug)]
pub(super) struct Credentials {
    identity: Identity,
    machine: Enrolled,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    held: Option<Arc<Held>>,
    /// The last failure, and when it was.
    failed: Option<(Unavailable, Timestamp)>,
    /// The time of the last request: each must be later.
    asked_at: Timestamp,
    /// While the endpoint is asked.
    asking: Option<Underway>,
}

impl Credentials {
    pub(super) fn new(identity: Identity, machine: Enrolled, clock: Clock) -> Self {
        Self { identity, machine, clock, state: Mutex::default() }
    }

    pub(super) fn source(self: &Arc<Self>) -> Source {
        let own = Arc::clone(self);
        Arc::new(move || {
            let own = Arc::clone(&own);
            async move { own.current().await }.boxed()
        })
    }

    /// The credentials as they are now. Who comes while they are asked for waits. Who hangs up before
    /// they have come, as tools of little patience do, takes nothing from the next.
    pub(super) async fn current(self: &Arc<Self>) -> Result<Arc<Held>, Unavailable> {
        let asking = {
            let mut state = self.state();
            if let Some(known) = state.known(self.clock.now()) {
                return known;
            }
            // One that has ended and was not taken away has failed in a way of its own.
            drop(state.asking.take_if(|asking| asking.peek().is_some()));
            match &state.asking {
                Some(asking) => asking.clone(),
                None => self.ask(&mut state),
            }
        };
        asking.await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks in a task of its own, which is bound to nobody's connection.
    fn ask(self: &Arc<Self>, state: &mut State) -> Underway {
        // A clock that was set back must not make requests that came before.
        let asked_at = self.clock.now().max(state.asked_at + SignedDuration::from_millis(1));
        state.asked_at = asked_at;
        let own = Arc::clone(self);
        let task = tokio::spawn(async move {
            let given = own.fetch(asked_at).await;
            let now = own.clock.now();
            own.state().take_over(given, now)
        });
        let ended = |error: JoinError| Err(Unavailable::Unreachable(error.to_string()));
        let asking = async move { task.await.unwrap_or_else(ended) }.boxed().shared();
        state.asking = Some(asking.clone());
        asking
    }

    async fn fetch(&self, asked_at: Timestamp) -> Result<Held, Unavailable> {
        let signature = self.identity.key.sign(&delivery_message(&self.machine.id, asked_at));
        let document = serde_json::to_vec(&Asking {
            instance_id: self.machine.id.as_str(),
            asked_at: asked_at.as_millisecond(),
            signature: hex::encode(signature),
        });
        let document = document.map_err(|error| Unavailable::Unreachable(error.to_string()))?;
        let given: Given = ask(&self.identity.endpoint, "credentials", document).await?;
        let odd = |_| Unavailable::Unreachable("the endpoint gave no credentials".to_owned());
        Ok(Held {
            access_key_id: given.access_key_id,
            secret: Secret::parse(&given.secret_access_key).map_err(odd)?,
            token: Secret::parse(&given.session_token).map_err(odd)?,
            updated: asked_at,
            expires: given.expires,
            role: given.role,
            profile_arn: given.profile_arn,
            profile_id: given.profile_id,
        })
    }
}

impl State {
    /// What can be said without asking the endpoint.
    fn known(&self, now: Timestamp) -> Option<Result<Arc<Held>, Unavailable>> {
        if let Some(held) = self.held.as_ref().filter(|held| held.is_fresh(now)) {
            return Some(Ok(Arc::clone(held)));
        }
        let (why, at) = self.failed.as_ref()?;
        let lately = (SignedDuration::ZERO..AGAIN_AFTER).contains(&now.duration_since(*at));
        lately.then(|| self.usable(now).ok_or_else(|| why.clone()))
    }

    /// Remembers what asking came to, and gives what can be handed on now.
    fn take_over(
        &mut self,
        given: Result<Held, Unavailable>,
        now: Timestamp,
    ) -> Result<Arc<Held>, Unavailable> {
        self.asking = None;
        match given {
            Ok(held) => {
                let held = Arc::new(held);
                (self.held, self.failed) = (Some(Arc::clone(&held)), None);
                Ok(held)
            }
            Err(why) => {
                tracing::warn!(%why, "no new credentials");
                if matches!(why, Unavailable::Refused { .. }) {
                    self.held = None;
                }
                self.failed = Some((why.clone(), now));
                self.usable(now).ok_or(why)
            }
        }
    }

    /// What is held and has not ended, though it should have been replaced.
    fn usable(&self, now: Timestamp) -> Option<Arc<Held>> {
        self.held.clone().filter(|held| now < held.expires)
    }
}

async fn ask<T: for<'de> Deserialize<'de>>(
    endpoint: &str,
    what: &str,
    document: Vec<u8>,
) -> Result<T, Unavailable> {
    let unreachable = |why: String| Unavailable::Unreachable(format!("{endpoint}: {why}"));
    let address = format!("{}/.wellhouse/machines/{what}", endpoint.trim_end_matches('/'));
    let answered = wh_aws::ask(&address, document, ANSWER_BYTES_MAX).await;
    let (status, document) = answered.map_err(|error| unreachable(error.to_string()))?;
    if status == 200 {
        let read = serde_json::from_slice(&document);
        return read.map_err(|_| unreachable("the answer is not understood".to_owned()));
    }
    match serde_json::from_slice::<Refusal>(&document) {
        Ok(Refusal { code, message }) if (400..500).contains(&status) => {
            Err(Unavailable::Refused { code, message })
        }
        Ok(Refusal { message, .. }) => Err(unreachable(message)),
        Err(_) => Err(unreachable(format!("it answered with the status {status}"))),
    }
}

#[cfg(test)]
mod tests;
