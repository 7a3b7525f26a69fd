//! Signing parts: each link is bound to its part's number, length and checksum.

use std::collections::BTreeMap;
use std::time::Duration;

use wh_aws::PartToSign;
use wh_ledger::UploadRow;
use wh_people::Person;
use wh_policy::s3::action;

use super::UploadError;
use super::parts::size_of_part;
use crate::Files;

/// How many parts are signed at once.
pub const PARTS_SIGNED_MAX: usize = 16;

/// How long a signed part may be sent.
pub const PART_LIFE: Duration = Duration::from_mins(15);

/// A part that is to be sent.
#[derive(Debug, Clone)]
pub struct PartWanted {
    /// Its number, from 1.
    pub number: u16,
    /// Bytes.
    pub size: u64,
    /// Its CRC64NVME in Base64.
    pub crc: String,
}

/// Where to PUT a part, and the headers to send along.
#[derive(Clone)]
pub struct SignedPart {
    /// The part's number.
    pub number: u16,
    /// The address, signed. It is never logged.
    pub url: String,
    /// Headers that are inside the signature.
    pub headers: BTreeMap<String, String>,
}

impl std::fmt::Debug for SignedPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedPart").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Files {
    /// Signs parts of an upload of this person's.
    pub async fn sign_parts(
        &self,
        person: &Person,
        id: &str,
        wanted: &[PartWanted],
    ) -> Result<Vec<SignedPart>, UploadError> {
        if wanted.is_empty() || wanted.len() > PARTS_SIGNED_MAX {
            return Err(UploadError::PartCount { max: PARTS_SIGNED_MAX });
        }
        let (row, upload_id, access) = self.open_upload(person, id).await?;
        wanted.iter().try_for_each(|part| check(&row, part))?;
        let target = access.object_target(&row.key);
        access.foresee(action::PUT_OBJECT, &target)?;
        let session = access.session().await?;
        self.options.ledger.touch_upload(&row.id, self.options.clock.now()).await?;
        let mut signed = Vec::with_capacity(wanted.len());
        for part in wanted {
            let to_sign = PartToSign {
                upload_id: upload_id.clone(),
                n: part.number,
                size: part.size,
                crc64nvme: part.crc.clone(),
                expires: PART_LIFE,
            };
            let objects = &self.options.objects;
            let request = objects.presign_part(&session, &row.bucket, &row.key, to_sign).await;
            let request =
                request.map_err(|error| access.told(action::PUT_OBJECT, &target, error))?;
            let headers = request.headers.into_iter().collect();
            signed.push(SignedPart { number: part.number, url: request.url, headers });
        }
        Ok(signed)
    }
}

pub(super) fn check(row: &UploadRow, part: &PartWanted) -> Result<(), UploadError> {
    if size_of_part(row.size, row.part_size, part.number) != Some(part.size) {
        return Err(UploadError::Part { number: part.number, size: part.size });
    }
    if !is_crc64(&part.crc) {
        return Err(UploadError::Checksum);
    }
    Ok(())
}

/// Whether this is 8 bytes in padded Base64: 11 characters and one `=`.
pub(super) fn is_crc64(input: &str) -> bool {
    let digit = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'/';
    input.len() == 12
        && input.strip_suffix('=').is_some_and(|digits| digits.bytes().all(digit))
        // the last digit carries four bits of the eighth byte; the other two are zero
        && input.as_bytes().get(10).is_some_and(|b| b"AEIMQUYcgkosw048".contains(b))
}

#[cfg(test)]
mod tests {
    use super::is_crc64;

    #[test]
    fn a_checksum_is_eight_bytes() {
        for good in ["rosUhgp5mIg=", "AAAAAAAAAAA="] {
            assert!(is_crc64(good), "{good}");
        }
        for bad in ["", "AAAA", "AAAAAAAAAAAA", "AAAAAAAAAAB=", "AAAAAAAAAA==", "AAAAAAAA\r\nA="] {
            assert!(!is_crc64(bad), "{bad}");
        }
    }
}
