//! IAM and STS for a store that has none: roles, policies, trust, keys, `AssumeRole`.
//!
//! Invariant: a [`Principal`] other than the anonymous one exists only for credentials that this
//! authority issued; temporary credentials are never worth more than the role that they stand for is
//! worth *now*, and nothing here makes lasting credentials out of temporary ones.

mod assume_role;
mod authority;
mod credentials;
mod generations;
mod iam;
mod keys;
mod machines;
mod oidc;
mod own_session;
mod person_keys;
mod principal;
mod seal;
mod session;
mod standing;
mod state;
mod uses;
mod web_identity;

pub use assume_role::{AssumeRole, AssumeRoleError, AssumedRole};
pub use authority::{Authority, AuthorityOptions, DeliverError, OpenError};
pub use credentials::{AuthenticationError, TemporaryCredentials};
pub use generations::GenerationDates;
pub use iam::{
    AccessKey, AccountCall, AccountDetails, CreatePolicy, CreateRole, Group, GroupCall, Holder,
    IamError, IamReply, IamRequest, IamTarget, InstanceProfile, MatchedStatement, NewAccessKey,
    OidcCall, OidcProvider, Policy, PolicyCall, PolicyEntities, PolicyVersion, Role, SimulateCall,
    Simulation, SimulationResult, TagCall, Tagged, User, UserCall,
};
pub use keys::{KeyRing, KeyRingError, Rotation, session_ends};
pub use machines::{
    AskMachine, EnrolMachine, MachineCredentials, MachineError, MachineKeyPair, delivery_message,
    enrolment_message,
};
pub use oidc::{FetchKeys, KEY_SET_BYTES_MAX, OidcIssuer, WebIdentityError};
pub use own_session::GetSessionTokenError;
pub use person_keys::MintedKey;
pub use principal::Principal;
pub use standing::Standing;
pub use web_identity::AssumeRoleWithWebIdentity;
pub use wh_ledger::{
    AccessKeyStatus, AccessKeyUse, GroupRow, InstanceProfileRow, OidcProviderRow, PersonKeyRefusal,
    PolicyRow, PolicyVersionRow, RoleRow, UserRow,
};
pub use wh_policy::{ContextValue, Place};
