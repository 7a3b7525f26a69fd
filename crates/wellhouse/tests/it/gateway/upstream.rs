//! An upstream store in this process: a whole endpoint of ours, over a disk of its own.

use std::sync::Arc;

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wh_authority::{Authority, AuthorityOptions, KeyRing};
use wh_aws::upstream::{UpstreamOptions, UpstreamStore};
use wh_endpoint::{Endpoint, EndpointOptions};
use wh_gate::{Gate, GateOptions};
use wh_ledger::Ledger;
use wh_listen::{Doorway, Limits, Transport, TrustedProxies};
use wh_names::{AccountId, BucketName, Clock, Entropy, Partition, Region, Secret};
use wh_objects::{DiskOptions, DiskStore, Durability, Keys, StoreError};

/// A running endpoint; it ends when it is dropped.
pub(super) struct Upstream {
    pub(super) url: String,
    access_key_id: String,
    secret: Secret,
    serving: JoinHandle<()>,
    _folder: TempDir,
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

#[expect(clippy::disallowed_methods, reason = "signatures go by the time of day")]
fn clock() -> Clock {
    Clock::new(jiff::Timestamp::now)
}

pub(super) fn entropy() -> Entropy {
    Entropy::new(|buffer| rand::fill(buffer))
}

impl Upstream {
    /// A fresh one.
    pub(super) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let options = DiskOptions {
            keys: Keys::Off,
            durability: Durability::LosesOnPowerCut,
            ..DiskOptions::new(folder.path().join("objects"))
        };
        let store = DiskStore::open(options).await.expect("a store");
        let ledger = Ledger::open(&folder.path().join("ledger.db")).await.expect("a ledger");
        let keys = KeyRing::generate(&entropy()).expect("keys");
        let access_key_id = keys.root_access_key_id().as_str().to_owned();
        let secret = keys.root_secret().clone();
        let partition = Partition::parse("aws").expect("a partition");
        let account = AccountId::parse("000000000000").expect("an account");
        let authority = Authority::open(AuthorityOptions {
            partition: partition.clone(),
            account: account.clone(),
            ledger: ledger.clone(),
            keys,
            clock: clock(),
            entropy: entropy(),
        });
        let authority = Arc::new(authority.await.expect("an authority"));
        let gate = Gate::new(GateOptions {
            store: Arc::new(store),
            authority: Arc::clone(&authority),
            encryption: None,
            ledger,
            partition,
            account: account.clone(),
            clock: clock(),
            entropy: entropy(),
        });
        let endpoint = Endpoint::new(EndpointOptions {
            gate: Arc::new(gate.await.expect("a gate")),
            authority,
            region: Region::parse("us-east-1").expect("a region"),
            account,
            clock: clock(),
            entropy: entropy(),
            secure_transport: false,
            proxies: TrustedProxies::new(Vec::new()),
            requests_max: 256,
            base_domains: Vec::new(),
            webhooks: Vec::new(),
            framed_by: Vec::new(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let doorway = Doorway::new(listener, Transport::Plain, Limits::default());
        let serving = async move { endpoint.serve(doorway, std::future::pending()).await };
        Self { url, access_key_id, secret, serving: tokio::spawn(serving), _folder: folder }
    }

    /// A gateway's store before it.
    pub(super) async fn store(&self) -> Result<UpstreamStore, StoreError> {
        self.store_with(self.secret.clone()).await
    }

    /// The same with another secret.
    pub(super) async fn store_with(&self, secret: Secret) -> Result<UpstreamStore, StoreError> {
        let options = UpstreamOptions {
            endpoint_url: Some(self.url.clone()),
            region: Region::parse("us-east-1").expect("a region"),
            access_key_id: self.access_key_id.clone(),
            secret,
            control_bucket: BucketName::parse("control").expect("a name"),
            authorities: None,
        };
        UpstreamStore::open(options, &entropy()).await
    }
}
