//! Section `activity`: for how long it is kept what happened to files.

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

/// What happened to files, as those who may list the folder see it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ActivityConfig {
    /// For how many days it is kept. Of more than 1,000,000 doings the newest are.
    pub(crate) days: u32,
    /// Whoever watches a folder is told in one letter what happens within so many minutes.
    pub(crate) letter_minutes: u32,
}

impl Default for ActivityConfig {
    fn default() -> Self {
        Self { days: 90, letter_minutes: 15 }
    }
}

impl ActivityConfig {
    pub(super) fn check(&self) -> Result<()> {
        if !(1..=3_650).contains(&self.days) {
            bail!("activity.days = {} is out of range: write 1 to 3650", self.days);
        }
        if self.letter_minutes > 1_440 {
            let minutes = self.letter_minutes;
            bail!("activity.letter_minutes = {minutes} is out of range: write 0 to 1440");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::ActivityConfig;

    #[test]
    fn what_is_out_of_range_names_the_key_and_the_fix() {
        ActivityConfig::default().check().expect("well");
        for days in [0, 3_651] {
            let config = ActivityConfig { days, ..ActivityConfig::default() };
            let error = config.check().expect_err("out of range").to_string();
            assert!(error.contains("activity.days") && error.contains("1 to 3650"), "{error}");
        }
        let config = ActivityConfig { letter_minutes: 1_441, ..ActivityConfig::default() };
        let error = config.check().expect_err("out of range").to_string();
        assert!(
            error.contains("activity.letter_minutes") && error.contains("0 to 1440"),
            "{error}"
        );
    }
}
