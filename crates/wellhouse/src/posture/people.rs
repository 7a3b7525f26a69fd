//! What is found of persons, and of the keys and tokens that they carry.

use std::collections::HashMap;

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use wh_files::{CountingLink, counting_links, counting_requests};
use wh_ledger::{Holding, Ledger, PersonRow, PersonStatus};
use wh_names::{BucketName, KeyPrefix, RoleName, Uid};
use wh_people::{People, RegistrationMode};
use wh_provision::ADMIN_ROLE;
use wh_provision::posture::{CheckFound, Evidence, Said};

use crate::config::Config;

/// What persons hold and when they last did something.
pub(super) struct Persons<'a> {
    config: &'a Config,
    ledger: &'a Ledger,
    now: Timestamp,
    active: Vec<PersonRow>,
}

impl<'a> Persons<'a> {
    pub(super) async fn read(
        config: &'a Config,
        ledger: &'a Ledger,
        now: Timestamp,
    ) -> Result<Self> {
        let persons = ledger.persons().await?.into_iter();
        let active = persons.filter(|person| person.status == PersonStatus::Active).collect();
        Ok(Self { config, ledger, now, active })
    }

    /// Active administrators without a second factor.
    pub(super) async fn without_factor(&self) -> Result<CheckFound> {
        let holding = Holding {
            role: RoleName::parse(ADMIN_ROLE)?,
            bucket: BucketName::parse(&self.config.store.bucket).context("store.bucket")?,
            prefix: KeyPrefix::everything(),
        };
        let administrators = self.ledger.holders(&holding).await?;
        let with = self.ledger.with_second_factor().await?;
        let without = self
            .active
            .iter()
            .filter(|person| administrators.contains(&person.uid) && !with.contains(&person.uid));
        let said = || Said::both("has no second factor", "hat keinen zweiten Faktor");
        let evidence = without.map(|person| of(person, said())).collect();
        Ok(CheckFound::by("administrators-second-factor", evidence))
    }

    /// Who did nothing for long: no sign-in, no use of a token or key.
    pub(super) async fn unused(&self) -> Result<CheckFound> {
        let last = self.ledger.persons_last_active().await?;
        let idle = self.active.iter().filter_map(|person| {
            let known = last.get(&person.uid).copied();
            let since = known.unwrap_or(person.approved_at.unwrap_or(person.created_at));
            let said = self.is_unused(since).then(|| match known {
                Some(at) => Said::both(
                    format!("was last here on {}", day(at)),
                    format!("war zuletzt am {} hier", day(at)),
                ),
                None => Said::both(
                    format!("is not known to have been here since {}", day(since)),
                    format!("war seit dem {}, soweit bekannt, nicht hier", day(since)),
                ),
            })?;
            Some(of(person, said))
        });
        Ok(CheckFound::by("no-unused-persons", idle.collect()))
    }

    /// Keys that open something and were not used for long, and those that live long.
    pub(super) async fn keys(&self) -> Result<[CheckFound; 2]> {
        let (mut unused, mut long) = (Vec::new(), Vec::new());
        let names = self.names();
        for state in self.ledger.person_keys().await? {
            if state.opens(self.now).is_err() {
                continue;
            }
            let key = &state.key;
            let evidence = |said| Evidence {
                thing: format!("person/{}/access-key/{}", key.uid, key.id.as_str()),
                name: carried(&names, &key.uid, &key.name),
                said,
            };
            let used = state.used.as_ref().map(|used| used.at);
            if self.is_unused(used.unwrap_or(key.created_at)) {
                unused.push(evidence(last_used(used, key.created_at)));
            }
            let lives = (key.created_at, key.expires_at);
            if is_longer(lives, self.config.posture.key_days_max) {
                long.push(evidence(ends(lives)));
            }
        }
        Ok([CheckFound::by("no-unused-keys", unused), CheckFound::by("keys-end", long)])
    }

    /// The same of API tokens.
    pub(super) async fn tokens(&self) -> Result<[CheckFound; 2]> {
        let (mut unused, mut long) = (Vec::new(), Vec::new());
        let names = self.names();
        let tokens = self.ledger.api_tokens().await?.into_iter();
        let open = tokens.filter(|one| one.revoked_at.is_none() && one.expires_at > self.now);
        for token in open.filter(|one| names.contains_key(&one.uid)) {
            let evidence = |said| Evidence {
                thing: format!("person/{}/api-token/{}", token.uid, token.id),
                name: carried(&names, &token.uid, &token.name),
                said,
            };
            let used = token.used.as_ref().map(|used| used.at);
            if self.is_unused(used.unwrap_or(token.created_at)) {
                unused.push(evidence(last_used(used, token.created_at)));
            }
            let lives = (token.created_at, token.expires_at);
            if is_longer(lives, self.config.posture.token_days_max) {
                long.push(evidence(ends(lives)));
            }
        }
        Ok([CheckFound::by("no-unused-tokens", unused), CheckFound::by("tokens-end", long)])
    }

    /// Shared links and file requests that open something until somebody revokes them.
    pub(super) async fn links(&self) -> Result<CheckFound> {
        let names = self.names();
        let links = counting_links(self.ledger, self.now).await?.into_iter();
        let endless = links.filter(|link| link.ends.is_none() && names.contains_key(&link.row.uid));
        let links = endless.map(|CountingLink { row, .. }| {
            (format!("person/{}/link/{}", row.uid, row.id), row.uid, row.path, row.password)
        });
        let requests = counting_requests(self.ledger, self.now).await?.into_iter();
        let endless = requests.filter(|one| one.ends.is_none() && names.contains_key(&one.row.uid));
        let requests = endless.map(|one| {
            let row = one.row;
            (
                format!("person/{}/file-request/{}", row.uid, row.id),
                row.uid,
                row.title,
                row.password,
            )
        });
        let evidence = links.chain(requests).map(|(thing, uid, name, password)| Evidence {
            thing,
            name: carried(&names, &uid, &name),
            said: match password {
                Some(_) => Said::both("has no end", "hat kein Ende"),
                None => Said::both(
                    "has neither an end nor a password",
                    "hat weder ein Ende noch ein Passwort",
                ),
            },
        });
        Ok(CheckFound::by("links-end", evidence.collect()))
    }

    fn names(&self) -> HashMap<&Uid, &str> {
        self.active.iter().map(|person| (&person.uid, person.name.as_str())).collect()
    }

    fn is_unused(&self, since: Timestamp) -> bool {
        self.now.duration_since(since) >= days(self.config.posture.unused_days)
    }
}

/// Whether a second factor is demanded of administrators.
pub(super) fn demanded(config: &Config) -> CheckFound {
    let people = &config.people;
    let demanded = people.administrators_need_second_factor || people.everybody_needs_second_factor;
    let said = Said::both(
        "whoever learns an administrator's password is one",
        "wer das Passwort eines Administrators erfährt, ist einer",
    );
    let evidence = (!demanded).then(|| Evidence {
        thing: "house".to_owned(),
        name: "people.administrators_need_second_factor".to_owned(),
        said,
    });
    CheckFound::by("second-factor-demanded", evidence.into_iter().collect())
}

/// Whether anybody may let themselves in.
pub(super) async fn registration(people: &People) -> Result<CheckFound> {
    let open = match people.registration_mode().await? {
        RegistrationMode::Open => true,
        RegistrationMode::Approval
        | RegistrationMode::Domains
        | RegistrationMode::Invitation
        | RegistrationMode::Closed => false,
    };
    let evidence = open.then(|| Evidence {
        thing: "house".to_owned(),
        name: "registration".to_owned(),
        said: Said::both("it is open", "sie ist offen"),
    });
    Ok(CheckFound::by("registration-not-open", evidence.into_iter().collect()))
}

fn of(person: &PersonRow, said: Said) -> Evidence {
    Evidence { thing: format!("person/{}", person.uid), name: person.name.clone(), said }
}

fn carried(names: &HashMap<&Uid, &str>, uid: &Uid, name: &str) -> String {
    let person = names.get(uid).copied().unwrap_or_else(|| uid.as_str());
    format!("{person}: {name}")
}

fn last_used(used: Option<Timestamp>, made: Timestamp) -> Said {
    match used {
        Some(at) => Said::both(
            format!("was last used on {}", day(at)),
            format!("zuletzt benutzt am {}", day(at)),
        ),
        None => Said::both(
            format!("was never used since it was made on {}", day(made)),
            format!("nie benutzt, seit es am {} gemacht wurde", day(made)),
        ),
    }
}

fn is_longer((from, until): (Timestamp, Timestamp), most: u32) -> bool {
    until.duration_since(from) > days(most)
}

fn ends((from, until): (Timestamp, Timestamp)) -> Said {
    let days = until.duration_since(from).as_hours() / 24;
    Said::both(
        format!("lives {days} days, until {}", day(until)),
        format!("lebt {days} Tage, bis zum {}", day(until)),
    )
}

pub(super) fn days(count: u32) -> SignedDuration {
    SignedDuration::from_hours(i64::from(count) * 24)
}

/// The day that a time is in, in UTC.
pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_long_beyond_its_days_and_not_on_them() {
        let at = |days: i64| Timestamp::from_second(days * 86_400).expect("a time");
        assert!(!is_longer((at(0), at(90)), 90));
        assert!(is_longer((at(0), at(91)), 90));
    }
}
