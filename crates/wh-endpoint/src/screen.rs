//! What is refused at sight: headers said twice, and headers that this store cannot honour.
//!
//! Invariant: an `x-amz-*` header that is not on a list here is refused. What is accepted is
//! honoured.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use wh_names::AccountId;
use wh_objects::Encryption;

use crate::fault::Fault;
use crate::signature::QueryString;

/// Headers that are understood, with any value, where they mean something.
const UNDERSTOOD: [&str; 37] = [
    "x-amz-bucket-object-lock-enabled",
    "x-amz-bypass-governance-retention",
    "x-amz-checksum-algorithm",
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-mode",
    "x-amz-checksum-sha1",
    "x-amz-checksum-sha256",
    "x-amz-checksum-type",
    "x-amz-confirm-remove-self-bucket-access",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-copy-source-if-match",
    "x-amz-copy-source-if-modified-since",
    "x-amz-copy-source-if-none-match",
    "x-amz-copy-source-if-unmodified-since",
    "x-amz-copy-source-range",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-if-match-last-modified-time",
    "x-amz-if-match-size",
    "x-amz-max-parts",
    "x-amz-metadata-directive",
    "x-amz-mp-object-size",
    "x-amz-object-attributes",
    "x-amz-object-lock-legal-hold",
    "x-amz-object-lock-mode",
    "x-amz-object-lock-retain-until-date",
    "x-amz-part-number-marker",
    "x-amz-request-payer",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-security-token",
    "x-amz-tagging",
    "x-amz-tagging-directive",
    "x-amz-trailer",
    "x-amz-user-agent",
];
/// Headers that are understood with one value only: what the store does anyway.
const AS_IT_IS: [(&str, &str); 2] =
    [("x-amz-storage-class", "STANDARD"), ("x-amz-object-ownership", "BucketOwnerEnforced")];
/// Headers, besides `x-amz-*`, that must not be said twice.
const ONCE: [&str; 15] = [
    "authorization",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "expires",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "range",
];

/// Refuses what cannot be honoured, before anything is looked up.
pub(crate) fn check(
    parts: &Parts,
    account: &AccountId,
    encryption: Option<Encryption>,
) -> Result<(), Fault> {
    for name in parts.headers.keys().map(http::HeaderName::as_str) {
        let amz = name.starts_with("x-amz-");
        if (amz || ONCE.contains(&name)) && parts.headers.get_all(name).iter().count() > 1 {
            let why = format!("The header {name} was given more than once.");
            return Err(Fault::bad_request("InvalidArgument", why));
        }
        if !amz {
            continue;
        }
        let value = value(&parts.headers, name)?;
        if name.contains("server-side-encryption") {
            encryptable(name, value, encryption)?;
        } else if name == "x-amz-acl" {
            canned_acl(parts, value)?;
        } else {
            honourable(name, value, account)?;
        }
    }
    let unmeasured = parts.headers.contains_key(TRANSFER_ENCODING)
        && !parts.headers.contains_key("x-amz-decoded-content-length");
    if unmeasured && !parts.headers.contains_key(CONTENT_LENGTH) {
        return Err(length_missing());
    }
    Ok(())
}

fn honourable(name: &str, value: &str, account: &AccountId) -> Result<(), Fault> {
    if UNDERSTOOD.contains(&name) || name.starts_with("x-amz-meta-") {
        return Ok(());
    }
    if let Some((_, only)) = AS_IT_IS.iter().find(|(n, _)| *n == name) {
        let refused = || Fault::not_implemented(&format!("{name}: {value}"));
        return if value.eq_ignore_ascii_case(only) { Ok(()) } else { Err(refused()) };
    }
    match name {
        "x-amz-expected-bucket-owner" | "x-amz-source-expected-bucket-owner" => {
            let why = "Access Denied";
            let same = value == account.as_str();
            if same { Ok(()) } else { Err(Fault::forbidden("AccessDenied", why)) }
        }
        name if name.starts_with("x-amz-grant-") => {
            let why = "The bucket does not allow ACLs";
            Err(Fault::bad_request("AccessControlListNotSupported", why))
        }
        name => Err(Fault::not_implemented(&format!("A header you provided ({name})"))),
    }
}

/// A canned access control list, where lists are disabled: what everything has anyway. A bucket may be
/// made `private`, too, which is what rclone asks for.
///
/// Source: S3 API Reference, `CreateBucket` (only lists that give somebody else access are refused);
/// S3 User Guide, "Troubleshooting" of Object Ownership.
fn canned_acl(parts: &Parts, value: &str) -> Result<(), Fault> {
    let (code, why) = match (value, makes_bucket(parts)) {
        ("bucket-owner-full-control", _) | ("private", true) => return Ok(()),
        (_, true) => (
            "InvalidBucketAclWithObjectOwnership",
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        ),
        (_, false) => ("AccessControlListNotSupported", "The bucket does not allow ACLs"),
    };
    Err(Fault::bad_request(code, why))
}

/// Whether this is `CreateBucket`: a PUT on a bucket, and on nothing of it.
fn makes_bucket(parts: &Parts) -> bool {
    let path = parts.uri.path().trim_start_matches('/');
    let bucket = path.strip_suffix('/').unwrap_or(path);
    let signs = |pair: &str| pair.to_ascii_lowercase().starts_with("x-amz-");
    let query = parts.uri.query().unwrap_or_default();
    let of_bucket = query.split('&').all(|pair| pair.is_empty() || signs(pair));
    parts.method == http::Method::PUT && !bucket.is_empty() && !bucket.contains('/') && of_bucket
}

/// What is said of encryption at rest: the store's own keys, or none.
fn encryptable(name: &str, value: &str, encryption: Option<Encryption>) -> Result<(), Fault> {
    if name.contains("-customer-") {
        return Err(Fault::not_implemented("Encryption with a key of the client's own (SSE-C)"));
    }
    match (name, value, encryption) {
        ("x-amz-server-side-encryption", "AES256", Some(Encryption::Aes256))
        | ("x-amz-server-side-encryption-bucket-key-enabled", "false", _) => Ok(()),
        ("x-amz-server-side-encryption", "AES256", None) => {
            Err(Fault::not_implemented("Encryption at rest is switched off: it"))
        }
        ("x-amz-server-side-encryption", value, _) if !value.starts_with("aws:") => {
            let why = "The encryption method specified is not supported";
            Err(Fault::bad_request("InvalidArgument", why))
        }
        (_, _, _) => Err(Fault::not_implemented("Encryption with AWS KMS")),
    }
}

/// Refuses what AWS takes as a header and signers may have moved to the query: it would be lost
/// there. What the signature itself is made of, and checksums of a body that is not there yet, stay.
pub(crate) fn check_query(query: &QueryString) -> Result<(), Fault> {
    let lost = query.names().find(|name| {
        let name = name.to_ascii_lowercase();
        let kept = ["x-amz-checksum-", "x-amz-sdk-checksum-", "x-amz-user-agent"];
        name.starts_with("x-amz-")
            && !QueryString::is_credential(&name)
            && !kept.iter().any(|kept| name.starts_with(kept))
    });
    match lost {
        Some(name) => Err(Fault::not_implemented(&format!("{name} as a query parameter"))),
        None => Ok(()),
    }
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Fault> {
    let bytes = headers.get(name).map(http::HeaderValue::as_bytes).unwrap_or_default();
    std::str::from_utf8(bytes).map_err(|_| {
        Fault::bad_request("InvalidArgument", format!("The header {name} is not UTF-8."))
    })
}

/// The media type of a body, if one is given.
pub(crate) fn content_type(headers: &HeaderMap) -> Option<String> {
    headers.get(CONTENT_TYPE)?.to_str().ok().map(str::to_ascii_lowercase)
}

/// How long a body is, where its length is told.
pub(crate) fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The length of a chunked body after decoding.
pub(crate) fn decoded_length(headers: &HeaderMap) -> Result<u64, Fault> {
    let text = headers.get("x-amz-decoded-content-length").and_then(|v| v.to_str().ok());
    text.and_then(|t| t.parse().ok()).ok_or_else(length_missing)
}

fn length_missing() -> Fault {
    let why = "You must provide the Content-Length HTTP header.";
    Fault::new(StatusCode::LENGTH_REQUIRED, "MissingContentLength", why)
}
