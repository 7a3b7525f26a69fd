//! Small bodies that are documents: read whole, bounded, and held against the digests that came
//! with them, which `s3s` leaves unread.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use crc_fast::CrcAlgorithm;
use http::request::Parts;
use http::{Method, StatusCode};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use wh_objects::ChecksumAlgorithm;

use crate::fault::Fault;
use crate::s3::header_of;
use crate::signature::{PayloadError, QueryString, RawBody, Trailers, whole};

/// The largest document, in bytes: 10,000 parts with their checksums fit.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The largest document of somebody who did not say who they are, in bytes. It is held in memory
/// before anybody is asked whether they may.
pub(crate) const STRANGERS_DOCUMENT_BYTES_MAX: usize = 64 * 1024;

/// What a document about an object is about.
const OF_OBJECTS: [&str; 4] = ["acl", "legal-hold", "retention", "tagging"];

/// Whether a request's body is a document about a bucket: a policy, rules, a list of keys; or about
/// an object: tags, what holds it.
pub(crate) fn is_meant(parts: &Parts, query: &QueryString) -> bool {
    let put = parts.method == Method::PUT;
    if put && OF_OBJECTS.iter().any(|about| query.get(about).is_some()) {
        return true;
    }
    let path = parts.uri.path();
    let of_bucket = path.strip_prefix('/').unwrap_or(path).split_once('/');
    let of_bucket = of_bucket.is_none_or(|(_, key)| key.is_empty());
    of_bucket && (put || parts.method == Method::POST)
}

/// Reads a document of at most `bytes_max` and checks it.
pub(crate) async fn read(
    body: RawBody,
    bytes_max: usize,
    parts: &Parts,
    trailers: &Trailers,
) -> Result<Bytes, Fault> {
    let document = whole(body, bytes_max).await.map_err(PayloadError::s3)?;
    let header = |name: &str| {
        let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
        value.map(str::to_owned).or_else(|| trailers.get(name))
    };
    if header("content-md5").is_some_and(|said| said != STANDARD.encode(Md5::digest(&document))) {
        return Err(mismatch("Content-MD5"));
    }
    for algorithm in ChecksumAlgorithm::ALL {
        let said = header(&header_of(algorithm));
        if said.is_some_and(|said| said != STANDARD.encode(sum(algorithm, &document))) {
            return Err(mismatch(algorithm.as_str()));
        }
    }
    Ok(document)
}

fn mismatch(what: &str) -> Fault {
    let why = format!("The {what} you specified did not match what we received.");
    Fault::new(StatusCode::BAD_REQUEST, "BadDigest", why)
}

fn sum(algorithm: ChecksumAlgorithm, data: &[u8]) -> Vec<u8> {
    let crc = |kind| crc_fast::checksum(kind, data).to_be_bytes();
    match algorithm {
        ChecksumAlgorithm::Crc32 => last_four(crc(CrcAlgorithm::Crc32IsoHdlc)),
        ChecksumAlgorithm::Crc32c => last_four(crc(CrcAlgorithm::Crc32Iscsi)),
        ChecksumAlgorithm::Crc64Nvme => crc(CrcAlgorithm::Crc64Nvme).to_vec(),
        ChecksumAlgorithm::Sha1 => Sha1::digest(data).to_vec(),
        ChecksumAlgorithm::Sha256 => Sha256::digest(data).to_vec(),
    }
}

fn last_four([.., a, b, c, d]: [u8; 8]) -> Vec<u8> {
    vec![a, b, c, d]
}
