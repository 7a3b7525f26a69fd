//! Locations: what a person's grants look like to them.

use wh_ledger::GrantRow;
use wh_people::{Person, Via};
use wh_policy::s3::action;

use crate::access::Access;
use crate::{Explained, Files, FilesError};

/// What a person may do in a location.
#[derive(Debug, Clone)]
pub struct LocationPermissions {
    /// See what is there.
    pub list: Explained,
    /// Read files.
    pub get: Explained,
    /// Write files.
    pub put: Explained,
    /// Delete files.
    pub delete: Explained,
}

/// A grant as its person sees it.
#[derive(Debug, Clone)]
pub struct Location {
    /// The grant: its role, bucket, prefix and title. Its id is the location's.
    pub grant: GrantRow,
    /// By what the person has it.
    pub via: Via,
    /// What may be done there.
    pub may: LocationPermissions,
}

impl Files {
    /// All locations of a person.
    pub async fn locations(&self, person: &Person) -> Result<Vec<Location>, FilesError> {
        let held = self.options.people.locations_of(person).await?;
        held.into_iter().map(|held| location(self.open(person, held.grant), held.via)).collect()
    }
}

fn location(access: Access<'_>, via: Via) -> Result<Location, FilesError> {
    let prefix = access.grant.prefix.as_str().to_owned();
    let below = access.everything_below(&prefix)?;
    let may = LocationPermissions {
        list: access.says(action::LIST_BUCKET, &access.listing_target(&prefix))?,
        get: access.says(action::GET_OBJECT, &below)?,
        put: access.says(action::PUT_OBJECT, &below)?,
        delete: access.says(action::DELETE_OBJECT, &below)?,
    };
    Ok(Location { grant: access.grant, via, may })
}
