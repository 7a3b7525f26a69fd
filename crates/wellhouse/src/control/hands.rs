//! What the server does when it is asked.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use wh_files::SearchIndex;
use wh_objects::DiskStore;

use super::{Answer, LINE_BYTES_MAX, PROGRESS_MAX, Request};
use crate::backup::{self, Installation};
use crate::config::Config;
use crate::embedded::Parameters;
use crate::keys::{self, OwnKeys, Sessions};
use crate::store;

/// What the server has to do it with.
#[derive(Clone)]
pub(crate) struct Hands {
    data: PathBuf,
    /// None where what is stored is kept elsewhere.
    store: Option<Arc<DiskStore>>,
    /// None where nobody searches: the endpoint is served alone.
    names: Option<SearchIndex>,
    parameters: Parameters,
    own: OwnKeys,
    /// One backup at a time.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Hands {
    pub(crate) fn new(
        config: &Config,
        parameters: &Parameters,
        own: &OwnKeys,
        (store, names): (Option<Arc<DiskStore>>, Option<SearchIndex>),
    ) -> Self {
        let (data, parameters) = (config.data.clone(), parameters.clone());
        Self { data, store, names, parameters, own: own.clone(), turn: Arc::default() }
    }

    fn cellar(&self) -> Result<&Arc<DiskStore>> {
        self.store.as_ref().context("this server keeps nothing here: its store is elsewhere")
    }
}

/// Answers until it is dropped.
pub(crate) async fn serve(listener: UnixListener, hands: Hands) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let hands = hands.clone();
                tokio::spawn(attend_well(stream, hands));
            }
            Err(error) => {
                tracing::warn!(%error, "the control socket failed");
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
        }
    }
}

async fn attend_well(stream: UnixStream, hands: Hands) {
    if let Err(error) = attend(stream, hands).await {
        tracing::debug!(%error, "somebody who asked has gone");
    }
}

async fn attend(stream: UnixStream, hands: Hands) -> Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let mut line = String::new();
    (&mut reader).take(LINE_BYTES_MAX).read_line(&mut line).await?;
    let (sender, mut progress) = mpsc::channel(PROGRESS_MAX);
    let doing = async {
        let done = act(&line, &hands, sender).await;
        done.map_or_else(|error| Answer::Failed(format!("{error:#}")), Answer::Done)
    };
    tokio::pin!(doing);
    let mut gone = [0];
    loop {
        tokio::select! {
            answer = &mut doing => {
                while let Ok(value) = progress.try_recv() {
                    tell(&mut writer, &Answer::Progress(value)).await?;
                }
                return tell(&mut writer, &answer).await;
            }
            Some(value) = progress.recv() => tell(&mut writer, &Answer::Progress(value)).await?,
            // Whoever asked has gone: what was being done for him ends.
            read = reader.read(&mut gone) => if read? == 0 { return Ok(()) },
        }
    }
}

async fn tell(writer: &mut OwnedWriteHalf, answer: &Answer) -> Result<()> {
    let mut line = serde_json::to_string(answer)?;
    line.push('\n');
    Ok(writer.write_all(line.as_bytes()).await?)
}

async fn act(line: &str, hands: &Hands, progress: mpsc::Sender<Value>) -> Result<Value> {
    let request = serde_json::from_str(line).context("the request is not understood")?;
    match request {
        Request::Backup(place) => {
            let turn = Arc::clone(&hands.turn).try_lock_owned();
            let turn = turn.context("a backup is running already")?;
            let installation = Installation {
                data: &hands.data,
                store: hands.cellar()?,
                ledger: &hands.parameters.ledger,
            };
            let mut told = |done: wh_objects::backup::Progress| {
                let value = json!({ "done": done.done, "of": done.of, "bytes": done.bytes });
                // Whoever is slow to hear is told less often.
                if progress.try_send(value).is_err() {
                    tracing::debug!("nobody hears how far the backup has come");
                }
            };
            backup::make(&installation, &place, Some(turn), &mut told).await
        }
        Request::Scrub => {
            store::scrub_whole(hands.cellar()?).await?;
            Ok(store::scrub_as_json(&hands.cellar()?.scrub_status().await?))
        }
        Request::Lifecycle => store::rehearse(hands.cellar()?, &hands.parameters.clock).await,
        Request::Events(request) => {
            store::tell(hands.cellar()?, &request, &progress).await?;
            Ok(Value::Null)
        }
        Request::Standing => {
            hands.parameters.ledger.learn_standing().await?;
            Ok(Value::Null)
        }
        Request::RotateKeys(only) => {
            hands.own.rotate(keys::which(only), Sessions::LiveOn).await?;
            Ok(Value::Null)
        }
        Request::RebuildSearch => {
            let names =
                hands.names.as_ref().context("this server has no portal: nobody searches")?;
            names.rebuild();
            Ok(Value::Null)
        }
        Request::Quota(request) => store::quotas(hands.cellar()?, &request).await,
        Request::ScrubStatus => Ok(store::scrub_as_json(&hands.cellar()?.scrub_status().await?)),
    }
}
