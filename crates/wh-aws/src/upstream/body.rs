//! Bodies on their way to the upstream store and from it: block by block, never whole.
//!
//! Invariant: the last block of a body is handed on only when all of it is what was announced. What is
//! not stays incomplete for the upstream, which drops it.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream as SdkStream;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use tokio::sync::Notify;
use wh_objects::{BodyCheck, ByteStream, StoreError};

use crate::streamed::{Blocks, streamed};

/// How long the upstream may take to answer once it has the last byte of a body.
const ANSWER_MAX: Duration = Duration::from_mins(2);

/// What became of a body that is under way.
#[derive(Debug, Clone, Default)]
pub(super) struct Fate {
    refused: Arc<Mutex<Option<StoreError>>>,
    ended: Arc<Notify>,
}

impl Fate {
    /// Why the body was not handed on whole, where it was not.
    pub(super) fn refused(&self) -> Option<StoreError> {
        self.refused.lock().ok()?.take()
    }

    fn refuse(&self, error: StoreError) -> io::Error {
        let told = io::Error::other(error.to_string());
        if let Ok(mut refused) = self.refused.lock() {
            *refused = Some(error);
        }
        told
    }

    /// Waits for the answer to a body: without limit while its bytes come, for they may come slowly,
    /// and for two minutes after the last.
    pub(super) async fn answered<T>(&self, call: impl Future<Output = T>) -> Result<T, StoreError> {
        let late = async {
            self.ended.notified().await;
            tokio::time::sleep(ANSWER_MAX).await;
        };
        tokio::select! {
            answer = call => Ok(answer),
            () = late => {
                let what = "no answer within two minutes of the last byte".to_owned();
                Err(StoreError::Unreachable { what })
            }
        }
    }
}

/// A body of `size` bytes for the SDK.
pub(super) async fn outgoing(
    body: ByteStream,
    (check, size): (BodyCheck, u64),
    fate: &Fate,
) -> Result<SdkStream, StoreError> {
    let mut blocks: Blocks = Box::pin(checked(body, check, fate.clone()));
    if size == 0 {
        // Nobody asks a body of no bytes for its blocks: it is judged here.
        while let Some(block) = blocks.next().await {
            block.map_err(|error| fate.refused().unwrap_or_else(|| broken_off(error)))?;
        }
        return Ok(SdkStream::from_static(b""));
    }
    Ok(streamed(blocks, size))
}

fn broken_off(error: io::Error) -> StoreError {
    StoreError::Body(Box::new(error))
}

/// The blocks of a body, each when the next has come, and the last when all of it was judged.
fn checked(
    body: ByteStream,
    check: BodyCheck,
    fate: Fate,
) -> impl Stream<Item = Result<Bytes, io::Error>> + Send {
    let start = Checked { body, check: Some(check), held: None, fate };
    futures::stream::unfold(start, async |mut checked| {
        let block = checked.next().await?;
        Some((block, checked))
    })
}

/// A body that is being judged.
struct Checked {
    body: ByteStream,
    check: Option<BodyCheck>,
    held: Option<Bytes>,
    fate: Fate,
}

impl Checked {
    async fn next(&mut self) -> Option<Result<Bytes, io::Error>> {
        if self.held.is_none() {
            self.check.as_ref()?;
            match self.take().await {
                Ok(first) => self.held = first,
                Err(error) => return Some(Err(self.give_up(error))),
            }
        }
        // The block at hand goes on when there is another, or when all was judged.
        let block = self.held.take()?;
        if self.check.is_some() {
            match self.take().await {
                Ok(next) => self.held = next,
                Err(error) => return Some(Err(self.give_up(error))),
            }
        }
        Some(Ok(block))
    }

    fn give_up(&mut self, error: StoreError) -> io::Error {
        (self.check, self.held) = (None, None);
        self.fate.refuse(error)
    }

    /// The next block that holds something; none when all was judged.
    async fn take(&mut self) -> Result<Option<Bytes>, StoreError> {
        while let Some(block) = self.body.next().await {
            let block = block.map_err(StoreError::Body)?;
            self.check.as_mut().map_or(Ok(()), |check| check.update(&block))?;
            if !block.is_empty() {
                return Ok(Some(block));
            }
        }
        self.check.take().map_or(Ok(()), BodyCheck::finish)?;
        self.fate.ended.notify_one();
        Ok(None)
    }
}

/// A body from the upstream. That it ends early, or is not what its checksum says, is an error in it.
pub(super) fn incoming(body: SdkStream, size: u64) -> ByteStream {
    Box::pin(futures::stream::unfold((body, size, false), async |(mut body, left, failed)| {
        if failed {
            return None;
        }
        match body.next().await {
            Some(Ok(block)) => {
                let left = left.saturating_sub(block.len() as u64);
                Some((Ok(block), (body, left, false)))
            }
            Some(Err(error)) => Some((Err(error.into()), (body, left, true))),
            None if left > 0 => {
                let short = format!("the upstream store ended {left} bytes early");
                Some((Err(short.into()), (body, left, true)))
            }
            None => None,
        }
    }))
}
