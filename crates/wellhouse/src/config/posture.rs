//! Section `posture`: how often the house looks at how it stands, what it calls old, and which risks are
//! accepted.

use anyhow::{Context, Result, bail};
use jiff::civil::Date;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use wh_provision::posture::{Acceptance, check};

/// The longest time that anything may be called young for, in days.
const DAYS_MAX: u32 = 3660;

/// More risks that are accepted than this are a habit.
const ACCEPTED_MAX: usize = 200;

/// How the house looks at how it stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PostureConfig {
    /// After how many minutes the server looks again; 0 never does by itself.
    pub(crate) every_minutes: u32,
    /// After how many days without a use a person, a key or a token is called unused.
    pub(crate) unused_days: u32,
    /// How many days an access key of a person may live.
    pub(crate) key_days_max: u32,
    /// How many days an API token may live.
    pub(crate) token_days_max: u32,
    /// How many days old the last backup may be.
    pub(crate) backup_days: u32,
    /// Which risks are accepted.
    pub(crate) accept: Vec<AcceptConfig>,
}

/// A risk that is accepted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptConfig {
    /// The check's id, such as `registration-not-open`.
    pub(crate) check: String,
    /// The thing, as `wellhouse posture` names it, such as `bucket/files`; `*` for all of the check.
    pub(crate) thing: String,
    /// Why.
    pub(crate) reason: String,
    /// The last day that it counts: `2027-12-31`.
    pub(crate) until: String,
}

impl Default for PostureConfig {
    fn default() -> Self {
        Self {
            every_minutes: 60,
            unused_days: 90,
            key_days_max: 90,
            token_days_max: 180,
            backup_days: 7,
            accept: Vec::new(),
        }
    }
}

impl PostureConfig {
    /// The risks that are accepted, as they are held against what is found.
    pub(crate) fn accepted(&self) -> Result<Vec<Acceptance>> {
        self.accept.iter().map(AcceptConfig::read).collect()
    }

    pub(super) fn check(&self) -> Result<()> {
        for (name, days) in [
            ("unused_days", self.unused_days),
            ("key_days_max", self.key_days_max),
            ("token_days_max", self.token_days_max),
            ("backup_days", self.backup_days),
        ] {
            if !(1..=DAYS_MAX).contains(&days) {
                bail!("posture.{name} = {days} is out of range: write 1 to {DAYS_MAX}");
            }
        }
        if self.accept.len() > ACCEPTED_MAX {
            bail!("posture.accept has more than {ACCEPTED_MAX} entries");
        }
        self.accepted().map(drop)
    }
}

impl AcceptConfig {
    fn read(&self) -> Result<Acceptance> {
        let Self { check: id, thing, reason, until } = self;
        if check(id).is_none() {
            bail!("posture.accept: there is no check `{id}`; docs/posture.md lists them");
        }
        if thing.trim().is_empty() || reason.trim().is_empty() {
            bail!("posture.accept of `{id}`: say for which `thing`, and the `reason`");
        }
        let wrong = || {
            format!("posture.accept of `{id}`: until = `{until}` is no day: write it as 2027-12-31")
        };
        let day: Date = until.parse().with_context(wrong)?;
        let next = day.tomorrow().with_context(wrong)?;
        let ends = Offset::UTC.to_timestamp(next.at(0, 0, 0, 0)).with_context(wrong)?;
        let until = ends.as_millisecond();
        Ok(Acceptance { check: id.clone(), thing: thing.clone(), reason: reason.clone(), until })
    }
}

#[cfg(test)]
mod tests {
    use super::{AcceptConfig, PostureConfig};

    fn accepting(check: &str, thing: &str, reason: &str, until: &str) -> PostureConfig {
        let text = str::to_owned;
        let (check, thing) = (text(check), text(thing));
        let accept = vec![AcceptConfig { check, thing, reason: text(reason), until: text(until) }];
        PostureConfig { accept, ..PostureConfig::default() }
    }

    #[test]
    fn a_risk_is_accepted_through_its_last_day() {
        let config = accepting("versioning", "bucket/files", "a test", "2027-12-31");
        config.check().expect("a risk");
        let until = config.accepted().expect("read")[0].until;
        let until = jiff::Timestamp::from_millisecond(until).expect("a time").to_string();
        assert_eq!(until, "2028-01-01T00:00:00Z");
    }

    #[test]
    fn what_is_wrong_names_the_key_and_the_fix() {
        for (config, words) in [
            (accepting("no-such", "*", "a", "2027-12-31"), "there is no check `no-such`"),
            (accepting("versioning", " ", "a", "2027-12-31"), "say for which `thing`"),
            (accepting("versioning", "*", "", "2027-12-31"), "the `reason`"),
            (accepting("versioning", "*", "a", "soon"), "write it as 2027-12-31"),
            (PostureConfig { unused_days: 0, ..PostureConfig::default() }, "posture.unused_days"),
            (PostureConfig { backup_days: 4000, ..PostureConfig::default() }, "1 to 3660"),
        ] {
            let error = format!("{:#}", config.check().expect_err(words));
            assert!(error.contains(words), "{error}");
        }
    }
}
