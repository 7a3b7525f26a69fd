//! `wellhouse policy prove`: that no request of a kind is ever allowed, or one that is.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use wh_policy::analysis::{Answer, Budget, allows_any};

use super::inquiry::{self, Known, Set};
use super::principal::Principal;
use super::world::{self, Source, World};
use super::{Configured, Output, files, paint, say_each, slip, witness};
use crate::{Ended, say};

/// Prove that no request of a kind is ever allowed
///
/// The answer covers every request: it is a proof, or the shortest request that is allowed after all,
/// or "not known" with the reason; never a guess.
///
/// Exit code: 0 proved, 1 refuted or not known.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    wellhouse policy prove --action 's3:Delete*' --resource 'wellhouse/shared/*' --role RegularUserRole\n  \
    wellhouse policy prove --action '*' --resource '*' --anonymous --from running\n  \
    wellhouse policy prove --never never.json --from mine\n\
never.json is written like a policy; its Allow statements say which requests are meant:\n  \
    {\"Version\": \"2012-10-17\", \"Statement\": [\n    \
      {\"Effect\": \"Allow\", \"Action\": \"s3:PutBucketPolicy\", \"Resource\": \"*\"}]}")]
pub(crate) struct Prove {
    /// A document that describes the requests
    #[arg(long, value_name = "REQUESTS.json", required_unless_present = "action",
        conflicts_with_all = ["action", "resource"])]
    never: Option<PathBuf>,
    /// An action, or a pattern such as `s3:Put*`; again for more
    #[arg(long, requires = "resource")]
    action: Vec<String>,
    /// A resource or a pattern: an ARN, `bucket/key`, `bucket`, a role's name; again for more
    #[arg(long, requires = "action")]
    resource: Vec<String>,
    /// Only this role; again for more [default: all, services and the anonymous]
    #[arg(long, value_name = "NAME")]
    role: Vec<String>,
    /// Only requests that are not signed
    #[arg(long, conflicts_with = "role")]
    anonymous: bool,
    #[command(flatten)]
    known: Known,
    /// Where roles and policies are read from: `standard`, `running`, a folder, a JSON file
    #[arg(long, value_name = "WORLD", default_value_t = Source::Standard)]
    from: Source,
    /// `text` or `json`
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

pub(super) fn run(prove: &Prove, config: Configured<'_>) -> Result<Ended> {
    let world = world::read(&prove.from, &config()?)?;
    let set = match &prove.never {
        Some(path) => {
            Set::described(&files::read(path)?).with_context(|| path.display().to_string())?
        }
        None => Set::of(&world, &prove.action, &prove.resource)?,
    };
    let mut answers = Vec::new();
    for principal in principals(prove, &world)? {
        let answer = can(&world, &principal, &set, &prove.known)?;
        answers.push((principal, answer));
    }
    match prove.output {
        Output::Text => print(prove, &answers)?,
        Output::Json => say(&format!("{:#}", json(prove, &answers))),
    }
    let proved = answers.iter().all(|(_, answer)| *answer == Answer::No);
    Ok(if proved { Ended::Done } else { Ended::Failed })
}

fn principals<'w>(prove: &Prove, world: &'w World) -> Result<Vec<Principal<'w>>> {
    if prove.anonymous {
        return Ok(vec![Principal::anonymous()]);
    }
    if prove.role.is_empty() {
        return inquiry::principals(world);
    }
    prove.role.iter().map(|name| Principal::named(world, name)).collect()
}

/// Whether a principal can make any request of a set.
pub(super) fn can(
    world: &World,
    principal: &Principal<'_>,
    set: &Set,
    known: &Known,
) -> Result<Answer> {
    let (context, absent) = known.read()?;
    Ok(inquiry::everywhere(&[world], set, |place, among| {
        let access = inquiry::access(world, principal, place, (&context, &absent));
        Some(allows_any(&access, among, Budget::default()))
    }))
}

fn print(prove: &Prove, answers: &[(Principal<'_>, Answer)]) -> Result<()> {
    let requests = match &prove.never {
        Some(path) => format!("what {} describes", path.display()),
        None => format!("{} on {}", prove.action.join(", "), prove.resource.join(", ")),
    };
    let proved: Vec<&str> = answers
        .iter()
        .filter(|(_, answer)| *answer == Answer::No)
        .map(|(principal, _)| principal.name.as_str())
        .collect();
    if !proved.is_empty() {
        let word = paint::green("proved");
        say(&format!("{word}: no request for {requests} is allowed to {}", proved.join(", ")));
    }
    for (principal, answer) in answers {
        let name = paint::bold(&principal.name);
        match answer {
            Answer::No => {}
            Answer::Unknown(because) => {
                let because = witness::because(because);
                say(&format!("{}: {name}, {because}", paint::yellow("not known")));
            }
            Answer::Yes(found) => {
                say(&format!("{}: {name} is allowed", paint::red("refuted")));
                say_each("  ", &witness::in_words(found));
                let command = witness::command(found, principal, &prove.from);
                say(&paint::faint(&format!("  {command}")));
            }
        }
    }
    for oddity in slip::oddities(&prove.action, &[]) {
        say(&format!("{}: {oddity}", paint::yellow("note")));
    }
    say("");
    say(&paint::bold("Assumed"));
    say(&format!("  roles and policies: {}", prove.from));
    say_each("  ", &prove.known.in_words()?);
    Ok(())
}

fn json(prove: &Prove, answers: &[(Principal<'_>, Answer)]) -> Value {
    let principals: Vec<Value> = answers
        .iter()
        .map(|(principal, answer)| {
            let mut one = witness::json(answer, principal, &prove.from);
            if let Some(members) = one.as_object_mut() {
                members.insert("principal".to_owned(), json!(principal.name));
            }
            one
        })
        .collect();
    let proved = answers.iter().all(|(_, answer)| *answer == Answer::No);
    json!({ "from": prove.from.to_string(), "proved": proved, "principals": principals })
}
