//! What happened to files, as those who may list the folder see it.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use wh_files::{ACTIVITY_PAGE_MAX, ActivityKind, ActivityQuestion, EntryPath};
use wh_people::{Person, PersonName};

use crate::answers::{PersonProblems, StoreProblems};
use crate::extract::{Caller, Id, Params};
use crate::problem::{Code, Problem};
use crate::render::activity as render;
use crate::state::Portal;
use crate::wire::{ActivityBody, ActivityQuery};

/// How many entries a page has that does not say how many.
const PAGE_ENTRIES: usize = 30;

/// What happened in all of one's locations, the newest first, as far as one may list the folder that it happened
/// in.
#[utoipa::path(get, path = "/api/v1/activity", tag = "activity",
    security(("session" = []), ("token" = [])),
    params(ActivityQuery),
    responses((status = 200, body = ActivityBody), PersonProblems))]
pub(crate) async fn everywhere(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Params(query): Params<ActivityQuery>,
) -> Result<Json<ActivityBody>, Problem> {
    if query.path.is_some() {
        return Err(wrong("path", "ask /api/v1/locations/{id}/activity for a folder or a file"));
    }
    told(&portal, &person, (None, query)).await
}

/// What happened in a location, below a folder of it or to a file, the newest first.
#[utoipa::path(get, path = "/api/v1/locations/{id}/activity", tag = "activity",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The location."), ActivityQuery),
    responses((status = 200, body = ActivityBody), StoreProblems))]
pub(crate) async fn here(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    Params(query): Params<ActivityQuery>,
) -> Result<Json<ActivityBody>, Problem> {
    told(&portal, &person, (Some(id), query)).await
}

async fn told(
    portal: &Portal,
    person: &Person,
    (location, query): (Option<String>, ActivityQuery),
) -> Result<Json<ActivityBody>, Problem> {
    let asked = asked(location, query)?;
    if let Err(wait) = portal.search_pace().admit(person.uid()) {
        let why = "this is asked more often than one person may; wait a little";
        return Err(Problem::new(Code::TooManyRequests, why).after(wait));
    }
    Ok(Json(render::page(portal.files().activity(person, asked).await?)))
}

fn asked(location: Option<String>, query: ActivityQuery) -> Result<ActivityQuestion, Problem> {
    let path = query.path.filter(|path| !path.is_empty());
    let path = path.map(|path| EntryPath::parse(&path)).transpose()?;
    let kinds = "it is added, replaced, written, copied, moved-here, moved-away, trashed, restored, purged, expired or tagged";
    let kind =
        query.kind.map(|kind| ActivityKind::parse(&kind).ok_or_else(|| wrong("kind", kinds)));
    let by = query.person.map(|name| {
        PersonName::parse(&name).map_err(|_| wrong("person", "it is the name of a person"))
    });
    let limits = "it is a number from 1 to 100";
    let limit = query.limit.map(|limit| limit.parse::<usize>().map_err(|_| wrong("limit", limits)));
    let limit = limit.transpose()?.unwrap_or(PAGE_ENTRIES);
    if !(1..=ACTIVITY_PAGE_MAX).contains(&limit) {
        return Err(wrong("limit", limits));
    }
    Ok(ActivityQuestion {
        place: location.map(|location| (location, path)),
        kind: kind.transpose()?,
        by: by.transpose()?,
        within: (time("since", query.since)?, time("until", query.until)?),
        cursor: query.cursor,
        limit,
    })
}

fn time(field: &'static str, text: Option<String>) -> Result<Option<Timestamp>, Problem> {
    let fix = "it is a time such as 2026-01-31T00:00:00Z";
    text.map(|text| text.parse().map_err(|_| wrong(field, fix))).transpose()
}

fn wrong(field: &'static str, fix: &'static str) -> Problem {
    Problem::new(Code::InvalidParameter, fix).at_field(field)
}
