//! The API token that a request brings: `Authorization: Bearer wh_pat_…`.
//!
//! Source: RFC 6750, 2.1.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

/// What stands for a token, whatever it is worth. Two of them are none that counts.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(AUTHORIZATION).iter().filter_map(|value| value.to_str().ok());
    let mut tokens = lines.filter_map(|line| {
        let (scheme, token) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    match (tokens.next(), tokens.next()) {
        (Some(token), None) => Some(token),
        (Some(_), Some(_)) => Some(""),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::AUTHORIZATION;
    use axum::http::{HeaderMap, HeaderValue};

    use super::bearer;

    #[test]
    fn only_one_bearer_is_a_token() {
        for (lines, expected) in [
            (&["Bearer wh_pat_1"][..], Some("wh_pat_1")),
            (&["bearer  wh_pat_1 "], Some("wh_pat_1")),
            (&["Bearer"], Some("")),
            (&["Bearer a", "Bearer b"], Some("")),
            (&["Basic YTpi"], None),
            (&["Basic YTpi", "Bearer a"], Some("a")),
            (&["Bearerwh_pat_1"], None),
            (&[], None),
        ] {
            let values = lines.iter().map(|line| (AUTHORIZATION, HeaderValue::from_static(line)));
            assert_eq!(bearer(&values.collect::<HeaderMap>()), expected, "{lines:?}");
        }
    }
}
