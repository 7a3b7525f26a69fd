//! `wellhouse ingest`: new files of a folder go into a bucket, each once and for good.
//!
//! Invariants: nothing is written over; what the journal calls done was verified by the store, by its
//! checksum, and was not changed while it was read; no step is taken that the journal would not know of
//! after a crash. It needs `s3:PutObject` and `s3:AbortMultipartUpload` and no more, so nothing is
//! asked of the store about what it holds.

mod events;
mod file;
mod folder;
mod journal;
mod place;
mod queue;
mod send;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::SignedDuration;
use wh_aws::{Client, ClientOptions, PortalCredentials, Sender, region_of_environment};
use wh_names::Region;

use crate::config::Config;
use crate::stop::Stop;
use crate::store::Output;
use crate::{Ended, logging};

use events::Events;
use journal::Journal;
use place::Place;
use queue::{Patience, Queue};
use send::Sending;

/// The name of the journal, where it is in the folder itself.
const JOURNAL: &str = ".wellhouse-ingest.jsonl";

/// Send new files of a folder to a bucket, each once and for good
///
/// Credentials come from the AWS SDK's default chain: the environment, a profile, a container's, or the
/// instance metadata service. Files are sent once they have settled. Nothing is written over, and
/// nothing is deleted here or there. Exit codes: 0 all is sent, 1 something is not.
#[derive(clap::Args)]
#[command(after_help = "docs/machines.md tells what the journal is for, and what is not sent.")]
pub(crate) struct Ingest {
    /// The folder; links in it are not followed
    folder: PathBuf,
    /// Where files go: the key is the prefix and the path below the folder
    #[arg(value_name = "s3://BUCKET/PREFIX/", value_parser = Place::parse)]
    to: Place,
    /// Go on for new files until it is stopped
    #[arg(long)]
    watch: bool,
    /// How long a file must have stood still before it is sent
    #[arg(long, default_value = "2s", value_name = "DURATION")]
    settle: SignedDuration,
    /// The journal of what was sent [default: .wellhouse-ingest.jsonl in the folder]
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// How many files are sent at once
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=32))]
    parallel: u8,
    /// The endpoint of another S3 store than Amazon's [default: as the AWS CLI finds it, in the
    /// environment]
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
    /// The region [default: of the environment, the profile or the instance]
    #[arg(long, value_parser = Region::parse)]
    region: Option<Region>,
    /// How it is told what was done
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

pub(crate) async fn run(ingest: Ingest, config: &Config) -> Result<Ended> {
    logging::start(&config.log)?;
    let settle = Duration::try_from(ingest.settle).context("--settle must not be negative")?;
    let stop = Stop::on_signals()?;
    let folder = Arc::new(folder::Folder::open(&ingest.folder)?);
    let state = ingest.state.clone().unwrap_or_else(|| ingest.folder.join(JOURNAL));
    let journal = Journal::open(&state, &ingest.to.to_string())?;
    let client = client(&ingest).await?;
    let sending = Sending {
        sender: Sender::new(&client, ingest.to.bucket.clone()),
        place: ingest.to,
        folder,
        journal: Arc::new(journal),
        memory: send::memory(),
        events: Events::new(ingest.output),
        clock: crate::parameters::clock(),
        stop: stop.clone(),
    };
    let patience = match ingest.watch {
        true => Patience::ForEver,
        false => Patience::OnePass,
    };
    let queue = Queue::new(Arc::new(sending), settle, usize::from(ingest.parallel));
    queue.work(patience, stop).await
}

async fn client(ingest: &Ingest) -> Result<Client> {
    let region = match &ingest.region {
        Some(region) => region.clone(),
        None => region_of_environment().await.context(
            "no region: set AWS_REGION or give --region (on a machine, that of the endpoint)",
        )?,
    };
    let endpoint_url = ingest.endpoint_url.clone().or_else(endpoint_of_environment);
    Ok(Client::connect(ClientOptions {
        region,
        path_style: endpoint_url.is_some(),
        endpoint_url,
        public_s3_url: None,
        credentials: PortalCredentials::DefaultChain,
    })
    .await)
}

/// Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints".
#[expect(clippy::disallowed_methods, reason = "the SDK's own variables, read as it reads them")]
fn endpoint_of_environment() -> Option<String> {
    let named = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"].into_iter();
    named.filter_map(|name| std::env::var(name).ok()).find(|url| !url.is_empty())
}
