//! Archives of files and folders: asked for first, and fetched then by an address that a browser follows.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use wh_aws::{Disposition, content_disposition};
use wh_files::EntryPath;

use crate::answers::{PersonProblems, StoreProblems};
use crate::extract::{Caller, Id, JsonBody};
use crate::problem::Problem;
use crate::record::{Noted, listed};
use crate::state::Portal;
use crate::wire::{ArchiveBody, ArchiveFormBody};

/// Asks for one archive of files, and of folders with all below them. It is fetched within ten minutes.
#[utoipa::path(post, path = "/api/v1/locations/{id}/archives", tag = "archives",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The location.")),
    request_body = ArchiveFormBody,
    responses((status = 201, body = ArchiveBody), StoreProblems))]
pub(crate) async fn ask(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    JsonBody(form): JsonBody<ArchiveFormBody>,
) -> Result<(StatusCode, Noted, Json<ArchiveBody>), Problem> {
    let paths: Result<Vec<EntryPath>, _> = form.paths.iter().map(|p| EntryPath::parse(p)).collect();
    let archive = portal.files().ask_archive(&person, &id, &paths?).await?;
    let noted = Noted::said(format!("archive of {}", listed(&form.paths)));
    let body = ArchiveBody {
        url: format!("/api/v1/archives/{}", archive.id),
        name: archive.name,
        files: archive.files,
        expires: archive.expires.to_string(),
    };
    Ok((StatusCode::CREATED, noted, Json(body)))
}

/// An archive that one asked for. Its length is not known before its end; where it breaks off, the
/// connection does.
#[utoipa::path(get, path = "/api/v1/archives/{id}", tag = "archives",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The archive.")),
    responses(
        (status = 200, content_type = "application/zip", body = Vec<u8>,
         description = "ZIP, with ZIP64. What could not be read is named in the archive."),
        PersonProblems))]
pub(crate) async fn fetch(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
) -> Result<Response, Problem> {
    let archive = portal.files().fetch_archive(&person, &id).await?;
    let named = content_disposition(Disposition::Attachment, &archive.name);
    let head = [(CONTENT_TYPE, "application/zip"), (CONTENT_DISPOSITION, named.as_str())];
    Ok((head, Body::from_stream(archive.bytes)).into_response())
}
