//! The scan for malware: what is new is found, streamed to the scanner, and tagged with what it says.
//!
//! Invariants: what is to be scanned is written down with how far was looked; a version is taken by one
//! node at a time; the tag is written before the row is settled, and by the role of the scan alone. What
//! could not be scanned is never told to be clean. See `docs/adr/0035-malware-scan.md` and
//! `docs/adr/0046-icap-beside-clamd.md`.

mod clamd;
mod feed;
mod icap;
mod listing;
mod scanner;
mod worker;

pub(crate) use scanner::version;

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use wh_aws::{AwsError, ObjectClient, RoleSession, RoleSessions};
use wh_names::{Arn, BucketName, RoleName, RoleSessionName};
use wh_objects::{Capability, ObjectStore};
use wh_people::People;
use wh_provision::{Estate, SCAN_ROLE, SCAN_SESSION};

use crate::config::{Config, ScanConfig, ScannerAddress};
use crate::embedded::{Embedded, Parameters};

/// What the tasks of the scan work with.
#[derive(Clone)]
struct Bench {
    scanner: ScannerAddress,
    limits: ScanConfig,
    parameters: Parameters,
    people: People,
    objects: ObjectClient,
    role: Role,
    /// The estate's buckets of files.
    buckets: Vec<BucketName>,
}

/// How what is new is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FoundBy {
    /// By the store's feed of changes.
    Feed,
    /// By listing again and again.
    Listing,
}

/// The role of the scan, and its session while it is fresh.
#[derive(Clone)]
struct Role {
    arn: Arn,
    name: RoleSessionName,
    sessions: RoleSessions,
    kept: Arc<Mutex<Option<RoleSession>>>,
}

impl Bench {
    /// A session of the role of the scan.
    async fn session(&self) -> Result<RoleSession, AwsError> {
        let (role, now) = (&self.role, self.parameters.clock.now());
        let mut kept = role.kept.lock().await;
        if let Some(session) = kept.as_ref().filter(|session| session.is_fresh(now)) {
            return Ok(session.clone());
        }
        let session = role.sessions.of_the_house(&role.arn, &role.name).await?;
        *kept = Some(session.clone());
        Ok(session)
    }

    /// Takes another session the next time: the store does not know this one any more.
    async fn forget_session(&self) {
        *self.role.kept.lock().await = None;
    }
}

/// The tasks of the scan; they end when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Scanning(Vec<JoinHandle<()>>);

impl Drop for Scanning {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

impl Scanning {
    /// Begins to scan, where it is configured.
    pub(crate) async fn start(
        config: &Config,
        parameters: &Parameters,
        estate: &Estate,
        (people, sessions): (&People, &RoleSessions),
        embedded: Option<&Embedded>,
    ) -> Result<Self> {
        let Some(scanner) = config.scan.address()? else { return Ok(Self::default()) };
        let store = embedded.map(|embedded| embedded.store().port());
        let feed = match store {
            Some(store) => feed_of(store, scanner.key())?,
            None => None,
        };
        let bench = Bench {
            scanner,
            limits: config.scan.clone(),
            parameters: parameters.clone(),
            people: people.clone(),
            objects: ObjectClient::new(parameters.clock.clone()),
            role: Role {
                arn: role_arn(config, estate)?,
                name: RoleSessionName::parse(SCAN_SESSION)?,
                sessions: sessions.clone(),
                kept: Arc::default(),
            },
            buckets: estate.buckets_of_files().map(|bucket| bucket.name.clone()).collect(),
        };
        if config.ledger.url.is_none() {
            parameters.ledger.free_scans(parameters.clock.now()).await?;
        }
        let found_by = if feed.is_some() { FoundBy::Feed } else { FoundBy::Listing };
        let mut tasks = vec![tokio::spawn(listing::follow(bench.clone(), found_by))];
        tasks.extend(feed.map(|store| tokio::spawn(feed::follow(bench.clone(), store))));
        for _ in 0..config.scan.parallel {
            tasks.push(tokio::spawn(worker::work(bench.clone())));
        }
        tracing::info!(scanner = %bench.scanner, "files are scanned for malware");
        Ok(Self(tasks))
    }
}

/// The store, where it has a feed of changes. One that keeps no tags can hold nothing back.
fn feed_of(store: Arc<dyn ObjectStore>, key: &str) -> Result<Option<Arc<dyn ObjectStore>>> {
    let capabilities = store.capabilities();
    for needed in [Capability::Tags, Capability::Versioning] {
        if !capabilities.has(needed) {
            bail!(
                "{key}: the upstream store has no {}, by which files are held back; take the key \
                 out, or another upstream",
                needed.as_str()
            );
        }
    }
    Ok(capabilities.has(Capability::Events).then_some(store))
}

fn role_arn(config: &Config, estate: &Estate) -> Result<Arn> {
    if let Some(arn) = config.store.role_arns.get(SCAN_ROLE) {
        return Arn::parse(arn).with_context(|| format!("store.role_arns.{SCAN_ROLE}"));
    }
    let role = estate.role(&RoleName::parse(SCAN_ROLE)?);
    Ok(role.with_context(|| format!("the estate has no {SCAN_ROLE}"))?.arn.clone())
}
