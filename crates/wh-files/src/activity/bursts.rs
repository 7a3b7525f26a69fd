//! Many of a kind as one: what one hand did in one folder, one soon after another.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{ActivityBy, ActivityKind, ActivityRow, RowId};
use wh_names::Uid;

use super::{ActivityActor, ActivityEntry};
use crate::{Files, FilesError};

/// What is further apart than this is told apart.
const SOON: SignedDuration = SignedDuration::from_mins(10);

/// How many names one entry shows.
const NAMES_SHOWN: usize = 3;

/// Something that happened where its person may see it.
pub(crate) struct Seen {
    pub(crate) row: ActivityRow,
    pub(super) location: RowId,
    /// The folder in that location.
    pub(super) folder: String,
    /// The name in that folder.
    pub(super) name: String,
}

/// Of one kind, in one folder, by one hand; the newest first.
pub(crate) struct Burst {
    id: RowId,
    last: RowId,
    kind: ActivityKind,
    by: ActivityBy,
    location: RowId,
    folder: String,
    within: (Timestamp, Timestamp),
    names: Vec<String>,
    all: BTreeSet<String>,
}

impl Burst {
    fn of(seen: Seen) -> Self {
        let Seen { row, location, folder, name } = seen;
        Self {
            id: row.id.clone(),
            last: row.id,
            kind: row.kind,
            by: row.by,
            location,
            folder,
            within: (row.at, row.at),
            names: vec![name.clone()],
            all: BTreeSet::from([name]),
        }
    }

    /// Where the next page begins when this one ends with it.
    pub(super) fn last(&self) -> &RowId {
        &self.last
    }

    fn told(self, names: &BTreeMap<Uid, String>) -> ActivityEntry {
        let by = match self.by {
            ActivityBy::Person(uid) => ActivityActor::Person(names.get(&uid).cloned()),
            ActivityBy::Machine(name) => ActivityActor::Machine(name),
            ActivityBy::Role(name) => ActivityActor::Role(name),
            ActivityBy::Rule => ActivityActor::Rule,
            ActivityBy::Other => ActivityActor::Other,
        };
        ActivityEntry {
            id: self.id,
            kind: self.kind,
            within: self.within,
            by,
            location: self.location,
            folder: self.folder,
            names: self.names,
            count: self.all.len(),
        }
    }

    fn goes_on_with(&self, seen: &Seen) -> bool {
        let alike = self.kind == seen.row.kind && self.by == seen.row.by;
        let place = self.location == seen.location && self.folder == seen.folder;
        alike && place && self.within.0.duration_since(seen.row.at) <= SOON
    }

    fn take(&mut self, seen: Seen) {
        self.within.0 = self.within.0.min(seen.row.at);
        self.last = seen.row.id;
        if self.all.insert(seen.name.clone()) && self.names.len() < NAMES_SHOWN {
            self.names.push(seen.name);
        }
    }
}

/// Adds what happened before all of these: to the last of them, or as one of its own.
pub(super) fn add(bursts: &mut Vec<Burst>, seen: Seen) {
    match bursts.last_mut().filter(|last| last.goes_on_with(&seen)) {
        Some(last) => last.take(seen),
        None => bursts.push(Burst::of(seen)),
    }
}

/// Of all that is seen, the newest first.
pub(crate) fn bursts(seen: Vec<Seen>) -> Vec<Burst> {
    let mut bursts = Vec::new();
    for seen in seen {
        add(&mut bursts, seen);
    }
    bursts
}

impl Files {
    /// The same, with the names of who did it.
    pub(crate) async fn named(&self, bursts: Vec<Burst>) -> Result<Vec<ActivityEntry>, FilesError> {
        let mut names = BTreeMap::new();
        for uid in bursts.iter().filter_map(|burst| burst.by.person()).collect::<BTreeSet<_>>() {
            let person = self.options.ledger.person(uid).await?;
            names.extend(person.map(|person| (uid.clone(), person.name)));
        }
        Ok(bursts.into_iter().map(|burst| burst.told(&names)).collect())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use wh_ledger::{ActivityBy, ActivityKind, ActivityRow, RowId};
    use wh_names::Entropy;

    use super::{Burst, Seen, add};

    fn seen(second: i64, by: &str, folder: &str, name: &str) -> Seen {
        let at = Timestamp::from_second(second).expect("a time");
        let id = RowId::generate(at, &Entropy::new(|bytes| bytes.fill(7)));
        let row = ActivityRow {
            id: id.clone(),
            at,
            kind: ActivityKind::Added,
            bucket: "files".to_owned(),
            key: format!("{folder}{name}"),
            by: ActivityBy::Role(by.to_owned()),
        };
        let (folder, name) = (folder.to_owned(), name.to_owned());
        Seen { row, location: id_of_place(), folder, name }
    }

    fn id_of_place() -> RowId {
        RowId::parse("01arz3ndektsv4rrffq69g5fav").expect("an id")
    }

    #[test]
    fn one_hand_in_one_folder_within_a_while_is_one_entry_and_each_name_counts_once() {
        let mut bursts: Vec<Burst> = Vec::new();
        for happened in [
            seen(9_000, "a", "x/", "9"),
            seen(8_990, "a", "x/", "8"),
            seen(8_980, "a", "x/", "9"),
            seen(8_400, "a", "x/", "7"),
            seen(8_390, "a", "x/", "6"),
            // Another hand, another folder, and much earlier.
            seen(8_380, "b", "x/", "5"),
            seen(8_370, "b", "y/", "4"),
            seen(7_000, "b", "y/", "3"),
        ] {
            add(&mut bursts, happened);
        }
        let told = bursts.iter().map(|burst| (burst.all.len(), burst.names.join("")));
        let told: Vec<_> = told.collect();
        let expected = [(4, "987"), (1, "5"), (1, "4"), (1, "3")];
        assert_eq!(told, expected.map(|(count, names)| (count, names.to_owned())));
        let seconds = bursts[0].within;
        assert_eq!((seconds.0.as_second(), seconds.1.as_second()), (8_390, 9_000));
    }
}
