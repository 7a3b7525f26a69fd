//! IAM and STS for a store that has none: roles, policies, trust, keys, `AssumeRole`.
//!
//! Invariant: a [`Principal`] other than the anonymous one exists only for credentials that this
//! authority issued; temporary credentials are never worth more than the role that they stand for is
//! worth *now*, and nothing here makes lasting credentials out of temporary ones.

mod assume_role;
mod authority;
mod credentials;
mod iam;
mod keys;
mod principal;
mod seal;
mod session;
mod state;

pub use assume_role::{AssumeRole, AssumeRoleError, AssumedRole};
pub use authority::{Authority, AuthorityOptions, DeliverError, OpenError, Standing};
pub use credentials::{AuthenticationError, TemporaryCredentials};
pub use iam::{
    CreatePolicy, CreateRole, IamError, IamReply, IamRequest, InstanceProfile, Policy,
    PolicyVersion, Role,
};
pub use keys::{KeyRing, KeyRingError};
pub use principal::Principal;
pub use wh_ledger::{InstanceProfileRow, PolicyRow, PolicyVersionRow, RoleRow};
