//! A request's body: how it was signed, and a stream that ends well only if it was what was signed.
//!
//! Invariant: the last piece of a body is held back until the whole body has been verified, so a
//! reader that has all bytes has proof of them.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, stream};
use http::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use sha2::{Digest, Sha256};

use super::{PayloadError, SignatureError};

/// How long a client may pause within a body.
const PAUSE_MAX: Duration = Duration::from_mins(1);

/// How a body was signed: the meaning of `x-amz-content-sha256`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PayloadForm {
    Unsigned,
    /// The whole body's SHA-256, 64 lower-case hexadecimal digits.
    Hash(String),
    SignedChunks,
    SignedChunksWithTrailer,
    UnsignedChunksWithTrailer,
}

impl PayloadForm {
    /// Reads the value of `x-amz-content-sha256`.
    pub(crate) fn parse(value: &str) -> Result<Self, SignatureError> {
        let hash = |v: &str| {
            v.len() == 64 && v.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
        };
        match value {
            "UNSIGNED-PAYLOAD" => Ok(Self::Unsigned),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => Ok(Self::SignedChunks),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => Ok(Self::SignedChunksWithTrailer),
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Ok(Self::UnsignedChunksWithTrailer),
            value if hash(value) => Ok(Self::Hash(value.to_owned())),
            _ => Err(SignatureError::PayloadHashInvalid),
        }
    }

    /// The value as it stands in the canonical request.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Unsigned => "UNSIGNED-PAYLOAD",
            Self::Hash(hash) => hash,
            Self::SignedChunks => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            Self::SignedChunksWithTrailer => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            Self::UnsignedChunksWithTrailer => "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        }
    }

    /// Whether the body comes in `aws-chunked` framing.
    pub(crate) fn is_chunked(&self) -> bool {
        match self {
            Self::Unsigned | Self::Hash(_) => false,
            Self::SignedChunks
            | Self::SignedChunksWithTrailer
            | Self::UnsignedChunksWithTrailer => true,
        }
    }

    /// Whether headers follow the body.
    pub(crate) fn has_trailer(&self) -> bool {
        match self {
            Self::Unsigned | Self::Hash(_) | Self::SignedChunks => false,
            Self::SignedChunksWithTrailer | Self::UnsignedChunksWithTrailer => true,
        }
    }
}

/// A body as bytes, verified or on the way to it.
pub(crate) type RawBody = Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>> + Send>>;

/// The first thing that was wrong with a body, kept where the door can find it after the reader
/// has wrapped it in errors of its own.
#[derive(Debug, Clone, Default)]
pub(crate) struct BodyFault(Arc<OnceLock<PayloadError>>);

impl BodyFault {
    /// What was wrong, if anything was.
    pub(crate) fn get(&self) -> Option<PayloadError> {
        self.0.get().copied()
    }

    /// Notes the errors that pass through `body`.
    pub(crate) fn watch(&self, body: RawBody) -> RawBody {
        let slot = Arc::clone(&self.0);
        Box::pin(body.inspect(move |piece| {
            if let Err(error) = piece {
                slot.get_or_init(|| *error);
            }
        }))
    }
}

/// Headers that follow a body, to be read when it has ended. Names are lower-case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trailers(Arc<Mutex<BTreeMap<String, String>>>);

impl Trailers {
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    pub(super) fn fill(&self, headers: BTreeMap<String, String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = headers;
    }
}

/// The names that `x-amz-trailer` announces, in lower case.
pub(crate) fn announced(headers: &HeaderMap) -> Vec<String> {
    let text = headers.get("x-amz-trailer").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let names = text.split(',').map(|n| n.trim().to_ascii_lowercase());
    names.filter(|n| !n.is_empty()).collect()
}

/// A request's body on its way, and whether all of it has come.
#[derive(Debug)]
pub(crate) struct Arriving {
    body: Incoming,
    whole: Arc<AtomicBool>,
}

/// Whether all of a request's body has come.
#[derive(Debug, Clone)]
pub(crate) struct HasCome(Arc<AtomicBool>);

impl HasCome {
    /// Whether it has by now.
    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Arriving {
    /// A body that nobody has read of.
    pub(crate) fn new(body: Incoming) -> (Self, HasCome) {
        let whole = Arc::new(AtomicBool::new(body.is_end_stream()));
        (Self { body, whole: Arc::clone(&whole) }, HasCome(whole))
    }

    /// The next bytes; a client that pauses too long is cut off.
    async fn next(&mut self) -> Option<Result<Bytes, PayloadError>> {
        loop {
            let Ok(next) = tokio::time::timeout(PAUSE_MAX, self.body.frame()).await else {
                return Some(Err(PayloadError::Stalled));
            };
            if next.is_none() || self.body.is_end_stream() {
                self.whole.store(true, Ordering::Release);
            }
            match next?.map(hyper::body::Frame::into_data) {
                Ok(Ok(data)) if data.is_empty() => {}
                Ok(Ok(data)) => return Some(Ok(data)),
                Ok(Err(_trailers)) => {}
                Err(_) => return Some(Err(PayloadError::Broken)),
            }
        }
    }
}

/// The bytes of a request as they come from the wire.
pub(crate) fn from_wire(body: Arriving) -> RawBody {
    Box::pin(stream::unfold(body, |mut body| async { Some((body.next().await?, body)) }))
}

/// A body as a whole, if it has at most `bytes_max`.
pub(crate) async fn whole(mut body: RawBody, bytes_max: usize) -> Result<Bytes, PayloadError> {
    let mut gathered = BytesMut::new();
    while let Some(piece) = body.next().await.transpose()? {
        gathered.extend_from_slice(&piece);
        if gathered.len() > bytes_max {
            return Err(PayloadError::TooLong);
        }
    }
    Ok(gathered.freeze())
}

struct Hashed {
    body: RawBody,
    digest: Sha256,
    hash: String,
    held: Option<Bytes>,
    done: bool,
}

/// A body whose SHA-256 must be `hash`.
pub(crate) fn check_hash(body: RawBody, hash: String) -> RawBody {
    let hashed = Hashed { body, digest: Sha256::new(), hash, held: None, done: false };
    Box::pin(stream::try_unfold(hashed, |mut hashed| async move {
        Ok(hashed.next().await?.map(|piece| (piece, hashed)))
    }))
}

impl Hashed {
    /// The piece before the newest, or the last one once the whole body has its hash.
    async fn next(&mut self) -> Result<Option<Bytes>, PayloadError> {
        while !self.done {
            let Some(piece) = self.body.next().await.transpose()? else {
                self.done = true;
                let found = hex::encode(self.digest.finalize_reset());
                let proven = found == self.hash;
                return proven.then(|| self.held.take()).ok_or(PayloadError::Sha256Mismatch);
            };
            self.digest.update(&piece);
            if let Some(earlier) = self.held.replace(piece) {
                return Ok(Some(earlier));
            }
        }
        Ok(None)
    }
}
