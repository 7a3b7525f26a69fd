//! Who is at the other end of the connection: the socket's peer, unless a proxy that we trust says
//! otherwise.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::HeaderMap;

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// The socket's address.
    pub address: SocketAddr,
    /// Whether nobody between the two ends can read along.
    pub secure: bool,
}

/// The proxies whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Arc<BTreeSet<IpAddr>>);

impl TrustedProxies {
    /// No others are believed.
    pub fn new(proxies: Vec<IpAddr>) -> Self {
        Self(Arc::new(proxies.into_iter().map(|ip| ip.to_canonical()).collect()))
    }

    /// The client's address: the socket's peer, or, behind trusted proxies, the last address of
    /// `X-Forwarded-For` that is not itself such a proxy. Whatever stands left of it was written by
    /// strangers.
    pub fn client(&self, socket: Option<SocketAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = socket?.ip().to_canonical();
        if !self.0.contains(&peer) {
            return Some(peer);
        }
        let values = headers.get_all("x-forwarded-for").iter();
        let hops: Vec<&str> = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        let mut client = peer;
        for hop in hops.into_iter().rev() {
            let Ok(ip) = hop.parse::<IpAddr>() else { break };
            client = ip.to_canonical();
            if !self.0.contains(&client) {
                break;
            }
        }
        Some(client)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, SocketAddr};

    use http::{HeaderMap, HeaderValue};

    use super::TrustedProxies;

    #[track_caller]
    fn check(peer: &str, forwarded: &'static str, expected: &str) {
        let proxies =
            TrustedProxies::new(vec![IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2])]);
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", HeaderValue::from_static(forwarded));
        let socket: SocketAddr = peer.parse().expect("an address");
        let client = proxies.client(Some(socket), &headers);
        assert_eq!(
            client.map(|ip| ip.to_string()).as_deref(),
            Some(expected),
            "{peer} {forwarded}"
        );
    }

    #[test]
    fn a_forwarded_address_is_believed_only_from_a_trusted_proxy() {
        check("192.0.2.7:1", "203.0.113.9", "192.0.2.7");
        check("10.0.0.1:1", "203.0.113.9", "203.0.113.9");
        check("10.0.0.1:1", "1.1.1.1, 203.0.113.9", "203.0.113.9");
        check("10.0.0.1:1", "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9");
        check("10.0.0.1:1", "nonsense", "10.0.0.1");
        check("[::ffff:10.0.0.1]:1", "203.0.113.9", "203.0.113.9");
    }
}
