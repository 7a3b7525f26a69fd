//! Searching by name, and the index that names are found in.

use std::str::FromStr;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use wh_files::{FolderPath, SEARCH_PAGE_MAX, Search, SearchKind};
use wh_people::Administrator;

use crate::answers::{AdministratorProblems, PersonProblems};
use crate::extract::{Caller, Params};
use crate::problem::{Code, Problem};
use crate::record::Noted;
use crate::render;
use crate::state::Portal;
use crate::wire::{SearchIndexBody, SearchQuery, SearchResultsBody};

/// How many results a page has that does not say how many.
const PAGE_RESULTS: usize = 50;

/// What one's locations hold that has such a name, as far as one may list it.
#[utoipa::path(get, path = "/api/v1/search", tag = "search",
    security(("session" = []), ("token" = [])),
    params(SearchQuery),
    responses((status = 200, body = SearchResultsBody), PersonProblems))]
pub(crate) async fn find(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Params(query): Params<SearchQuery>,
) -> Result<Json<SearchResultsBody>, Problem> {
    let search = asked(query)?;
    if let Err(wait) = portal.search_pace().admit(person.uid()) {
        let why = "these are more searches than one person may ask for; wait a little";
        return Err(Problem::new(Code::TooManyRequests, why).after(wait));
    }
    Ok(Json(render::search::results(portal.files().search(&person, search).await?)))
}

/// How many names the index holds, and how far it is in step.
#[utoipa::path(get, path = "/api/v1/search/index", tag = "search",
    security(("session" = ["administrator"])),
    responses((status = 200, body = SearchIndexBody), AdministratorProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    _asks: Administrator,
) -> Json<SearchIndexBody> {
    Json(render::search::index(portal.files().search_index(), portal.clock().now()))
}

/// Has the index made anew from the store. What it holds is found meanwhile.
#[utoipa::path(post, path = "/api/v1/search/rebuild", tag = "search",
    security(("session" = ["administrator"])),
    responses((status = 202), AdministratorProblems))]
pub(crate) async fn rebuild(
    State(portal): State<Portal>,
    _asks: Administrator,
) -> (Noted, StatusCode) {
    portal.files().search_index().rebuild();
    (Noted::said("had the index of names made anew".to_owned()), StatusCode::ACCEPTED)
}

fn asked(query: SearchQuery) -> Result<Search, Problem> {
    let place = match (query.location, query.path) {
        (Some(location), path) => Some((location, FolderPath::parse(&path.unwrap_or_default())?)),
        (None, None) => None,
        (None, Some(_)) => {
            return Err(wrong("path", "name the location that the folder is in, too"));
        }
    };
    let size = |field, text: Option<String>| {
        parsed::<u64>(field, text, "it is a number of bytes, such as 1048576")
    };
    let time = |field, text: Option<String>| {
        parsed::<Timestamp>(field, text, "it is a time such as 2026-01-31T00:00:00Z")
    };
    let kinds = "it is folder, image, video, audio, document, spreadsheet, presentation, archive, text or other";
    let kind = query
        .kind
        .as_deref()
        .map(|kind| SearchKind::parse(kind).ok_or_else(|| wrong("kind", kinds)));
    let limits = "it is a number from 1 to 200";
    let limit = parsed::<usize>("limit", query.limit, limits)?.unwrap_or(PAGE_RESULTS);
    if !(1..=SEARCH_PAGE_MAX).contains(&limit) {
        return Err(wrong("limit", limits));
    }
    Ok(Search {
        words: query.q,
        kind: kind.transpose()?,
        size: (size("size_min", query.size_min)?, size("size_max", query.size_max)?),
        modified: (
            time("modified_after", query.modified_after)?,
            time("modified_before", query.modified_before)?,
        ),
        place,
        cursor: query.cursor,
        limit,
    })
}

fn parsed<T: FromStr>(
    field: &'static str,
    text: Option<String>,
    fix: &'static str,
) -> Result<Option<T>, Problem> {
    text.map(|text| text.parse().map_err(|_| wrong(field, fix))).transpose()
}

fn wrong(field: &'static str, fix: &'static str) -> Problem {
    Problem::new(Code::InvalidParameter, fix).at_field(field)
}
