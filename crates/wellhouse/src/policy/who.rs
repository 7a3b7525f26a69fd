//! `wellhouse policy who`: who can do something, and by which statement.

use anyhow::{Result, bail};
use serde_json::{Value, json};
use wh_policy::analysis::{Answer, Witness};
use wh_policy::{Explanation, PolicySet, Request, Subject, evaluate};

use super::inquiry::{self, Known, Set, Shown};
use super::principal::Principal;
use super::vacuous::Question;
use super::world::{self, Source, World};
use super::{Configured, Output, asked, prove, reach, say_each, slip, witness};
use crate::{Ended, paint, say};

/// Say who can do something, by which statement, and on what condition
///
/// Roles, services and the anonymous are asked about all requests of the kind at once: "no" is a
/// proof, and "yes" comes with a request that is allowed. So are users, accounts and providers that
/// trust and bucket policies name.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    wellhouse policy who --action s3:PutObject --resource 'wellhouse/home/*'\n  \
    wellhouse policy who --action sts:AssumeRole --resource S3AccessRole\n  \
    wellhouse policy who --action 's3:Delete*' --resource '*' --from running\n  \
    wellhouse policy who --place wellhouse/shared/plan.txt\n  \
    wellhouse policy who --place wellhouse/shared/ --output json")]
pub(crate) struct Who {
    /// An action, or a pattern such as `s3:Put*`
    #[arg(long, required_unless_present = "place")]
    action: Option<String>,
    /// A resource or a pattern: an ARN, `bucket/key`, `bucket`, a role's name
    #[arg(long, required_unless_present = "place")]
    resource: Option<String>,
    /// Ask instead who of this installation reaches an object, a folder or a bucket, by every action:
    /// persons by their grants, machines, strangers
    #[arg(long, value_name = "BUCKET/KEY", conflicts_with_all = ["action", "resource", "context", "absent", "from"])]
    place: Option<String>,
    /// Name only persons whose names hold this
    #[arg(long, requires = "place")]
    name: Option<String>,
    #[command(flatten)]
    known: Known,
    /// Where roles and policies are read from: `standard`, `running`, a folder, a JSON file
    #[arg(long, value_name = "WORLD", default_value_t = Source::Standard)]
    from: Source,
    /// `text` or `json`
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

impl Who {
    fn action(&self) -> &str {
        self.action.as_deref().unwrap_or_default()
    }

    fn resource(&self) -> &str {
        self.resource.as_deref().unwrap_or_default()
    }
}

/// One principal: whether it can, and what decided the request that shows it.
struct Found<'w> {
    principal: Principal<'w>,
    shown: Shown,
    by: Option<Explanation>,
}

pub(super) fn run(who: &Who, config: Configured<'_>) -> Result<Ended> {
    if let Some(place) = &who.place {
        return reach::who(
            (place, who.name.as_deref().unwrap_or_default()),
            who.output,
            &config()?,
        );
    }
    let world = world::read(&who.from, &config()?)?;
    let (action, resource) = ([who.action().to_owned()], [who.resource().to_owned()]);
    let set = Set::of(&world, &action, &resource)?;
    let question = Question { actions: &action, resources: &resource, flag: "--action" };
    let astray = question.astray(&world);
    if !astray.is_empty() {
        bail!("{}", astray.join("\n"));
    }
    let empty = question.empty(&world, &set);
    let signed = asked::on_roles(who.action());
    let mut all = Vec::new();
    for principal in inquiry::principals(&world) {
        if signed && principal.subject == Subject::Anonymous {
            continue;
        }
        let shown = prove::can(&world, &principal, &set, &who.known)?;
        let by = shown.witnesses().next().map(|found| explanation(&world, &principal, found));
        all.push(Found { principal, shown, by });
    }
    match who.output {
        Output::Text => print(who, &all, &empty)?,
        Output::Json => say(&format!("{:#}", json(who, &all, &empty)?)),
    }
    Ok(if empty.is_empty() { Ended::Done } else { Ended::Failed })
}

fn assumed(who: &Who, all: &[Found<'_>]) -> Result<Vec<String>> {
    let from = &who.from;
    let mut lines =
        vec![format!("roles and policies: {from}; the account's root user is not asked")];
    lines.extend(inquiry::taken(all.iter().map(|one| &one.principal)));
    lines.extend(who.known.in_words()?);
    Ok(lines)
}

fn explanation(world: &World, principal: &Principal<'_>, found: &Witness) -> Explanation {
    let policies = PolicySet {
        identity: principal.identity(),
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

fn print(who: &Who, all: &[Found<'_>], empty: &[String]) -> Result<()> {
    for why in empty {
        say(&format!("{}: {why}", paint::red("the question is empty")));
    }
    let can = all.iter().filter(|one| matches!(one.shown.answer, Answer::Yes(_))).count();
    let unknown = all.iter().filter(|one| matches!(one.shown.answer, Answer::Unknown(_))).count();
    let unknown = if unknown > 0 { format!(" ({unknown} not known)") } else { String::new() };
    say(&format!("{can} of {} can {} on {}{unknown}:", all.len(), who.action(), who.resource()));
    let width = all.iter().map(|one| one.principal.name.chars().count()).max().unwrap_or_default();
    for one in all {
        let name = format!("{:width$}", one.principal.name);
        match &one.shown.answer {
            Answer::No => say(&format!("  {} {name}  no", paint::red("✘"))),
            Answer::Unknown(because) => {
                let because = witness::because(because);
                say(&format!("  {} {name}  not known, {because}", paint::yellow("?")));
            }
            Answer::Yes(found) => {
                let (mark, by) = (paint::green("✔"), by_words(one.by.as_ref()));
                say(&format!("  {mark} {name}  {by}"));
                let indent = " ".repeat(width + 6);
                let lines = witness::in_words(found).join(&format!("\n{indent}"));
                say(&paint::faint(&format!("{indent}for example {lines}")));
            }
        }
    }
    for oddity in notes(who, empty) {
        say(&format!("{}: {oddity}", paint::yellow("note")));
    }
    say("");
    say(&paint::bold("Assumed"));
    say_each("  ", &assumed(who, all)?);
    Ok(())
}

/// What is odd about the question, where it is not empty for that.
fn notes(who: &Who, empty: &[String]) -> Vec<String> {
    if empty.is_empty() {
        return slip::oddities(&[who.action().to_owned()], &[]);
    }
    Vec::new()
}

fn json(who: &Who, all: &[Found<'_>], empty: &[String]) -> Result<Value> {
    let principals: Vec<Value> = all
        .iter()
        .map(|one| {
            let mut value = witness::json(&one.shown, &one.principal, &who.from);
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
    Ok(json!({
        "from": who.from.to_string(),
        "empty": empty,
        "notes": notes(who, empty),
        "assumed": assumed(who, all)?,
        "principals": principals,
    }))
}
