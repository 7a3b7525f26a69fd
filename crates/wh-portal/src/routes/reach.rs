//! Who can reach a place, and what a person can reach. Nothing is changed, and nothing is asked of the store.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_files::{ReachPlace, WhoQuestion};
use wh_people::Administrator;

use crate::answers::AdministratorProblems;
use crate::extract::{Id, Params, bucket, uid};
use crate::problem::Problem;
use crate::render;
use crate::state::Portal;
use crate::wire::{WhatBody, WhoBody, WhoQuery};

/// How many persons are named in one answer.
const PERSONS_MAX: usize = 100;

/// Who can reach an object, a folder or a bucket: persons, grants, roles with machines, and strangers,
/// action by action with what allows it.
#[utoipa::path(get, path = "/api/v1/access/who", tag = "roles",
    security(("session" = ["administrator"])),
    params(WhoQuery),
    responses((status = 200, body = WhoBody), AdministratorProblems))]
pub(crate) async fn who(
    State(portal): State<Portal>,
    administrator: Administrator,
    Params(query): Params<WhoQuery>,
) -> Result<Json<WhoBody>, Problem> {
    let bucket = match &query.bucket {
        Some(name) => bucket(name, portal.buckets())?,
        None => portal.people().bucket().clone(),
    };
    let named_from = usize::try_from(query.from).unwrap_or(usize::MAX);
    let question = WhoQuestion {
        place: ReachPlace::parse(bucket, &query.key).map_err(|_| not_a_key())?,
        named: query.name,
        from: named_from,
        persons_max: PERSONS_MAX,
    };
    let who = portal.files().who_reaches(&administrator, &question).await?;
    Ok(Json(render::reach::who(who)))
}

/// What a person can reach: every place where one of their grants gives anything, or where anybody may do
/// something.
#[utoipa::path(get, path = "/api/v1/people/{uid}/reach", tag = "people",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person.")),
    responses((status = 200, body = WhatBody), AdministratorProblems))]
pub(crate) async fn what(
    State(portal): State<Portal>,
    administrator: Administrator,
    Id(person): Id,
) -> Result<Json<WhatBody>, Problem> {
    let found = portal.files().what_is_reached(&administrator, &uid(&person)?).await?;
    let nobody = || Problem::coded(StatusCode::NOT_FOUND, "no-such-person", "nobody has this uid");
    Ok(Json(render::reach::what(found.ok_or_else(nobody)?)))
}

fn not_a_key() -> Problem {
    let why = "a key has at most 1,024 bytes and no U+0000";
    Problem::coded(StatusCode::BAD_REQUEST, "key-invalid", why).at_field("key")
}
