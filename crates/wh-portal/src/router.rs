//! The whole web door on one page: every route, and the layers that every request passes.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::crowd::Crowd;
use crate::extract::peer;
use crate::problem::{Code, Problem};
use crate::record::Recorder;
use crate::routes::{
    access_requests, account, activity, archives, audit, changes, credentials, documentation,
    estate, file_requests, folder_usage, grants, groups, health, house_keys, invitations, jobs,
    keys, links, locations, mail, passkeys, password_links, past, people, places, policies,
    posture, proof, providers, quotas, reach, registration, roles, scans, search, second_factor,
    session, sessions, settings, setup, simulations, tokens, uploads, usage, viewing, watches,
};
use crate::state::Portal;
use crate::{crowd, csrf, description, headers, observe, record, requests, shared, ui};

/// The largest body that is read, in bytes. Files go to the store, not through here; a part that a
/// browser cannot send there itself is handed on as it comes, and never read ([`hands_on`]).
pub(crate) const BODY_BYTES_MAX: usize = 256 * 1024;

fn described() -> OpenApiRouter<Portal> {
    OpenApiRouter::with_openapi(description::Api::openapi())
        .merge(who_one_is())
        .merge(what_one_does())
        .merge(what_administrators_do())
}

/// Coming in, and one's own account.
fn who_one_is() -> OpenApiRouter<Portal> {
    OpenApiRouter::new()
        .routes(routes!(setup::show, setup::complete))
        .routes(routes!(registration::show, registration::register))
        .routes(routes!(session::show, session::sign_in, session::sign_out))
        .routes(routes!(proof::finish))
        .routes(routes!(proof::is_fresh, proof::prove))
        .routes(routes!(providers::index))
        .routes(routes!(providers::leave))
        .routes(routes!(providers::answer))
        .routes(routes!(providers::leave_to_prove))
        .routes(routes!(providers::identities))
        .routes(routes!(providers::leave_to_link, providers::unlink))
        .routes(routes!(providers::of_person))
        .routes(routes!(providers::unlink_for))
        .routes(routes!(account::change_password))
        .routes(routes!(second_factor::show, second_factor::offer, second_factor::remove))
        .routes(routes!(second_factor::confirm))
        .routes(routes!(second_factor::replace_codes))
        .routes(routes!(passkeys::index, passkeys::add))
        .routes(routes!(passkeys::offer))
        .routes(routes!(passkeys::rename, passkeys::remove))
        .routes(routes!(passkeys::ask_sign_in))
        .routes(routes!(passkeys::sign_in))
        .routes(routes!(passkeys::ask_second_step))
        .routes(routes!(passkeys::ask_proof))
        .routes(routes!(sessions::index))
        .routes(routes!(sessions::end))
        .routes(routes!(sessions::end_others))
}

/// Files, and what opens them.
fn what_one_does() -> OpenApiRouter<Portal> {
    OpenApiRouter::new()
        .routes(routes!(locations::index))
        .routes(routes!(locations::entries))
        .routes(routes!(locations::explain))
        .routes(routes!(locations::make_folder))
        .routes(routes!(locations::delete))
        .routes(routes!(locations::download))
        .routes(routes!(locations::properties))
        .routes(routes!(locations::put_tags))
        .routes(routes!(locations::put_metadata))
        .routes(routes!(locations::versions, locations::restore_version))
        .routes(routes!(search::find))
        .routes(routes!(activity::everywhere))
        .routes(routes!(activity::here))
        .routes(routes!(watches::index, watches::make))
        .routes(routes!(watches::end))
        .routes(routes!(folder_usage::usage))
        .routes(routes!(jobs::trash))
        .routes(routes!(past::show))
        .routes(routes!(jobs::begin, jobs::index))
        .routes(routes!(jobs::show))
        .routes(routes!(jobs::cancel))
        .routes(routes!(places::index))
        .routes(routes!(places::mark, places::unmark))
        .routes(routes!(places::visit, places::forget, places::keep))
        .routes(routes!(places::forget_one))
        .routes(routes!(archives::ask))
        .routes(routes!(archives::fetch))
        .routes(routes!(file_requests::index, file_requests::make))
        .routes(routes!(file_requests::revoke))
        .routes(routes!(links::index, links::make))
        .routes(routes!(links::here))
        .routes(routes!(quotas::own))
        .routes(routes!(links::revoke))
        .routes(routes!(links::rules, links::set_rules))
        .routes(routes!(access_requests::ask))
        .routes(routes!(access_requests::own))
        .routes(routes!(access_requests::index))
        .routes(routes!(access_requests::give))
        .routes(routes!(access_requests::decline))
        .routes(routes!(credentials::issue))
        .routes(routes!(documentation::show))
        .routes(routes!(documentation::export))
        .routes(routes!(tokens::index, tokens::make))
        .routes(routes!(tokens::revoke))
        .routes(routes!(keys::index, keys::make))
        .routes(routes!(keys::revoke))
        .routes(routes!(uploads::begin, uploads::index))
        .routes(routes!(uploads::show, uploads::abort))
        .routes(routes!(uploads::sign_parts))
        .routes(routes!(uploads::pass_part))
        .routes(routes!(uploads::complete))
        .routes(routes!(uploads::sign_whole))
}

/// People, groups, grants, the house itself.
fn what_administrators_do() -> OpenApiRouter<Portal> {
    OpenApiRouter::new()
        .routes(routes!(people::index))
        .routes(routes!(people::approve))
        .routes(routes!(people::disable))
        .routes(routes!(people::enable))
        .routes(routes!(people::sessions))
        .routes(routes!(people::end_session))
        .routes(routes!(people::end_sessions))
        .routes(routes!(people::tokens))
        .routes(routes!(people::end_token))
        .routes(routes!(people::keys))
        .routes(routes!(people::end_key))
        .routes(routes!(people::reset_second_factor))
        .routes(routes!(people::effective_locations))
        .routes(routes!(people::delete))
        .routes(routes!(password_links::make_password_link))
        .routes(routes!(password_links::set_by_link))
        .merge(of_mail())
        .routes(routes!(scans::index))
        .routes(routes!(scans::release))
        .routes(routes!(scans::delete))
        .routes(routes!(file_requests::all))
        .routes(routes!(links::all))
        .routes(routes!(quotas::index, quotas::set))
        .routes(routes!(quotas::remove))
        .routes(routes!(search::index))
        .routes(routes!(search::rebuild))
        .routes(routes!(invitations::index, invitations::make))
        .routes(routes!(invitations::revoke))
        .routes(routes!(invitations::look))
        .routes(routes!(invitations::accept))
        .routes(routes!(groups::index, groups::make))
        .routes(routes!(groups::rename, groups::delete))
        .routes(routes!(groups::add_member, groups::remove_member))
        .routes(routes!(grants::all, grants::give))
        .routes(routes!(grants::index, grants::add))
        .routes(routes!(grants::remove))
        .routes(routes!(settings::show, settings::change))
        .routes(routes!(simulations::decide))
        .routes(routes!(reach::who))
        .routes(routes!(reach::what))
        .routes(routes!(usage::used))
        .routes(routes!(viewing::see_as, viewing::end_seeing))
        .routes(routes!(roles::index))
        .routes(routes!(changes::preview))
        .routes(routes!(changes::make))
        .routes(routes!(changes::versions))
        .routes(routes!(changes::rails))
        .routes(routes!(policies::check))
        .routes(routes!(policies::words))
        .routes(routes!(estate::index))
        .routes(routes!(posture::show))
        .routes(routes!(posture::check))
        .routes(routes!(house_keys::index))
        .routes(routes!(house_keys::rotate))
        .routes(routes!(audit::index))
        .routes(routes!(audit::export))
        .routes(routes!(audit::standing))
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(description::show))
}

fn of_mail() -> OpenApiRouter<Portal> {
    OpenApiRouter::new()
        .routes(routes!(mail::ask_password_link))
        .routes(routes!(mail::follow_mail_link))
        .routes(routes!(mail::show_email, mail::want_email, mail::remove_email))
        .routes(routes!(mail::show_mail))
}

/// The description of the API, as pretty JSON.
pub fn openapi() -> String {
    let (_routes, api) = described().split_for_parts();
    description::text(api)
}

/// The router with its layers; a request passes them from the bottom of this list to its top.
pub(crate) fn layered(portal: Portal) -> Router {
    let (routes, api) = described().split_for_parts();
    let recorder = Recorder::new(portal.clone(), api);
    routes
        .merge(shared::routes())
        .merge(requests::routes())
        .fallback(ui::serve)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(recorder, record::keep))
        .layer(from_fn_with_state(Crowd::new(portal.clone()), crowd::limit))
        .layer(from_fn_with_state(portal.clone(), whole))
        .layer(from_fn_with_state(portal.clone(), csrf::guard))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(portal.observer(), observe::request))
        .layer(from_fn_with_state(portal.security_headers(), headers::add))
        .with_state(portal)
}

/// Whether the body of a request goes on to the store as it comes: [`uploads::pass_part`], and the same of a sender.
pub(crate) fn hands_on(method: &Method, path: &str) -> bool {
    let of_sender = || path.strip_prefix("/r/").and_then(|rest| rest.split_once("/uploads/"));
    let below = path.strip_prefix("/api/v1/uploads/").or_else(|| of_sender().map(|(_, id)| id));
    let upload = below.and_then(|rest| rest.split_once('/'));
    method == Method::PUT && upload.is_some_and(|(_id, rest)| rest.starts_with("parts/"))
}

/// Waits for the whole body before anybody is asked who they are: who is shut out while it comes has not
/// been let in before.
async fn whole(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    if hands_on(request.method(), request.uri().path()) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    if let Ok(bytes) = to_bytes(body, BODY_BYTES_MAX).await {
        return next.run(Request::from_parts(parts, Body::from(bytes))).await;
    }
    let why = format!("a body may have {BODY_BYTES_MAX} bytes, and comes whole");
    let problem = Problem::new(Code::BodyTooLarge, why);
    observe::turned_away(&problem, peer(&parts, &portal).ip);
    problem.into_response()
}

async fn method_not_allowed() -> Problem {
    Problem::new(Code::MethodNotAllowed, "this address does not answer to that method")
}

fn panicked(_cause: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    Problem::new(Code::Internal, "something went wrong here; it was logged").into_response()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::extract::Request;
    use axum::routing::get;
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::panicked;
    use crate::tests::log::listen;

    async fn fails() -> &'static str {
        panic!("a defect of ours, with words for nobody")
    }

    #[tokio::test]
    async fn what_panics_is_logged_and_answered_without_its_words() {
        let log = listen();
        let router = Router::new().route("/", get(fails));
        let router = router.layer(CatchPanicLayer::custom(panicked));
        let request = Request::get("/").body(Body::empty()).expect("a request");
        let answer = router.oneshot(request).await.expect("infallible");
        assert_eq!(answer.status(), 500);
        let lines = log.lines("ERROR");
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!(lines[0]["fields"]["message"], "a handler panicked");
    }
}
