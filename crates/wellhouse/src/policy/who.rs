//! `wellhouse policy who`: who can do something, and by which statement.

use anyhow::Result;
use serde_json::{Value, json};
use wh_policy::analysis::{Answer, Witness};
use wh_policy::{Explanation, PolicySet, Request, evaluate};

use super::inquiry::{self, Known, Set};
use super::principal::Principal;
use super::world::{self, Source, World};
use super::{Configured, Output, asked, paint, prove, say_each, slip, witness};
use crate::{Ended, say};

/// Say who can do something, by which statement, and on what condition
///
/// Roles, services and the anonymous are asked about all requests of the kind at once: "no" is a
/// proof, and "yes" comes with the shortest request that is allowed.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    wellhouse policy who --action s3:PutObject --resource 'wellhouse/home/*'\n  \
    wellhouse policy who --action sts:AssumeRole --resource S3AccessRole\n  \
    wellhouse policy who --action 's3:Delete*' --resource '*' --from running")]
pub(crate) struct Who {
    /// An action, or a pattern such as `s3:Put*`
    #[arg(long)]
    action: String,
    /// A resource or a pattern: an ARN, `bucket/key`, `bucket`, a role's name
    #[arg(long)]
    resource: String,
    #[command(flatten)]
    known: Known,
    /// Where roles and policies are read from: `standard`, `running`, a folder, a JSON file
    #[arg(long, value_name = "WORLD", default_value_t = Source::Standard)]
    from: Source,
    /// `text` or `json`
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// One principal: whether it can, and what decided the request that shows it.
struct Found<'w> {
    principal: Principal<'w>,
    answer: Answer,
    by: Option<Explanation>,
}

pub(super) fn run(who: &Who, config: Configured<'_>) -> Result<Ended> {
    let world = world::read(&who.from, &config()?)?;
    let (action, resource) = ([who.action.clone()], [who.resource.clone()]);
    let set = Set::of(&world, &action, &resource)?;
    let mut all = Vec::new();
    for principal in inquiry::principals(&world)? {
        let answer = prove::can(&world, &principal, &set, &who.known)?;
        let by = match &answer {
            Answer::Yes(found) => Some(explanation(&world, &principal, found)),
            Answer::No | Answer::Unknown(_) => None,
        };
        all.push(Found { principal, answer, by });
    }
    match who.output {
        Output::Text => print(who, &all)?,
        Output::Json => say(&format!("{:#}", json(who, &all))),
    }
    Ok(Ended::Done)
}

fn explanation(world: &World, principal: &Principal<'_>, found: &Witness) -> Explanation {
    let policies = PolicySet {
        identity: principal.role.map_or(&[], |role| &role.permissions),
        resource: world.policy_of(&found.resource),
        boundary: principal.role.and_then(|role| role.boundary.as_ref()),
        ..PolicySet::default()
    };
    let request = Request {
        subject: &principal.subject,
        action: &found.action,
        resource: &found.resource,
        resource_account: &asked::owner(world, &found.resource),
        context: &found.context,
    };
    evaluate(&policies, &request).explanation()
}

fn by_words(by: Option<&Explanation>) -> String {
    let Some(Explanation { policy: Some(policy), statement: Some(statement), .. }) = by else {
        return String::new();
    };
    format!("statement `{statement}` of `{policy}`")
}

fn print(who: &Who, all: &[Found<'_>]) -> Result<()> {
    let can = all.iter().filter(|one| matches!(one.answer, Answer::Yes(_))).count();
    let unknown = all.iter().filter(|one| matches!(one.answer, Answer::Unknown(_))).count();
    let unknown = if unknown > 0 { format!(" ({unknown} not known)") } else { String::new() };
    say(&format!("{can} of {} can {} on {}{unknown}:", all.len(), who.action, who.resource));
    let width = all.iter().map(|one| one.principal.name.chars().count()).max().unwrap_or_default();
    for one in all {
        let name = format!("{:width$}", one.principal.name);
        match &one.answer {
            Answer::No => say(&format!("  {} {name}  no", paint::red("✘"))),
            Answer::Unknown(because) => {
                let because = witness::because(because);
                say(&format!("  {} {name}  not known, {because}", paint::yellow("?")));
            }
            Answer::Yes(found) => {
                let (mark, by) = (paint::green("✔"), by_words(one.by.as_ref()));
                say(&format!("  {mark} {name}  {by}"));
                let indent = " ".repeat(width + 6);
                for line in witness::in_words(found) {
                    say(&paint::faint(&format!("{indent}{line}")));
                }
            }
        }
    }
    for oddity in slip::oddities(std::slice::from_ref(&who.action), &[]) {
        say(&format!("{}: {oddity}", paint::yellow("note")));
    }
    say("");
    say(&paint::bold("Assumed"));
    say(&format!("  roles and policies: {}; the account's root user is not asked", who.from));
    say_each("  ", &who.known.in_words()?);
    Ok(())
}

fn json(who: &Who, all: &[Found<'_>]) -> Value {
    let principals: Vec<Value> = all
        .iter()
        .map(|one| {
            let mut value = witness::json(&one.answer, &one.principal, &who.from);
            if let Some(members) = value.as_object_mut() {
                members.insert("principal".to_owned(), json!(one.principal.name));
                let by = one.by.as_ref();
                members.insert("policy".to_owned(), json!(by.and_then(|by| by.policy.clone())));
                members
                    .insert("statement".to_owned(), json!(by.and_then(|by| by.statement.clone())));
            }
            value
        })
        .collect();
    json!({ "from": who.from.to_string(), "principals": principals })
}
