//! What a person marked, and where they were lately: in locations that they still have.
//!
//! Invariant: a place of a location that is not granted to the person now is neither shown nor counted. It is
//! a name and nothing else: whoever follows it asks the store as ever.

use std::collections::BTreeSet;

use wh_ledger::{PlaceBounds, PlaceKind, PlaceRow, RowId};
use wh_people::Person;

use crate::{EntryPath, Files, FilesError};

/// How many places a person marks.
pub const FAVOURITES_MAX: usize = 200;

/// Of how many places it is kept that a person was there; so many are noted at once, too.
pub const RECENT_MAX: usize = 50;

/// A place that a person names.
#[derive(Debug, Clone)]
pub struct Place {
    /// The location.
    pub location: String,
    /// Where in it; the location itself without one.
    pub path: Option<EntryPath>,
}

/// What a person marked, and where they were, the last first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// What they marked.
    pub favourites: Vec<PlaceRow>,
    /// Where they were.
    pub recent: Vec<PlaceRow>,
    /// Whether it is kept where they are.
    pub keeps_recent: bool,
}

impl Files {
    /// What a person marked and where they were, as far as it is theirs to reach.
    pub async fn places(&self, person: &Person) -> Result<Places, FilesError> {
        let (ledger, uid) = (&self.options.ledger, person.uid());
        let reach = self.locations_of(person).await?;
        let seen = |mut rows: Vec<PlaceRow>| {
            rows.retain(|row| reach.contains(&row.grant));
            rows
        };
        Ok(Places {
            favourites: seen(ledger.places(uid, PlaceKind::Favourite).await?),
            recent: seen(ledger.places(uid, PlaceKind::Recent).await?),
            keeps_recent: ledger.keeps_recent(uid).await?,
        })
    }

    /// Marks a place.
    pub async fn mark(&self, person: &Person, place: Place) -> Result<(), FilesError> {
        let reach = self.locations_of(person).await?;
        let row = self.place_row(place, &reach)?;
        let bounds = PlaceBounds { reach: &reach, max: FAVOURITES_MAX };
        match self.options.ledger.mark_place(person.uid(), &row, bounds).await? {
            true => Ok(()),
            false => Err(FilesError::TooManyFavourites { max: FAVOURITES_MAX }),
        }
    }

    /// Notes where a person was, the last place last. What they do not have any more is left out.
    pub async fn visit(&self, person: &Person, places: Vec<Place>) -> Result<(), FilesError> {
        if places.is_empty() || places.len() > RECENT_MAX {
            return Err(FilesError::TooManyPaths { max: RECENT_MAX });
        }
        let reach = self.locations_of(person).await?;
        let rows = places.into_iter().filter_map(|place| self.place_row(place, &reach).ok());
        let rows: Vec<PlaceRow> = rows.zip(0..).map(|(row, later)| apart(row, later)).collect();
        let bounds = PlaceBounds { reach: &reach, max: RECENT_MAX };
        Ok(self.options.ledger.note_places(person.uid(), &rows, bounds).await?)
    }

    /// Forgets a place; one that is not kept is forgotten already.
    pub async fn forget_place(
        &self,
        person: &Person,
        kind: PlaceKind,
        place: Place,
    ) -> Result<(), FilesError> {
        let Ok(grant) = RowId::parse(&place.location) else { return Ok(()) };
        let path = path_of(place.path.as_ref());
        self.options.ledger.forget_place(person.uid(), kind, (&grant, &path)).await?;
        Ok(())
    }

    /// Forgets where a person was.
    pub async fn forget_recent(&self, person: &Person) -> Result<(), FilesError> {
        Ok(self.options.ledger.forget_recent(person.uid()).await?)
    }

    /// Whether it is to be kept where a person is.
    pub async fn keep_recent(&self, person: &Person, keep: bool) -> Result<(), FilesError> {
        Ok(self.options.ledger.keep_recent(person.uid(), keep).await?)
    }

    async fn locations_of(&self, person: &Person) -> Result<BTreeSet<RowId>, FilesError> {
        let grants = self.options.people.grants_for(person).await?;
        Ok(grants.into_iter().map(|grant| grant.id).collect())
    }

    fn place_row(&self, place: Place, reach: &BTreeSet<RowId>) -> Result<PlaceRow, FilesError> {
        let grant = reach.iter().find(|id| id.as_str() == place.location);
        let grant = grant.ok_or(FilesError::NoSuchLocation)?.clone();
        Ok(PlaceRow { grant, path: path_of(place.path.as_ref()), at: self.options.clock.now() })
    }
}

/// Those of one request are kept in their order: a millisecond apart.
fn apart(row: PlaceRow, later: i64) -> PlaceRow {
    let at = row.at + jiff::SignedDuration::from_millis(later);
    PlaceRow { at, ..row }
}

fn path_of(path: Option<&EntryPath>) -> String {
    path.map(EntryPath::as_str).unwrap_or_default().to_owned()
}
