//! One document sent over HTTP to an address that the operator configured: a webhook.
//!
//! Invariant: a connection is made only to an address that was checked after the name was resolved.
//! No redirect is followed: what answers with one has not taken the document.
//!
//! Source: OWASP, "Server-Side Request Forgery Prevention"; IANA's registries of special-purpose
//! addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use aws_sdk_s3::config::http::HttpRequest;
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::HttpConnector;

/// How long it may take as a whole.
const POST_MAX: Duration = Duration::from_secs(10);

/// Which addresses may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Addresses of the public internet, by TLS.
    Public,
    /// Any: the operator said that the receiver is on this machine or in this network.
    Anywhere,
}

/// Why a document was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The address is not one, or not of those that may be connected to.
    #[error("{0}")]
    Address(&'static str),
    /// Nobody answered.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// It answered with another status than 2xx.
    #[error("it answered with the status {0}")]
    Status(u16),
    /// It took too long.
    #[error("it took longer than {} s", POST_MAX.as_secs())]
    TimedOut,
}

/// Sends a JSON document; `Ok` when it was answered by 2xx.
pub async fn post(
    address: &str,
    headers: &[(&'static str, String)],
    body: Vec<u8>,
    reach: Reach,
) -> Result<(), PostError> {
    let sent = tokio::time::timeout(POST_MAX, send(address, headers, body, reach)).await;
    sent.map_err(|_| PostError::TimedOut)?
}

async fn send(
    address: &str,
    headers: &[(&'static str, String)],
    body: Vec<u8>,
    reach: Reach,
) -> Result<(), PostError> {
    check_address(address, reach)?;
    let mut request = HttpRequest::new(SdkBody::from(body));
    let invalid = |_| PostError::Address("the address is not valid");
    request.set_uri(address).map_err(invalid)?;
    request.set_method("POST").map_err(invalid)?;
    request.headers_mut().insert("content-type", "application/json");
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.clone());
    }
    let connector = Connector::builder()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
        .build_with_resolver(Checked(reach));
    let answer = connector.call(request).await;
    let answer = answer.map_err(|error| PostError::Unreachable(innermost(&error)))?;
    match answer.status().as_u16() {
        200..=299 => Ok(()),
        status => Err(PostError::Status(status)),
    }
}

/// The last cause of an error, which names what happened; the others only say that something did.
pub(crate) fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// Whether an address may be sent to at all. A host that is an address is not resolved, so it is
/// looked at here.
pub fn check_address(address: &str, reach: Reach) -> Result<(), PostError> {
    let (scheme, rest) =
        address.split_once("://").ok_or(PostError::Address("the address has no scheme"))?;
    match (scheme, reach) {
        ("https", _) | ("http", Reach::Anywhere) => {}
        (_, Reach::Anywhere) => return Err(PostError::Address("the scheme is not http or https")),
        (_, Reach::Public) => return Err(PostError::Address("the scheme is not https")),
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(PostError::Address("the address holds a user name"));
    }
    let host = match authority.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    if host.is_empty() {
        return Err(PostError::Address("the address has no host"));
    }
    match host.parse::<IpAddr>() {
        Ok(ip) if !may_be_reached(ip, reach) => Err(PostError::Address(NOT_PUBLIC)),
        Ok(_) | Err(_) => Ok(()),
    }
}

const NOT_PUBLIC: &str = "the address is not of the public internet";

/// Resolves names, and gives an address only where it may be connected to.
#[derive(Debug, Clone, Copy)]
struct Checked(Reach);

impl ResolveDns for Checked {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        let reach = self.0;
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((name, 0)).await.map_err(ResolveDnsError::new)?;
            let found: Vec<IpAddr> = found.map(|address| address.ip()).collect();
            // One that may not be reached speaks for the name, not for its other addresses.
            if found.is_empty() || !found.iter().all(|ip| may_be_reached(*ip, reach)) {
                return Err(ResolveDnsError::new(PostError::Address(NOT_PUBLIC)));
            }
            Ok(found)
        })
    }
}

fn may_be_reached(ip: IpAddr, reach: Reach) -> bool {
    match reach {
        Reach::Anywhere => true,
        Reach::Public => match ip.to_canonical() {
            IpAddr::V4(ip) => is_public_v4(ip),
            IpAddr::V6(ip) => is_public_v6(ip),
        },
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..=127).contains(&b);
    let protocols = (a, b, c) == (192, 0, 0);
    let benchmarks = a == 198 && (18..=19).contains(&b);
    !(a == 0
        || a >= 224
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || shared
        || protocols
        || benchmarks)
}

/// Global unicast, without what carries an IPv4 address in it: that could be any.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    let global = (0x2000..=0x3fff).contains(&first);
    let teredo_and_documentation = first == 0x2001 && (second < 0x0200 || second == 0x0db8);
    let six_to_four = first == 0x2002;
    global && !teredo_and_documentation && !six_to_four
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::{PostError, Reach, check_address, may_be_reached, post};

    #[test]
    fn only_public_addresses_are_reached_unless_the_operator_says_so() {
        for (ip, public) in [
            ("93.184.215.14", true),
            ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.31.0.1", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("0.0.0.0", false),
            ("198.18.0.1", false),
            ("192.0.2.1", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::1", false),
            ("::", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:10.0.0.1", false),
            ("64:ff9b::7f00:1", false),
            ("2002:7f00:1::", false),
            ("2001:0:1::", false),
            ("2001:db8::1", false),
            ("fc00::1", false),
            ("fe80::1", false),
            ("fd00:ec2::254", false),
            ("ff02::1", false),
        ] {
            let ip = ip.parse().expect("an address");
            assert_eq!(may_be_reached(ip, Reach::Public), public, "{ip}");
            assert!(may_be_reached(ip, Reach::Anywhere));
        }
    }

    #[test]
    fn an_address_is_looked_at_before_anything_is_sent() {
        for (address, public, anywhere) in [
            ("https://hooks.example.org/x", true, true),
            ("http://hooks.example.org/x", false, true),
            ("https://127.0.0.1/x", false, true),
            ("https://[::1]:8443/x", false, true),
            ("https://[::ffff:169.254.169.254]/", false, true),
            ("https://user@hooks.example.org/", false, false),
            ("ftp://hooks.example.org/", false, false),
            ("hooks.example.org", false, false),
            ("https:///x", false, false),
        ] {
            assert_eq!(check_address(address, Reach::Public).is_ok(), public, "{address}");
            assert_eq!(check_address(address, Reach::Anywhere).is_ok(), anywhere, "{address}");
        }
    }

    /// SeaweedFS: an address was checked, and another one asked. What a name resolves to is judged in
    /// the connection's own resolver.
    #[tokio::test]
    async fn cve_2026_73080_a_name_is_judged_by_what_it_resolves_to() {
        for name in ["localhost", "LOCALHOST"] {
            let address = format!("https://{name}:1/");
            let refused = post(&address, &[], Vec::new(), Reach::Public).await;
            assert!(matches!(refused, Err(PostError::Unreachable(_))), "{name}: {refused:?}");
            let why = refused.expect_err("a refusal").to_string();
            assert!(why.contains("not of the public internet"), "{name}: {why}");
        }
    }

    /// Vaultwarden: an address in another notation was not known for what it is. A listener on
    /// loopback is never asked, however it is written.
    #[tokio::test]
    async fn ghsa_hw4g_an_address_in_another_notation_is_the_same_address() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        listener.set_nonblocking(true).expect("a listener that does not wait");
        for host in [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "017700000001",
            "127.0.0.1.",
            "127.000.000.001",
            "0",
            "0.0.0.0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[0:0:0:0:0:ffff:7f00:0001]",
            "[::127.0.0.1]",
            "[::1%25lo]",
            "localhost",
            "user@127.0.0.1",
            "example.org@127.0.0.1",
            "127.0.0.1#@example.org",
            "127.0.0.1\\@example.org",
            "①②⑦.⓪.⓪.①",
        ] {
            let address = format!("https://{host}:{port}/");
            let sent = post(&address, &[], Vec::new(), Reach::Public).await;
            assert!(sent.is_err(), "{host}");
            assert!(listener.accept().is_err(), "{host} was connected to");
        }
    }

    /// Answers one request, and says how many bytes of it were read.
    fn answer_once(listener: &TcpListener, answer: &str) -> usize {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut asked = [0; 4096];
        let read = stream.read(&mut asked).expect("a request");
        stream.write_all(answer.as_bytes()).expect("an answer");
        read
    }

    /// MinIO: a redirect led the server elsewhere. Whoever answers with one has not taken the document,
    /// and where it leads nobody goes.
    #[tokio::test]
    async fn cve_2021_21287_a_redirect_leads_nowhere() {
        let elsewhere = TcpListener::bind("127.0.0.1:0").expect("a port");
        let there = elsewhere.local_addr().expect("an address");
        elsewhere.set_nonblocking(true).expect("a listener that does not wait");
        for status in [301, 302, 303, 307, 308] {
            let first = TcpListener::bind("127.0.0.1:0").expect("a port");
            let here = first.local_addr().expect("an address");
            let answer = format!(
                "HTTP/1.1 {status} x\r\nlocation: http://{there}/\r\ncontent-length: 0\r\n\r\n"
            );
            let answering = std::thread::spawn(move || answer_once(&first, &answer));
            let url = format!("http://{here}/");
            let sent = post(&url, &[], b"{}".to_vec(), Reach::Anywhere).await;
            assert!(matches!(sent, Err(PostError::Status(s)) if s == status), "{status}: {sent:?}");
            assert!(answering.join().expect("an end") > 0);
            assert!(elsewhere.accept().is_err(), "{status} was followed");
        }
    }
}
