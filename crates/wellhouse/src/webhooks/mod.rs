//! Telling webhooks of changes: each has a task that follows the feed and sends what the buckets' rules
//! say, in the feed's order.
//!
//! Invariants: a change is told at least once, unless the feed no longer keeps it, and a change of a key
//! is told only after every earlier one of the same key; a receiver that fails delays its own messages
//! and nothing else. See `docs/adr/0018-webhooks.md`.

mod deliver;
mod message;

use std::fmt;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use wh_aws::{Reach, check_address};
use wh_names::Secret;
use wh_objects::Capability;

use crate::behind::Behind;
use crate::config::Config;
use crate::embedded::Parameters;
use deliver::Delivery;

/// The shortest secret, in bytes.
const SECRET_BYTES_MIN: usize = 16;

/// The longest name, in bytes: as of SNS topics.
const NAME_BYTES_MAX: usize = 256;

/// A receiver that buckets may have told of changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookConfig {
    /// What `TopicArn` names it by: letters, digits, `-` and `_`.
    pub(crate) name: String,
    /// Where it is told: https, or with `private` also http.
    pub(crate) url: String,
    /// The file that holds the secret by which messages are signed.
    pub(crate) secret_file: PathBuf,
    /// The receiver is on this machine or in this network: without it only public addresses are
    /// connected to.
    #[serde(default)]
    pub(crate) private: bool,
}

impl WebhookConfig {
    fn reach(&self) -> Reach {
        if self.private { Reach::Anywhere } else { Reach::Public }
    }
}

/// That webhooks have names of their own, and addresses that may be connected to.
pub(crate) fn check(webhooks: &[WebhookConfig]) -> Result<()> {
    for (n, webhook) in webhooks.iter().enumerate() {
        let WebhookConfig { name, url, .. } = webhook;
        let letter = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.chars().all(letter) {
            bail!("s3.webhooks: the name `{name}` must have letters, digits, `-` and `_` only");
        }
        if webhooks.iter().take(n).any(|other| other.name == *name) {
            bail!("s3.webhooks: two of them have the name `{name}`");
        }
        check_address(url, webhook.reach()).with_context(|| {
            format!("s3.webhooks: the url of `{name}` (private = true lets it be of this network)")
        })?;
    }
    Ok(())
}

/// A webhook, ready to be told.
#[derive(Clone)]
struct Webhook {
    name: String,
    url: String,
    secret: Secret,
    reach: Reach,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("name", &self.name).finish_non_exhaustive()
    }
}

fn read(config: &WebhookConfig) -> Result<Webhook> {
    let path = &config.secret_file;
    let about = || format!("the secret of the webhook `{}` in {}", config.name, path.display());
    let text = std::fs::read_to_string(path).with_context(about)?;
    let text = text.trim();
    if text.len() < SECRET_BYTES_MIN {
        bail!("{} has fewer than {SECRET_BYTES_MIN} bytes", about());
    }
    Ok(Webhook {
        name: config.name.clone(),
        url: config.url.clone(),
        secret: Secret::parse(text).with_context(about)?,
        reach: config.reach(),
    })
}

/// The deliveries of a running store; they end when it is dropped.
#[derive(Debug)]
pub(crate) struct Webhooks(Vec<JoinHandle<()>>);

impl Webhooks {
    /// Begins to tell every webhook of the configuration, where the store has a feed.
    pub(crate) fn start(config: &Config, parameters: &Parameters, store: &Behind) -> Result<Self> {
        let port = store.port();
        if !port.capabilities().has(Capability::Events) {
            if !config.s3.webhooks.is_empty() {
                tracing::warn!("the upstream store has no feed of changes: webhooks are not told");
            }
            return Ok(Self(Vec::new()));
        }
        let mut tasks = Vec::new();
        for webhook in &config.s3.webhooks {
            let delivery = Delivery {
                webhook: read(webhook)?,
                store: store.port(),
                parameters: parameters.clone(),
                region: config.store.region.clone(),
            };
            tasks.push(tokio::spawn(delivery.run()));
        }
        Ok(Self(tasks))
    }
}

impl Drop for Webhooks {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}
