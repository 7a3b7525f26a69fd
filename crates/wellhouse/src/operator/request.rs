//! `wellhouse request`: what persons asked to be let do, and the answer to it.

use anyhow::{Result, bail};
use jiff::Timestamp;
use serde_json::{Value, json};
use wh_files::ProposedChange;
use wh_ledger::AccessRequestRow;
use wh_people::{AccessRequestError, Actor};

use super::{Deed, House};
use crate::store::Output;
use crate::{Ended, say};

/// Requests for access: what persons were refused and asked for
///
/// Works without signing in, while the server runs or not. It stands in the audit log as `operator`.
#[derive(clap::Subcommand)]
pub(crate) enum AccessRequests {
    List(List),
    Answer(Answer),
}

/// List what waits to be decided, the oldest first
#[derive(clap::Args)]
pub(crate) struct List {
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// Give what was asked for, or decline it; once
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    wellhouse request answer ID --give --until 2030-12-31T18:00:00Z\n  \
    wellhouse request answer ID --decline --because 'Ask the archive.'")]
pub(crate) struct Answer {
    /// Its id: see `request list`
    id: String,
    #[command(flatten)]
    decision: Decision,
    /// When what is given ends: `2030-12-31T18:00:00Z`; never without it
    #[arg(long, value_name = "TIME", requires = "give")]
    until: Option<Timestamp>,
    /// What who asked reads beside the refusal
    #[arg(long, value_name = "TEXT", requires = "decline")]
    because: Option<String>,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Decision {
    /// Give the role that was asked for, at the folder that it was asked for
    #[arg(long)]
    give: bool,
    /// Decline it
    #[arg(long)]
    decline: bool,
}

pub(super) async fn run(command: AccessRequests, house: &House) -> Result<Ended> {
    match command {
        AccessRequests::List(list) => house.list_requests(list.output).await,
        AccessRequests::Answer(answer) if answer.decision.give => house.give_request(answer).await,
        AccessRequests::Answer(answer) => house.decline_request(answer).await,
    }
}

impl House {
    async fn list_requests(&self, output: Output) -> Result<Ended> {
        let waiting = self.ledger.open_access_requests().await?;
        let persons = self.ledger.persons().await?;
        let name = |request: &AccessRequestRow| {
            let asks = persons.iter().find(|person| person.uid == request.uid);
            asks.map_or_else(|| request.uid.to_string(), |person| person.name.clone())
        };
        if output == Output::Json {
            let told: Vec<Value> = waiting.iter().map(|row| as_json(row, &name(row))).collect();
            say(&json!({ "requests": told }).to_string());
            return Ok(Ended::Done);
        }
        for row in &waiting {
            let (place, name) = (format!("{}/{}", row.bucket, row.prefix), name(row));
            let note = row.note.as_deref().map(|note| format!(": {}", note.replace('\n', " ")));
            let note = note.unwrap_or_default();
            say(&format!(
                "{}  {name} asks for {} at {place}, for {}{note}",
                row.id, row.role, row.action
            ));
        }
        if waiting.is_empty() {
            say("Nothing waits to be decided.");
        }
        Ok(Ended::Done)
    }

    async fn give_request(&self, answer: Answer) -> Result<Ended> {
        let deed = Deed::to("GiveAccess", format!("access-requests/{}", answer.id));
        let asked = self.people.access_to_give(Actor::Operator, &answer.id, answer.until).await;
        let (_, row) = known(asked.map_err(anyhow::Error::from), &answer.id)?;
        let given = |everybody| {
            Ok((everybody, ProposedChange { given: vec![row], ..ProposedChange::default() }))
        };
        let weighed = self.weigh(given).await?;
        let deed = self.unless_refused(deed, &weighed).await?;
        let revision = weighed.revision;
        let made = self
            .recorded_with(deed, AccessRequestError::code, async |people| {
                let made = people.weighed_at(revision);
                let made = made.give_access(Actor::Operator, &answer.id, answer.until).await?.grant;
                let place = format!("{}/{}", made.bucket, made.prefix);
                let told = format!("before: nothing; now: {} at {place}", made.role);
                Ok(((made.id, made.role, place), told))
            })
            .await;
        let (id, role, place) = known(made, &answer.id)?;
        say(&format!("{role} at {place} is given: `grant remove {id}` takes it away."));
        weighed.tell();
        Ok(Ended::Done)
    }

    async fn decline_request(&self, answer: Answer) -> Result<Ended> {
        let deed = Deed::to("DeclineAccess", format!("access-requests/{}", answer.id));
        let declined = self
            .recorded_with(deed, AccessRequestError::code, async |people| {
                let asked =
                    people.decline_access(Actor::Operator, &answer.id, answer.because).await?;
                let place = format!("{}/{}", asked.bucket, asked.prefix);
                Ok(((), format!("{} at {place} for person/{}", asked.role, asked.uid)))
            })
            .await;
        known(declined, &answer.id)?;
        say("It is declined.");
        Ok(Ended::Done)
    }
}

/// Says where ids are found, where there is no such request.
fn known<T>(done: Result<T>, id: &str) -> Result<T> {
    match done {
        Err(error) if error.downcast_ref().is_some_and(is_missing) => {
            bail!("no request `{id}` waits to be decided: see `request list`")
        }
        done => done,
    }
}

fn is_missing(error: &AccessRequestError) -> bool {
    matches!(error, AccessRequestError::NoSuchRequest)
}

fn as_json(row: &AccessRequestRow, name: &str) -> Value {
    json!({
        "id": row.id.as_str(),
        "uid": row.uid.as_str(),
        "name": name,
        "role": row.role.as_str(),
        "bucket": row.bucket.as_str(),
        "prefix": row.prefix.as_str(),
        "action": row.action,
        "note": row.note,
        "created": row.created_at.to_string(),
    })
}
