//! Asking the server.

use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use super::{Answer, LINE_BYTES_MAX, Request, path};

/// Asks the server of a data folder, and waits for what it comes to, or until `on_progress` wants no
/// more; `None` when none runs.
pub(crate) async fn ask(
    data: &Path,
    request: &Request,
    on_progress: &mut (dyn FnMut(&Value) -> ControlFlow<()> + Send),
) -> Result<Option<Value>> {
    let mut stream = match UnixStream::connect(path(data)).await {
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        stream => {
            stream.with_context(|| format!("cannot ask the server at {}", path(data).display()))?
        }
    };
    let mut line = serde_json::to_string(request)?;
    line.push('\n');
    stream.write_all(line.as_bytes()).await.context("asking the server")?;
    let mut lines = BufReader::new(stream);
    loop {
        let mut line = String::new();
        let read = (&mut lines).take(LINE_BYTES_MAX).read_line(&mut line).await;
        if read.context("hearing from the server")? == 0 {
            bail!("the server ended before it was done");
        }
        match serde_json::from_str(&line).context("hearing from the server")? {
            Answer::Progress(progress) => {
                if on_progress(&progress).is_break() {
                    return Ok(Some(Value::Null));
                }
            }
            Answer::Done(value) => return Ok(Some(value)),
            Answer::Failed(why) => bail!("{why}"),
        }
    }
}

/// What is told on the way is of no interest.
pub(crate) fn unheard(_: &Value) -> ControlFlow<()> {
    ControlFlow::Continue(())
}
