//! API tokens: by which a person's scripts use the portal's API. Made after a fresh proof, shown once,
//! recognised by a digest, revoked for good.
//!
//! Invariant: whoever comes by a token is never an administrator, has never proved who they are lately,
//! and holds no more than their person does at that moment, cut down to the token's [`Scope`].

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{
    ApiTokenRow, ApiTokenUse, AuditKind, AuditRecord, LedgerError, PersonStatus, RowId, TokenAction,
};
use wh_names::{Entropy, NameError, Secret, SecretDigest, Uid};

use crate::mail::Notice;
use crate::person::token;
use crate::scope::{Scope, TokenName};
use crate::second_factor::Standing;
use crate::{
    AdministrationError, Administrator, NotAdministrator, Peer, People, Person, Proven,
    ProvenAdministrator,
};

/// What every token begins with, so that whoever finds one knows what it is.
pub const API_TOKEN_PREFIX: &str = "wh_pat_";

/// How long a token may live, in days.
pub const API_TOKEN_DAYS_MAX: u32 = 365;

/// How many tokens that count a person may have.
pub const API_TOKENS_MAX: u32 = 20;

/// The longest name of a token, in characters.
const NAME_CHARS_MAX: usize = 60;

/// For how many locations one token may be.
const LOCATIONS_MAX: usize = 20;

/// A use is written down when the last note is this old, or of another address.
const TOUCH_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// What somebody's script holds: `wh_pat_` and 256 random bits.
#[derive(Debug, Clone)]
pub struct ApiToken(Secret);

impl ApiToken {
    /// Accepts `wh_pat_` and 64 lower-case hexadecimal digits.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        token(input.strip_prefix(API_TOKEN_PREFIX).unwrap_or_default()).map(Self)
    }

    fn random(entropy: &Entropy) -> Self {
        Self(Secret::random(entropy))
    }

    /// The token as it is shown, once.
    pub fn to_text(&self) -> Result<Secret, NameError> {
        Secret::parse(&format!("{API_TOKEN_PREFIX}{}", self.0.expose()))
    }

    fn digest(&self) -> SecretDigest {
        self.0.digest()
    }
}

/// The token that a person wishes for.
#[derive(Debug, Clone)]
pub struct TokenForm {
    /// What it is to be called.
    pub name: String,
    /// The locations that it is for: ids of the person's grants.
    pub locations: Vec<String>,
    /// What it may do there at most.
    pub actions: Vec<TokenAction>,
    /// How many days it shall live.
    pub days: u32,
}

/// Whether a token counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenStanding {
    /// It counts.
    Active,
    /// It was revoked.
    Revoked,
    /// Its time is over.
    Expired,
}

/// A token as its person sees it.
#[derive(Debug, Clone)]
pub struct TokenRecord {
    /// The token. What it opens with is not in it.
    pub row: ApiTokenRow,
    /// Whether it counts.
    pub standing: TokenStanding,
}

/// A token that was made.
#[derive(Debug)]
#[must_use = "the token is shown once"]
pub struct MadeToken {
    /// What is kept of it.
    pub record: TokenRecord,
    /// The token itself.
    pub token: Secret,
}

/// Why there is no token, or none any more.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The name is empty, too long, or holds a control character.
    #[error("the name must have 1–60 characters and no control characters")]
    Name,
    /// A token is for some of the person's locations.
    #[error("name 1–20 of your own locations, each once")]
    Locations,
    /// A token is for some actions.
    #[error("name at least one of `list`, `read`, `write` and `delete`, each once")]
    Actions,
    /// It would live too short or too long.
    #[error("a token may live between 1 and 365 days")]
    Life,
    /// The person must have a second factor and has none.
    #[error(transparent)]
    SecondFactorMissing(#[from] NotAdministrator),
    /// The person has as many tokens as they may.
    #[error("a person may have 20 API tokens: revoke one first")]
    TooMany,
    /// The person has no such token that is not revoked.
    #[error("there is no such API token, or it is revoked already")]
    NoSuchToken,
    /// In the meantime the session ended, or the person was shut out.
    #[error("the session has ended")]
    Ended,
    /// No token could be made.
    #[error("no token could be made")]
    NotMade,
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl TokenError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Name => "token-name-invalid",
            Self::Locations => "token-locations-invalid",
            Self::Actions => "token-actions-invalid",
            Self::Life => "token-life-invalid",
            Self::SecondFactorMissing(error) => error.code(),
            Self::TooMany => "too-many-tokens",
            Self::NoSuchToken => "no-such-token",
            Self::Ended => "not-signed-in",
            Self::NotMade => "token-not-made",
            Self::Ledger(error) => error.code(),
        }
    }

    /// The field at fault, if one is.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Name => Some("name"),
            Self::Locations => Some("locations"),
            Self::Actions => Some("actions"),
            Self::Life => Some("days"),
            Self::SecondFactorMissing(_)
            | Self::TooMany
            | Self::NoSuchToken
            | Self::Ended
            | Self::NotMade
            | Self::Ledger(_) => None,
        }
    }
}

/// Why a token opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum TokenRefusal {
    /// Nobody has such a token.
    #[error("there is no such API token")]
    Unknown,
    /// It was revoked, or its person was shut out.
    #[error("the API token was revoked")]
    Revoked(TokenName),
    /// Its time is over.
    #[error("the API token has expired")]
    Expired(TokenName),
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl TokenRefusal {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "token-unknown",
            Self::Revoked(_) => "token-revoked",
            Self::Expired(_) => "token-expired",
            Self::Ledger(error) => error.code(),
        }
    }

    /// Which token it was, where that is known.
    pub fn token(&self) -> Option<&TokenName> {
        match self {
            Self::Revoked(name) | Self::Expired(name) => Some(name),
            Self::Unknown | Self::Ledger(_) => None,
        }
    }
}

impl People {
    /// The person whose token this is, as they stand at this moment, within the token's scope.
    pub async fn recognise_token(
        &self,
        token: &ApiToken,
        peer: &Peer,
    ) -> Result<Person, TokenRefusal> {
        let now = self.now();
        let row = self.ledger().api_token(&token.digest()).await?;
        let row = row.ok_or(TokenRefusal::Unknown)?;
        // Memory learns of an end before the disk does.
        if row.revoked_at.is_some() || self.ledger().session_revoked(row.id.as_str()) {
            return Err(TokenRefusal::Revoked(TokenName::of(&row)));
        }
        if now >= row.expires_at {
            return Err(TokenRefusal::Expired(TokenName::of(&row)));
        }
        let person = self.ledger().person(&row.uid).await?;
        let person = person.filter(|person| person.status == PersonStatus::Active);
        let person = person.ok_or_else(|| TokenRefusal::Revoked(TokenName::of(&row)))?;
        self.note_use(&row, peer, now).await?;
        let standing = Standing { administrator: false, ..self.standing_of(&row.uid).await? };
        Ok(Person::mint_scoped(&person, Scope::of(&row), (row.digest, standing)))
    }

    /// A person who is not here, for what they began by an API token; `None` where the token no longer
    /// counts, or they are not active. What it may do is what the token may.
    pub async fn on_behalf_of_token(
        &self,
        uid: &Uid,
        token: &RowId,
    ) -> Result<Option<Person>, LedgerError> {
        let rows = self.ledger().api_tokens_of(uid).await?;
        let row = rows.into_iter().find(|row| row.id == *token).filter(|row| {
            standing(row, self.now()) == TokenStanding::Active
                && !self.ledger().session_revoked(row.id.as_str())
        });
        let person = self.ledger().person(uid).await?;
        let person = person.filter(|person| person.status == PersonStatus::Active);
        let Some((row, person)) = row.zip(person) else { return Ok(None) };
        let standing = Standing { administrator: false, ..self.standing_of(uid).await? };
        Ok(Some(Person::mint_scoped(&person, Scope::of(&row), (row.digest, standing))))
    }

    async fn note_use(
        &self,
        row: &ApiTokenRow,
        peer: &Peer,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        let used = ApiTokenUse { at: now, ip: peer.ip.map(|ip| ip.to_string()) };
        let is_noted = row
            .used
            .as_ref()
            .is_some_and(|noted| noted.ip == used.ip && now.duration_since(noted.at) < TOUCH_AFTER);
        if is_noted { Ok(()) } else { self.ledger().note_api_token_use(&row.id, &used).await }
    }

    /// A person's own tokens, the newest first; those that ended are remembered for a while.
    pub async fn own_tokens(&self, person: &Person) -> Result<Vec<TokenRecord>, LedgerError> {
        self.tokens_now(person.uid()).await
    }

    /// The tokens of a person, the newest first; those that ended are remembered for a while.
    pub async fn tokens_of(
        &self,
        _administrator: &Administrator,
        uid: &Uid,
    ) -> Result<Vec<TokenRecord>, AdministrationError> {
        self.existing(uid).await?;
        Ok(self.tokens_now(uid).await?)
    }

    async fn tokens_now(&self, uid: &Uid) -> Result<Vec<TokenRecord>, LedgerError> {
        let now = self.now();
        let rows = self.ledger().api_tokens_of(uid).await?.into_iter();
        Ok(rows.map(|row| TokenRecord { standing: standing(&row, now), row }).collect())
    }

    /// Makes a token for some of the person's locations.
    pub async fn make_token(
        &self,
        proven: &Proven,
        form: TokenForm,
        peer: &Peer,
    ) -> Result<MadeToken, TokenError> {
        let (person, now) = (proven.person(), self.now());
        if person.lacks_second_factor() {
            return Err(NotAdministrator::SecondFactorMissing.into());
        }
        let name = checked_name(&form.name)?;
        let actions = checked_actions(form.actions)?;
        let expires_at = checked_life(form.days, now)?;
        let held = self.grants_for(person).await?;
        let held: Vec<RowId> = held.into_iter().map(|grant| grant.id).collect();
        let grants = checked_locations(&form.locations, &held)?;
        let token = ApiToken::random(self.entropy());
        let row = ApiTokenRow {
            id: RowId::generate(now, self.entropy()),
            uid: person.uid().clone(),
            digest: token.digest(),
            name,
            grants,
            actions,
            created_at: now,
            expires_at,
            used: None,
            revoked_at: None,
        };
        let record = self.token_record("CreateApiToken", (person.uid(), &row), peer);
        let bounds = (API_TOKENS_MAX, person.session_id());
        let mails = self.notice(person.uid(), &Notice::TokenMade { name: &row.name });
        match self.ledger().with_mails(mails).insert_api_token(&row, bounds, &record).await {
            Ok(true) => {}
            Ok(false) => return Err(TokenError::TooMany),
            Err(LedgerError::Conflict { what: "session" }) => return Err(TokenError::Ended),
            Err(error) => return Err(error.into()),
        }
        let token = token.to_text().map_err(|_| TokenError::NotMade)?;
        Ok(MadeToken { record: TokenRecord { row, standing: TokenStanding::Active }, token })
    }

    /// Ends one of the person's tokens for good, and whatever was issued for it, within a second
    /// everywhere.
    pub async fn revoke_token(
        &self,
        person: &Person,
        id: &str,
        peer: &Peer,
    ) -> Result<(), TokenError> {
        self.end_token((person.uid(), id), person.uid(), peer).await
    }

    /// Ends a token of a person for good, and whatever was issued for it, within a second everywhere.
    pub async fn end_token_of(
        &self,
        administrator: &ProvenAdministrator,
        (uid, id): (&Uid, &str),
        peer: &Peer,
    ) -> Result<(), TokenError> {
        self.end_token((uid, id), administrator.uid(), peer).await
    }

    async fn end_token(
        &self,
        (uid, id): (&Uid, &str),
        by: &Uid,
        peer: &Peer,
    ) -> Result<(), TokenError> {
        let tokens = self.ledger().api_tokens_of(uid).await?;
        let row = tokens.into_iter().find(|row| row.id.as_str() == id);
        let row = row.ok_or(TokenError::NoSuchToken)?;
        let record = self.token_record("RevokeApiToken", (by, &row), peer);
        let done = self.ledger().revoke_api_token(uid, &row.id, &record).await?;
        done.then_some(()).ok_or(TokenError::NoSuchToken)
    }

    /// What somebody does to a token, for the audit log.
    fn token_record(
        &self,
        operation: &str,
        (by, row): (&Uid, &ApiTokenRow),
        peer: &Peer,
    ) -> AuditRecord {
        let uid = &row.uid;
        let actions: Vec<&str> = row.actions.iter().map(|action| action.as_str()).collect();
        let grants: Vec<&str> = row.grants.iter().map(RowId::as_str).collect();
        let (actions, grants) = (actions.join(", "), grants.join(", "));
        let until = row.expires_at;
        AuditRecord {
            at: self.now(),
            kind: AuditKind::Intent,
            request_id: format!("{:032x}", u128::from_be_bytes(self.entropy().bytes::<16>())),
            operation: operation.to_owned(),
            action: format!("wellhouse:{operation}"),
            resource: format!("person/{uid}/api-token/{}", row.id),
            principal: format!("person/{by}"),
            source_identity: Some(by.as_str().to_owned()),
            source_ip: peer.ip.map(|ip| ip.to_string()),
            detail: Some(format!("`{}`: {actions} by grants {grants} until {until}", row.name)),
        }
    }
}

fn standing(row: &ApiTokenRow, now: Timestamp) -> TokenStanding {
    match row.revoked_at {
        Some(_) => TokenStanding::Revoked,
        None if now >= row.expires_at => TokenStanding::Expired,
        None => TokenStanding::Active,
    }
}

fn checked_name(name: &str) -> Result<String, TokenError> {
    let name = name.trim();
    let ok = (1..=NAME_CHARS_MAX).contains(&name.chars().count());
    if !ok || name.chars().any(char::is_control) {
        return Err(TokenError::Name);
    }
    Ok(name.to_owned())
}

fn checked_actions(mut actions: Vec<TokenAction>) -> Result<Vec<TokenAction>, TokenError> {
    let wished = actions.len();
    actions.sort_unstable();
    actions.dedup();
    if actions.is_empty() || actions.len() != wished {
        return Err(TokenError::Actions);
    }
    Ok(actions)
}

fn checked_life(days: u32, now: Timestamp) -> Result<Timestamp, TokenError> {
    if !(1..=API_TOKEN_DAYS_MAX).contains(&days) {
        return Err(TokenError::Life);
    }
    let life = SignedDuration::from_hours(24 * i64::from(days));
    now.checked_add(life).map_err(|_| TokenError::Life)
}

/// The grants that are named, each held and named once.
fn checked_locations(named: &[String], held: &[RowId]) -> Result<Vec<RowId>, TokenError> {
    let found = held.iter().filter(|id| named.iter().any(|name| name == id.as_str()));
    let found: Vec<RowId> = found.cloned().collect();
    if !(1..=LOCATIONS_MAX).contains(&named.len()) || found.len() != named.len() {
        return Err(TokenError::Locations);
    }
    Ok(found)
}
