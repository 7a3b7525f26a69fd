//! The listening socket: connections, their limits, and leaving in good order.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, Response, Version};
use hyper::body::{Body, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::count::{Counted, Counts};
use crate::{Peer, Tls};

/// How many may have come and not been let in yet: as many as are served at once, for they may all come in one
/// moment. The system has a bound of its own (on Linux `net.core.somaxconn`). Beyond it those who come are told
/// nothing for a second, and of some the connection is reset.
const BACKLOG: u32 = 4096;

/// How long to wait when the system has no socket to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long a doorway that closes waits for one more connection that has come already.
const LAST_COMER_WAIT: Duration = Duration::from_millis(10);

/// How long it goes on so, where they keep coming.
const LAST_COMERS_MAX: Duration = Duration::from_secs(1);

/// A connection, whence it comes, and its place.
type Arrived = (TcpStream, SocketAddr, OwnedSemaphorePermit);

/// How often an HTTP/2 peer is asked whether it is still there, and how long it may take to say so.
const PING_EVERY: Duration = Duration::from_secs(30);
const PONG_TIME_MAX: Duration = Duration::from_secs(20);
/// The size of all headers of a request over HTTP/2, in bytes.
const HEADERS_BYTES_MAX: u32 = 64 * 1024;

/// What a connection may cost.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How many connections are served at once; more wait in the socket's own queue.
    pub connections: usize,
    /// How many of them one address may have (for IPv6, one /64); more are closed at once.
    pub connections_of_one: usize,
    /// Addresses to which that does not apply: proxies, which stand for many.
    pub exempt: Vec<IpAddr>,
    /// How long the TLS handshake may take.
    pub handshake: Duration,
    /// How long the head of a request may take, and a connection stay idle.
    pub head: Duration,
    /// The largest head of a request, which is also the largest piece read at once, in bytes.
    pub head_bytes: usize,
    /// How many headers a request may carry.
    pub headers: usize,
    /// How many requests one HTTP/2 connection may have in flight.
    pub streams: u32,
    /// How long requests in flight may still take after the word to stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            connections_of_one: 1024,
            exempt: Vec::new(),
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(30),
            head_bytes: 512 * 1024,
            headers: 128,
            streams: 128,
            drain: Duration::from_secs(8),
        }
    }
}

/// What is spoken at a socket.
#[derive(Debug, Clone)]
pub enum Transport {
    /// HTTP/1.1 that others may read along.
    Plain,
    /// TLS and nothing else, with HTTP/1.1 or HTTP/2.
    Tls(Tls),
    /// HTTP/1.1 on loopback between parts of one process.
    Inside,
}

/// A socket, what is spoken there, and what a connection may cost.
#[derive(Debug)]
pub struct Doorway {
    listener: TcpListener,
    transport: Transport,
    limits: Arc<Limits>,
}

/// What a connection holds as long as it stands.
struct Held {
    _slot: OwnedSemaphorePermit,
    _counted: Option<Counted>,
}

/// Listens at an address, for a crowd.
///
/// # Errors
/// What the system says: the address is taken, or not this machine's.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Elsewhere it would let others take the address.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

impl Doorway {
    /// A doorway that is not served yet.
    pub fn new(listener: TcpListener, transport: Transport, limits: Limits) -> Self {
        Self { listener, transport, limits: Arc::new(limits) }
    }

    /// Serves until `shutdown` completes; requests in flight then have [`Limits::drain`] to end.
    ///
    /// A request always has a `Host` header, over HTTP/2 too.
    pub async fn serve<A, F, B>(self, shutdown: impl Future<Output = ()>, answer: A)
    where
        A: Fn(Request<Incoming>, Peer) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<B>> + Send + 'static,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let graceful = GracefulShutdown::new();
        let slots = Arc::new(Semaphore::new(self.limits.connections));
        let counts = Counts::default();
        let mut shutdown = pin!(shutdown);
        let admit = |(stream, address, slot): Arrived| {
            let Some(held) = self.hold(address.ip(), &counts, slot) else { return };
            let peer = Peer { address, secure: !matches!(self.transport, Transport::Plain) };
            let answer = answer.clone();
            let answer = move |request| answer(request, peer);
            self.connection(graceful.watcher(), stream, held, answer);
        };
        loop {
            let next = tokio::select! {
                biased;
                () = &mut shutdown => break,
                next = self.accept(&slots) => next,
            };
            next.into_iter().for_each(&admit);
        }
        // Whoever the kernel has let in would be cut off: they are the last that are served.
        let closing = Instant::now();
        while closing.elapsed() < LAST_COMERS_MAX
            && let Ok(next) = tokio::time::timeout(LAST_COMER_WAIT, self.accept(&slots)).await
        {
            next.into_iter().for_each(&admit);
        }
        drop(self.listener);
        if tokio::time::timeout(self.limits.drain, graceful.shutdown()).await.is_err() {
            tracing::warn!("requests were still in flight when the time to drain was over");
        }
    }

    async fn accept(&self, slots: &Arc<Semaphore>) -> Option<Arrived> {
        let slot = Arc::clone(slots).acquire_owned().await.ok()?;
        match self.listener.accept().await {
            Ok((stream, peer)) => Some((stream, peer, slot)),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                None
            }
        }
    }

    /// Counts a connection; `None` where its address has enough of them.
    fn hold(&self, from: IpAddr, counts: &Counts, slot: OwnedSemaphorePermit) -> Option<Held> {
        let from_same = |ip: &IpAddr| ip.to_canonical() == from.to_canonical();
        if self.limits.exempt.iter().any(from_same) {
            return Some(Held { _slot: slot, _counted: None });
        }
        let counted = counts.one_more(from, self.limits.connections_of_one);
        if counted.is_none() {
            tracing::warn!(%from, "an address has too many connections; one more was closed");
        }
        counted.map(|counted| Held { _slot: slot, _counted: Some(counted) })
    }

    fn connection<A, F, B>(&self, watcher: Watcher, stream: TcpStream, held: Held, answer: A)
    where
        A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<B>> + Send + 'static,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "the socket keeps its delay");
        }
        let limits = Arc::clone(&self.limits);
        let Transport::Tls(tls) = &self.transport else {
            tokio::spawn(async move {
                ended(speak((watcher, stream), Version::HTTP_11, &limits, answer).await);
                drop(held);
            });
            return;
        };
        let accepting = tls.acceptor().accept(stream);
        tokio::spawn(async move {
            match tokio::time::timeout(limits.handshake, accepting).await {
                Ok(Ok(stream)) => {
                    let version = match stream.get_ref().1.alpn_protocol() {
                        Some(b"h2") => Version::HTTP_2,
                        Some(_) | None => Version::HTTP_11,
                    };
                    ended(speak((watcher, stream), version, &limits, answer).await);
                }
                Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                Err(_) => tracing::debug!("a TLS handshake took too long"),
            }
            drop(held);
        });
    }
}

fn ended(result: Result<(), hyper::Error>) {
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Answers what comes over one connection, in the version that was agreed on.
async fn speak<S, A, F, B>(
    (watcher, stream): (Watcher, S),
    version: Version,
    limits: &Limits,
    answer: A,
) -> Result<(), hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let service = service_fn(move |mut request| {
        name_the_host(&mut request);
        // Boxed, so that a connection on which nothing is asked holds no room for an answer.
        let answered = Box::pin(answer(request));
        async move { Ok::<_, Infallible>(answered.await) }
    });
    let stream = TokioIo::new(stream);
    if version == Version::HTTP_2 {
        let mut http = http2::Builder::new(TokioExecutor::new());
        http.timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams)
            .max_header_list_size(HEADERS_BYTES_MAX)
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PONG_TIME_MAX);
        return watcher.watch(http.serve_connection(stream, service)).await;
    }
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(limits.head_bytes)
        .max_headers(limits.headers)
        .half_close(false);
    watcher.watch(http.serve_connection(stream, service)).await
}

/// HTTP/2 says `:authority` where HTTP/1.1 says `Host`, and signatures are over `host`. A request
/// that says both, differently, is for the one that it was sent to.
fn name_the_host(request: &mut Request<Incoming>) {
    if request.version() != Version::HTTP_2 {
        return;
    }
    let Some(authority) = request.uri().authority() else { return };
    if let Ok(host) = HeaderValue::from_str(authority.as_str()) {
        request.headers_mut().insert(HOST, host);
    }
}
