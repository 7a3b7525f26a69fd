//! `Portal`: what every handler may reach.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use jiff::Timestamp;
use tokio::sync::{Mutex, MutexGuard, watch};
use url::Url;
use wh_files::{Files, FilesError};
use wh_ledger::{AuditWriter, Ledger};
use wh_listen::TrustedProxies;
use wh_names::{BucketName, Clock, Entropy, Region};
use wh_people::{ApiToken, Peer, People, Person, SessionToken, TokenRefusal};
use wh_policy::NamedPolicy;
use wh_provision::{RoleSpec, Target};

use crate::changes::{PolicyKeeper, WEIGHING_MAX};
use crate::cookie::SessionCookie;
use crate::csrf::OwnOrigins;
use crate::headers::SecurityHeaders;
use crate::house_keys::HouseKeys;
use crate::observe::Observer;
use crate::pace::{Pace, Stranger};
use crate::posture::PostureKeeper;
use crate::problem::{Code, Problem};
use crate::router;
use crate::turned_away::TurnedAway;
use crate::wire::{RoleBody, RolePolicyBody};

/// What the web door is made of.
#[derive(Debug)]
pub struct PortalOptions {
    /// Who is at the door.
    pub people: People,
    /// What they do with files.
    pub files: Files,
    /// Where the audit log is read.
    pub ledger: Ledger,
    /// Where it is written.
    pub audit: AuditWriter,
    /// How it was found when it was last checked.
    pub audited: watch::Receiver<AuditStanding>,
    /// How the house's own keys are looked after.
    pub house_keys: HouseKeys,
    /// How the house stands, and how that is found out.
    pub posture: PostureKeeper,
    /// The estate, as it is documented to administrators, and how its roles are changed.
    pub policies: PolicyKeeper,
    /// The portal's own origins, as browsers write them: `https://files.example.org`.
    pub origins: Vec<String>,
    /// Where browsers and people's own tools reach the store.
    pub s3_public_url: String,
    /// Whether the session's cookie is `__Host-sid` and `Secure`. Browsers accept it over TLS and
    /// on `localhost`.
    pub secure_cookies: bool,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// The time.
    pub clock: Clock,
    /// Randomness for the ids of requests.
    pub entropy: Entropy,
}

/// How the audit trail was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditStanding {
    /// When it was last looked at; `None`: not yet.
    pub checked_at: Option<Timestamp>,
    /// When the last checkpoint was signed here; `None`: never, or elsewhere.
    pub signed_at: Option<Timestamp>,
    /// How many lines there are.
    pub lines: i64,
    /// What is wrong, in words; empty where all is whole.
    pub faults: Vec<String>,
    /// Why it could not be looked at when that was tried last; all else is of an earlier look then.
    pub not_checked: Option<String>,
}

/// Why there is no web door.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortalError {
    /// The store's public address has no origin.
    #[error("`{url}` is not the http or https address of a store")]
    S3PublicUrl {
        /// The address as it was given.
        url: String,
    },
}

impl PortalError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::S3PublicUrl { .. } => "invalid-s3-public-url",
        }
    }
}

/// The web door. Cloning shares it.
#[derive(Clone)]
pub struct Portal(Arc<Inner>);

struct Inner {
    people: People,
    files: Files,
    ledger: Ledger,
    audit: AuditWriter,
    audited: watch::Receiver<AuditStanding>,
    house_keys: HouseKeys,
    posture: PostureKeeper,
    clock: Clock,
    policies: PolicyKeeper,
    changing: Mutex<()>,
    buckets: Vec<BucketName>,
    region: Region,
    tool_endpoint: Option<String>,
    cookie: SessionCookie,
    proxies: TrustedProxies,
    origins: OwnOrigins,
    observer: Observer,
    pace: Pace,
    search_pace: Pace,
    link_pace: Pace,
    stranger_pace: Pace<Stranger>,
    sender_pace: Pace<Stranger>,
    links_counted: TurnedAway,
    headers: SecurityHeaders,
}

impl fmt::Debug for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Portal")
    }
}

impl Portal {
    /// The whole web door as a router. Serve it with `into_make_service_with_connect_info`, so that
    /// the peer's address is known.
    pub fn router(options: PortalOptions) -> Result<Router, PortalError> {
        Ok(router::layered(Self::new(options)?))
    }

    pub(crate) fn new(options: PortalOptions) -> Result<Self, PortalError> {
        let refused = || PortalError::S3PublicUrl { url: options.s3_public_url.clone() };
        let store = Url::parse(&options.s3_public_url).map_err(|_| refused())?.origin();
        if !store.is_tuple() {
            return Err(refused());
        }
        let over_tls = options.origins.iter().any(|origin| origin.starts_with("https://"));
        let headers = SecurityHeaders::new(&store.ascii_serialization(), over_tls);
        let headers = headers.map_err(|_| refused())?;
        let estate = options.policies.estate();
        let tool_endpoint = match estate.target() {
            Target::Embedded => Some(options.s3_public_url.clone()),
            Target::Aws => None,
        };
        let cookie =
            if options.secure_cookies { SessionCookie::Secure } else { SessionCookie::Plain };
        Ok(Self(Arc::new(Inner {
            policies: options.policies,
            changing: Mutex::new(()),
            buckets: estate.buckets_of_files().map(|bucket| bucket.name.clone()).collect(),
            region: estate.region().clone(),
            tool_endpoint,
            cookie,
            proxies: TrustedProxies::new(options.trusted_proxies),
            origins: OwnOrigins::new(&options.origins),
            clock: options.clock.clone(),
            pace: Pace::new(options.clock.clone()),
            search_pace: Pace::of_searches(options.clock.clone()),
            link_pace: Pace::new(options.clock.clone()),
            stranger_pace: Pace::of_strangers(options.clock.clone()),
            sender_pace: Pace::of_senders(options.clock.clone()),
            links_counted: TurnedAway::default(),
            observer: Observer { clock: options.clock, entropy: options.entropy },
            headers,
            people: options.people,
            files: options.files,
            ledger: options.ledger,
            audit: options.audit,
            audited: options.audited,
            house_keys: options.house_keys,
            posture: options.posture,
        })))
    }

    pub(crate) fn people(&self) -> &People {
        &self.0.people
    }

    pub(crate) fn files(&self) -> &Files {
        &self.0.files
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    pub(crate) fn audit(&self) -> &AuditWriter {
        &self.0.audit
    }

    /// How the audit trail was found when it was last checked.
    pub(crate) fn audit_standing(&self) -> AuditStanding {
        self.0.audited.borrow().clone()
    }

    pub(crate) fn house_keys(&self) -> &HouseKeys {
        &self.0.house_keys
    }

    pub(crate) fn posture(&self) -> &PostureKeeper {
        &self.0.posture
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The estate as it is in force, and how its roles are changed.
    pub(crate) fn policies(&self) -> &PolicyKeeper {
        &self.0.policies
    }

    /// Whoever changes access weighs first, and what was weighed is stale once somebody else has changed something:
    /// here one comes after the other.
    ///
    /// # Errors
    /// [`FilesError::NoTurn`]: others came first for [`WEIGHING_MAX`].
    pub(crate) async fn one_change(&self) -> Result<MutexGuard<'_, ()>, FilesError> {
        self.one_change_within(WEIGHING_MAX).await
    }

    pub(crate) async fn one_change_within(
        &self,
        limit: Duration,
    ) -> Result<MutexGuard<'_, ()>, FilesError> {
        let turn = tokio::time::timeout(limit, self.0.changing.lock()).await;
        turn.map_err(|_| FilesError::NoTurn)
    }

    /// The roles of the estate as it is in force.
    pub(crate) fn roles(&self) -> Vec<RoleBody> {
        self.policies().estate().roles().iter().map(role).collect()
    }

    /// The estate's buckets of files.
    pub(crate) fn buckets(&self) -> &[BucketName] {
        &self.0.buckets
    }

    pub(crate) fn region(&self) -> &Region {
        &self.0.region
    }

    /// Where people's own tools reach the store; `None` when it is Amazon's own endpoint.
    pub(crate) fn tool_endpoint(&self) -> Option<&str> {
        self.0.tool_endpoint.as_deref()
    }

    pub(crate) fn cookie(&self) -> SessionCookie {
        self.0.cookie
    }

    pub(crate) fn own_origins(&self) -> OwnOrigins {
        self.0.origins.clone()
    }

    pub(crate) fn observer(&self) -> Observer {
        self.0.observer.clone()
    }

    pub(crate) fn pace(&self) -> &Pace {
        &self.0.pace
    }

    pub(crate) fn search_pace(&self) -> &Pace {
        &self.0.search_pace
    }

    /// How fast whoever comes by a shared link may ask, counted by link.
    pub(crate) fn link_pace(&self) -> &Pace {
        &self.0.link_pace
    }

    /// How fast those ask who send by file requests.
    pub(crate) fn sender_pace(&self) -> &Pace<Stranger> {
        &self.0.sender_pace
    }

    /// How fast one stranger may, counted by link and by address.
    pub(crate) fn stranger_pace(&self) -> &Pace<Stranger> {
        &self.0.stranger_pace
    }

    /// What is counted of those who come by shared links.
    pub(crate) fn links_counted(&self) -> &TurnedAway {
        &self.0.links_counted
    }

    pub(crate) fn security_headers(&self) -> SecurityHeaders {
        self.0.headers.clone()
    }

    pub(crate) fn client(&self, socket: Option<SocketAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        self.0.proxies.client(socket, headers)
    }

    /// The person whose API token this is, within its bounds.
    pub(crate) async fn by_token(&self, token: &str, peer: &Peer) -> Result<Person, TokenRefusal> {
        let token = ApiToken::parse(token).map_err(|_| TokenRefusal::Unknown)?;
        self.people().recognise_token(&token, peer).await
    }

    /// The session's token that came with a request.
    pub(crate) fn session_token(&self, headers: &HeaderMap) -> Result<SessionToken, Problem> {
        let token = self.cookie().read(headers).map(SessionToken::parse);
        match token {
            Some(Ok(token)) => Ok(token),
            Some(Err(_)) | None => Err(Problem::new(Code::NotSignedIn, "nobody is signed in")),
        }
    }
}

fn role(role: &RoleSpec) -> RoleBody {
    let policy = |policy: &NamedPolicy| RolePolicyBody {
        name: policy.name.clone(),
        document: policy.document.to_json_pretty(),
    };
    let in_words = |policy: &NamedPolicy| wh_policy::summary::in_words(&policy.document);
    RoleBody {
        name: role.name.as_str().to_owned(),
        arn: role.arn.as_str().to_owned(),
        purpose: role.purpose.to_owned(),
        summary: role.permissions.iter().flat_map(in_words).collect(),
        policies: role.permissions.iter().map(policy).collect(),
        boundary: Some(policy(&role.boundary)),
        trust: role.trust.document.to_json_pretty(),
    }
}
