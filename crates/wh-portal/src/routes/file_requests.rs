//! File requests: folders into which people without an account send files; made and shown once, listed, revoked. What
//! they take is in [`crate::requests`].

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use wh_files::{
    FolderPath, LinkRules, NewRequest, REQUEST_DAYS_GIVEN, RequestError, RequestLimits,
    RequestRecord,
};
use wh_people::{Administrator, RowId};

use super::links::after;
use crate::answers::{AdministratorProblems, PersonProblems, StoreProblems};
use crate::extract::{Caller, Id, JsonBody, Params, secret};
use crate::problem::{Code, Problem};
use crate::record::Noted;
use crate::render;
use crate::state::Portal;
use crate::wire::{CursorQuery, FileRequestFormBody, FileRequestsBody, MadeFileRequestBody};

/// One's own file requests, the newest first.
#[utoipa::path(get, path = "/api/v1/file-requests", tag = "file-requests",
    security(("session" = []), ("token" = [])),
    params(CursorQuery),
    responses((status = 200, body = FileRequestsBody), PersonProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Params(CursorQuery { cursor }): Params<CursorQuery>,
) -> Result<Json<FileRequestsBody>, Problem> {
    let cursor = cursor.as_deref().map(after).transpose()?;
    let page = portal.files().own_requests(&person, cursor.as_ref()).await?;
    Ok(Json(render::file_requests::file_requests(page)))
}

/// Everybody's file requests, the newest first.
#[utoipa::path(get, path = "/api/v1/file-requests/all", tag = "file-requests",
    security(("session" = ["administrator"])),
    params(CursorQuery),
    responses((status = 200, body = FileRequestsBody), AdministratorProblems))]
pub(crate) async fn all(
    State(portal): State<Portal>,
    administrator: Administrator,
    Params(CursorQuery { cursor }): Params<CursorQuery>,
) -> Result<Json<FileRequestsBody>, Problem> {
    let cursor = cursor.as_deref().map(after).transpose()?;
    let page = portal.files().all_requests(&administrator, cursor.as_ref()).await?;
    Ok(Json(render::file_requests::file_requests(page)))
}

/// Asks for files into a folder that one may write into, and shows the address once. They are taken by one's own
/// rights as they are at each use, in sessions of `UploadRole`. By an API token, it ends with the token.
#[utoipa::path(post, path = "/api/v1/file-requests", tag = "file-requests",
    security(("session" = []), ("token" = [])),
    request_body = FileRequestFormBody,
    responses((status = 201, body = MadeFileRequestBody), StoreProblems))]
pub(crate) async fn make(
    State(portal): State<Portal>,
    Caller(person): Caller,
    JsonBody(form): JsonBody<FileRequestFormBody>,
) -> Result<Response, Problem> {
    let rules = portal.files().link_rules().await?;
    let (location, wish) = wish(form, &rules)?;
    let made = portal.files().make_request(&person, &location, wish).await?;
    let noted = Noted::said(in_words(&made.record));
    let path = format!("/r/{}", made.token.expose());
    let request = render::file_requests::file_request(made.record);
    let headers = [(CACHE_CONTROL, "no-store")];
    let body = Json(MadeFileRequestBody { request, path });
    Ok((StatusCode::CREATED, noted, headers, body).into_response())
}

/// The location, and what is wished for there.
fn wish(form: FileRequestFormBody, rules: &LinkRules) -> Result<(String, NewRequest), Problem> {
    if form.endless && form.days.is_some() {
        let why = "a file request lives so many days, or until it is revoked";
        return Err(Problem::new(Code::InvalidBody, why).at_field("endless"));
    }
    let given = rules.days_max.map_or(REQUEST_DAYS_GIVEN, |max| max.min(REQUEST_DAYS_GIVEN));
    let usual = RequestLimits::default();
    let wish = NewRequest {
        folder: FolderPath::parse(&form.path)?,
        title: form.title,
        message: form.message.unwrap_or_default(),
        password: form.password.as_deref().map(|text| secret(text, "password")).transpose()?,
        asks_email: form.asks_email,
        kinds: form.kinds.unwrap_or_default(),
        days: form.days.or((!form.endless).then_some(given)),
        limits: RequestLimits {
            file_bytes: form.file_bytes_max.unwrap_or(usual.file_bytes),
            bytes: form.bytes_max.unwrap_or(usual.bytes),
            files: form.files_max.unwrap_or(usual.files),
            sender_files: form.sender_files_max.unwrap_or(usual.sender_files),
        },
    };
    Ok((form.location, wish))
}

/// Revokes a file request, for good: one's own, and as administrator anybody's. What is on its way ends within a
/// second in our own store, and within five minutes in Amazon's; what has arrived stays.
#[utoipa::path(delete, path = "/api/v1/file-requests/{id}", tag = "file-requests",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The file request.")),
    responses((status = 204), PersonProblems))]
pub(crate) async fn revoke(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
) -> Result<(Noted, StatusCode), Problem> {
    let id = RowId::parse(&id).map_err(|_| Problem::from(RequestError::NoSuchRequest))?;
    let row = portal.files().revoke_request(&person, &id).await?;
    let whose = if row.uid == *person.uid() { String::new() } else { format!(" of {}", row.uid) };
    let noted = format!("a file request{whose} into `{}` in {}", row.path, row.grant_id);
    Ok((Noted::said(noted), StatusCode::NO_CONTENT))
}

/// A request, as the audit log tells of it.
fn in_words(request: &RequestRecord) -> String {
    let row = &request.row;
    let until =
        request.ends.map_or_else(|| "until it is revoked".to_owned(), |end| format!("until {end}"));
    let password = if row.password.is_some() { "with" } else { "without" };
    format!(
        "file request {} into `{}` in {}: {until}, {password} a password, {} files and {} bytes at most",
        row.id, row.path, row.grant_id, row.files_max, row.bytes_max
    )
}
