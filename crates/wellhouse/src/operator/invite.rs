//! `wellhouse invite`: links that let one person in, once.

use anyhow::{Result, bail};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use wh_files::ProposedChange;
use wh_ledger::{GrantRow, GrantSubject, InvitationRow, RowId};
use wh_names::{KeyPrefix, RoleName, Uid};
use wh_people::{Actor, Everybody, InvitationForm, InvitedGrantForm};
use wh_provision::ROLES_GRANTABLE;

use super::weigh::NO_ROW;
use super::{Deed, House};
use crate::store::Output;
use crate::{Ended, parameters, say};

/// Invitations: a link that lets one person in, once, within 24 hours
///
/// Works without signing in, while the server runs or not. It stands in the audit log as `operator`.
#[derive(clap::Subcommand)]
pub(crate) enum Invite {
    Add(Add),
    List(List),
    /// Revoke an invitation that was not used
    Revoke(Revoke),
}

/// Make an invitation, and print its link, once
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    wellhouse invite add\n  \
    wellhouse invite add --name ada --group team --grant UploadRole=inbox/ --valid 2h")]
pub(crate) struct Add {
    /// What the person will be called; they choose, without it
    #[arg(long)]
    name: Option<String>,
    /// Their mail address; they may give one, without it
    #[arg(long)]
    email: Option<String>,
    /// A group that they will be in: name or id. May be given several times
    #[arg(long)]
    group: Vec<String>,
    /// A role at a folder that they will have by name. May be given several times
    #[arg(long, value_name = "ROLE=FOLDER")]
    grant: Vec<String>,
    /// How long it can be used, at most 24h
    #[arg(long, default_value = "24h", value_name = "DURATION")]
    valid: SignedDuration,
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// List invitations, the newest first
#[derive(clap::Args)]
pub(crate) struct List {
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// An invitation
#[derive(clap::Args)]
pub(crate) struct Revoke {
    /// Its id: see `invite list`
    id: String,
}

pub(super) async fn run(command: Invite, house: &House) -> Result<Ended> {
    match command {
        Invite::Add(add) => house.invite(add).await,
        Invite::List(list) => house.list_invitations(list.output).await,
        Invite::Revoke(revoke) => house.revoke_invitation(&revoke.id).await,
    }
}

impl House {
    async fn invite(&self, add: Add) -> Result<Ended> {
        let mut groups = Vec::new();
        for named in &add.group {
            groups.push(self.group(named).await?.id.as_str().to_owned());
        }
        let grants = add.grant.iter().map(|text| brought(text)).collect::<Result<_>>()?;
        let form = InvitationForm {
            name: add.name,
            email: add.email,
            groups,
            grants,
            life: Some(add.valid),
        };
        let weighed = self.weigh(|everybody| self.invited(everybody, &form)).await?;
        let deed = Deed::to("AddInvitation", "invitations");
        let deed = self.unless_refused(deed, &weighed).await?;
        let revision = weighed.revision;
        let (made, link) = self
            .recorded_of_people(deed, async |people| {
                let made = people.weighed_at(revision).invite(Actor::Operator, form).await?;
                let link = self.link("invitation", &made.token);
                let told = format!("before: nothing; now: {}", made.row.in_words());
                Ok(((made.row, link), told))
            })
            .await?;
        match add.output {
            Output::Json => say(&json!({
                "id": made.id.as_str(),
                "link": link,
                "expires": made.expires_at.to_string(),
            })
            .to_string()),
            Output::Text => {
                say(&format!("{}  works once, until {}:", made.id, made.expires_at));
                say(&format!("  {link}"));
                weighed.tell();
            }
        }
        Ok(Ended::Done)
    }

    /// Whoever follows the link, and what they would be given.
    fn invited(
        &self,
        everybody: Everybody,
        form: &InvitationForm,
    ) -> Result<(Everybody, ProposedChange)> {
        let uid = Uid::parse(NO_ROW)?;
        let group = |id: &String| anyhow::Ok((RowId::parse(id)?, uid.clone()));
        let joining = form.groups.iter().map(group).collect::<Result<_>>()?;
        let given = form.grants.iter().enumerate().map(|(number, grant)| {
            Ok(GrantRow {
                id: RowId::parse(&format!("{number:026}"))?,
                subject: GrantSubject::Person(uid.clone()),
                role: grant.role.clone(),
                bucket: self.holding.bucket.clone(),
                prefix: grant.prefix.clone(),
                title: grant.title.clone(),
                created_at: parameters::clock().now(),
                created_by: None,
                ends_at: grant.ends_at,
            })
        });
        let given = given.collect::<Result<_>>()?;
        let name = form.name.as_deref().unwrap_or_default();
        let everybody = everybody.joined_by(&uid, name);
        Ok((everybody, ProposedChange { given, joining, ..ProposedChange::default() }))
    }

    async fn list_invitations(&self, output: Output) -> Result<Ended> {
        let (all, now) = (self.ledger.invitations().await?, parameters::clock().now());
        if output == Output::Json {
            let told: Vec<Value> = all.iter().map(|row| as_json(row, now)).collect();
            say(&json!({ "invitations": told }).to_string());
            return Ok(Ended::Done);
        }
        for row in &all {
            let whom = row.name.as_deref().unwrap_or("anybody");
            say(&format!("{}  for {whom}: {}", row.id, standing(row, now)));
        }
        if all.is_empty() {
            say("There is no invitation.");
        }
        Ok(Ended::Done)
    }

    async fn revoke_invitation(&self, id: &str) -> Result<Ended> {
        let Ok(id) = RowId::parse(id) else {
            bail!("there is no such invitation as `{id}`: see `invite list`");
        };
        let deed = Deed::to("RevokeInvitation", format!("invitations/{id}"))
            .saying("before: open; now: revoked");
        let code = |done: &bool| if *done { "done" } else { "no-change" };
        let done = self.ledger.revoke_invitation(&id, parameters::clock().now());
        if !self.recorded(deed, done, code).await? {
            bail!("there is no invitation `{id}` that could be used still");
        }
        say("It is revoked.");
        Ok(Ended::Done)
    }
}

/// `ROLE=FOLDER`.
fn brought(text: &str) -> Result<InvitedGrantForm> {
    let Some((role, prefix)) = text.split_once('=') else {
        bail!("--grant is written ROLE=FOLDER: `UploadRole=inbox/`");
    };
    if !ROLES_GRANTABLE.contains(&role) {
        bail!("a grant names one of {}", ROLES_GRANTABLE.join(", "));
    }
    let title = if prefix.is_empty() { "Everything" } else { prefix };
    Ok(InvitedGrantForm {
        role: RoleName::parse(role)?,
        prefix: KeyPrefix::parse(prefix)?,
        title: title.to_owned(),
        ends_at: None,
    })
}

fn standing(row: &InvitationRow, now: Timestamp) -> String {
    match (&row.spent, row.revoked_at) {
        (Some((at, uid)), _) => format!("used {at} by {uid}"),
        (None, Some(at)) => format!("revoked {at}"),
        (None, None) if now < row.expires_at => format!("open until {}", row.expires_at),
        (None, None) => format!("expired {}", row.expires_at),
    }
}

fn as_json(row: &InvitationRow, now: Timestamp) -> Value {
    json!({
        "id": row.id.as_str(),
        "name": row.name,
        "email": row.email,
        "standing": standing(row, now),
        "expires": row.expires_at.to_string(),
        "created_by": row.created_by.as_ref().map(Uid::as_str),
    })
}
