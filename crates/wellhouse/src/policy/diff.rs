//! `wellhouse policy diff`: what one world allows and the other does not.

use anyhow::{Result, bail};
use serde_json::{Value, json};
use wh_policy::NamedPolicy;
use wh_policy::analysis::{Answer, Budget, more_permissive};

use super::inquiry::{self, Known, Set};
use super::principal::Principal;
use super::world::{self, Source, World};
use super::{Configured, Output, paint, say_each, witness};
use crate::{Ended, say};

/// Show what NEW allows that OLD does not, and the reverse
///
/// For every role in both (and for services and the anonymous), over all requests: not the texts are
/// compared but what they allow. Each difference comes with the shortest request that shows it.
/// What is only written differently is said to be equal.
///
/// Exit code: 0 no difference, 2 different, 1 where it is not known or something failed.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    wellhouse policy diff standard running      does the store enforce what is documented?\n  \
    wellhouse policy diff standard mine         what would my edits change?\n  \
    wellhouse policy diff old.json new.json     two documents of one role")]
pub(crate) struct Diff {
    /// `standard`, `running`, a folder, or a JSON file with one policy
    old: Source,
    /// The same
    new: Source,
    /// Only these roles
    #[arg(long, value_name = "NAME")]
    role: Vec<String>,
    #[command(flatten)]
    known: Known,
    /// `text` or `json`
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// What became of one principal.
struct Change<'w> {
    principal: Principal<'w>,
    gained: Answer,
    lost: Answer,
    /// Its policies are written otherwise.
    rewritten: bool,
}

/// What became of all.
struct Changes<'w> {
    added: Vec<&'w str>,
    removed: Vec<&'w str>,
    compared: Vec<Change<'w>>,
}

pub(super) fn run(diff: &Diff, config: Configured<'_>) -> Result<Ended> {
    let config = config()?;
    let (old, new) = (world::read(&diff.old, &config)?, world::read(&diff.new, &config)?);
    let changes = compare(diff, &old, &new)?;
    match diff.output {
        Output::Text => print(diff, &changes)?,
        Output::Json => say(&format!("{:#}", json(diff, &changes))),
    }
    let answers = || changes.compared.iter().flat_map(|change| [&change.gained, &change.lost]);
    let unequal = !changes.added.is_empty() || !changes.removed.is_empty();
    if unequal || answers().any(|answer| matches!(answer, Answer::Yes(_))) {
        return Ok(Ended::Different);
    }
    let unknown = answers().any(|answer| matches!(answer, Answer::Unknown(_)));
    Ok(if unknown { Ended::Failed } else { Ended::Done })
}

fn compare<'w>(diff: &Diff, old: &'w World, new: &'w World) -> Result<Changes<'w>> {
    for name in &diff.role {
        old.role(name)?;
        new.role(name)?;
    }
    let wanted = |name: &str| diff.role.is_empty() || diff.role.iter().any(|role| role == name);
    let only = |one: &'w World, other: &World| -> Vec<&'w str> {
        let names = one.roles.keys().map(String::as_str);
        names.filter(|name| wanted(name) && !other.roles.contains_key(*name)).collect()
    };
    let (added, removed) = (only(new, old), only(old, new));
    let mut compared = Vec::new();
    let before = inquiry::principals(old)?;
    for principal in inquiry::principals(new)? {
        let is_role = principal.role.is_some();
        if is_role && !wanted(&principal.name) || !is_role && !diff.role.is_empty() {
            continue;
        }
        let earlier = before
            .iter()
            .find(|earlier| earlier.name == principal.name && earlier.role.is_some() == is_role);
        if let Some(earlier) = earlier {
            compared.push(change(diff, (old, earlier), (new, principal))?);
        }
    }
    if !compared.iter().any(|change| change.principal.role.is_some()) && added.is_empty() {
        bail!("nothing to compare: {} and {} have no role in common", diff.old, diff.new);
    }
    Ok(Changes { added, removed, compared })
}

fn change<'w>(
    diff: &Diff,
    (old, earlier): (&World, &Principal<'_>),
    (new, principal): (&World, Principal<'w>),
) -> Result<Change<'w>> {
    let (context, absent) = diff.known.read()?;
    let own = own_policies(earlier) != own_policies(&principal);
    let mut rewritten = own;
    let ask = |reverse: bool, set: &Set, rewritten: &mut bool| {
        inquiry::everywhere(&[old, new], set, |place, among| {
            let at = text(place.policy(old)) != text(place.policy(new));
            // Where nothing is written otherwise, nothing is decided otherwise.
            if !own && !at {
                return None;
            }
            *rewritten = true;
            let known = (&context, absent.as_slice());
            let was = inquiry::access(old, earlier, place, known);
            let is = inquiry::access(new, &principal, place, known);
            let (one, other) = if reverse { (was, is) } else { (is, was) };
            Some(more_permissive(&one, &other, among, Budget::default()))
        })
    };
    // A request that people know shows more than a shorter one about a service of no name.
    let mut shown = |reverse: bool| match ask(reverse, &Set::familiar(new), &mut rewritten) {
        yes @ Answer::Yes(_) => yes,
        Answer::No | Answer::Unknown(_) => ask(reverse, &Set::everything(), &mut rewritten),
    };
    let (gained, lost) = (shown(false), shown(true));
    Ok(Change { principal, gained, lost, rewritten })
}

fn own_policies(principal: &Principal<'_>) -> Vec<Option<String>> {
    let Some(role) = principal.role else { return Vec::new() };
    let permissions = role.permissions.iter().map(Some);
    [role.boundary.as_ref()].into_iter().chain(permissions).map(text).collect()
}

fn text(policy: Option<&NamedPolicy>) -> Option<String> {
    policy.map(|policy| policy.document.to_json())
}

fn print(diff: &Diff, changes: &Changes<'_>) -> Result<()> {
    let (old, new) = (&diff.old, &diff.new);
    for name in &changes.added {
        say(&format!("{} {} is only in {new}", paint::green("+"), paint::bold(name)));
    }
    for name in &changes.removed {
        say(&format!("{} {} is only in {old}", paint::red("-"), paint::bold(name)));
    }
    let mut equal = Vec::new();
    for change in &changes.compared {
        let name = paint::bold(&change.principal.name);
        match (&change.gained, &change.lost) {
            (Answer::No, Answer::No) if change.rewritten => {
                say(&format!("= {name} is written differently, and allows the same"));
            }
            (Answer::No, Answer::No) => equal.push(change.principal.name.as_str()),
            (gained, lost) => {
                say(&format!("≠ {name}"));
                print_answer(&change.principal, gained, (new, old));
                print_answer(&change.principal, lost, (old, new));
            }
        }
    }
    if !equal.is_empty() {
        say(&format!("= unchanged: {}", equal.join(", ")));
    }
    say("");
    say(&paint::bold("Assumed"));
    say_each("  ", &diff.known.in_words()?);
    Ok(())
}

fn print_answer(principal: &Principal<'_>, answer: &Answer, (allows, other): (&Source, &Source)) {
    match answer {
        Answer::No => say(&format!("  {allows} allows nothing that {other} does not")),
        Answer::Unknown(because) => {
            let unknown = paint::yellow("not known");
            let because = witness::because(because);
            say(&format!("  what {allows} allows beyond {other}: {unknown}, {because}"));
        }
        Answer::Yes(found) => {
            let allowed = paint::yellow(&format!("{allows} allows, and {other} does not:"));
            say(&format!("  {allowed}"));
            say_each("    ", &witness::in_words(found));
            let command = witness::command(found, principal, allows);
            say(&paint::faint(&format!("    {command}")));
        }
    }
}

fn json(diff: &Diff, changes: &Changes<'_>) -> Value {
    let principals: Vec<Value> = changes
        .compared
        .iter()
        .map(|Change { principal, gained, lost, rewritten }| {
            json!({
                "principal": principal.name,
                "gained": witness::json(gained, principal, &diff.new),
                "lost": witness::json(lost, principal, &diff.old),
                "written_differently": rewritten,
            })
        })
        .collect();
    json!({
        "old": diff.old.to_string(),
        "new": diff.new.to_string(),
        "roles_added": changes.added,
        "roles_removed": changes.removed,
        "principals": principals,
    })
}
