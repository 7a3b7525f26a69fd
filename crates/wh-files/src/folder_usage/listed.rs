//! Where the index does not know all of a location: what lies below a folder, listed in the person's own
//! session, as far as that goes in a while.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use wh_aws::{AwsError, ListRequest, Listing, RoleSession};
use wh_names::KeyPrefix;
use wh_policy::s3::action;

use crate::access::Access;
use crate::{Files, FilesError, PAGE_ENTRIES_MAX};

/// How many pages of a listing are read for one answer: a hundred thousand names.
const PAGES_MAX: usize = 100;

/// How long is listed for one answer.
const WITHIN: Duration = Duration::from_secs(10);

/// How many folders are remembered that are to be listed one by one.
const FOLDERS_WAITING_MAX: usize = 100_000;

/// What was listed.
pub(super) struct Listed {
    /// Keys and sizes.
    pub(super) names: Vec<(String, u64)>,
    /// Whether that is all.
    pub(super) whole: bool,
    /// Whether the store lists all that is below the prefix in one listing.
    pub(super) deep: bool,
}

impl Listed {
    fn nothing() -> Self {
        Self { names: Vec::new(), whole: true, deep: false }
    }
}

/// A listing that may take so long.
struct Bounds {
    pages: usize,
    until: Instant,
}

impl Bounds {
    fn are_met(&mut self) -> bool {
        let left = self.pages.checked_sub(1).filter(|_| Instant::now() < self.until);
        self.pages = left.unwrap_or_default();
        left.is_none()
    }
}

impl Files {
    /// What lies below a prefix. Where the store lists folders one by one only, so does this.
    pub(super) async fn list_below(
        &self,
        access: &Access<'_>,
        prefix: &str,
    ) -> Result<Listed, FilesError> {
        let session = access.session().await?;
        let mut bounds = Bounds { pages: PAGES_MAX, until: Instant::now() + WITHIN };
        let mut listed = Listed::nothing();
        match self.list_into((access, &session), (prefix, None), &mut bounds, &mut listed).await {
            Ok(_) => return Ok(listed),
            // Also where that is said in the midst of it: nothing counts twice.
            Err(AwsError::Denied { .. }) => listed = Listed::nothing(),
            Err(error) => {
                let target = access.listing_target(prefix);
                return Err(access.told(action::LIST_BUCKET, &target, error));
            }
        }
        let mut waiting = VecDeque::from([prefix.to_owned()]);
        while let Some(folder) = waiting.pop_front() {
            let one = (folder.as_str(), Some("/"));
            match self.list_into((access, &session), one, &mut bounds, &mut listed).await {
                Ok(folders) => {
                    listed.whole &= waiting.len() + folders.len() <= FOLDERS_WAITING_MAX;
                    let room = FOLDERS_WAITING_MAX.saturating_sub(waiting.len());
                    waiting.extend(folders.into_iter().take(room));
                }
                // What the store does not list is not counted.
                Err(AwsError::Denied { .. }) => {}
                Err(error) => {
                    let target = access.listing_target(&folder);
                    return Err(access.told(action::LIST_BUCKET, &target, error));
                }
            }
        }
        Ok(listed)
    }

    /// Takes in what begins with a prefix, and gives back the folders that were not gone into.
    async fn list_into(
        &self,
        (access, session): (&Access<'_>, &RoleSession),
        (prefix, delimiter): (&str, Option<&str>),
        bounds: &mut Bounds,
        listed: &mut Listed,
    ) -> Result<Vec<String>, AwsError> {
        let Some(prefix) = KeyPrefix::parse(prefix).ok() else { return Ok(Vec::new()) };
        let (mut token, mut folders) = (None, Vec::new());
        loop {
            if bounds.are_met() {
                listed.whole = false;
                return Ok(folders);
            }
            let request = ListRequest {
                prefix: prefix.clone(),
                delimiter: delimiter.map(str::to_owned),
                token,
                max: PAGE_ENTRIES_MAX,
            };
            let bucket = &access.grant.bucket;
            let asked = self.options.objects.list(session, bucket, request);
            let Ok(page) = timeout_at(bounds.until, asked).await else {
                listed.whole = false;
                return Ok(folders);
            };
            let Listing { objects, prefixes, next } = page?;
            listed.deep |= delimiter.is_none();
            listed.names.extend(objects.into_iter().map(|object| (object.key, object.size)));
            folders.extend(prefixes);
            token = next;
            if token.is_none() {
                return Ok(folders);
            }
        }
    }
}
