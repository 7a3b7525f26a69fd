//! The authority as a whole: tokens, sessions, trust, IAM.

mod assume_role;
mod iam;
mod kit;
mod tokens;
