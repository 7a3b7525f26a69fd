//! The portal's API, as the holder of a token asks it.

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::keep::Kept;

/// The longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

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
        self.ask(path, None).await
    }

    pub(super) async fn locations(&self) -> Result<Vec<Location>> {
        Ok(self.get::<Locations>("locations").await?.locations)
    }

    pub(super) async fn credentials(&self, location: &str) -> Result<Given> {
        let asked = serde_json::to_vec(&json!({ "location": location }))?;
        self.ask("credentials", Some(asked)).await
    }

    pub(super) async fn post<T: for<'de> Deserialize<'de>>(
        &self,
        path: &str,
        document: &Value,
    ) -> Result<T> {
        self.ask(path, Some(serde_json::to_vec(document)?)).await
    }

    /// Has something done that is answered with nothing.
    pub(super) async fn tell(&self, path: &str, document: &Value) -> Result<()> {
        let Kept { portal, token } = self.kept;
        let (address, document) =
            (format!("{portal}/api/v1/{path}"), serde_json::to_vec(document)?);
        let asked = wh_aws::ask_as(token, &address, Some(document), ANSWER_BYTES_MAX).await;
        let (status, answer) = asked.with_context(|| format!("{portal} does not answer"))?;
        match status {
            204 => Ok(()),
            status => bail!("{portal} {}", told(status, &answer)),
        }
    }

    /// Deletes what is there. `Ok`: it is gone.
    pub(super) async fn delete(&self, path: &str) -> Result<()> {
        let Kept { portal, token } = self.kept;
        let address = format!("{portal}/api/v1/{path}");
        let asked = wh_aws::delete_as(token, &address, ANSWER_BYTES_MAX).await;
        let (status, answer) = asked.with_context(|| format!("{portal} does not answer"))?;
        match status {
            204 => Ok(()),
            status => bail!("{portal} {}", told(status, &answer)),
        }
    }

    async fn ask<T: for<'de> Deserialize<'de>>(
        &self,
        path: &str,
        document: Option<Vec<u8>>,
    ) -> Result<T> {
        let Kept { portal, token } = self.kept;
        let address = format!("{portal}/api/v1/{path}");
        let asked = wh_aws::ask_as(token, &address, document, ANSWER_BYTES_MAX).await;
        let (status, answer) = asked.with_context(|| format!("{portal} does not answer"))?;
        match status {
            200 | 201 => serde_json::from_slice(&answer).map_err(|_| {
                anyhow::anyhow!("{portal} does not answer as a Wellhouse portal does")
            }),
            status => bail!("{portal} {}", told(status, &answer)),
        }
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
