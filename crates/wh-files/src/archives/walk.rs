//! From the paths that were asked for to the files below them, page after page.

use std::collections::VecDeque;

use wh_aws::ListRequest;
use wh_names::ObjectKey;
use wh_policy::s3::action;

use crate::access::Access;
use crate::{EntryPath, Files, FilesError, FolderPath, PAGE_ENTRIES_MAX, PathError};

/// What belongs into the archive.
#[derive(Debug)]
pub(super) struct Found {
    /// The object.
    pub(super) key: ObjectKey,
    /// Its path, from the folder on in which the asked path lies.
    pub(super) path: String,
}

/// Where a walk is.
pub(super) struct Walk {
    ahead: VecDeque<EntryPath>,
    within: Option<Within>,
}

struct Within {
    folder: FolderPath,
    token: Option<String>,
}

impl Walk {
    pub(super) fn over(paths: &[EntryPath]) -> Self {
        Self { ahead: paths.iter().cloned().collect(), within: None }
    }

    /// The next files; `None` when there are no more.
    pub(super) async fn next(
        &mut self,
        files: &Files,
        access: &Access<'_>,
    ) -> Result<Option<Vec<Found>>, FilesError> {
        let within = match self.within.take() {
            Some(within) => within,
            None => match self.ahead.pop_front() {
                None => return Ok(None),
                Some(EntryPath::File(file)) => {
                    let key = file.key_under(&access.grant.prefix)?;
                    return Ok(Some(vec![Found { key, path: file.name().to_owned() }]));
                }
                Some(EntryPath::Folder(folder)) => Within { folder, token: None },
            },
        };
        let (found, token) = page(files, access, &within).await?;
        if token.is_some() {
            self.within = Some(Within { token, ..within });
        }
        Ok(Some(found))
    }
}

async fn page(
    files: &Files,
    access: &Access<'_>,
    within: &Within,
) -> Result<(Vec<Found>, Option<String>), FilesError> {
    let prefix = within.folder.prefix_under(&access.grant.prefix)?;
    let target = access.listing_target(prefix.as_str());
    access.foresee(action::LIST_BUCKET, &target)?;
    let request = ListRequest {
        prefix: prefix.clone(),
        delimiter: None,
        token: within.token.clone(),
        max: PAGE_ENTRIES_MAX,
    };
    let session = access.session().await?;
    let listing = files.options.objects.list(&session, &access.grant.bucket, request).await;
    let listing = listing.map_err(|error| access.told(action::LIST_BUCKET, &target, error))?;
    let outside = prefix.as_str().len() - last_segment(prefix.as_str()).len();
    let found = listing.objects.into_iter().map(|object| {
        let key = ObjectKey::parse(&object.key).map_err(PathError::Key)?;
        let path = object.key.get(outside..).unwrap_or(&object.key).to_owned();
        Ok(Found { key, path })
    });
    Ok((found.collect::<Result<_, FilesError>>()?, listing.next))
}

/// `b/` of `a/b/`.
fn last_segment(folder: &str) -> &str {
    let inner = folder.strip_suffix('/').unwrap_or(folder);
    inner.rfind('/').and_then(|at| folder.get(at + 1..)).unwrap_or(folder)
}
