//! Groups of persons, as administrators see and manage them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_names::Uid;
use wh_people::{Administrator, People, PersonGroupRow, ProvenAdministrator};

use crate::answers::AdministratorProblems;
use crate::changes::Change;
use crate::extract::{Id, Ids, JsonBody, group_id, uid};
use crate::problem::Problem;
use crate::record::Noted;
use crate::render;
use crate::routes::changes::enforced;
use crate::state::Portal;
use crate::wire::{GroupFormBody, GroupsBody, MadeGroupBody};

/// All groups with who is in them, by name.
#[utoipa::path(get, path = "/api/v1/groups", tag = "groups",
    security(("session" = ["administrator"])),
    responses((status = 200, body = GroupsBody), AdministratorProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    administrator: Administrator,
) -> Result<Json<GroupsBody>, Problem> {
    let groups = portal.people().list_groups(&administrator).await?;
    Ok(Json(GroupsBody { groups: groups.into_iter().map(render::group).collect() }))
}

/// Makes a group with nobody in it.
#[utoipa::path(post, path = "/api/v1/groups", tag = "groups",
    security(("session" = ["administrator"])),
    request_body = GroupFormBody,
    responses((status = 201, body = MadeGroupBody), AdministratorProblems))]
pub(crate) async fn make(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    JsonBody(form): JsonBody<GroupFormBody>,
) -> Result<(StatusCode, Noted, Json<MadeGroupBody>), Problem> {
    let group = portal.people().make_group(&administrator, &form.name).await?;
    let noted = Noted::said(format!("before: nothing; now: {}", in_words(&group)));
    Ok((StatusCode::CREATED, noted, Json(made(group))))
}

/// Gives a group another name.
#[utoipa::path(put, path = "/api/v1/groups/{id}", tag = "groups",
    security(("session" = ["administrator"])),
    params(("id" = String, Path, description = "The group.")),
    request_body = GroupFormBody,
    responses((status = 200, body = MadeGroupBody), AdministratorProblems))]
pub(crate) async fn rename(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Id(id): Id,
    JsonBody(form): JsonBody<GroupFormBody>,
) -> Result<(Noted, Json<MadeGroupBody>), Problem> {
    let (before, now) = portal.people().rename_group(&administrator, &id, &form.name).await?;
    let noted = format!("before: {}; now: {}", in_words(&before), in_words(&now));
    Ok((Noted::said(noted), Json(made(now))))
}

/// Deletes a group with its grants. Those who were in it lose at once what they had by it.
#[utoipa::path(delete, path = "/api/v1/groups/{id}", tag = "groups",
    security(("session" = ["administrator"])),
    params(("id" = String, Path, description = "The group.")),
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn delete(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Id(id): Id,
) -> Result<(Noted, StatusCode), Problem> {
    let change = Change::GroupRemoval(group_id(&id)?);
    let (noted, _) = enforced(&portal, &administrator, change).await?;
    Ok((noted, StatusCode::NO_CONTENT))
}

/// Deletes a group, and drops the role sessions of those who were in it.
pub(crate) async fn deleted(
    (portal, people): (&Portal, &People),
    administrator: &ProvenAdministrator,
    id: &str,
) -> Result<Noted, Problem> {
    let (group, inside) = people.delete_group(administrator, id).await?;
    for uid in &inside {
        portal.files().forget(uid);
    }
    let noted = format!("before: {} with {} in it; now: nothing", in_words(&group), inside.len());
    Ok(Noted::said(noted))
}

/// Puts a person into a group. Who is in it already stays in it.
#[utoipa::path(put, path = "/api/v1/groups/{id}/members/{uid}", tag = "groups",
    security(("session" = ["administrator"])),
    params(("id" = String, Path, description = "The group."),
        ("uid" = String, Path, description = "The person.")),
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn add_member(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Ids(id, person): Ids,
) -> Result<(Noted, StatusCode), Problem> {
    let person = uid(&person)?;
    let change = Change::Member(group_id(&id)?, person);
    let (noted, _) = enforced(&portal, &administrator, change).await?;
    Ok((noted, StatusCode::NO_CONTENT))
}

/// Puts a person into a group.
pub(crate) async fn joined(
    people: &People,
    administrator: &ProvenAdministrator,
    (id, person): (&str, &Uid),
) -> Result<Noted, Problem> {
    let (group, added) = people.add_member(administrator, id, person).await?;
    let before = if added { "not in it" } else { "in it" };
    let noted = format!("before: {before}; now: person/{person} in {}", in_words(&group));
    Ok(Noted::said(noted))
}

/// Takes a person out of a group. They lose at once what they had by it.
#[utoipa::path(delete, path = "/api/v1/groups/{id}/members/{uid}", tag = "groups",
    security(("session" = ["administrator"])),
    params(("id" = String, Path, description = "The group."),
        ("uid" = String, Path, description = "The person.")),
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn remove_member(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Ids(id, person): Ids,
) -> Result<(Noted, StatusCode), Problem> {
    let person = uid(&person)?;
    let change = Change::MemberRemoval(group_id(&id)?, person);
    let (noted, _) = enforced(&portal, &administrator, change).await?;
    Ok((noted, StatusCode::NO_CONTENT))
}

/// Takes a person out of a group, and drops their role sessions.
pub(crate) async fn left(
    (portal, people): (&Portal, &People),
    administrator: &ProvenAdministrator,
    (id, person): (&str, &Uid),
) -> Result<Noted, Problem> {
    let group = people.remove_member(administrator, id, person).await?;
    portal.files().forget(person);
    let noted = format!("before: person/{person} in {}; now: not", in_words(&group));
    Ok(Noted::said(noted))
}

fn made(group: PersonGroupRow) -> MadeGroupBody {
    MadeGroupBody { id: group.id.as_str().to_owned(), name: group.name }
}

/// A group, as the audit log tells of it.
fn in_words(group: &PersonGroupRow) -> String {
    format!("group/{} `{}`", group.id, group.name)
}
