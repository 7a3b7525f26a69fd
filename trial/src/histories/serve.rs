//! `trial serve-store`: a process that holds a disk store and does what it is asked for over a
//! socket, until it is killed.

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use wh_objects::{DiskStore, Versioning};

use super::perform::{make_bucket, perform};
use crate::keys::Sealed;

/// Hold a disk store and do what is asked for over a socket (for the other trials)
#[derive(Debug, clap::Args)]
pub(crate) struct ServeStore {
    /// The store's folder
    #[arg(long)]
    folder: PathBuf,
    /// The socket to listen at
    #[arg(long)]
    socket: PathBuf,
    /// Whether the bucket keeps every version
    #[arg(long)]
    versioned: bool,
    /// Whether it encrypts what it writes
    #[arg(long)]
    sealed: bool,
}

impl ServeStore {
    /// Serves until it is killed, or until standard input ends.
    pub(crate) fn start(self) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .context("starting a runtime")?;
        runtime.block_on(self.serve())
    }

    async fn serve(self) -> Result<()> {
        let sealed = if self.sealed { Sealed::Yes } else { Sealed::No };
        let store = DiskStore::open(sealed.options(&self.folder)?).await?;
        let versioning = if self.versioned { Versioning::Enabled } else { Versioning::Unversioned };
        make_bucket(&store, versioning).await?;
        let store = Arc::new(store);
        let listener = UnixListener::bind(self.socket).context("listening")?;
        let mut ending = tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0]));
        loop {
            tokio::select! {
                _ = &mut ending => return Ok(()),
                came = listener.accept() => {
                    let (stream, _) = came.context("accepting")?;
                    tokio::spawn(answer_all(stream, Arc::clone(&store)));
                }
            }
        }
    }
}

/// Answers one client, a line for a line. It is told only by its connection that something failed.
async fn answer_all(stream: UnixStream, store: Arc<DiskStore>) -> Result<()> {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    while let Some(line) = lines.next_line().await? {
        let answer = perform(&*store, serde_json::from_str(&line)?).await;
        let mut line = serde_json::to_string(&answer)?;
        line.push('\n');
        writing.write_all(line.as_bytes()).await?;
    }
    Ok(())
}
