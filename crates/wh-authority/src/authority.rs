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
use wh_policy::{Context, Explanation, PolicySet, Request, Subject, evaluate};

use crate::generations::GenerationDates;
use crate::keys::unique_id;
use crate::machines::Machines;
use crate::oidc::{FetchKeys, Issuers};
use crate::own_session::OwnSession;
use crate::person_keys::PersonKeys;
use crate::seal::{self, Claims, Opened, OwnClaims};
use crate::session::Session;
use crate::state::{CompiledRole, Place, State};
use crate::uses::Uses;
use crate::{AuthenticationError, IamError, KeyRing, Principal, TemporaryCredentials};

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
    pub(crate) keys: KeyRing,
    clock: Clock,
    pub(crate) entropy: Entropy,
    state: RwLock<Arc<State>>,
    /// Changes come one after another: each is judged by the state that the last one left.
    pub(crate) changing: tokio::sync::Mutex<()>,
    /// Each by the dates of the keys that opened its token.
    recognised: Mutex<HashMap<[u8; 32], (Recognised, GenerationDates)>>,
    pub(crate) uses: Uses,
    pub(crate) person_keys: PersonKeys,
    pub(crate) machines: Machines,
    pub(crate) issuers: Issuers,
}

/// What a token was recognised as.
#[derive(Debug, Clone)]
pub(crate) enum Recognised {
    Role(Arc<Session>),
    Own(Arc<OwnSession>),
}

impl Authority {
    /// Reads IAM from the ledger.
    pub async fn open(options: AuthorityOptions) -> Result<Self, OpenError> {
        let place = Place { partition: options.partition, account: options.account };
        let state = State::compile(options.ledger.iam().await?, &place);
        let uses = Uses::load(options.ledger.access_key_uses().await?);
        Ok(Self {
            place,
            ledger: options.ledger,
            keys: options.keys,
            clock: options.clock,
            entropy: options.entropy,
            state: RwLock::new(Arc::new(state)),
            changing: tokio::sync::Mutex::new(()),
            recognised: Mutex::new(HashMap::new()),
            uses,
            person_keys: PersonKeys::default(),
            machines: Machines::default(),
            issuers: Issuers::new(Vec::new(), FetchKeys::new(|_| async { Err(String::new()) })),
        })
    }

    /// Sees to it that what is judged from now on is judged by what the ledger said within the last
    /// second, whichever node wrote it. Every request to a door begins here. Fails when the ledger does
    /// not answer: then nobody can say what still counts.
    pub async fn in_step(&self) -> Result<(), LedgerError> {
        let Some(version) = self.ledger.confirmed().await? else { return Ok(()) };
        if self.state().rows.version >= version {
            return Ok(());
        }
        let _guard = self.changing.lock().await;
        if self.state().rows.version >= version {
            return Ok(());
        }
        self.reload().await
    }

    /// Reads IAM again. The caller holds `changing`.
    pub(crate) async fn reload(&self) -> Result<(), LedgerError> {
        let rows = self.ledger.iam().await?;
        self.replace_state(State::compile(rows, &self.place));
        Ok(())
    }

    /// The secret that requests by this access key, with this session token beside it, must be signed
    /// with. That the credentials still count is for [`Authority::recognise`] to say;
    /// [`Authority::learn`] comes before.
    pub fn secret_key(
        &self,
        id: &AccessKeyId,
        session_token: Option<&str>,
    ) -> Result<Secret, AuthenticationError> {
        if id == self.keys.root_access_key_id() {
            return Ok(self.keys.root_secret().clone());
        }
        if id.is_temporary() {
            return self.derived_secret(id, session_token);
        }
        let state = self.state();
        let of_user = state.access_key(id).map(|known| known.row.sealed_secret.clone());
        let of_person = || Some(self.person_keys.get(id)?.state.key.sealed_secret.clone());
        let sealed = of_user.or_else(of_person).ok_or(AuthenticationError::InvalidAccessKeyId)?;
        seal::open_secret(&self.keys, id, &sealed).ok_or_else(|| {
            tracing::error!(access_key = %id, "the secret of an access key cannot be opened");
            AuthenticationError::InvalidAccessKeyId
        })
    }

    /// The secret of temporary credentials, by the keys that sealed their token. Where no keys did, the
    /// newest: the signature is judged before the token, and both are refused.
    fn derived_secret(
        &self,
        id: &AccessKeyId,
        session_token: Option<&str>,
    ) -> Result<Secret, AuthenticationError> {
        let counting = self.keys.counting_now(self.now());
        let by_token = || Some(seal::open(&counting, id, session_token?)?.1);
        let keys = match counting.as_slice() {
            [only] => Some(only),
            _ => by_token().or(counting.first()),
        };
        let secret = keys.and_then(|keys| keys.derive_secret(id).ok());
        secret.ok_or(AuthenticationError::InvalidAccessKeyId)
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
            (false, None) => {
                let state = self.state();
                match state.access_key(id) {
                    Some(known) => Ok(Principal::user(&known.user, id, &self.place.account)),
                    None => self.person(id),
                }
            }
            (false, Some(token)) => match self.session(id, token)? {
                Recognised::Role(session) => {
                    let role = self.current_role(&session)?;
                    Ok(Principal::session(session, &role, &self.place.account))
                }
                Recognised::Own(session) => self.own_session(session),
            },
        }
    }

    /// Hands a role's credentials to a service, as EC2's metadata service does for an instance: the
    /// role's trust policy must let the service assume it. Only the process itself may call this.
    pub fn deliver(
        &self,
        service: &str,
        role: &RoleName,
        session: &RoleSessionName,
    ) -> Result<TemporaryCredentials, DeliverError> {
        self.deliver_to(service, role, session, None)
    }

    /// The same; the session ends with the machine of this ARN, if there is one.
    pub(crate) fn deliver_to(
        &self,
        service: &str,
        role: &RoleName,
        session: &RoleSessionName,
        machine: Option<&Arn>,
    ) -> Result<TemporaryCredentials, DeliverError> {
        let role = self.judge_delivery(service, role)?;
        let seconds = role.max_session_s.min(DELIVERED_S_MAX);
        let mut claims = self.claims(&role, session, seconds);
        claims.sv = Some(service.to_owned());
        claims.mi = machine.map(|arn| arn.as_str().to_owned());
        self.issue(&claims).ok_or(DeliverError::TooLarge)
    }

    fn judge_delivery(
        &self,
        service: &str,
        role: &RoleName,
    ) -> Result<Arc<CompiledRole>, DeliverError> {
        let state = self.state();
        let role = state.role(role).ok_or(DeliverError::NoSuchRole)?;
        let action = Action::parse("sts:AssumeRole").map_err(|_| DeliverError::NoSuchRole)?;
        let policies = PolicySet { resource: role.trust.as_ref(), ..PolicySet::default() };
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
        Ok(Arc::clone(role))
    }

    /// Seals what a refusal does not say in the open, for `DecodeAuthorizationMessage`.
    pub fn seal_message(&self, text: &str) -> Option<String> {
        seal::seal_message(&self.keys.sealing_now(self.now()), text, &self.entropy)
    }

    /// Opens a message that this authority sealed. Whether the caller may read it is for the gate to
    /// say.
    pub fn open_message(&self, message: &str) -> Result<String, IamError> {
        let why = "EncodedMessage is not a message of this account".to_owned();
        let invalid = IamError::InvalidAuthorizationMessage { why };
        seal::open_message(&self.keys, message).ok_or(invalid)
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
            mi: None,
            fp: None,
            fk: Default::default(),
        }
    }

    /// Makes credentials of claims that have been judged.
    pub(crate) fn issue(&self, claims: &Claims) -> Option<TemporaryCredentials> {
        let id = AccessKeyId::parse(&unique_id("ASIA", &self.entropy)).ok()?;
        let keys = self.keys.sealing_now(self.now());
        let token = seal::seal(&keys, &id, claims, &self.entropy)?;
        Some(TemporaryCredentials {
            secret_access_key: keys.derive_secret(&id).ok()?,
            session_token: Secret::parse(&token).ok()?,
            access_key_id: id,
            expires: Timestamp::from_millisecond(claims.ex).ok()?,
        })
    }

    /// Makes credentials of a session of one's own.
    pub(crate) fn issue_own(&self, claims: &OwnClaims) -> Option<TemporaryCredentials> {
        let id = AccessKeyId::parse(&unique_id("ASIA", &self.entropy)).ok()?;
        let keys = self.keys.sealing_now(self.now());
        let token = seal::seal_own(&keys, &id, claims, &self.entropy)?;
        Some(TemporaryCredentials {
            secret_access_key: keys.derive_secret(&id).ok()?,
            session_token: Secret::parse(&token).ok()?,
            access_key_id: id,
            expires: Timestamp::from_millisecond(claims.ex).ok()?,
        })
    }

    /// A person's role session, by an access key of theirs.
    fn person(&self, id: &AccessKeyId) -> Result<Principal, AuthenticationError> {
        let known = self.person_keys.get(id).ok_or(AuthenticationError::InvalidAccessKeyId)?;
        let session = known.session.clone().map_err(AuthenticationError::KeyRefused)?;
        let role = self.current_role(&session)?;
        Ok(Principal::session(session, &role, &self.place.account))
    }

    fn own_session(&self, session: Arc<OwnSession>) -> Result<Principal, AuthenticationError> {
        let (place, user) = (&self.place, self.parent_of(&session)?);
        Ok(match user {
            None => Principal::root_session(session, &place.partition, &place.account),
            Some(user) => Principal::user_session(session, &user, &place.account),
        })
    }

    /// Opens a token, or remembers having opened it.
    pub(crate) fn session(
        &self,
        id: &AccessKeyId,
        token: &str,
    ) -> Result<Recognised, AuthenticationError> {
        let digest = Sha256::new().chain_update(id.as_str()).chain_update([0]);
        let digest: [u8; 32] = digest.chain_update(token).finalize().into();
        let mut known = self.recognised.lock().unwrap_or_else(PoisonError::into_inner);
        let counting = self.keys.counting_now(self.now());
        if let Some((session, by)) = known.get(&digest) {
            // What was opened by keys whose tokens count no more is forgotten with them.
            let counts = counting.iter().any(|keys| keys.dates == *by);
            return if counts {
                Ok(session.clone())
            } else {
                Err(AuthenticationError::InvalidToken)
            };
        }
        drop(known);
        let opened = seal::open(&counting, id, token).ok_or(AuthenticationError::InvalidToken)?;
        let (opened, by) = (opened.0, opened.1.dates);
        let session = match opened {
            Opened::Role(claims) => {
                Session::read(*claims, &self.place.partition, &self.place.account)
                    .map(|session| Recognised::Role(Arc::new(session)))
            }
            Opened::Own(claims) => {
                OwnSession::read(claims).map(|session| Recognised::Own(Arc::new(session)))
            }
        };
        let session = session.ok_or(AuthenticationError::InvalidToken)?;
        known = self.recognised.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= RECOGNISED_MAX {
            known.clear();
        }
        known.insert(digest, (session.clone(), by));
        Ok(session)
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
