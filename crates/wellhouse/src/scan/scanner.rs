//! The scanner that is configured, clamd or one that speaks ICAP: asked and handed files in the same way.
//!
//! Invariant: what is not understood is an error or [`Answer::Unscanned`], never [`Answer::Clean`].

use std::io;
use std::time::Duration;

use super::clamd::{self, Instream};
use super::icap::{self, Transfer};
use crate::config::ScannerAddress;

/// How long it is waited for a connection, and for an answer to what needs no work.
pub(super) const KNOCK_MAX: Duration = Duration::from_secs(5);

/// The largest block in which a file is handed on, in bytes.
pub(super) const BLOCK_BYTES_MAX: usize = 256 * 1024;

/// What a scanner says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It knows nothing against it.
    Clean,
    /// It knows it by this name.
    Found(String),
    /// It did not look at all of it, for this reason; another time it would not, either.
    Unscanned(String),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScannerError {
    /// Nobody is there: no fault of the file.
    #[error("the scanner does not answer: {0}")]
    Away(#[source] io::Error),
    /// It is there and does not offer to scan: no fault of the file.
    #[error("the scanner cannot scan: {0}")]
    Unready(String),
    /// It took the file and failed on it: its own fault, or that of this one file.
    #[error("the scanner failed: {0}")]
    Failed(String),
    /// It broke off.
    #[error("the scanner broke off: {0}")]
    BrokeOff(#[source] io::Error),
    /// What it said is no answer.
    #[error("the scanner said `{0}`, which is no answer")]
    Nonsense(String),
    /// It said nothing in time.
    #[error("the scanner said nothing in time")]
    Silent,
}

impl ScannerError {
    /// What was said that is no answer, as far as it is worth telling.
    pub(super) fn nonsense(told: &str) -> Self {
        Self::Nonsense(told.chars().take(200).map(printable).collect())
    }
}

/// A character as it may stand in a log.
pub(super) fn printable(letter: char) -> char {
    if letter.is_control() { ' ' } else { letter }
}

/// Who answers, and by what: for people to read.
pub(crate) async fn version(at: &ScannerAddress) -> Result<String, ScannerError> {
    match at {
        ScannerAddress::Clamd(at) => clamd::version(at).await,
        ScannerAddress::Icap(at) => icap::version(at).await,
    }
}

/// Whether somebody is there who scans.
pub(super) async fn ping(at: &ScannerAddress) -> Result<(), ScannerError> {
    match at {
        ScannerAddress::Clamd(at) => clamd::ping(at).await,
        ScannerAddress::Icap(at) => icap::version(at).await.map(drop),
    }
}

/// A file that is being handed over.
pub(super) enum Handing {
    Clamd(Instream),
    Icap(Box<Transfer>),
}

impl Handing {
    /// Begins to hand a file over, of so many bytes.
    pub(super) async fn begin(at: &ScannerAddress, size: u64) -> Result<Self, ScannerError> {
        match at {
            ScannerAddress::Clamd(at) => Ok(Self::Clamd(Instream::begin(at).await?)),
            ScannerAddress::Icap(at) => Ok(Self::Icap(Box::new(Transfer::begin(at, size).await?))),
        }
    }

    /// Hands on what came. An answer before the end is the answer to the whole: more is not wanted.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<Option<Answer>, ScannerError> {
        match self {
            Self::Clamd(file) => file.send(bytes).await,
            Self::Icap(file) => file.send(bytes).await,
        }
    }

    /// Says that this was all, and reads what the scanner says of it.
    pub(super) async fn finish(self) -> Result<Answer, ScannerError> {
        match self {
            Self::Clamd(file) => file.finish().await,
            Self::Icap(file) => file.finish().await,
        }
    }
}
