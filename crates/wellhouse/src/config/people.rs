//! Sections `people` and `keys`: who may sign in how, and the access keys of persons.

use std::path::PathBuf;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use super::providers::{self, ProviderConfig};

/// The least that a hash may cost. Source: OWASP ASVS 5.0, appendix C: 46 MiB with one pass.
const ARGON2_MEMORY_KIB_MIN: u32 = 47_104;

/// More would let a few sign-ins at once fill the memory.
const ARGON2_MEMORY_KIB_MAX: u32 = 1_048_576;

const ARGON2_ITERATIONS_MAX: u32 = 10;

/// The most days that groups of a provider may count without it.
const GROUP_DAYS_MAX: u32 = 366;

/// The longest life of a person's access key that may be configured, in days.
const KEY_DAYS_MAX: u32 = 366;

/// People at the portal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PeopleConfig {
    /// Whether an administrator must have set up two-step sign-in to administer anything.
    pub(crate) administrators_need_second_factor: bool,
    /// Whether everybody must have, to reach more than their own account; administrators then, too.
    pub(crate) everybody_needs_second_factor: bool,
    /// The file of breached passwords that nobody may choose; `wellhouse passwords compile` makes it.
    pub(crate) breached_passwords: Option<PathBuf>,
    /// Words that anybody would try here, of which no password may consist.
    pub(crate) password_words: Vec<String>,
    /// The memory of one Argon2id hash of a password, in KiB; 47,104 at least.
    pub(crate) argon2_memory_kib: u32,
    /// Its passes over the memory.
    pub(crate) argon2_iterations: u32,
    /// By whom people may sign in, in the order of their buttons.
    pub(crate) providers: Vec<ProviderConfig>,
    /// How many days the groups that a provider gave count after their person last came by it.
    pub(crate) provider_groups_days: u32,
}

impl Default for PeopleConfig {
    fn default() -> Self {
        Self {
            administrators_need_second_factor: true,
            everybody_needs_second_factor: false,
            breached_passwords: None,
            password_words: Vec::new(),
            argon2_memory_kib: ARGON2_MEMORY_KIB_MIN,
            argon2_iterations: 1,
            providers: Vec::new(),
            provider_groups_days: 7,
        }
    }
}

impl PeopleConfig {
    pub(super) fn check(&self) -> Result<()> {
        let memory = ARGON2_MEMORY_KIB_MIN..=ARGON2_MEMORY_KIB_MAX;
        if !memory.contains(&self.argon2_memory_kib) {
            bail!(
                "people.argon2_memory_kib is between {ARGON2_MEMORY_KIB_MIN} and \
                 {ARGON2_MEMORY_KIB_MAX}: less is too quickly guessed"
            );
        }
        if !(1..=ARGON2_ITERATIONS_MAX).contains(&self.argon2_iterations) {
            bail!("people.argon2_iterations is between 1 and {ARGON2_ITERATIONS_MAX}");
        }
        if !(1..=GROUP_DAYS_MAX).contains(&self.provider_groups_days) {
            bail!("people.provider_groups_days is between 1 and {GROUP_DAYS_MAX}");
        }
        providers::check(&self.providers)
    }
}

/// Access keys of persons, for tools that cannot refresh temporary credentials.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct KeysConfig {
    /// How many days a new key may live; 366 at most.
    pub(crate) days_max: u32,
    /// How many keys that count a person may have; 0 lets nobody make one.
    pub(crate) per_person_max: u32,
}

impl Default for KeysConfig {
    fn default() -> Self {
        Self { days_max: 90, per_person_max: 5 }
    }
}

impl KeysConfig {
    pub(super) fn check(&self) -> Result<()> {
        if !(1..=KEY_DAYS_MAX).contains(&self.days_max) {
            bail!("keys.days_max must be between 1 and {KEY_DAYS_MAX}");
        }
        Ok(())
    }
}
