//! `wellhouse user`: persons, as whoever has the machine looks after them; also when nobody can sign in
//! any more.

use anyhow::{Result, bail};
use serde_json::json;
use wh_ledger::{GrantRow, GrantSubject, PersonChange, PersonStatus, RowId};
use wh_provision::ADMIN_ROLE;

use super::{Deed, House, record};
use crate::store::Output;
use crate::{Ended, parameters, say};

/// Persons: list them, shut them out, let them back, make administrators, reset second factors
///
/// The portal does all of this, too. Here it works without signing in, while the server runs or not:
/// so that nobody is locked out for ever who has the machine. It stands in the audit log as `operator`.
#[derive(clap::Subcommand)]
#[command(
    after_help = "docs/second-factors.md tells what to do when the last administrator is locked out."
)]
pub(crate) enum User {
    List(List),
    /// Shut a person out: every session of theirs ends
    Disable(Named),
    /// Let a person back who was shut out
    Enable(Named),
    /// Make a person an administrator
    SetAdmin(Named),
    /// Take a person's second factor away, for somebody who has lost phone and recovery codes
    ResetSecondFactor(Named),
}

/// List persons: name, uid, how they stand, whether they are administrators and have a second factor
#[derive(clap::Args)]
pub(crate) struct List {
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// A person
#[derive(clap::Args)]
pub(crate) struct Named {
    /// The person: name or uid
    person: String,
}

pub(super) async fn run(command: User, house: &House) -> Result<Ended> {
    match command {
        User::List(list) => house.list(list.output).await,
        User::Disable(named) => house.disable(&named.person).await,
        User::Enable(named) => house.enable(&named.person).await,
        User::SetAdmin(named) => house.set_admin(&named.person).await,
        User::ResetSecondFactor(named) => house.reset_second_factor(&named.person).await,
    }
}

impl House {
    async fn list(&self, output: Output) -> Result<Ended> {
        let persons = self.ledger.persons().await?;
        let administrators = self.ledger.holders(&self.holding).await?;
        let second_factors = self.ledger.with_second_factor().await?;
        let told = persons.iter().map(|person| {
            let administrator = administrators.contains(&person.uid);
            (person, administrator, second_factors.contains(&person.uid))
        });
        if output == Output::Json {
            let told = told.map(|(person, administrator, second_factor)| {
                json!({
                    "uid": person.uid.as_str(),
                    "name": person.name,
                    "status": person.status.as_str(),
                    "administrator": administrator,
                    "second_factor": second_factor,
                })
            });
            say(&json!({ "people": told.collect::<Vec<_>>() }).to_string());
            return Ok(Ended::Done);
        }
        for (person, administrator, second_factor) in told {
            let mut words = vec![person.status.as_str()];
            words.extend(administrator.then_some("administrator"));
            words.extend(second_factor.then_some("second factor"));
            say(&format!("{}  {}: {}", person.uid, person.name, words.join(", ")));
        }
        if persons.is_empty() {
            say(
                "There is nobody yet: `wellhouse serve` prints a link for the first administrator.",
            );
        }
        Ok(Ended::Done)
    }

    async fn disable(&self, named: &str) -> Result<Ended> {
        let person = self.person(named).await?;
        let now = parameters::clock().now();
        let deed = Deed::to_person("DisablePerson", &person)
            .saying(format!("before: {}; now: disabled", person.status.as_str()));
        let change = self.ledger.disable_person(&person.uid, now, &self.holding);
        match self.recorded(deed, change, |change| came_of_it(*change)).await? {
            PersonChange::Done => {
                say(&format!("{} is shut out; their sessions have ended.", person.name));
                self.tell_the_server().await?;
            }
            PersonChange::Absent => say(&format!("{} was shut out before.", person.name)),
            PersonChange::LastHolder => bail!(
                "{} is the last administrator: make another one first, by `wellhouse user set-admin`",
                person.name
            ),
        }
        Ok(Ended::Done)
    }

    async fn enable(&self, named: &str) -> Result<Ended> {
        let person = self.person(named).await?;
        let deed = Deed::to_person("EnablePerson", &person)
            .saying(format!("before: {}", person.status.as_str()));
        let change = self.ledger.enable_person(&person.uid, parameters::clock().now());
        match self.recorded(deed, change, |change| came_of_it(*change)).await? {
            PersonChange::Done => say(&format!("{} is let back.", person.name)),
            PersonChange::Absent | PersonChange::LastHolder => {
                say(&format!("{} was not shut out.", person.name));
            }
        }
        Ok(Ended::Done)
    }

    async fn set_admin(&self, named: &str) -> Result<Ended> {
        let person = self.person(named).await?;
        let held = self.ledger.grants_of(&person.uid).await?;
        if held.iter().any(|grant| self.holding.is_given_by(grant)) {
            say(&format!("{} has the grant of administrators already.", person.name));
            return Ok(Ended::Done);
        }
        let now = parameters::clock().now();
        let grant = GrantRow {
            id: RowId::generate(now, &parameters::entropy()),
            subject: GrantSubject::Person(person.uid.clone()),
            role: self.holding.role.clone(),
            bucket: self.holding.bucket.clone(),
            prefix: self.holding.prefix.clone(),
            title: "Everything".to_owned(),
            created_at: now,
            created_by: None,
            ends_at: None,
        };
        let change = self.ledger.insert_grant(&grant);
        let deed = Deed::to_person("SetAdministrator", &person);
        self.recorded(deed, change, |()| "done").await?;
        say(&format!("{} has {ADMIN_ROLE} on the whole bucket.", person.name));
        if person.status != PersonStatus::Active {
            say(&format!(
                "They are {}, and it counts once they are active.",
                person.status.as_str()
            ));
        }
        Ok(Ended::Done)
    }

    async fn reset_second_factor(&self, named: &str) -> Result<Ended> {
        let person = self.person(named).await?;
        let record = record(Deed::to_person("ResetSecondFactor", &person));
        if self.ledger.reset_second_factor(&person.uid, &record).await? {
            say(&format!(
                "{} has no second factor any more, and signs in by the password alone until they set \
                 one up. Their sessions have ended.",
                person.name
            ));
            self.tell_the_server().await?;
        } else {
            say(&format!("{} has no second factor.", person.name));
        }
        Ok(Ended::Done)
    }
}

/// What the audit log says that a change came to.
fn came_of_it(change: PersonChange) -> &'static str {
    match change {
        PersonChange::Done => "done",
        PersonChange::Absent => "no-change",
        PersonChange::LastHolder => "last-administrator",
    }
}
