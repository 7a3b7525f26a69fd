//! As whom we ask AWS, and whether that is as it should be: nobody's root user, no keys that never end,
//! the account that is configured, and clocks that agree.

use anyhow::{Context, Result, bail};
use jiff::SignedDuration;
use wh_aws::{Caller, Client};

use crate::config::Config;
use crate::{estate, parameters};

/// Beyond this signatures come close to being refused, and sessions end at the wrong time.
const SKEW_SECONDS_MAX: i64 = 5 * 60;
/// From here on it is worth a word.
const SKEW_SECONDS_TOLD: i64 = 30;

/// What becomes of keys of an IAM user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StaticKeys {
    /// They are taken.
    Taken,
    /// They are refused; this is how they would be taken.
    Refused(&'static str),
}

/// Refuses the root user, and an IAM user where nobody said otherwise: such keys never end, and are what
/// is stolen.
pub(crate) fn check_arn(arn: &str, keys: StaticKeys) -> Result<()> {
    if arn.ends_with(":root") {
        bail!(
            "these are the credentials of the account's root user: make a role for this, and assume it \
             (`wellhouse provisioner-policy` prints what whoever sets up needs)"
        );
    }
    match keys {
        StaticKeys::Refused(otherwise) if arn.contains(":user/") => bail!(
            "these are the keys of an IAM user, which never end: assume a role, or say {otherwise}"
        ),
        StaticKeys::Refused(_) | StaticKeys::Taken => Ok(()),
    }
}

/// By how many seconds the clock here is ahead of AWS's; refuses where it is too much either way.
fn check_skew(seconds: i64) -> Result<()> {
    if seconds.saturating_abs() > SKEW_SECONDS_MAX {
        bail!(
            "the clock of this machine is {seconds} s ahead of AWS's: set it right, as chrony does, or \
             signatures will be refused"
        );
    }
    if seconds.saturating_abs() > SKEW_SECONDS_TOLD {
        tracing::warn!(seconds, "the clock of this machine differs from AWS's");
    }
    Ok(())
}

/// Looks before the portal opens. Where STS does not answer it is said, and the portal opens all the same:
/// it may answer soon.
pub(crate) async fn check(config: &Config, client: &Client) -> Result<()> {
    let caller = match client.caller().await {
        Ok(caller) => caller,
        Err(error) => {
            let error = format!("{:#}", anyhow::Error::new(error));
            tracing::warn!(error, "AWS does not say as whom we ask");
            return Ok(());
        }
    };
    let Caller { account, arn, source, expires, told } = caller;
    let until = expires.map_or("for ever".to_owned(), |until| format!("until {until:.0}"));
    tracing::info!(%arn, source, "AWS is asked with credentials that count {until}");
    let expected = estate::account(config)?;
    if account != expected.as_str() {
        bail!("the credentials belong to account {account}, and store.account is {expected}");
    }
    // Elsewhere than at Amazon users and root users are what there is.
    if config.store.endpoint_url.is_none() {
        let keys = match config.store.allow_static_keys {
            true => StaticKeys::Taken,
            false => StaticKeys::Refused("store.allow_static_keys = true"),
        };
        check_arn(&arn, keys).context("as whom AWS is asked")?;
    }
    let ahead = told.map(|there| parameters::clock().now().duration_since(there));
    check_skew(ahead.unwrap_or(SignedDuration::ZERO).as_secs())
}

#[cfg(test)]
mod tests {
    use super::{StaticKeys, check_arn, check_skew};

    #[track_caller]
    fn check(arn: &str, keys: StaticKeys, refused: Option<&str>) {
        let found = check_arn(arn, keys).err().map(|error| error.to_string());
        match (found, refused) {
            (None, None) => {}
            (Some(found), Some(word)) => assert!(found.contains(word), "{arn}: {found}"),
            (found, refused) => panic!("{arn}: {found:?} and not {refused:?}"),
        }
    }

    #[test]
    fn root_is_never_taken_and_a_user_only_where_that_was_said() {
        let otherwise = StaticKeys::Refused("--this");
        for keys in [otherwise, StaticKeys::Taken] {
            check("arn:aws:iam::111122223333:root", keys, Some("root user"));
            check("arn:aws:sts::111122223333:assumed-role/PortalRole/i-0", keys, None);
        }
        check("arn:aws:iam::111122223333:user/ops/ada", otherwise, Some("or say --this"));
        check("arn:aws:iam::111122223333:user/ops/ada", StaticKeys::Taken, None);
    }

    #[test]
    fn a_clock_may_be_five_minutes_off_and_no_more() {
        for (seconds, good) in [(0, true), (-300, true), (300, true), (301, false), (-301, false)] {
            assert_eq!(check_skew(seconds).is_ok(), good, "{seconds}");
        }
    }
}
