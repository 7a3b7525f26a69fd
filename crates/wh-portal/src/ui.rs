//! The embedded user interface: hashed assets for ever, everything else fresh, and `index.html` for
//! every address that the interface routes by itself. Text is embedded as Brotli alone, as nearly
//! every browser takes it, and unpacked for whoever does not.

use std::borrow::Cow;
use std::io::Read;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::problem::{Code, Problem};

#[derive(RustEmbed)]
#[folder = "$UI_EMBED_DIR"]
struct Built;

const INDEX: &str = "index.html";
/// Vite writes a hash into the name of everything in this folder.
const ASSETS: &str = "assets/";
/// Links and file requests are below these. What strangers ask there that has no page is missing, and is never
/// answered by the application.
const STRANGERS: [&str; 2] = ["s/", "r/"];
/// What the name of a file ends in that is embedded as Brotli.
const PACKED: &str = ".br";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ALWAYS_ASK: &str = "no-cache";
/// No asset is larger, unpacked. The budget of the interface is far below.
const UNPACKED_MAX: u64 = 16 << 20;

/// Answers whatever no route of the API answers.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return Problem::new(Code::NotFound, "there is nothing at this address").into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        let problem = Problem::new(Code::MethodNotAllowed, "only GET and HEAD are answered here");
        return ([(ALLOW, "GET, HEAD")], problem).into_response();
    }
    match page(path, &headers) {
        Some(response) => response,
        None => Problem::new(Code::NotFound, "there is no such file").into_response(),
    }
}

fn page(path: &str, headers: &HeaderMap) -> Option<Response> {
    if !path.is_empty()
        && !path.ends_with(PACKED)
        && let Some(found) = file(path, headers)
    {
        return Some(found);
    }
    if path.starts_with(ASSETS) || STRANGERS.iter().any(|below| path.starts_with(below)) {
        return None;
    }
    file(INDEX, headers)
}

fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let Asset { bytes, encoding, etag, compresses } = asset(path, accepts_brotli(headers))?;
    let caching = if path.starts_with(ASSETS) { FOR_EVER } else { ALWAYS_ASK };
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    let kind = match mime.type_() {
        mime_guess::mime::TEXT => format!("{mime}; charset=utf-8"),
        _other => mime.to_string(),
    };
    let mut response = if headers.get(IF_NONE_MATCH).is_some_and(|known| *known == etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(bytes).into_response()
    };
    let out = response.headers_mut();
    out.insert(CONTENT_TYPE, HeaderValue::from_str(&kind).ok()?);
    out.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    out.insert(ETAG, HeaderValue::from_str(&etag).ok()?);
    if compresses {
        out.insert(VARY, HeaderValue::from_static("accept-encoding"));
    }
    if let Some(encoding) = encoding {
        out.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(response)
}

/// A file of the interface as it is sent to one client.
struct Asset {
    bytes: Cow<'static, [u8]>,
    encoding: Option<&'static str>,
    etag: String,
    /// Whether others may be sent another form of it.
    compresses: bool,
}

fn asset(path: &str, brotli: bool) -> Option<Asset> {
    let Some(packed) = Built::get(&format!("{path}{PACKED}")) else {
        let plain = Built::get(path)?;
        let etag = etag(&plain, "");
        return Some(Asset { bytes: plain.data, encoding: None, etag, compresses: false });
    };
    if brotli {
        let etag = etag(&packed, "-br");
        return Some(Asset { bytes: packed.data, encoding: Some("br"), etag, compresses: true });
    }
    let etag = etag(&packed, "");
    let bytes = Cow::Owned(unpack(&packed.data)?);
    Some(Asset { bytes, encoding: None, etag, compresses: true })
}

/// `None` for what is not Brotli, or is larger than any asset.
fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let unpacked = brotli_decompressor::Decompressor::new(packed, 1 << 14);
    let size = unpacked.take(UNPACKED_MAX + 1).read_to_end(&mut bytes).ok()?;
    u64::try_from(size).is_ok_and(|size| size <= UNPACKED_MAX).then_some(bytes)
}

/// Of the embedded bytes, so that the two forms of one file differ by the suffix alone.
fn etag(file: &EmbeddedFile, suffix: &str) -> String {
    let hash = file.metadata.sha256_hash();
    let half = hash.first_chunk::<16>().copied().unwrap_or_default();
    format!("\"{:032x}{suffix}\"", u128::from_be_bytes(half))
}

/// Whether `br` is among the accepted encodings and not refused by `q=0`.
fn accepts_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|one| {
        let mut fields = one.split(';').map(str::trim);
        fields.next() == Some("br") && !fields.any(|q| matches!(q, "q=0" | "q=0.0" | "q=0.00"))
    })
}

#[cfg(test)]
mod tests {
    use axum::http::header::ACCEPT_ENCODING;
    use axum::http::{HeaderMap, HeaderValue};

    use super::{accepts_brotli, page, unpack};

    #[test]
    fn brotli_is_served_only_where_it_is_accepted() {
        for (value, expected) in
            [("gzip, deflate, br", true), ("br;q=1.0", true), ("br;q=0", false), ("gzip", false)]
        {
            let headers =
                HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(value))]);
            assert_eq!(accepts_brotli(&headers), expected, "{value}");
        }
    }

    #[test]
    fn an_unknown_page_is_the_index_and_an_unknown_asset_is_missing() {
        let headers = HeaderMap::new();
        assert!(page("", &headers).is_some());
        assert!(page("files/01/a/b", &headers).is_some());
        for missing in ["assets/none-12345678.js", "s//x", "r//uploads"] {
            assert!(page(missing, &headers).is_none(), "{missing}");
        }
    }

    #[test]
    fn what_is_packed_is_unpacked_and_what_is_broken_is_not() {
        let packed = b"\x1b\x08\x00\xf8\x25\xd9\xca\xee\x62\x94\x40\xe1\x00";
        assert_eq!(unpack(packed).as_deref(), Some(&b"wellhouse"[..]));
        assert_eq!(unpack(&packed[..7]), None);
        assert_eq!(unpack(b"wellhouse, plain"), None);
    }
}
