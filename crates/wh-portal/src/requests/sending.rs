//! The addresses by which the page's script sends files: as those of the API, cut down to what one sender sends.

use std::io;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use wh_files::{
    Completion, FileToSend, PartWanted, RequestRefusal, SentUpload, StoredPart, UploadError,
    sent_name,
};

use super::asked::{Asked, TurnedAway};
use super::sender::Sender;
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::render;
use crate::routes::PART_CHECKSUM;
use crate::state::Portal;
use crate::wire::{CompleteBody, UploadWithPartsBody, UploadsBody};

/// A file that is to be sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SendForm {
    /// Its name; no path.
    name: String,
    /// Bytes.
    size: u64,
    /// When it was last modified, in milliseconds since 1970.
    last_modified: i64,
    /// What the sender's browser calls it: who asks again, since the answer was lost, gets what was begun.
    key: Option<String>,
}

/// A file that has arrived, as its sender sees it: of the object they learn nothing, since they may not look at it.
#[derive(Debug, Serialize)]
pub(super) struct ArrivedBody {
    /// Its name.
    path: String,
    /// Bytes.
    size: u64,
}

/// An upload as its sender sees it: under its name, and nowhere.
fn seen((sent, parts): (SentUpload, Vec<StoredPart>)) -> UploadWithPartsBody {
    let mut body = render::upload_with_parts(sent.upload, parts);
    body.upload.path = sent.name;
    body.upload.location = String::new();
    body
}

async fn answered<T: IntoResponse>(asked: &Asked, done: Result<T, TurnedAway>) -> Response {
    match done {
        Ok(answer) => answer.into_response(),
        Err(why) => asked.told(why).await.into_response(),
    }
}

/// Begins to send a file: room for it is promised.
pub(super) async fn begin(
    State(portal): State<Portal>,
    sender: Sender,
    form: Result<JsonBody<SendForm>, Problem>,
) -> Response {
    let mut asked = Asked::new(portal, sender, "FileRequestSend");
    let JsonBody(form) = match form {
        Ok(form) => form,
        Err(problem) => return problem.into_response(),
    };
    let done = begun(&mut asked, &form).await;
    answered(&asked, done).await
}

async fn begun(
    asked: &mut Asked,
    form: &SendForm,
) -> Result<(StatusCode, Json<UploadWithPartsBody>), TurnedAway> {
    let request = asked.opened().await?;
    let folder = &request.sender().folder;
    // What no file may be called is not repeated in the trail.
    let name = sent_name(&form.name).ok_or(RequestRefusal::Name)?;
    let line = asked.about(format!("`{folder}/{name}`, {} bytes", form.size)).await?;
    let file = FileToSend {
        name: &name,
        size: form.size,
        last_modified_ms: form.last_modified,
        key: form.key.as_deref(),
    };
    let done = asked.files().begin_sent(&request, &file).await;
    let done = done.map_err(TurnedAway::from);
    let came_of_it = done.as_ref().map(|sent| format!("done: `{folder}/{}`", sent.name));
    asked.became(line, came_of_it);
    let sent = done?;
    Ok((StatusCode::CREATED, Json(seen((sent, Vec::new())))))
}

/// What this sender has begun to send and not completed.
pub(super) async fn unfinished(State(portal): State<Portal>, sender: Sender) -> Response {
    let mut asked = Asked::new(portal, sender, "FileRequestResume");
    let done = left(&mut asked).await;
    answered(&asked, done).await
}

async fn left(asked: &mut Asked) -> Result<Json<UploadsBody>, TurnedAway> {
    let request = asked.opened().await?;
    asked.shown("asked what is left to be sent".to_owned()).await?;
    let uploads = asked.files().unfinished_sent(&request).await?.into_iter();
    let uploads = uploads.map(|sent| seen((sent, Vec::new())).upload).collect();
    Ok(Json(UploadsBody { uploads }))
}

/// A file that is being sent, with the parts that the store holds.
pub(super) async fn show(State(portal): State<Portal>, sender: Sender) -> Response {
    let mut asked = Asked::new(portal, sender, "FileRequestResume");
    let done = resumed(&mut asked).await;
    answered(&asked, done).await
}

async fn resumed(asked: &mut Asked) -> Result<Json<UploadWithPartsBody>, TurnedAway> {
    let request = asked.opened().await?;
    let id = asked.sender.named("id").to_owned();
    asked.shown(format!("goes on with the upload {}", said(&id))).await?;
    Ok(Json(seen(asked.files().sent_upload(&request, &id).await?)))
}

/// Hands a part on to the store as it comes. A signed address would tell its bucket and its whole key.
pub(super) async fn pass_part(
    State(portal): State<Portal>,
    sender: Sender,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let mut asked = Asked::new(portal, sender, "FileRequestPassPart");
    let done = passed(&mut asked, &headers, body).await;
    answered(&asked, done).await
}

async fn passed(
    asked: &mut Asked,
    headers: &HeaderMap,
    body: Body,
) -> Result<StatusCode, TurnedAway> {
    let request = asked.opened().await?;
    let id = asked.sender.named("id").to_owned();
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let size = text(CONTENT_LENGTH.as_str()).parse().unwrap_or_default();
    let number = asked.sender.named("n").parse();
    let number = number.map_err(|_none| UploadError::Part { number: 0, size })?;
    asked.shown(format!("handed on parts of the upload {}", said(&id))).await?;
    let part = PartWanted { number, size, crc: text(PART_CHECKSUM).to_owned() };
    let bytes = body.into_data_stream().map_err(io::Error::other).boxed();
    asked.files().pass_sent(&request, &id, part, bytes).await?;
    Ok(StatusCode::OK)
}

/// Completes a file: then it has arrived.
pub(super) async fn complete(
    State(portal): State<Portal>,
    sender: Sender,
    form: Result<JsonBody<CompleteBody>, Problem>,
) -> Response {
    let mut asked = Asked::new(portal, sender, "FileRequestComplete");
    let JsonBody(form) = match form {
        Ok(form) => form,
        Err(problem) => return problem.into_response(),
    };
    let done = completed(&mut asked, form).await;
    answered(&asked, done).await
}

async fn completed(asked: &mut Asked, form: CompleteBody) -> Result<Json<ArrivedBody>, TurnedAway> {
    let request = asked.opened().await?;
    let id = asked.sender.named("id").to_owned();
    let line = asked.about(format!("completes the upload {}", said(&id))).await?;
    let etags = form.etags.unwrap_or_default();
    let done = asked
        .files()
        .complete_sent(&request, &id, (form.crc.as_str(), etags.as_slice()), &asked.sender.peer)
        .await;
    let done = done.map_err(TurnedAway::from);
    asked.became(line, done.as_ref().map(|done| format!("done: `{}`", done.path)));
    let Completion { path, size, .. } = done?;
    Ok(Json(ArrivedBody { path: path.rsplit('/').next().unwrap_or_default().to_owned(), size }))
}

/// Gives a file up, and its room back.
pub(super) async fn abort(State(portal): State<Portal>, sender: Sender) -> Response {
    let mut asked = Asked::new(portal, sender, "FileRequestAbort");
    let done = aborted(&mut asked).await;
    answered(&asked, done).await
}

async fn aborted(asked: &mut Asked) -> Result<StatusCode, TurnedAway> {
    let request = asked.opened().await?;
    let id = asked.sender.named("id").to_owned();
    let line = asked.about(format!("gives up the upload {}", said(&id))).await?;
    let done = asked.files().abort_sent(&request, &id).await.map_err(TurnedAway::from);
    asked.became(line, done.as_ref().map(|()| "done".to_owned()));
    done?;
    Ok(StatusCode::NO_CONTENT)
}

/// An id as it stands in the trail: what is none is not repeated there.
fn said(id: &str) -> &str {
    let shaped = id.len() <= 26 && id.bytes().all(|b| b.is_ascii_alphanumeric());
    if shaped { id } else { "of no such name" }
}
