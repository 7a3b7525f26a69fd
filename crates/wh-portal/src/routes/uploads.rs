//! Uploads: begun here, sent to the store by the browser, completed here.

use std::io;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use futures::{StreamExt, TryStreamExt};
use wh_files::{FilePath, NewUpload, PartWanted, UploadError, WholeWanted};

use crate::answers::StoreProblems;
use crate::extract::{Caller, Id, Ids, JsonBody};
use crate::problem::Problem;
use crate::record::{Noted, listed};
use crate::render;
use crate::state::Portal;
use crate::wire::{
    CompleteBody, CompletedBody, PartsBody, SignedPartsBody, UploadBody, UploadFormBody,
    UploadWithPartsBody, UploadsBody, WholeFilesBody,
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
    let done = portal
        .files()
        .complete_upload(&person, &id, &form.crc, &form.etags.unwrap_or_default())
        .await?;
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

/// Hands a part on to the store as it comes, where a browser cannot reach the store: the bytes of the part
/// as `application/octet-stream`, with their length. It is sent in the name of the person and judged by the
/// store, as by a signed link; at most 8 at once.
#[utoipa::path(put, path = "/api/v1/uploads/{id}/parts/{n}", tag = "uploads",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The upload."),
        ("n" = u16, Path, description = "The part, from 1."),
        ("x-amz-checksum-crc64nvme" = String, Header, description = "CRC64NVME of the part, in Base64. The store verifies it.")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200), StoreProblems))]
pub(crate) async fn pass_part(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Ids(id, number): Ids,
    headers: HeaderMap,
    body: Body,
) -> Result<(Noted, StatusCode), Problem> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let size = text(CONTENT_LENGTH.as_str()).parse().unwrap_or_default();
    let number = number.parse().map_err(|_none| UploadError::Part { number: 0, size })?;
    let crc = text(PART_CHECKSUM).to_owned();
    let bytes = body.into_data_stream().map_err(io::Error::other).boxed();
    let part = PartWanted { number, size, crc };
    portal.files().pass_part(&person, &id, part, bytes).await?;
    Ok((Noted::said(format!("handed on part {number}, {size} bytes")), StatusCode::OK))
}

/// As S3 calls it, so that the same headers go either way.
pub(crate) const PART_CHECKSUM: &str = "x-amz-checksum-crc64nvme";

/// Signs small files, at most 16 at once: each may then be PUT to the store for 15 minutes, as one object and
/// where no file is yet. The store answers 412 where one is; [`begin`] tells what it is.
#[utoipa::path(post, path = "/api/v1/locations/{id}/puts", tag = "uploads",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The location.")),
    request_body = WholeFilesBody,
    responses((status = 200, body = SignedPartsBody), StoreProblems))]
pub(crate) async fn sign_whole(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    JsonBody(form): JsonBody<WholeFilesBody>,
) -> Result<(Noted, Json<SignedPartsBody>), Problem> {
    let told: Vec<String> =
        form.files.iter().map(|file| format!("{}, {} bytes", file.path, file.size)).collect();
    let wanted = form.files.into_iter().map(|file| -> Result<WholeWanted, Problem> {
        let path = FilePath::parse(&file.path)?;
        Ok(WholeWanted { path, size: file.size, content_type: file.content_type, crc: file.crc })
    });
    let wanted = wanted.collect::<Result<Vec<_>, _>>()?;
    let signed = portal.files().sign_whole(&person, &id, wanted).await?;
    let parts = signed.into_iter().map(render::signed_part).collect();
    Ok((Noted::said(format!("signed PUT of {}", listed(&told))), Json(SignedPartsBody { parts })))
}
