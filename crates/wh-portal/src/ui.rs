//! The embedded user interface: hashed assets for ever, everything else fresh, and `index.html` for
//! every address that the interface routes by itself.

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
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ALWAYS_ASK: &str = "no-cache";

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
        None => Problem::new(Code::NotFound, "there is no such asset").into_response(),
    }
}

fn page(path: &str, headers: &HeaderMap) -> Option<Response> {
    if !path.is_empty()
        && path.strip_suffix(".br").is_none()
        && let Some(found) = file(path, headers)
    {
        return Some(found);
    }
    if path.starts_with(ASSETS) {
        return None;
    }
    file(INDEX, headers)
}

fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let plain = Built::get(path)?;
    let packed = accepts_brotli(headers).then(|| Built::get(&format!("{path}.br"))).flatten();
    let caching = if path.starts_with(ASSETS) { FOR_EVER } else { ALWAYS_ASK };
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    let kind = match mime.type_() {
        mime_guess::mime::TEXT => format!("{mime}; charset=utf-8"),
        _other => mime.to_string(),
    };
    let (file, encoding) = match packed {
        Some(packed) => (packed, Some("br")),
        None => (plain, None),
    };
    let etag = etag(&file);
    let mut response = if headers.get(IF_NONE_MATCH).is_some_and(|known| *known == etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data).into_response()
    };
    let out = response.headers_mut();
    out.insert(CONTENT_TYPE, HeaderValue::from_str(&kind).ok()?);
    out.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    out.insert(VARY, HeaderValue::from_static("accept-encoding"));
    out.insert(ETAG, HeaderValue::from_str(&etag).ok()?);
    if let Some(encoding) = encoding {
        out.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(response)
}

fn etag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    let half = hash.first_chunk::<16>().copied().unwrap_or_default();
    format!("\"{:032x}\"", u128::from_be_bytes(half))
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

    use super::{accepts_brotli, page};

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
        assert!(page("assets/none-12345678.js", &headers).is_none());
    }
}
