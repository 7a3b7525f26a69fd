//! What links there may be: set by administrators, and asked at every use of every link.

use wh_ledger::{Ledger, LedgerError};
use wh_people::ProvenAdministrator;

use super::LinkError;
use super::make::LINK_DAYS_MAX;
use crate::Files;

const ENABLED: &str = "links";
const REQUESTS: &str = "file-requests";
const PASSWORD: &str = "links-password";
const DAYS_MAX: &str = "links-days-max";

/// What links and file requests there may be. They bind those that were made before, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkRules {
    /// Whether there are links at all.
    pub enabled: bool,
    /// Whether there are file requests at all.
    pub requests: bool,
    /// Whether every link and every request must have a password.
    pub password: bool,
    /// How many days a link or a request may live, counted from when it was made.
    pub days_max: Option<u32>,
}

impl LinkRules {
    /// The rules now. What was never set is on, and asks for nothing; what cannot be read is off.
    pub(crate) async fn read(ledger: &Ledger) -> Result<Self, LedgerError> {
        let enabled = ledger.setting(ENABLED).await?.is_none_or(|value| value == "on");
        let requests = ledger.setting(REQUESTS).await?.is_none_or(|value| value == "on");
        let password = ledger.setting(PASSWORD).await?.is_some_and(|value| value != "off");
        let days = ledger.setting(DAYS_MAX).await?.filter(|value| !value.is_empty());
        let days_max = match days.map(|days| days.parse()) {
            None => None,
            Some(Ok(days)) => Some(days),
            Some(Err(_unreadable)) => Some(0),
        };
        Ok(Self { enabled, requests, password, days_max })
    }
}

impl Files {
    /// The rules now.
    pub async fn link_rules(&self) -> Result<LinkRules, LedgerError> {
        LinkRules::read(&self.options.ledger).await
    }

    /// Sets the rules. They count from the next use of any link or request on.
    pub async fn set_link_rules(
        &self,
        _administrator: &ProvenAdministrator,
        rules: LinkRules,
    ) -> Result<LinkRules, LinkError> {
        if rules.days_max.is_some_and(|days| days == 0 || days > LINK_DAYS_MAX) {
            return Err(LinkError::RuleDays);
        }
        let switch = |on: bool| if on { "on" } else { "off" };
        let days = rules.days_max.map(|days| days.to_string()).unwrap_or_default();
        let rows = [
            (ENABLED, switch(rules.enabled)),
            (REQUESTS, switch(rules.requests)),
            (PASSWORD, switch(rules.password)),
            (DAYS_MAX, &days),
        ];
        self.options.ledger.put_settings(&rows).await?;
        Ok(rules)
    }
}
