//! Changes of access: weighed, shown, and made as they were shown; guard rails, and what was saved.

use std::collections::HashMap;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use wh_files::{FilesError, worked_out};
use wh_ledger::{AccessRevision, PolicyVersion, RowId};
use wh_names::Uid;
use wh_people::{
    Actor, AdministrationError, Administrator, GrantRecord, GrantSubject, People,
    ProvenAdministrator,
};
use wh_provision::ROLES_EDITABLE;

use super::{access_requests, grants, groups, invitations};
use crate::answers::AdministratorProblems;
use crate::changes::{
    Change, WEIGHING_MAX, Weighed, not_in_force, on_a_line, only_takes, permissions, refuse,
    stands, weigh,
};
use crate::extract::{JsonBody, group_id, moment, uid as person};
use crate::problem::Problem;
use crate::record::Noted;
use crate::render;
use crate::state::Portal;
use crate::wire::{
    ChangeFormBody, ChangeMadeBody, ChangeOrderBody, ChangeProposalBody, ChangeSetBody,
    GuardRailBody, GuardRailsBody, NamedPersonBody, NewGrantBody, OperatorOrderBody,
    PolicyExpectationBody, PolicyVersionBody, PolicyVersionsBody, UnfitPolicyBody,
};

/// The longest note, in characters.
const NOTE_CHARS_MAX: usize = 500;

/// Who gains and who loses what by a change, asked of the policy engine about all requests. Nothing is
/// changed.
#[utoipa::path(post, path = "/api/v1/changes/preview", tag = "changes",
    security(("session" = ["administrator"])),
    request_body = ChangeProposalBody,
    responses((status = 200, body = ChangeSetBody), AdministratorProblems))]
pub(crate) async fn preview(
    State(portal): State<Portal>,
    administrator: Administrator,
    JsonBody(proposal): JsonBody<ChangeProposalBody>,
) -> Result<Json<ChangeSetBody>, Problem> {
    let change = parsed(&portal, Actor::Operator, proposal.change).await?;
    let weighed = weigh(&portal, &administrator, &change).await?;
    let operator = operator(&portal, &change, &weighed);
    Ok(Json(render::change_set(&change, weighed, operator)))
}

/// Makes a change as it was seen. What would come of it now must be what was shown.
#[utoipa::path(post, path = "/api/v1/changes", tag = "changes",
    security(("session" = ["administrator"])),
    request_body = ChangeOrderBody,
    responses((status = 200, body = ChangeMadeBody), AdministratorProblems))]
pub(crate) async fn make(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    JsonBody(order): JsonBody<ChangeOrderBody>,
) -> Result<Response, Problem> {
    let note = note(&order.note)?;
    let change = parsed(&portal, Actor::Administrator(&administrator), order.change).await?;
    let _turn = portal.one_change().await?;
    let weighed = weigh(&portal, administrator.administrator(), &change).await?;
    let (base, revision) = (weighed.base, weighed.revision);
    let against = weighed.refusals.clone();
    let operator = operator(&portal, &change, &weighed);
    let by_operator = operator.is_some();
    if render::change_set(&change, weighed, operator).digest != order.digest {
        return Err(differs());
    }
    refuse(&against)?;
    if by_operator {
        let why = "only an operator changes this estate, by the commands that were shown";
        return Err(Problem::coded(StatusCode::CONFLICT, "change-by-operator", why));
    }
    if let Change::Permissions(role, document) = change {
        let (author, saved_at) = (administrator.uid().clone(), portal.clock().now());
        let number = base + 1;
        let version = PolicyVersion { role, number, document, note, author, saved_at };
        return save(&portal, version, revision).await;
    }
    let people = portal.people().weighed_at(revision);
    let (noted, made) = made((&portal, &people), &administrator, change).await?;
    Ok((noted, Json(made)).into_response())
}

/// How often a change is weighed anew, where access changes meanwhile. Here one is made after the other; only other
/// nodes, and persons who register or are put into groups, come between.
const TRIES: u32 = 4;

/// What the ledger says where access has changed since something was weighed.
const CHANGED: &str = "access-changed";

/// Makes a change of grants, groups and who is in them that nobody has looked at, where nothing stands against
/// it; anew, where access has changed while it was weighed. What only takes away is made at once.
pub(crate) async fn enforced(
    portal: &Portal,
    administrator: &ProvenAdministrator,
    change: Change,
) -> Result<(Noted, ChangeMadeBody), Problem> {
    if only_takes(portal, &change).await? {
        return made((portal, portal.people()), administrator, change).await;
    }
    let _turn = portal.one_change().await?;
    let (since, mut tries) = (Instant::now(), TRIES);
    loop {
        tries -= 1;
        let within = WEIGHING_MAX.saturating_sub(since.elapsed());
        let what = (&change, within);
        let revision = stands(portal, administrator.administrator(), what).await?;
        let people = portal.people().weighed_at(revision);
        match made((portal, &people), administrator, change.clone()).await {
            Err(problem) if problem.code() == CHANGED && tries > 0 => {
                if since.elapsed() >= WEIGHING_MAX {
                    return Err(FilesError::NoTurn.into());
                }
            }
            done => return done,
        }
    }
}

/// Makes a change of grants, groups and who is in them.
pub(crate) async fn made(
    (portal, people): (&Portal, &People),
    administrator: &ProvenAdministrator,
    change: Change,
) -> Result<(Noted, ChangeMadeBody), Problem> {
    let nothing = || ChangeMadeBody { version: None, grant: None, invitation: None };
    let given = |record: GrantRecord| {
        let noted =
            Noted::said(format!("before: nothing; now: {}", grants::in_words(&record.grant)));
        (noted, ChangeMadeBody { grant: Some(render::grant(record)), ..nothing() })
    };
    let noted = match change {
        // It is saved as a version, above.
        Change::Permissions(..) => return Err(differs()),
        Change::Grant(grant) => {
            return Ok(given(people.add_grant(administrator, grant.0).await?));
        }
        Change::Access(request) => {
            let (id, _, ends) = *request;
            return Ok(given(access_requests::given(people, administrator, (&id, ends)).await?));
        }
        Change::Invitation(form) => {
            let (noted, body) = invitations::made(people, administrator, *form).await?;
            return Ok((noted, ChangeMadeBody { invitation: Some(body), ..nothing() }));
        }
        Change::Removal(id) => grants::taken((portal, people), administrator, id.as_str()).await?,
        Change::Member(group, uid) => {
            groups::joined(people, administrator, (group.as_str(), &uid)).await?
        }
        Change::MemberRemoval(group, uid) => {
            groups::left((portal, people), administrator, (group.as_str(), &uid)).await?
        }
        Change::GroupRemoval(group) => {
            groups::deleted((portal, people), administrator, group.as_str()).await?
        }
    };
    Ok((noted, nothing()))
}

async fn save(
    portal: &Portal,
    version: PolicyVersion,
    revision: AccessRevision,
) -> Result<Response, Problem> {
    let before = on_a_line(&portal.policies().estate(), &version.role);
    if !portal.ledger().weighed_at(revision).add_policy_version(&version).await? {
        return Err(differs());
    }
    let PolicyVersion { role, number, document, note, .. } = &version;
    let said = format!("permissions of {role}, version {number} ({note}); before: {before}; now: ");
    if let Err(error) = portal.policies().enforce().await {
        tracing::error!(error, "a saved policy is not in force yet");
        let saved = document.as_deref().unwrap_or("as the estate describes them");
        let saved: String = saved.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = Noted::said(format!("{said}{saved}, saved and not in force yet"));
        return Ok((said, not_in_force()).into_response());
    }
    let now = on_a_line(&portal.policies().estate(), role);
    let made = ChangeMadeBody { version: Some(*number), grant: None, invitation: None };
    Ok((Noted::said(format!("{said}{now}")), Json(made)).into_response())
}

/// The versions of all permissions that were saved.
#[utoipa::path(get, path = "/api/v1/policy-versions", tag = "changes",
    security(("session" = ["administrator"])),
    responses((status = 200, body = PolicyVersionsBody), AdministratorProblems))]
pub(crate) async fn versions(
    State(portal): State<Portal>,
    _administrator: Administrator,
) -> Result<Json<PolicyVersionsBody>, Problem> {
    let persons = portal.ledger().persons().await?;
    let names: HashMap<Uid, String> = persons.into_iter().map(|row| (row.uid, row.name)).collect();
    let versions = portal.ledger().policy_versions().await?.into_iter();
    let versions = versions.map(|version| PolicyVersionBody {
        author: NamedPersonBody {
            uid: version.author.to_string(),
            name: names.get(&version.author).cloned(),
        },
        role: version.role.to_string(),
        number: version.number,
        document: version.document,
        note: version.note,
        saved: version.saved_at.to_string(),
    });
    let unfit = portal.policies().unfit().into_iter();
    let unfit = unfit.map(|one| UnfitPolicyBody { role: one.role, why: one.why });
    Ok(Json(PolicyVersionsBody {
        versions: versions.collect(),
        editable: ROLES_EDITABLE.map(str::to_owned).to_vec(),
        at_once: portal.policies().at_once(),
        unfit: unfit.collect(),
    }))
}

/// The guard rails, each proved at this moment for all requests, and what is expected besides.
#[utoipa::path(get, path = "/api/v1/guard-rails", tag = "changes",
    security(("session" = ["administrator"])),
    responses((status = 200, body = GuardRailsBody), AdministratorProblems))]
pub(crate) async fn rails(
    State(portal): State<Portal>,
    _administrator: Administrator,
) -> Result<Json<GuardRailsBody>, Problem> {
    let estate = portal.policies().estate();
    let proved = worked_out(move || {
        let (broken, missed) = (estate.broken_rails(), estate.missed_expectations());
        (estate, broken, missed)
    });
    let (estate, broken, missed) = proved.await?;
    let rails = estate.rails().into_iter().map(|rail| {
        let own = broken.iter().filter(|one| one.rail == rail.name);
        GuardRailBody {
            broken: own.map(render::broken_rail).collect(),
            name: rail.name,
            why: rail.why,
            who: rail.who,
            except: rail.except,
            never: rail.never,
            on: rail.on,
            except_on: rail.except_on,
        }
    });
    let expectations = estate.description().expectations.iter().map(|one| {
        let missed = missed.iter().find(|missed| missed.name == one.name);
        let missed = missed.map(|missed| missed.why.clone());
        PolicyExpectationBody { name: one.name.clone(), missed }
    });
    Ok(Json(GuardRailsBody { rails: rails.collect(), expectations: expectations.collect() }))
}

async fn parsed(
    portal: &Portal,
    actor: Actor<'_>,
    form: ChangeFormBody,
) -> Result<Change, Problem> {
    let grant = |id: &str| RowId::parse(id).map_err(|_| AdministrationError::NoSuchGrant);
    match form {
        ChangeFormBody::Permissions { role, document } => permissions(&role, Some(document)),
        ChangeFormBody::StandardPermissions { role } => permissions(&role, None),
        ChangeFormBody::Grant { grant } => given(portal, grant).await,
        ChangeFormBody::GrantRemoval { id } => Ok(Change::Removal(grant(&id)?)),
        ChangeFormBody::GroupMember { group, uid } => {
            Ok(Change::Member(group_id(&group)?, person(&uid)?))
        }
        ChangeFormBody::GroupMemberRemoval { group, uid } => {
            Ok(Change::MemberRemoval(group_id(&group)?, person(&uid)?))
        }
        ChangeFormBody::GroupRemoval { id } => Ok(Change::GroupRemoval(group_id(&id)?)),
        ChangeFormBody::Invitation { invitation } => {
            Ok(Change::Invitation(Box::new(invitations::form_of(portal, invitation)?)))
        }
        ChangeFormBody::AccessRequest { id, ends } => {
            let ends = ends.map(|end| moment(&end, "ends")).transpose()?;
            access_requests::asked_for(portal, actor, (id, ends)).await
        }
    }
}

/// The grant, and the row that it would be: whoever it is for must be there.
async fn given(portal: &Portal, form: NewGrantBody) -> Result<Change, Problem> {
    let (subject, form) = grants::parted(form)?;
    let form = grants::form(portal, (subject, form))?;
    let form = portal.people().checked_grant(form)?;
    match &form.subject {
        GrantSubject::Person(uid) if portal.ledger().person(uid).await?.is_none() => {
            return Err(AdministrationError::NoSuchPerson.into());
        }
        GrantSubject::Group(id) => {
            let groups = portal.ledger().person_groups().await?;
            if !groups.iter().any(|group| group.id == *id) {
                return Err(AdministrationError::NoSuchGroup.into());
            }
        }
        GrantSubject::Person(_) | GrantSubject::Everyone => {}
    }
    grants::change(portal, form)
}

fn note(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.chars().count() > NOTE_CHARS_MAX || text.chars().any(char::is_control) {
        let why = format!("a note has at most {NOTE_CHARS_MAX} characters, on one line");
        return Err(Problem::coded(StatusCode::BAD_REQUEST, "note-invalid", why).at_field("note"));
    }
    Ok(text.to_owned())
}

fn differs() -> Problem {
    let why = "what would come of it is not what was shown: look at it again";
    Problem::coded(StatusCode::CONFLICT, "change-differs", why)
}

/// What an operator does where the portal may not change roles itself. Grants are the portal's own.
fn operator(portal: &Portal, change: &Change, weighed: &Weighed) -> Option<OperatorOrderBody> {
    let Change::Permissions(role, document) = change else { return None };
    let estate = weighed.estate.as_ref().filter(|_| !portal.policies().at_once())?;
    let policy = estate.role(role)?.permissions.first()?;
    let section = match document {
        None => format!("# no [[policy]] with role = \"{role}\"\n"),
        Some(text) => format!("[[policy]]\nrole = \"{role}\"\ndocument = '''\n{text}\n'''\n"),
    };
    Some(OperatorOrderBody {
        section,
        steps: vec![format!(
            "iam:PutRolePolicy {role}/{}: {}",
            policy.name,
            policy.document.to_json()
        )],
        commands: vec![
            "wellhouse plan --save change.json".to_owned(),
            "wellhouse apply --plan change.json".to_owned(),
        ],
    })
}
