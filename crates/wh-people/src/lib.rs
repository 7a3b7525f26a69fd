//! Who is at the web door: registration, passwords, sessions, set-up.
//!
//! [`Person`] and [`Administrator`] are minted here and nowhere else; to hold one is to know that a
//! session was recognised. A login reads on one screen in `login.rs`.
//!
//! Invariant: a password leaves this crate as an Argon2id hash or not at all, a session's token is
//! stored as its digest, the seed of a second factor is stored sealed, and nobody comes to rights by registering but through `provision.rs`.
//!
//! ```compile_fail,E0451
//! fn forge(person: wh_people::Person) -> wh_people::Person {
//!     wh_people::Person { name: "root".into(), administrator: true, ..person }
//! }
//! ```
//!
//! ```compile_fail,E0423
//! fn forge(person: wh_people::Person) -> wh_people::Administrator {
//!     wh_people::Administrator(person)
//! }
//! ```
//!
//! ```compile_fail,E0423
//! fn forge(administrator: wh_people::Administrator) -> wh_people::ProvenAdministrator {
//!     wh_people::ProvenAdministrator(administrator)
//! }
//! ```

mod access_requests;
mod account;
mod actor;
mod addition;
mod administration;
mod api_tokens;
mod blocklist;
mod breached;
mod deletion;
mod device;
mod email;
mod file_requests;
mod forgotten;
mod form;
mod groups;
mod hashing;
mod holdings;
mod invitations;
mod known_device;
mod links;
mod login;
mod mail;
mod name;
mod own_sessions;
mod passkeys;
mod password;
mod password_link;
mod people;
mod person;
mod proof;
mod providers;
mod provision;
mod recovery;
mod register;
mod scope;
mod second_factor;
mod second_step;
mod seed;
mod sessions;
mod setup;
mod throttle;
mod viewing;
mod watches;

pub use access_requests::{
    ACCESS_REQUESTS_MAX, AccessRequestError, AccessRequestRecord, AccessWish, NOTE_CHARS_MAX,
};
pub use account::{Confirmed, PasswordError};
pub use actor::Actor;
pub use addition::Added;
pub use administration::{AdministrationError, GrantForm, PersonRecord, StatusChange, check_grant};
pub use api_tokens::{
    API_TOKEN_DAYS_MAX, API_TOKEN_PREFIX, API_TOKENS_MAX, ApiToken, MadeToken, TokenError,
    TokenForm, TokenRecord, TokenRefusal, TokenStanding,
};
pub use breached::{BreachedError, BreachedPasswords};
pub use deletion::Deleted;
pub use device::Device;
pub use email::{CheckedEmail, EmailError, MAIL_CHECK_LIFE, OwnEmail};
pub use file_requests::{
    ARRIVALS_TOLD_EVERY, EnterError, NewSender, RequestToken, SENDERS_MAX, SenderToken,
};
pub use forgotten::TooManyRequests;
pub use form::FieldError;
pub use groups::{GroupRecord, MemberRecord, new_group};
pub use hashing::HashingOptions;
pub use holdings::{Everybody, GrantRecord, HeldGrant, NamedPerson, Via};
pub use invitations::{
    AcceptForm, Accepted, INVITATION_LIFE_MAX, InvitationError, InvitationForm, InvitationRecord,
    InvitationStanding, InvitedGrantForm, MadeInvitation, Offered,
};
pub use known_device::{DEVICE_KNOWN_FOR, DeviceToken};
pub use links::{
    LINK_PASSWORD_CHARS_MIN, LINK_TRIES_MAX, LINK_VISIT_LIFE, LinkPasswordError, LinkToken,
    LinkVisit,
};
pub use login::{LoginError, LoginForm};
pub use mail::{
    MailAddress, MailOverview, Mailing, UnsentMail, WatchedBy, WatchedDoing, WatchedLetter,
    WatchedPlace,
};
pub use name::PersonName;
pub use own_sessions::{SessionError, SessionRecord};
pub use passkeys::{MadePasskey, Passkey, PasskeyAnswer, PasskeyError};
pub use password::PasswordRules;
pub use password_link::{
    FIRST_PASSWORD_LINK_LIFE, PASSWORD_LINK_LIFE, PasswordLink, PasswordLinkError,
};
pub use people::{OptionsError, People, PeopleOptions, RegistrationMode, Settings, StandardGrants};
pub use person::{
    Administrator, NotAdministrator, Peer, Person, SessionToken, SignInToken, SignedIn,
};
pub use proof::{FactorRule, Proven, ProvenAdministrator, StepUpNeeded};
pub use providers::{
    Arrived, Asking, Departure, IdentityRecord, LinkedSignIns, Outbound, PROVIDER_ANSWER_BYTES_MAX,
    Provider, ProviderAnswer, ProviderError, ProviderName, ProviderOptions, ProviderOptionsError,
    SignOnOptions, StrongClaims,
};
pub use register::{Registered, RegistrationError, RegistrationForm, Told};
pub use scope::{LinkScope, Scope, SenderScope, TokenName};
pub use second_factor::{EnrolledFactor, OfferedFactor, SecondFactor, SecondFactorError};
pub use second_step::{Entered, FactorCode, Proof, ProofError};
pub use seed::SeedSeal;
pub use sessions::NotSignedIn;
pub use setup::{SetupError, SetupForm};
pub use viewing::{Seen, VIEWING_LIFE, ViewingError, resource_of};
pub use wh_ledger::{
    AddedLinks, ApiTokenRow, Factors, GrantRow, GrantSubject, InvitationRow, InvitedGrant,
    PersonGroupRow, PersonStatus, Programs, RowId, TokenAction, ViewedAs, ViewingRow,
};

#[cfg(test)]
mod tests;
