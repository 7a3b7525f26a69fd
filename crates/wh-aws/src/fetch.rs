//! One small document over HTTP, from an address that the operator configured; or one sent, and one
//! for an answer.
//!
//! It follows no redirect: what answers with one has not answered.

use std::time::Duration;

use aws_sdk_s3::config::http::{HttpRequest, HttpResponse};
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::HttpConnector;

use wh_names::Secret;

use crate::post::innermost;

/// How long it may take as a whole.
const FETCH_MAX: Duration = Duration::from_secs(5);

/// Why a document could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address is not one.
    #[error("the address is not valid")]
    Address,
    /// Nobody answered, or not with a document.
    #[error("{0}")]
    Unreachable(String),
    /// It answered with another status than 200.
    #[error("the answer has the status {0}")]
    Status(u16),
    /// The document is longer than it may be.
    #[error("the document is longer than {0} bytes")]
    TooLong(usize),
    /// It took too long.
    #[error("it took longer than {} s", FETCH_MAX.as_secs())]
    TimedOut,
}

/// The document at an address, of at most `bytes_max` bytes.
pub async fn fetch(address: &str, bytes_max: usize) -> Result<Vec<u8>, FetchError> {
    let fetched = tokio::time::timeout(FETCH_MAX, get(address, bytes_max)).await;
    fetched.map_err(|_| FetchError::TimedOut)?
}

/// Sends a JSON document, and gives the status and the document of at most `bytes_max` bytes that it is
/// answered with.
pub async fn ask(
    address: &str,
    document: Vec<u8>,
    bytes_max: usize,
) -> Result<(u16, Vec<u8>), FetchError> {
    let asked = async {
        let mut request = to(address, SdkBody::from(document))?;
        request.set_method("POST").map_err(|_| FetchError::Address)?;
        request.headers_mut().insert("content-type", "application/json");
        answer(request, bytes_max).await
    };
    tokio::time::timeout(FETCH_MAX, asked).await.map_err(|_| FetchError::TimedOut)?
}

/// How long a body may stand still.
const STILL_MAX: Duration = Duration::from_mins(1);

/// A body that comes piece by piece.
#[derive(Debug)]
pub struct FetchedBody(ByteStream);

impl FetchedBody {
    /// The next piece; `None`: it came to its end, with as many bytes as were announced.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, FetchError> {
        let next = tokio::time::timeout(STILL_MAX, self.0.try_next()).await;
        let next =
            next.map_err(|_| FetchError::Unreachable("nothing comes any more".to_owned()))?;
        let next = next.map_err(|error| FetchError::Unreachable(innermost(&error)))?;
        Ok(next.map(|bytes| bytes.to_vec()))
    }
}

/// What is at an address, however long it is.
pub async fn fetch_body(address: &str) -> Result<FetchedBody, FetchError> {
    let asked = async { send(to(address, SdkBody::empty())?).await };
    let answer =
        tokio::time::timeout(FETCH_MAX, asked).await.map_err(|_| FetchError::TimedOut)??;
    match answer.status().as_u16() {
        200 => Ok(FetchedBody(ByteStream::new(answer.into_body()))),
        status => Err(FetchError::Status(status)),
    }
}

/// What the holder of a token asks of an API.
#[derive(Debug, Clone)]
pub enum Asked {
    /// For a document (GET).
    For,
    /// With a JSON document (POST).
    With(Vec<u8>),
    /// To delete something (DELETE).
    ToDelete,
}

/// What an API answered.
#[derive(Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// When it may be asked again, where it told so in seconds.
    pub retry_after: Option<Duration>,
    /// The document, as far as there is one.
    pub document: Vec<u8>,
}

/// Asks an API as the holder of a token, and gives what it answered, with a document of at most `bytes_max`
/// bytes.
pub async fn ask_as(
    token: &Secret,
    address: &str,
    asked: Asked,
    bytes_max: usize,
) -> Result<Answered, FetchError> {
    let answered = async {
        let mut request = to_ask(address, asked)?;
        let bearer = format!("Bearer {}", token.expose());
        request.headers_mut().insert("authorization", bearer);
        let answer = send(request).await?;
        let status = answer.status().as_u16();
        let told = answer.headers().get("retry-after").and_then(|told| told.parse().ok());
        let retry_after = told.map(Duration::from_secs);
        Ok(Answered { status, retry_after, document: document(answer, bytes_max).await? })
    };
    tokio::time::timeout(FETCH_MAX, answered).await.map_err(|_| FetchError::TimedOut)?
}

fn to_ask(address: &str, asked: Asked) -> Result<HttpRequest, FetchError> {
    let (method, document) = match asked {
        Asked::For => return to(address, SdkBody::empty()),
        Asked::With(document) => ("POST", Some(document)),
        Asked::ToDelete => ("DELETE", None),
    };
    let is_sent = document.is_some();
    let mut request = to(address, document.map_or_else(SdkBody::empty, SdkBody::from))?;
    request.set_method(method).map_err(|_| FetchError::Address)?;
    if is_sent {
        request.headers_mut().insert("content-type", "application/json");
    }
    Ok(request)
}

/// Asks somebody by whom people sign in: with a form (POST), or for a document (GET), and with a header
/// `Authorization` where there is one. Gives the status and the document of at most `bytes_max` bytes that
/// it is answered with.
pub async fn ask_with_form(
    address: &str,
    (form, authorization): (Option<&Secret>, Option<&Secret>),
    bytes_max: usize,
) -> Result<(u16, Vec<u8>), FetchError> {
    let asked = async {
        let body = form.map_or_else(SdkBody::empty, |form| SdkBody::from(form.expose()));
        let mut request = to(address, body)?;
        if form.is_some() {
            request.set_method("POST").map_err(|_| FetchError::Address)?;
            request.headers_mut().insert("content-type", "application/x-www-form-urlencoded");
        }
        if let Some(authorization) = authorization {
            request.headers_mut().insert("authorization", authorization.expose().to_owned());
        }
        answer(request, bytes_max).await
    };
    tokio::time::timeout(FETCH_MAX, asked).await.map_err(|_| FetchError::TimedOut)?
}

/// What a refusal says is not read: it may be longer than the document.
async fn get(address: &str, bytes_max: usize) -> Result<Vec<u8>, FetchError> {
    let answer = send(to(address, SdkBody::empty())?).await?;
    match answer.status().as_u16() {
        200 => document(answer, bytes_max).await,
        status => Err(FetchError::Status(status)),
    }
}

fn to(address: &str, body: SdkBody) -> Result<HttpRequest, FetchError> {
    let mut request = HttpRequest::new(body);
    request.set_uri(address).map_err(|_| FetchError::Address)?;
    request.headers_mut().insert("accept", "application/json");
    Ok(request)
}

async fn answer(request: HttpRequest, bytes_max: usize) -> Result<(u16, Vec<u8>), FetchError> {
    let answer = send(request).await?;
    let status = answer.status().as_u16();
    Ok((status, document(answer, bytes_max).await?))
}

async fn send(request: HttpRequest) -> Result<HttpResponse, FetchError> {
    let connector = Connector::builder()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
        .build();
    let answer = connector.call(request).await;
    answer.map_err(|error| FetchError::Unreachable(innermost(&error)))
}

async fn document(answer: HttpResponse, bytes_max: usize) -> Result<Vec<u8>, FetchError> {
    let (mut body, mut document) = (ByteStream::new(answer.into_body()), Vec::new());
    let cut_off =
        |error: aws_sdk_s3::primitives::ByteStreamError| FetchError::Unreachable(error.to_string());
    while let Some(piece) = body.try_next().await.map_err(cut_off)? {
        if document.len() + piece.len() > bytes_max {
            return Err(FetchError::TooLong(bytes_max));
        }
        document.extend_from_slice(&piece);
    }
    Ok(document)
}
