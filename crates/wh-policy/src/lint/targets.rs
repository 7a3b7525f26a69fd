//! Rules about actions and resources together: whether the one acts on the other.

use super::Found;
use super::actions::listed;
use super::reach::can_name;
use super::rules::{LIST_ON_OBJECT, OBJECT_ON_BUCKET, RESOURCE_UNUSED, Rule, TARGET_MISMATCH};
use super::span::{quoted, removal, token};
use super::view::{Clause, Spot, View, rows_of, service_and_name};
use crate::tables::{self, ActionRow, ResourceRow};

pub(super) fn check(view: &View<'_>, found: &mut Vec<Found>) {
    for clause in &view.clauses {
        let resources: Vec<Named<'_>> =
            clause.named_resources().iter().map(|spot| Named::read(spot, view)).collect();
        let before = found.len();
        mismatches(view, clause, &resources, found);
        if found.len() == before {
            unused(view, clause, &resources, found);
        }
    }
}

/// A resource of a statement, and the types that it can name.
struct Named<'a> {
    spot: &'a Spot,
    kinds: Vec<&'static ResourceRow>,
}

impl<'a> Named<'a> {
    fn read(spot: &'a Spot, view: &View<'_>) -> Self {
        let all = tables::resources().iter();
        let kinds = all.filter(|kind| can_name(&spot.text, kind, view.variables)).collect();
        Self { spot, kinds }
    }

    fn is(&self, service: &str, name: &str) -> bool {
        self.kinds.iter().any(|kind| kind.service == service && kind.name == name)
    }

    /// Whether an action can act on something that the resource names.
    fn is_acted_on_by(&self, row: &ActionRow) -> bool {
        if row.resources.is_empty() {
            // Judged on `*`; S3's guide also writes `arn:aws:s3:::*` for the list of buckets.
            return self.spot.text == "*" || self.spot.text.rsplit(':').next() == Some("*");
        }
        let service = row.name.split_once(':').map_or("", |(service, _)| service);
        row.resources.iter().any(|name| self.is(service, name))
    }
}

fn mismatches(view: &View<'_>, clause: &Clause, resources: &[Named<'_>], found: &mut Vec<Found>) {
    if resources.is_empty() {
        return;
    }
    let idle = |item: &Spot| {
        let rows = rows_of(&item.text);
        let acts = |row: &&ActionRow| resources.iter().any(|named| named.is_acted_on_by(row));
        // A bare `*` also means services of which the tables know nothing.
        service_and_name(&item.text).is_some() && !rows.is_empty() && !rows.iter().any(acts)
    };
    let all = clause.named_actions();
    let wrong: Vec<&Spot> = all.iter().filter(|item| idle(item)).collect();
    let working: Vec<&Spot> = all.iter().filter(|item| !idle(item)).collect();
    for item in &wrong {
        found.push(mismatch(view, item, resources, &working));
    }
}

fn types_of(row: &ActionRow) -> impl Iterator<Item = &'static ResourceRow> {
    let service = row.name.split_once(':').map_or("", |(service, _)| service);
    row.resources.iter().filter_map(move |name| tables::resource(service, name))
}

fn mismatch(view: &View<'_>, item: &Spot, resources: &[Named<'_>], working: &[&Spot]) -> Found {
    let rows = rows_of(&item.text);
    // What another action would be allowed on, too, must not be added for this one.
    let beside = |kind: &str| match working {
        [] => Beside::Nothing,
        others if others.iter().any(|item| acts_on(item, kind)) => Beside::Wider,
        _ => Beside::Others,
    };
    let on = |name: &str| rows.iter().any(|row| row.resources.contains(&name));
    let named = |name: &str| resources.iter().any(|named| named.is("s3", name));
    let name = &item.text;
    if on("bucket") && named("object") {
        let message = format!("`{name}` acts on buckets, and only objects are named");
        let found = Found::new(&LIST_ON_OBJECT, item, message);
        return repaired(found, view, (resources, beside("bucket")), bucket_of);
    }
    if on("object") && named("bucket") {
        let message = format!("`{name}` acts on objects, and only buckets are named");
        let found = Found::new(&OBJECT_ON_BUCKET, item, message);
        return repaired(found, view, (resources, beside("object")), objects_of);
    }
    general(&TARGET_MISMATCH, item, &rows)
}

/// How many forms of ARNs a message names.
const FORMS_MAX: usize = 4;

fn general(rule: &'static Rule, item: &Spot, rows: &[&'static ActionRow]) -> Found {
    let mut forms: Vec<&str> =
        rows.iter().flat_map(|row| types_of(row)).map(|kind| kind.arn).collect();
    forms.sort_unstable();
    forms.dedup();
    if forms.is_empty() {
        let message = format!("`{}` acts on no resource that has an ARN", item.text);
        return Found::new(rule, item, message)
            .advise("allow it on `*`, in a statement of its own");
    }
    let on = if forms.len() > FORMS_MAX { "others".to_owned() } else { listed(&forms) };
    let message = format!("`{}` acts on none of the resources; it acts on {on}", item.text);
    Found::new(rule, item, message)
}

/// What stands beside an action that has the wrong resource.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// No action that works.
    Nothing,
    /// Actions to which another resource makes no difference.
    Others,
    /// An action that would act on the right resource, too.
    Wider,
}

fn acts_on(item: &Spot, kind: &str) -> bool {
    rows_of(&item.text).iter().any(|row| row.resources.contains(&kind))
}

/// Puts the right ARN in the place of the wrong one, or beside it where other actions need that.
fn repaired(
    found: Found,
    view: &View<'_>,
    (resources, beside): (&[Named<'_>], Beside),
    right: fn(&str) -> Option<String>,
) -> Found {
    let Some((wrong, arn)) =
        resources.iter().find_map(|named| Some((named.spot, right(&named.spot.text)?)))
    else {
        return found;
    };
    let range = token(view.text, wrong.at);
    match beside {
        Beside::Nothing => {
            return found.replace(format!("write `{arn}`"), range, quoted(&arn));
        }
        Beside::Wider => {
            return found.advise(format!("name it on `{arn}`, in a statement of its own"));
        }
        Beside::Others => {}
    }
    let both = format!("{}, {}", quoted(&wrong.text), quoted(&arn));
    // A scalar becomes a list; an item of a list gets a neighbour.
    let both = if wrong.path.ends_with(']') { both } else { format!("[{both}]") };
    found.replace(format!("add `{arn}`"), range, both)
}

fn bucket_of(arn: &str) -> Option<String> {
    let (bucket, _) = arn.split_once('/')?;
    bucket.starts_with("arn:").then(|| bucket.to_owned())
}

fn objects_of(arn: &str) -> Option<String> {
    (arn.starts_with("arn:") && !arn.contains('/')).then(|| format!("{arn}/*"))
}

/// Resources that nothing in the statement acts on. Where an action is not known, nothing is said.
fn unused(view: &View<'_>, clause: &Clause, resources: &[Named<'_>], found: &mut Vec<Found>) {
    let actions = clause.named_actions();
    let known =
        |item: &&Spot| service_and_name(&item.text).is_some() && !rows_of(&item.text).is_empty();
    if actions.is_empty() || actions.iter().filter(known).count() < actions.len() {
        return;
    }
    let rows: Vec<&ActionRow> = actions.iter().flat_map(|item| rows_of(&item.text)).collect();
    for named in resources {
        if rows.iter().any(|row| named.is_acted_on_by(row)) {
            continue;
        }
        let item = named.spot;
        let message = format!("no action of the statement acts on `{}`", item.text);
        let unused = Found::new(&RESOURCE_UNUSED, item, message);
        found.push(match removal(view.text, item.at).filter(|_| item.path.ends_with(']')) {
            Some(range) => unused.replace("take it out", range, ""),
            None => unused,
        });
    }
}
