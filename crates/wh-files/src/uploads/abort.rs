//! Giving an upload up.

use wh_ledger::UploadStatus;
use wh_people::Person;
use wh_policy::s3::action;

use super::UploadError;
use super::status::is_open;
use crate::Files;

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
}
