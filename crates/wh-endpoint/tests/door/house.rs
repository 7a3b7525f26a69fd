//! A house in memory behind a door on the loopback, with actors.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use tokio::net::TcpListener;
use wh_authority::{Authority, AuthorityOptions, KeyRing};
use wh_endpoint::{Endpoint, EndpointOptions};
use wh_gate::{Gate, GateOptions};
use wh_ledger::Ledger;
use wh_listen::{Doorway, Limits, Transport, TrustedProxies};
use wh_names::{AccountId, Clock, Entropy, Partition, Region, RoleName, RoleSessionName};
use wh_objects::{Encryption, MemoryStore};

use crate::client::{Answer, send};
use crate::signer::{Ask, Signer};

pub(crate) const NOW: &str = "2026-11-23T12:00:00Z";

/// A running door.
pub(crate) struct House {
    pub(crate) address: SocketAddr,
    pub(crate) root: Signer,
    authority: Arc<Authority>,
    gate: Arc<Gate>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    served: Option<tokio::task::JoinHandle<()>>,
}

/// Bytes that differ each time; a test needs no more of randomness.
fn entropy() -> Entropy {
    let count = AtomicU64::new(1);
    Entropy::new(move |out| {
        for piece in out.chunks_mut(8) {
            let n = count.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let bytes = n.to_be_bytes();
            piece.copy_from_slice(&bytes[..piece.len()]);
        }
    })
}

/// One principal gets two of these places.
pub(crate) const REQUESTS_MAX: usize = 4;

impl House {
    /// A house with one bucket.
    pub(crate) async fn open() -> Self {
        Self::open_with(None).await
    }

    /// A house with one bucket, whose gate is told how the store encrypts.
    pub(crate) async fn open_with(encryption: Option<Encryption>) -> Self {
        let now: Timestamp = NOW.parse().expect("a time");
        let clock = Clock::new(move || now);
        let ledger = Ledger::in_memory().await.expect("a ledger");
        let keys = KeyRing::generate(&entropy()).expect("keys");
        let (partition, account) = (
            Partition::parse("aws").expect("a partition"),
            AccountId::parse("111122223333").expect("an account"),
        );
        let root = Signer {
            access_key: keys.root_access_key_id().to_string(),
            secret: keys.root_secret().expose().to_owned(),
            token: None,
            region: "us-east-1".to_owned(),
            service: "s3".to_owned(),
            at: now,
        };
        let authority = Authority::open(AuthorityOptions {
            partition: partition.clone(),
            account: account.clone(),
            ledger: ledger.clone(),
            keys,
            clock: clock.clone(),
            entropy: entropy(),
        });
        let authority = Arc::new(authority.await.expect("an authority"));
        let gate = Gate::new(GateOptions {
            store: Arc::new(MemoryStore::new()),
            authority: Arc::clone(&authority),
            encryption,
            ledger,
            partition,
            account: account.clone(),
            clock: clock.clone(),
            entropy: entropy(),
        });
        let gate = Arc::new(gate.await.expect("a gate"));
        let endpoint = Endpoint::new(EndpointOptions {
            gate: Arc::clone(&gate),
            authority: Arc::clone(&authority),
            region: Region::parse("us-east-1").expect("a region"),
            account,
            clock,
            entropy: entropy(),
            secure_transport: false,
            proxies: TrustedProxies::default(),
            requests_max: REQUESTS_MAX,
            base_domains: vec!["s3.example".to_owned()],
            webhooks: vec!["hook".to_owned()],
            framed_by: vec!["https://files.example.org".to_owned()],
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let served = tokio::spawn(async move {
            let doorway = Doorway::new(listener, Transport::Plain, Limits::default());
            endpoint.serve(doorway, async { drop(stopped.await) }).await;
        });
        let (stop, served) = (Some(stop), Some(served));
        let house = Self { address, root, authority, gate, stop, served };
        assert_eq!(house.ask(&house.root, Ask::new("PUT", "/files")).await.status, 200);
        house
    }

    /// Sends a request that is signed as a whole.
    pub(crate) async fn ask(&self, who: &Signer, ask: Ask) -> Answer {
        send(self.address, &who.signed(self.hosted(ask))).await
    }

    /// Sends a request as it is.
    pub(crate) async fn raw(&self, ask: &Ask) -> Answer {
        send(self.address, ask).await
    }

    pub(crate) fn hosted(&self, ask: Ask) -> Ask {
        ask.header("host", &self.address.to_string())
    }

    /// Calls STS or IAM.
    pub(crate) async fn query(&self, who: &Signer, service: &str, form: &[(&str, &str)]) -> Answer {
        let version = if service == "iam" { "2010-05-08" } else { "2011-06-15" };
        let version = [("Version", version)];
        let pairs = form.iter().chain(&version);
        let body: Vec<_> =
            pairs.map(|(n, v)| format!("{n}={}", crate::signer::encode(v))).collect();
        let who = Signer { service: service.to_owned(), ..who.clone() };
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        let ask = Ask::new("POST", "/").header("content-type", kind).body(body.join("&"));
        self.ask(&who, ask).await
    }

    /// A session of a new role that may do what `policy` says.
    pub(crate) async fn session(&self, role: &str, policy: Option<&str>) -> Signer {
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
        let form =
            [("Action", "CreateRole"), ("RoleName", role), ("AssumeRolePolicyDocument", trust)];
        let made = self.query(&self.root, "iam", &form).await;
        assert_eq!(made.status, 200, "{}", made.text());
        if let Some(policy) = policy {
            let form = [
                ("Action", "PutRolePolicy"),
                ("RoleName", role),
                ("PolicyName", "permissions"),
                ("PolicyDocument", policy),
            ];
            let put = self.query(&self.root, "iam", &form).await;
            assert_eq!(put.status, 200, "{}", put.text());
        }
        let name = RoleName::parse(role).expect("a name");
        let session = RoleSessionName::parse("session").expect("a name");
        let given = self.authority.deliver("ec2.amazonaws.com", &name, &session);
        let given = given.expect("credentials");
        Signer {
            access_key: given.access_key_id.to_string(),
            secret: given.secret_access_key.expose().to_owned(),
            token: Some(given.session_token.expose().to_owned()),
            ..self.root.clone()
        }
    }

    /// The bytes of an object, if it is there.
    pub(crate) async fn object(&self, path: &str) -> Option<Vec<u8>> {
        let answer = self.ask(&self.root, Ask::new("GET", path)).await;
        match answer.status {
            200 => Some(answer.body),
            404 => None,
            status => panic!("{status}: {}", answer.text()),
        }
    }

    /// Stops serving and waits until all is written down.
    pub(crate) async fn close(mut self) {
        drop(self.stop.take());
        if let Some(served) = self.served.take() {
            served.await.expect("a clean end");
        }
        self.gate.flush().await;
    }
}
