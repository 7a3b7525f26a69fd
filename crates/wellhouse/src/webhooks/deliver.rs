//! One webhook's task: read, send, remember; again and again, until it is told to stop.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;
use wh_ledger::{LedgerError, WebhookState};
use wh_names::BucketName;
use wh_objects::{BucketDocument, Event, Notifications, ObjectStore, StoreError};

use super::Webhook;
use super::message::{record, signature};
use crate::embedded::Parameters;

/// How many changes are read at once.
const PAGE_EVENTS: usize = 1_000;

/// How many records one message holds at most.
const RECORDS_MAX: usize = 100;

/// How long is waited after the first failure; each further one doubles it.
const WAIT_FIRST: Duration = Duration::from_secs(1);

/// The longest wait between two attempts.
const WAIT_MAX: Duration = Duration::from_mins(5);

/// How often is written down how far it has come where nothing was to be told.
const REMEMBER_EVERY: Duration = Duration::from_secs(5);

/// What a task has.
pub(super) struct Delivery {
    pub(super) webhook: Webhook,
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) parameters: Parameters,
    pub(super) region: String,
}

/// What is to be told next.
struct Batch {
    records: Vec<Value>,
    /// The last change that is dealt with when the records are told.
    last: u64,
}

/// Why a round did not succeed.
#[derive(Debug, thiserror::Error)]
enum DeliverError {
    #[error("{0}")]
    Post(#[from] wh_aws::PostError),
    #[error("the feed cannot be read: {0}")]
    Store(#[from] StoreError),
    #[error("it cannot be remembered how far it has come: {0}")]
    Ledger(#[from] LedgerError),
}

impl Delivery {
    /// Tells the webhook of changes, for ever.
    pub(super) async fn run(self) {
        let mut newest = self.store.newest_event();
        let begun = *newest.borrow();
        let mut state = self.begin(begun).await;
        let mut remembered = state.delivered;
        loop {
            match self.round(&mut state).await {
                Ok(true) => remembered = state.delivered,
                Ok(false) if !self.rest(&mut newest, &state, &mut remembered).await => return,
                Ok(false) => {}
                Err(error) => {
                    self.failed(&mut state, &error).await;
                    tokio::time::sleep(self.wait(state.attempts)).await;
                }
            }
        }
    }

    /// Waits for a change, and writes down how far it has come where none comes. `false`: the store is
    /// closed.
    async fn rest(
        &self,
        newest: &mut watch::Receiver<u64>,
        state: &WebhookState,
        remembered: &mut u64,
    ) -> bool {
        let after = state.delivered;
        let come = async { newest.wait_for(|newest| *newest > after).await.is_ok() };
        if let Ok(open) = tokio::time::timeout(REMEMBER_EVERY, come).await {
            return open;
        }
        if *remembered != after {
            self.remember(state).await;
            *remembered = after;
        }
        true
    }

    /// Where it was left off. A webhook that is new hears of changes from now on.
    async fn begin(&self, newest: u64) -> WebhookState {
        loop {
            match self.parameters.ledger.webhook(&self.webhook.name).await {
                Ok(Some(state)) => return state,
                Ok(None) => {
                    return WebhookState { delivered: newest, newest, ..WebhookState::default() };
                }
                Err(error) => {
                    tracing::error!(%error, webhook = self.webhook.name, "its state cannot be read");
                    tokio::time::sleep(WAIT_MAX).await;
                }
            }
        }
    }

    /// Tells one message. `false`: there was nothing to tell.
    async fn round(&self, state: &mut WebhookState) -> Result<bool, DeliverError> {
        let events = match self.store.events(state.delivered, PAGE_EVENTS).await {
            Err(StoreError::EventsTrimmed { oldest }) => {
                let lost = oldest.saturating_sub(1).saturating_sub(state.delivered);
                tracing::error!(webhook = self.webhook.name, lost, "changes are not kept any more");
                state.lost = state.lost.saturating_add(lost);
                state.delivered = oldest.saturating_sub(1);
                self.parameters.ledger.put_webhook(&self.webhook.name, state).await?;
                return Ok(true);
            }
            events => events?,
        };
        let Some(batch) = self.batch(&events).await? else { return Ok(false) };
        state.newest = *self.store.newest_event().borrow();
        if !batch.records.is_empty() {
            let now = self.parameters.clock.now();
            self.send(&batch, now).await?;
            state.told_at = Some(now);
        }
        state.delivered = batch.last;
        (state.failing_since, state.attempts, state.error) = (None, 0, None);
        if batch.records.is_empty() {
            // Losing count of what was of no interest loses nothing.
            return Ok(events.len() == PAGE_EVENTS);
        }
        self.parameters.ledger.put_webhook(&self.webhook.name, state).await?;
        Ok(true)
    }

    /// What the rules, as they are now, say of these changes; `None` where there are none.
    async fn batch(&self, events: &[Event]) -> Result<Option<Batch>, DeliverError> {
        let mut rules: HashMap<BucketName, Notifications> = HashMap::new();
        let (mut records, mut last) = (Vec::new(), None);
        for event in events {
            if !rules.contains_key(&event.bucket) {
                let theirs = self.rules(&event.bucket).await?;
                rules.insert(event.bucket.clone(), theirs);
            }
            let theirs = rules.get(&event.bucket).into_iter().flat_map(|all| &all.rules);
            let mut ours = theirs.filter(|rule| rule.webhook == self.webhook.name);
            let rule = ours.find(|rule| rule.covers(event));
            if rule.is_some() && records.len() == RECORDS_MAX {
                break;
            }
            records.extend(rule.map(|rule| record(event, rule, &self.region)));
            last = Some(event.sequence);
        }
        Ok(last.map(|last| Batch { records, last }))
    }

    async fn rules(&self, bucket: &BucketName) -> Result<Notifications, DeliverError> {
        match self.store.bucket_document(bucket, BucketDocument::Notification).await {
            Ok(text) => {
                Ok(text.and_then(|text| Notifications::parse(&text).ok()).unwrap_or_default())
            }
            // Nobody asks any more.
            Err(StoreError::NoSuchBucket) => Ok(Notifications::default()),
            Err(error) => Err(error.into()),
        }
    }

    async fn send(&self, batch: &Batch, now: Timestamp) -> Result<(), DeliverError> {
        let body = json!({ "Records": batch.records }).to_string().into_bytes();
        let headers = [
            ("x-wellhouse-signature", signature(&self.webhook.secret, now, &body)),
            ("x-wellhouse-webhook", self.webhook.name.clone()),
            ("x-wellhouse-delivery", batch.last.to_string()),
            ("user-agent", "Wellhouse".to_owned()),
        ];
        let webhook = &self.webhook;
        Ok(wh_aws::post(&webhook.url, &headers, body, webhook.reach).await?)
    }

    async fn failed(&self, state: &mut WebhookState, error: &DeliverError) {
        let now = self.parameters.clock.now();
        if state.attempts == 0 {
            tracing::warn!(webhook = self.webhook.name, %error, "a webhook cannot be told");
        }
        state.failing_since = state.failing_since.or(Some(now));
        state.attempts = state.attempts.saturating_add(1);
        state.error = Some(error.to_string());
        state.newest = *self.store.newest_event().borrow();
        self.remember(state).await;
    }

    async fn remember(&self, state: &WebhookState) {
        if let Err(error) = self.parameters.ledger.put_webhook(&self.webhook.name, state).await {
            tracing::warn!(%error, webhook = self.webhook.name, "its state cannot be written");
        }
    }

    /// Doubles with each failure, with up to a quarter more, so that many do not come back at once.
    fn wait(&self, attempts: u32) -> Duration {
        let doubled = WAIT_FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(16));
        let [jitter] = self.parameters.entropy.bytes::<1>();
        let wait = doubled.min(WAIT_MAX);
        wait + wait * u32::from(jitter) / 1024
    }
}
