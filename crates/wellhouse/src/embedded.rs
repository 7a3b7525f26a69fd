//! Our own endpoint in this process: what lies behind it, authority, gate and door, and the standard
//! estate made through the same S3, IAM and STS calls as on AWS.

use std::future::ready;
use std::sync::Arc;

use anyhow::{Context, Result};
use futures::FutureExt;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wh_authority::{
    Authority, AuthorityOptions, FetchKeys, KEY_SET_BYTES_MAX, KeyRing, OidcIssuer,
    TemporaryCredentials,
};
use wh_aws::{AwsCloud, AwsCredentials, Client, ClientOptions, PortalCredentials};
use wh_endpoint::{Endpoint, EndpointOptions};
use wh_gate::{Gate, GateOptions};
use wh_ledger::Ledger;
use wh_listen::TrustedProxies;
use wh_names::{Clock, Entropy, Region, RoleName, RoleSessionName};
use wh_provision::{Estate, PORTAL_ROLE};

use crate::behind::Behind;
use crate::config::Config;
use crate::doors::Doors;
use crate::stop::Stop;
use crate::upkeep::Upkeep;
use crate::webhooks::Webhooks;
use crate::{estate, ledger, parameters};

/// The service in whose place the portal's process stands: an instance's metadata service.
const INSTANCE: &str = "ec2.amazonaws.com";

/// A running endpoint and the store behind it.
pub(crate) struct Embedded {
    authority: Arc<Authority>,
    gate: Arc<Gate>,
    store: Behind,
    upkeep: Upkeep,
    webhooks: Webhooks,
    serving: JoinHandle<()>,
    endpoint_url: String,
    root: AwsCredentials,
}

/// What the binary hands to every room.
#[derive(Clone)]
pub(crate) struct Parameters {
    pub(crate) ledger: Ledger,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
}

impl Parameters {
    /// The real ones, and the ledger as the configuration says.
    pub(crate) async fn open(config: &Config) -> Result<Self> {
        let clock = parameters::clock();
        let ledger = ledger::open(config, &clock).await?;
        Ok(Self { ledger, clock, entropy: parameters::entropy() })
    }
}

impl Embedded {
    /// Opens the store and starts to serve on `listener`.
    pub(crate) async fn start(
        config: &Config,
        parameters: &Parameters,
        keys: &KeyRing,
        (listener, stop): (TcpListener, Stop),
    ) -> Result<Self> {
        let doors = Doors::open(config, listener)?;
        let store = Behind::open(config, &parameters.entropy).await?;
        let mut upkeep = Upkeep::start(&store, parameters, config.store.events_kept);
        let webhooks = Webhooks::start(config, parameters, &store)?;
        let root = AwsCredentials {
            access_key_id: keys.root_access_key_id().clone(),
            secret: keys.root_secret().clone(),
            session_token: None,
            expires: None,
        };
        let (partition, account) = (estate::partition(config)?, estate::account(config)?);
        let (issuers, fetch) = issuers(config);
        let authority = Arc::new(
            Authority::open(AuthorityOptions {
                partition: partition.clone(),
                account: account.clone(),
                ledger: parameters.ledger.clone(),
                keys: keys.clone(),
                clock: parameters.clock.clone(),
                entropy: parameters.entropy.clone(),
            })
            .await?
            .with_issuers(issuers, fetch),
        );
        upkeep.forget_machines(Arc::clone(&authority));
        let gate = Gate::new(GateOptions {
            store: store.port(),
            authority: Arc::clone(&authority),
            encryption: store.encryption(),
            ledger: parameters.ledger.clone(),
            partition,
            account: account.clone(),
            clock: parameters.clock.clone(),
            entropy: parameters.entropy.clone(),
        });
        let gate = Arc::new(gate.await?);
        let endpoint = Endpoint::new(EndpointOptions {
            gate: Arc::clone(&gate),
            authority: Arc::clone(&authority),
            region: Region::parse(&config.store.region)?,
            account,
            clock: parameters.clock.clone(),
            entropy: parameters.entropy.clone(),
            secure_transport: config.portal.behind_tls_proxy,
            proxies: TrustedProxies::new(config.s3.trusted_proxies.clone()),
            requests_max: config.s3.requests_max,
            base_domains: config.s3.base_domains.clone(),
            webhooks: config.s3.webhooks.iter().map(|hook| hook.name.clone()).collect(),
            framed_by: config.portal_origins(),
        });
        let endpoint_url = doors.own_url.clone();
        let serving = tokio::spawn(doors.serve(endpoint, stop));
        Ok(Self { authority, gate, store, upkeep, webhooks, serving, endpoint_url, root })
    }

    /// The estate's cloud, as the root user, over the wire.
    pub(crate) async fn cloud(&self, config: &Config) -> Result<AwsCloud> {
        let options = self.client_options(config, PortalCredentials::Static(self.root.clone()))?;
        Ok(AwsCloud::new(options).await)
    }

    /// Makes what is missing of the estate.
    pub(crate) async fn provision(&self, config: &Config, estate: &Estate) -> Result<()> {
        let cloud = self.cloud(config).await?;
        let plan = wh_provision::plan(estate, &cloud).await.context("planning the estate")?;
        if plan.is_empty() {
            return Ok(());
        }
        tracing::info!(steps = plan.changes().len(), "making the standard estate");
        wh_provision::apply(&plan, &cloud).await.context("making the estate")?;
        Ok(())
    }

    /// What lies behind the endpoint.
    pub(crate) fn store(&self) -> &Behind {
        &self.store
    }

    /// A client with the credentials of `PortalRole`, delivered as an instance's are.
    pub(crate) async fn portal_client(&self, config: &Config) -> Result<Client> {
        let authority = Arc::clone(&self.authority);
        let source = move || ready(deliver(&authority).map_err(|error| error.to_string())).boxed();
        let credentials = PortalCredentials::Delivered(Arc::new(source));
        Ok(Client::connect(self.client_options(config, credentials)?).await)
    }

    fn client_options(
        &self,
        config: &Config,
        credentials: PortalCredentials,
    ) -> Result<ClientOptions> {
        Ok(ClientOptions {
            region: Region::parse(&config.store.region)?,
            endpoint_url: Some(self.endpoint_url.clone()),
            public_s3_url: Some(config.s3_url()),
            path_style: true,
            credentials,
        })
    }

    /// Waits until the endpoint has drained, writes down what is still to be written, and closes the
    /// cellar.
    pub(crate) async fn stopped(self) -> Result<()> {
        self.serving.await?;
        self.gate.flush().await;
        drop((self.upkeep, self.webhooks));
        self.store.close().await;
        Ok(())
    }
}

/// The credentials of `PortalRole`, as they are delivered to the portal; none where the role is not
/// there, or trusts nobody that they could be delivered to.
pub(crate) fn portal_credentials(authority: &Authority) -> Option<AwsCredentials> {
    deliver(authority).ok()
}

fn deliver(authority: &Authority) -> Result<AwsCredentials> {
    let role = RoleName::parse(PORTAL_ROLE)?;
    let session = RoleSessionName::parse("wellhouse-portal")?;
    let delivered: TemporaryCredentials = authority.deliver(INSTANCE, &role, &session)?;
    Ok(AwsCredentials {
        access_key_id: delivered.access_key_id,
        secret: delivered.secret_access_key,
        session_token: Some(delivered.session_token),
        expires: Some(delivered.expires),
    })
}

/// The identity providers that the operator lets roles trust, and how their keys are fetched.
fn issuers(config: &Config) -> (Vec<OidcIssuer>, FetchKeys) {
    let known = config
        .sts
        .oidc
        .iter()
        .map(|oidc| OidcIssuer { issuer: oidc.issuer.clone(), jwks_uri: oidc.jwks_uri.clone() });
    let fetch = FetchKeys::new(|address| async move {
        wh_aws::fetch(&address, KEY_SET_BYTES_MAX).await.map_err(|error| error.to_string())
    });
    (known.collect(), fetch)
}
