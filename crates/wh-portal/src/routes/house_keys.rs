//! The house's own keys: how old they are, and rotating them.

use axum::Json;
use axum::extract::State;
use wh_people::{Administrator, ProvenAdministrator};

use crate::answers::AdministratorProblems;
use crate::problem::{Code, Problem};
use crate::record::Noted;
use crate::state::Portal;
use crate::wire::HouseKeysBody;

/// The house's own keys and their ages, without the keys.
#[utoipa::path(get, path = "/api/v1/house-keys", tag = "house-keys",
    security(("session" = ["administrator"])),
    responses((status = 200, body = HouseKeysBody), AdministratorProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    _administrator: Administrator,
) -> Result<Json<HouseKeysBody>, Problem> {
    listed(&portal).map(Json)
}

/// Rotates the keys of sessions and sealed secrets and the key of the audit log. What the old ones sealed
/// and signed stays good.
#[utoipa::path(post, path = "/api/v1/house-keys/rotation", tag = "house-keys",
    security(("session" = ["administrator"])),
    responses((status = 200, body = HouseKeysBody), AdministratorProblems))]
pub(crate) async fn rotate(
    State(portal): State<Portal>,
    _administrator: ProvenAdministrator,
) -> Result<(Noted, Json<HouseKeysBody>), Problem> {
    let before = newest(&listed(&portal)?);
    portal.house_keys().rotate().await.map_err(failed)?;
    let keys = listed(&portal)?;
    let noted = format!("before: {before}; now: {}", newest(&keys));
    Ok((Noted::said(noted), Json(keys)))
}

fn listed(portal: &Portal) -> Result<HouseKeysBody, Problem> {
    Ok(portal.house_keys().list().map_err(failed)?.into())
}

fn failed(error: String) -> Problem {
    tracing::error!(error, "the house's own keys cannot be looked after");
    Problem::new(Code::Internal, "something went wrong here; it was logged under the request's id")
}

/// The newest key of each file.
fn newest(body: &HouseKeysBody) -> String {
    let keys = &body.keys;
    let later = |at: usize, file: &str| keys.iter().skip(at + 1).any(|key| key.file == file);
    let newest = keys.iter().enumerate().filter(|(at, key)| !later(*at, &key.file));
    let told = newest.map(|(_, key)| format!("{} generation {}", key.file, key.generation));
    told.collect::<Vec<_>>().join(", ")
}
