//! `wellhouse group`: groups of persons.

use std::pin::Pin;

use anyhow::{Result, bail};
use serde_json::json;
use wh_files::ProposedChange;
use wh_ledger::{LedgerError, MembershipRow, RowId};
use wh_people::{Everybody, new_group};

use super::weigh::Weighed;
use super::{Deed, House};
use crate::store::Output;
use crate::{Ended, parameters, say};

/// Groups: what is granted to a group counts for whoever is in it
///
/// Works without signing in, while the server runs or not. It stands in the audit log as `operator`.
#[derive(clap::Subcommand)]
pub(crate) enum Group {
    List(List),
    /// Make a group with nobody in it
    Add(Named),
    /// Delete a group with its grants: who is in it loses at once what they had by it
    Remove(Named),
    Rename(Rename),
    /// Put a person into a group
    AddMember(Member),
    /// Take a person out of a group: they lose at once what they had by it
    RemoveMember(Member),
}

/// List groups with who is in them
#[derive(clap::Args)]
pub(crate) struct List {
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// A group
#[derive(clap::Args)]
pub(crate) struct Named {
    /// The group: name or id
    group: String,
}

/// Give a group another name
#[derive(clap::Args)]
pub(crate) struct Rename {
    /// The group: name or id
    group: String,
    /// The new name
    name: String,
}

/// A person and a group
#[derive(clap::Args)]
pub(crate) struct Member {
    /// The group: name or id
    group: String,
    /// The person: name or uid
    person: String,
}

pub(super) async fn run(command: Group, house: &House) -> Result<Ended> {
    match command {
        Group::List(list) => house.list_groups(list.output).await,
        Group::Add(named) => house.add_group(&named.group).await,
        Group::Remove(named) => house.remove_group(&named.group).await,
        Group::Rename(rename) => house.rename_group(&rename.group, &rename.name).await,
        Group::AddMember(member) => house.add_member(&member).await,
        Group::RemoveMember(member) => house.remove_member(&member).await,
    }
}

impl House {
    async fn list_groups(&self, output: Output) -> Result<Ended> {
        let groups = self.ledger.person_groups().await?;
        let (inside, persons) = (self.ledger.memberships().await?, self.ledger.persons().await?);
        let members = |id: &RowId| {
            let inside = inside.iter().filter(|member| member.group == *id);
            let persons = inside.filter_map(|m| persons.iter().find(|p| p.uid == m.uid));
            persons.collect::<Vec<_>>()
        };
        if output == Output::Json {
            let told = groups.iter().map(|group| {
                let members = members(&group.id).into_iter();
                let members = members.map(|p| json!({ "uid": p.uid.as_str(), "name": p.name }));
                let members: Vec<_> = members.collect();
                json!({ "id": group.id.as_str(), "name": group.name, "members": members })
            });
            say(&json!({ "groups": told.collect::<Vec<_>>() }).to_string());
            return Ok(Ended::Done);
        }
        for group in &groups {
            let names: Vec<&str> = members(&group.id).iter().map(|p| p.name.as_str()).collect();
            let names = if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
            say(&format!("{}  {}: {names}", group.id, group.name));
        }
        if groups.is_empty() {
            say("There is no group yet: `wellhouse group add NAME` makes one.");
        }
        Ok(Ended::Done)
    }

    async fn add_group(&self, name: &str) -> Result<Ended> {
        let now = parameters::clock().now();
        let id = RowId::generate(now, &parameters::entropy());
        let group = new_group(id, name, (now, None))?;
        let deed = Deed::to_group("AddGroup", &group)
            .saying(format!("before: nothing; now: `{}`", group.name));
        let made = self.recorded(deed, taken(self.ledger.insert_person_group(&group)), |made| {
            came_of_it(made.as_ref())
        });
        if made.await?.is_none() {
            bail!("the name `{name}` is taken, or looks like one that is");
        }
        say(&format!("{}  {}: nobody", group.id, group.name));
        Ok(Ended::Done)
    }

    async fn remove_group(&self, named: &str) -> Result<Ended> {
        let group = self.group(named).await?;
        let id = group.id.clone();
        let taken = |everybody: Everybody| {
            let own = everybody.grants.iter().filter(|one| one.subject.group() == Some(&id));
            let taken = own.map(|grant| grant.id.clone()).collect();
            Ok((everybody, ProposedChange { taken, ..ProposedChange::default() }))
        };
        let weighed = self.weigh_taken(taken).await;
        let deed = Deed::to_group("RemoveGroup", &group)
            .saying(format!("before: `{}`; now: nothing", group.name));
        let inside = self.inside(&group.id).await?;
        let gone = self.ledger.delete_person_group(&group.id, parameters::clock().now());
        let code = |gone: &Option<_>| if gone.is_some() { "done" } else { "no-change" };
        self.recorded(deed, gone, code).await?;
        self.revoke_again(&inside).await?;
        say(&format!("{} is deleted, with what was granted to it.", group.name));
        weighed.iter().for_each(Weighed::tell);
        self.tell_the_server().await?;
        Ok(Ended::Done)
    }

    async fn rename_group(&self, named: &str, name: &str) -> Result<Ended> {
        let group = self.group(named).await?;
        let renamed = new_group(group.id.clone(), name, (group.created_at, None))?;
        let deed = Deed::to_group("RenameGroup", &group)
            .saying(format!("before: `{}`; now: `{}`", group.name, renamed.name));
        let done = taken(self.ledger.rename_person_group(&renamed));
        if self.recorded(deed, done, |done| came_of_it(done.as_ref())).await?.is_none() {
            bail!("the name `{name}` is taken, or looks like one that is");
        }
        say(&format!("{} is called {} now.", group.name, renamed.name));
        Ok(Ended::Done)
    }

    async fn add_member(&self, member: &Member) -> Result<Ended> {
        let (group, person) =
            (self.group(&member.group).await?, self.person(&member.person).await?);
        let row = MembershipRow {
            group: group.id.clone(),
            uid: person.uid.clone(),
            added_at: parameters::clock().now(),
            added_by: None,
            issuer: None,
        };
        let joining = vec![(group.id.clone(), person.uid.clone())];
        let joins =
            |everybody| Ok((everybody, ProposedChange { joining, ..ProposedChange::default() }));
        let weighed = self.weigh(joins).await?;
        let before =
            if self.inside(&group.id).await?.contains(&person.uid) { "in it" } else { "not in it" };
        let deed = Deed::to_group("AddMember", &group)
            .saying(format!("before: {before}; now: person/{} in `{}`", person.uid, group.name));
        let deed = self.unless_refused(deed, &weighed).await?;
        let code = |added: &bool| if *added { "done" } else { "no-change" };
        let ledger = self.ledger.weighed_at(weighed.revision);
        let added = self.recorded(deed, ledger.add_member(&row), code).await?;
        let since = if added { "" } else { " already" };
        say(&format!("{} is in {}{since}.", person.name, group.name));
        weighed.tell();
        Ok(Ended::Done)
    }

    async fn remove_member(&self, member: &Member) -> Result<Ended> {
        let (group, person) =
            (self.group(&member.group).await?, self.person(&member.person).await?);
        let leaving = vec![(group.id.clone(), person.uid.clone())];
        let leaves =
            |everybody| Ok((everybody, ProposedChange { leaving, ..ProposedChange::default() }));
        let weighed = self.weigh_taken(leaves).await;
        let deed = Deed::to_group("RemoveMember", &group)
            .saying(format!("before: person/{} in `{}`; now: not", person.uid, group.name));
        let code = |gone: &bool| if *gone { "done" } else { "no-change" };
        let now = parameters::clock().now();
        let gone = self.ledger.remove_member(&group.id, &person.uid, now);
        if !self.recorded(deed, gone, code).await? {
            bail!("{} is not in {}", person.name, group.name);
        }
        self.revoke_again(std::slice::from_ref(&person.uid)).await?;
        say(&format!("{} is not in {} any more.", person.name, group.name));
        weighed.iter().for_each(Weighed::tell);
        self.tell_the_server().await?;
        Ok(Ended::Done)
    }
}

/// `None` where what was written conflicts with what is there.
fn taken<'a, T: 'a>(
    change: impl Future<Output = Result<T, LedgerError>> + 'a,
) -> Pin<Box<dyn Future<Output = Result<Option<T>, LedgerError>> + 'a>> {
    Box::pin(async move {
        match change.await {
            Ok(done) => Ok(Some(done)),
            Err(LedgerError::Conflict { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    })
}

fn came_of_it<T>(done: Option<&T>) -> &'static str {
    if done.is_some() { "done" } else { "name-taken" }
}
