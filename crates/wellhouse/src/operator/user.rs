//! `wellhouse user`: persons, as whoever has the machine looks after them; also when nobody can sign in
//! any more.

use anyhow::{Result, bail};
use jiff::Timestamp;
use serde_json::{Value, json};
use wh_ledger::{
    ApiTokenRow, GrantRow, GrantSubject, IdentityRow, PersonChange, PersonKeyRefusal,
    PersonKeyState, PersonStatus, RowId,
};
use wh_people::{Actor, AddedLinks};
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
    Show(Show),
    Add(Add),
    RevokeToken(RevokeToken),
    /// Shut a person out: every session of theirs ends
    Disable(Named),
    /// Let a person back who was shut out
    Enable(Named),
    /// Make a person an administrator
    SetAdmin(Named),
    /// Print a link by which a person sets their own password, once, within 20 minutes
    Reset(Recover),
    /// Delete a person for good, with sessions, grants, keys and second factor; their files stay
    Delete(Delete),
    /// Take a person's second factor away, for somebody who has lost phone and recovery codes
    ResetSecondFactor(Recover),
    Unlink(Unlink),
}

/// List persons: name, uid, how they stand, whether they are administrators and have a second factor,
/// and by which providers they sign in
#[derive(clap::Args)]
pub(crate) struct List {
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// Show a person: how they stand, their linked sign-ins, API tokens and access keys
#[derive(clap::Args)]
pub(crate) struct Show {
    /// The person: name or uid
    person: String,
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// End an API token of a person for good; for an access key, see `wellhouse keys revoke`
#[derive(clap::Args)]
pub(crate) struct RevokeToken {
    /// The person: name or uid
    person: String,
    /// The token's id: see `user show`
    token: String,
}

/// Take a linked sign-in of a person away: see `user show`; every session of theirs ends
#[derive(clap::Args)]
pub(crate) struct Unlink {
    /// The person: name or uid
    person: String,
    /// The link's id: see `user show`
    link: String,
}

/// A person who is helped back in
#[derive(clap::Args)]
pub(crate) struct Recover {
    /// The person: name or uid
    person: String,
    /// Leave linked sign-ins that were added to the account; without it they end
    #[arg(long)]
    keep_links: bool,
}

impl Recover {
    fn links(&self) -> AddedLinks {
        if self.keep_links { AddedLinks::Keep } else { AddedLinks::End }
    }
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
        User::Show(show) => house.show(&show).await,
        User::RevokeToken(revoke) => house.revoke_token(&revoke).await,
        User::Add(add) => house.add(&add).await,
        User::Reset(recover) => house.reset(&recover).await,
        User::Delete(delete) => house.delete(&delete).await,
        User::Disable(named) => house.disable(&named.person).await,
        User::Enable(named) => house.enable(&named.person).await,
        User::SetAdmin(named) => house.set_admin(&named.person).await,
        User::ResetSecondFactor(recover) => house.reset_second_factor(&recover).await,
        User::Unlink(unlink) => house.unlink(&unlink).await,
    }
}

impl House {
    async fn list(&self, output: Output) -> Result<Ended> {
        let persons = self.ledger.persons().await?;
        let administrators = self.ledger.holders(&self.holding).await?;
        let second_factors = self.ledger.with_second_factor().await?;
        let linked = self.ledger.identities().await?;
        let told = persons.iter().map(|person| {
            let administrator = administrators.contains(&person.uid);
            let theirs = linked.iter().filter(|row| row.uid == person.uid);
            let providers: Vec<&str> = theirs.map(|row| row.provider.as_str()).collect();
            (person, administrator, (second_factors.contains(&person.uid), providers))
        });
        if output == Output::Json {
            let told = told.map(|(person, administrator, (second_factor, providers))| {
                json!({
                    "uid": person.uid.as_str(),
                    "name": person.name,
                    "status": person.status.as_str(),
                    "administrator": administrator,
                    "second_factor": second_factor,
                    "providers": providers,
                })
            });
            say(&json!({ "people": told.collect::<Vec<_>>() }).to_string());
            return Ok(Ended::Done);
        }
        for (person, administrator, (second_factor, providers)) in told {
            let mut words = vec![person.status.as_str()];
            words.extend(administrator.then_some("administrator"));
            words.extend(second_factor.then_some("second factor"));
            let linked = format!("linked to {}", providers.join(" and "));
            words.extend((!providers.is_empty()).then_some(linked.as_str()));
            say(&format!("{}  {}: {}", person.uid, person.name, words.join(", ")));
        }
        if persons.is_empty() {
            say(
                "There is nobody yet: `wellhouse serve` prints a link for the first administrator.",
            );
        }
        Ok(Ended::Done)
    }

    async fn show(&self, show: &Show) -> Result<Ended> {
        let person = self.person(&show.person).await?;
        let factors = self.ledger.factors(&person.uid).await?;
        let administrator = self.ledger.holders(&self.holding).await?.contains(&person.uid);
        let now = parameters::clock().now();
        let links = self.ledger.identities_of(&person.uid).await?;
        let tokens = self.ledger.api_tokens_of(&person.uid).await?;
        let keys = self.ledger.person_keys_of(&person.uid).await?;
        let (tokens, keys) = (
            tokens.iter().map(|row| Held::token(row, now)).collect::<Vec<_>>(),
            keys.iter().map(|state| Held::key(state, now)).collect::<Vec<_>>(),
        );
        if show.output == Output::Json {
            let told = json!({
                "uid": person.uid.as_str(),
                "name": person.name,
                "email": person.email,
                "status": person.status.as_str(),
                "administrator": administrator,
                "second_factor": factors.any(),
                "links": links.iter().map(link_as_json).collect::<Vec<_>>(),
                "tokens": tokens.iter().map(Held::as_json).collect::<Vec<_>>(),
                "keys": keys.iter().map(Held::as_json).collect::<Vec<_>>(),
            });
            say(&told.to_string());
            return Ok(Ended::Done);
        }
        let mut words = vec![person.status.as_str()];
        words.extend(administrator.then_some("administrator"));
        words.extend(factors.any().then_some("second factor"));
        say(&format!("{}  {}: {}", person.uid, person.name, words.join(", ")));
        for link in &links {
            say(&format!("  linked sign-in {}", link_in_words(link)));
        }
        for (what, all) in [("API token", &tokens), ("access key", &keys)] {
            for held in all {
                say(&format!("  {what} {}", held.in_words()));
            }
            if all.is_empty() {
                say(&format!("  no {what}"));
            }
        }
        Ok(Ended::Done)
    }

    async fn revoke_token(&self, revoke: &RevokeToken) -> Result<Ended> {
        let person = self.person(&revoke.person).await?;
        let tokens = self.ledger.api_tokens_of(&person.uid).await?;
        let token = tokens.into_iter().find(|token| token.id.as_str() == revoke.token);
        let none =
            || format!("{} has no API token `{}`: see `user show`", person.name, revoke.token);
        let Some(token) = token else { bail!(none()) };
        let resource = format!("person/{}/api-token/{}", person.uid, token.id);
        let told = format!("before: `{}` until {}; now: revoked", token.name, token.expires_at);
        let record = record(Deed::to("RevokeApiToken", resource).saying(told));
        if !self.ledger.revoke_api_token(&person.uid, &token.id, &record).await? {
            bail!("`{}` is revoked already", token.name);
        }
        say(&format!("`{}` is revoked, with whatever was issued for it.", token.name));
        self.tell_the_server().await?;
        Ok(Ended::Done)
    }

    async fn add(&self, add: &Add) -> Result<Ended> {
        let (uid, link, expires) = self
            .recorded_of_people(Deed::to("AddPerson", "people"), async |people| {
                let added = people.add_person(Actor::Operator, &add.name, add.email.as_deref());
                let added = added.await?;
                let link = self.link("new-password", &added.link.token);
                let (uid, expires) = (added.uid, added.link.expires_at);
                let told = format!(
                    "before: nobody; now: person/{uid} `{}`, active, with a link to set a password until \
                     {expires}",
                    add.name
                );
                Ok(((uid, link, expires), told))
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

    async fn unlink(&self, unlink: &Unlink) -> Result<Ended> {
        let person = self.person(&unlink.person).await?;
        let links = self.ledger.identities_of(&person.uid).await?;
        let link = links.into_iter().find(|link| link.id.as_str() == unlink.link);
        let none = || format!("{} has no link `{}`: see `user show`", person.name, unlink.link);
        let Some(link) = link else { bail!(none()) };
        let resource = format!("person/{}/identity/{}", person.uid, link.id);
        let told = format!("before: linked to {}; now: not", link.provider);
        let record = record(Deed::to("UnlinkIdentity", resource).saying(told));
        self.people.unlink_recorded((&person.uid, &link.id), record).await?;
        say(&format!(
            "{} is linked to {} no more; their sessions have ended.",
            person.name, link.provider
        ));
        self.tell_the_server().await?;
        Ok(Ended::Done)
    }

    async fn reset(&self, recover: &Recover) -> Result<Ended> {
        let (person, links) = (self.person(&recover.person).await?, recover.links());
        let deed = Deed::to_person("MakePasswordLink", &person);
        let (link, expires) = self
            .recorded_of_people(deed, async |people| {
                let link = people.make_password_link(Actor::Operator, (&person.uid, links));
                let link = link.await?;
                let (expires, link) = (link.expires_at, self.link("new-password", &link.token));
                Ok(((link, expires), format!("now: a link until {expires}")))
            })
            .await?;
        say(&format!("{} sets a new password by this link until {expires}:", person.name));
        say(&format!("  {link}"));
        say("Their sessions end when they do. A second factor is asked for as ever.");
        say(match links {
            AddedLinks::End => "Linked sign-ins that were added to the account end with them.",
            AddedLinks::Keep => "Linked sign-ins go on: see `wellhouse user show`.",
        });
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
        let deed = Deed::to_person("DeletePerson", &person);
        let deleted = self
            .recorded_of_people(deed, async |people| {
                let deleted = people.delete_person(Actor::Operator, &person.uid).await?;
                let (status, name) = (deleted.person.status.as_str(), &deleted.person.name);
                let told = format!("before: {status} `{name}`; now: deleted");
                Ok((deleted, told))
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
        let deed = Deed::to_person("SetAdministrator", &person).saying(format!(
            "before: {} `{}` without it; now: {} on {}/{} by grants/{}",
            person.status.as_str(),
            person.name,
            grant.role,
            grant.bucket,
            grant.prefix,
            grant.id
        ));
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

    async fn reset_second_factor(&self, recover: &Recover) -> Result<Ended> {
        let (person, links) = (self.person(&recover.person).await?, recover.links());
        let record = record(Deed::to_person("ResetSecondFactor", &person));
        let mails = self.people.told_of_reset(&person.uid, links).await?;
        let ledger = self.ledger.with_mails(mails);
        if ledger.reset_second_factor(&person.uid, links, &record).await? {
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

/// An API token or an access key, as an operator is told of it. What it opens with is not in it.
struct Held {
    id: String,
    name: String,
    standing: &'static str,
    expires: Timestamp,
    used: Option<(Timestamp, Option<String>)>,
}

impl Held {
    fn token(row: &ApiTokenRow, now: Timestamp) -> Self {
        let standing = match row.revoked_at {
            Some(_) => "revoked",
            None if now >= row.expires_at => "expired",
            None => "active",
        };
        let used = row.used.as_ref().map(|used| (used.at, used.ip.clone()));
        let (id, name) = (row.id.as_str().to_owned(), row.name.clone());
        Self { id, name, standing, expires: row.expires_at, used }
    }

    fn key(state: &PersonKeyState, now: Timestamp) -> Self {
        let standing = state.opens(now).map_or_else(PersonKeyRefusal::code, |_| "active");
        let used = state.used.as_ref().map(|used| (used.at, used.ip.clone()));
        let (id, name) = (state.key.id.as_str().to_owned(), state.key.name.clone());
        Self { id, name, standing, expires: state.key.expires_at, used }
    }

    fn as_json(&self) -> Value {
        let used = self.used.as_ref().map(|(at, ip)| json!({ "at": at.to_string(), "ip": ip }));
        json!({
            "id": self.id,
            "name": self.name,
            "standing": self.standing,
            "expires": self.expires.to_string(),
            "used": used,
        })
    }

    fn in_words(&self) -> String {
        let used = match &self.used {
            None => "never used".to_owned(),
            Some((at, None)) => format!("used {at}"),
            Some((at, Some(ip))) => format!("used {at} from {ip}"),
        };
        format!("{}  {}: {} until {}, {used}", self.id, self.name, self.standing, self.expires)
    }
}

fn link_as_json(link: &IdentityRow) -> Value {
    json!({
        "id": link.id.as_str(),
        "provider": link.provider,
        "label": link.label,
        "added": link.added,
        "linked": link.linked_at.to_string(),
        "used": link.used_at.map(|at| at.to_string()),
    })
}

fn link_in_words(link: &IdentityRow) -> String {
    let label = link.label.as_deref().unwrap_or("somebody");
    let how = if link.added { "added" } else { "since the beginning" };
    let used = link.used_at.map_or_else(|| "never used".to_owned(), |at| format!("used {at}"));
    format!("{}  {} as {label}: {how}, {used}", link.id, link.provider)
}

/// What the audit log says that a change came to.
fn came_of_it(change: PersonChange) -> &'static str {
    match change {
        PersonChange::Done => "done",
        PersonChange::Absent => "no-change",
        PersonChange::LastHolder => "last-administrator",
    }
}
