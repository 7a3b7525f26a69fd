//! Bodies that are sent as they come, block by block, never whole; among them parts of uploads.

use std::io;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::time::Duration;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use bytes::Bytes;
use futures::stream::{BoxStream, Fuse};
use futures::{Stream, StreamExt};
use http_body::{Body, Frame, SizeHint};
use wh_names::{BucketName, ObjectKey};

use crate::error::{AwsError, sort};
use crate::objects::ObjectClient;
use crate::sessions::RoleSession;

/// The blocks of a body.
pub(crate) type Blocks = Pin<Box<dyn Stream<Item = Result<Bytes, io::Error>> + Send>>;

/// How long the sending of one part may take: a gigabyte over a slow line. The listener ends before
/// that what stands still.
const PART_TIME_MAX: Duration = Duration::from_hours(1);

/// Exactly these bytes as a part of an upload; its body comes beside.
#[derive(Debug, Clone)]
pub struct PartToSend {
    /// As `create_multipart` returned it.
    pub upload_id: String,
    /// 1–10,000.
    pub n: u16,
    /// In bytes.
    pub size: u64,
    /// The CRC-64/NVME of the part, in base64; the store verifies it.
    pub crc64nvme: String,
}

impl ObjectClient {
    /// Sends a part as its bytes come, once: they cannot be had a second time.
    pub async fn send_part(
        &self,
        session: &RoleSession,
        (bucket, key): (&BucketName, &ObjectKey),
        part: PartToSend,
        bytes: BoxStream<'static, io::Result<Bytes>>,
    ) -> Result<(), AwsError> {
        let patient = aws_sdk_s3::config::Builder::new()
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().operation_timeout(PART_TIME_MAX).build());
        let call = session
            .s3()
            .upload_part()
            .bucket(bucket.as_str())
            .key(key.as_str())
            .upload_id(part.upload_id)
            .part_number(i32::from(part.n))
            .content_length(i64::try_from(part.size).map_err(AwsError::malformed)?)
            .checksum_crc64_nvme(part.crc64nvme)
            .body(streamed(bytes, part.size));
        call.customize().config_override(patient).send().await.map_err(sort)?;
        Ok(())
    }
}

/// A body of `size` bytes for the SDK.
pub(crate) fn streamed(blocks: Blocks, size: u64) -> ByteStream {
    if size == 0 {
        return ByteStream::from_static(b"");
    }
    // Over HTTP/2 a body is asked once more after its end, which most streams do not bear.
    let blocks = Mutex::new(blocks.fuse());
    ByteStream::new(SdkBody::from_body_1_x(Streamed { blocks, size }))
}

/// The SDK wants bodies that threads may share. Nobody does: the lock is never waited for.
struct Streamed {
    blocks: Mutex<Fuse<Blocks>>,
    size: u64,
}

impl Body for Streamed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let Ok(blocks) = self.blocks.get_mut() else {
            return Poll::Ready(Some(Err(io::Error::other("the body was left in the middle"))));
        };
        blocks.poll_next_unpin(context).map(|block| Some(block?.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.size)
    }
}
