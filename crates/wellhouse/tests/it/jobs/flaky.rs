//! A store that answers 503 to every fiftieth request, and then to all of them for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::past::form;
use super::{Place, begin, counts, done, ended, move_form};
use crate::actors::Actor;
use crate::gateway::binary::settings;
use crate::server::Server;

const BUSY: &[u8] = b"HTTP/1.1 503 Slow Down\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// One request for each connection, counted.
struct Flaky {
    address: String,
    /// Every so many is refused.
    every: Arc<AtomicU64>,
    refused: Arc<AtomicU64>,
    asked: Arc<Asked>,
}

/// What becomes of requests about versions.
#[derive(Default)]
struct Asked {
    /// Whether each takes half a second.
    slow_versions: AtomicBool,
    /// How many did.
    versions: AtomicU64,
}

impl Flaky {
    async fn before(upstream: &str) -> Self {
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let (every, refused) = (Arc::new(AtomicU64::new(u64::MAX)), Arc::new(AtomicU64::new(0)));
        let (often, count) = (Arc::clone(&every), Arc::clone(&refused));
        let asked = Arc::new(Asked::default());
        let all = Arc::clone(&asked);
        drop(tokio::spawn(async move {
            for n in 1_u64.. {
                let client = listener.accept().await.expect("a client").0;
                let busy = n % often.load(Ordering::Relaxed) == 0;
                count.fetch_add(u64::from(busy), Ordering::Relaxed);
                drop(tokio::spawn(carry(client, upstream.clone(), (busy, Arc::clone(&all)))));
            }
        }));
        Self { address, every, refused, asked }
    }
}

/// Carries one request to the store and its answer back, or refuses it.
async fn carry(
    mut client: TcpStream,
    upstream: String,
    (busy, all): (bool, Arc<Asked>),
) -> std::io::Result<()> {
    let mut asked = Vec::new();
    let head = loop {
        if client.read_buf(&mut asked).await? == 0 {
            return Ok(());
        }
        if let Some(at) = asked.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at;
        }
    };
    let text = String::from_utf8_lossy(&asked[..head]).to_lowercase();
    let first = text.lines().next().unwrap_or_default();
    if first.contains("?versions") && all.slow_versions.load(Ordering::Relaxed) {
        all.versions.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.map_or(0, |length| length.trim().parse().expect("a length"));
    while asked.len() < head + 4 + length {
        if client.read_buf(&mut asked).await? == 0 {
            return Ok(());
        }
    }
    if busy {
        return client.write_all(BUSY).await;
    }
    let mut store = TcpStream::connect(upstream).await?;
    store.write_all(&asked[..head]).await?;
    store.write_all(b"\r\nconnection: close").await?;
    store.write_all(&asked[head..]).await?;
    tokio::io::copy(&mut store, &mut client).await?;
    Ok(())
}

/// What a gateway in front of `flaky` is configured by.
fn behind(flaky: &Flaky, upstream: &Server) -> Vec<(&'static str, String)> {
    let mut settings = settings(upstream, "front");
    settings.push(("WELLHOUSE_STORE__ENDPOINT_URL", flaky.address.clone()));
    settings
}

fn start(settings: &[(&'static str, String)]) -> Server {
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Server::start_with(&settings)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_starts_where_its_store_is_busy_or_comes_a_moment_later() {
    let upstream = Server::start_store_only();
    let flaky = Flaky::before(&upstream.s3).await;
    flaky.every.store(5, Ordering::Relaxed);
    let server = start(&behind(&flaky, &upstream));
    assert!(flaky.refused.load(Ordering::Relaxed) > 5, "it was busy");
    flaky.every.store(u64::MAX, Ordering::Relaxed);
    let mut ada = Actor::administrator(&server);
    let home = ada.location("home/");
    ada.upload_digits(&home, "digits.txt");
    drop(server);
    flaky.every.store(1, Ordering::Relaxed);
    let every = Arc::clone(&flaky.every);
    drop(tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        every.store(u64::MAX, Ordering::Relaxed);
    }));
    let server = start(&behind(&flaky, &upstream));
    let mut ada = Actor::administrator(&server);
    let home = ada.location("home/");
    ada.upload_digits(&home, "digits.txt");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_busy_now_and_then_loses_nothing_and_overwrites_nothing() {
    let upstream = Server::start_store_only();
    let flaky = Flaky::before(&upstream.s3).await;
    let server = start(&behind(&flaky, &upstream));
    let mut ada = Actor::administrator(&server);
    let home = ada.location("home/");
    let place = Place::of(&mut ada, "home/").await;
    place.put_many("many/", 300).await;
    flaky.every.store(50, Ordering::Relaxed);
    let job = done(&mut ada, &move_form(&home, &json!(["many/"]), "to/", "fail"));
    counts(&job, 300, 0, 0);
    assert!(flaky.refused.load(Ordering::Relaxed) > 5, "it was busy");
    // Busy for longer than anybody tries again: the job waits, and goes on.
    let id = begin(&mut ada, &move_form(&home, &json!(["to/many/"]), "then/", "fail"));
    flaky.every.store(1, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(4)).await;
    flaky.every.store(u64::MAX, Ordering::Relaxed);
    let job = ended(&mut ada, &id);
    assert_eq!(job["status"], "done", "{job}");
    counts(&job, 300, 0, 0);
    let there = place.all().await;
    assert_eq!(there.len(), 300);
    assert!(there.iter().all(|path| path.starts_with("then/many/")), "all are at their end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_is_given_up_while_it_is_planned() {
    let upstream = Server::start_store_only();
    let flaky = Flaky::before(&upstream.s3).await;
    let server = start(&behind(&flaky, &upstream));
    let mut ada = Actor::administrator(&server);
    let home = ada.location("home/");
    let place = Place::of(&mut ada, "home/").await;
    place.put("a/00000", "1").await;
    let at = place.moment().await;
    flaky.asked.slow_versions.store(true, Ordering::Relaxed);
    let paths: Vec<String> = (0..20).map(|n| format!("a/{n:05}")).collect();
    let id = begin(&mut ada, &form(&home, &json!(paths), &at));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (status, job) = ada.post(&format!("/jobs/{id}/cancel"), &json!({}));
    assert_eq!(status, 200, "{job}");
    let job = ended(&mut ada, &id);
    assert_eq!(job["status"], "cancelled", "{job}");
    let asked = flaky.asked.versions.load(Ordering::Relaxed);
    assert!((1..=5).contains(&asked), "the store was asked {asked} times of 20");
}
