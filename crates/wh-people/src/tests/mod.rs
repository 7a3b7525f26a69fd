//! What people are promised at the web door, claim by claim.

mod administration;
mod advisories;
mod api_tokens;
mod deletion;
mod groups;
mod guessing;
mod invitations;
mod login;
mod mail;
mod names;
mod passkeys;
mod password_links;
mod passwords;
mod providers;
mod registration;
mod second_factors;
mod sessions;
mod setup;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{GrantRow, Ledger};
use wh_names::{BucketName, Clock, Entropy, KeyPrefix, RoleName, Secret, Uid};
use zeroize::Zeroizing;

use crate::*;

/// A password that anybody here may use.
const GOOD: &str = "seven wet otters juggle";

/// Another one.
const OTHER: &str = "nine dry badgers whistle";

/// A house with people whose time the test tells.
struct House {
    people: People,
    ledger: Ledger,
    millis: Arc<AtomicI64>,
}

/// Cheap enough to be done a hundred times, Argon2id all the same.
const CHEAP: HashingOptions =
    HashingOptions { memory_kib: 64, iterations: 1, lanes: 1, parallel: 4 };

pub(crate) fn entropy() -> Entropy {
    // Unpredictable to nobody, and never the same twice.
    let counter = AtomicU64::new(1);
    Entropy::new(move |out| {
        for chunk in out.chunks_mut(8) {
            let mut x = counter.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            let bytes = (x ^ (x >> 31)).to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    })
}

/// What a house of these tests asks of passwords and factors, and whether its mail is sent.
type Rules = (HashingOptions, FactorRule, (PasswordRules, Mailing));

fn standard() -> StandardGrants {
    let role = |name| RoleName::parse(name).expect("a role");
    let prefix = |text| KeyPrefix::parse(text).expect("a prefix");
    StandardGrants {
        bucket: BucketName::parse("wellhouse-files").expect("a bucket"),
        regular_role: role("RegularUserRole"),
        shared_prefix: prefix("shared/"),
        home_role: role("S3AccessRole"),
        home_prefix: prefix("home/"),
        admin_role: role("AdminRole"),
    }
}

impl House {
    async fn new() -> Self {
        Self::with(CHEAP).await
    }

    async fn with(hashing: HashingOptions) -> Self {
        Self::under(hashing, FactorRule::Optional).await
    }

    async fn under(hashing: HashingOptions, administrators: FactorRule) -> Self {
        Self::made(hashing, administrators, (PasswordRules::default(), Mailing::NotSetUp)).await
    }

    async fn ruled(passwords: PasswordRules) -> Self {
        Self::made(CHEAP, FactorRule::Optional, (passwords, Mailing::NotSetUp)).await
    }

    async fn made(
        hashing: HashingOptions,
        administrators: FactorRule,
        passwords: (PasswordRules, Mailing),
    ) -> Self {
        let millis = Arc::new(AtomicI64::new(1_800_000_000_000));
        Self::over(millis, (hashing, administrators, passwords), SignOnOptions::default()).await
    }

    async fn over(millis: Arc<AtomicI64>, rules: Rules, sign_on: SignOnOptions) -> Self {
        let ledger = Ledger::in_memory().await.expect("a ledger");
        let people = Self::node((&ledger, &millis), rules, sign_on);
        Self { people, ledger, millis }
    }

    /// Another node over the same ledger.
    fn another_node(&self) -> People {
        let passwords = (PasswordRules::default(), Mailing::NotSetUp);
        let rules = (CHEAP, FactorRule::Optional, passwords);
        Self::node((&self.ledger, &self.millis), rules, SignOnOptions::default())
    }

    fn node(
        (ledger, millis): (&Ledger, &Arc<AtomicI64>),
        (hashing, administrators, (passwords, mailing)): Rules,
        sign_on: SignOnOptions,
    ) -> People {
        let told = Arc::clone(millis);
        let clock = Clock::new(move || {
            Timestamp::from_millisecond(told.load(Ordering::Relaxed)).expect("a time")
        });
        let options = PeopleOptions {
            ledger: ledger.clone(),
            clock,
            entropy: entropy(),
            hashing,
            standard: standard(),
            seal: seal(),
            factors: administrators,
            origins: vec!["https://files.example.org".to_owned()],
            passwords,
            sign_on,
            mailing,
        };
        People::new(options).expect("people")
    }

    /// A house that was set up by `root`, open to all, with homes.
    async fn open() -> (Self, ProvenAdministrator) {
        let house = Self::new().await;
        let root = house.set_up(RegistrationMode::Open).await;
        (house, proven(&root.person))
    }

    async fn set_up(&self, registration: RegistrationMode) -> SignedIn {
        let token = self.people.issue_setup_token().await.expect("a token");
        let form = setup_form(token, registration);
        self.people.complete_setup(form, &Peer::default()).await.expect("set up")
    }

    fn pass(&self, time: SignedDuration) {
        let millis = i64::try_from(time.as_millis()).expect("a short time");
        self.millis.fetch_add(millis, Ordering::Relaxed);
    }

    fn now(&self) -> Timestamp {
        self.people.now()
    }

    async fn register(&self, name: &str) -> Result<Registered, RegistrationError> {
        self.people.register(registration_form(name), &Peer::default()).await
    }

    async fn login(&self, name: &str, password: &str) -> Result<SignedIn, LoginError> {
        let form = LoginForm { name: name.to_owned(), password: secret(password) };
        match self.people.login(form, &Peer::default()).await? {
            Entered::SignedIn(session) => Ok(session),
            Entered::HalfWay { .. } => panic!("{name} has a second factor"),
            Entered::LongerPassword { .. } => panic!("{name}'s password is too short"),
        }
    }

    /// Somebody who registered and signed in.
    async fn somebody(&self, name: &str) -> SignedIn {
        self.register(name).await.expect("registered");
        self.login(name, GOOD).await.expect("signed in")
    }

    async fn is_signed_in(&self, token: &SessionToken) -> bool {
        match self.people.recognise(token).await {
            Ok(_) => true,
            Err(NotSignedIn::NoSession) => false,
            Err(NotSignedIn::Ledger(error)) => panic!("{error:?}"),
        }
    }
}

/// An administrator who has just proved who they are.
fn proven(person: &Person) -> ProvenAdministrator {
    let administrator = person.administrator().expect("an administrator");
    ProvenAdministrator::try_from(administrator).expect("a fresh proof")
}

/// Bound to the person, as the real one is; it hides nothing.
fn seal() -> SeedSeal {
    SeedSeal {
        seal: Arc::new(|uid, seed| Some(format!("{uid}:{seed:?}"))),
        open: Arc::new(|uid, sealed| {
            let list = sealed.strip_prefix(uid.as_str())?.strip_prefix(":[")?.strip_suffix(']')?;
            let bytes: Result<Vec<u8>, _> = list.split(", ").map(str::parse).collect();
            bytes.ok().map(Zeroizing::new)
        }),
    }
}

fn secret(text: &str) -> Secret {
    Secret::parse(text).expect("a secret")
}

fn registration_form(name: &str) -> RegistrationForm {
    RegistrationForm { name: name.to_owned(), email: None, password: secret(GOOD) }
}

fn setup_form(token: Secret, registration: RegistrationMode) -> SetupForm {
    SetupForm {
        token,
        name: "root".to_owned(),
        email: Some("root@example.org".to_owned()),
        password: secret(GOOD),
        registration,
        homes: true,
    }
}

fn uid_of(registered: &Registered) -> Uid {
    let (Registered::Active(uid) | Registered::Pending(uid) | Registered::Unchecked(uid)) =
        registered
    else {
        panic!("the name is taken");
    };
    uid.clone()
}

/// What grants give, in a form to compare: `role prefix`, sorted.
fn rights(grants: &[GrantRow]) -> Vec<String> {
    let mut out: Vec<String> = grants.iter().map(|g| format!("{} {}", g.role, g.prefix)).collect();
    out.sort();
    out
}
