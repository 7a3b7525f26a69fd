//! A part that comes by the portal, where a browser cannot reach the store: handed on as it comes.
//!
//! Invariant: the store is asked in the name of the person, as by a signed link, and verifies the checksum;
//! what is held in memory does not grow with the part.

use std::io;

use bytes::Bytes;
use futures::stream::BoxStream;
use wh_aws::{AwsError, PartToSend};
use wh_people::{Person, Scope};
use wh_policy::s3::action;

use super::UploadError;
use super::sign::{PartWanted, check};
use crate::Files;
use crate::under_way::Place;

/// How many parts a person may have under way at once by the portal: the lanes of two tabs.
pub const PARTS_PASSED_MAX: u32 = 8;

/// How many parts come by the portal at once for one file request, of all its senders.
const PARTS_BY_REQUEST_MAX: u32 = 32;

impl Files {
    /// Hands a part of an upload of this person's on to the store.
    pub async fn pass_part(
        &self,
        person: &Person,
        id: &str,
        part: PartWanted,
        bytes: BoxStream<'static, io::Result<Bytes>>,
    ) -> Result<(), UploadError> {
        let (row, upload_id, access) = self.open_upload(person, id).await?;
        check(&row, &part)?;
        let target = access.object_target(&row.key);
        access.foresee(action::PUT_OBJECT, &target)?;
        let _places = self.places_for(person)?;
        let session = access.session().await?;
        // Whoever sends by a file request holds nothing by a part that does not come.
        if !access.sends() {
            self.options.ledger.touch_upload(&row.id, self.options.clock.now()).await?;
        }
        let PartWanted { number: n, size, crc: crc64nvme } = part;
        let part = PartToSend { upload_id, n, size, crc64nvme };
        let objects = &self.options.objects;
        let sent = objects.send_part(&session, (&row.bucket, &row.key), part, bytes).await;
        match sent {
            Ok(()) if access.sends() => {
                let (ledger, now) = (&self.options.ledger, self.options.clock.now());
                ledger.touch_upload(&row.id, now).await?;
                Ok(ledger.part_passed(&row.id, now).await?)
            }
            Ok(()) => Ok(()),
            Err(AwsError::ContentDiffers { .. }) => Err(UploadError::ChecksumMismatch),
            Err(error) => Err(access.told(action::PUT_OBJECT, &target, error).into()),
        }
    }

    /// Places for a part: a person's own; of those who send by a file request the sender's, and the request's.
    fn places_for(&self, person: &Person) -> Result<Vec<Place>, UploadError> {
        let taken = |id: &str, max| {
            self.parts.enter(id, max).ok_or(UploadError::PartsAtOnce { max: PARTS_PASSED_MAX })
        };
        let Some(scope) = person.scope().and_then(Scope::sender) else {
            return Ok(vec![taken(person.uid().as_str(), PARTS_PASSED_MAX)?]);
        };
        Ok(vec![
            taken(scope.sender.id.as_str(), PARTS_PASSED_MAX)?,
            taken(scope.sender.request_id.as_str(), PARTS_BY_REQUEST_MAX)?,
        ])
    }
}
