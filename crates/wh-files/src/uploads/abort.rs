//! Giving an upload up.

use wh_ledger::{UploadRow, UploadStatus};
use wh_people::Person;
use wh_policy::s3::action;

use super::UploadError;
use super::status::is_open;
use crate::Files;
use crate::access::Access;

impl Files {
    /// Gives an upload of this person's up, and frees what the store holds of it. One that is given
    /// up already stays so.
    pub async fn abort_upload(&self, person: &Person, id: &str) -> Result<(), UploadError> {
        let (row, access) = self.own_upload(person, id).await?;
        match row.status {
            UploadStatus::Aborted => return Ok(()),
            UploadStatus::Completed => {
                return Err(UploadError::NotOpen { status: row.status.as_str() });
            }
            UploadStatus::Begun | UploadStatus::Transferring => {}
        }
        if access.sends() {
            return self.give_up_sent(&row, &access).await;
        }
        if let Some(upload_id) = row.upload_id.as_deref().filter(|_| is_open(&row)) {
            let target = access.object_target(&row.key);
            access.foresee(action::ABORT_MULTIPART_UPLOAD, &target)?;
            let session = access.session().await?;
            let objects = &self.options.objects;
            let aborted = objects.abort(&session, &row.bucket, &row.key, upload_id).await;
            aborted.map_err(|error| access.told(action::ABORT_MULTIPART_UPLOAD, &target, error))?;
        }
        let now = self.options.clock.now();
        self.options.ledger.upload_aborted(&row.id, now).await?;
        Ok(())
    }

    /// The same of what a sender sends: the ledger says first whether it may become an object still, since then its
    /// room is not given back. What the store holds of it and is not freed falls to the bucket's lifecycle.
    async fn give_up_sent(&self, row: &UploadRow, access: &Access<'_>) -> Result<(), UploadError> {
        let (options, target) = (&self.options, access.object_target(&row.key));
        access.foresee(action::ABORT_MULTIPART_UPLOAD, &target)?;
        let session = access.session().await?;
        if !options.ledger.upload_aborted(&row.id, options.clock.now()).await? {
            return Err(UploadError::NotOpen { status: row.status.as_str() });
        }
        let Some(upload_id) = &row.upload_id else { return Ok(()) };
        let freed = options.objects.abort(&session, &row.bucket, &row.key, upload_id).await;
        if let Err(error) = freed {
            tracing::warn!(%error, upload = %row.id, "what the store holds was not freed");
        }
        Ok(())
    }
}
