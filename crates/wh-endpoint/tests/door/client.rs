//! A plain client over TCP: it sends what it is told to, right or wrong.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::signer::{Ask, encode};

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The text of the first element `name`.
    pub(crate) fn element(&self, name: &str) -> String {
        let text = self.text();
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let rest = text.split_once(&open).map_or("", |(_, rest)| rest);
        rest.split_once(&close).map_or("", |(value, _)| value).to_owned()
    }

    pub(crate) fn code(&self) -> String {
        self.element("Code")
    }
}

pub(crate) async fn send(address: SocketAddr, ask: &Ask) -> Answer {
    let query: Vec<_> =
        ask.query.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    let target = format!("{}{mark}{}", ask.path, query.join("&"));
    let mut head = format!("{} {target} HTTP/1.1\r\n", ask.method);
    for (name, value) in &ask.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let measured = ask.headers.iter().any(|(n, _)| n == "content-length");
    if !measured && (!ask.body.is_empty() || ask.method == "PUT" || ask.method == "POST") {
        head.push_str(&format!("content-length: {}\r\n", ask.body.len()));
    }
    head.push_str("connection: close\r\n\r\n");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(head.as_bytes()).await.expect("a head");
    // A refusal may come before the body was read.
    drop(stream.write_all(&ask.body).await);
    let mut raw = Vec::new();
    drop(stream.read_to_end(&mut raw).await);
    parse(&raw)
}

fn parse(raw: &[u8]) -> Answer {
    let end = raw.windows(4).position(|w| w == b"\r\n\r\n").expect("a head of an answer");
    let head = String::from_utf8_lossy(&raw[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|l| l.split(' ').nth(1)).and_then(|s| s.parse().ok());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut body = raw[end + 4..].to_vec();
    if headers.get("transfer-encoding").is_some_and(|t| t == "chunked") {
        body = dechunked(&body);
    }
    Answer { status: status.expect("a status"), headers, body }
}

fn dechunked(mut raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = raw.windows(2).position(|w| w == b"\r\n") {
        let size = String::from_utf8_lossy(&raw[..end]).into_owned();
        let size = usize::from_str_radix(&size, 16).expect("a size");
        if size == 0 {
            break;
        }
        out.extend_from_slice(&raw[end + 2..end + 2 + size]);
        raw = &raw[end + 4 + size..];
    }
    out
}
