//! What handlers are given: a person from the cookie, a body, parameters, the client; each of them
//! checked, or a problem.

use std::net::SocketAddr;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{
    ConnectInfo, FromRequest, FromRequestParts, MatchedPath, Path, Query, Request,
};
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use wh_names::{BucketName, KeyPrefix, RoleName, Secret, Uid};
use wh_people::{
    Administrator, DeviceToken, NotAdministrator, Peer, Person, Proven, ProvenAdministrator, RowId,
};
use wh_provision::ROLES_GRANTABLE;

use crate::bearer::bearer;
use crate::problem::{Code, Problem};
use crate::router::BODY_BYTES_MAX;
use crate::state::Portal;

/// How much of a `User-Agent` is kept, in characters.
const USER_AGENT_CHARS_MAX: usize = 256;

impl FromRequestParts<Portal> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Problem> {
        if let Some(token) = bearer(&parts.headers) {
            portal.by_token(token, &peer(parts, portal)).await?;
            let why = "an API token opens files and nothing else; sign in to do this";
            return Err(Problem::new(Code::TokenNotHere, why));
        }
        let token = portal.session_token(&parts.headers)?;
        let person = portal.people().recognise(&token).await?;
        if let Some(seen) = portal.people().viewing_of(&person).await? {
            return while_seeing(parts, person, seen);
        }
        let path = parts.uri.path();
        if !OWN_ACCOUNT.iter().any(|own| path.strip_prefix(own).is_some_and(is_whole)) {
            with_factor(&person)?;
        }
        Ok(person)
    }
}

/// What may be looked at as somebody else: where they may go, and which files there are. Not what files
/// hold, not what else is known of the person, and nothing that changes anything.
const LOOKED_AT: [&str; 7] = [
    "/api/v1/session",
    "/api/v1/locations",
    "/api/v1/locations/{id}/entries",
    "/api/v1/locations/{id}/explain",
    "/api/v1/locations/{id}/versions",
    "/api/v1/locations/{id}/trash",
    "/api/v1/locations/{id}/past",
];

/// What is the administrator's own all the while: to end it, and to sign out.
const ENDS_IT: [&str; 2] = ["/api/v1/session", VIEWING];

/// Whom an administrator sees as.
pub(crate) const VIEWING: &str = "/api/v1/viewing";

/// Who is at the door while an administrator sees as somebody else.
fn while_seeing(parts: &Parts, own: Person, seen: Person) -> Result<Person, Problem> {
    let matched =
        parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    if parts.method == Method::DELETE && ENDS_IT.contains(&matched) {
        return Ok(own);
    }
    let over = seen.seen().is_some_and(|seen| seen.over);
    if parts.method == Method::GET
        && (matched == "/api/v1/session" || (!over && LOOKED_AT.contains(&matched)))
    {
        return Ok(seen);
    }
    let (code, why) = if over {
        ("seeing-over", "seeing as somebody else has ended; take note of that first")
    } else {
        ("seeing-as", "you see as somebody else, and may only look")
    };
    Err(Problem::coded(StatusCode::FORBIDDEN, code, why))
}

/// What is open to everybody who is signed in: their session and their account, where a second factor is set up.
const OWN_ACCOUNT: [&str; 2] = ["/api/v1/account", "/api/v1/session"];

fn is_whole(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('/')
}

/// Where a second factor is asked of everybody, who has none is sent to set one up.
fn with_factor(person: &Person) -> Result<(), Problem> {
    if !person.reaches_account_alone() {
        return Ok(());
    }
    let why = NotAdministrator::SecondFactorMissing.to_string();
    Err(Problem::new(Code::SecondFactorRequired, why))
}

/// A person, by the cookie of a session or by an API token and within its bounds. Whatever takes a
/// [`Person`] from a request takes the cookie alone: that is how a new route begins.
pub(crate) struct Caller(pub(crate) Person);

impl FromRequestParts<Portal> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Problem> {
        match bearer(&parts.headers) {
            Some(token) => {
                let person = portal.by_token(token, &peer(parts, portal)).await?;
                with_factor(&person)?;
                Ok(Self(person))
            }
            None => Ok(Self(Person::from_request_parts(parts, portal).await?)),
        }
    }
}

/// Who is at the other end of the connection.
pub(crate) fn peer(parts: &Parts, portal: &Portal) -> Peer {
    let socket = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    let agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    let user_agent = agent.map(|agent| agent.chars().take(USER_AGENT_CHARS_MAX).collect());
    let device = portal.cookie().read_device(&parts.headers);
    let device = device.and_then(|token| DeviceToken::parse(token).ok());
    Peer { ip: portal.client(socket, &parts.headers), user_agent, device }
}

impl FromRequestParts<Portal> for Administrator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Problem> {
        let person = Person::from_request_parts(parts, portal).await?;
        person.administrator().map_err(|why| match why {
            NotAdministrator::NoGrant => {
                Problem::not_administrator(&person, &parts.method, parts.uri.path())
            }
            NotAdministrator::SecondFactorMissing => {
                Problem::new(Code::SecondFactorRequired, why.to_string())
            }
        })
    }
}

impl FromRequestParts<Portal> for ProvenAdministrator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Problem> {
        let administrator = Administrator::from_request_parts(parts, portal).await?;
        Ok(Self::try_from(administrator)?)
    }
}

impl FromRequestParts<Portal> for Proven {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Problem> {
        let person = Person::from_request_parts(parts, portal).await?;
        Ok(Self::try_from(person)?)
    }
}

/// The client at the other end of the connection.
pub(crate) struct Client(pub(crate) Peer);

impl FromRequestParts<Portal> for Client {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Problem> {
        Ok(Self(peer(parts, portal)))
    }
}

/// A JSON body of at most [`BODY_BYTES_MAX`] bytes, without unknown fields.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Portal> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, portal: &Portal) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, portal).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(body_refused(&rejection)),
        }
    }
}

fn body_refused(rejection: &JsonRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let why = format!("a body may have {BODY_BYTES_MAX} bytes");
            Problem::new(Code::BodyTooLarge, why)
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            let why = "bodies are sent as `content-type: application/json`";
            Problem::new(Code::UnsupportedMediaType, why)
        }
        _other => Problem::new(Code::InvalidBody, reason(rejection)),
    }
}

/// Where and why the body is not what was expected. Serde repeats only names of fields and short
/// values of choices, which the client itself sent; no secret is a choice.
fn reason(rejection: &JsonRejection) -> String {
    let mut innermost: &dyn std::error::Error = rejection;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    format!("the body is not what was expected: {innermost}")
}

/// The query's parameters, without unknown ones.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Portal> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _portal: &Portal) -> Result<Self, Problem> {
        match Query::<T>::try_from_uri(&parts.uri) {
            Ok(Query(params)) => Ok(Self(params)),
            Err(_rejection) => {
                let why = "a parameter is missing, unknown or not what was expected";
                Err(Problem::new(Code::InvalidParameter, why))
            }
        }
    }
}

/// Both ids in the address.
pub(crate) struct Ids(pub(crate) String, pub(crate) String);

impl FromRequestParts<Portal> for Ids {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Problem> {
        match Path::<(String, String)>::from_request_parts(parts, portal).await {
            Ok(Path((outer, inner))) => Ok(Self(outer, inner)),
            Err(_rejection) => {
                Err(Problem::new(Code::NotFound, "there is nothing at this address"))
            }
        }
    }
}

/// The id in the address.
pub(crate) struct Id(pub(crate) String);

impl FromRequestParts<Portal> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Problem> {
        match Path::<String>::from_request_parts(parts, portal).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_rejection) => {
                Err(Problem::new(Code::NotFound, "there is nothing at this address"))
            }
        }
    }
}

/// The two ids in the address: of a person, and of something of theirs.
pub(crate) struct IdOf(pub(crate) String, pub(crate) String);

impl FromRequestParts<Portal> for IdOf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Problem> {
        match Path::<(String, String)>::from_request_parts(parts, portal).await {
            Ok(Path((person, id))) => Ok(Self(person, id)),
            Err(_rejection) => {
                Err(Problem::new(Code::NotFound, "there is nothing at this address"))
            }
        }
    }
}

pub(crate) fn secret(input: &str, field: &'static str) -> Result<Secret, Problem> {
    let empty = |_| Problem::new(Code::InvalidBody, "it is empty").at_field(field);
    Secret::parse(input).map_err(empty)
}

pub(crate) fn uid(input: &str) -> Result<Uid, Problem> {
    let nobody = |_| Problem::coded(StatusCode::NOT_FOUND, "no-such-person", "nobody has this uid");
    Uid::parse(input).map_err(nobody)
}

pub(crate) fn role(input: &str) -> Result<RoleName, Problem> {
    let refused = || {
        let why = format!("a grant names one of {}", ROLES_GRANTABLE.join(", "));
        Problem::coded(StatusCode::BAD_REQUEST, "role-invalid", why).at_field("role")
    };
    if !ROLES_GRANTABLE.contains(&input) {
        return Err(refused());
    }
    RoleName::parse(input).map_err(|_| refused())
}

/// One of the estate's buckets of files.
pub(crate) fn bucket(input: &str, known: &[BucketName]) -> Result<BucketName, Problem> {
    let found = known.iter().find(|bucket| bucket.as_str() == input);
    found.cloned().ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(BucketName::as_str).collect();
        let why = format!("a grant is on one of {}", names.join(", "));
        Problem::coded(StatusCode::BAD_REQUEST, "bucket-invalid", why).at_field("bucket")
    })
}

/// A moment in RFC 3339.
pub(crate) fn moment(input: &str, field: &'static str) -> Result<Timestamp, Problem> {
    input.parse().map_err(|_| {
        let why = "a moment is written as RFC 3339 does: `2030-12-31T18:00:00Z`";
        Problem::coded(StatusCode::BAD_REQUEST, "moment-invalid", why).at_field(field)
    })
}

pub(crate) fn group_id(input: &str) -> Result<RowId, Problem> {
    let none = |_| Problem::coded(StatusCode::NOT_FOUND, "no-such-group", "there is no such group");
    RowId::parse(input).map_err(none)
}

pub(crate) fn prefix(input: &str) -> Result<KeyPrefix, Problem> {
    KeyPrefix::parse(input).map_err(|error| {
        Problem::coded(StatusCode::BAD_REQUEST, "prefix-invalid", error.to_string())
            .at_field("prefix")
    })
}
