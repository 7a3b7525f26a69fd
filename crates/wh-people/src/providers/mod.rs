//! Single sign-on: whom a provider vouches for, by `OpenID` Connect.
//!
//! Somebody leaves for a provider (`leave.rs`), which sends their browser back with a code. The code is
//! spent at the provider (`exchange.rs`), what comes of it is verified by `wh-issuers` and read
//! (`vouch.rs`), and then they sign in, link it, or prove once more who they are (`arrive.rs`).
//!
//! Invariant: an answer counts once, in the browser that left, for the provider that it left for. Who a
//! person is, a provider's issuer and subject say; a mail address never does.
//!
//! Sources: `OpenID` Connect Core 1.0; RFC 7636 (PKCE); RFC 9207 (`iss`); RFC 9700 ("Best Current Practice
//! for OAuth 2.0 Security").

mod arrive;
mod discovery;
mod error;
mod exchange;
mod known;
mod leave;
mod newcomer;
mod options;
mod outbound;
mod own;
mod vouch;

pub use arrive::{Arrived, ProviderAnswer};
pub use error::ProviderError;
pub(crate) use known::Providers;
pub use leave::Departure;
pub use options::{Provider, ProviderOptions, ProviderOptionsError, SignOnOptions, StrongClaims};
pub use outbound::{Asking, Outbound, PROVIDER_ANSWER_BYTES_MAX};
pub use own::{IdentityRecord, LinkedSignIns, ProviderName};

/// What is said to whoever would lose their last way to sign in.
pub(crate) const LAST_WAY: &str = "this is the last way to sign in to this account: set a password, \
     make a passkey or link another sign-in first";
