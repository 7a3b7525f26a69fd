//! The authority as a whole: tokens, sessions, trust, IAM.

#[cfg(test)]
mod advisories;
#[cfg(test)]
mod assume_role;
#[cfg(test)]
mod iam;
#[cfg(test)]
mod kit;
#[cfg(test)]
mod machines;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod person_keys;
#[cfg(test)]
mod provider;
#[cfg(test)]
#[path = "../../../wh-issuers/tests/keys/mod.rs"]
mod provider_keys;
#[cfg(test)]
mod simulate;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod users;
#[cfg(test)]
mod web_identity;
