//! A scanner that speaks ICAP: it knows EICAR and nothing else, and can be told to look at beginnings alone.

use std::io::{BufRead, BufReader, Error, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::clamd::eicar;

const OFFER: &str = "ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nService: ICAP of the tests\r\nAllow: \
                     204\r\nPreview: 32\r\nEncapsulated: null-body=0\r\n\r\n";
const NOTHING: &str = "ICAP/1.0 204 No Content\r\n\r\n";
const PAGE: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\n";

pub(super) struct Icap {
    port: u16,
    hasty: Arc<AtomicBool>,
}

impl Icap {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let hasty = Arc::new(AtomicBool::new(false));
        let icap = Self { port, hasty: Arc::clone(&hasty) };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let hasty = Arc::clone(&hasty);
                std::thread::spawn(move || drop(talk(stream.expect("one"), &hasty)));
            }
        });
        icap
    }

    /// As `scan.icap` names it.
    pub(super) fn address(&self) -> String {
        format!("icap://127.0.0.1:{}/avscan", self.port)
    }

    /// From now on it looks at the beginnings of files alone.
    pub(super) fn is_hasty(&self) {
        self.hasty.store(true, Ordering::SeqCst);
    }
}

fn head(from: &mut impl BufRead) -> Result<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if from.read_line(&mut head)? == 0 {
            return Err(Error::other("gone"));
        }
    }
    Ok(head)
}

/// Adds chunks up to the last; whether that one said that this is all there is.
fn chunks(from: &mut impl BufRead, all: &mut Vec<u8>) -> Result<bool> {
    loop {
        let mut line = String::new();
        from.read_line(&mut line)?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(Error::other)?;
        let at = all.len();
        all.resize(at + size, 0);
        from.read_exact(&mut all[at..])?;
        from.read_exact(&mut [0; 2])?;
        if size == 0 {
            return Ok(line.contains("ieof"));
        }
    }
}

fn talk(stream: TcpStream, hasty: &AtomicBool) -> Result<()> {
    let mut to = stream.try_clone()?;
    let mut from = BufReader::new(stream);
    let asked = head(&mut from)?;
    if asked.starts_with("OPTIONS icap://") {
        return to.write_all(OFFER.as_bytes());
    }
    assert!(asked.starts_with("RESPMOD icap://"));
    assert!(head(&mut from)?.starts_with("GET "));
    assert!(head(&mut from)?.starts_with("HTTP/1.1 200 OK\r\n"));
    let mut file = Vec::new();
    if !chunks(&mut from, &mut file)? && !hasty.load(Ordering::SeqCst) {
        to.write_all(b"ICAP/1.0 100 Continue\r\n\r\n")?;
        chunks(&mut from, &mut file)?;
    }
    if !String::from_utf8_lossy(&file).contains(&eicar()) {
        return to.write_all(NOTHING.as_bytes());
    }
    let found = "X-Infection-Found: Type=0; Resolution=2; Threat=Eicar-Of-The-Tests;";
    let parts = format!("Encapsulated: res-hdr=0, res-body={}", PAGE.len());
    to.write_all(
        format!("ICAP/1.0 200 OK\r\n{found}\r\n{parts}\r\n\r\n{PAGE}2\r\nNo\r\n0\r\n\r\n")
            .as_bytes(),
    )
}
