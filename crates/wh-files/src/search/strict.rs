//! Whether somebody may certainly list a folder: what the policies say when all that is not known turns out
//! against them.

use std::collections::BTreeMap;

use wh_names::Action;
use wh_policy::s3::action;

use crate::FilesError;
use crate::access::Access;
use crate::worst::{Wire, Worst};

/// How many folders are judged for one search, in all locations together.
pub(crate) const FOLDERS_JUDGED_MAX: usize = 5_000;

/// One of a person's grants, and what is known of its folders.
pub(crate) struct Judge<'a> {
    access: Access<'a>,
    /// All of which it takes.
    actions: Vec<Action>,
    worst: Worst,
    /// Whether the policies tell folders apart.
    by_folder: bool,
    judged: BTreeMap<String, bool>,
}

impl<'a> Judge<'a> {
    /// Of this grant; nobody may list where the role is not known.
    pub(crate) fn of(access: Access<'a>, wire: Wire) -> Result<Self, FilesError> {
        Self::taking(access, wire, &[action::LIST_BUCKET])
    }

    /// The same, of what was there, too: whoever may not list versions is told of no file that is gone.
    pub(crate) fn of_versions(access: Access<'a>, wire: Wire) -> Result<Self, FilesError> {
        Self::taking(access, wire, &[action::LIST_BUCKET, action::LIST_BUCKET_VERSIONS])
    }

    fn taking(access: Access<'a>, wire: Wire, actions: &[&str]) -> Result<Self, FilesError> {
        let worst = Worst::of(&access, wire);
        let by_folder = worst.name_key("s3:prefix") || worst.name_key("s3:delimiter");
        let parsed = actions.iter().map(|action| Action::parse(action));
        let actions = parsed.collect::<Result<_, _>>().map_err(|_| FilesError::Action)?;
        Ok(Self { access, actions, worst, by_folder, judged: BTreeMap::new() })
    }

    /// The grant.
    pub(crate) fn access(&self) -> &Access<'a> {
        &self.access
    }

    /// Whether there may be a folder that the person may list.
    pub(crate) fn lists_anything(&mut self) -> bool {
        let root = self.access.grant.prefix.as_str().to_owned();
        self.by_folder || self.lists(&root, &mut 1).unwrap_or_default()
    }

    /// Whether the policies as they are known let the person certainly list what begins with `prefix`, folder
    /// by folder. `None`: none of the questions is `left`, of which each new one takes one.
    pub(crate) fn lists(&mut self, prefix: &str, left: &mut usize) -> Option<bool> {
        let prefix = if self.by_folder { prefix } else { self.access.grant.prefix.as_str() };
        if let Some(known) = self.judged.get(prefix) {
            return Some(*known);
        }
        *left = left.checked_sub(1)?;
        let target = self.access.listing_target(prefix);
        let lists =
            self.actions.iter().all(|action| self.worst.allows(&self.access, action, &target));
        self.judged.insert(prefix.to_owned(), lists);
        Some(lists)
    }
}
