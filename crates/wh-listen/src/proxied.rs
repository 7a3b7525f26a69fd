//! Whether a request says that it came through a proxy.

use http::HeaderMap;

/// What proxies add to a request, beside `X-Forwarded-…`.
///
/// Sources: RFC 7239 (`Forwarded`); RFC 9110, 7.6.3 (`Via`). The others are what well-known proxies and
/// balancers write.
const OF_PROXIES: [&str; 9] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-forwarded-for",
    "x-envoy-external-address",
    "true-client-ip",
    "proxy-connection",
];

/// Whether a request carries a header that proxies add, whatever is in it. That there is none proves
/// nothing: a proxy may add no header.
pub fn is_proxied(headers: &HeaderMap) -> bool {
    let of_proxy = |name: &str| name.starts_with("x-forwarded") || OF_PROXIES.contains(&name);
    headers.keys().any(|name| of_proxy(name.as_str()))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::{OF_PROXIES, is_proxied};

    #[test]
    fn a_request_that_any_proxy_signed_is_proxied() {
        let with = |name: &str| {
            let name: HeaderName = name.parse().expect("a name");
            is_proxied(&HeaderMap::from_iter([(name, HeaderValue::from_static(""))]))
        };
        for name in OF_PROXIES.into_iter().chain(["x-forwarded-for", "X-Forwarded-Proto", "Via"]) {
            assert!(with(name), "{name}");
        }
        for name in ["host", "user-agent", "x-amz-date", "x-aws-ec2-metadata-token"] {
            assert!(!with(name), "{name}");
        }
    }
}
