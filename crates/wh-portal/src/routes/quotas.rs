//! Quotas: what administrators set, and what everybody is told of those over their own places.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_files::{NewQuota, QuotaLimits, QuotaPlace, QuotaRow, QuotaSubject};
use wh_people::{Administrator, ProvenAdministrator};

use crate::answers::{AdministratorProblems, PersonProblems};
use crate::extract::{Caller, Id, JsonBody, group_id, prefix, uid};
use crate::problem::Problem;
use crate::record::Noted;
use crate::render;
use crate::state::Portal;
use crate::wire::{OwnQuotasBody, QuotaForBody, QuotaFormBody, QuotasBody, SetQuotaBody};

/// Every quota, with how much is there.
#[utoipa::path(get, path = "/api/v1/quotas", tag = "quotas",
    security(("session" = ["administrator"])),
    responses((status = 200, body = QuotasBody), AdministratorProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    administrator: Administrator,
) -> Result<Json<QuotasBody>, Problem> {
    let quotas = portal.files().quotas(&administrator).await?;
    let quotas = quotas.into_iter().map(render::quotas::quota).collect();
    Ok(Json(QuotasBody { kept: portal.files().keeps_quotas(), quotas }))
}

/// Sets how much there may be in the places of a person, of a group, of every person, or in one place. What
/// is there already stays. It holds once it was counted, which is at once where there is little.
#[utoipa::path(put, path = "/api/v1/quotas", tag = "quotas",
    security(("session" = ["administrator"])),
    request_body = QuotaFormBody,
    responses((status = 200, body = SetQuotaBody), AdministratorProblems))]
pub(crate) async fn set(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    JsonBody(form): JsonBody<QuotaFormBody>,
) -> Result<(Noted, Json<SetQuotaBody>), Problem> {
    let limits = QuotaLimits { bytes: form.limit_bytes, objects: form.limit_objects };
    let quota = NewQuota { subject: subject(form.what)?, limits };
    let (before, now) = portal.files().set_quota(&administrator, quota).await?;
    let before = before.as_ref().map_or_else(|| "nothing".to_owned(), in_words);
    let noted = format!("before: {before}; now: {}", in_words(&now));
    Ok((Noted::said(noted), Json(render::quotas::set(&now))))
}

/// Removes a quota.
#[utoipa::path(delete, path = "/api/v1/quotas/{id}", tag = "quotas",
    security(("session" = ["administrator"])),
    params(("id" = String, Path, description = "The quota.")),
    responses((status = 204), AdministratorProblems))]
pub(crate) async fn remove(
    State(portal): State<Portal>,
    administrator: ProvenAdministrator,
    Id(id): Id,
) -> Result<(Noted, StatusCode), Problem> {
    let gone = portal.files().remove_quota(&administrator, &id).await?;
    let noted = format!("before: {}; now: nothing", in_words(&gone));
    Ok((Noted::said(noted), StatusCode::NO_CONTENT))
}

/// The quotas over one's own places.
#[utoipa::path(get, path = "/api/v1/account/quotas", tag = "quotas",
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = OwnQuotasBody), PersonProblems))]
pub(crate) async fn own(
    State(portal): State<Portal>,
    Caller(person): Caller,
) -> Result<Json<OwnQuotasBody>, Problem> {
    let quotas = portal.files().own_quotas(&person).await?;
    Ok(Json(OwnQuotasBody { quotas: quotas.into_iter().map(render::quotas::own).collect() }))
}

fn subject(what: QuotaForBody) -> Result<QuotaSubject, Problem> {
    Ok(match what {
        QuotaForBody::Person { uid: person } => QuotaSubject::Person(uid(&person)?),
        QuotaForBody::Group { id } => QuotaSubject::Group(group_id(&id)?),
        QuotaForBody::Location { bucket, prefix: beginning } => {
            let none = |_| {
                let why = format!("the estate has no bucket `{bucket}`");
                Problem::coded(StatusCode::BAD_REQUEST, "no-such-bucket", why)
                    .at_field("for.bucket")
            };
            let place = wh_names::BucketName::parse(&bucket).map_err(none)?;
            QuotaSubject::Location(QuotaPlace { bucket: place, prefix: prefix(&beginning)? })
        }
        QuotaForBody::EveryPerson {} => QuotaSubject::EveryPerson,
    })
}

/// A quota, as the audit log tells of it.
fn in_words(row: &QuotaRow) -> String {
    let of = match &row.subject {
        QuotaSubject::Person(_) | QuotaSubject::Group(_) | QuotaSubject::Location(_) => {
            format!("{} {}", row.subject.kind(), row.subject.subject())
        }
        QuotaSubject::EveryPerson => "every person".to_owned(),
    };
    let bytes = row.limits.bytes.map(|bytes| format!(" {bytes} bytes")).unwrap_or_default();
    let objects = row.limits.objects.map(|n| format!(" {n} objects")).unwrap_or_default();
    format!("quota of {of}:{bytes}{objects}")
}
