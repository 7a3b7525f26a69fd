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
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::{Doorway, Limits, Peer, Tls, TlsError, Transport};

/// What a request looked like, in the answer's body.
async fn tell(request: Request<Incoming>, peer: Peer) -> Response<Full<Bytes>> {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("none");
    let told = format!("{:?} host={host} secure={}", request.version(), peer.secure);
    Response::new(Full::new(told.into()))
}

/// A doorway that is served until the sender is dropped.
async fn served(transport: Transport, limits: Limits) -> (SocketAddr, oneshot::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
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
    let (address, _stop) = served(Transport::Tls(tls), Limits::default()).await;
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
    let (address, _stop) = served(Transport::Tls(tls.clone()), Limits::default()).await;
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
    let (plain, _stop) = served(Transport::Plain, limits.clone()).await;
    is_closed(&mut TcpStream::connect(plain).await.expect("connected")).await;
    let mut slow = TcpStream::connect(plain).await.expect("connected");
    slow.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.expect("written");
    is_closed(&mut slow).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = write_certificate(folder.path());
    let tls = Tls::load(&certificate, &key).expect("a certificate");
    let (address, _stop) = served(Transport::Tls(tls), limits).await;
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
    let (address, _stop) = served(Transport::Plain, limits.clone()).await;
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
    let (address, _stop) = served(Transport::Plain, Limits { exempt, ..limits }).await;
    let mut kept = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        assert!(ask(&mut stream).await > 0);
        kept.push(stream);
    }
}

#[tokio::test]
async fn requests_in_flight_end_after_the_word_to_stop() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
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
