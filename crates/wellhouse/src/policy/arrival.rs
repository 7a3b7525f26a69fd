//! A role that was not there before: what it may do, and who may become it.

use anyhow::Result;
use serde_json::{Value, json};
use wh_policy::analysis::Answer;

use super::inquiry::{self, Known, Set, Shown};
use super::principal::Principal;
use super::world::{Source, World};
use super::{prove, witness};

/// What is to be said of a new role.
#[derive(Debug)]
pub(crate) struct Arrival<'w> {
    principal: Principal<'w>,
    may: Shown,
    assumed_by: Vec<String>,
    not_known: Vec<String>,
}

/// Looks at a role that only this world has.
pub(crate) fn of<'w>(world: &'w World, name: &str, known: &Known) -> Result<Arrival<'w>> {
    let principal = Principal::named(world, name)?;
    let may = prove::can(world, &principal, &Set::everything(), known)?;
    let mut arrival = Arrival { principal, may, assumed_by: Vec::new(), not_known: Vec::new() };
    let becoming = Set::of(world, &["sts:AssumeRole*".to_owned()], &[name.to_owned()])?;
    for principal in inquiry::principals(world) {
        match prove::can(world, &principal, &becoming, known)?.answer {
            Answer::No => {}
            Answer::Yes(_) => arrival.assumed_by.push(principal.name),
            Answer::Unknown(_) => arrival.not_known.push(principal.name),
        }
    }
    Ok(arrival)
}

impl Arrival<'_> {
    fn bounded(&self) -> bool {
        self.principal.role.is_some_and(|role| role.boundary.is_some())
    }

    /// For reading.
    pub(crate) fn in_words(&self) -> Vec<String> {
        let mut lines = match &self.may.answer {
            Answer::No => vec!["  it may do nothing".to_owned()],
            Answer::Unknown(because) => {
                vec![format!("  what it may do is not known, {}", witness::because(because))]
            }
            Answer::Yes(_) => vec!["  it may, for example:".to_owned()],
        };
        let shown = self.may.witnesses().flat_map(witness::in_words);
        lines.extend(shown.map(|line| format!("    {line}")));
        let nobody = match self.not_known.as_slice() {
            [] => "nobody",
            _ => "nobody of whom it is known",
        };
        let by = match self.assumed_by.as_slice() {
            [] => nobody.to_owned(),
            names => names.join(", "),
        };
        lines.push(format!("  who may assume it: {by}"));
        if !self.not_known.is_empty() {
            lines.push(format!("  not known of: {}", self.not_known.join(", ")));
        }
        let has = if self.bounded() { "a" } else { "no" };
        lines.push(format!("  it has {has} permissions boundary"));
        lines
    }

    pub(crate) fn json(&self, from: &Source) -> Value {
        json!({
            "role": self.principal.name,
            "may": witness::json(&self.may, &self.principal, from),
            "assumed_by": self.assumed_by,
            "assuming_not_known": self.not_known,
            "boundary": self.bounded(),
        })
    }
}
