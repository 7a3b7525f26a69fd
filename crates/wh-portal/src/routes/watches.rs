//! What one watches: folders and files of which one is told by mail what others did there.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use wh_files::{EntryPath, NewWatch, WatchError, WatchLanguage, WatchRhythm};
use wh_people::RowId;

use crate::answers::{PersonProblems, StoreProblems};
use crate::extract::{Caller, Id, JsonBody};
use crate::problem::Problem;
use crate::record::Noted;
use crate::render::watches as render;
use crate::state::Portal;
use crate::wire::{WatchBody, WatchFormBody, WatchLanguageBody, WatchRhythmBody, WatchesBody};

/// What one watches, the newest first, and whether mail reaches one.
#[utoipa::path(get, path = "/api/v1/watches", tag = "watches",
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = WatchesBody), PersonProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    Caller(person): Caller,
) -> Result<Json<WatchesBody>, Problem> {
    let mail = portal.files().watch_mail(&person).await?;
    Ok(Json(render::watches(portal.files().watches(&person).await?, mail)))
}

/// Watches a folder that one may list, with the versions there, or a file in it; what one watches already is told of
/// so from now on. At most 100. Letters go to one's own confirmed address, and tell what one may list when they are
/// written, whichever token it was made by.
#[utoipa::path(post, path = "/api/v1/watches", tag = "watches",
    security(("session" = []), ("token" = [])),
    request_body = WatchFormBody,
    responses((status = 201, body = WatchBody), StoreProblems))]
pub(crate) async fn make(
    State(portal): State<Portal>,
    Caller(person): Caller,
    JsonBody(form): JsonBody<WatchFormBody>,
) -> Result<Response, Problem> {
    let path = Some(form.path).filter(|path| !path.is_empty());
    let new = NewWatch {
        location: form.location,
        path: path.map(|path| EntryPath::parse(&path)).transpose()?,
        rhythm: match form.rhythm {
            Some(WatchRhythmBody::Soon) | None => WatchRhythm::Soon,
            Some(WatchRhythmBody::Daily) => WatchRhythm::Daily,
        },
        language: match form.language {
            Some(WatchLanguageBody::En) | None => WatchLanguage::English,
            Some(WatchLanguageBody::De) => WatchLanguage::German,
        },
    };
    let watch = portal.files().watch(&person, new).await?;
    let (path, grant, rhythm) = (&watch.row.path, &watch.row.grant, watch.row.rhythm.as_str());
    let noted = Noted::said(format!("watches `{path}` in {grant}: {rhythm}"));
    Ok((StatusCode::CREATED, noted, Json(render::watch(watch))).into_response())
}

/// Ends a watch. What was still to be told of it is told no more.
#[utoipa::path(delete, path = "/api/v1/watches/{id}", tag = "watches",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The watch.")),
    responses((status = 204), PersonProblems))]
pub(crate) async fn end(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
) -> Result<(Noted, StatusCode), Problem> {
    let id = RowId::parse(&id).map_err(|_| Problem::from(WatchError::NoSuchWatch))?;
    let row = portal.files().end_watch(&person, &id).await?;
    let noted = format!("watches `{}` in {} no longer", row.path, row.grant);
    Ok((Noted::said(noted), StatusCode::NO_CONTENT))
}
