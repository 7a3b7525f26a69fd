//! Objects as the upstream store tells of them.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use wh_names::ObjectKey;
use wh_objects::{
    Checksum, ChecksumAlgorithm, ChecksumKind, Encryption, ObjectHeaders, ObjectLock, ObjectMeta,
    Tags, VersionId,
};

use super::wire::sequence;

/// What the answers to `GetObject` and `HeadObject` have in common.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) size: u64,
    pub(super) etag: String,
    pub(super) modified: Timestamp,
    pub(super) version: Option<VersionId>,
    pub(super) headers: ObjectHeaders,
    pub(super) checksum: Option<Checksum>,
    pub(super) lock: ObjectLock,
    pub(super) encryption: Option<Encryption>,
    /// How many tags there are, where the answer says so.
    pub(super) tag_count: Option<i32>,
}

impl Told {
    pub(super) fn into_meta(self, key: &ObjectKey, tags: Tags) -> ObjectMeta {
        let number = sequence(self.version.unwrap_or(VersionId::Null), &self.etag, self.modified);
        ObjectMeta {
            key: key.clone(),
            size: self.size,
            parts: parts_of(&self.etag),
            etag: self.etag,
            modified: self.modified,
            headers: self.headers,
            checksum: self.checksum,
            version: self.version,
            sequence: number,
            tags,
            lock: self.lock,
            encryption: self.encryption,
        }
    }
}

/// Whether HTTP carries the values of headers as they are: not empty, and visible ASCII.
pub(super) fn is_plain(headers: &ObjectHeaders) -> bool {
    let own = [
        &headers.content_type,
        &headers.content_disposition,
        &headers.content_encoding,
        &headers.content_language,
        &headers.cache_control,
        &headers.expires,
    ];
    let visible = |value: &String| {
        value.bytes().all(|b| b.is_ascii_graphic() || b == b' ') && value.trim() == value
    };
    let mut own = own.into_iter().flatten();
    own.all(|value| visible(value) && !value.is_empty()) && headers.user.values().all(visible)
}

/// In how many parts an object came: S3 writes it behind the entity tag.
pub(super) fn parts_of(etag: &str) -> Option<u32> {
    etag.rsplit_once('-')?.1.parse().ok()
}

/// `x-amz-meta-*` in the order of their names.
pub(super) fn user(metadata: Option<&HashMap<String, String>>) -> BTreeMap<String, String> {
    metadata.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The checksum among the five that S3's answers may hold.
pub(super) fn checksum(values: [Option<&str>; 5], kind: ChecksumKind) -> Option<Checksum> {
    let mut named = ChecksumAlgorithm::ALL.into_iter().zip(values);
    let (algorithm, value) = named.find_map(|(a, value)| Some((a, value?)))?;
    let composite = value.contains('-');
    let kind = if composite { ChecksumKind::Composite } else { kind };
    Some(Checksum { algorithm, kind, value: value.to_owned() })
}

/// The five values of an answer, in the order of [`ChecksumAlgorithm::ALL`].
macro_rules! checksum_of {
    ($answer:expr) => {
        $crate::upstream::meta::checksum(
            [
                $answer.checksum_crc32(),
                $answer.checksum_crc32_c(),
                $answer.checksum_crc64_nvme(),
                $answer.checksum_sha1(),
                $answer.checksum_sha256(),
            ],
            $crate::upstream::wire::kind_told($answer.checksum_type()),
        )
    };
}

/// What an answer tells of an object of `$size` bytes.
macro_rules! told {
    ($answer:expr, $size:expr) => {
        $crate::upstream::meta::Told {
            size: $size,
            etag: $crate::upstream::wire::bare($answer.e_tag()),
            modified: $crate::upstream::wire::time($answer.last_modified())?,
            version: $crate::upstream::wire::version($answer.version_id())?,
            headers: wh_objects::ObjectHeaders {
                content_type: $answer.content_type().map(str::to_owned),
                content_disposition: $answer.content_disposition().map(str::to_owned),
                content_encoding: $answer.content_encoding().map(str::to_owned),
                content_language: $answer.content_language().map(str::to_owned),
                cache_control: $answer.cache_control().map(str::to_owned),
                expires: $answer.expires_string().map(str::to_owned),
                user: $crate::upstream::meta::user($answer.metadata()),
            },
            checksum: $crate::upstream::meta::checksum_of!($answer),
            lock: $crate::upstream::wire::lock((
                $answer.object_lock_mode(),
                $answer.object_lock_retain_until_date(),
                $answer.object_lock_legal_hold_status(),
            ))?,
            encryption: $crate::upstream::wire::encryption($answer.server_side_encryption()),
            tag_count: $answer.tag_count(),
        }
    };
}

/// Gives the headers of an object to a call that makes one.
macro_rules! dressed {
    ($call:expr, $headers:expr) => {
        $call
            .set_content_type($headers.content_type.clone())
            .set_content_disposition($headers.content_disposition.clone())
            .set_content_encoding($headers.content_encoding.clone())
            .set_content_language($headers.content_language.clone())
            .set_cache_control($headers.cache_control.clone())
            .set_metadata(Some($headers.user.clone().into_iter().collect()))
    };
}

/// Gives a checksum in Base64 to a call, in the field of its algorithm.
macro_rules! with_checksum {
    ($call:expr, $algorithm:expr, $value:expr) => {
        match $algorithm {
            wh_objects::ChecksumAlgorithm::Crc32 => $call.set_checksum_crc32($value),
            wh_objects::ChecksumAlgorithm::Crc32c => $call.set_checksum_crc32_c($value),
            wh_objects::ChecksumAlgorithm::Crc64Nvme => $call.set_checksum_crc64_nvme($value),
            wh_objects::ChecksumAlgorithm::Sha1 => $call.set_checksum_sha1($value),
            wh_objects::ChecksumAlgorithm::Sha256 => $call.set_checksum_sha256($value),
        }
    };
}

/// Sends a call, with `Expires` as it was written: the SDK's own field takes only what is a date.
macro_rules! sent {
    ($call:expr, $headers:expr) => {{
        let expires = $headers.expires.clone();
        $call
            .customize()
            .mutate_request(move |request| {
                if let Some(expires) = &expires {
                    request.headers_mut().insert("expires", expires.clone());
                }
            })
            .send()
    }};
}

pub(super) use {checksum_of, dressed, sent, told, with_checksum};
