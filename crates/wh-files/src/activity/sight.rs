//! What a person may be told of what happened: by the engine for the folder that holds the key, strictly, and then
//! by the store in the person's own session.

use std::collections::BTreeSet;

use tokio::runtime::Handle;
use wh_ledger::{ActivityRow, GrantRow};
use wh_people::Person;

use super::bursts::Seen;
use crate::search::{Confirmer, FOLDERS_JUDGED_MAX, Judge, folder_of};
use crate::{Files, FilesError};

/// Whether its person may see something that happened.
pub(crate) enum Judged {
    /// They may, and this is how.
    Seen(Seen),
    /// They may not.
    Hidden,
    /// It was not found out.
    Unknown(ActivityRow),
}

/// What a person sees of some folders of their grants.
pub(crate) struct Sight<'a> {
    places: Vec<&'a (GrantRow, String)>,
    judges: Vec<Judge<'a>>,
    /// How many folders may still be judged.
    left: usize,
    store: Confirmer<'a>,
}

/// The places by which something may be seen as the policies are known; and whether all were asked.
type Allowed = (Vec<(usize, String)>, bool);

impl<'a> Sight<'a> {
    /// Of these folders of these grants. It is asked where it may block: it waits for the store.
    pub(crate) fn of(
        (files, person): (&'a Files, &'a Person),
        places: Vec<&'a (GrantRow, String)>,
        runtime: &Handle,
    ) -> Result<Self, FilesError> {
        let wire = files.search.wire();
        let open = |grant: &GrantRow| files.open(person, grant.clone());
        let judges = places.iter().map(|(grant, _)| Judge::of_versions(open(grant), wire));
        let judges = judges.collect::<Result<_, _>>()?;
        let store = Confirmer::new(files, runtime.clone());
        Ok(Self { places, judges, left: FOLDERS_JUDGED_MAX, store })
    }

    /// The places that are looked at.
    pub(crate) fn places(&self) -> &[&'a (GrantRow, String)] {
        &self.places
    }

    /// Whether the store is asked nothing more.
    pub(crate) fn is_spent(&self) -> bool {
        self.store.is_spent()
    }

    /// Judges these, in their order. The store is asked once for all of them.
    pub(crate) fn judge(&mut self, rows: Vec<ActivityRow>) -> Vec<Judged> {
        let may: Vec<(ActivityRow, Allowed)> = rows
            .into_iter()
            .map(|row| {
                let allowed = self.allowed(&row);
                (row, allowed)
            })
            .collect();
        let folders: BTreeSet<(usize, String)> =
            may.iter().flat_map(|(_, (places, _))| places.iter().cloned()).collect();
        self.store.ask(&self.judges, folders);
        may.into_iter().map(|(row, allowed)| self.judged(row, allowed)).collect()
    }

    /// The places by which it lies in a folder that the policies let the person list, as they are known.
    fn allowed(&mut self, row: &ActivityRow) -> Allowed {
        let (mut allowed, mut asked_all) = (Vec::new(), true);
        for (at, judge) in self.judges.iter_mut().enumerate() {
            let Some((grant, folder)) = self.places.get(at) else { continue };
            let prefix = grant.prefix.as_str();
            let inside = row.key.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(&**folder));
            if grant.bucket.as_str() != row.bucket || inside.is_none() {
                continue;
            }
            let holds = folder_of(&row.key).filter(|holds| holds.len() >= prefix.len());
            let holds = holds.unwrap_or(prefix).to_owned();
            let lists = judge.lists(&holds, &mut self.left);
            asked_all &= lists.is_some();
            if lists == Some(true) {
                allowed.push((at, holds));
            }
        }
        (allowed, asked_all)
    }

    /// As it is seen by the first of these places whose folder the store lists.
    fn judged(&self, row: ActivityRow, (places, mut known): Allowed) -> Judged {
        for (at, folder) in places {
            let says = self.store.says(at, &folder);
            known &= says.is_some();
            let Some((grant, _)) = self.places.get(at).filter(|_| says == Some(true)) else {
                continue;
            };
            let within = folder.get(grant.prefix.as_str().len()..);
            let Some((within, name)) = within.zip(row.key.get(folder.len()..)) else { continue };
            let (folder, name) = (within.to_owned(), name.to_owned());
            return Judged::Seen(Seen { row, location: grant.id.clone(), folder, name });
        }
        if known { Judged::Hidden } else { Judged::Unknown(row) }
    }
}
