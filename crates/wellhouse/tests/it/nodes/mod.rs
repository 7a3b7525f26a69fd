//! Several nodes on one PostgreSQL, before one upstream.

mod balancer;
mod ending;
mod killing;
mod quotas;
mod rolling;
mod rotating;
mod starting;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime};

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;

use crate::gateway::binary::settings;
use crate::server::{Server, tool};

/// How long a test waits for what is meant to take a second: a busy machine takes its time.
const PATIENCE: Duration = Duration::from_secs(20);

/// Nodes that share a ledger and an upstream.
struct House {
    upstream: Server,
    settings: Vec<(&'static str, String)>,
}

impl House {
    fn new() -> Self {
        let upstream = Server::start_store_only();
        let mut settings = settings(&upstream, "front");
        let server = tool("WELLHOUSE_TEST_POSTGRES");
        settings.push(("WELLHOUSE_LEDGER__URL", server.to_str().expect("text").to_owned()));
        settings.push(("WELLHOUSE_LEDGER__SCHEMA", schema()));
        Self { upstream, settings }
    }

    fn settings(&self) -> Vec<(&str, &str)> {
        self.settings.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    /// The first node, which makes the keys.
    fn first(&self) -> Server {
        Server::start_with(&self.settings())
    }

    /// A further node, with the keys of one that is there.
    fn beside(&self, other: &Server) -> Server {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        std::fs::create_dir(&data).expect("made");
        let keys = "authority.keys";
        std::fs::copy(other.data().join(keys), data.join(keys)).expect("copied");
        Server::start_again_with(folder, &self.settings())
    }

    fn pair(&self) -> (Server, Server) {
        let one = self.first();
        let two = self.beside(&one);
        (one, two)
    }
}

/// A schema that no other test has.
#[expect(clippy::disallowed_methods, reason = "a name that no earlier run has given")]
fn schema() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a time");
    format!("nodes_{}_{next}_{}", std::process::id(), now.as_nanos())
}

/// IAM at a node, as its root user.
async fn iam(node: &Server) -> aws_sdk_iam::Client {
    let (key, secret) = node.root();
    let shared = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(&node.s3)
        .credentials_provider(Credentials::new(key, secret, None, None, "test"))
        .load()
        .await;
    aws_sdk_iam::Client::new(&shared)
}

/// Asks until it is so.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < PATIENCE, "{what} did not come");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    began.elapsed()
}
