//! The authority itself: opening it, recognising credentials, and what a principal may now.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use wh_ledger::{Ledger, LedgerError};
use wh_names::{
    AccessKeyId, AccountId, Action, Arn, Clock, Entropy, Partition, RoleName, RoleSessionName,
    Secret,
};
use wh_policy::{Context, Explanation, NamedPolicy, PolicySet, Request, Subject, evaluate};

use crate::keys::unique_id;
use crate::principal::Kind;
use crate::seal::{self, Claims};
use crate::session::Session;
use crate::state::{CompiledRole, Place, State};
use crate::{AuthenticationError, KeyRing, Principal, TemporaryCredentials};

/// How many recognised tokens are remembered.
const RECOGNISED_MAX: usize = 4096;

/// The longest session that is delivered to a service, in seconds.
const DELIVERED_S_MAX: u32 = 3600;

/// What an authority is made of.
#[derive(Debug, Clone)]
pub struct AuthorityOptions {
    /// The partition in its ARNs.
    pub partition: Partition,
    /// Its only account.
    pub account: AccountId,
    /// Where its rows are.
    pub ledger: Ledger,
    /// Its secrets.
    pub keys: KeyRing,
    /// The time.
    pub clock: Clock,
    /// Randomness, for ids and nonces.
    pub entropy: Entropy,
}

/// Why the authority could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its rows could not be read.
    #[error("the roles and policies could not be read")]
    Ledger(#[from] LedgerError),
}

impl OpenError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Ledger(error) => error.code(),
        }
    }
}

/// IAM and STS of one account.
#[derive(Debug)]
pub struct Authority {
    pub(crate) place: Place,
    pub(crate) ledger: Ledger,
    keys: KeyRing,
    clock: Clock,
    pub(crate) entropy: Entropy,
    state: RwLock<Arc<State>>,
    /// Changes come one after another: each is judged by the state that the last one left.
    pub(crate) changing: tokio::sync::Mutex<()>,
    recognised: Mutex<HashMap<[u8; 32], Arc<Session>>>,
}

/// What a principal's own side allows, at this moment.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The identity policies of its role.
    pub identity: Arc<[NamedPolicy]>,
    /// The role's permissions boundary.
    pub boundary: Option<NamedPolicy>,
    /// The session policies, when the session was given any. An empty list allows nothing.
    pub session: Option<Arc<[NamedPolicy]>>,
    role: Option<Arc<CompiledRole>>,
}

impl Standing {
    fn without_policies() -> Self {
        Self { identity: Arc::new([]), boundary: None, session: None, role: None }
    }

    /// The policies to judge by, with a resource policy.
    pub fn policies<'a>(&'a self, resource: Option<&'a NamedPolicy>) -> PolicySet<'a> {
        PolicySet {
            identity: &self.identity,
            resource,
            boundary: self.boundary.as_ref(),
            session: self.session.as_deref(),
            scps: None,
            rcps: None,
        }
    }

    /// Fills in the condition keys that come from the principal: the role's tags, and over them what
    /// the credentials say.
    pub fn context(&self, principal: &Principal, context: &mut Context) {
        for (key, value) in self.role.iter().flat_map(|role| &role.tags) {
            context.set(&format!("aws:PrincipalTag/{key}"), value.as_str());
        }
        principal.context(context);
    }
}

impl Authority {
    /// Reads IAM from the ledger.
    pub async fn open(options: AuthorityOptions) -> Result<Self, OpenError> {
        let place = Place { partition: options.partition, account: options.account };
        let state = State::compile(options.ledger.iam().await?, &place);
        Ok(Self {
            place,
            ledger: options.ledger,
            keys: options.keys,
            clock: options.clock,
            entropy: options.entropy,
            state: RwLock::new(Arc::new(state)),
            changing: tokio::sync::Mutex::new(()),
            recognised: Mutex::new(HashMap::new()),
        })
    }

    /// The secret that requests by this access key must be signed with. That the credentials still
    /// count is for [`Authority::recognise`] to say.
    pub fn secret_key(&self, id: &AccessKeyId) -> Result<Secret, AuthenticationError> {
        if id == self.keys.root_access_key_id() {
            return Ok(self.keys.root_secret().clone());
        }
        if id.is_temporary() {
            return self
                .keys
                .derive_secret(id)
                .map_err(|_| AuthenticationError::InvalidAccessKeyId);
        }
        Err(AuthenticationError::InvalidAccessKeyId)
    }

    /// Who a request is from, whose signature by [`Authority::secret_key`] has been verified.
    pub fn recognise(
        &self,
        id: &AccessKeyId,
        session_token: Option<&str>,
    ) -> Result<Principal, AuthenticationError> {
        match (id == self.keys.root_access_key_id(), session_token) {
            (true, None) => Ok(Principal::root(&self.place.partition, &self.place.account)),
            (true, Some(_)) => Err(AuthenticationError::InvalidToken),
            (false, None) => Err(AuthenticationError::InvalidAccessKeyId),
            (false, Some(token)) => {
                let session = self.session(id, token)?;
                let role = self.current_role(&session)?;
                Ok(Principal::session(session, &role, &self.place.account))
            }
        }
    }

    /// What a principal's own side allows now, by its role's policies as they are now. Credentials
    /// that have stopped counting since they were recognised are refused here.
    pub fn standing(&self, principal: &Principal) -> Result<Standing, AuthenticationError> {
        let session = match principal.kind() {
            Kind::Anonymous | Kind::Root => return Ok(Standing::without_policies()),
            Kind::Session(session) => session,
        };
        let role = self.current_role(session)?;
        let Some(permissions) = &role.permissions else {
            return Err(AuthenticationError::UnreadablePolicy);
        };
        Ok(Standing {
            identity: Arc::clone(&permissions.identity),
            boundary: permissions.boundary.clone(),
            session: self.session_policies(session),
            role: Some(role),
        })
    }

    /// Hands a role's credentials to a service, as EC2's metadata service does for an instance: the
    /// role's trust policy must let the service assume it. Only the process itself may call this.
    pub fn deliver(
        &self,
        service: &str,
        role: &RoleName,
        session: &RoleSessionName,
    ) -> Result<TemporaryCredentials, DeliverError> {
        let state = self.state();
        let role = state.role(role).ok_or(DeliverError::NoSuchRole)?;
        let action = Action::parse("sts:AssumeRole").map_err(|_| DeliverError::NoSuchRole)?;
        let policies = PolicySet {
            identity: &[],
            resource: role.trust.as_ref(),
            boundary: None,
            session: None,
            scps: None,
            rcps: None,
        };
        let (subject, context) = (Subject::Service { name: service.to_owned() }, Context::new());
        let decision = evaluate(
            &policies,
            &Request {
                subject: &subject,
                action: &action,
                resource: &role.arn,
                resource_account: &self.place.account,
                context: &context,
            },
        );
        if role.trust.is_none() || !decision.allowed() {
            return Err(DeliverError::Denied(Box::new(decision.explanation())));
        }
        let seconds = role.max_session_s.min(DELIVERED_S_MAX);
        let mut claims = self.claims(role, session, seconds);
        claims.sv = Some(service.to_owned());
        self.issue(&claims).ok_or(DeliverError::TooLarge)
    }

    pub(crate) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn replace_state(&self, state: State) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The claims of a plain session that begins now.
    pub(crate) fn claims(
        &self,
        role: &CompiledRole,
        session: &RoleSessionName,
        seconds: u32,
    ) -> Claims {
        let now = self.now();
        let lifetime = SignedDuration::from_secs(seconds.into());
        let expires = now.checked_add(lifetime).unwrap_or(now);
        Claims {
            ri: role.role_id.clone(),
            rn: role.name.as_str().to_owned(),
            sn: session.as_str().to_owned(),
            ia: now.as_millisecond(),
            ex: expires.as_millisecond(),
            tg: Default::default(),
            tt: Vec::new(),
            si: None,
            po: None,
            pa: Vec::new(),
            sv: None,
        }
    }

    /// Makes credentials of claims that have been judged.
    pub(crate) fn issue(&self, claims: &Claims) -> Option<TemporaryCredentials> {
        let id = AccessKeyId::parse(&unique_id("ASIA", &self.entropy)).ok()?;
        let token = seal::seal(&self.keys, &id, claims, &self.entropy)?;
        Some(TemporaryCredentials {
            secret_access_key: self.keys.derive_secret(&id).ok()?,
            session_token: Secret::parse(&token).ok()?,
            access_key_id: id,
            expires: Timestamp::from_millisecond(claims.ex).ok()?,
        })
    }

    /// Opens a token, or remembers having opened it.
    fn session(&self, id: &AccessKeyId, token: &str) -> Result<Arc<Session>, AuthenticationError> {
        let digest = Sha256::new().chain_update(id.as_str()).chain_update([0]);
        let digest: [u8; 32] = digest.chain_update(token).finalize().into();
        let mut known = self.recognised.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = known.get(&digest) {
            return Ok(Arc::clone(session));
        }
        drop(known);
        let claims = seal::open(&self.keys, id, token).ok_or(AuthenticationError::InvalidToken)?;
        let session = Session::read(claims, &self.place.partition, &self.place.account)
            .map(Arc::new)
            .ok_or(AuthenticationError::InvalidToken)?;
        known = self.recognised.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= RECOGNISED_MAX {
            known.clear();
        }
        known.insert(digest, Arc::clone(&session));
        Ok(session)
    }

    /// The session's role, if the session still counts.
    fn current_role(&self, session: &Session) -> Result<Arc<CompiledRole>, AuthenticationError> {
        if self.now() >= session.expires {
            return Err(AuthenticationError::ExpiredToken);
        }
        let ended = session.sid.as_deref().is_some_and(|sid| self.ledger.session_revoked(sid));
        if ended || session.persons.iter().any(|uid| self.ledger.revoked(uid, session.issued)) {
            return Err(AuthenticationError::Revoked);
        }
        let state = self.state();
        let role = state.role(&session.role).filter(|role| role.role_id == session.role_id);
        role.cloned().ok_or(AuthenticationError::InvalidToken)
    }

    fn session_policies(&self, session: &Session) -> Option<Arc<[NamedPolicy]>> {
        if !session.is_narrowed() {
            return None;
        }
        let state = self.state();
        let managed = session.policy_arns.iter().map(|arn| state.session_policy(arn));
        // One that is gone might have denied: without it, nothing is allowed.
        let all: Option<Vec<_>> = session.inline.iter().map(Some).chain(managed).collect();
        Some(all.unwrap_or_default().into_iter().cloned().collect())
    }
}

/// Why a role's credentials were not delivered to a service.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// There is no such role.
    #[error("there is no such role")]
    NoSuchRole,
    /// The role's trust policy does not let the service assume it.
    #[error("{}", .0.message())]
    Denied(Box<Explanation>),
    /// The session's description does not fit into a token.
    #[error("the session does not fit into a token")]
    TooLarge,
}

impl DeliverError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSuchRole => "no-such-role",
            Self::Denied(_) => "denied",
            Self::TooLarge => "too-large",
        }
    }
}

/// The ARN of a role that may not exist.
pub(crate) fn names_role_of(place: &Place, arn: &Arn) -> bool {
    arn.service() == "iam"
        && arn.account() == place.account.as_str()
        && arn.partition() == place.partition.as_str()
        && arn.resource().starts_with("role/")
}
