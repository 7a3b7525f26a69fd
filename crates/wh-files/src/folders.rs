//! Making a folder: an empty object whose key ends in `/`, as other S3 tools do it.

use wh_aws::WriteCondition;
use wh_ledger::ActivityKind;
use wh_people::Person;
use wh_policy::s3::action;

use crate::{Files, FilesError, FolderPath};

impl Files {
    /// Makes an empty folder. One that is there already stays as it is.
    pub async fn make_folder(
        &self,
        person: &Person,
        location: &str,
        folder: &FolderPath,
    ) -> Result<(), FilesError> {
        let access = self.access(person, location).await?;
        let key = folder.marker_under(&access.grant.prefix)?;
        let target = access.object_target(&key);
        access.foresee(action::PUT_OBJECT, &target)?;
        let session = access.session().await?;
        let (objects, bucket) = (&self.options.objects, &access.grant.bucket);
        match objects.put_empty(&session, bucket, &key, &WriteCondition::Always).await {
            Ok(_written) => {
                self.did(&access, ActivityKind::Added, key.as_str()).await;
                Ok(())
            }
            Err(error) => Err(access.told(action::PUT_OBJECT, &target, error)),
        }
    }
}
