//! `wellhouse policy diff`: what one world allows and the other does not.

use anyhow::{Result, bail};
use serde_json::{Value, json};
use wh_policy::analysis::{Answer, Budget, more_permissive};

use super::arrival::{self, Arrival};
use super::edited::{self, Edited, text};
use super::inquiry::{self, Known, Set, Shown};
use super::named::{self, Who};
use super::principal::Principal;
use super::world::{self, Source, World};
use super::{Configured, Output, say_each, witness};
use crate::{Ended, paint, say};

/// Show what NEW allows that OLD does not, and the reverse
///
/// For every role in both, for the anonymous, and for whomever trust and bucket policies name, over
/// all requests: not the texts are compared but what they allow. Each difference comes with requests
/// that show it. What is only written differently is said to be equal.
///
/// Exit code: 0 no difference, 2 different, 1 where it is not known or something failed.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    wellhouse policy diff standard running      does the store enforce what is documented?\n  \
    wellhouse policy diff standard mine         what would my edits change?\n  \
    wellhouse policy diff running estate.toml   what would this estate change?\n  \
    wellhouse policy diff old.json new.json     two documents of one role")]
pub(crate) struct Diff {
    /// `standard`, `running`, a folder, an `estate.toml`, or a JSON file with one policy
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
    gained: Shown,
    lost: Shown,
    /// Its own policies are written otherwise.
    rewritten: bool,
    boundary: Option<&'static str>,
}

/// What became of all.
struct Changes<'w> {
    added: Vec<Arrival<'w>>,
    added_names: Vec<&'w str>,
    removed: Vec<&'w str>,
    compared: Vec<Change<'w>>,
    edited: Vec<Edited>,
}

impl Changes<'_> {
    fn answers(&self) -> impl Iterator<Item = &Answer> {
        self.compared.iter().flat_map(|change| [&change.gained.answer, &change.lost.answer])
    }

    /// Whether nobody who was asked about is allowed anything else.
    fn same(&self) -> bool {
        self.answers().all(|answer| *answer == Answer::No)
    }

    fn assumed(&self, diff: &Diff) -> Result<Vec<String>> {
        let mut lines = inquiry::taken(self.compared.iter().map(|change| &change.principal));
        lines.extend(diff.known.in_words()?);
        Ok(lines)
    }
}

pub(super) fn run(diff: &Diff, config: Configured<'_>) -> Result<Ended> {
    let config = config()?;
    let (old, new) = (world::read(&diff.old, &config)?, world::read(&diff.new, &config)?);
    let changes = compare(diff, &old, &new)?;
    match diff.output {
        Output::Text => print(diff, &changes)?,
        Output::Json => say(&format!("{:#}", json(diff, &changes)?)),
    }
    let unequal = !changes.added.is_empty() || !changes.removed.is_empty();
    if unequal || changes.answers().any(|answer| matches!(answer, Answer::Yes(_))) {
        return Ok(Ended::Different);
    }
    let unasked = changes.edited.iter().any(|edited| !edited.unasked.is_empty());
    Ok(if unasked || !changes.same() { Ended::Failed } else { Ended::Done })
}

/// A principal as it is in each of the worlds: before, after.
type Pair<'w> = (Principal<'w>, Principal<'w>);

/// Everybody who is in both worlds.
fn pairs<'w>(diff: &Diff, edited: &[Edited], (old, new): (&'w World, &'w World)) -> Vec<Pair<'w>> {
    let wanted = |name: &str| diff.role.is_empty() || diff.role.iter().any(|role| role == name);
    let roles = new.roles.iter().filter(|(name, _)| wanted(name)).filter_map(|(name, role)| {
        let earlier = old.roles.get(name)?;
        Some((Principal::of_role(name, earlier), Principal::of_role(name, role)))
    });
    let mut pairs: Vec<Pair<'w>> = roles.collect();
    if diff.role.is_empty() {
        let mut named = named::everybody(&[old, new]);
        // Strangers are whom an edit of these policies can let in, or a denial no longer keep out.
        if !edited.is_empty() {
            named.extend([Who::Insider, Who::Outsider]);
        }
        let both = named.iter().filter_map(|who| who.principal(old).zip(who.principal(new)));
        pairs.extend(both);
        pairs.push((Principal::anonymous(), Principal::anonymous()));
    }
    pairs
}

fn compare<'w>(diff: &Diff, old: &'w World, new: &'w World) -> Result<Changes<'w>> {
    for name in &diff.role {
        // A role may be in one of the two alone: that is a difference too.
        if !old.roles.contains_key(name) {
            new.role(name)?;
        }
    }
    let wanted = |name: &str| diff.role.is_empty() || diff.role.iter().any(|role| role == name);
    let only = |one: &'w World, other: &World| -> Vec<&'w str> {
        let names = one.roles.keys().map(String::as_str);
        names.filter(|name| wanted(name) && !other.roles.contains_key(*name)).collect()
    };
    let (added_names, removed) = (only(new, old), only(old, new));
    let added = added_names.iter().map(|name| arrival::of(new, name, &diff.known));
    let added = added.collect::<Result<Vec<Arrival<'w>>>>()?;
    let edited = if diff.role.is_empty() { edited::policies(old, new) } else { Vec::new() };
    let mut compared = Vec::new();
    for (earlier, principal) in pairs(diff, &edited, (old, new)) {
        compared.push(change(diff, (old, earlier), (new, principal))?);
    }
    let no_role = !compared.iter().any(|change| change.principal.role.is_some());
    if no_role && added.is_empty() && edited.is_empty() && removed.is_empty() {
        bail!("nothing to compare: {} and {} have no role in common", diff.old, diff.new);
    }
    Ok(Changes { added, added_names, removed, compared, edited })
}

fn change<'w>(
    diff: &Diff,
    (old, earlier): (&World, Principal<'_>),
    (new, principal): (&World, Principal<'w>),
) -> Result<Change<'w>> {
    let (context, absent) = diff.known.read()?;
    let own = own_policies(&earlier) != own_policies(&principal);
    let ask = |reverse: bool, set: &Set| {
        inquiry::everywhere(&[old, new], set, |place, among| {
            // Where nothing is written otherwise, nothing is decided otherwise.
            if !own && text(place.policy(old)) == text(place.policy(new)) {
                return None;
            }
            let known = (&context, absent.as_slice());
            let was = inquiry::access(old, &earlier, place, known);
            let is = inquiry::access(new, &principal, place, known);
            let (one, other) = if reverse { (was, is) } else { (is, was) };
            Some(more_permissive(&one, &other, among, Budget::default()))
        })
    };
    let all = Set::everything().by(&principal);
    let gained = inquiry::shown(new, &all, |set| ask(false, set));
    let lost = inquiry::shown(old, &all, |set| ask(true, set));
    let boundary = boundary(&earlier, &principal);
    Ok(Change { principal, gained, lost, rewritten: own, boundary })
}

/// A boundary that came or went.
fn boundary(earlier: &Principal<'_>, principal: &Principal<'_>) -> Option<&'static str> {
    let has = |one: &Principal<'_>| one.role.is_some_and(|role| role.boundary.is_some());
    match (has(earlier), has(principal)) {
        (true, false) => Some("removed"),
        (false, true) => Some("added"),
        (true, true) | (false, false) => None,
    }
}

fn own_policies(principal: &Principal<'_>) -> Vec<Option<String>> {
    let Some(role) = principal.role else { return Vec::new() };
    let permissions = role.permissions.iter().map(Some);
    [role.boundary.as_ref()].into_iter().chain(permissions).map(text).collect()
}

fn print(diff: &Diff, changes: &Changes<'_>) -> Result<()> {
    let (old, new) = (&diff.old, &diff.new);
    for (name, arrival) in changes.added_names.iter().zip(&changes.added) {
        say(&format!("{} {} is only in {new}", paint::green("+"), paint::bold(name)));
        say_each("", &arrival.in_words());
    }
    for name in &changes.removed {
        say(&format!("{} {} is only in {old}", paint::red("-"), paint::bold(name)));
    }
    for edited in &changes.edited {
        say_each("", &edited.in_words(changes.same()));
    }
    let mut equal = Vec::new();
    for change in &changes.compared {
        if !print_change(diff, change) {
            equal.push(change.principal.name.as_str());
        }
    }
    if !equal.is_empty() {
        say(&format!("= unchanged: {}", equal.join(", ")));
    }
    say("");
    say(&paint::bold("Assumed"));
    say_each("  ", &changes.assumed(diff)?);
    Ok(())
}

/// Prints what became of a principal, if anything did.
fn print_change(diff: &Diff, change: &Change<'_>) -> bool {
    let (old, new) = (&diff.old, &diff.new);
    let name = paint::bold(&change.principal.name);
    match (&change.gained.answer, &change.lost.answer) {
        (Answer::No, Answer::No) if change.rewritten => {
            say(&format!("= {name} is written differently, and allows the same"));
        }
        (Answer::No, Answer::No) => return false,
        (
            Answer::No | Answer::Yes(_) | Answer::Unknown(_),
            Answer::No | Answer::Yes(_) | Answer::Unknown(_),
        ) => {
            say(&format!("≠ {name}"));
            print_answer(&change.principal, &change.gained, (new, old));
            print_answer(&change.principal, &change.lost, (old, new));
        }
    }
    if let Some(what) = change.boundary {
        say(&format!("  its permissions boundary was {}", paint::yellow(what)));
    }
    true
}

fn print_answer(principal: &Principal<'_>, shown: &Shown, (allows, other): (&Source, &Source)) {
    match &shown.answer {
        Answer::No => say(&format!("  {allows} allows nothing that {other} does not")),
        Answer::Unknown(because) => {
            let unknown = paint::yellow("not known");
            let because = witness::because(because);
            say(&format!("  what {allows} allows beyond {other}: {unknown}, {because}"));
        }
        Answer::Yes(found) => {
            let allowed =
                paint::yellow(&format!("{allows} allows, and {other} does not, for example:"));
            say(&format!("  {allowed}"));
            shown.witnesses().for_each(|one| say_each("    ", &witness::in_words(one)));
            if let Some(command) = witness::command(found, principal, allows) {
                say(&paint::faint(&format!("    {command}")));
            }
        }
    }
}

fn json(diff: &Diff, changes: &Changes<'_>) -> Result<Value> {
    let principals: Vec<Value> = changes
        .compared
        .iter()
        .map(|change| {
            let Change { principal, gained, lost, rewritten, boundary } = change;
            json!({
                "principal": principal.name,
                "gained": witness::json(gained, principal, &diff.new),
                "lost": witness::json(lost, principal, &diff.old),
                "written_differently": rewritten,
                "boundary": boundary,
            })
        })
        .collect();
    let arrivals = changes.added.iter().map(|arrival| arrival.json(&diff.new));
    Ok(json!({
        "old": diff.old.to_string(),
        "new": diff.new.to_string(),
        "roles_added": changes.added_names,
        "arrivals": arrivals.collect::<Vec<_>>(),
        "roles_removed": changes.removed,
        "policies_edited": changes.edited.iter().map(Edited::json).collect::<Vec<_>>(),
        "assumed": changes.assumed(diff)?,
        "principals": principals,
    }))
}
