//! `wellhouse audit correlate`: whose request each record of CloudTrail is.
//!
//! A request is a person's where all that tells of it agrees: the session's access key, which the portal
//! wrote down with uid, grant and role when it took the session; the session's name; its source identity;
//! its role; its time.

mod event;
mod files;
mod sessions;
mod who;

use std::path::PathBuf;

use anyhow::{Result, bail};
use serde_json::{Value, json};
use wh_ledger::Ledger;

use self::event::Event;
use self::sessions::{Known, Sessions};
use self::who::{House, Who};
use crate::config::{Config, StoreKind};
use crate::store::Output;
use crate::{Ended, estate, paint, say};

/// Tell of each request that CloudTrail recorded which person did it, by which grant and role session
///
/// Reads the files of a trail, as they lie in the bucket of logs (`aws s3 sync s3://BUCKET/AWSLogs DIR`),
/// packed or not, and holds each record against the audit log. Records of other buckets and roles are
/// left out and counted.
///
/// Exit code: 0 everything fits, 2 something does not, 1 it could not be read.
#[derive(clap::Args)]
pub(crate) struct Correlate {
    /// A file of CloudTrail, or a folder of them; may be said several times
    #[arg(long, value_name = "FILE|DIR", required = true)]
    cloudtrail: Vec<PathBuf>,
    /// Only what this person did, by name or uid
    #[arg(long, value_name = "PERSON")]
    who: Option<String>,
    /// Only what was done to keys, buckets or roles in whose name this stands
    #[arg(long, value_name = "TEXT")]
    resource: Option<String>,
    /// Only what does not fit
    #[arg(long)]
    doubtful: bool,
    /// How the answer is printed; as JSON one request a line
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

/// How many requests were whose.
#[derive(Debug, Default)]
struct Sum {
    persons: usize,
    others: usize,
    doubtful: usize,
    elsewhere: usize,
}

/// Runs it.
pub(super) async fn run(asked: &Correlate, config: &Config, ledger: &Ledger) -> Result<Ended> {
    if config.store.kind != StoreKind::Aws {
        bail!(
            "CloudTrail tells of Amazon S3, and this store is our own: the audit log itself tells who \
             did what (store.kind = \"aws\" is what this needs)"
        );
    }
    let estate = estate::configured(config)?;
    let house = House::new(&estate, &config.store.role_arns);
    let sessions = Sessions::read(ledger).await?;
    let mut sum = Sum::default();
    for path in &asked.cloudtrail {
        let files = files::below(path)?;
        if files.is_empty() {
            bail!("{} holds no files of CloudTrail (.json or .json.gz)", path.display());
        }
        for file in files {
            tell_all(asked, (&house, &sessions), &files::events(&file)?, &mut sum);
        }
    }
    if asked.output == Output::Text {
        say(&format!(
            "{} of persons, {} of others, {} that do not fit; {} not about this estate.",
            sum.persons, sum.others, sum.doubtful, sum.elsewhere
        ));
    }
    Ok(if sum.doubtful == 0 { Ended::Done } else { Ended::Different })
}

fn tell_all(
    asked: &Correlate,
    (house, sessions): (&House<'_>, &Sessions),
    events: &[Event],
    sum: &mut Sum,
) {
    for event in events {
        if house.concerns(event) {
            tell(asked, (event, &house.who(event, sessions)), sessions, sum);
        } else {
            sum.elsewhere += 1;
        }
    }
}

fn tell(asked: &Correlate, (event, who): (&Event, &Who), sessions: &Sessions, sum: &mut Sum) {
    match who {
        Who::Person(_) => sum.persons += 1,
        Who::Doubtful(_) => sum.doubtful += 1,
        Who::Instance(_) | Who::Portal | Who::Service(_) | Who::Other(_) => sum.others += 1,
    }
    if !is_asked_for(asked, event, who, sessions) {
        return;
    }
    match asked.output {
        Output::Json => say(&as_json(event, who, sessions).to_string()),
        Output::Text => say(&in_words(event, who, sessions)),
    }
}

fn is_asked_for(asked: &Correlate, event: &Event, who: &Who, sessions: &Sessions) -> bool {
    let doubtful = matches!(who, Who::Doubtful(_));
    let whose = |wanted: &String| match who {
        Who::Person(known) => {
            known.uid == *wanted || sessions.name(&known.uid) == Some(wanted.as_str())
        }
        // What does not fit is not said to be somebody's, so it is left out for nobody.
        Who::Doubtful(_) => true,
        Who::Instance(_) | Who::Portal | Who::Service(_) | Who::Other(_) => false,
    };
    (doubtful || !asked.doubtful)
        && asked.who.as_ref().is_none_or(whose)
        && asked.resource.as_ref().is_none_or(|text| event.about().contains(text.as_str()))
}

fn in_words(event: &Event, who: &Who, sessions: &Sessions) -> String {
    let whose = match who {
        Who::Person(known) => of_person(known, sessions),
        Who::Instance(name) => format!("instance {name}"),
        Who::Portal => match &event.request_parameters {
            Some(asked) => format!(
                "the portal, for session {} of {}",
                asked.role_session_name.as_deref().unwrap_or("without a name"),
                asked.source_identity.as_deref().unwrap_or("nobody")
            ),
            None => "the portal".to_owned(),
        },
        Who::Service(service) => format!("AWS's {service}"),
        Who::Other(arn) => format!("{arn}, not through Wellhouse"),
        Who::Doubtful(doubts) => paint::red(&format!("DOUBTFUL: {}", doubts.join("; "))),
    };
    let presigned = if event.is_presigned() { ", by a presigned URL" } else { "" };
    let from = event.source_ip.as_deref().unwrap_or("an unknown address");
    let failed = event.error_code.as_ref().map(|code| format!(", {code}")).unwrap_or_default();
    let (at, name, about) = (event.event_time, &event.event_name, event.about());
    format!("{at:.0} {name} {about}: {whose}; from {from}{presigned}{failed}")
}

fn of_person(known: &Known, sessions: &Sessions) -> String {
    let Known { taken, uid, role_arn, line, .. } = known;
    let name = sessions.name(uid).unwrap_or("a person who is gone");
    let role = role_arn.rsplit('/').next().unwrap_or_default();
    format!(
        "{name} ({uid}), by grant {} of {role} on {}/{}, in session {} (line {line})",
        taken.grant, taken.bucket, taken.prefix, taken.session
    )
}

fn as_json(event: &Event, who: &Who, sessions: &Sessions) -> Value {
    let (kind, told) = match who {
        Who::Person(known) => (
            "person",
            json!({
                "uid": known.uid,
                "name": sessions.name(&known.uid),
                "grant": known.taken.grant,
                "role_arn": known.role_arn,
                "bucket": known.taken.bucket.as_str(),
                "prefix": known.taken.prefix.as_str(),
                "session": known.taken.session,
                "audit_line": known.line,
            }),
        ),
        Who::Instance(name) => ("instance", json!({ "session": name })),
        Who::Portal => ("portal", json!({})),
        Who::Service(service) => ("service", json!({ "service": service })),
        Who::Other(arn) => ("other", json!({ "arn": arn })),
        Who::Doubtful(doubts) => ("doubtful", json!({ "why": doubts })),
    };
    json!({
        "at": event.event_time.to_string(),
        "event": event.event_name,
        "about": event.about(),
        "who": kind,
        "told": told,
        "access_key_id": event.user_identity.access_key_id,
        "source_ip": event.source_ip,
        "presigned": event.is_presigned(),
        "error": event.error_code,
        "request_id": event.request_id,
        "id_2": event.additional_event_data.as_ref().and_then(|more| more.id_2.clone()),
        "event_id": event.event_id,
    })
}
