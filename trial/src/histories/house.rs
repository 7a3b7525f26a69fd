//! The process that holds the store, its lives and its deaths.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::watch;
use wh_objects::Versioning;

use super::command::{Answer, Command as Asked};
use super::play::Plan;
use crate::keys::Sealed;

/// How long a store may take to open.
const OPEN_WAIT: Duration = Duration::from_secs(30);

/// How often we look whether it is open.
const OPEN_POLL: Duration = Duration::from_millis(1);

/// The clock of a history: every look at it is later than the last.
#[derive(Debug, Default)]
pub(crate) struct Clock(AtomicU64);

impl Clock {
    pub(crate) fn tick(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

/// One life of the process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Life {
    /// Its number, from 0.
    pub(crate) number: usize,
    /// Where it listens.
    socket: PathBuf,
    /// Whether we are about to end it.
    is_ending: bool,
}

/// The process, as whoever kills it sees it.
pub(crate) struct House {
    folder: PathBuf,
    plan: Plan,
    child: Child,
    lives: watch::Sender<Life>,
}

impl House {
    /// Begins the first life. The store's folder and its sockets are in `folder`.
    pub(crate) async fn begin(folder: &Path, plan: Plan) -> Result<Self> {
        let life = Life { number: 0, socket: folder.join("socket.0"), is_ending: false };
        let child = spawn(folder, &life, plan)?;
        let mut house =
            Self { folder: folder.to_owned(), plan, child, lives: watch::Sender::new(life) };
        house.await_open().await?;
        Ok(house)
    }

    /// What clients watch.
    pub(crate) fn lives(&self) -> watch::Receiver<Life> {
        self.lives.subscribe()
    }

    /// Kills the process; when this returns, nothing of that life can take effect any more.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.lives.send_modify(|life| life.is_ending = true);
        self.child.kill().context("killing the store")?;
        self.child.wait().context("waiting for the store's end")?;
        Ok(())
    }

    /// Begins the next life.
    pub(crate) async fn revive(&mut self) -> Result<()> {
        let number = self.lives.borrow().number + 1;
        let socket = self.folder.join(format!("socket.{number}"));
        let life = Life { number, socket, is_ending: false };
        self.child = spawn(&self.folder, &life, self.plan)?;
        self.lives.send_replace(life);
        self.await_open().await
    }

    async fn await_open(&mut self) -> Result<()> {
        let socket = self.lives.borrow().socket.clone();
        let begun = tokio::time::Instant::now();
        while UnixStream::connect(&socket).await.is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("the store did not open again: {status}");
            }
            if begun.elapsed() > OPEN_WAIT {
                bail!("the store did not open within {OPEN_WAIT:?}");
            }
            tokio::time::sleep(OPEN_POLL).await;
        }
        Ok(())
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // It may be dead already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn spawn(folder: &Path, life: &Life, plan: Plan) -> Result<Child> {
    let program = std::env::current_exe().context("asking for our own name")?;
    let mut command = Command::new(program);
    command.arg("serve-store").arg("--folder").arg(folder.join("store"));
    command.arg("--socket").arg(&life.socket);
    if plan.versioning == Versioning::Enabled {
        command.arg("--versioned");
    }
    if plan.sealed == Sealed::Yes {
        command.arg("--sealed");
    }
    // It ends when its standard input does, and that ends when we do.
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    command.spawn().context("starting the store")
}

/// A client's connection to the process of the day.
pub(crate) struct Line {
    lives: watch::Receiver<Life>,
    open: Option<(usize, BufReader<UnixStream>)>,
}

/// What came of a question.
pub(crate) struct Asking {
    /// When it was asked.
    pub(crate) from: u64,
    /// In which life.
    pub(crate) life: usize,
    /// The answer and its time, unless the life ended before it.
    pub(crate) answer: Option<(Answer, u64)>,
}

impl Line {
    pub(crate) fn new(lives: watch::Receiver<Life>) -> Self {
        Self { lives, open: None }
    }

    /// Asks, as soon as somebody listens.
    pub(crate) async fn ask(&mut self, clock: &Clock, asked: &Asked) -> Result<Asking> {
        let (life, mut stream) = self.connected().await?;
        let mut question = serde_json::to_string(asked)?;
        question.push('\n');
        let from = clock.tick();
        if let Ok(answer) = exchange(&mut stream, &question).await {
            let until = clock.tick();
            self.open = Some((life, stream));
            let answer = serde_json::from_str(&answer).context("reading an answer")?;
            return Ok(Asking { from, life, answer: Some((answer, until)) });
        }
        if self.is_alive(life) {
            bail!("the store's process broke off, and nobody killed it, when asked for {asked:?}");
        }
        Ok(Asking { from, life, answer: None })
    }

    /// Whether nobody has ended this life.
    fn is_alive(&self, number: usize) -> bool {
        let life = self.lives.borrow();
        life.number == number && !life.is_ending
    }

    async fn connected(&mut self) -> Result<(usize, BufReader<UnixStream>)> {
        if let Some(open) = self.open.take() {
            return Ok(open);
        }
        loop {
            let life = self.lives.borrow_and_update().clone();
            if let Ok(stream) = UnixStream::connect(&life.socket).await {
                return Ok((life.number, BufReader::new(stream)));
            }
            // The next life will be told; a life that has just begun listens in a moment.
            drop(tokio::time::timeout(OPEN_POLL, self.lives.changed()).await);
        }
    }
}

async fn exchange(stream: &mut BufReader<UnixStream>, question: &str) -> Result<String> {
    stream.write_all(question.as_bytes()).await?;
    let mut answer = String::new();
    anyhow::ensure!(stream.read_line(&mut answer).await? > 0, "the connection has ended");
    anyhow::ensure!(answer.ends_with('\n'), "the answer broke off");
    Ok(answer)
}
