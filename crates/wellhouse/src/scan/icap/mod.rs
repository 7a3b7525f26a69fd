//! ICAP, as far as it is needed: `OPTIONS`, and a file handed over by `RESPMOD` or `REQMOD`.
//!
//! A file is handed on in chunks as it comes from the store, and never held. The server is asked before
//! each file what it takes. Source: RFC 3507.

mod answer;
mod reading;
#[cfg(test)]
mod tests;

use std::io;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;

use super::scanner::{Answer, BLOCK_BYTES_MAX, KNOCK_MAX, ScannerError, printable};
use crate::config::IcapAddress;
use answer::{Question, Sum};
use reading::{Head, Reading};

/// The largest preview that is sent, in bytes, whatever the server would like.
const PREVIEW_BYTES_MAX: u64 = 64 * 1024;

/// How a file is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    /// As what a server answered.
    Respmod,
    /// As what a client sends.
    Reqmod,
}

/// What a server takes, and how it is called.
#[derive(Debug)]
struct Offer {
    method: Method,
    /// Of how many bytes it would like to see the beginning first.
    preview: Option<u64>,
    allow_204: bool,
    words: String,
}

/// A connection.
struct Line {
    reading: Reading,
    writing: OwnedWriteHalf,
}

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// So many bytes more are in the preview.
    Preview(u64),
    /// The rest is wanted, or there is no preview.
    Rest,
}

/// A file that is being handed over.
pub(super) struct Transfer {
    line: Line,
    offer: Offer,
    phase: Phase,
    /// How many bytes it is to have.
    size: u64,
    sent: Sum,
}

/// How the server is called, and what it takes.
pub(super) async fn version(at: &IcapAddress) -> Result<String, ScannerError> {
    Ok(ask(at).await?.words)
}

/// Asks a server what it takes, on a connection of its own: so nothing that follows what it says can be
/// taken for the answer to a file.
async fn ask(at: &IcapAddress) -> Result<Offer, ScannerError> {
    let asking = async {
        let mut line = Line::open(at).await?;
        let asked = format!(
            "OPTIONS {at} ICAP/1.0\r\nHost: {}\r\nUser-Agent: Wellhouse\r\nConnection: close\r\n\
             Encapsulated: null-body=0\r\n\r\n",
            at.socket
        );
        line.writing.write_all(asked.as_bytes()).await.map_err(ScannerError::BrokeOff)?;
        Offer::read(&line.reading.head().await?)
    };
    let told = tokio::time::timeout(KNOCK_MAX, asking).await.unwrap_or(Err(ScannerError::Silent));
    // No file was handed over yet, and so none is to blame.
    told.map_err(|error| match error {
        ScannerError::Failed(_)
        | ScannerError::BrokeOff(_)
        | ScannerError::Nonsense(_)
        | ScannerError::Silent => ScannerError::Unready(format!("asked for OPTIONS, {error}")),
        ScannerError::Away(_) | ScannerError::Unready(_) => error,
    })
}

impl Offer {
    fn read(head: &Head) -> Result<Self, ScannerError> {
        if head.status(&["ICAP/1.0"])? != 200 {
            let told = head.told();
            return Err(ScannerError::Unready(format!("asked for OPTIONS, it said `{told}`")));
        }
        let method = if head.lists("methods", "RESPMOD") {
            Method::Respmod
        } else if head.lists("methods", "REQMOD") {
            Method::Reqmod
        } else {
            let why = "it offers neither RESPMOD nor REQMOD: is it the right service?";
            return Err(ScannerError::Unready(why.to_owned()));
        };
        let preview = match head.one("preview")? {
            Some(bytes) => {
                let number = bytes.parse::<u64>().ok();
                let told = || ScannerError::nonsense(&format!("Preview: {bytes}"));
                Some(number.ok_or_else(told)?.min(PREVIEW_BYTES_MAX))
            }
            None => None,
        };
        let told = [head.each("service").next(), head.each("istag").next()];
        let told: Vec<&str> = told.into_iter().flatten().collect();
        let words = if told.is_empty() { "without a name".to_owned() } else { told.join(", ") };
        Ok(Self {
            method,
            preview,
            allow_204: head.lists("allow", "204"),
            words: words.chars().take(200).map(printable).collect(),
        })
    }
}

impl Line {
    async fn open(at: &IcapAddress) -> Result<Self, ScannerError> {
        let opening = TcpStream::connect(at.socket);
        let way = match tokio::time::timeout(KNOCK_MAX, opening).await {
            Ok(opened) => opened.map_err(ScannerError::Away)?,
            Err(_elapsed) => return Err(ScannerError::Away(io::ErrorKind::TimedOut.into())),
        };
        let (reading, writing) = way.into_split();
        Ok(Self { reading: Reading::of(reading), writing })
    }

    /// Sends this, unless the server speaks or hangs up before: then what became of it.
    async fn put(&mut self, bytes: &[u8]) -> Option<Result<(), io::Error>> {
        tokio::select! {
            biased;
            // An answer that is there already was not made of what is sent now.
            _heard = self.reading.more() => Some(Ok(())),
            written = self.writing.write_all(bytes) => written.err().map(Err),
        }
    }
}

/// All that comes before a file's first chunk.
fn opening(at: &IcapAddress, offer: &Offer, size: u64) -> String {
    let about = format!("Content-Type: application/octet-stream\r\nContent-Length: {size}\r\n\r\n");
    let (method, encapsulated, inner) = match offer.method {
        Method::Respmod => {
            let request = "GET /file HTTP/1.1\r\nHost: wellhouse.invalid\r\n\r\n";
            let response = format!("HTTP/1.1 200 OK\r\n{about}");
            let (first, second) = (request.len(), request.len() + response.len());
            let told = format!("req-hdr=0, res-hdr={first}, res-body={second}");
            ("RESPMOD", told, format!("{request}{response}"))
        }
        Method::Reqmod => {
            let request = format!("POST /file HTTP/1.1\r\nHost: wellhouse.invalid\r\n{about}");
            ("REQMOD", format!("req-hdr=0, req-body={}", request.len()), request)
        }
    };
    let allow = if offer.allow_204 { "Allow: 204\r\n" } else { "" };
    let preview = offer.preview.map(|bytes| format!("Preview: {bytes}\r\n")).unwrap_or_default();
    format!(
        "{method} {at} ICAP/1.0\r\nHost: {}\r\nUser-Agent: Wellhouse\r\nConnection: close\r\n\
         {allow}{preview}Encapsulated: {encapsulated}\r\n\r\n{inner}",
        at.socket
    )
}

impl Transfer {
    /// Begins to hand a file over.
    pub(super) async fn begin(at: &IcapAddress, size: u64) -> Result<Self, ScannerError> {
        let offer = ask(at).await?;
        let mut line = Line::open(at).await?;
        let opening = opening(at, &offer, size);
        line.writing.write_all(opening.as_bytes()).await.map_err(ScannerError::BrokeOff)?;
        let phase = offer.preview.map_or(Phase::Rest, Phase::Preview);
        Ok(Self { line, offer, phase, size, sent: Sum::default() })
    }

    /// Hands on what came. An answer before the end is the answer to the whole.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<Option<Answer>, ScannerError> {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.phase == Phase::Preview(0)
                && let Some(answer) = self.previewed().await?
            {
                return Ok(Some(answer));
            }
            let most = match self.phase {
                Phase::Preview(left) => usize::try_from(left).unwrap_or(BLOCK_BYTES_MAX),
                Phase::Rest => BLOCK_BYTES_MAX,
            };
            let (block, after) = rest.split_at(most.min(BLOCK_BYTES_MAX).min(rest.len()));
            rest = after;
            self.sent.add(block);
            if let Phase::Preview(left) = &mut self.phase {
                *left = left.saturating_sub(u64::try_from(block.len()).unwrap_or(u64::MAX));
            }
            let size = format!("{:x}\r\n", block.len());
            let chunk = [size.as_bytes(), block, b"\r\n"].concat();
            if let Some(answer) = self.put(&chunk).await? {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    /// Ends the preview before the end of the file. `None`: the rest is wanted.
    async fn previewed(&mut self) -> Result<Option<Answer>, ScannerError> {
        if let Some(answer) = self.put(b"0\r\n\r\n").await? {
            return Ok(Some(answer));
        }
        let head = self.line.reading.head().await?;
        if head.status(&["ICAP/1.0"])? != 100 {
            return self.judge(&head, false).await.map(Some);
        }
        if !self.line.reading.is_spent() {
            return Err(ScannerError::nonsense("more than 100 Continue"));
        }
        self.phase = Phase::Rest;
        Ok(None)
    }

    /// Sends this. An answer that came before counts for what it has against the file alone.
    async fn put(&mut self, bytes: &[u8]) -> Result<Option<Answer>, ScannerError> {
        let Some(early) = self.line.put(bytes).await else { return Ok(None) };
        match (self.answer(false).await, early) {
            (Ok(answer), _) => Ok(Some(answer)),
            (Err(told @ (ScannerError::Unready(_) | ScannerError::Failed(_))), _) => Err(told),
            (Err(_said_nothing), Err(error)) => Err(ScannerError::BrokeOff(error)),
            (Err(error), Ok(())) => Err(error),
        }
    }

    /// Says that this was all, and reads what the server says of it.
    pub(super) async fn finish(mut self) -> Result<Answer, ScannerError> {
        if self.sent.bytes != self.size {
            return Err(ScannerError::BrokeOff(io::ErrorKind::UnexpectedEof.into()));
        }
        let end: &[u8] = match self.phase {
            Phase::Preview(_) => b"0; ieof\r\n\r\n",
            Phase::Rest => b"0\r\n\r\n",
        };
        match self.put(end).await? {
            Some(answer) => Ok(answer),
            None => self.answer(true).await,
        }
    }

    async fn answer(&mut self, whole: bool) -> Result<Answer, ScannerError> {
        let head = self.line.reading.head().await?;
        self.judge(&head, whole).await
    }

    async fn judge(&mut self, head: &Head, whole: bool) -> Result<Answer, ScannerError> {
        let in_preview = matches!(self.phase, Phase::Preview(_));
        let question = Question {
            method: self.offer.method,
            // After a preview it may say so unasked. Source: RFC 3507, 4.5.
            allow_204: self.offer.allow_204 || in_preview,
            whole,
            sent: self.sent.clone(),
        };
        answer::read(&mut self.line.reading, head, question).await
    }
}
