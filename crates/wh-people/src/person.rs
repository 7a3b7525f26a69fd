//! `Person` and `Administrator`: somebody whose session was recognised.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use wh_ledger::{Factors, PersonRow, ProofKind, SessionRow};
use wh_names::{Entropy, NameError, Secret, SecretDigest, Uid};

use crate::DeviceToken;
use crate::proof::{FactorRule, is_fresh};
use crate::scope::Scope;
use crate::second_factor::Standing;
use crate::viewing::Seen;

/// Somebody at the web door, recognised by a session or an API token. Only this crate mints one, for each request
/// anew; for upkeep in somebody's absence see [`People::on_behalf_of`](crate::People::on_behalf_of).
#[derive(Debug, Clone)]
pub struct Person {
    uid: Uid,
    name: String,
    session: String,
    digest: SecretDigest,
    expires: Timestamp,
    administrator: bool,
    factors: Factors,
    rule: FactorRule,
    proved_at: Timestamp,
    proved_by: ProofKind,
    fresh: bool,
    scope: Option<Arc<Scope>>,
    seen: Option<Arc<Seen>>,
}

impl Person {
    pub(crate) fn mint(row: &PersonRow, session: &SessionRow, standing: Standing) -> Self {
        let Standing { administrator, factors, rule, now } = standing;
        Self {
            uid: row.uid.clone(),
            name: row.name.clone(),
            session: session.sid.clone(),
            digest: session.digest,
            expires: session.expires_at,
            administrator,
            factors,
            rule,
            proved_at: session.proved_at,
            proved_by: session.proved_by,
            fresh: is_fresh(session, factors, now),
            scope: None,
            seen: None,
        }
    }

    /// Somebody who came by an API token: no administrator, and nothing that they proved is fresh. The
    /// token's digest is that of no session.
    pub(crate) fn mint_scoped(
        row: &PersonRow,
        scope: Scope,
        (digest, standing): (SecretDigest, Standing),
    ) -> Self {
        Self {
            uid: row.uid.clone(),
            name: row.name.clone(),
            session: scope.token().id.as_str().to_owned(),
            digest,
            expires: scope.expires(),
            administrator: false,
            factors: standing.factors,
            rule: standing.rule,
            proved_at: Timestamp::UNIX_EPOCH,
            proved_by: ProofKind::Password,
            fresh: false,
            scope: Some(Arc::new(scope)),
            seen: None,
        }
    }

    /// The same session, in which its administrator sees as somebody else: no administrator, and nothing
    /// that was proved is fresh.
    pub(crate) fn seen_as(self, uid: Uid, seen: Seen) -> Self {
        let name = if seen.over { self.name.clone() } else { seen.name.clone() };
        let (factors, rule) = (Factors::default(), FactorRule::Optional);
        Self {
            uid,
            name,
            administrator: false,
            factors,
            rule,
            proved_at: Timestamp::UNIX_EPOCH,
            fresh: false,
            scope: None,
            seen: Some(Arc::new(seen)),
            ..self
        }
    }

    /// By whom this is only seen, if it is: somebody who may look, and do nothing.
    pub fn seen(&self) -> Option<&Seen> {
        self.seen.as_deref()
    }

    /// The bounds of the API token that the person came by, if they did.
    pub fn scope(&self) -> Option<&Scope> {
        self.scope.as_deref()
    }

    /// Who it is, for ever.
    pub fn uid(&self) -> &Uid {
        &self.uid
    }

    /// The name as the person writes it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the session is called in role session names, `u-<uid>-<sid>`; it opens nothing.
    pub fn session_id(&self) -> &str {
        &self.session
    }

    /// When the session ends, used or not.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// Whether the person is an administrator.
    pub fn is_administrator(&self) -> bool {
        self.administrator
    }

    /// Whether the person has set up a second factor.
    pub fn has_second_factor(&self) -> bool {
        self.factors.any()
    }

    /// What the person can prove besides the password.
    pub fn factors(&self) -> Factors {
        self.factors
    }

    /// Whether the person's second factor is their provider's: by a password nothing is proved then.
    pub fn has_provider_factor(&self) -> bool {
        self.factors.provider
    }

    /// Whether the person must have a second factor for all that they may do: whoever the house asks one
    /// of, unless this session began with a second factor of their provider that counts.
    pub fn second_factor_required(&self) -> bool {
        let asked = match self.rule {
            FactorRule::Everybody => true,
            FactorRule::Required => self.administrator,
            FactorRule::Optional => false,
        };
        asked && self.proved_by != ProofKind::ProviderFactor
    }

    /// Whether the person's own account is all that is open to them, until they have a second factor.
    pub fn reaches_account_alone(&self) -> bool {
        self.rule == FactorRule::Everybody && self.lacks_second_factor()
    }

    /// Whether the person must have a second factor and has none. Until then nothing is made for them that
    /// outlives the page: it would be an administrator's without the factor.
    pub fn lacks_second_factor(&self) -> bool {
        self.second_factor_required() && !self.has_second_factor()
    }

    /// The person as administrator, if they are one and have the second factor that it takes.
    pub fn administrator(&self) -> Result<Administrator, NotAdministrator> {
        if !self.administrator || self.seen.is_some() {
            return Err(NotAdministrator::NoGrant);
        }
        if self.lacks_second_factor() {
            return Err(NotAdministrator::SecondFactorMissing);
        }
        Ok(Administrator(self.clone()))
    }

    pub(crate) fn is_fresh(&self) -> bool {
        self.fresh
    }

    pub(crate) fn proved_at(&self) -> Timestamp {
        self.proved_at
    }

    pub(crate) fn proved_by(&self) -> ProofKind {
        self.proved_by
    }

    pub(crate) fn session_digest(&self) -> SecretDigest {
        self.digest
    }
}

/// A person who holds `AdminRole` on the whole bucket, and has a second factor where the house asks
/// it. Only this crate mints one.
#[derive(Debug, Clone)]
pub struct Administrator(Person);

impl Administrator {
    /// Who it is, for ever.
    pub fn uid(&self) -> &Uid {
        self.0.uid()
    }

    /// The person.
    pub fn person(&self) -> &Person {
        &self.0
    }
}

/// Why a person is not taken for an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAdministrator {
    /// They are none.
    #[error("only an administrator may do this")]
    NoGrant,
    /// They are one, and have not set up the second factor that it takes.
    #[error(
        "set up two-step sign-in on your account page (/account) first: it is required for this"
    )]
    SecondFactorMissing,
}

impl NotAdministrator {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoGrant => "not-administrator",
            Self::SecondFactorMissing => "second-factor-required",
        }
    }
}

impl TryFrom<Person> for Administrator {
    type Error = NotAdministrator;

    fn try_from(person: Person) -> Result<Self, NotAdministrator> {
        person.administrator()
    }
}

/// 64 lower-case hexadecimal digits, or a refusal.
pub(crate) fn token(input: &str) -> Result<Secret, NameError> {
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    let shaped = input.len() == 64 && input.bytes().all(hex);
    // Whatever is refused is refused as the empty secret is: without being repeated.
    Secret::parse(if shaped { input } else { "" })
}

/// What a sign-in is recognised by at its second step, or a browser that comes back from a provider. It
/// opens nothing else.
#[derive(Debug, Clone)]
pub struct SignInToken(Secret);

impl SignInToken {
    /// Accepts 64 lower-case hexadecimal digits.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        token(input).map(Self)
    }

    pub(crate) fn random(entropy: &Entropy) -> Self {
        Self(Secret::random(entropy))
    }

    /// The token itself, for the cookie.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(crate) fn digest(&self) -> SecretDigest {
        self.0.digest()
    }
}

/// What a session is recognised by: 256 random bits that only the person's browser keeps.
#[derive(Debug, Clone)]
pub struct SessionToken(Secret);

impl SessionToken {
    /// Accepts 64 lower-case hexadecimal digits.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        token(input).map(Self)
    }

    pub(crate) fn random(entropy: &Entropy) -> Self {
        Self(Secret::random(entropy))
    }

    /// The token itself, for the cookie.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(crate) fn digest(&self) -> SecretDigest {
        self.0.digest()
    }
}

/// Somebody who has just proved who they are: the person, and the token of their new session.
#[derive(Debug)]
#[must_use = "the token is shown once, and without it the session is lost"]
pub struct SignedIn {
    /// What the session is recognised by from now on.
    pub token: SessionToken,
    /// Who it is.
    pub person: Person,
}

/// Who is at the other end of the connection.
#[derive(Debug, Clone, Default)]
pub struct Peer {
    /// The client's address, where it is known.
    pub ip: Option<IpAddr>,
    /// What the client's program calls itself.
    pub user_agent: Option<String>,
    /// What the client's browser is recognised by, if it shows anything: known or not.
    pub device: Option<DeviceToken>,
}
