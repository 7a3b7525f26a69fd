//! Whether the process lives, and whether it can serve.

use axum::extract::State;

use crate::answers::PublicProblems;
use crate::problem::{Code, Problem};
use crate::state::Portal;

/// The process lives.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()),
    responses((status = 200, body = String, content_type = "text/plain")))]
pub(crate) async fn alive() -> &'static str {
    "ok"
}

/// The process can serve: its ledger answers.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()),
    responses((status = 200, body = String, content_type = "text/plain"), PublicProblems))]
pub(crate) async fn ready(State(portal): State<Portal>) -> Result<&'static str, Problem> {
    match portal.people().setup_needed().await {
        Ok(_either) => Ok("ok"),
        Err(_error) => Err(Problem::new(Code::NotReady, "the ledger does not answer")),
    }
}
