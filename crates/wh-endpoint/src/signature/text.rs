//! The texts that are signed: percent-encoding, the query string, the canonical request.

use std::borrow::Cow;
use std::fmt::Write as _;

use http::{HeaderMap, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::SignatureError;
use crate::fault::Fault;

const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const PATH: &AsciiSet = &QUERY.remove(b'/');

/// Parameters that carry credentials; they are taken off before a request is handed on.
const CREDENTIALS: [&str; 8] = [
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-signedheaders",
    "x-amz-signature",
    "x-amz-security-token",
    "x-amz-content-sha256",
];

/// How many parameters a query may hold; S3 knows far fewer for any operation. Each is compared with
/// all before it, and strangers are read, too.
const PARAMETERS_MAX: usize = 100;

/// A query string, decoded once. A parameter stands in it once at most: what one reader calls the
/// first and another the last cannot then differ.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct QueryString {
    pairs: Vec<(String, String)>,
    /// The raw pairs that carry no credentials, as they came.
    bare: String,
}

impl QueryString {
    /// Decodes `raw`, refusing what is not UTF-8, what is said twice, and what never ends.
    pub(crate) fn parse(raw: Option<&str>) -> Result<Self, Fault> {
        let mut query = Self::default();
        let mut bare = Vec::new();
        for piece in raw.unwrap_or_default().split('&').filter(|p| !p.is_empty()) {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            let (name, value) = (form_decoded(name)?, form_decoded(value)?);
            if query.pairs.len() >= PARAMETERS_MAX {
                let why = "The query has too many parameters.";
                return Err(Fault::bad_request("InvalidArgument", why));
            }
            if query.pairs.iter().any(|(seen, _)| seen.eq_ignore_ascii_case(&name)) {
                let why = "A query parameter was given more than once.";
                return Err(Fault::bad_request("InvalidArgument", why));
            }
            if !is_credential(&name) {
                bare.push(piece);
            }
            query.pairs.push((name, value));
        }
        query.bare = bare.join("&");
        Ok(query)
    }

    /// The value of the parameter `name`, as it is spelled.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The names of the parameters, as they are spelled.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(name, _)| name.as_str())
    }

    /// Whether a parameter is one of SigV4's own, however it is cased.
    pub(crate) fn is_credential(name: &str) -> bool {
        is_credential(name)
    }

    /// Whether any parameter is one of SigV4's own, however it is cased.
    pub(crate) fn carries_credentials(&self) -> bool {
        self.pairs.iter().any(|(name, _)| is_credential(name))
    }

    /// Whether any parameter is one of Signature Version 2.
    pub(crate) fn is_signature_v2(&self) -> bool {
        self.get("Signature").is_some() || self.get("AWSAccessKeyId").is_some()
    }

    /// The raw query without credentials.
    pub(crate) fn bare(&self) -> &str {
        &self.bare
    }

    fn canonical(&self) -> String {
        let mut pairs: Vec<(String, String)> = self
            .pairs
            .iter()
            .filter(|(name, _)| name != "X-Amz-Signature")
            .map(|(name, value)| (encoded(name, QUERY), encoded(value, QUERY)))
            .collect();
        pairs.sort();
        let joined: Vec<String> = pairs.into_iter().map(|(n, v)| format!("{n}={v}")).collect();
        joined.join("&")
    }
}

/// A query as it is signed, for the fuzzer.
#[cfg(any(test, feature = "fuzz"))]
pub(crate) fn canonical_query(query: &QueryString) -> String {
    query.canonical()
}

fn is_credential(name: &str) -> bool {
    CREDENTIALS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn encoded(text: &str, set: &'static AsciiSet) -> String {
    utf8_percent_encode(text, set).to_string()
}

/// Decodes one name or value of a form or query, where `+` is a space.
pub(crate) fn form_decoded(raw: &str) -> Result<String, Fault> {
    let spaced = if raw.contains('+') { Cow::Owned(raw.replace('+', " ")) } else { raw.into() };
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(Fault::bad_request("InvalidURI", "Couldn't parse the specified URI.")),
    }
}

/// The path as S3 signs it: decoded once, encoded once, slashes kept. `None` if it is not UTF-8.
pub(crate) fn canonical_path(raw: &str) -> Option<String> {
    let decoded = percent_decode_str(raw).decode_utf8().ok()?;
    Some(encoded(&decoded, PATH))
}

/// The parts of a request that a signature covers.
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) query: &'a QueryString,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) names: &'a [String],
    pub(crate) payload: &'a str,
}

impl Signed<'_> {
    /// The canonical request.
    pub(crate) fn canonical(&self) -> Result<String, SignatureError> {
        let mut text = format!("{}\n{}\n{}\n", self.method, self.path, self.query.canonical());
        for name in self.names {
            let value = header_value(self.headers, name)?;
            // Writing to a string cannot fail.
            writeln!(text, "{name}:{value}").map_err(|_| SignatureError::Mismatch)?;
        }
        write!(text, "\n{}\n{}", self.names.join(";"), self.payload)
            .map_err(|_| SignatureError::Mismatch)?;
        Ok(text)
    }
}

fn header_value(headers: &HeaderMap, name: &str) -> Result<String, SignatureError> {
    let mut values = Vec::new();
    for value in headers.get_all(name) {
        let text = std::str::from_utf8(value.as_bytes()).map_err(|_| SignatureError::Mismatch)?;
        values.push(text.split_ascii_whitespace().collect::<Vec<_>>().join(" "));
    }
    if values.is_empty() {
        return Err(SignatureError::SignedHeaderMissing(name.to_owned()));
    }
    Ok(values.join(","))
}
