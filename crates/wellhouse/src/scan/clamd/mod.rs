//! clamd's protocol, as far as it is needed: `PING`, `VERSION` and `INSTREAM`.
//!
//! A file is handed on in blocks as it comes from the store, and never held. Source: clamd(8),
//! "COMMANDS".

#[cfg(test)]
mod tests;

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

use super::scanner::{Answer, BLOCK_BYTES_MAX, KNOCK_MAX, ScannerError};
use crate::config::ClamdAddress;

/// The longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 4096;

/// A connection, of either kind.
trait Way: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Way for T {}

/// A file that is being handed over.
pub(super) struct Instream {
    way: Box<dyn Way>,
}

/// Whether somebody is there, and which signatures they have.
pub(super) async fn version(at: &ClamdAddress) -> Result<String, ScannerError> {
    let pong = ask(at, b"zPING\0").await?;
    if pong != "PONG" {
        return Err(ScannerError::Nonsense(pong));
    }
    ask(at, b"zVERSION\0").await
}

/// Whether somebody is there.
pub(super) async fn ping(at: &ClamdAddress) -> Result<(), ScannerError> {
    match ask(at, b"zPING\0").await? {
        pong if pong == "PONG" => Ok(()),
        other => Err(ScannerError::Nonsense(other)),
    }
}

async fn ask(at: &ClamdAddress, command: &[u8]) -> Result<String, ScannerError> {
    let asking = async {
        let mut way = connect(at).await?;
        way.write_all(command).await.map_err(ScannerError::BrokeOff)?;
        answer(&mut *way).await
    };
    tokio::time::timeout(KNOCK_MAX, asking).await.unwrap_or(Err(ScannerError::Silent))
}

async fn connect(at: &ClamdAddress) -> Result<Box<dyn Way>, ScannerError> {
    let opening = async {
        let way: Box<dyn Way> = match at {
            ClamdAddress::Tcp(address) => Box::new(TcpStream::connect(address).await?),
            ClamdAddress::Unix(path) => Box::new(UnixStream::connect(path).await?),
        };
        Ok::<_, io::Error>(way)
    };
    match tokio::time::timeout(KNOCK_MAX, opening).await {
        Ok(opened) => opened.map_err(ScannerError::Away),
        Err(_elapsed) => Err(ScannerError::Away(io::ErrorKind::TimedOut.into())),
    }
}

/// What comes until a zero byte or the end.
async fn answer(way: &mut (dyn Way + '_)) -> Result<String, ScannerError> {
    let mut bytes = Vec::new();
    let mut limited = way.take(ANSWER_BYTES_MAX);
    loop {
        let read = limited.read_buf(&mut bytes).await.map_err(ScannerError::BrokeOff)?;
        if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
            bytes.truncate(end);
            break;
        }
        if read == 0 {
            break;
        }
    }
    if bytes.is_empty() {
        return Err(ScannerError::BrokeOff(io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

impl Instream {
    /// Begins to hand a file over.
    pub(super) async fn begin(at: &ClamdAddress) -> Result<Self, ScannerError> {
        let mut way = connect(at).await?;
        way.write_all(b"zINSTREAM\0").await.map_err(ScannerError::BrokeOff)?;
        Ok(Self { way })
    }

    /// Hands on what came. An answer before the end is the answer to the whole: clamd has enough.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<Option<Answer>, ScannerError> {
        for block in bytes.chunks(BLOCK_BYTES_MAX) {
            let size = u32::try_from(block.len()).unwrap_or_default();
            let sent = async {
                self.way.write_all(&size.to_be_bytes()).await?;
                self.way.write_all(block).await
            };
            if let Err(error) = sent.await {
                // It hangs up where it has seen enough, and says why before it does.
                return match answer(&mut *self.way).await {
                    Ok(told) => read(&told).map(Some),
                    Err(_said_nothing) => Err(ScannerError::BrokeOff(error)),
                };
            }
        }
        Ok(None)
    }

    /// Says that this was all, and reads what clamd says of it.
    pub(super) async fn finish(mut self) -> Result<Answer, ScannerError> {
        let ended = self.way.write_all(&[0; 4]).await;
        match (answer(&mut *self.way).await, ended) {
            (Ok(told), _) => read(&told),
            (Err(_), Err(error)) => Err(ScannerError::BrokeOff(error)),
            (Err(error), Ok(())) => Err(error),
        }
    }
}

/// What an answer means. What is not known for certain to be clean is not clean.
fn read(told: &str) -> Result<Answer, ScannerError> {
    if told == "stream: OK" {
        return Ok(Answer::Clean);
    }
    if told == "INSTREAM size limit exceeded. ERROR" {
        let why = "clamd takes no files that large: see its StreamMaxLength";
        return Ok(Answer::Unscanned(why.to_owned()));
    }
    let found = told.strip_prefix("stream: ").and_then(|told| told.strip_suffix(" FOUND"));
    match found.map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => Ok(Answer::Found(name.to_owned())),
        None => Err(ScannerError::nonsense(told)),
    }
}
