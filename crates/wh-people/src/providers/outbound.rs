//! How providers are asked: by what the binary has for HTTP.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use wh_names::Secret;

/// The longest answer of a provider that is read, in bytes.
pub const PROVIDER_ANSWER_BYTES_MAX: usize = 256 * 1024;

/// What a provider is asked: GET, or POST where there is a form.
#[derive(Debug, Clone)]
pub struct Asking {
    /// Where.
    pub address: String,
    /// The body, `application/x-www-form-urlencoded`; there are secrets in it.
    pub form: Option<Secret>,
    /// The header `Authorization`.
    pub authorization: Option<Secret>,
}

type Answering = Pin<Box<dyn Future<Output = Result<(u16, Vec<u8>), String>> + Send>>;

/// Asks a provider: the status and the body of its answer, or why there is none. It must give up after
/// some seconds, follow no redirect, and read no more than [`PROVIDER_ANSWER_BYTES_MAX`].
#[derive(Clone)]
pub struct Outbound(Arc<dyn Fn(Asking) -> Answering + Send + Sync>);

impl Outbound {
    /// Asks by `ask`.
    pub fn new<F>(ask: impl Fn(Asking) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(u16, Vec<u8>), String>> + Send + 'static,
    {
        Self(Arc::new(move |asking| Box::pin(ask(asking))))
    }

    /// The body of an answer that says 200.
    pub(crate) async fn ask(&self, asking: Asking) -> Result<Vec<u8>, String> {
        let (status, body) = (self.0)(asking).await?;
        if status != 200 {
            return Err(format!("the answer has the status {status}{}", fault(&body)));
        }
        if body.len() > PROVIDER_ANSWER_BYTES_MAX {
            return Err(format!("the answer is longer than {PROVIDER_ANSWER_BYTES_MAX} bytes"));
        }
        Ok(body)
    }

    pub(crate) async fn get(&self, address: &str) -> Result<Vec<u8>, String> {
        let asking = Asking { address: address.to_owned(), form: None, authorization: None };
        self.ask(asking).await
    }
}

impl Default for Outbound {
    /// Reaches nobody.
    fn default() -> Self {
        Self::new(|_| async { Err("nothing can be asked from here".to_owned()) })
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbound(…)")
    }
}

/// The `error` of an OAuth answer, which is one word. Source: RFC 6749, 5.2.
fn fault(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Fault {
        error: String,
    }
    match serde_json::from_slice::<Fault>(body) {
        Ok(fault) => format!(" ({})", error_word(&fault.error)),
        Err(_) => String::new(),
    }
}

/// An OAuth error code as it may be written down: a short word of plain letters.
pub(crate) fn error_word(error: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    error.chars().filter(plain).take(64).collect()
}
