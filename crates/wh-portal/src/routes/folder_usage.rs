//! How much lies in a folder, and in which of the folders in it.

use axum::Json;
use axum::extract::State;
use wh_files::FolderPath;

use crate::answers::StoreProblems;
use crate::extract::{Caller, Id, Params};
use crate::problem::{Code, Problem};
use crate::render;
use crate::state::Portal;
use crate::wire::{FolderUsageBody, FolderUsageQuery};

/// How much lies in a folder and below each of the folders in it, the largest first, as far as one may list it.
#[utoipa::path(get, path = "/api/v1/locations/{id}/usage", tag = "locations",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The location."), FolderUsageQuery),
    responses((status = 200, body = FolderUsageBody), StoreProblems))]
pub(crate) async fn usage(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    Params(query): Params<FolderUsageQuery>,
) -> Result<Json<FolderUsageBody>, Problem> {
    let folder = FolderPath::parse(&query.path)?;
    if let Err(wait) = portal.search_pace().admit(person.uid()) {
        let why = "this is asked more often than one person may; wait a little";
        return Err(Problem::new(Code::TooManyRequests, why).after(wait));
    }
    let usage = portal.files().folder_usage(&person, &id, &folder).await?;
    Ok(Json(render::folder_usage::usage(query.path, usage)))
}
