//! Jobs over many files, and the trash. The work is done in the background; what came of it is asked for.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_files::{Destination, EntryPath, FolderPath, JobError, JobKind, NewJob, PastOrder, moment};

use crate::answers::{PersonProblems, StoreProblems};
use crate::extract::{Caller, Id, JsonBody, Params};
use crate::problem::Problem;
use crate::record::{Noted, listed};
use crate::render::jobs as render;
use crate::state::Portal;
use crate::wire::{
    CursorQuery, JobBody, JobFormBody, JobWithFailuresBody, JobsBody, TrashBody, TrashQuery,
};

/// Asks for a job. It goes on in the background, also when the portal is started again; each object is
/// moved by itself, and nothing is overwritten that is not to be.
#[utoipa::path(post, path = "/api/v1/jobs", tag = "jobs",
    security(("session" = []), ("token" = [])),
    request_body = JobFormBody,
    responses((status = 201, body = JobBody), StoreProblems))]
pub(crate) async fn begin(
    State(portal): State<Portal>,
    Caller(person): Caller,
    JsonBody(form): JsonBody<JobFormBody>,
) -> Result<(StatusCode, Noted, Json<JobBody>), Problem> {
    let said = said(&form);
    let paths: Result<Vec<EntryPath>, _> = form.paths.iter().map(|p| EntryPath::parse(p)).collect();
    let to = form.to.map(|to| {
        let folder = FolderPath::parse(&to.folder)?;
        Ok::<_, Problem>(Destination { location: to.location, folder, name: to.name })
    });
    let past = match &form.at {
        Some(at) => Some(PastOrder { at: moment(at)?, delete_newer: form.delete_newer }),
        None if form.delete_newer => return Err(JobError::At.into()),
        None => None,
    };
    let wanted = NewJob {
        kind: form.kind.into(),
        location: form.location,
        paths: paths?,
        to: to.transpose()?,
        conflict: form.conflict.into(),
        undoes: form.undoes,
        confirm: form.confirm,
        past,
    };
    let job = portal.files().begin_job(&person, wanted).await?;
    let noted = Noted::said(format!("job {}: {said}", job.row.id));
    Ok((StatusCode::CREATED, noted, Json(render::job(job.row))))
}

fn said(form: &JobFormBody) -> String {
    let JobFormBody { kind, location, paths, to, undoes, at, delete_newer, .. } = form;
    let kind = JobKind::from(*kind).as_str();
    let to = to.as_ref().map(|to| format!(" to {} in {}", to.folder, to.location));
    let undoes = undoes.as_ref().map(|job| format!(" what {job} deleted"));
    let at = at.as_ref().map(|at| {
        let newer = if *delete_newer { ", without what is newer" } else { "" };
        format!(" as it was at {at}{newer}")
    });
    let named = if paths.is_empty() && at.is_some() { "all".to_owned() } else { listed(paths) };
    let (undoes, to, at) =
        (undoes.unwrap_or_default(), to.unwrap_or_default(), at.unwrap_or_default());
    format!("{kind} {named}{undoes} of {location}{to}{at}")
}

/// One page of one's own jobs, for a week after they ended.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(CursorQuery),
    responses((status = 200, body = JobsBody), PersonProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Params(CursorQuery { cursor }): Params<CursorQuery>,
) -> Result<Json<JobsBody>, Problem> {
    Ok(Json(render::jobs(portal.files().jobs(&person, cursor.as_deref()).await?)))
}

/// A job, with one page of what failed and why.
#[utoipa::path(get, path = "/api/v1/jobs/{id}", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The job."), CursorQuery),
    responses((status = 200, body = JobWithFailuresBody), PersonProblems))]
pub(crate) async fn show(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    Params(CursorQuery { cursor }): Params<CursorQuery>,
) -> Result<Json<JobWithFailuresBody>, Problem> {
    let job = portal.files().job(&person, &id, cursor.as_deref()).await?;
    Ok(Json(render::job_with_failures(job)))
}

/// Gives a job up. What is begun ends first; what is done stays done.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/cancel", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The job.")),
    responses((status = 200, body = JobWithFailuresBody), PersonProblems))]
pub(crate) async fn cancel(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
) -> Result<Json<JobWithFailuresBody>, Problem> {
    let job = portal.files().cancel_job(&person, &id).await?;
    Ok(Json(render::job_with_failures(job)))
}

/// One page of what is deleted below a folder and can be brought back.
#[utoipa::path(get, path = "/api/v1/locations/{id}/trash", tag = "locations",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The location."), TrashQuery),
    responses((status = 200, body = TrashBody), StoreProblems))]
pub(crate) async fn trash(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    Params(query): Params<TrashQuery>,
) -> Result<Json<TrashBody>, Problem> {
    let folder = FolderPath::parse(&query.path)?;
    let page = portal.files().trash(&person, (&id, &folder), query.cursor.as_deref()).await?;
    Ok(Json(render::trash(page)))
}
