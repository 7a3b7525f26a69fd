//! Everything that is done through this door stands in the audit trail: who, what, and what came of it.
//!
//! What a signed-in person is about to do is written down first, and not done where that fails; its
//! outcome follows. What a stranger tried is written down afterwards: when it worked, by whoever it
//! turned out to be. What is only read leaves no line, unless it was refused.
//!
//! Invariant: a new route that changes something is in the trail by being in the router; a test holds the
//! whole table against it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use tracing::Instrument;
use utoipa::openapi::OpenApi;
use wh_ledger::{AuditEntryId, AuditKind, AuditOutcome, AuditRecord, AuditWriter, Durability};
use wh_names::{Clock, Uid};
use wh_people::{NotSignedIn, Person, SessionToken, TokenName, TokenRefusal};

use crate::bearer::bearer;
use crate::description;
use crate::extract::peer;
use crate::observe::{self, RequestId};
use crate::problem::{Code, Problem, ProblemCode};
use crate::state::Portal;
use crate::turned_away::TurnedAway;

/// Where the trail writes `PeopleDisable`, the description says `people_disable`.
type Operations = BTreeMap<(String, String), String>;

/// Only reads, and is recorded all the same: much leaves the house by it.
const READINGS_KEPT: [&str; 2] = ["ArchivesFetch", "AuditExport"];

/// Only the answer shows whose it was, whoever was signed in before.
const OF_WHOEVER_IT_TURNS_OUT: [&str; 11] = [
    "AccountAskPasswordLink",
    "AccountFollowMailLink",
    "AccountSetByLink",
    "InvitationsAccept",
    "InvitationsLook",
    "PasskeysSignIn",
    "ProvidersAnswer",
    "RegistrationRegister",
    "SessionFinish",
    "SessionSignIn",
    "SetupComplete",
];

/// Asks the browser for something and changes nothing.
const ASKS_ONLY: [&str; 9] = [
    "ChangesPreview",
    "PasskeysAskProof",
    "PasskeysAskSecondStep",
    "PasskeysAskSignIn",
    "PasskeysOffer",
    "PoliciesCheck",
    "ProvidersLeave",
    "ProvidersLeaveToLink",
    "ProvidersLeaveToProve",
];

/// Written down in one transaction with the change itself, where it is done.
const RECORDED_BELOW: [&str; 18] = [
    "KeysMake",
    "KeysRevoke",
    "PasskeysAdd",
    "PasskeysRemove",
    "PasskeysRename",
    "PeopleEndKey",
    "PeopleEndToken",
    "PeopleResetSecondFactor",
    "ProvidersUnlink",
    "ProvidersUnlinkFor",
    "SecondFactorConfirm",
    "SecondFactorOffer",
    "SecondFactorRemove",
    "SecondFactorReplaceCodes",
    "SessionFinish",
    "SessionProve",
    "TokensMake",
    "TokensRevoke",
];

/// What stands in the trail already when it is refused by these, where it was judged.
const REFUSED_BELOW: [&str; 2] = ["code-refused", "passkey-refused"];

/// Concerns files, which the store has a trail of besides, or names of them: no waiting for the disk.
const OF_FILES: [&str; 7] = [
    "Archives",
    "Jobs",
    "LocationsDelete",
    "LocationsDownload",
    "LocationsMake",
    "Places",
    "Uploads",
];

/// Answers whoever asks for what is there for others and not for them.
const NO_SUCH_LOCATION: &str = "no-such-location";

/// How many of many paths are named.
const PATHS_TOLD: usize = 20;

/// How much of an address is written down, in characters.
const RESOURCE_CHARS_MAX: usize = 1_024;

/// What a handler tells the trail besides: who it turned out to be, what was there before and is now.
#[derive(Debug, Clone, Default)]
pub(crate) struct Noted {
    who: Option<Uid>,
    against: Option<Uid>,
    detail: Option<String>,
}

impl Noted {
    /// The request was this person's, who was nobody before.
    pub(crate) fn by(who: &Uid) -> Self {
        Self { who: Some(who.clone()), ..Self::default() }
    }

    /// Somebody said that they were this person, and did not show it.
    pub(crate) fn against(whom: &Uid) -> Self {
        Self { against: Some(whom.clone()), ..Self::default() }
    }

    /// And what was done, in words.
    pub(crate) fn and_said(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// What was done, in words. No secret, no signature.
    pub(crate) fn said(detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::default() }
    }
}

impl IntoResponseParts for Noted {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        parts.extensions_mut().insert(self);
        Ok(parts)
    }
}

/// The first of many paths by name. The store's own lines name every object.
pub(crate) fn listed(paths: &[String]) -> String {
    let named = paths.iter().take(PATHS_TOLD).map(String::as_str).collect::<Vec<_>>().join(", ");
    match paths.len().checked_sub(PATHS_TOLD) {
        None | Some(0) => named,
        Some(more) => format!("{named} and {more} more"),
    }
}

/// Writes the trail of this door.
#[derive(Clone)]
pub(crate) struct Recorder {
    portal: Portal,
    operations: Arc<Operations>,
    turned_away: TurnedAway,
}

impl Recorder {
    pub(crate) fn new(portal: Portal, mut api: OpenApi) -> Self {
        description::name_operations(&mut api);
        let operations = api.paths.paths.into_iter().flat_map(|(path, item)| {
            let methods = [
                (Method::GET, item.get),
                (Method::PUT, item.put),
                (Method::POST, item.post),
                (Method::PATCH, item.patch),
                (Method::DELETE, item.delete),
            ];
            methods.into_iter().filter_map(move |(method, operation)| {
                let id = operation?.operation_id?;
                Some(((method.to_string(), path.clone()), in_camels(&id)))
            })
        });
        let operations: Operations = operations.collect();
        Self { portal, operations: Arc::new(operations), turned_away: TurnedAway::default() }
    }

    fn writer(&self) -> &AuditWriter {
        self.portal.audit()
    }

    fn clock(&self) -> &Clock {
        self.portal.clock()
    }

    /// Whose session this is. Where nobody can tell, nothing is done.
    async fn person(&self, token: &SessionToken) -> Result<Option<Person>, Problem> {
        match self.portal.people().recognise(token).await {
            Ok(person) => Ok(Some(person)),
            Err(NotSignedIn::NoSession) => Ok(None),
            Err(NotSignedIn::Ledger(error)) => Err(error.into()),
        }
    }

    fn operation(&self, parts: &Parts) -> Option<String> {
        let path = parts.extensions.get::<MatchedPath>()?.as_str().to_owned();
        self.operations.get(&(parts.method.to_string(), path)).cloned()
    }

    /// What is known before anything is done.
    fn record(&self, parts: &Parts, operation: &str, person: Option<&Person>) -> AuditRecord {
        let socket = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
        let path = parts.uri.path();
        let resource = path.strip_prefix("/api/v1/").unwrap_or(path);
        AuditRecord {
            at: self.clock().now(),
            kind: AuditKind::Intent,
            request_id: parts
                .extensions
                .get::<RequestId>()
                .map(|id| id.0.clone())
                .unwrap_or_default(),
            operation: operation.to_owned(),
            action: format!("portal:{operation}"),
            resource: resource.chars().take(RESOURCE_CHARS_MAX).collect(),
            principal: person.map_or_else(|| "anonymous".to_owned(), principal_of),
            source_identity: person.map(|person| person.uid().to_string()),
            source_ip: self.portal.client(socket, &parts.headers).map(|ip| ip.to_string()),
            detail: person.and_then(Person::scope).map(|scope| by_token(scope.token())),
        }
    }

    /// Who asks, before anything is done. A token that no longer counts is told of in the trail.
    async fn who(&self, parts: &Parts, operation: &str) -> Result<Option<Person>, Problem> {
        if let Some(token) = bearer(&parts.headers) {
            return match self.portal.by_token(token, &peer(parts, &self.portal)).await {
                Ok(person) => Ok(Some(person)),
                Err(TokenRefusal::Unknown) => Ok(None),
                Err(refusal) => Err(self.token_refused(parts, operation, refusal).await),
            };
        }
        match self.portal.session_token(&parts.headers) {
            Ok(_) if OF_WHOEVER_IT_TURNS_OUT.contains(&operation) => Ok(None),
            Ok(token) => self.person(&token).await,
            Err(_nobody) => Ok(None),
        }
    }

    async fn token_refused(
        &self,
        parts: &Parts,
        operation: &str,
        refusal: TokenRefusal,
    ) -> Problem {
        if let Some(token) = refusal.token() {
            let record = AuditRecord {
                kind: AuditKind::Refusal,
                principal: principal_of_token(token),
                source_identity: Some(token.uid.to_string()),
                detail: Some(refusal.code().to_owned()),
                ..self.record(parts, operation, None)
            };
            if let Err(unwritten) = self.write(record, Durability::Process).await {
                return unwritten;
            }
        }
        refusal.into()
    }

    /// A person asks faster than anybody works. The log has a line of each, the trail none: they may be
    /// many.
    fn too_fast(&self, parts: &Parts, wait: Duration) -> Problem {
        let why = "these are more requests than one person may send; wait a little";
        let problem = Problem::new(Code::TooManyRequests, why).after(wait);
        observe::turned_away(&problem, peer(parts, &self.portal).ip);
        problem
    }

    /// What a stranger was refused. Those who are throttled may be many: they are counted.
    async fn refused_stranger(
        &self,
        record: AuditRecord,
        status: StatusCode,
    ) -> Result<(), Problem> {
        let record = AuditRecord { kind: AuditKind::Refusal, ..record };
        let lines = match status {
            StatusCode::TOO_MANY_REQUESTS => self.turned_away.count(record),
            _ => vec![record],
        };
        for line in lines {
            self.write(line, Durability::Process).await?;
        }
        Ok(())
    }

    async fn write(
        &self,
        record: AuditRecord,
        durability: Durability,
    ) -> Result<AuditEntryId, Problem> {
        self.writer().record(record, durability).await.map_err(|error| {
            tracing::error!(%error, "refused: it cannot be recorded");
            Problem::new(
                Code::Unrecorded,
                "it cannot be written to the audit log, and what cannot be written there is not done",
            )
        })
    }
}

fn principal(uid: &Uid) -> String {
    format!("person/{uid}")
}

fn principal_of(person: &Person) -> String {
    match person.scope() {
        Some(scope) => principal_of_token(scope.token()),
        None => principal(person.uid()),
    }
}

fn principal_of_token(token: &TokenName) -> String {
    format!("{}/token/{}", principal(&token.uid), token.id)
}

fn by_token(token: &TokenName) -> String {
    format!("by the API token `{}`", token.name)
}

/// `people_end_sessions` is `PeopleEndSessions`.
fn in_camels(id: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
    };
    id.split(['_', '-']).map(word).collect::<Vec<String>>().concat()
}

/// Records what passes.
pub(crate) async fn keep(
    State(recorder): State<Recorder>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Some(operation) = recorder.operation(&parts) else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    let person = match recorder.who(&parts, &operation).await {
        Ok(person) => person,
        Err(problem) => return problem.into_response(),
    };
    if let Some(person) = &person
        && let Err(wait) = recorder.portal.pace().admit(person.uid())
    {
        return recorder.too_fast(&parts, wait).into_response();
    }
    let record = recorder.record(&parts, &operation, person.as_ref());
    let reads = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS)
        || ASKS_ONLY.contains(&operation.as_str());
    let changes = !reads || READINGS_KEPT.contains(&operation.as_str());
    let kept_below = RECORDED_BELOW.contains(&operation.as_str());
    let request = Request::from_parts(parts, body);
    if !changes || kept_below {
        return read(&recorder, record, (request, changes), next).await;
    }
    // A client that hangs up ends neither the change nor the record of it.
    let work = async move {
        match person {
            Some(_) => intended(&recorder, record, request, next).await,
            None => tried(&recorder, record, request, next).await,
        }
    };
    match tokio::spawn(work.in_current_span()).await {
        Ok(kept) => kept.unwrap_or_else(IntoResponse::into_response),
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_stopping) => Problem::new(Code::NotReady, "the server stops").into_response(),
        },
    }
}

/// What leaves no line of its own here, unless it was refused.
async fn read(
    recorder: &Recorder,
    record: AuditRecord,
    (request, changes): (Request, bool),
    next: Next,
) -> Response {
    let response = next.run(request).await;
    let outcome = outcome(recorder, &response);
    let failed = changes && !response.status().is_success();
    let hidden = outcome.outcome == NO_SUCH_LOCATION;
    if response.status() != StatusCode::FORBIDDEN && !failed && !hidden {
        return response;
    }
    match refused(recorder, record, (outcome, response.status())).await {
        Ok(()) => response,
        Err(problem) => problem.into_response(),
    }
}

/// A person's change: written down, done, and its outcome written down.
async fn intended(
    recorder: &Recorder,
    record: AuditRecord,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let of_files = OF_FILES.iter().any(|noun| record.operation.starts_with(noun));
    let durability = if of_files { Durability::Process } else { Durability::Disk };
    let id = recorder.write(record, durability).await?;
    let response = next.run(request).await;
    recorder.writer().tell(id, outcome(recorder, &response));
    Ok(response)
}

/// A stranger's change, of which only the answer shows whose it was.
async fn tried(
    recorder: &Recorder,
    mut record: AuditRecord,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let response = next.run(request).await;
    if !response.status().is_success() {
        record.detail = outcome(recorder, &response).outcome.into();
        if let Some(noted) = response.extensions().get::<Noted>()
            && let Some(whom) = &noted.against
        {
            // Kept for ever, as what concerns a person: how often it can be judged is bounded.
            record.principal = format!("unproven/{whom}");
            record.resource = principal(whom);
        }
        recorder.refused_stranger(record, response.status()).await?;
        return Ok(response);
    }
    let who = response.extensions().get::<Noted>().and_then(|noted| noted.who.clone());
    if let Some(who) = who {
        record.principal = principal(&who);
        record.source_identity = Some(who.to_string());
    }
    let id = recorder.write(record, Durability::Disk).await?;
    recorder.writer().tell(id, outcome(recorder, &response));
    Ok(response)
}

/// What a person was refused, of what leaves no line of its own here.
async fn refused(
    recorder: &Recorder,
    mut record: AuditRecord,
    (outcome, status): (AuditOutcome, StatusCode),
) -> Result<(), Problem> {
    if record.source_identity.is_none() {
        let whoever = OF_WHOEVER_IT_TURNS_OUT.contains(&record.operation.as_str());
        if !whoever || REFUSED_BELOW.contains(&outcome.outcome.as_str()) {
            return Ok(());
        }
        record.detail = Some(outcome.outcome);
        return recorder.refused_stranger(record, status).await;
    }
    record.kind = AuditKind::Refusal;
    record.detail = Some(outcome.outcome);
    recorder.write(record, Durability::Process).await.map(drop)
}

fn outcome(recorder: &Recorder, response: &Response) -> AuditOutcome {
    let code = response.extensions().get::<ProblemCode>().map(|code| code.0);
    let code = match code {
        Some(code) => code.to_owned(),
        None if response.status().is_success() => "done".to_owned(),
        None => response.status().as_str().to_owned(),
    };
    let detail = response.extensions().get::<Noted>().and_then(|noted| noted.detail.clone());
    AuditOutcome { at: recorder.clock().now(), outcome: code, detail }
}
