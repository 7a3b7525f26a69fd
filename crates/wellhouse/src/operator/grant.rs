//! `wellhouse grant`: who has which role, where, and until when.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use serde_json::{Value, json};
use wh_files::ProposedChange;
use wh_ledger::{GrantChange, GrantRow, GrantSubject, RowId};
use wh_names::{BucketName, KeyPrefix, RoleName};
use wh_people::{GrantForm, check_grant};
use wh_provision::ROLES_GRANTABLE;

use super::weigh::{NO_ROW, Weighed};
use super::{Deed, House};
use crate::store::Output;
use crate::{Ended, parameters, say};

/// Grants: a role at a place, for a person, a group or everyone
///
/// Works without signing in, while the server runs or not. It stands in the audit log as `operator`.
#[derive(clap::Subcommand)]
pub(crate) enum Grant {
    List(List),
    Add(Add),
    /// Take a grant away: what was issued by it ends
    Remove(Remove),
}

/// List grants, or what one person holds and by what
#[derive(clap::Args)]
pub(crate) struct List {
    /// Only what counts for this person at this moment: name or uid
    #[arg(long)]
    person: Option<String>,
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// Give a role at a place
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    wellhouse grant add S3AccessRole team/ --group team\n  \
    wellhouse grant add RegularUserRole reports/ --person ada --until 2030-12-31T18:00:00Z\n  \
    wellhouse grant add UploadRole 'inbox/${uid}/' --everyone")]
pub(crate) struct Add {
    /// The role: `AdminRole`, `RegularUserRole`, `S3AccessRole` or `UploadRole`
    role: String,
    /// The folder, ending in `/`; empty for the whole bucket. `${uid}` is the holder's uid
    prefix: String,
    #[command(flatten)]
    to: To,
    /// One of the estate's buckets; the first without it
    #[arg(long, value_parser = BucketName::parse)]
    bucket: Option<BucketName>,
    /// What people see; the folder without it
    #[arg(long)]
    title: Option<String>,
    /// When it ends: `2030-12-31T18:00:00Z`; never without it
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// Only say who would gain what, and what stands against it
    #[arg(long)]
    dry_run: bool,
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct To {
    /// To a person: name or uid
    #[arg(long)]
    person: Option<String>,
    /// To a group: name or id
    #[arg(long)]
    group: Option<String>,
    /// To everyone
    #[arg(long)]
    everyone: bool,
}

/// A grant
#[derive(clap::Args)]
pub(crate) struct Remove {
    /// Its id: see `grant list`
    id: String,
    /// Only say who would lose what, and what stands against it
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(command: Grant, house: &House) -> Result<Ended> {
    match command {
        Grant::List(list) => house.list_grants(&list).await,
        Grant::Add(add) => house.add_grant(add).await,
        Grant::Remove(remove) => house.remove_grant(&remove).await,
    }
}

impl House {
    async fn list_grants(&self, list: &List) -> Result<Ended> {
        let now = parameters::clock().now();
        let grants = match &list.person {
            None => self.ledger.grants().await?,
            Some(named) => {
                let uid = self.person(named).await?.uid;
                let held = self.ledger.grants_for(&uid, now).await?.into_iter();
                held.filter_map(|grant| grant.as_held_by(&uid)).collect()
            }
        };
        let mut told = Vec::new();
        for grant in &grants {
            told.push((grant, self.subject(&grant.subject).await?));
        }
        if list.output == Output::Json {
            let told: Vec<Value> = told.iter().map(|(grant, _)| as_json(grant, now)).collect();
            say(&json!({ "grants": told }).to_string());
            return Ok(Ended::Done);
        }
        for (grant, subject) in &told {
            let until = match grant.ends_at {
                Some(end) if grant.counts_at(now) => format!(", until {end}"),
                Some(end) => format!(", ended {end}"),
                None => String::new(),
            };
            let place = format!("{}/{}", grant.bucket, grant.prefix);
            say(&format!("{}  {} at {place} {subject}{until}", grant.id, grant.role));
        }
        if told.is_empty() {
            say("There is no grant.");
        }
        Ok(Ended::Done)
    }

    /// To whom a grant is given, as a person reads it.
    async fn subject(&self, subject: &GrantSubject) -> Result<String> {
        Ok(match subject {
            GrantSubject::Person(uid) => {
                let person = self.ledger.person(uid).await?;
                format!("for {}", person.map_or_else(|| uid.to_string(), |person| person.name))
            }
            GrantSubject::Group(id) => {
                format!("by the group {}", self.group(id.as_str()).await?.name)
            }
            GrantSubject::Everyone => "for everyone".to_owned(),
        })
    }

    async fn add_grant(&self, add: Add) -> Result<Ended> {
        if !ROLES_GRANTABLE.contains(&add.role.as_str()) {
            bail!("a grant names one of {}", ROLES_GRANTABLE.join(", "));
        }
        if let Some(bucket) = add.bucket.as_ref().filter(|named| !self.buckets.contains(named)) {
            let names: Vec<&str> = self.buckets.iter().map(BucketName::as_str).collect();
            bail!("`{bucket}` is none of the estate's buckets: {}", names.join(", "));
        }
        let now = parameters::clock().now();
        let place = if add.prefix.is_empty() { "Everything" } else { add.prefix.as_str() };
        let form = GrantForm {
            subject: match (&add.to.person, &add.to.group) {
                (Some(named), _) => GrantSubject::Person(self.person(named).await?.uid),
                (None, Some(named)) => GrantSubject::Group(self.group(named).await?.id),
                (None, None) => GrantSubject::Everyone,
            },
            role: RoleName::parse(&add.role)?,
            bucket: add.bucket,
            title: add.title.unwrap_or_else(|| place.to_owned()),
            prefix: KeyPrefix::parse(&add.prefix).context("the folder")?,
            ends_at: add.until,
        };
        let form = check_grant(form, &self.holding.role, now)?;
        let grant = GrantRow {
            id: RowId::generate(now, &parameters::entropy()),
            subject: form.subject,
            role: form.role,
            bucket: form.bucket.unwrap_or_else(|| self.holding.bucket.clone()),
            prefix: form.prefix,
            title: form.title,
            created_at: now,
            created_by: None,
            ends_at: form.ends_at,
        };
        let would_be = GrantRow { id: RowId::parse(NO_ROW)?, ..grant.clone() };
        let given = |everybody| {
            Ok((everybody, ProposedChange { given: vec![would_be], ..ProposedChange::default() }))
        };
        let weighed = self.weigh(given).await?;
        let subject = self.subject(&grant.subject).await?;
        let words = in_words(&grant, &subject);
        if add.dry_run {
            match add.output {
                Output::Json => say(&weighed.as_json().to_string()),
                Output::Text => {
                    say(&format!("{words}, if it were given:"));
                    weighed.tell();
                }
            }
            return Ok(ended(&weighed));
        }
        let deed = Deed::to("AddGrant", format!("grants/{}", grant.id))
            .saying(format!("before: nothing; now: {words}"));
        let deed = self.unless_refused(deed, &weighed).await?;
        let ledger = self.ledger.weighed_at(weighed.revision);
        self.recorded(deed, ledger.insert_grant(&grant), |()| "done").await?;
        match add.output {
            Output::Json => say(&as_json(&grant, now).to_string()),
            Output::Text => {
                say(&format!("{}  {words}", grant.id));
                weighed.tell();
            }
        }
        Ok(Ended::Done)
    }

    async fn remove_grant(&self, remove: &Remove) -> Result<Ended> {
        let id = &remove.id;
        let none = || format!("there is no such grant as `{id}`: see `grant list`");
        let id = RowId::parse(id).with_context(none)?;
        let grant = self.ledger.grant(&id).await?.with_context(none)?;
        let words = in_words(&grant, &self.subject(&grant.subject).await?);
        let taken = BTreeSet::from([id.clone()]);
        let taken =
            |everybody| Ok((everybody, ProposedChange { taken, ..ProposedChange::default() }));
        let administers = self.holding.is_given_by(&grant);
        let weighed = match administers {
            true => Some(self.weigh(taken).await?),
            false => self.weigh_taken(taken).await,
        };
        if remove.dry_run {
            say(&format!("{words}, if it were taken away:"));
            weighed.iter().for_each(Weighed::tell);
            return Ok(weighed.as_ref().map_or(Ended::Done, ended));
        }
        let mut deed = Deed::to("RemoveGrant", format!("grants/{id}"))
            .saying(format!("before: {words}; now: taken away"));
        let mut ledger = self.ledger.clone();
        if let Some(weighed) = weighed.as_ref().filter(|_| administers) {
            deed = self.unless_refused(deed, weighed).await?;
            ledger = ledger.weighed_at(weighed.revision);
        }
        let change = ledger.delete_grant(&id, parameters::clock().now(), &self.holding);
        let code = |change: &GrantChange| match change {
            GrantChange::Done(_) => "done",
            GrantChange::Absent => "no-change",
            GrantChange::LastHolder => "last-administrator",
        };
        let changed = self.recorded(deed, change, code).await?;
        match &grant.subject {
            GrantSubject::Person(uid) => self.revoke_again(std::slice::from_ref(uid)).await?,
            GrantSubject::Group(id) => {
                let inside = self.inside(id).await?;
                self.revoke_again(&inside).await?;
            }
            GrantSubject::Everyone => {
                self.ledger.revoke_everyone(parameters::clock().now()).await?;
            }
        }
        match changed {
            GrantChange::Done(_) | GrantChange::Absent => {
                say(&format!("{words}: taken away."));
                weighed.iter().for_each(Weighed::tell);
            }
            GrantChange::LastHolder => bail!("this would leave no administrator"),
        }
        self.tell_the_server().await?;
        Ok(Ended::Done)
    }
}

/// A dry run of what would be refused says so to scripts, too.
fn ended(weighed: &Weighed) -> Ended {
    if weighed.stands() { Ended::Done } else { Ended::Failed }
}

fn in_words(grant: &GrantRow, subject: &str) -> String {
    let until = grant.ends_at.map(|end| format!(", until {end}")).unwrap_or_default();
    format!("{} at {}/{} {subject}{until}", grant.role, grant.bucket, grant.prefix)
}

fn as_json(grant: &GrantRow, now: Timestamp) -> Value {
    let subject = match &grant.subject {
        GrantSubject::Person(uid) => json!({ "kind": "person", "uid": uid.as_str() }),
        GrantSubject::Group(id) => json!({ "kind": "group", "id": id.as_str() }),
        GrantSubject::Everyone => json!({ "kind": "everyone" }),
    };
    json!({
        "id": grant.id.as_str(),
        "subject": subject,
        "role": grant.role.as_str(),
        "bucket": grant.bucket.as_str(),
        "prefix": grant.prefix.as_str(),
        "title": grant.title,
        "created": grant.created_at.to_string(),
        "created_by": grant.created_by.as_ref().map(wh_names::Uid::as_str),
        "ends": grant.ends_at.map(|end| end.to_string()),
        "ended": !grant.counts_at(now),
    })
}
