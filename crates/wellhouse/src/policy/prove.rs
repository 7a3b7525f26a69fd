//! `wellhouse policy prove`: that no request of a kind is ever allowed, or one that is.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use wh_policy::analysis::{Answer, Budget, allows_any};

use super::inquiry::{self, Known, Set, Shown};
use super::principal::Principal;
use super::vacuous::Question;
use super::world::{self, Source, World};
use super::{Configured, Output, files, rails, say_each, slip, witness};
use crate::{Ended, paint, say};

/// Prove that no request of a kind is ever allowed; without a question, the estate's guard rails
///
/// The answer covers every request: it is a proof, or a request that is allowed after all, or "not
/// known" with the reason; never a guess. A question that no request fits is not proved but empty.
///
/// Exit code: 0 proved, 1 refuted, not known or empty.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    wellhouse policy prove      the guard rails of the estate, as it is described\n  \
    wellhouse policy prove --from running      the same, as it is in force\n  \
    wellhouse policy prove --action 's3:Delete*' --resource 'wellhouse/shared/*' --role RegularUserRole\n  \
    wellhouse policy prove --action '*' --resource '*' --anonymous --from running\n  \
    wellhouse policy prove --never never.json --from mine\n\
never.json is written like a policy; its Allow statements say which requests are meant:\n  \
    {\"Version\": \"2012-10-17\", \"Statement\": [\n    \
      {\"Effect\": \"Allow\", \"Action\": \"s3:PutBucketPolicy\", \"Resource\": \"*\"}]}")]
pub(crate) struct Prove {
    /// A document that describes the requests
    #[arg(long, value_name = "REQUESTS.json", conflicts_with_all = ["action", "resource"])]
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

/// What came of it.
struct Findings<'w> {
    answers: Vec<(Principal<'w>, Shown)>,
    /// Why the question is empty, where it is.
    empty: Vec<String>,
    /// What is odd about it.
    notes: Vec<String>,
}

impl Findings<'_> {
    fn unbroken(&self) -> bool {
        self.answers.iter().all(|(_, shown)| shown.answer == Answer::No)
    }

    fn assumed(&self, prove: &Prove) -> Result<Vec<String>> {
        let mut lines = vec![format!("roles and policies: {}", prove.from)];
        lines.extend(inquiry::taken(self.answers.iter().map(|(principal, _)| principal)));
        lines.extend(prove.known.in_words()?);
        Ok(lines)
    }
}

pub(super) fn run(prove: &Prove, config: Configured<'_>) -> Result<Ended> {
    if prove.never.is_none() && prove.action.is_empty() {
        if prove.role.is_empty() && !prove.anonymous {
            return rails::run((&prove.from, prove.output), config);
        }
        bail!("what is to be proved? give --action and --resource, or --never FILE");
    }
    let world = world::read(&prove.from, &config()?)?;
    let set = match &prove.never {
        Some(path) => {
            Set::described(&files::read(path)?).with_context(|| path.display().to_string())?
        }
        None => Set::of(&world, &prove.action, &prove.resource)?,
    };
    let findings = find(prove, &world, &set)?;
    match prove.output {
        Output::Text => print(prove, &findings)?,
        Output::Json => say(&format!("{:#}", json(prove, &findings)?)),
    }
    let proved = findings.unbroken() && findings.empty.is_empty();
    Ok(if proved { Ended::Done } else { Ended::Failed })
}

fn find<'w>(prove: &Prove, world: &'w World, set: &Set) -> Result<Findings<'w>> {
    let [actions, resources] = match &prove.never {
        Some(_) => set.named(),
        None => [prove.action.clone(), prove.resource.clone()],
    };
    let flag = if prove.never.is_some() { "--never" } else { "--action" };
    let question = Question { actions: &actions, resources: &resources, flag };
    let mut findings = Findings {
        answers: Vec::new(),
        empty: question.empty(world, set),
        notes: slip::oddities(&actions, &[]),
    };
    for principal in principals(prove, world)? {
        let shown = can(world, &principal, set, &prove.known)?;
        findings.answers.push((principal, shown));
    }
    let astray = question.astray(world);
    if findings.unbroken() {
        findings.empty.extend(astray);
    } else {
        findings.notes.extend(astray);
    }
    Ok(findings)
}

fn principals<'w>(prove: &Prove, world: &'w World) -> Result<Vec<Principal<'w>>> {
    if prove.anonymous {
        return Ok(vec![Principal::anonymous()]);
    }
    if prove.role.is_empty() {
        return Ok(inquiry::principals(world));
    }
    let mut seen = BTreeSet::new();
    let once = prove.role.iter().filter(|name| seen.insert(name.as_str()));
    once.map(|name| Principal::named(world, name)).collect()
}

/// Whether a principal can make any request of a set.
pub(super) fn can(
    world: &World,
    principal: &Principal<'_>,
    set: &Set,
    known: &Known,
) -> Result<Shown> {
    let (context, absent) = known.read()?;
    Ok(inquiry::shown(world, &set.by(principal), |set| {
        inquiry::everywhere(&[world], set, |place, among| {
            let access = inquiry::access(world, principal, place, (&context, &absent));
            Some(allows_any(&access, among, Budget::default()))
        })
    }))
}

fn print(prove: &Prove, findings: &Findings<'_>) -> Result<()> {
    let requests = match &prove.never {
        Some(path) => format!("what {} describes", path.display()),
        None => format!("{} on {}", prove.action.join(", "), prove.resource.join(", ")),
    };
    let proved = findings.answers.iter().filter(|(_, shown)| shown.answer == Answer::No);
    let proved: Vec<&str> = proved.map(|(principal, _)| principal.name.as_str()).collect();
    for why in &findings.empty {
        say(&format!("{}: {why}", paint::red("the question is empty")));
    }
    if !proved.is_empty() && findings.empty.is_empty() {
        let word = paint::green("proved");
        say(&format!("{word}: no request for {requests} is allowed to {}", proved.join(", ")));
    }
    for (principal, shown) in &findings.answers {
        print_answer(principal, shown, &prove.from);
    }
    for note in &findings.notes {
        say(&format!("{}: {note}", paint::yellow("note")));
    }
    say("");
    say(&paint::bold("Assumed"));
    say_each("  ", &findings.assumed(prove)?);
    Ok(())
}

fn print_answer(principal: &Principal<'_>, shown: &Shown, from: &Source) {
    let name = paint::bold(&principal.name);
    match &shown.answer {
        Answer::No => {}
        Answer::Unknown(because) => {
            let because = witness::because(because);
            say(&format!("{}: {name}, {because}", paint::yellow("not known")));
        }
        Answer::Yes(found) => {
            say(&format!("{}: {name} is allowed, for example", paint::red("refuted")));
            shown.witnesses().for_each(|one| say_each("  ", &witness::in_words(one)));
            if let Some(command) = witness::command(found, principal, from) {
                say(&paint::faint(&format!("  {command}")));
            }
        }
    }
}

fn json(prove: &Prove, findings: &Findings<'_>) -> Result<Value> {
    let principals: Vec<Value> = findings
        .answers
        .iter()
        .map(|(principal, shown)| {
            let mut one = witness::json(shown, principal, &prove.from);
            if let Some(members) = one.as_object_mut() {
                members.insert("principal".to_owned(), json!(principal.name));
            }
            one
        })
        .collect();
    Ok(json!({
        "from": prove.from.to_string(),
        "proved": findings.unbroken() && findings.empty.is_empty(),
        "empty": findings.empty,
        "notes": findings.notes,
        "assumed": findings.assumed(prove)?,
        "principals": principals,
    }))
}
