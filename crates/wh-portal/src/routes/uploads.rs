//! Uploads: begun here, sent to the store by the browser, completed here.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_files::{FilePath, NewUpload, PartWanted};

use crate::answers::StoreProblems;
use crate::extract::{Caller, Id, JsonBody};
use crate::problem::Problem;
use crate::record::Noted;
use crate::render;
use crate::state::Portal;
use crate::wire::{
    CompleteBody, CompletedBody, PartsBody, SignedPartsBody, UploadBody, UploadFormBody,
    UploadWithPartsBody, UploadsBody,
};

/// Begins an upload. With `conflict: "fail"` a file that is already there is told as `file-exists`;
/// with `if_match` only the file that was read is replaced, and another is told as `file-changed`.
#[utoipa::path(post, path = "/api/v1/uploads", tag = "uploads",
    security(("session" = []), ("token" = [])),
    request_body = UploadFormBody,
    responses((status = 201, body = UploadBody), StoreProblems))]
pub(crate) async fn begin(
    State(portal): State<Portal>,
    Caller(person): Caller,
    JsonBody(form): JsonBody<UploadFormBody>,
) -> Result<(StatusCode, Noted, Json<UploadBody>), Problem> {
    let noted = Noted::said(format!("upload of {}, {} bytes", form.path, form.size));
    let wanted = NewUpload {
        location: form.location,
        path: FilePath::parse(&form.path)?,
        size: form.size,
        content_type: form.content_type,
        last_modified_ms: form.last_modified,
        conflict: form.conflict.into(),
        if_match: form.if_match,
    };
    let upload = portal.files().begin_upload(&person, wanted).await?;
    Ok((StatusCode::CREATED, noted, Json(render::upload(upload))))
}

/// One's own unfinished uploads.
#[utoipa::path(get, path = "/api/v1/uploads", tag = "uploads",
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = UploadsBody), StoreProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    Caller(person): Caller,
) -> Result<Json<UploadsBody>, Problem> {
    let uploads = portal.files().unfinished_uploads(&person).await?;
    Ok(Json(UploadsBody { uploads: uploads.into_iter().map(render::upload).collect() }))
}

/// An upload, with the parts that the store holds.
#[utoipa::path(get, path = "/api/v1/uploads/{id}", tag = "uploads",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The upload.")),
    responses((status = 200, body = UploadWithPartsBody), StoreProblems))]
pub(crate) async fn show(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
) -> Result<Json<UploadWithPartsBody>, Problem> {
    let (upload, parts) = portal.files().upload_with_parts(&person, &id).await?;
    Ok(Json(render::upload_with_parts(upload, parts)))
}

/// Signs parts, at most 16 at once; each may then be PUT to the store for 15 minutes.
#[utoipa::path(post, path = "/api/v1/uploads/{id}/parts", tag = "uploads",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The upload.")),
    request_body = PartsBody,
    responses((status = 200, body = SignedPartsBody), StoreProblems))]
pub(crate) async fn sign_parts(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    JsonBody(form): JsonBody<PartsBody>,
) -> Result<(Noted, Json<SignedPartsBody>), Problem> {
    let numbers = form.parts.iter().map(|part| part.n.to_string()).collect::<Vec<_>>().join(", ");
    let noted = Noted::said(format!("signed PUT of the parts {numbers}"));
    let wanted = form.parts.into_iter();
    let wanted: Vec<PartWanted> =
        wanted.map(|part| PartWanted { number: part.n, size: part.size, crc: part.crc }).collect();
    let parts = portal.files().sign_parts(&person, &id, &wanted).await?;
    Ok((
        noted,
        Json(SignedPartsBody { parts: parts.into_iter().map(render::signed_part).collect() }),
    ))
}

/// Completes an upload: the store joins the parts and verifies the checksum of the whole.
#[utoipa::path(post, path = "/api/v1/uploads/{id}/complete", tag = "uploads",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The upload.")),
    request_body = CompleteBody,
    responses((status = 200, body = CompletedBody), StoreProblems))]
pub(crate) async fn complete(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    JsonBody(form): JsonBody<CompleteBody>,
) -> Result<Json<CompletedBody>, Problem> {
    let done = portal.files().complete_upload(&person, &id, &form.crc).await?;
    Ok(Json(render::completion(done)))
}

/// Gives an upload up and frees what the store holds of it.
#[utoipa::path(delete, path = "/api/v1/uploads/{id}", tag = "uploads",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The upload.")),
    responses((status = 204), StoreProblems))]
pub(crate) async fn abort(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    portal.files().abort_upload(&person, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
