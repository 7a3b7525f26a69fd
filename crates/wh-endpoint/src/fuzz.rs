//! What `cargo xtask fuzz` feeds: the readers of what strangers send, one function each, with what
//! must hold for any input. They panic where it does not. Only in tests and with the feature
//! `fuzz`.
#![expect(
    clippy::missing_panics_doc,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is the finding"
)]

use bytes::Bytes;
use futures::stream::iter;
use futures::{FutureExt, StreamExt};
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request};
use jiff::Timestamp;
use wh_names::{AccountId, ObjectKey};

use crate::cors::{self, CorsRules};
use crate::form::fuzz as form;
use crate::host::{BaseDomains, path_as_sent};
use crate::query::fuzz as query;
use crate::s3::fuzz as s3;
use crate::screen;
use crate::signature::{
    Chunking, Claim, PayloadError, PayloadForm, QueryString, RawBody, SigningKey, announced, decode,
};
use crate::signature::{canonical_path, canonical_query};

/// Input as text: what is no UTF-8 is replaced.
fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// Headers of lines `name: value`; what is none is left out.
fn headers(lines: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines.split(|byte| *byte == b'\n') {
        let mut halves = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (halves.next(), halves.next()) else { continue };
        let name = HeaderName::from_bytes(name.trim_ascii());
        let value = HeaderValue::from_bytes(value.trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    headers
}

/// The first line, and the rest.
fn first_line(data: &[u8]) -> (&[u8], &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (line, rest) = data.split_at(end);
    (line, rest.get(1..).unwrap_or_default())
}

/// A body that arrives in pieces of a few bytes: how many, `cuts` says in turn.
fn in_pieces(data: &[u8], cuts: &[u8]) -> RawBody {
    let mut pieces = Vec::new();
    let (mut rest, mut cuts) = (data, cuts.iter().cycle());
    while !rest.is_empty() {
        let bytes = cuts.next().map_or(rest.len(), |cut| usize::from(*cut) + 1);
        let (piece, after) = rest.split_at(bytes.min(rest.len()));
        pieces.push(Ok(Bytes::copy_from_slice(piece)));
        rest = after;
    }
    Box::pin(iter(pieces))
}

/// What a future comes to that has nothing to wait for.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nothing waits for anything")
}

/// All of a body, and how it ended.
fn drained(mut body: RawBody) -> (Vec<u8>, Option<PayloadError>) {
    at_once(async {
        let mut whole = Vec::new();
        while let Some(piece) = body.next().await {
            match piece {
                Ok(piece) => whole.extend_from_slice(&piece),
                Err(error) => return (whole, Some(error)),
            }
        }
        (whole, None)
    })
}

/// The credentials of a request: a query in the first line, headers in the rest.
pub fn credentials(data: &[u8]) {
    let (first, rest) = first_line(data);
    let Ok(query) = QueryString::parse(Some(&text(first))) else { return };
    let headers = headers(rest);
    let carried = headers.contains_key("authorization") || query.carries_credentials();
    match Claim::read(&headers, &query) {
        Ok(Some(claim)) => {
            assert!(carried, "credentials out of nothing");
            assert!(claim.signed_headers.iter().any(|name| name == "host"), "no host is signed");
            assert!(claim.signed_headers.is_sorted(), "signed headers are not sorted");
            assert!(claim.stamp.starts_with(&claim.scope.date), "two days");
            assert!(claim.expires_s.is_none_or(|s| (1..=604_800).contains(&s)), "good for ever");
        }
        Ok(None) => assert!(!carried, "credentials were overlooked"),
        Err(error) => {
            let (s3, query) = (error.s3(), error.query());
            assert!(!format!("{s3:?}{query:?}").is_empty());
        }
    }
}

/// A query string: what it is signed as is read as the same again, and nothing of the credentials
/// is handed on.
pub fn query_string(data: &[u8]) {
    let raw = text(data);
    let Ok(query) = QueryString::parse(Some(&raw)) else { return };
    let canonical = canonical_query(&query);
    let again = QueryString::parse(Some(&canonical)).expect("what was canonical is read");
    assert_eq!(canonical_query(&again), canonical, "it is signed in two ways");
    let bare = QueryString::parse(Some(query.bare())).expect("what was read is read");
    assert!(!bare.carries_credentials(), "credentials are handed on");
    drop(screen::check_query(&query));
}

/// Paths: signed in one way, and a key is the same after its way over the wire.
pub fn paths(data: &[u8]) {
    let raw = text(data);
    if let Some(canonical) = canonical_path(&raw) {
        assert_eq!(canonical_path(&canonical).as_ref(), Some(&canonical), "signed in two ways");
    }
    let Ok(key) = ObjectKey::parse(&raw) else { return };
    assert_eq!(key.as_str(), raw, "a key is changed");
    s3::copy_source(&raw);
}

/// An `aws-chunked` body: its form, its announced length, cuts in the first line. However it is cut
/// on the wire, it is read as the same, and never as more than was announced.
pub fn chunks(data: &[u8]) {
    let (first, body) = first_line(data);
    let [kind, length, cuts @ ..] = first else { return };
    let form = match kind % 3 {
        0 => PayloadForm::SignedChunks,
        1 => PayloadForm::SignedChunksWithTrailer,
        _ => PayloadForm::UnsignedChunksWithTrailer,
    };
    let headers = headers(b"x-amz-trailer: x-amz-checksum-crc32");
    assert_eq!(announced(&headers).len(), 1);
    let read = |cuts: &[u8]| {
        let decoded_length = u64::from(*length);
        let key = SigningKey::of_seeds().map(|key| (key, [0; 32]));
        let chunking = Chunking { form: &form, key, headers: &headers, decoded_length };
        let (stream, trailers) = decode(in_pieces(body, cuts), chunking);
        let (bytes, end) = drained(stream);
        assert!(bytes.len() <= usize::from(*length), "more than was announced");
        assert!(end.is_some() || bytes.len() == usize::from(*length), "less than was announced");
        let trailer = trailers.get("x-amz-checksum-crc32");
        (end.is_none().then_some(bytes), end.map(|e| format!("{e:?}")), trailer)
    };
    assert_eq!(read(cuts), read(&[]), "it matters how a body is cut");
}

/// A browser's form: its boundary and cuts in the first line. However it is cut, it is read as the
/// same.
pub fn browsers_form(data: &[u8]) {
    let (first, body) = first_line(data);
    let (boundary, cuts) = first.split_at(first.len().min(4));
    let boundary = text(boundary);
    let read = |cuts: &[u8]| {
        let read = at_once(form::read(in_pieces(body, cuts), &boundary));
        read.map(|(fields, file)| (fields, drained(file)))
    };
    match (read(cuts), read(&[])) {
        (Ok((fields, file)), Ok((whole_fields, whole_file))) => {
            assert_eq!(fields, whole_fields, "it matters how a form is cut");
            assert_eq!(file.1.is_some(), whole_file.1.is_some(), "it matters how a file is cut");
            assert!(file.1.is_some() || file == whole_file, "it matters how a file is cut");
        }
        (Err(_), Err(_)) => {}
        (one, other) => panic!("cut: {}, whole: {}", one.is_ok(), other.is_ok()),
    }
}

/// The policy of a browser's form, as JSON, with fields `name=value` in the first lines up to an empty
/// one. A field that no condition covers is never let through.
pub fn form_policy(data: &[u8]) {
    let text = text(data);
    let (lines, policy) = text.split_once("\n\n").unwrap_or(("", &text));
    let pairs = lines.lines().filter_map(|line| line.split_once('='));
    let pairs: Vec<_> =
        pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let told = form::judge(policy, &pairs, Timestamp::UNIX_EPOCH);
    let Some(range) = told else { return };
    for (name, _) in &pairs {
        let free = ["policy", "x-amz-signature", "file", "bucket"].contains(&name.as_str());
        let mentioned = || policy.to_ascii_lowercase().contains(name.as_str());
        let escaped = policy.contains('\\');
        let ignored = name.starts_with("x-ignore-");
        assert!(free || ignored || escaped || mentioned(), "{name} is covered by nothing");
    }
    assert!(range.start() <= range.end() || range.is_empty());
}

/// A form of the Query protocol, and the XML that answers it: what came is well-formed and the same
/// when it is read again.
pub fn query_form(data: &[u8]) {
    query::form(data);
}

/// The host of a request, and its path in the second line: what comes out is a path below the
/// bucket, and what was signed stays.
pub fn hosts(data: &[u8]) {
    let (host, rest) = first_line(data);
    let path = text(first_line(rest).0);
    let Ok(host) = HeaderValue::from_bytes(host) else { return };
    let Ok(request) = Request::get(path.as_str()).header("host", host).body(()) else { return };
    let (mut parts, ()) = request.into_parts();
    let before = parts.uri.path().to_owned();
    let domains = BaseDomains::new(&["s3.example".to_owned(), "example".to_owned()]);
    if domains.address(&mut parts).is_err() {
        return;
    }
    assert_eq!(path_as_sent(&parts), before, "what was signed is changed");
    let after = parts.uri.path();
    assert!(after.ends_with(before.as_str()), "the path is changed");
    assert!(after == before || after.starts_with('/'), "a path without a slash");
}

/// The headers of a request to S3.
pub fn request_headers(data: &[u8]) {
    let headers = headers(data);
    let Ok(account) = AccountId::parse("111122223333") else { return };
    let Ok(request) = Request::put("/files/a").body(()) else { return };
    let (mut parts, ()) = request.into_parts();
    parts.headers = headers;
    drop(screen::check(&parts, &account, None));
    drop(screen::content_type(&parts.headers));
    drop(screen::decoded_length(&parts.headers));
    s3::headers(&parts.headers);
}

/// Rules for cross-origin requests as they are kept, and an origin in the first line.
pub fn cross_origin(data: &[u8]) {
    let (first, rest) = first_line(data);
    let Some(rules) = CorsRules::read(&text(rest)) else { return };
    let kept = rules.to_text().expect("rules are kept");
    assert_eq!(CorsRules::read(&kept).as_ref(), Some(&rules), "rules are changed by keeping them");
    let Ok(origin) = HeaderValue::from_bytes(first) else { return };
    let mut headers = HeaderMap::new();
    headers.insert("origin", origin.clone());
    headers.insert("access-control-request-method", HeaderValue::from_static("PUT"));
    headers.insert("access-control-request-headers", HeaderValue::from_static("x-a, x-b"));
    drop(cors::preflight(Some(&rules), &headers));
    let Ok(origin) = origin.to_str() else { return };
    drop(cors::on_answer(&rules, origin, Method::GET.as_str()));
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    type Target = fn(&[u8]);

    const TARGETS: [(&str, Target); 10] = [
        ("browsers-form", super::browsers_form),
        ("chunks", super::chunks),
        ("credentials", super::credentials),
        ("cross-origin", super::cross_origin),
        ("form-policy", super::form_policy),
        ("hosts", super::hosts),
        ("paths", super::paths),
        ("query-form", super::query_form),
        ("query-string", super::query_string),
        ("request-headers", super::request_headers),
    ];

    /// How many changed copies of each seed are tried.
    const COPIES: u64 = 4_000;

    /// The same numbers in every run.
    fn next(state: &mut u64) -> u64 {
        *state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        *state >> 33
    }

    /// Changes a few bytes: another, one less, a piece twice, or the end lost.
    fn changed(seed: &[u8], state: &mut u64) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=next(state) % 4 {
            let Some(at) = usize::try_from(next(state)).unwrap().checked_rem(bytes.len()) else {
                break;
            };
            match next(state) % 5 {
                0 => bytes[at] = u8::try_from(next(state) % 256).unwrap(),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"\r\n:;=&%/\"0"[at % 10]),
                3 => bytes.truncate(at),
                _ => bytes.extend_from_within(at..),
            }
            bytes.truncate(4096);
        }
        bytes
    }

    #[test]
    fn what_must_hold_holds_for_the_seeds_and_what_is_like_them() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
        for (name, target) in TARGETS {
            let mut state = 7;
            for seed in std::fs::read_dir(folder.join(name)).unwrap() {
                let seed = std::fs::read(seed.unwrap().path()).unwrap();
                target(&seed);
                (0..COPIES).for_each(|_| target(&changed(&seed, &mut state)));
            }
        }
    }
}
