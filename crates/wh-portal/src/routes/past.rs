//! A folder as it was at a moment. It is brought back by a job.

use axum::Json;
use axum::extract::State;
use wh_files::{FolderPath, moment};

use crate::answers::StoreProblems;
use crate::extract::{Caller, Id, Params};
use crate::problem::Problem;
use crate::render::past as render;
use crate::state::Portal;
use crate::wire::{PastBody, PastQuery};

/// One page of a folder as it was at a moment, from the versions that the bucket keeps, with what has become of
/// it since. What the versions cannot tell is said in `tells`.
#[utoipa::path(get, path = "/api/v1/locations/{id}/past", tag = "locations",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The location."), PastQuery),
    responses((status = 200, body = PastBody), StoreProblems))]
pub(crate) async fn show(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    Params(query): Params<PastQuery>,
) -> Result<Json<PastBody>, Problem> {
    let (folder, at) = (FolderPath::parse(&query.path)?, moment(&query.at)?);
    let page = portal.files().past(&person, (&id, &folder), at, query.cursor.as_deref()).await?;
    Ok(Json(render::past(query.path, at, page)))
}
