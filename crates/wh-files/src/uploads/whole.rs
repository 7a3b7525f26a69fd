//! Signing small files that are sent as one object each: no upload is begun, so nothing is left of one that
//! does not arrive, and nothing has to be written down, found again or completed.
//!
//! Invariant: such a link makes a file where none is (`If-None-Match: *`), of exactly the bytes whose
//! checksum is signed; it never replaces one.

use std::collections::BTreeMap;

use wh_aws::{PutToSign, WriteCondition};
use wh_people::Person;
use wh_policy::s3::action;

use super::begin::media_type;
use super::parts::PART_SIZE_MIN;
use super::sign::{PART_LIFE, PARTS_SIGNED_MAX, is_crc64};
use super::{SignedPart, UploadError};
use crate::{FilePath, Files};

/// A small file that is to be sent.
#[derive(Debug, Clone)]
pub struct WholeWanted {
    /// Its path in the location.
    pub path: FilePath,
    /// Bytes.
    pub size: u64,
    /// The media type; empty means that it is unknown.
    pub content_type: String,
    /// The CRC64NVME of all of it, in Base64.
    pub crc: String,
}

impl Files {
    /// Signs small files of one location, in the order in which they came; the number of each is its place
    /// in that order, from 1.
    pub async fn sign_whole(
        &self,
        person: &Person,
        location: &str,
        wanted: Vec<WholeWanted>,
    ) -> Result<Vec<SignedPart>, UploadError> {
        if wanted.is_empty() || wanted.len() > PARTS_SIGNED_MAX {
            return Err(UploadError::PartCount { max: PARTS_SIGNED_MAX });
        }
        let access = self.access(person, location).await?;
        let session = access.session().await?;
        let (objects, bucket) = (&self.options.objects, &access.grant.bucket);
        let mut signed = Vec::with_capacity(wanted.len());
        for (file, number) in wanted.into_iter().zip(1..) {
            check(&file)?;
            let key = file.path.key_under(&access.grant.prefix)?;
            let target = access.object_target(&key);
            access.foresee(action::PUT_OBJECT, &target)?;
            self.check_room(person, (bucket.as_str(), key.as_str()), file.size).await?;
            let put = PutToSign {
                size: file.size,
                crc64nvme: file.crc,
                content_type: media_type(&file.content_type)?.to_owned(),
                condition: WriteCondition::IfAbsent,
                expires: PART_LIFE,
            };
            let request = objects.presign_put(&session, bucket, &key, put).await;
            let request =
                request.map_err(|error| access.told(action::PUT_OBJECT, &target, error))?;
            let headers: BTreeMap<_, _> = request.headers.into_iter().collect();
            signed.push(SignedPart { number, url: request.url, headers });
        }
        Ok(signed)
    }
}

fn check(file: &WholeWanted) -> Result<(), UploadError> {
    if file.size > PART_SIZE_MIN {
        return Err(UploadError::TooLarge { max: PART_SIZE_MIN });
    }
    if !is_crc64(&file.crc) {
        return Err(UploadError::Checksum);
    }
    Ok(())
}
