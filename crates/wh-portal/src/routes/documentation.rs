//! Living documentation: the roles and policies that are in force. Administrators read all of it; everybody
//! else what the roles let them do that they have.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use wh_people::Person;
use wh_provision::{
    DocumentFormat, HeldPlace, HeldRoles, Standing, document_in_force, document_of_roles,
    saved_roles,
};

use crate::answers::PersonProblems;
use crate::extract::Params;
use crate::problem::Problem;
use crate::state::Portal;
use crate::wire::{DocumentationBody, DocumentationFormatBody, DocumentationQuery};

/// What is in force, as a document. It is the whole estate for administrators, and for everybody else the
/// roles that they have.
#[utoipa::path(get, path = "/api/v1/documentation", tag = "documentation",
    security(("session" = [])),
    responses((status = 200, body = DocumentationBody), PersonProblems))]
pub(crate) async fn show(
    State(portal): State<Portal>,
    person: Person,
) -> Result<Json<DocumentationBody>, Problem> {
    Ok(Json(written(&portal, &person, DocumentFormat::Markdown).await?))
}

/// The same as a file.
#[utoipa::path(get, path = "/api/v1/documentation/export", tag = "documentation",
    security(("session" = [])),
    params(DocumentationQuery),
    responses(
        (status = 200, content((String = "text/markdown"), (String = "text/html")),
         description = "Markdown, or a page that needs nothing else, as `format` says."),
        PersonProblems))]
pub(crate) async fn export(
    State(portal): State<Portal>,
    person: Person,
    Params(query): Params<DocumentationQuery>,
) -> Result<Response, Problem> {
    let (format, kind, name) = match query.format {
        DocumentationFormatBody::Markdown => {
            (DocumentFormat::Markdown, "text/markdown; charset=utf-8", "roles-and-policies.md")
        }
        DocumentationFormatBody::Html => {
            (DocumentFormat::Html, "text/html; charset=utf-8", "roles-and-policies.html")
        }
    };
    let written = written(&portal, &person, format).await?;
    let named = format!("attachment; filename=\"{name}\"");
    let headers = [(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, named.as_str())];
    Ok((headers, written.markdown).into_response())
}

async fn written(
    portal: &Portal,
    person: &Person,
    format: DocumentFormat,
) -> Result<DocumentationBody, Problem> {
    let (estate, made_at) = (portal.policies().estate(), portal.clock().now().to_string());
    if person.administrator().is_err() {
        let mut held = HeldRoles::new();
        for grant in portal.people().grants_for(person).await? {
            let (bucket, prefix) = (grant.bucket.to_string(), grant.prefix.to_string());
            held.entry(grant.role.to_string()).or_default().insert(HeldPlace { bucket, prefix });
        }
        return Ok(DocumentationBody {
            markdown: document_of_roles(&estate, &held, &made_at, format),
            whole: false,
            made_at,
            read_at: None,
            saved: Vec::new(),
            differences: Vec::new(),
            unread_at: None,
            saved_since: false,
        });
    }
    let ledger = portal.ledger();
    let (check, saved_at) = (ledger.estate_check().await?, ledger.policies_saved_at().await?);
    let unread_at = ledger.estate_unread().await?.map(|at| at.to_string());
    let saved_since = check.as_ref().is_some_and(|check| saved_at >= Some(check.checked_at));
    let read_at = check.as_ref().map(|check| check.checked_at.to_string());
    let differences = check.map(|check| check.differences).unwrap_or_default();
    let described = portal.policies().described();
    let standing = Standing {
        described,
        made_at: &made_at,
        read_at: read_at.as_deref(),
        differences: &differences,
        unread_at: unread_at.as_deref(),
        saved_since,
    };
    Ok(DocumentationBody {
        markdown: document_in_force(&estate, &standing, format),
        whole: true,
        saved: saved_roles(&estate, described),
        made_at,
        read_at,
        differences,
        unread_at,
        saved_since,
    })
}
