//! The portal's API, as the holder of a token asks it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wh_aws::{Answered, Asked};

use super::keep::Kept;
use crate::output::remark;

/// The longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// How long somebody at a terminal waits, in all, for a portal that is busy.
const PATIENCE: Duration = Duration::from_mins(2);
/// When a portal is asked again that did not say when.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Portal<'a> {
    kept: &'a Kept,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Location {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) bucket: String,
    pub(super) prefix: String,
    pub(super) role: String,
}

impl Location {
    pub(super) fn is_called(&self, word: &str) -> bool {
        self.id == word
            || self.prefix == word
            || format!("{}/{}", self.bucket, self.prefix) == word
            || self.title.to_lowercase() == word.trim_end_matches('/').to_lowercase()
    }
}

#[derive(Deserialize)]
struct Locations {
    locations: Vec<Location>,
}

#[derive(Deserialize)]
pub(super) struct Given {
    pub(super) access_key_id: String,
    pub(super) secret_access_key: String,
    pub(super) session_token: String,
    pub(super) expiration: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    code: String,
    detail: String,
}

impl<'a> Portal<'a> {
    pub(super) fn of(kept: &'a Kept) -> Self {
        Self { kept }
    }

    pub(super) async fn get<T: for<'de> Deserialize<'de>>(&self, path: &str) -> Result<T> {
        self.ask(path, Asked::For).await
    }

    pub(super) async fn locations(&self) -> Result<Vec<Location>> {
        Ok(self.get::<Locations>("locations").await?.locations)
    }

    pub(super) async fn credentials(&self, location: &str) -> Result<Given> {
        let asked = serde_json::to_vec(&json!({ "location": location }))?;
        self.ask("credentials", Asked::With(asked)).await
    }

    pub(super) async fn post<T: for<'de> Deserialize<'de>>(
        &self,
        path: &str,
        document: &Value,
    ) -> Result<T> {
        self.ask(path, Asked::With(serde_json::to_vec(document)?)).await
    }

    /// Has something done that is answered with nothing.
    pub(super) async fn tell(&self, path: &str, document: &Value) -> Result<()> {
        self.has_done(path, Asked::With(serde_json::to_vec(document)?)).await
    }

    /// Deletes what is there. `Ok`: it is gone.
    pub(super) async fn delete(&self, path: &str) -> Result<()> {
        self.has_done(path, Asked::ToDelete).await
    }

    async fn has_done(&self, path: &str, asked: Asked) -> Result<()> {
        let Answered { status, document, .. } = self.answered(path, asked).await?;
        match status {
            204 => Ok(()),
            status => bail!("{} {}", self.kept.portal, told(status, &document)),
        }
    }

    async fn ask<T: for<'de> Deserialize<'de>>(&self, path: &str, asked: Asked) -> Result<T> {
        let portal = &self.kept.portal;
        let Answered { status, document, .. } = self.answered(path, asked).await?;
        match status {
            200 | 201 => serde_json::from_slice(&document).map_err(|_| {
                anyhow::anyhow!("{portal} does not answer as a Wellhouse portal does")
            }),
            status => bail!("{portal} {}", told(status, &document)),
        }
    }

    /// Asks, and asks again when the portal said so, as long as there is patience.
    async fn answered(&self, path: &str, asked: Asked) -> Result<Answered> {
        let Kept { portal, token } = self.kept;
        let (address, began) = (format!("{portal}/api/v1/{path}"), Instant::now());
        loop {
            let answer = wh_aws::ask_as(token, &address, asked.clone(), ANSWER_BYTES_MAX).await;
            let answer = answer.with_context(|| format!("{portal} does not answer"))?;
            let pause = answer.retry_after.unwrap_or(PAUSE).max(PAUSE);
            if !is_asked_again(&asked, answer.status) || began.elapsed() + pause > PATIENCE {
                return Ok(answer);
            }
            remark(&format!("the portal is busy: asking again in {} s", pause.as_secs()));
            tokio::time::sleep(pause).await;
        }
    }
}

/// Whether what the portal was too busy for may be asked again: it did nothing of what it has no time for
/// (429), and may have done something of what failed (503).
fn is_asked_again(asked: &Asked, status: u16) -> bool {
    match asked {
        Asked::For => status == 429 || status == 503,
        Asked::With(_) | Asked::ToDelete => status == 429,
    }
}

/// What the portal said instead of an answer.
fn told(status: u16, answer: &[u8]) -> String {
    let problem: Problem = serde_json::from_slice(answer).unwrap_or_default();
    let again = if status == 401 { ": run `wellhouse login URL` with another token" } else { "" };
    match problem.code.as_str() {
        "" => format!("answered with the status {status}"),
        code => format!("refused: {} ({code}){again}", problem.detail),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use wh_names::Secret;

    use super::{Kept, Portal};

    /// A portal that gives these answers, one after the other, and tells what it was asked.
    async fn answering(answers: &'static [&'static str]) -> (Kept, tokio::task::JoinHandle<usize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let portal = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = tokio::spawn(async move {
            let mut asked = 0;
            for answer in answers {
                let (mut stream, _) = listener.accept().await.expect("asked");
                let mut head = [0; 4096];
                let _length = stream.read(&mut head).await.expect("read");
                let head = format!("HTTP/1.1 {answer}\r\nconnection: close\r\n");
                let body = "{\"code\":\"too-many-requests\",\"detail\":\"later\",\"locations\":[]}";
                let all = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
                stream.write_all(all.as_bytes()).await.expect("answered");
                asked += 1;
            }
            asked
        });
        let token = Secret::parse("wht_token").expect("a secret");
        (Kept { portal, token }, asked)
    }

    #[tokio::test]
    async fn what_is_looked_at_is_asked_again_when_the_portal_said_so() {
        let answers =
            &["429 Too Many Requests\r\nretry-after: 1", "503 Service Unavailable", "200 OK"];
        let (kept, asked) = answering(answers).await;
        let locations = Portal::of(&kept).locations().await.expect("answered");
        assert!(locations.is_empty());
        assert_eq!(asked.await.expect("ended"), 3);
    }

    #[tokio::test]
    async fn what_may_have_been_done_is_not_asked_again_nor_what_takes_too_long() {
        let (kept, asked) = answering(&["503 Service Unavailable"]).await;
        let refused = Portal::of(&kept).delete("links/1").await.expect_err("refused");
        assert!(refused.to_string().contains("too-many-requests"), "{refused}");
        assert_eq!(asked.await.expect("ended"), 1);
        let (kept, asked) = answering(&["429 Too Many Requests\r\nretry-after: 3600"]).await;
        Portal::of(&kept).locations().await.expect_err("in an hour");
        assert_eq!(asked.await.expect("ended"), 1);
    }
}
