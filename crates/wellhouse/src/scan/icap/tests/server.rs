//! An ICAP server that is strict about what it is sent, and answers what it is told to.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::super::super::scanner::{Answer, ScannerError};
use super::super::Transfer;
use crate::config::IcapAddress;

pub(super) const OFFER: &str = "ICAP/1.0 200 OK\r\nMethods: RESPMOD, REQMOD\r\nService: Strict\r\nISTag: \
                                \"t1\"\r\nAllow: 204\r\nPreview: 100\r\nEncapsulated: null-body=0\r\n\r\n";
pub(super) const NO_PREVIEW: &str =
    "ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nAllow: 204\r\nEncapsulated: null-body=0\r\n\r\n";
pub(super) const NO_204: &str =
    "ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nPreview: 10\r\nConnection: close\r\n\r\n";
pub(super) const REQMOD: &str =
    "ICAP/1.0 200 OK\r\nMethods: REQMOD\r\nAllow: 204\r\nEncapsulated: null-body=0\r\n\r\n";

/// The server's side of a connection.
pub(super) struct Wire(TcpStream);

impl Wire {
    async fn until(&mut self, mark: &[u8]) -> String {
        let mut bytes = Vec::new();
        while !bytes.ends_with(mark) {
            bytes.push(self.0.read_u8().await.expect("more"));
        }
        String::from_utf8(bytes).expect("text")
    }

    async fn offers(mut self, offer: &'static str) {
        let asked = self.until(b"\r\n\r\n").await;
        assert!(asked.starts_with("OPTIONS icap://127.0.0.1:"), "{asked}");
        // Whoever went on here would take the second for the answer to a file.
        self.says(format!("{offer}ICAP/1.0 204 No Content\r\n\r\n")).await;
    }

    pub(super) async fn says(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.expect("told");
    }

    /// Until the other side has gone.
    pub(super) async fn waits(&mut self) {
        drop(self.0.read_to_end(&mut Vec::new()).await);
    }

    /// The chunks up to the last; whether the last one said that this is all there is.
    pub(super) async fn chunks(&mut self) -> (Vec<u8>, bool) {
        let mut all = Vec::new();
        loop {
            let line = self.until(b"\r\n").await;
            if line == "0\r\n" || line == "0; ieof\r\n" {
                assert_eq!(self.until(b"\r\n").await, "\r\n");
                return (all, line.contains("ieof"));
            }
            let size = usize::from_str_radix(line.trim_end(), 16).expect("a size");
            let at = all.len();
            all.resize(at + size, 0);
            self.0.read_exact(&mut all[at..]).await.expect("a chunk");
            assert_eq!(self.until(b"\r\n").await, "\r\n");
        }
    }

    /// The head of a request to hand over a file, and what it encapsulates.
    pub(super) async fn request(&mut self) -> String {
        let head = self.until(b"\r\n\r\n").await;
        let field = |name: &str| {
            let mut found = head.lines().filter_map(|line| line.strip_prefix(name));
            (found.next().expect("a field").to_owned(), found.next())
        };
        let (told, None) = field("Encapsulated: ") else { panic!("twice") };
        assert!(head.contains("/avscan ICAP/1.0\r\nHost: 127.0.0.1:"), "{head}");
        let mut at = 0;
        let mut parts = told.split(", ").map(|part| part.split_once('=').expect("an offset"));
        let mut inner = String::new();
        let expected: &[&str] = if head.starts_with("RESPMOD ") {
            &["req-hdr", "res-hdr", "res-body"]
        } else {
            &["req-hdr", "req-body"]
        };
        for name in expected {
            let (known, offset) = parts.next().expect("a part");
            assert_eq!((known, offset.parse().ok()), (*name, Some(at)), "{told}");
            if name.ends_with("hdr") {
                let part = self.until(b"\r\n\r\n").await;
                at += part.len();
                inner.push_str(&part);
            }
        }
        assert_eq!(parts.next(), None);
        head + &inner
    }

    /// The file, with its preview where it was promised.
    pub(super) async fn file(&mut self) -> Vec<u8> {
        let request = self.request().await;
        let preview = request.lines().find_map(|line| line.strip_prefix("Preview: "));
        let (mut all, is_all) = self.chunks().await;
        if let Some(preview) = preview {
            let preview: usize = preview.parse().expect("a number");
            assert!(all.len() == preview || is_all && all.len() < preview, "{}", all.len());
            if !is_all {
                self.says("ICAP/1.0 100 Continue\r\n\r\n").await;
                let (rest, is_all) = self.chunks().await;
                assert!(!is_all && !rest.is_empty());
                all.extend(rest);
            }
        }
        let length = format!("Content-Length: {}\r\n", all.len());
        assert!(request.contains(&length), "{request}");
        all
    }
}

/// A server that offers this and behaves so to whoever hands a file over.
pub(super) async fn server<F: Future<Output = ()> + Send + 'static>(
    offer: &'static str,
    behave: impl Fn(Wire) -> F + Send + 'static,
) -> IcapAddress {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(accepts(listener, offer, behave));
    IcapAddress::parse(&format!("icap://127.0.0.1:{port}/avscan")).expect("an address")
}

/// It is asked what it takes, and then, on another connection, handed a file.
async fn accepts<F: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    offer: &'static str,
    behave: impl Fn(Wire) -> F,
) {
    while let Ok((asking, _)) = listener.accept().await {
        tokio::spawn(Wire(asking).offers(offer));
        let Ok((handing, _)) = listener.accept().await else { return };
        tokio::spawn(behave(Wire(handing)));
    }
}

/// A server that offers this, takes a whole file and says that, whatever is in it.
pub(super) async fn saying(offer: &'static str, told: &[u8]) -> IcapAddress {
    let told = told.to_vec();
    server(offer, move |wire| says_of_whole(wire, told.clone())).await
}

async fn says_of_whole(mut wire: Wire, told: Vec<u8>) {
    wire.file().await;
    wire.says(told).await;
}

/// Hands a file over in parts that fit nothing.
pub(super) async fn hand(at: &IcapAddress, file: &[u8]) -> Result<Answer, ScannerError> {
    let size = u64::try_from(file.len()).expect("a size");
    let mut transfer = Transfer::begin(at, size).await?;
    for part in file.chunks(300_007) {
        if let Some(answer) = transfer.send(part).await? {
            return Ok(answer);
        }
    }
    transfer.finish().await
}
