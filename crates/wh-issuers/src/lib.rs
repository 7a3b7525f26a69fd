//! Tokens of `OpenID` Connect issuers, verified by their keys: one verifier for whoever signs in at the
//! portal and for `AssumeRoleWithWebIdentity`.
//!
//! Only issuers that the operator has configured are ever asked, at the address of their keys that the
//! caller knows: nothing that a token says leads anywhere.
//!
//! Invariant: [`Claims`] exist only for a token whose signature, issuer, subject and times were found
//! good. Whose it is (audience, nonce) its reader judges.
//!
//! Sources: RFC 7519, RFC 8725 ("JSON Web Token Best Current Practices"); OIDC Core 1.0,
//! section 3.1.3.7.

mod claims;
mod keys;
mod token;

pub use claims::Claims;
pub use keys::{FetchKeys, Issuer, KEY_SET_BYTES_MAX, KeySets};
pub use token::{Token, TokenError};
