//! The gate as a whole: who is let through, who is not, and what is written down.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod house;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod perform;
#[cfg(test)]
#[path = "../../../wh-authority/tests/authority/provider.rs"]
mod provider;
#[cfg(test)]
#[path = "../../../wh-issuers/tests/keys/mod.rs"]
mod provider_keys;
#[cfg(test)]
mod public;
#[cfg(test)]
mod quotas;
#[cfg(test)]
mod strangers;
#[cfg(test)]
mod users;
#[cfg(test)]
mod versions;
