//! A reader who takes next to nothing keeps no archive open: each that is read holds a place.
//!
//! Time is counted from when the writer has to wait; whoever takes [`LEAST_BYTES`] in [`PATIENCE`], or has
//! room before more is there, is not waited for.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::AsyncWrite;
use tokio::time::{Sleep, sleep};

/// How long a reader may take for [`LEAST_BYTES`].
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// What is to be taken in that time, in bytes: a kilobyte a second, or so.
const LEAST_BYTES: usize = 64 * 1024;

/// Writes to somebody who reads; where they do not, an error of the kind `TimedOut` ends it.
pub(super) struct Patient<W> {
    out: W,
    patience: Duration,
    waiting: Option<Waiting>,
}

struct Waiting {
    end: Pin<Box<Sleep>>,
    taken: usize,
    /// Whether the writer waits at this moment.
    now: bool,
}

impl<W> Patient<W> {
    /// `patience` is how long a reader may take for [`LEAST_BYTES`].
    pub(super) fn with(out: W, patience: Duration) -> Self {
        Self { out, patience, waiting: None }
    }

    fn waits<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        let waiting = self.waiting.get_or_insert_with(|| Waiting {
            end: Box::pin(sleep(self.patience)),
            taken: 0,
            now: true,
        });
        waiting.now = true;
        ready!(waiting.end.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the reader takes nothing")))
    }

    fn took(&mut self, bytes: usize) {
        let Some(waiting) = &mut self.waiting else { return };
        waiting.taken = waiting.taken.saturating_add(bytes);
        if !waiting.now || waiting.taken >= LEAST_BYTES {
            self.waiting = None;
        } else {
            waiting.now = false;
        }
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Patient<W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.out).poll_write(cx, bytes) {
            Poll::Ready(Ok(written)) => {
                self.took(written);
                Poll::Ready(Ok(written))
            }
            Poll::Ready(Err(why)) => Poll::Ready(Err(why)),
            Poll::Pending => self.waits(cx),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.out).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.out).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
    use tokio::time::{Instant, sleep};

    use super::{LEAST_BYTES, Patient};

    const PATIENCE: Duration = Duration::from_millis(400);

    /// Writes to somebody who reads `piece` bytes twenty times a second, or so; how it ended, and when.
    async fn written_to(piece: usize) -> (io::Result<()>, Duration) {
        let (into, out) = tokio::io::duplex(LEAST_BYTES / 4);
        let reader = tokio::spawn(read(out, piece));
        let (mut writer, since) = (Patient::with(into, PATIENCE), Instant::now());
        let done = writer.write_all(&vec![0; 4 * LEAST_BYTES]).await;
        reader.abort();
        (done, since.elapsed())
    }

    async fn read(mut out: DuplexStream, piece: usize) {
        let mut taken = vec![0; piece];
        while out.read_exact(&mut taken).await.is_ok() {
            sleep(Duration::from_millis(50)).await;
        }
    }

    #[tokio::test]
    async fn who_takes_next_to_nothing_is_not_waited_for() {
        for piece in [1, 1_000] {
            let (done, _) = written_to(piece).await;
            let why = done.expect_err("too slow");
            assert_eq!(why.kind(), io::ErrorKind::TimedOut, "{piece}");
        }
    }

    #[tokio::test]
    async fn who_is_slow_gets_all_of_it() {
        let (done, after) = written_to(LEAST_BYTES / 4).await;
        done.expect("written");
        assert!(after > PATIENCE, "{after:?}");
    }

    #[tokio::test]
    async fn who_has_room_is_not_taken_for_slow_when_the_writer_is() {
        let (into, mut out) = tokio::io::duplex(100);
        let mut writer = Patient::with(into, PATIENCE);
        let reader = tokio::spawn(async move {
            let mut all = Vec::new();
            out.read_to_end(&mut all).await.map(|_| all.len())
        });
        for _ in 0..3 {
            writer.write_all(&[0; 250]).await.expect("written");
            sleep(PATIENCE + Duration::from_millis(100)).await;
        }
        drop(writer);
        assert_eq!(reader.await.expect("it ran").expect("read"), 750);
    }
}
