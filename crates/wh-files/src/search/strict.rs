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

/// What is known of whether somebody may list a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// They certainly may.
    Allowed,
    /// They certainly may not.
    Denied,
    /// It depends on what only the store knows.
    Uncertain,
}

/// One of a person's grants, and what is known of its folders.
pub(crate) struct Judge<'a> {
    access: Access<'a>,
    /// All of which it takes.
    actions: Vec<Action>,
    worst: Worst,
    /// Whether the policies tell folders apart.
    by_folder: bool,
    judged: BTreeMap<String, bool>,
    /// Of those that they may not certainly list: whether they may perhaps.
    perhaps: BTreeMap<String, bool>,
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
        let (judged, perhaps) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { access, actions, worst, by_folder, judged, perhaps })
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

    /// The same as [`Self::lists`], and of what may not certainly be listed whether it certainly may not.
    pub(crate) fn verdict(&mut self, prefix: &str, left: &mut usize) -> Option<Verdict> {
        if self.lists(prefix, left)? {
            return Some(Verdict::Allowed);
        }
        let prefix = if self.by_folder { prefix } else { self.access.grant.prefix.as_str() };
        let known = self.perhaps.get(prefix).copied();
        let perhaps = known.unwrap_or_else(|| {
            let target = self.access.listing_target(prefix);
            let foreseen = |action: &Action| self.access.foresee(action.as_str(), &target);
            self.actions.iter().all(|action| foreseen(action).is_ok())
        });
        if known.is_none() {
            self.perhaps.insert(prefix.to_owned(), perhaps);
        }
        Some(if perhaps { Verdict::Uncertain } else { Verdict::Denied })
    }
}
