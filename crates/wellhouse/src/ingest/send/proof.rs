//! What the store's answer proves of what it holds.
//!
//! A store that knows CRC-64/NVME refuses what differs from it, and tells it back. One that does not
//! know it takes the header for none of its business: then its ETag is looked at, which is the MD5
//! wherever a store says nothing else. Sources: Amazon S3 API Reference, "Object" (`ETag`); S3 User Guide,
//! "Checking object integrity".

use wh_aws::{PartInfo, Written};
use wh_md5::Md5;

use super::SendError;
use crate::ingest::journal::Proof;

/// What an answer proves of bytes that were sent whole: an object, or a part.
pub(super) fn of_bytes(
    written: &Written,
    crc64nvme: &str,
    body: &[u8],
) -> Result<Proof, SendError> {
    of_sum(written, crc64nvme, || {
        let mut md5 = Md5::new();
        md5.update(body);
        hex::encode(md5.finish())
    })
}

/// What an answer proves of an object that was made of parts, each proven as `proof` says.
pub(super) fn of_parts(
    written: &Written,
    crc64nvme: &str,
    (parts, proof): (&[PartInfo], Proof),
) -> Result<Proof, SendError> {
    let told = of_sum(written, crc64nvme, || etag_of_parts(parts).unwrap_or_default())?;
    // Without the sum of the whole, the ETag is of the parts, and they must be proven.
    let by_sum = written.crc64nvme.is_some();
    Ok(if by_sum || proof == Proof::Verified { told } else { Proof::Unverified })
}

fn of_sum(
    written: &Written,
    crc64nvme: &str,
    etag: impl FnOnce() -> String,
) -> Result<Proof, SendError> {
    match &written.crc64nvme {
        Some(theirs) if theirs == crc64nvme => Ok(Proof::Verified),
        Some(theirs) => {
            let (ours, theirs) = (crc64nvme.to_owned(), theirs.clone());
            Err(SendError::OtherSum { ours, theirs })
        }
        None if !written.etag.is_empty() && written.etag.eq_ignore_ascii_case(&etag()) => {
            Ok(Proof::Verified)
        }
        None => Ok(Proof::Unverified),
    }
}

/// The ETag of an object of parts whose ETags are MD5s: the MD5 of those, and how many they are.
fn etag_of_parts(parts: &[PartInfo]) -> Option<String> {
    let mut md5 = Md5::new();
    for part in parts {
        md5.update(&hex::decode(&part.etag).ok()?);
    }
    Some(format!("{}-{}", hex::encode(md5.finish()), parts.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(etag: &str, crc64nvme: Option<&str>) -> Written {
        Written { etag: etag.to_owned(), crc64nvme: crc64nvme.map(str::to_owned) }
    }

    #[test]
    fn only_a_sum_that_was_told_proves_anything() {
        let md5 = "25f9e794323b453885f5181f1b624d0b";
        for (etag, crc, proof) in [
            ("other", Some("rosUhgp5mIg="), Proof::Verified),
            (md5, None, Proof::Verified),
            (&md5.to_uppercase(), None, Proof::Verified),
            ("", None, Proof::Unverified),
            ("0123456789abcdef0123456789abcdef", None, Proof::Unverified),
        ] {
            let told = of_bytes(&written(etag, crc), "rosUhgp5mIg=", b"123456789");
            assert_eq!(told.expect("a proof"), proof, "{etag} {crc:?}");
        }
        let other = of_bytes(&written(md5, Some("AAAAAAAAAAA=")), "rosUhgp5mIg=", b"123456789");
        assert!(matches!(other, Err(SendError::OtherSum { .. })));
    }

    #[test]
    fn an_object_of_parts_is_proven_by_its_own_sum_or_by_its_parts() {
        let part = |n, etag: &str| PartInfo { n, size: 1, etag: etag.to_owned(), crc64nvme: None };
        let parts = [
            part(1, "0cc175b9c0f1b6a831c399e269772661"),
            part(2, "92eb5ffee6ae2fec3ad71c777531578f"),
        ];
        // Of `a` and `b`: reckoned with md5sum.
        let whole = "96e024ba2074fe77e8e965ba43a704be-2";
        let proof = |etag, crc, parts_are| {
            of_parts(&written(etag, crc), "c", (&parts, parts_are)).expect("a proof")
        };
        assert_eq!(proof("x-2", Some("c"), Proof::Unverified), Proof::Verified);
        assert_eq!(proof(whole, None, Proof::Verified), Proof::Verified);
        assert_eq!(proof(whole, None, Proof::Unverified), Proof::Unverified);
        assert_eq!(proof("x-2", None, Proof::Verified), Proof::Unverified);
    }
}
