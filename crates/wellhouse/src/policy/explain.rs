//! `wellhouse policy explain`: one request, decided, and why.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use wh_names::{Action, Arn, BucketName, KeyPrefix};
use wh_policy::{
    Context, Decision, Language, NamedPolicy, Outcome, PolicySet, PolicyTrace, Request, Subject,
    Trace, Wanting, evaluate, s3,
};

use super::asked::{self, Keys};
use super::principal::Principal;
use super::world::{self, Source, World};
use super::{Configured, Output, cases, odd_value, say_each, slip};
use crate::output::visible;
use crate::{Ended, paint, say};

/// Decide one request, and say which statement decided or why none applied
///
/// Every policy that has a say is gone through, statement by statement: ✔ allows, ✘ denies, · does
/// not apply, and why. A condition key that is not given by --context is absent from the request.
///
/// With a policy test file instead of flags, its cases are explained.
///
/// Exit code: 0 where the request was decided, whether allowed or denied, else 1.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    wellhouse policy explain --role RegularUserRole --action s3:PutObject --resource wellhouse/shared/a\n  \
    wellhouse policy explain --role S3AccessRole --grant home/ada/ \\\n      \
      --action s3:ListBucket --resource wellhouse --context s3:prefix=home/ada/\n  \
    wellhouse policy explain --anonymous --action s3:GetObject --resource wellhouse/a --from running\n  \
    wellhouse policy explain cases.json --name 'reads shared'")]
pub(crate) struct Explain {
    /// A policy test file, whose cases are explained
    #[arg(value_name = "CASES.json",
        conflicts_with_all = ["role", "principal", "anonymous", "action", "resource", "context", "grant"])]
    cases: Option<PathBuf>,
    /// Only the case of this name
    #[arg(long, requires = "cases")]
    name: Option<String>,
    /// Who asks: a role of the world
    #[arg(long, conflicts_with_all = ["principal", "anonymous"])]
    role: Option<String>,
    /// Who asks: the ARN of a role, role session, user or account root, or a service
    #[arg(long, value_name = "ARN", conflicts_with = "anonymous")]
    principal: Option<String>,
    /// Who asks: nobody, the request is not signed
    #[arg(long)]
    anonymous: bool,
    /// What is done, such as `s3:GetObject`
    #[arg(long, requires = "resource")]
    action: Option<String>,
    /// To what: an ARN, `bucket/key`, `bucket`, or a role's name
    #[arg(long, requires = "action")]
    resource: Option<String>,
    #[command(flatten)]
    keys: Keys,
    /// As a session for a grant of this prefix of the bucket (`home/ada/`; empty: all of it)
    #[arg(long, value_name = "PREFIX", conflicts_with = "anonymous")]
    grant: Option<String>,
    /// Where roles and policies are read from: `standard`, `running`, a folder, a JSON file
    #[arg(long, value_name = "WORLD", default_value_t = Source::Standard)]
    from: Source,
    /// The language of the explanation
    #[arg(long, value_enum, default_value_t = Tongue::En)]
    language: Tongue,
    /// `text`, or `json`: the trace; of cases, JSON Lines, one object a case
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// A language.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Tongue {
    /// English
    En,
    /// German
    De,
}

impl Tongue {
    fn language(self) -> Language {
        match self {
            Self::En => Language::English,
            Self::De => Language::German,
        }
    }
}

pub(super) fn run(explain: &Explain, config: Configured<'_>) -> Result<Ended> {
    let language = explain.language.language();
    if let Some(path) = &explain.cases {
        return cases::explain(path, explain.name.as_deref(), language, explain.output);
    }
    let Some((action, resource)) = explain.action.as_deref().zip(explain.resource.as_deref())
    else {
        bail!("say what is asked: --action and --resource, or name a file of cases");
    };
    if action.contains(['*', '?']) {
        bail!(
            "--action `{action}`: `explain` decides one request; for patterns use `who` or `prove`"
        );
    }
    let world = world::read(&explain.from, &config()?)?;
    let resource = asked::one_resource(&world, action, resource)?;
    let principal = principal(explain, &world)?;
    let session = explain.grant.as_deref().map(|prefix| session(&world, &resource, prefix));
    let session = session.transpose()?;
    let policies = PolicySet {
        identity: principal.role.map_or(&[], |role| &role.permissions),
        resource: world.policy_of(&resource),
        boundary: principal.role.and_then(|role| role.boundary.as_ref()),
        session: session.as_ref().map(std::slice::from_ref),
        scps: None,
        rcps: None,
    };
    let action = Action::parse(action).with_context(|| format!("--action `{action}`"))?;
    let context = explain.keys.read()?;
    let request = Request {
        subject: &principal.subject,
        action: &action,
        resource: &resource,
        resource_account: &asked::owner(&world, &resource),
        context: &context,
    };
    let decision = evaluate(&policies, &request);
    let notes = notes(explain, &action, &resource, &context);
    let assumed = assumed(&world, &principal, &resource, &context);
    match explain.output {
        Output::Json => {
            let more = [("notes", json!(notes)), ("assumed", json!(assumed))];
            say(&json(&decision, more).to_string());
        }
        Output::Text => {
            print(&decision, language);
            section("Note", &notes);
            section("Assumed", &assumed);
        }
    }
    Ok(Ended::Done)
}

/// The trace as JSON with the hints, and what else is known.
pub(super) fn json(
    decision: &Decision<'_>,
    more: impl IntoIterator<Item = (&'static str, Value)>,
) -> Value {
    let trace = decision.trace();
    let mut whole: Value = serde_json::from_str(&trace.to_json()).unwrap_or_default();
    if let Some(members) = whole.as_object_mut() {
        members.insert("hint".to_owned(), json!(hints(&trace)));
        members.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
    }
    whole
}

fn principal<'w>(explain: &Explain, world: &'w World) -> Result<Principal<'w>> {
    if explain.anonymous {
        return Ok(Principal::anonymous());
    }
    if let Some(principal) = &explain.principal {
        let written = Principal::written(world, principal)?;
        role_is_there(world, principal, &written)?;
        return Ok(written);
    }
    if let Some(role) = &explain.role {
        return Principal::named(world, role);
    }
    let mut roles = world.roles.iter();
    if let (Some((name, role)), None) = (roles.next(), roles.next()) {
        return Ok(Principal::of_role(name, role));
    }
    let names: Vec<&str> = world.roles.keys().map(String::as_str).collect();
    bail!(
        "say who asks: --role NAME, --principal ARN or --anonymous; the roles of {}: {}",
        world.source,
        names.join(", ")
    )
}

/// A role of the world's own account is one of the world: another name is a slip.
fn role_is_there(world: &World, asked: &str, principal: &Principal<'_>) -> Result<()> {
    let (arn, name) = match &principal.subject {
        Subject::Role { arn } => (arn, arn.resource().rsplit('/').next()),
        Subject::RoleSession { session_arn, .. } => {
            (session_arn, session_arn.resource().split('/').nth(1))
        }
        Subject::Anonymous
        | Subject::Root { .. }
        | Subject::User { .. }
        | Subject::Service { .. }
        | Subject::Federated { .. }
        | Subject::FederatedUser { .. } => return Ok(()),
    };
    if principal.role.is_some() || arn.account() != world.account.as_str() {
        return Ok(());
    }
    let names: Vec<&str> = world.roles.keys().map(String::as_str).collect();
    let meant = name.and_then(|name| slip::nearest(name, &names));
    let meant = meant.and_then(|meant| world.roles.get(meant));
    let meant = meant.map(|role| format!("; did you mean `{}`?", role.arn)).unwrap_or_default();
    bail!("--principal `{asked}`: {} has no such role{meant}", world.source)
}

/// The session policy of a grant.
fn session(world: &World, resource: &Arn, prefix: &str) -> Result<NamedPolicy> {
    let bucket = asked::bucket_of(resource);
    let bucket = bucket.context("--grant is of a bucket, and --resource is not in one")?;
    let bucket = BucketName::parse(bucket).context("--resource")?;
    let inside = prefix.trim_start_matches('/');
    let inside = match inside.split_once('/') {
        Some((first, rest)) if first == bucket.as_str() => rest,
        Some(_) | None => inside,
    };
    if inside != prefix {
        bail!("--grant `{prefix}` is not inside the bucket: write --grant '{inside}'");
    }
    let prefix = KeyPrefix::parse(prefix).context("--grant")?;
    let document = s3::session_policy(&world.partition, &bucket, &prefix);
    Ok(NamedPolicy { name: "grant".to_owned(), document: Arc::new(document) })
}

/// The tree, AWS's words, and which keys would have helped.
pub(super) fn print(decision: &Decision<'_>, language: Language) {
    let mut trace = decision.trace();
    let why = &mut trace.summary;
    for text in [&mut why.principal, &mut why.action, &mut why.resource] {
        *text = visible(text);
    }
    for text in [&mut why.policy, &mut why.statement].into_iter().flatten() {
        *text = visible(text);
    }
    let tree = trace.tree(language);
    let (headline, rest) = tree.split_once('\n').unwrap_or((&tree, ""));
    let of_policy = |one: &PolicyTrace<'_>| 1 + one.faults.len() + one.statements.len();
    // A name or a value with a line break in it could pass for a line of the tree.
    let whole = rest.lines().count() != trace.policies.iter().map(of_policy).sum::<usize>();
    let lines: Vec<&str> = if whole { vec![rest.trim_end()] } else { rest.lines().collect() };
    let shown = if decision.allowed() { paint::green(headline) } else { paint::red(headline) };
    say(&shown);
    for line in lines {
        say(&line.replace('✔', &paint::green("✔")).replace('✘', &paint::red("✘")));
    }
    section("AWS says", &[trace.summary.message()]);
    let hints = hints(&trace);
    // A hint says it better, and a single statement is read already.
    let several = trace.policies.iter().map(|policy| policy.statements.len()).sum::<usize>() > 1;
    if hints.is_empty() && several {
        section("Nearest", trace.summary.near_miss.as_slice());
    }
    section("Hint", &hints);
}

fn section(title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    say("");
    say(&paint::bold(title));
    say_each("  ", lines);
}

/// Condition keys that were not given and would have mattered: to what might have allowed a refused
/// request, and to what might have denied an allowed one.
fn hints(trace: &Trace<'_>) -> Vec<String> {
    let consequence = match trace.summary.outcome {
        Outcome::Allow => "could deny it",
        Outcome::ImplicitDeny | Outcome::ExplicitDeny => "could allow it",
    };
    let mut hints: Vec<String> = Vec::new();
    for wanting in trace.wanting() {
        let (key, label, flag) = (wanting.key, wanting.statement.label(), flag(&wanting));
        let hint = format!("`{key}` was not given; with it, `{label}` {consequence}: {flag}");
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    hints
}

/// The flag that would give a key that a condition asked for in vain.
fn flag(wanting: &Wanting<'_>) -> String {
    let Wanting { operator, key, expected, .. } = wanting;
    let fits = expected.first().filter(|value| !operator.contains("Not") && !value.contains('$'));
    let value = match fits {
        Some(value) if operator.contains("Like") => {
            let begins = value.trim_end_matches('*');
            if begins.is_empty() || begins.contains(['*', '?']) { "VALUE" } else { begins }
        }
        Some(value) if operator.contains("Equals") || operator.contains("Bool") => value,
        Some(_) | None => "VALUE",
    };
    asked::shell(&["--context".to_owned(), format!("{key}={value}")])
}

fn notes(explain: &Explain, action: &Action, resource: &Arn, context: &Context) -> Vec<String> {
    let mut notes = slip::oddities(&[action.as_str().to_owned()], &[resource.to_string()]);
    notes.extend(odd_value::notes(context));
    let inside = |prefix: &&str| !prefix.is_empty() && !prefix.ends_with('/');
    if let Some(prefix) = explain.grant.as_deref().filter(inside) {
        notes.push(format!(
            "the grant `{prefix}` does not end in `/`: it covers every name that begins so"
        ));
    }
    notes
}

fn assumed(
    world: &World,
    principal: &Principal<'_>,
    resource: &Arn,
    context: &Context,
) -> Vec<String> {
    let mut lines = vec![format!("roles and policies: {}", world.source)];
    if principal.role.is_none() && principal.subject.account().is_some() {
        lines.push(format!("`{}` has no policies in {}", principal.name, world.source));
    }
    let bucket = asked::bucket_of(resource).filter(|bucket| *bucket != "*");
    if let Some(bucket) = bucket.filter(|bucket| !world.buckets.contains_key(*bucket)) {
        let account = &world.account;
        lines.push(format!("the bucket `{bucket}` has no policy, and belongs to {account}"));
    }
    let given = asked::in_words(context);
    let given = if given.is_empty() { "none".to_owned() } else { given.join("; ") };
    lines.push(format!("condition keys: {given}; every other one is absent, tags included"));
    lines
}
