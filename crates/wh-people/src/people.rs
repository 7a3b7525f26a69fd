//! `People`: who is at the web door, and what this crate is made of.

use std::sync::Arc;

use jiff::Timestamp;
use wh_ledger::{AccessRevision, GrantRow, Holding, Ledger, LedgerError};
use wh_names::{BucketName, Clock, Entropy, KeyPrefix, RoleName};

use crate::forgotten::Requests;
use crate::hashing::Hasher;
use crate::mail::{MailAddress, Mailing};
use crate::passkeys::RelyingParty;
use crate::password::PasswordRules;
use crate::proof::FactorRule;
use crate::providers::Providers;
use crate::seed::SeedSeal;
use crate::throttle::Throttle;
use crate::{HashingOptions, SignOnOptions};

/// The grants that this crate gives by itself.
#[derive(Debug, Clone)]
pub struct StandardGrants {
    /// The bucket of the house.
    pub bucket: BucketName,
    /// What everybody who registers may do under `shared_prefix`.
    pub regular_role: RoleName,
    /// What is shared: `shared/`.
    pub shared_prefix: KeyPrefix,
    /// What everybody may do in their own home, where homes are on.
    pub home_role: RoleName,
    /// Where homes are: `home/`.
    pub home_prefix: KeyPrefix,
    /// What makes an administrator, when held on the whole bucket.
    pub admin_role: RoleName,
}

/// What [`People`] is made of.
#[derive(Debug)]
pub struct PeopleOptions {
    /// Where persons are written down.
    pub ledger: Ledger,
    /// The time.
    pub clock: Clock,
    /// Randomness for tokens, salts and identifiers.
    pub entropy: Entropy,
    /// How much work a password's hash is.
    pub hashing: HashingOptions,
    /// The grants that this crate gives by itself.
    pub standard: StandardGrants,
    /// Seals what second factors are made of.
    pub seal: SeedSeal,
    /// Who must have a second factor.
    pub factors: FactorRule,
    /// Where the house's page comes from; the first is what people type. Passkeys are bound to its
    /// host name.
    pub origins: Vec<String>,
    /// Which passwords are refused besides those that are refused everywhere.
    pub passwords: PasswordRules,
    /// The providers by which people may sign in. They send browsers back to the first of `origins`.
    pub sign_on: SignOnOptions,
    /// Whether what is written to people reaches them.
    pub mailing: Mailing,
}

/// The options are such that nobody could be served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// The hashing options are outside what Argon2 takes.
    #[error("argon2 takes no such cost: {memory_kib} KiB, {iterations} iterations, {lanes} lanes")]
    Hashing {
        /// Memory of one hash, in KiB.
        memory_kib: u32,
        /// Passes over the memory.
        iterations: u32,
        /// Lanes in the memory.
        lanes: u32,
    },
    /// A standard prefix is not a folder of its own with room for what comes under it.
    #[error("the prefix `{0}` must end in `/` and be shorter than 512 bytes")]
    Prefix(KeyPrefix),
}

impl OptionsError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Hashing { .. } => "people-hashing",
            Self::Prefix(_) => "people-prefix",
        }
    }
}

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegistrationMode {
    /// Anybody, at once.
    Open,
    /// Anybody, once an administrator has approved.
    Approval,
    /// Who gives a mail address of the listed domains and follows a link that is sent there, or for whom
    /// a provider has verified one; where mail reaches nobody, once an administrator has approved.
    Domains,
    /// Who has an invitation.
    Invitation,
    /// Nobody, invited or not.
    Closed,
}

impl RegistrationMode {
    /// The mode in one lower-case word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approval => "approval",
            Self::Domains => "domains",
            Self::Invitation => "invitation",
            Self::Closed => "closed",
        }
    }
}

/// What administrators set while the house runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Who may register.
    pub registration: RegistrationMode,
    /// Whether every new person gets a home.
    pub homes: bool,
    /// The mail domains that [`RegistrationMode::Domains`] is about, in lower case.
    pub domains: Vec<String>,
    /// Whether who registers by the form must give a mail address and follow a link that is sent there.
    pub mail_check: bool,
}

impl Settings {
    /// Whether a mail address is of a listed domain: of exactly that one, in whatever case.
    pub(crate) fn lists(&self, email: Option<&str>) -> bool {
        let given = email.and_then(|email| MailAddress::parse(email).ok());
        given.is_some_and(|given| self.domains.contains(&given.domain()))
    }

    /// The settings as rows.
    pub(crate) fn rows(&self) -> [(&'static str, String); 4] {
        let switch = |on: bool| if on { "on" } else { "off" }.to_owned();
        [
            (REGISTRATION, self.registration.as_str().to_owned()),
            (HOMES, switch(self.homes)),
            (DOMAINS, self.domains.join(" ")),
            (MAIL_CHECK, switch(self.mail_check)),
        ]
    }
}

/// Standard prefixes are shorter than this many bytes: names in them need room.
const PREFIX_BYTES_MAX: usize = 512;

const REGISTRATION: &str = "registration";
const HOMES: &str = "homes";
const DOMAINS: &str = "mail-domains";
const MAIL_CHECK: &str = "mail-check";

/// Who is at the web door. Cloning shares it.
#[derive(Debug, Clone)]
pub struct People(Arc<Inner>, Ledger);

#[derive(Debug)]
struct Inner {
    clock: Clock,
    entropy: Entropy,
    hasher: Hasher,
    throttle: Throttle,
    standard: StandardGrants,
    administration: Holding,
    seal: SeedSeal,
    rule: FactorRule,
    party: Option<RelyingParty>,
    passwords: PasswordRules,
    providers: Providers,
    origins: Vec<String>,
    mailing: Mailing,
    requests: Requests,
}

impl People {
    /// People, over a ledger. Touches neither ledger nor clock; fails on the options alone.
    pub fn new(options: PeopleOptions) -> Result<Self, OptionsError> {
        let PeopleOptions {
            ledger,
            clock,
            entropy,
            hashing,
            standard,
            seal,
            factors,
            origins,
            passwords,
            sign_on,
            mailing,
        } = options;
        for prefix in [&standard.shared_prefix, &standard.home_prefix] {
            // The empty prefix would be the whole bucket, and everybody's home in it.
            if !prefix.as_str().ends_with('/') || prefix.as_str().len() >= PREFIX_BYTES_MAX {
                return Err(OptionsError::Prefix(prefix.clone()));
            }
        }
        let hasher = Hasher::new(hashing, entropy.clone())?;
        let administration = Holding {
            role: standard.admin_role.clone(),
            bucket: standard.bucket.clone(),
            prefix: KeyPrefix::everything(),
        };
        let throttle = Throttle::default();
        let inner = Inner {
            clock,
            entropy,
            hasher,
            throttle,
            standard,
            administration,
            seal,
            rule: factors,
            party: RelyingParty::of(&origins),
            passwords,
            providers: Providers::new(sign_on, &origins),
            origins,
            mailing,
            requests: Requests::default(),
        };
        Ok(Self(Arc::new(inner), ledger))
    }

    /// How many passwords are hashed or wait for it at once; who comes beyond is told to come again.
    pub fn hashes_at_once(&self) -> usize {
        self.0.hasher.places()
    }

    /// How many of those are hashed at the same time.
    pub fn hashes_in_parallel(&self) -> usize {
        self.0.hasher.parallel()
    }

    /// Who may register now.
    pub async fn registration_mode(&self) -> Result<RegistrationMode, LedgerError> {
        Ok(self.settings_now().await?.registration)
    }

    /// Whether who registers now must give a mail address.
    pub async fn registration_asks_for_email(&self) -> Result<bool, LedgerError> {
        let settings = self.settings_now().await?;
        Ok(settings.mail_check || settings.registration == RegistrationMode::Domains)
    }

    /// The settings now. What was never set, or cannot be read, is closed and off.
    pub(crate) async fn settings_now(&self) -> Result<Settings, LedgerError> {
        let registration = self.ledger().setting(REGISTRATION).await?;
        let registration = match registration.as_deref() {
            Some("open") => RegistrationMode::Open,
            Some("approval") => RegistrationMode::Approval,
            Some("domains") => RegistrationMode::Domains,
            Some("invitation") => RegistrationMode::Invitation,
            Some(_) | None => RegistrationMode::Closed,
        };
        let homes = self.ledger().setting(HOMES).await?.as_deref() == Some("on");
        let domains = self.ledger().setting(DOMAINS).await?.unwrap_or_default();
        let domains = domains.split_whitespace().map(str::to_owned).collect();
        let mail_check = self.ledger().setting(MAIL_CHECK).await?.as_deref() == Some("on");
        Ok(Settings { registration, homes, domains, mail_check })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.1
    }

    /// The same people, whose access is changed at this revision of it or not at all. Good for one change.
    #[must_use = "what is changed by the people that come back is what was weighed"]
    pub fn weighed_at(&self, revision: AccessRevision) -> Self {
        Self(Arc::clone(&self.0), self.1.weighed_at(revision))
    }

    pub(crate) fn entropy(&self) -> &Entropy {
        &self.0.entropy
    }

    pub(crate) fn hasher(&self) -> &Hasher {
        &self.0.hasher
    }

    pub(crate) fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    pub(crate) fn seal(&self) -> &SeedSeal {
        &self.0.seal
    }

    pub(crate) fn passwords(&self) -> &PasswordRules {
        &self.0.passwords
    }

    pub(crate) fn providers(&self) -> &Providers {
        &self.0.providers
    }

    /// The house as authenticators know it; none where it has no name.
    pub(crate) fn party(&self) -> Option<&RelyingParty> {
        self.0.party.as_ref()
    }

    /// Where the house's page comes from; the first is what people type.
    pub(crate) fn origins(&self) -> &[String] {
        &self.0.origins
    }

    pub(crate) fn mailing_rule(&self) -> Mailing {
        self.0.mailing
    }

    pub(crate) fn requests(&self) -> &Requests {
        &self.0.requests
    }

    pub(crate) fn rule(&self) -> FactorRule {
        self.0.rule
    }

    /// The bucket of the house, where its grants are.
    pub fn bucket(&self) -> &BucketName {
        &self.0.standard.bucket
    }

    pub(crate) fn standard(&self) -> &StandardGrants {
        &self.0.standard
    }

    /// Whether a grant makes an administrator: given by name, and without an end.
    pub fn makes_administrator(&self, grant: &GrantRow) -> bool {
        self.0.administration.is_given_by(grant)
    }

    /// The grant that makes an administrator.
    pub(crate) fn administration(&self) -> &Holding {
        &self.0.administration
    }
}
