//! `wellhouse user`: persons, as whoever has the machine looks after them; also when nobody can sign in
//! any more.

use anyhow::{Result, bail};
use serde_json::json;
use wh_ledger::{GrantRow, GrantSubject, PersonChange, PersonStatus, RowId};
use wh_people::Actor;
use wh_provision::ADMIN_ROLE;

use super::{Deed, House, record};
use crate::store::Output;
use crate::{Ended, parameters, say};

/// Persons: add, list, shut out, let back, delete them, make administrators, reset passwords and factors
///
/// The portal does all of this, too. Here it works without signing in, while the server runs or not:
/// so that nobody is locked out for ever who has the machine. It stands in the audit log as `operator`.
#[derive(clap::Subcommand)]
#[command(
    after_help = "docs/second-factors.md tells what to do when the last administrator is locked out."
)]
pub(crate) enum User {
    List(List),
    Add(Add),
    /// Shut a person out: every session of theirs ends
    Disable(Named),
    /// Let a person back who was shut out
    Enable(Named),
    /// Make a person an administrator
    SetAdmin(Named),
    /// Print a link by which a person sets their own password, once, within 20 minutes
    Reset(Named),
    /// Delete a person for good, with sessions, grants, keys and second factor; their files stay
    Delete(Delete),
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

/// Add a person, and print a link by which they set their own password, once, within 24 hours
#[derive(clap::Args)]
pub(crate) struct Add {
    /// What the person is called
    name: String,
    /// Their mail address
    #[arg(long)]
    email: Option<String>,
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// A person who is to be deleted
#[derive(clap::Args)]
pub(crate) struct Delete {
    /// The person: name or uid
    person: String,
    /// Do it: it cannot be undone
    #[arg(long)]
    yes: bool,
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
        User::Add(add) => house.add(&add).await,
        User::Reset(named) => house.reset(&named.person).await,
        User::Delete(delete) => house.delete(&delete).await,
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

    async fn add(&self, add: &Add) -> Result<Ended> {
        let (uid, link, expires) = self
            .recorded_of_people("AddPerson", "people".to_owned(), async |people| {
                let added = people.add_person(Actor::Operator, &add.name, add.email.as_deref());
                let added = added.await?;
                let link = self.link("new-password", &added.link.token);
                Ok((added.uid, link, added.link.expires_at))
            })
            .await?;
        match add.output {
            Output::Json => say(&json!({
                "uid": uid.as_str(),
                "link": link,
                "expires": expires.to_string(),
            })
            .to_string()),
            Output::Text => {
                say(&format!(
                    "{uid}  {} sets the password by this link until {expires}:",
                    add.name
                ));
                say(&format!("  {link}"));
            }
        }
        Ok(Ended::Done)
    }

    async fn reset(&self, named: &str) -> Result<Ended> {
        let person = self.person(named).await?;
        let resource = format!("person/{}", person.uid);
        let (link, expires) = self
            .recorded_of_people("MakePasswordLink", resource, async |people| {
                let link = people.make_password_link(Actor::Operator, &person.uid).await?;
                Ok((self.link("new-password", &link.token), link.expires_at))
            })
            .await?;
        say(&format!("{} sets a new password by this link until {expires}:", person.name));
        say(&format!("  {link}"));
        say("Their sessions end when they do. A second factor is asked for as ever.");
        Ok(Ended::Done)
    }

    async fn delete(&self, delete: &Delete) -> Result<Ended> {
        let person = self.person(&delete.person).await?;
        if !delete.yes {
            bail!(
                "this deletes {} ({}) for good: say --yes to do it, or shut them out by \
                 `wellhouse user disable`",
                person.name,
                person.uid
            );
        }
        let resource = format!("person/{}", person.uid);
        let deleted = self
            .recorded_of_people("DeletePerson", resource, async |people| {
                people.delete_person(Actor::Operator, &person.uid).await
            })
            .await?;
        say(&format!("{} is deleted; nothing that was given out to them counts.", person.name));
        if let Some(home) = deleted.home {
            say(&format!(
                "Files under {}/{home} stay. Who has {ADMIN_ROLE} on the whole bucket can remove them.",
                deleted.bucket
            ));
        }
        self.tell_the_server().await?;
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
            PersonChange::Done => {
                say(&format!("{} is let back.", person.name));
                self.tell_the_server().await?;
            }
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
