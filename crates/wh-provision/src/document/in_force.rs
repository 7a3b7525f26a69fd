//! What is said of a document of what is in force: when it was made, from what, and where what is described,
//! saved and read back differ.

use std::collections::{BTreeMap, BTreeSet};

use wh_policy::Effect;
use wh_policy::summary::actions_allowed;

use super::blocks::{Block, code, heading, list, text};
use crate::estate::Estate;
use crate::roles::RoleSpec;

/// What a document of an estate in force is held against.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// The estate as it is described, without what was saved since.
    pub described: &'a Estate,
    /// When the document is made.
    pub made_at: &'a str,
    /// When the store was last read back; none where it was not.
    pub read_at: Option<&'a str>,
    /// What was not so then, a sentence each.
    pub differences: &'a [String],
    /// When reading it back was tried last, where that failed.
    pub unread_at: Option<&'a str>,
    /// Whether permissions were saved since it was read back.
    pub saved_since: bool,
}

/// The roles that a person has, each with the places where.
pub type HeldRoles = BTreeMap<String, BTreeSet<HeldPlace>>;

/// Where a person has a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldPlace {
    /// The bucket.
    pub bucket: String,
    /// The beginning of keys; empty means the whole bucket.
    pub prefix: String,
}

/// The roles whose permissions in force are not those that are described.
pub fn saved_roles(in_force: &Estate, described: &Estate) -> Vec<String> {
    let same = |role: &RoleSpec, other: &RoleSpec| {
        let (mine, theirs) = (&role.permissions, &other.permissions);
        mine.len() == theirs.len()
            && mine.iter().zip(theirs).all(|(mine, theirs)| {
                mine.name == theirs.name && mine.document.says_the_same(&theirs.document)
            })
    };
    let other = |role: &RoleSpec| {
        let found = described.roles().iter().find(|one| one.name == role.name);
        found.is_none_or(|found| !same(role, found))
    };
    let roles = in_force.roles().iter().filter(|role| other(role));
    roles.map(|role| role.name.to_string()).collect()
}

/// The part that says so.
pub(super) fn part(in_force: &Estate, standing: &Standing<'_>) -> Vec<Block> {
    let saved = saved_roles(in_force, standing.described);
    let mut facts = vec![format!(
        "Made at {} from the permissions that are in force: as they are described, with what administrators \
         saved since.",
        standing.made_at
    )];
    facts.extend(saved.iter().map(|role| {
        format!(
            "{}: its permissions were saved in the portal, and differ from the description.",
            code(role)
        )
    }));
    if saved.is_empty() {
        facts.push("Nothing that was saved differs from the description.".to_owned());
    }
    match (standing.read_at, standing.differences) {
        (None, _) => facts.push(
            "The store was not read back yet: whether it really is so is not known.".to_owned(),
        ),
        (Some(at), []) => facts.push(format!("The store was read back at {at}, and was so then.")),
        (Some(at), differences) => {
            facts.push(format!("The store was read back at {at}, and was not so then:"));
            facts.extend(differences.iter().map(|one| format!("To be mended: {one}.")));
        }
    }
    if standing.read_at.is_some() && standing.saved_since {
        facts.push(
            "Permissions were saved after that: whether the store holds them is not known."
                .to_owned(),
        );
    }
    facts.extend(standing.unread_at.map(|at| format!("At {at} it could not be read back.")));
    vec![heading(2, "What is in force"), list(facts)]
}

/// Only some of the roles, for whoever has them: what each is for, the actions that it allows, and where its
/// holder has it. Resources and conditions are not told: they name what others may not know of.
pub(super) fn of_roles(in_force: &Estate, held: &HeldRoles, made_at: &str) -> Vec<Block> {
    let mut blocks = vec![
        heading(1, "What your roles let you do"),
        text(format!(
            "Made at {made_at} from the permissions that are in force. A role says *what* may be done; a \
             grant says *where*, by narrowing the role to one folder. A role may allow an action in some \
             places alone, or only where conditions are met, and may deny another; that is not told here."
        )),
    ];
    for role in in_force.roles() {
        let Some(places) = held.get(role.name.as_str()) else { continue };
        blocks.push(heading(2, code(role.name.as_str())));
        blocks.push(text(format!("For {}.", role.purpose)));
        blocks.push(heading(3, "Actions"));
        blocks.push(list(actions(role)));
        blocks.push(heading(3, "Where you have it"));
        blocks.push(list(places.iter().map(place)));
    }
    blocks
}

fn actions(role: &RoleSpec) -> Vec<String> {
    let documents = role.permissions.iter().map(|one| &one.document);
    let named: BTreeSet<String> = documents.clone().flat_map(|one| actions_allowed(one)).collect();
    let mut lines: Vec<String> = named.iter().map(code).collect();
    let all_but = documents
        .flat_map(|one| one.statements())
        .any(|one| one.effect() == Effect::Allow && one.actions().1);
    if all_but {
        lines.push("All actions but some.".to_owned());
    }
    if lines.is_empty() {
        lines.push("None.".to_owned());
    }
    lines
}

fn place(place: &HeldPlace) -> String {
    let HeldPlace { bucket, prefix } = place;
    if prefix.is_empty() {
        return format!("All of {}", code(bucket));
    }
    // A list has a line for each.
    let prefix = prefix.replace(char::is_control, "\u{fffd}");
    format!("{} in {}", code(prefix), code(bucket))
}
