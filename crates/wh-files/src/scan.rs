//! What the scan for malware says of files: to those who would open them, in listings, and to
//! administrators, who release or delete what is held back.

use std::collections::BTreeMap;

use jiff::Timestamp;
use wh_aws::{AwsError, ListedObject, Listing, RoleSession};
use wh_ledger::{RowId, ScanRow, ScanState, ScansCounted};
use wh_names::{BucketName, ObjectKey, ScanVerdict, Serving, Uid};
use wh_people::{Administrator, Person, ProvenAdministrator};
use wh_policy::s3::action;

use crate::access::{Access, Target};
use crate::{Files, FilesError, PathError};

/// What the scan said of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scanned {
    /// Nothing yet.
    NotYet,
    /// This.
    Said(ScanVerdict),
    /// Whoever asks may not read the tags.
    Unknown,
}

/// A file that is infected or could not be scanned.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What it is called.
    pub id: RowId,
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// What the store calls the version.
    pub version: String,
    /// Where it stands.
    pub state: ScanState,
    /// By which name the scanner knows it, or why it could not be scanned.
    pub finding: String,
    /// Who wrote it, where that is known.
    pub uid: Option<Uid>,
    /// When the scanner said so.
    pub at: Option<Timestamp>,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// What is served; `None`: files are not scanned.
    pub serving: Option<Serving>,
    /// How many files are not clean.
    pub counted: ScansCounted,
    /// Those that are infected or could not be scanned; the newest first.
    pub findings: Vec<Finding>,
}

impl From<ScanRow> for Finding {
    fn from(row: ScanRow) -> Self {
        Self {
            id: row.id,
            bucket: row.target.bucket,
            key: row.target.key,
            version: row.target.version,
            state: row.state,
            finding: row.finding.unwrap_or_default(),
            uid: row.uid,
            at: row.settled_at,
        }
    }
}

/// What a page of a listing has that is not clean, by key.
#[derive(Debug, Default)]
pub(crate) struct Held(BTreeMap<String, Vec<ScanRow>>);

impl Held {
    /// What the scan has against the object that a listing shows: against this version of it, that is.
    pub(crate) fn of(&self, object: &ListedObject) -> Option<ScanState> {
        let rows = self.0.get(&object.key)?;
        let written = object.modified.as_second();
        let this = |row: &&ScanRow| row.modified_at.as_second() == written;
        rows.iter().rev().find(this).map(|row| row.state)
    }
}

impl Files {
    pub(crate) async fn held(
        &self,
        bucket: &BucketName,
        listing: &Listing,
    ) -> Result<Held, FilesError> {
        let ends = listing.objects.first().zip(listing.objects.last());
        let (Some(_), Some((first, last))) = (self.options.scanning, ends) else {
            return Ok(Held::default());
        };
        let between = (first.key.as_str(), last.key.as_str());
        let mut held = Held::default();
        for row in self.options.ledger.scans_between(bucket.as_str(), between).await? {
            held.0.entry(row.target.key.clone()).or_default().push(row);
        }
        Ok(held)
    }

    /// What was found and not released.
    pub async fn found(&self, _asks: &Administrator) -> Result<Found, FilesError> {
        let ledger = &self.options.ledger;
        Ok(Found {
            serving: self.options.scanning,
            counted: ledger.scans_counted().await?,
            findings: ledger.scans_found().await?.into_iter().map(Finding::from).collect(),
        })
    }

    /// Lets a file go that is held back. The role of the scan tags it: no administrator may.
    pub async fn release(
        &self,
        _asks: &ProvenAdministrator,
        id: &str,
    ) -> Result<Finding, FilesError> {
        let row = self.finding(id).await?;
        let now = self.options.clock.now();
        if !self.options.ledger.release_scan(&row.id, now).await? {
            return Err(FilesError::NoSuchFinding);
        }
        Ok(row.into())
    }

    /// Deletes a version that is held back, for ever, in the administrator's own name.
    pub async fn delete_finding(
        &self,
        asks: &ProvenAdministrator,
        id: &str,
    ) -> Result<Finding, FilesError> {
        let row = self.finding(id).await?;
        let key = ObjectKey::parse(&row.target.key).map_err(PathError::Key)?;
        let bucket = BucketName::parse(&row.target.bucket).map_err(PathError::Key)?;
        let access = self.access_to(asks.administrator().person(), &bucket, &key).await?;
        let target = access.object_target(&key);
        access.foresee(action::DELETE_OBJECT_VERSION, &target)?;
        let session = access.session().await?;
        let place = (&bucket, &key);
        match self.options.objects.delete_version(&session, place, &row.target.version).await {
            Ok(()) | Err(AwsError::NotFound { .. }) => {}
            Err(error) => return Err(access.told(action::DELETE_OBJECT_VERSION, &target, error)),
        }
        self.options.ledger.forget_scan(&row.id).await?;
        Ok(row.into())
    }

    async fn finding(&self, id: &str) -> Result<ScanRow, FilesError> {
        let id = RowId::parse(id).map_err(|_| FilesError::NoSuchFinding)?;
        let row = self.options.ledger.scan(&id).await?;
        row.filter(|row| row.state != ScanState::Waiting).ok_or(FilesError::NoSuchFinding)
    }

    /// One of a person's grants that covers a key and lets it be deleted for ever, or any that covers it.
    async fn access_to<'a>(
        &'a self,
        person: &'a Person,
        bucket: &BucketName,
        key: &ObjectKey,
    ) -> Result<Access<'a>, FilesError> {
        let grants = self.options.people.grants_for(person).await?;
        let covering = grants.into_iter().filter(|grant| {
            grant.bucket == *bucket && key.as_str().starts_with(grant.prefix.as_str())
        });
        let mut accesses: Vec<Access<'a>> =
            covering.map(|grant| self.open(person, grant)).collect();
        let may = |access: &Access<'_>| {
            let target = access.object_target(key);
            let says = access.says(action::DELETE_OBJECT_VERSION, &target);
            says.is_ok_and(|says| says.allowed())
        };
        let best = accesses.iter().position(may).unwrap_or_default();
        if accesses.is_empty() {
            return Err(FilesError::NoSuchLocation);
        }
        Ok(accesses.swap_remove(best))
    }
}

impl Access<'_> {
    /// What the scan said of a file, where files are scanned; an error where that holds the file back
    /// from whoever asks. The store decides: this puts its reason into words.
    pub(crate) async fn served(
        &self,
        session: &RoleSession,
        (key, target): (&ObjectKey, &Target),
    ) -> Result<Option<Scanned>, FilesError> {
        let options = self.options();
        if options.scanning.is_none() {
            return Ok(None);
        }
        let tags = match options.objects.tags(session, &self.grant.bucket, key).await {
            Ok(tags) => tags,
            Err(AwsError::Denied { .. }) => return Ok(Some(Scanned::Unknown)),
            Err(error) => return Err(self.told(action::GET_OBJECT_TAGGING, target, error)),
        };
        let verdict = ScanVerdict::of_tags(&tags);
        let says = self.says(action::GET_OBJECT, &target.scanned(verdict))?;
        let held_back = !says.allowed() && self.says(action::GET_OBJECT, target)?.allowed();
        let why = Box::new(says);
        match (held_back, verdict) {
            (false, None) => Ok(Some(Scanned::NotYet)),
            (false, Some(verdict)) => Ok(Some(Scanned::Said(verdict))),
            (true, Some(ScanVerdict::Infected)) => Err(FilesError::Infected(why)),
            (true, Some(ScanVerdict::Unscanned)) => Err(FilesError::NotScannable(why)),
            (true, None | Some(ScanVerdict::Clean | ScanVerdict::Released)) => {
                Err(FilesError::NotScanned(why))
            }
        }
    }
}
