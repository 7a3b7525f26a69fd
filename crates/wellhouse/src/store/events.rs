//! `wellhouse store events`: the feed of changes, for people and for programs that follow it.

use std::ops::ControlFlow;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use wh_names::BucketName;
use wh_objects::{DiskStore, Event, ObjectStore, StoreError};

use super::Output;
use crate::config::Config;
use crate::control::{self, PROGRESS_MAX, Request};
use crate::output::is_heard;
use crate::{Ended, cellar, say};

/// How many changes are taken from the feed at once.
const PAGE: usize = 256;

/// Print changes of objects, oldest first: number, time, who, what, bucket, key, version
///
/// The number of the last change that was dealt with is where to go on: --after. The feed keeps as
/// many changes as `store.events_kept` says. Exit code 2: changes that were asked for are not kept
/// any more.
#[derive(clap::Args)]
pub(crate) struct Events {
    /// Only changes with greater numbers; without it, from the oldest that is kept
    #[arg(long, value_name = "NUMBER")]
    after: Option<u64>,
    /// At most so many; without it, all
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    max: Option<u64>,
    /// Wait for further changes, for ever; needs a running server
    #[arg(long)]
    follow: bool,
    /// Only changes in this bucket
    #[arg(long, value_parser = BucketName::parse)]
    bucket: Option<BucketName>,
    /// How changes are printed; json is one document a line
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// Which changes are asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct EventsRequest {
    after: Option<u64>,
    max: Option<u64>,
    follow: bool,
    bucket: Option<String>,
}

pub(super) async fn run(events: Events, config: &Config) -> Result<Ended> {
    let request = EventsRequest {
        after: events.after,
        max: events.max,
        follow: events.follow,
        bucket: events.bucket.map(|bucket| bucket.to_string()),
    };
    let (output, mut ended) = (events.output, Ended::Done);
    let mut show = |line: &Value| {
        if line.get("trimmed").is_some() {
            ended = Ended::Different;
        }
        match output {
            Output::Json => say(&line.to_string()),
            Output::Text => say(&in_words(line)),
        }
        if is_heard() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let asked = Request::Events(request.clone());
    if control::ask(&config.data, &asked, &mut show).await?.is_none() {
        alone(&request, config, &mut show).await?;
    }
    Ok(ended)
}

/// When no server runs.
async fn alone(
    request: &EventsRequest,
    config: &Config,
    show: &mut (dyn FnMut(&Value) -> ControlFlow<()> + Send),
) -> Result<()> {
    if request.follow {
        bail!("no server runs here, so nothing will change: leave out --follow");
    }
    let store = cellar::open(config).await?;
    let (sender, mut lines) = mpsc::channel(PROGRESS_MAX);
    let telling = async {
        let told = tell(&store, request, &sender).await;
        drop(sender);
        told
    };
    let showing = async {
        while let Some(line) = lines.recv().await {
            if show(&line).is_break() {
                return;
            }
        }
    };
    let (told, ()) = tokio::join!(telling, showing);
    store.close().await;
    told
}

/// Sends the changes that are asked for, each as a document, and says where some are missing.
pub(crate) async fn tell(
    store: &DiskStore,
    request: &EventsRequest,
    lines: &mpsc::Sender<Value>,
) -> Result<()> {
    let mut newest = store.newest_event();
    let bucket = request.bucket.as_deref().map(BucketName::parse).transpose()?;
    let (mut after, mut left) = (request.after, request.max.unwrap_or(u64::MAX));
    loop {
        let last = after.unwrap_or_default();
        let page = match store.events(last, PAGE).await {
            Err(StoreError::EventsTrimmed { oldest }) => {
                let line = json!({ "trimmed": { "from": last + 1, "to": oldest - 1 } });
                if after.is_some() && lines.send(line).await.is_err() {
                    return Ok(());
                }
                after = Some(oldest.saturating_sub(1));
                continue;
            }
            page => page?,
        };
        if let Some(event) = page.last() {
            after = Some(event.sequence);
        } else if !request.follow || newest.wait_for(|newest| *newest > last).await.is_err() {
            return Ok(());
        }
        for event in page.iter().filter(|e| bucket.as_ref().is_none_or(|b| *b == e.bucket)) {
            if lines.send(document(event)).await.is_err() || left == 1 {
                return Ok(());
            }
            left -= 1;
        }
    }
}

fn document(event: &Event) -> Value {
    let content = event.content.as_ref();
    json!({
        "number": event.sequence,
        "at": event.at.to_string(),
        "by": &*event.by,
        "event": event.kind.as_str(),
        "bucket": event.bucket.as_str(),
        "key": event.key.as_str(),
        "version": event.version.to_string(),
        "size": content.map(|(size, _)| size),
        "etag": content.map(|(_, etag)| etag),
    })
}

fn in_words(line: &Value) -> String {
    let number = |value: &Value, name: &str| value.get(name).and_then(Value::as_u64).unwrap_or(0);
    if let Some(trimmed) = line.get("trimmed") {
        let (from, to) = (number(trimmed, "from"), number(trimmed, "to"));
        return format!("Changes {from} to {to} are not kept any more.");
    }
    let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or("?");
    format!(
        "{} {} {} {} {}/{} ({})",
        number(line, "number"),
        text("at"),
        text("by"),
        text("event"),
        text("bucket"),
        text("key"),
        text("version"),
    )
}
