//! Doorways with real sockets.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{Request, Response, Version};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::{Doorway, Limits, Peer, Tls, TlsError, Transport, listen};

const SOON: Duration = Duration::from_millis(900);

/// What a request looked like, in the answer's body.
async fn tell(request: Request<Incoming>, peer: Peer) -> Response<Full<Bytes>> {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("none");
    let told = format!("{:?} host={host} secure={}", request.version(), peer.secure);
    Response::new(Full::new(told.into()))
}

/// A doorway that is served until the sender is dropped.
fn served(transport: Transport, limits: Limits) -> (SocketAddr, oneshot::Sender<()>) {
    let listener = listen(([127, 0, 0, 1], 0).into()).expect("a socket");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let doorway = Doorway::new(listener, transport, limits);
    tokio::spawn(async move { doorway.serve(async { drop(stopped.await) }, tell).await });
    (address, stop)
}

/// Writes a certificate for `localhost` and its key.
fn write_certificate(folder: &Path) -> (std::path::PathBuf, std::path::PathBuf) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).expect("written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    (certificate, key)
}

/// Connects, trusting the certificate in a file and no other.
async fn connect(
    address: SocketAddr,
    trusted: &Path,
    protocol: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let pem = std::fs::read(trusted).expect("a certificate");
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&pem).expect("PEM")).expect("a root");
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

async fn body(response: Response<Incoming>) -> String {
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn ask_http1(stream: TlsStream<TcpStream>) -> String {
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("HTTP/1.1");
    tokio::spawn(connection);
    let request = Request::get("/").header(HOST, "files.example").body(Empty::<Bytes>::new());
    body(sender.send_request(request.expect("a request")).await.expect("an answer")).await
}

async fn ask_http2(stream: TlsStream<TcpStream>) -> String {
    let io = TokioIo::new(stream);
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), io);
    let (mut sender, connection) = handshake.await.expect("HTTP/2");
    tokio::spawn(connection);
    let request = Request::get("https://files.example/").header(HOST, "other.example");
    let request = request.version(Version::HTTP_2).body(Empty::<Bytes>::new());
    body(sender.send_request(request.expect("a request")).await.expect("an answer")).await
}

#[tokio::test]
async fn both_versions_of_http_are_spoken_over_tls_and_have_a_host() {
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = write_certificate(folder.path());
    let tls = Tls::load(&certificate, &key).expect("a certificate");
    let (address, _stop) = served(Transport::Tls(tls), Limits::default());
    let stream = connect(address, &certificate, "http/1.1").await.expect("a handshake");
    assert_eq!(ask_http1(stream).await, "HTTP/1.1 host=files.example secure=true");
    let stream = connect(address, &certificate, "h2").await.expect("a handshake");
    assert_eq!(ask_http2(stream).await, "HTTP/2.0 host=files.example secure=true");
}

#[tokio::test]
async fn a_new_certificate_is_for_new_connections() {
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = write_certificate(folder.path());
    let old = folder.path().join("old.pem");
    std::fs::copy(&certificate, &old).expect("a copy");
    let tls = Tls::load(&certificate, &key).expect("a certificate");
    let (address, _stop) = served(Transport::Tls(tls.clone()), Limits::default());
    let standing = connect(address, &old, "http/1.1").await.expect("a handshake");
    assert!(!tls.reload().expect("the same files"), "nothing is new");
    write_certificate(folder.path());
    assert!(tls.reload().expect("new files"), "it is new");
    assert!(connect(address, &old, "http/1.1").await.is_err(), "the old one is gone");
    let new = connect(address, &certificate, "http/1.1").await.expect("a handshake");
    assert!(ask_http1(new).await.starts_with("HTTP/1.1"));
    assert!(ask_http1(standing).await.starts_with("HTTP/1.1"), "what stands goes on");
    std::fs::write(&key, "half written").expect("written");
    assert!(matches!(tls.reload(), Err(TlsError::NoKey { .. })));
    connect(address, &certificate, "http/1.1").await.expect("what was there goes on");
}

#[tokio::test]
async fn what_is_wrong_with_the_files_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = write_certificate(folder.path());
    let other = tempfile::tempdir().expect("a folder");
    let (_, other_key) = write_certificate(other.path());
    let said = |certificate: &Path, key: &Path| {
        Tls::load(certificate, key).expect_err("it is refused").to_string()
    };
    let missing = folder.path().join("missing.pem");
    assert!(said(&missing, &key).contains("cannot read"), "{}", said(&missing, &key));
    assert!(said(&key, &key).contains("holds no certificate"), "{}", said(&key, &key));
    let no_key = said(&certificate, &certificate);
    assert!(no_key.contains("holds no private key"), "{no_key}");
    let unfit = said(&certificate, &other_key);
    assert!(unfit.contains("do not work together"), "{unfit}");
}

/// Reads until the other end closes; the test's own limit ends one that never does.
async fn is_closed(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    drop(stream.read_to_end(&mut rest).await);
    assert!(!rest.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&rest));
}

#[tokio::test]
async fn who_says_nothing_is_not_kept() {
    let limits = Limits {
        handshake: Duration::from_millis(50),
        head: Duration::from_millis(50),
        ..Limits::default()
    };
    let (plain, _stop) = served(Transport::Plain, limits.clone());
    is_closed(&mut TcpStream::connect(plain).await.expect("connected")).await;
    let mut slow = TcpStream::connect(plain).await.expect("connected");
    slow.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.expect("written");
    is_closed(&mut slow).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = write_certificate(folder.path());
    let tls = Tls::load(&certificate, &key).expect("a certificate");
    let (address, _stop) = served(Transport::Tls(tls), limits);
    is_closed(&mut TcpStream::connect(address).await.expect("connected")).await;
}

#[tokio::test]
async fn one_address_gets_its_share_and_proxies_theirs() {
    async fn ask(stream: &mut TcpStream) -> usize {
        let asked = stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        if asked.is_err() {
            return 0;
        }
        stream.read(&mut [0; 512]).await.unwrap_or(0)
    }
    let limits = Limits { connections_of_one: 2, ..Limits::default() };
    let (address, _stop) = served(Transport::Plain, limits.clone());
    let mut streams = Vec::new();
    for _ in 0..3 {
        streams.push(TcpStream::connect(address).await.expect("connected"));
    }
    let mut answered = Vec::new();
    for stream in &mut streams {
        answered.push(ask(stream).await > 0);
    }
    assert_eq!(answered, [true, true, false]);
    let exempt = vec!["::ffff:127.0.0.1".parse().expect("an address, written the other way")];
    let (address, _stop) = served(Transport::Plain, Limits { exempt, ..limits });
    let mut kept = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        assert!(ask(&mut stream).await > 0);
        kept.push(stream);
    }
}

#[tokio::test]
async fn requests_in_flight_end_after_the_word_to_stop() {
    let listener = listen(([127, 0, 0, 1], 0).into()).expect("a socket");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let (begun, mut has_begun) = mpsc::channel::<oneshot::Sender<()>>(1);
    let answer = move |_: Request<Incoming>, _: Peer| {
        let begun = begun.clone();
        async move {
            let (go, gone) = oneshot::channel();
            begun.send(go).await.expect("heard");
            gone.await.expect("told to go on");
            Response::new(Full::<Bytes>::new("done".into()))
        }
    };
    let doorway = Doorway::new(listener, Transport::Plain, Limits::default());
    let mut serving = tokio::spawn(doorway.serve(async { drop(stopped.await) }, answer));
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("written");
    let go_on = has_begun.recv().await.expect("in flight");
    stop.send(()).expect("stopping");
    while TcpStream::connect(address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let early = tokio::time::timeout(Duration::from_millis(100), &mut serving).await;
    assert!(early.is_err(), "it waits for what is in flight");
    go_on.send(()).expect("going on");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.ends_with("done"), "{answer}");
    serving.await.expect("it has ended");
}

const TLS_1_2: u16 = 0x0303;
const ECDHE_AES_128_GCM: u16 = 0xC02B;
const ECDHE_AES_256_GCM: u16 = 0xC02C;
const ECDHE_CHACHA20: u16 = 0xCCA9;

/// A `ClientHello` in the form that all versions up to 1.2 have: this version at most, these suites.
/// Source: RFC 5246, 7.4.1.2; RFC 8422, 5.1.
fn hello(version: u16, suites: &[u16]) -> Vec<u8> {
    fn sized(length: usize, bytes: Vec<u8>) -> Vec<u8> {
        let size = bytes.len().to_be_bytes();
        [&size[size.len() - length..], &bytes].concat()
    }
    fn words(words: &[u16]) -> Vec<u8> {
        sized(2, words.iter().flat_map(|word| word.to_be_bytes()).collect())
    }
    fn extension(kind: u16, body: Vec<u8>) -> Vec<u8> {
        [kind.to_be_bytes().to_vec(), sized(2, body)].concat()
    }
    let extensions = [
        extension(10, words(&[0x001D, 0x0017])),
        extension(11, vec![1, 0]),
        extension(13, words(&[0x0403, 0x0804, 0x0401])),
        extension(23, Vec::new()),
    ];
    let body = [
        version.to_be_bytes().to_vec(),
        vec![7; 32],
        vec![0],
        words(suites),
        vec![1, 0],
        sized(2, extensions.concat()),
    ];
    let handshake = [vec![1], sized(3, body.concat())].concat();
    [vec![0x16, 0x03, 0x01], sized(2, handshake)].concat()
}

/// What the server says to a hello: the version and the suite that it chose, or its alert.
async fn chosen(address: SocketAddr, hello: &[u8]) -> Result<(u16, u16), u8> {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all(hello).await.expect("written");
    let mut head = [0; 5];
    stream.read_exact(&mut head).await.expect("a record");
    let mut body = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    stream.read_exact(&mut body).await.expect("its body");
    if head[0] == 21 {
        return Err(body[1]);
    }
    let suite_at = 4 + 2 + 32 + 1 + usize::from(body[38]);
    let word = |at: usize| u16::from_be_bytes([body[at], body[at + 1]]);
    Ok((word(4), word(suite_at)))
}

#[tokio::test]
async fn old_versions_and_weak_suites_are_refused_and_the_strongest_is_preferred() {
    const PROTOCOL_VERSION: u8 = 70;
    const HANDSHAKE_FAILURE: u8 = 40;
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = write_certificate(folder.path());
    let tls = Tls::load(&certificate, &key).expect("a certificate");
    let (address, _stop) = served(Transport::Tls(tls), Limits::default());
    let strong = [ECDHE_AES_128_GCM, ECDHE_CHACHA20, ECDHE_AES_256_GCM];
    for suite in strong {
        let answer = chosen(address, &hello(TLS_1_2, &[suite])).await;
        assert_eq!(answer, Ok((TLS_1_2, suite)), "{suite:#06x}");
    }
    let answer = chosen(address, &hello(TLS_1_2, &strong)).await;
    assert_eq!(answer, Ok((TLS_1_2, ECDHE_AES_256_GCM)), "whatever the client has first");
    for (version, name) in [(0x0302, "TLS 1.1"), (0x0301, "TLS 1.0"), (0x0300, "SSL 3.0")] {
        let answer = chosen(address, &hello(version, &strong)).await;
        assert_eq!(answer, Err(PROTOCOL_VERSION), "{name}");
    }
    for (suite, name) in [
        (0xC009, "ECDHE-ECDSA-AES128-CBC-SHA"),
        (0xC023, "ECDHE-ECDSA-AES128-CBC-SHA256"),
        (0xC007, "ECDHE-ECDSA-RC4-SHA"),
        (0xC008, "ECDHE-ECDSA-3DES-CBC-SHA"),
        (0xC006, "ECDHE-ECDSA-NULL-SHA"),
        (0xC0AC, "ECDHE-ECDSA-AES128-CCM"),
        (0x009C, "RSA-AES128-GCM: no forward secrecy"),
        (0x002F, "RSA-AES128-CBC-SHA"),
        (0x000A, "RSA-3DES-CBC-SHA"),
        (0x0005, "RSA-RC4-SHA"),
        (0x009E, "DHE-RSA-AES128-GCM"),
    ] {
        let answer = chosen(address, &hello(TLS_1_2, &[suite])).await;
        assert_eq!(answer, Err(HANDSHAKE_FAILURE), "{name}");
    }
    let stream = connect(address, &certificate, "h2").await.expect("a handshake");
    let (_, session) = stream.get_ref();
    assert_eq!(session.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3), "the newest");
    let suite = session.negotiated_cipher_suite().expect("a suite").suite();
    assert_eq!(suite, rustls::CipherSuite::TLS13_AES_256_GCM_SHA384);
}

/// A thousand people who signed in at one moment were more than the socket's queue had room for: some waited a
/// second, and of some the connection was reset.
#[tokio::test]
async fn a_crowd_that_comes_before_it_is_let_in_waits_at_the_door() {
    let bound = std::fs::read_to_string("/proc/sys/net/core/somaxconn").ok();
    let bound = bound.and_then(|bound| bound.trim().parse().ok()).unwrap_or(128_usize);
    let crowd = bound.min(400);
    let listener = listen(([127, 0, 0, 1], 0).into()).expect("a socket");
    let address = listener.local_addr().expect("an address");
    let mut waiting = Vec::new();
    for n in 0..crowd {
        // Who finds no room is not told so: their first packet is lost, and they send it again after a second.
        let connecting = tokio::time::timeout(SOON, TcpStream::connect(address)).await;
        waiting
            .push(connecting.unwrap_or_else(|_| panic!("{n} found no room")).expect("connected"));
    }
    for _ in 0..crowd {
        tokio::time::timeout(SOON, listener.accept()).await.expect("who came").expect("is let in");
    }
}
