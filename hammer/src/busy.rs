//! A store that is busy now and then: a gateway's upstream, before which every so-manieth request is
//! answered 503.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use anyhow::{Context, Result};

use crate::server::{House, Running};

const BUSY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
/// The longest head of a request that is waited for, in bytes.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// The upstream, and what stands before it.
pub(crate) struct Upstream {
    _running: Running,
    /// Every so many is refused; 0: none.
    every: Arc<AtomicU64>,
    refused: Arc<AtomicU64>,
}

impl Upstream {
    /// Starts an upstream beside `house`, and gives the house as a gateway in front of it.
    pub(crate) fn start(house: House) -> Result<(House, Self)> {
        let behind = house.another("upstream")?;
        let running = behind.start()?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = format!("http://{}", listener.local_addr()?);
        let (every, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (often, count, port) = (Arc::clone(&every), Arc::clone(&refused), behind.s3_port());
        thread::spawn(move || {
            for (n, client) in (1_u64..).zip(listener.incoming()) {
                let often = often.load(Ordering::Relaxed);
                let busy = often > 0 && n % often == 0;
                count.fetch_add(u64::from(busy), Ordering::Relaxed);
                // A connection that breaks off is its client's to try again.
                thread::spawn(move || client.and_then(|client| carry(client, port, busy)).ok());
            }
        });
        let (id, secret) = behind.root()?;
        let file = behind.data().with_file_name("upstream.secret");
        let mut options = fs::File::options();
        options.create(true).write(true).truncate(true).mode(0o600);
        options.open(&file)?.write_all(secret.as_bytes())?;
        let file = file.to_str().context("a path that is text")?;
        let house = house
            .with(("WELLHOUSE_STORE__KIND", "gateway"))
            .with(("WELLHOUSE_STORE__BUCKET", "front"))
            .with(("WELLHOUSE_STORE__ENDPOINT_URL", &address))
            .with(("WELLHOUSE_STORE__ACCESS_KEY_ID", &id))
            .with(("WELLHOUSE_STORE__SECRET_ACCESS_KEY_FILE", file));
        Ok((house, Self { _running: running, every, refused }))
    }

    /// From now on every so many requests are refused; 0: none.
    pub(crate) fn refuse_every(&self, every: u64) {
        self.every.store(every, Ordering::Relaxed);
    }

    /// How many were refused.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

/// Carries one request to the store and its answer back, or refuses it.
fn carry(mut client: TcpStream, port: u16, busy: bool) -> io::Result<()> {
    let mut asked = Vec::new();
    let mut block = [0; 16 * 1024];
    let head = loop {
        let read = client.read(&mut block)?;
        asked.extend(block.iter().take(read));
        if let Some(at) = asked.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at;
        }
        if read == 0 || asked.len() > HEAD_BYTES_MAX {
            return Ok(());
        }
    };
    let (head, rest) = asked.split_at(head);
    let text = String::from_utf8_lossy(head).to_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.and_then(|length| length.trim().parse().ok()).unwrap_or_default();
    let mut left = (length + 4).saturating_sub(rest.len());
    let mut body = rest.to_vec();
    while left > 0 {
        let read = client.read(&mut block)?;
        if read == 0 {
            return Ok(());
        }
        body.extend(block.iter().take(read));
        left = left.saturating_sub(read);
    }
    if busy {
        return client.write_all(BUSY);
    }
    let mut store = TcpStream::connect(("127.0.0.1", port))?;
    store.write_all(head)?;
    store.write_all(b"\r\nconnection: close")?;
    store.write_all(&body)?;
    io::copy(&mut store, &mut client)?;
    client.shutdown(Shutdown::Both)
}
