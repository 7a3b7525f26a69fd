//! `aws-chunked`: chunks with or without signatures, and trailers with or without one.
//!
//! Nothing is buffered but the piece that is held back: a chunk is hashed as it passes, however
//! large it is.
//!
//! Source: S3 API Reference, "Signature calculations for the Authorization header: Transferring
//! payload in multiple chunks", and "… trailing headers (chunked uploads)".

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use http::HeaderMap;
use sha2::{Digest, Sha256};

use super::payload::{PayloadForm, RawBody, Trailers, announced};
use super::{PayloadError, SigningKey};

/// The longest line of framing, in bytes.
const LINE_BYTES_MAX: usize = 1024;
/// How many trailers a body may carry.
const TRAILERS_MAX: usize = 16;
const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The chain of chunk signatures: each covers the one before it.
struct Chain {
    key: SigningKey,
    previous: [u8; 32],
}

impl Chain {
    fn chunk(&mut self, digest: &str, signature: [u8; 32]) -> Result<(), PayloadError> {
        let rest = format!("{}\n{EMPTY_SHA256}\n{digest}", hex::encode(self.previous));
        if !self.key.verifies("AWS4-HMAC-SHA256-PAYLOAD", &rest, &signature) {
            return Err(PayloadError::ChunkSignature);
        }
        self.previous = signature;
        Ok(())
    }

    fn trailer(&self, text: &str, signature: &[u8; 32]) -> Result<(), PayloadError> {
        let digest = hex::encode(Sha256::digest(text.as_bytes()));
        let rest = format!("{}\n{digest}", hex::encode(self.previous));
        if self.key.verifies("AWS4-HMAC-SHA256-TRAILER", &rest, signature) {
            return Ok(());
        }
        Err(PayloadError::TrailerSignature)
    }
}

/// Where the decoder stands.
enum Stand {
    Line,
    Data { left: u64, signature: Option<[u8; 32]> },
    Done,
}

struct Decoder {
    body: RawBody,
    pending: Bytes,
    stand: Stand,
    digest: Sha256,
    chain: Option<Chain>,
    /// Decoded bytes that are still to come, by `x-amz-decoded-content-length`.
    left: u64,
    announced: Vec<String>,
    trailers: Trailers,
    held: Option<Bytes>,
    /// The piece before the one that is held back.
    ready: Option<Bytes>,
}

/// What a chunked body is decoded with.
pub(crate) struct Chunking<'a> {
    pub(crate) form: &'a PayloadForm,
    /// The key and the request's own signature, with which the chain begins.
    pub(crate) key: Option<(SigningKey, [u8; 32])>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) decoded_length: u64,
}

/// Decodes an `aws-chunked` body. It must hold exactly the announced number of bytes and exactly
/// the announced trailers, and end with its last chunk.
pub(crate) fn decode(body: RawBody, chunking: Chunking<'_>) -> (RawBody, Trailers) {
    let signed = *chunking.form != PayloadForm::UnsignedChunksWithTrailer;
    let trailers = Trailers::default();
    let decoder = Decoder {
        body,
        pending: Bytes::new(),
        stand: Stand::Line,
        digest: Sha256::new(),
        chain: chunking.key.filter(|_| signed).map(|(key, previous)| Chain { key, previous }),
        left: chunking.decoded_length,
        announced: if chunking.form.has_trailer() { announced(chunking.headers) } else { vec![] },
        trailers: trailers.clone(),
        held: None,
        ready: None,
    };
    let pieces = stream::try_unfold(decoder, |mut decoder| async move {
        Ok(decoder.next().await?.map(|piece| (piece, decoder)))
    });
    (Box::pin(pieces), trailers)
}

impl Decoder {
    /// The next verified piece: the one before the newest, or the last one once all has ended well.
    async fn next(&mut self) -> Result<Option<Bytes>, PayloadError> {
        loop {
            match self.stand {
                Stand::Line => self.line_of_chunk().await?,
                Stand::Data { left: 0, signature } => self.end_of_chunk(signature).await?,
                Stand::Data { left, signature } => self.data(left, signature).await?,
                Stand::Done => return Ok(self.held.take()),
            }
            if self.ready.is_some() {
                return Ok(self.ready.take());
            }
        }
    }

    async fn line_of_chunk(&mut self) -> Result<(), PayloadError> {
        let line = self.line().await?.ok_or(PayloadError::Length)?;
        let (size, signature) = chunk_line(&line)?;
        if signature.is_some() != self.chain.is_some() {
            return Err(PayloadError::ChunkFormat);
        }
        if size > 0 {
            self.left = self.left.checked_sub(size).ok_or(PayloadError::Length)?;
            self.stand = Stand::Data { left: size, signature };
            return Ok(());
        }
        if let (Some(chain), Some(signature)) = (&mut self.chain, signature) {
            chain.chunk(EMPTY_SHA256, signature)?;
        }
        if self.left != 0 {
            return Err(PayloadError::Length);
        }
        self.end().await?;
        self.stand = Stand::Done;
        Ok(())
    }

    async fn data(&mut self, left: u64, signature: Option<[u8; 32]>) -> Result<(), PayloadError> {
        if self.pending.is_empty() && !self.fill().await? {
            return Err(PayloadError::Length);
        }
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(self.pending.len());
        let piece = self.pending.split_to(wanted);
        if self.chain.is_some() {
            self.digest.update(&piece);
        }
        self.stand = Stand::Data { left: left.saturating_sub(piece.len() as u64), signature };
        self.ready = self.held.replace(piece);
        Ok(())
    }

    async fn end_of_chunk(&mut self, signature: Option<[u8; 32]>) -> Result<(), PayloadError> {
        if !self.line().await?.is_some_and(|line| line.is_empty()) {
            return Err(PayloadError::ChunkFormat);
        }
        if let (Some(chain), Some(signature)) = (&mut self.chain, signature) {
            chain.chunk(&hex::encode(self.digest.finalize_reset()), signature)?;
        }
        self.stand = Stand::Line;
        Ok(())
    }

    /// Reads what follows the last chunk: trailers, an empty line, and the end.
    async fn end(&mut self) -> Result<(), PayloadError> {
        let mut found = BTreeMap::new();
        let mut signature = None;
        while let Some(line) = self.line().await?.filter(|line| !line.is_empty()) {
            let text = std::str::from_utf8(&line).map_err(|_| PayloadError::Trailer)?;
            let (name, value) = text.split_once(':').ok_or(PayloadError::Trailer)?;
            let (name, value) = (name.to_ascii_lowercase(), value.trim().to_owned());
            if name == "x-amz-trailer-signature" && self.chain.is_some() && signature.is_none() {
                signature = Some(hex32(value.as_bytes()).ok_or(PayloadError::Trailer)?);
                continue;
            }
            if !self.announced.contains(&name) || found.insert(name, value).is_some() {
                return Err(PayloadError::Trailer);
            }
        }
        if found.len() != self.announced.len() || found.len() > TRAILERS_MAX {
            return Err(PayloadError::Trailer);
        }
        self.trailer_signature(&found, signature)?;
        if !self.pending.is_empty() || self.fill().await? {
            return Err(PayloadError::ChunkFormat);
        }
        self.trailers.fill(found);
        Ok(())
    }

    fn trailer_signature(
        &self,
        found: &BTreeMap<String, String>,
        signature: Option<[u8; 32]>,
    ) -> Result<(), PayloadError> {
        match (&self.chain, self.announced.is_empty(), signature) {
            (None, _, None) | (Some(_), true, None) => Ok(()),
            (Some(chain), false, Some(signature)) => {
                let lines: Vec<_> = found.iter().map(|(n, v)| format!("{n}:{v}\n")).collect();
                chain.trailer(&lines.concat(), &signature)
            }
            (None, _, Some(_)) | (Some(_), true, Some(_)) | (Some(_), false, None) => {
                Err(PayloadError::TrailerSignature)
            }
        }
    }

    /// Fetches more bytes; `false` when the body has ended.
    async fn fill(&mut self) -> Result<bool, PayloadError> {
        match self.body.next().await.transpose()? {
            Some(bytes) => {
                self.pending = bytes;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// One line without its end, `None` if the body has ended before its first byte.
    async fn line(&mut self) -> Result<Option<Bytes>, PayloadError> {
        let mut line = BytesMut::new();
        loop {
            let end = self.pending.iter().position(|&b| b == b'\n');
            line.extend_from_slice(&self.pending.split_to(end.unwrap_or(self.pending.len())));
            if line.len() > LINE_BYTES_MAX {
                return Err(PayloadError::ChunkFormat);
            }
            if end.is_some() {
                self.pending = self.pending.slice(1..);
                return Ok(Some(without_return(line)));
            }
            match (self.fill().await?, line.is_empty()) {
                (true, _) => {}
                (false, true) => return Ok(None),
                (false, false) => return Err(PayloadError::ChunkFormat),
            }
        }
    }
}

fn without_return(mut line: BytesMut) -> Bytes {
    if line.last() == Some(&b'\r') {
        line.truncate(line.len().saturating_sub(1));
    }
    line.freeze()
}

fn hex32(text: &[u8]) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    hex::decode_to_slice(text, &mut out).ok()?;
    Some(out)
}

/// `size` or `size;chunk-signature=…`, the size in hexadecimal.
fn chunk_line(line: &[u8]) -> Result<(u64, Option<[u8; 32]>), PayloadError> {
    let text = std::str::from_utf8(line).map_err(|_| PayloadError::ChunkFormat)?;
    let (size, extension) = text.split_once(';').map_or((text, None), |(s, e)| (s, Some(e)));
    let digits = (1..=16).contains(&size.len()) && size.bytes().all(|b| b.is_ascii_hexdigit());
    let size = u64::from_str_radix(size, 16).ok().filter(|_| digits);
    let signature = extension
        .map(|e| e.strip_prefix("chunk-signature=").and_then(|s| hex32(s.as_bytes())))
        .map(|signature| signature.ok_or(PayloadError::ChunkFormat))
        .transpose()?;
    Ok((size.ok_or(PayloadError::ChunkFormat)?, signature))
}
