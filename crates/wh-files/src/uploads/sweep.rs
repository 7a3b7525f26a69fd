//! Giving up uploads that nobody goes on with.

use jiff::{SignedDuration, Timestamp};
use wh_aws::AwsError;
use wh_ledger::{LedgerError, Stale, UploadRow};
use wh_people::Person;
use wh_policy::s3::action;

use crate::{Files, FilesError};

/// An upload of which no part was signed for this long is given up.
pub const UPLOAD_STALE_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// An upload by a file request of which no part came for this long is given up: what was promised to it is others' again
/// after that.
pub const SENT_STALE_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// The same where no part of it has come since it was begun: room is not to be held by sending nothing.
pub const UNSENT_STALE_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// How long an upload by a file request may take in all: parts that are sent again and again are none of a file.
pub const SENT_AGE_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Files {
    /// Gives up the uploads that did not go on for [`UPLOAD_STALE_AFTER`]; by a file request those without a part for
    /// [`SENT_STALE_AFTER`], without any for [`UNSENT_STALE_AFTER`], or older than [`SENT_AGE_MAX`]. At most 1,000 of
    /// them, and returns how many. To be called now and then.
    ///
    /// What the store holds of them is freed in the name of their person, as far as that person
    /// still may; the rest falls to the bucket's lifecycle. A store that does not answer ends the
    /// sweep with an error, and what is left waits for the next.
    pub async fn sweep_uploads(&self) -> Result<u64, FilesError> {
        let (ledger, now) = (&self.options.ledger, self.options.clock.now());
        let since = |age| now.checked_sub(age).unwrap_or(Timestamp::MIN);
        let stale = Stale {
            unchanged: since(UPLOAD_STALE_AFTER),
            of_requests: since(SENT_STALE_AFTER),
            of_requests_begun: since(SENT_AGE_MAX),
            unsent: since(UNSENT_STALE_AFTER),
        };
        let mut given_up = 0;
        for row in ledger.uploads_stale(&stale).await? {
            given_up += u64::from(self.give_up(&row, now).await?);
        }
        Ok(given_up)
    }

    /// `false`: it went on, or ended, while others were swept.
    async fn give_up(&self, row: &UploadRow, now: Timestamp) -> Result<bool, FilesError> {
        let ledger = &self.options.ledger;
        if ledger.upload(&row.id).await?.as_ref() != Some(row) {
            return Ok(false);
        }
        match self.free(row).await {
            Ok(()) => {}
            Err(error) if is_for_later(&error) => return Err(error),
            Err(error) => {
                tracing::warn!(%error, upload = %row.id, "what the store holds was not freed");
            }
        }
        if ledger.upload_aborted(&row.id, now).await? {
            return Ok(true);
        }
        // It may have become an object: its room stays taken.
        ledger.keep_promise(&row.id, now).await?;
        Ok(true)
    }

    async fn free(&self, row: &UploadRow) -> Result<(), FilesError> {
        let Some(upload_id) = &row.upload_id else { return Ok(()) };
        let Some(person) = self.freeing(row).await? else { return Ok(()) };
        let access = self.access(&person, row.grant_id.as_str()).await?;
        let target = access.object_target(&row.key);
        access.foresee(action::ABORT_MULTIPART_UPLOAD, &target)?;
        let session = access.session().await?;
        let aborted = self.options.objects.abort(&session, &row.bucket, &row.key, upload_id).await;
        aborted.map_err(|error| access.told(action::ABORT_MULTIPART_UPLOAD, &target, error))
    }
}

impl Files {
    /// In whose name the parts of an upload are freed: by a file request in that of its person, cut down to the sender's
    /// folder, as they came. Who revoked it ended those sessions; then in that of the person themselves.
    async fn freeing(&self, row: &UploadRow) -> Result<Option<Person>, LedgerError> {
        let (people, ledger) = (&self.options.people, &self.options.ledger);
        let sent = ledger.request_of_upload(&row.id).await?;
        if let Some((request, sender)) = sent.filter(|(request, _)| request.revoked_at.is_none())
            && let Some(person) = people.person_of_request(&request, sender, None).await?
        {
            return Ok(Some(person));
        }
        people.on_behalf_of(&row.uid).await
    }
}

/// Whether the next sweep may do better.
fn is_for_later(error: &FilesError) -> bool {
    match error {
        FilesError::Ledger(_)
        | FilesError::Unfinished
        | FilesError::NoTurn
        | FilesError::PatienceSpent { .. } => true,
        FilesError::RoleSession(error) | FilesError::Store(error) => {
            matches!(error, AwsError::Unreachable { .. } | AwsError::Busy { .. })
        }
        FilesError::NoSuchLocation
        | FilesError::GrantEnded { .. }
        | FilesError::Path(_)
        | FilesError::Refused(_)
        | FilesError::Infected(_)
        | FilesError::NotScanned(_)
        | FilesError::NotScannable(_)
        | FilesError::NoSuchFinding
        | FilesError::NotFound
        | FilesError::Cursor
        | FilesError::Action
        | FilesError::NoSuchRole(_)
        | FilesError::NoSuchBucket(_)
        | FilesError::TooManyPaths { .. }
        | FilesError::TooManyFavourites { .. }
        | FilesError::MoreLeft { .. }
        | FilesError::AllowedAlready
        | FilesError::NoRoleWould
        | FilesError::ArchiveTooLarge { .. }
        | FilesError::ArchivesAtOnce { .. }
        | FilesError::NoSuchArchive
        | FilesError::NoSearchWords
        | FilesError::SearchTooLong
        | FilesError::SearchCursor
        | FilesError::SearchesAtOnce { .. }
        | FilesError::Tags { .. }
        | FilesError::ContentType
        | FilesError::Header { .. }
        | FilesError::Metadata { .. }
        | FilesError::Version
        | FilesError::Moment
        | FilesError::PastExpired { .. }
        | FilesError::PastUnversioned
        | FilesError::Changed => false,
    }
}
