//! Grants: who has which role, where, and until when.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_people::{
    AdministrationError, Administrator, GrantForm, GrantRecord, GrantRow, GrantSubject, People,
    ProvenAdministrator, RowId,
};

use crate::answers::AdministratorProblems;
use crate::changes::{Change, NO_ROW};
use crate::extract::{Id, JsonBody, bucket, group_id, moment, prefix, role, uid};
use crate::problem::Problem;
use crate::record::Noted;
use crate::render;
use crate::routes::changes::enforced;
use crate::state::Portal;
use crate::wire::{GrantBody, GrantFormBody, GrantToBody, GrantsBody, NewGrantBody};

/// Every grant, the oldest first, those included that have ended.
#[utoipa::path(get, path = "/api/v1/grants", tag = "grants",
    security(("session" = ["administrator"])),
    responses((status = 200, body = GrantsBody), AdministratorProblems))]
pub(crate) async fn all(
    State(portal): State<Portal>,
    administrator: Administrator,
) -> Result<Json<GrantsBody>, Problem> {
    Ok(body(portal.people().all_grants(&administrator).await?))
}

/// Gives a person, a group or everyone a role at a place, if no guard rail forbids it.
#[utoipa::path(post, path = "/api/v1/grants", tag = "grants",
    security(("session" = ["administrator"])),
    request_body = NewGrantBody,
    responses((status = 201, body = GrantBody), AdministratorProblems))]
pub(crate) async fn give(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    JsonBody(form): JsonBody<NewGrantBody>,
) -> Result<(StatusCode, Noted, Json<GrantBody>), Problem> {
    given(&portal, &administrator, parted(form)?).await
}

/// To whom a grant is to be given, and what.
pub(crate) fn parted(form: NewGrantBody) -> Result<(GrantSubject, GrantFormBody), Problem> {
    let NewGrantBody { to, role, bucket, prefix, title, ends } = form;
    let subject = match to {
        GrantToBody::Person { uid: person } => GrantSubject::Person(uid(&person)?),
        GrantToBody::Group { id } => GrantSubject::Group(group_id(&id)?),
        GrantToBody::Everyone {} => GrantSubject::Everyone,
    };
    Ok((subject, GrantFormBody { role, bucket, prefix, title, ends }))
}

/// The grants that are given to a person by name.
#[utoipa::path(get, path = "/api/v1/people/{uid}/grants", tag = "grants",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person.")),
    responses((status = 200, body = GrantsBody), AdministratorProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    administrator: Administrator,
    Id(person): Id,
) -> Result<Json<GrantsBody>, Problem> {
    Ok(body(portal.people().grants_of(&administrator, &uid(&person)?).await?))
}

/// Gives a person a role at a place, if no guard rail forbids it.
#[utoipa::path(post, path = "/api/v1/people/{uid}/grants", tag = "grants",
    security(("session" = ["administrator"])),
    params(("uid" = String, Path, description = "The person.")),
    request_body = GrantFormBody,
    responses((status = 201, body = GrantBody), AdministratorProblems))]
pub(crate) async fn add(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Id(person): Id,
    JsonBody(form): JsonBody<GrantFormBody>,
) -> Result<(StatusCode, Noted, Json<GrantBody>), Problem> {
    given(&portal, &administrator, (GrantSubject::Person(uid(&person)?), form)).await
}

/// Takes a grant away. Nobody is left without an administrator who can do all that one must.
#[utoipa::path(delete, path = "/api/v1/grants/{id}", tag = "grants",
    security(("session" = ["administrator"])),
    params(("id" = String, Path, description = "The grant.")),
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn remove(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Id(id): Id,
) -> Result<(Noted, StatusCode), Problem> {
    let row = RowId::parse(&id).map_err(|_| AdministrationError::NoSuchGrant)?;
    let (noted, _) = enforced(&portal, &administrator, Change::Removal(row)).await?;
    Ok((noted, StatusCode::NO_CONTENT))
}

/// Takes a grant away, and drops the role sessions of those who held it.
pub(crate) async fn taken(
    (portal, people): (&Portal, &People),
    administrator: &ProvenAdministrator,
    id: &str,
) -> Result<Noted, Problem> {
    let (grant, held_by) = people.remove_grant(administrator, id).await?;
    match &grant.subject {
        GrantSubject::Person(_) | GrantSubject::Group(_) => {
            for uid in &held_by {
                portal.files().forget(uid);
            }
        }
        GrantSubject::Everyone => portal.files().forget_everyone(),
    }
    Ok(Noted::said(format!("before: {}; now: taken away", in_words(&grant))))
}

async fn given(
    portal: &Portal,
    administrator: &ProvenAdministrator,
    wanted: (GrantSubject, GrantFormBody),
) -> Result<(StatusCode, Noted, Json<GrantBody>), Problem> {
    let form = portal.people().checked_grant(form(portal, wanted)?)?;
    let (noted, made) = enforced(portal, administrator, change(portal, form)?).await?;
    let grant = made.grant.ok_or(AdministrationError::NoSuchGrant)?;
    Ok((StatusCode::CREATED, noted, Json(grant)))
}

/// The change that giving a grant is.
pub(crate) fn change(portal: &Portal, form: GrantForm) -> Result<Change, Problem> {
    let row = GrantRow {
        id: RowId::parse(NO_ROW).map_err(|error| Problem::internal(&error))?,
        subject: form.subject.clone(),
        role: form.role.clone(),
        bucket: form.bucket.clone().unwrap_or_else(|| portal.people().bucket().clone()),
        prefix: form.prefix.clone(),
        title: form.title.clone(),
        created_at: portal.clock().now(),
        created_by: None,
        ends_at: form.ends_at,
    };
    Ok(Change::Grant(Box::new((form, row))))
}

/// A grant as it was asked for, in names that are checked.
pub(crate) fn form(
    portal: &Portal,
    (subject, form): (GrantSubject, GrantFormBody),
) -> Result<GrantForm, Problem> {
    Ok(GrantForm {
        subject,
        role: role(&form.role)?,
        bucket: form.bucket.map(|named| bucket(&named, portal.buckets())).transpose()?,
        prefix: prefix(&form.prefix)?,
        title: form.title,
        ends_at: form.ends.map(|end| moment(&end, "ends")).transpose()?,
    })
}

fn body(grants: Vec<GrantRecord>) -> Json<GrantsBody> {
    Json(GrantsBody { grants: grants.into_iter().map(render::grant).collect() })
}

/// A grant, as the audit log tells of it.
pub(crate) fn in_words(grant: &GrantRow) -> String {
    let subject = match &grant.subject {
        GrantSubject::Person(uid) => format!("person/{uid}"),
        GrantSubject::Group(id) => format!("group/{id}"),
        GrantSubject::Everyone => "everyone".to_owned(),
    };
    let until = grant.ends_at.map(|end| format!(" until {end}")).unwrap_or_default();
    format!("{} on {}/{} for {subject}{until}", grant.role, grant.bucket, grant.prefix)
}
