//! Addresses of servers that secrets are sent to.

use anyhow::{Context, Result, bail};

/// A token or credentials cross no network in the open, and are sent to a server as a whole.
pub(crate) fn check(field: &str, endpoint: &str) -> Result<()> {
    let uri: http::Uri = endpoint.parse().with_context(|| format!("{field} `{endpoint}`"))?;
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
        bail!("{field} `{endpoint}` must have no path and no query");
    }
    encrypted(field, endpoint)
}

/// Other machines are spoken to by TLS.
pub(crate) fn encrypted(field: &str, endpoint: &str) -> Result<()> {
    let uri: http::Uri = endpoint.parse().with_context(|| format!("{field} `{endpoint}`"))?;
    let host = uri.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let here = host == "localhost"
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if here => Ok(()),
        Some("http") => bail!("{field} `{endpoint}`: other machines are spoken to by https"),
        Some(_) | None => bail!("{field} `{endpoint}` must begin with https://"),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn other_machines_are_spoken_to_by_tls() {
        for (endpoint, good) in [
            ("https://s3.example.org", true),
            ("https://s3.example.org:9000/", true),
            ("http://127.0.0.1:9000", true),
            ("http://[::1]:9000", true),
            ("http://localhost:9000", true),
            ("http://s3.example.org", false),
            ("http://10.0.0.1:9000", false),
            ("https://s3.example.org/store", false),
            ("https://s3.example.org/?x", false),
            ("ftp://127.0.0.1", false),
            ("s3.example.org", false),
        ] {
            assert_eq!(check("--endpoint", endpoint).is_ok(), good, "{endpoint}");
        }
    }
}
