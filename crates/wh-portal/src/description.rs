//! The description of the API: what it is called, how one signs in, and where it is served.

use axum::http::header::CONTENT_TYPE;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::problem::Problem;

/// What the description begins with; the routes add themselves.
///
/// Every operation asks for a session unless its own `security` says that it does not; those that
/// ask for an administrator, or take an API token as well, say so there.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Wellhouse",
        description = "The web door's API. Errors are `application/problem+json` with a stable \
                       `code`; refusals of access carry an `explanation`. Requests that change \
                       something need `Sec-Fetch-Site: same-origin`, the portal's own `Origin`, or an \
                       API token without cookies.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(Problem)),
    security(("session" = [])),
    modifiers(&Credentials)
)]
pub(crate) struct Api;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, api: &mut Document) {
        let text = "Set by signing in. On a portal without TLS outside `localhost`: `sid`.";
        let cookie = ApiKey::Cookie(ApiKeyValue::with_description("__Host-sid", text));
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("wh_pat_…");
        let bearer = bearer.description(Some(
            "An API token, made on the account page. It opens files within its bounds and nothing \
             else, and is sent without cookies.",
        ));
        components.add_security_scheme("token", SecurityScheme::Http(bearer.build()));
    }
}

/// The document as pretty JSON. Operations are named for their noun and their
/// handler, `uploads_begin`, so that no two have the same name.
pub(crate) fn text(mut api: Document) -> String {
    name_operations(&mut api);
    api.to_pretty_json().unwrap_or_default()
}

/// Names operations for their noun and their handler.
pub(crate) fn name_operations(api: &mut Document) {
    for item in api.paths.paths.values_mut() {
        let methods =
            [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        methods.into_iter().flatten().for_each(name_for_its_noun);
    }
}

fn name_for_its_noun(operation: &mut Operation) {
    let noun = operation.tags.iter().flatten().next();
    if let (Some(noun), Some(id)) = (noun, &operation.operation_id) {
        operation.operation_id = Some(format!("{noun}_{id}"));
    }
}

/// This description.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "description", security(()),
    responses((status = 200, body = Object, content_type = "application/json")))]
pub(crate) async fn show() -> impl axum::response::IntoResponse {
    ([(CONTENT_TYPE, "application/json")], crate::openapi())
}
