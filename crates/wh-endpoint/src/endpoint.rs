//! `Endpoint`: the door as a whole.

use std::future::Future;
use std::sync::Arc;

use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::{S3Service, S3ServiceBuilder};
use wh_authority::Authority;
use wh_gate::Gate;
use wh_listen::{Doorway, TrustedProxies};
use wh_names::{AccountId, Clock, Entropy, Region};

use crate::document::{DOCUMENT_BYTES_MAX, STRANGERS_DOCUMENT_BYTES_MAX};
use crate::door::Door;
use crate::dress::ContentPolicy;
use crate::host::BaseDomains;
use crate::s3::S3Door;
use crate::shed::Places;

/// What the door is made of.
#[derive(Debug)]
pub struct EndpointOptions {
    /// Who admits and acts.
    pub gate: Arc<Gate>,
    /// Who knows secrets and principals.
    pub authority: Arc<Authority>,
    /// The region that signatures must name.
    pub region: Region,
    /// The account that owns every bucket.
    pub account: AccountId,
    /// The time, by which signatures are judged.
    pub clock: Clock,
    /// Randomness, for the ids of requests.
    pub entropy: Entropy,
    /// Whether a proxy in front of this door ends TLS for it.
    pub secure_transport: bool,
    /// Whose `X-Forwarded-For` tells the client's address.
    pub proxies: TrustedProxies,
    /// How many verified requests are worked on at once, at least two; one principal gets half. Who
    /// comes beyond that is answered `SlowDown` after a second.
    pub requests_max: usize,
    /// The domains below which the name of a host is that of a bucket: with `s3.localhost`, the host
    /// `files.s3.localhost` is the bucket `files`.
    pub base_domains: Vec<String>,
    /// The names of the webhooks that buckets may have told of changes.
    pub webhooks: Vec<String>,
    /// The origins whose pages may frame what is stored: the portal's, which shows files.
    pub framed_by: Vec<String>,
}

/// The S3, STS and IAM door.
#[derive(Clone)]
pub struct Endpoint {
    door: Arc<Door>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint").field("region", &self.door.region).finish_non_exhaustive()
    }
}

impl Endpoint {
    /// A door before a gate.
    pub fn new(options: EndpointOptions) -> Self {
        let s3 = S3Door {
            gate: Arc::clone(&options.gate),
            region: options.region.clone(),
            account: options.account.clone(),
            webhooks: options.webhooks.into(),
        };
        let door = Door {
            gate: options.gate,
            authority: options.authority,
            region: options.region,
            account: options.account,
            clock: options.clock,
            entropy: options.entropy,
            secure_transport: options.secure_transport,
            proxies: options.proxies,
            places: Arc::new(Places::new(options.requests_max)),
            domains: BaseDomains::new(&options.base_domains),
            content_policy: ContentPolicy::framed_by(&options.framed_by),
            s3: service(s3.clone(), DOCUMENT_BYTES_MAX),
            s3_for_strangers: service(s3, STRANGERS_DOCUMENT_BYTES_MAX),
        };
        Self { door: Arc::new(door) }
    }

    /// Serves at a doorway until `shutdown` completes, and then lets requests in flight end. Several
    /// doorways may lead to one door.
    pub async fn serve(&self, doorway: Doorway, shutdown: impl Future<Output = ()>) {
        let door = Arc::clone(&self.door);
        let answer = move |request, peer| Arc::clone(&door).answer(request, peer);
        doorway.serve(shutdown, answer).await;
    }
}

fn service(s3: S3Door, document_bytes_max: usize) -> S3Service {
    let mut config = S3Config::default();
    config.xml_max_body_size = document_bytes_max;
    let mut builder = S3ServiceBuilder::new(s3);
    builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
    builder.build()
}
