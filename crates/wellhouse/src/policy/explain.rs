//! `wellhouse policy explain`: one request, decided, and why.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use wh_names::{Action, Arn, BucketName, KeyPrefix};
use wh_policy::{
    Context, Decision, Effect, Language, NamedPolicy, Obstacle, Outcome, PolicySet, Request, Trace,
    evaluate, s3,
};

use super::asked::{self, Keys};
use super::principal::Principal;
use super::world::{self, Source, World};
use super::{Configured, Output, cases, paint, say_each, slip};
use crate::{Ended, say};

/// Decide one request, and say which statement decided or why none applied
///
/// Every policy that has a say is gone through, statement by statement: ✔ allows, ✘ denies, · does
/// not apply, and why. A condition key that is not given by --context is absent from the request.
///
/// With a policy test file instead of flags, its cases are explained.
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
    #[arg(long, value_name = "PREFIX")]
    grant: Option<String>,
    /// Where roles and policies are read from: `standard`, `running`, a folder, a JSON file
    #[arg(long, value_name = "WORLD", default_value_t = Source::Standard)]
    from: Source,
    /// The language of the explanation
    #[arg(long, value_enum, default_value_t = Tongue::En)]
    language: Tongue,
    /// `text`, or `json`: the trace
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
    match explain.output {
        Output::Json => say(&decision.trace().to_json()),
        Output::Text => {
            print(&decision, language);
            section("Note", &notes(explain, &action, &resource));
            section("Assumed", &assumed(&world, &principal, &resource, &context));
        }
    }
    Ok(Ended::Done)
}

fn principal<'w>(explain: &Explain, world: &'w World) -> Result<Principal<'w>> {
    if explain.anonymous {
        return Ok(Principal::anonymous());
    }
    if let Some(principal) = &explain.principal {
        return Principal::written(world, principal);
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

/// The session policy of a grant.
fn session(world: &World, resource: &Arn, prefix: &str) -> Result<NamedPolicy> {
    let bucket = asked::bucket_of(resource);
    let bucket = bucket.context("--grant is of a bucket, and --resource is not in one")?;
    let bucket = BucketName::parse(bucket).context("--resource")?;
    let prefix = KeyPrefix::parse(prefix).context("--grant")?;
    let document = s3::session_policy(&world.partition, &bucket, &prefix);
    Ok(NamedPolicy { name: "grant".to_owned(), document: Arc::new(document) })
}

/// The tree, AWS's words, and which keys would have helped.
pub(super) fn print(decision: &Decision<'_>, language: Language) {
    let trace = decision.trace();
    let tree = trace.tree(language);
    let (headline, rest) = tree.split_once('\n').unwrap_or((&tree, ""));
    let shown = if decision.allowed() { paint::green(headline) } else { paint::red(headline) };
    say(&shown);
    for line in rest.lines() {
        say(&line.replace('✔', &paint::green("✔")).replace('✘', &paint::red("✘")));
    }
    section("AWS says", &[trace.summary.message()]);
    section("Nearest", trace.summary.near_miss.as_slice());
    section("Hint", &hints(&trace));
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
    let why = &trace.summary;
    let (effect, consequence) = match why.outcome {
        Outcome::Allow => (Effect::Deny, "could deny it"),
        Outcome::ImplicitDeny => (Effect::Allow, "could allow it"),
        Outcome::ExplicitDeny => return Vec::new(),
    };
    let mattering = trace.policies.iter().filter(|policy| match why.outcome {
        Outcome::Allow | Outcome::ExplicitDeny => true,
        Outcome::ImplicitDeny => Some(policy.kind) == why.policy_type,
    });
    let mut hints: Vec<String> = Vec::new();
    for one in mattering.flat_map(|policy| &policy.statements) {
        if one.statement.effect() != effect {
            continue;
        }
        let Some((key, flag)) = one.obstacle.as_ref().and_then(missing) else { continue };
        let label = one.statement.label();
        let hint = format!("`{key}` was not given; with it, `{label}` {consequence}: {flag}");
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    hints
}

/// The key that a condition asked for in vain, and the flag that would give it.
fn missing(obstacle: &Obstacle<'_>) -> Option<(String, String)> {
    let Obstacle::Condition { key, expected, actual: None, operator, malformed: false } = obstacle
    else {
        return None;
    };
    let fits = expected.first().filter(|value| !operator.contains("Not") && !value.contains('$'));
    let value = match fits {
        Some(value) if operator.contains("Like") => value.trim_end_matches('*'),
        Some(value) if operator.contains("Equals") || operator.contains("Bool") => value,
        Some(_) | None => "VALUE",
    };
    let flag = asked::shell(&["--context".to_owned(), format!("{key}={value}")]);
    (*operator != "Null").then(|| ((*key).to_owned(), flag))
}

fn notes(explain: &Explain, action: &Action, resource: &Arn) -> Vec<String> {
    let mut notes = slip::oddities(&[action.as_str().to_owned()], &[resource.to_string()]);
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
