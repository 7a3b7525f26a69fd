//! `wellhouse policy prove` without a question: the estate's guard rails, proved for all requests.

use anyhow::Result;
use serde_json::{Value, json};
use wh_policy::analysis::Witness;
use wh_policy::rails::{Breach, Broken, Rail, broken};
use wh_policy::{Realm, RealmRole};
use wh_provision::Estate;

use super::world::{self, Source, World};
use super::{Configured, Output, asked, say_each, witness};
use crate::{Ended, paint, say};

impl World {
    /// The world as guard rails look at it.
    pub(crate) fn realm(&self) -> Realm {
        let roles = self.roles.iter().map(|(name, role)| {
            let held = RealmRole {
                arn: role.arn.clone(),
                trust: role.trust.clone(),
                permissions: role.permissions.clone(),
                boundary: role.boundary.clone(),
            };
            (name.clone(), held)
        });
        Realm {
            partition: self.partition.clone(),
            account: self.account.clone(),
            roles: roles.collect(),
            buckets: self.buckets.clone(),
        }
    }
}

/// Proves them. Exit code: 0 all hold, 1 one does not.
pub(super) fn run((from, output): (&Source, Output), config: Configured<'_>) -> Result<Ended> {
    let config = config()?;
    let rails = crate::estate::configured(&config)?.rails();
    let realm = world::read(from, &config)?.realm();
    for rail in &rails {
        rail.check(&realm)?;
    }
    let found = broken(&rails, &realm);
    match output {
        Output::Text => print(&rails, &found),
        Output::Json => say(&format!("{:#}", json(&rails, &found, from))),
    }
    Ok(if found.is_empty() { Ended::Done } else { Ended::Failed })
}

fn print(rails: &[Rail], found: &[Broken]) {
    for rail in rails {
        let own: Vec<&Broken> = found.iter().filter(|one| one.rail == rail.name).collect();
        if own.is_empty() {
            say(&format!("{}: {}", paint::green("proved"), rail.name));
            continue;
        }
        say(&format!("{}: {} ({})", paint::red("broken"), paint::bold(&rail.name), rail.why));
        for one in own {
            say_each("  ", &in_words(one));
        }
    }
    if rails.is_empty() {
        say("This estate has no guard rails.");
    }
}

/// Who breaks a rail, and by what.
pub(crate) fn in_words(Broken { who, how, .. }: &Broken) -> Vec<String> {
    match how {
        Breach::By(found) => {
            let mut lines = vec![format!("{} is allowed, for example", paint::bold(who))];
            lines.extend(witness::in_words(found).into_iter().map(|line| format!("  {line}")));
            lines
        }
        Breach::NotProved(because) => {
            vec![format!("not proved for {}, {}", paint::bold(who), witness::because(because))]
        }
    }
}

fn json(rails: &[Rail], found: &[Broken], from: &Source) -> Value {
    let rails: Vec<Value> = rails
        .iter()
        .map(|rail| {
            let own: Vec<Value> =
                found.iter().filter(|one| one.rail == rail.name).map(breach).collect();
            json!({ "rail": rail.name, "why": rail.why, "proved": own.is_empty(), "broken": own })
        })
        .collect();
    json!({ "from": from.to_string(), "proved": found.is_empty(), "rails": rails })
}

/// `{rail, who, request}`, or `{rail, who, because}`.
pub(crate) fn breach(one: &Broken) -> Value {
    match &one.how {
        Breach::By(found) => {
            json!({ "rail": one.rail, "who": one.who, "request": request(found) })
        }
        Breach::NotProved(because) => {
            json!({ "rail": one.rail, "who": one.who, "because": because })
        }
    }
}

fn request(found: &Witness) -> Value {
    json!({
        "action": found.action.as_str(),
        "resource": found.resource.to_string(),
        "context": asked::json(&found.context),
    })
}

/// Refuses an estate that its own guard rails or expectations forbid.
pub(crate) fn guard(estate: &Estate) -> Result<()> {
    let (broken, missed) = (estate.broken_rails(), estate.missed_expectations());
    if broken.is_empty() && missed.is_empty() {
        return Ok(());
    }
    for one in &broken {
        let (rail, why) = (paint::bold(&one.rail), &one.why);
        say(&format!("{}: the guard rail {rail} ({why})", paint::red("broken")));
        say_each("  ", &in_words(one));
    }
    for one in &missed {
        say(&format!("{}: {}: {}", paint::red("missed"), paint::bold(&one.name), one.why));
    }
    let of = |count: usize, what: &str| crate::estate::counted(count, what);
    anyhow::bail!(
        "this estate is not made: {} broken, {} missed",
        of(broken.len(), "guard rail"),
        of(missed.len(), "expectation")
    )
}
