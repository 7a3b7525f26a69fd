//! One request, from the wire to the answer: read, verified, handed on without its credentials, and
//! the answer dressed.
//!
//! Invariant: `s3s` sees a request only after its signature was verified here, and its body only
//! through a stream that fails unless it is the body that was signed.

use std::sync::Arc;

use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, ORIGIN, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use hyper::body::Incoming;
use s3s::Body;
use s3s::service::S3Service;
use wh_authority::Authority;
use wh_gate::{AuthType, Caller, Gate, RequestFacts};
use wh_listen::{Peer, TrustedProxies};
use wh_names::{AccountId, BucketName, Clock, Entropy, Region};

use crate::authentication::{Verified, authenticate};
use crate::cors::{self, CorsRules};
use crate::document;
use crate::dress::{self, ContentPolicy};
use crate::fault::Fault;
use crate::form;
use crate::host::BaseDomains;
use crate::machines;
use crate::query;
use crate::screen;
use crate::shed::{Place, Places};
use crate::signature::{
    Arriving, BodyFault, Chunking, Form, PayloadError, PayloadForm, QueryString, RawBody, Trailers,
    announced, check_hash, decode, from_wire, whole,
};

/// What the door needs of the house.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) gate: Arc<Gate>,
    pub(crate) authority: Arc<Authority>,
    pub(crate) region: Region,
    pub(crate) account: AccountId,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    /// A proxy in front of this door ends TLS for it.
    pub(crate) secure_transport: bool,
    pub(crate) proxies: TrustedProxies,
    pub(crate) places: Arc<Places>,
    pub(crate) domains: BaseDomains,
    pub(crate) content_policy: ContentPolicy,
    pub(crate) s3: S3Service,
    /// The same for strangers, whose documents are short.
    pub(crate) s3_for_strangers: S3Service,
}

/// What goes along with a verified request.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) caller: Caller,
    pub(crate) trailers: Trailers,
    /// The trailers that the request announced, in lower case.
    pub(crate) announced: Vec<String>,
}

/// An answer on its way out, and what was wrong with the body that led to it.
struct Outcome {
    response: Response<Body>,
    body_fault: BodyFault,
    place: Place,
}

/// The bucket that a path names; empty where it names none.
fn bucket_of(path: &str) -> &str {
    path.trim_start_matches('/').split('/').next().unwrap_or_default()
}

impl Door {
    /// Answers one request. Every answer leaves through here.
    pub(crate) async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: Peer,
    ) -> Response<Body> {
        let request_id = hex::encode_upper(self.entropy.bytes::<8>());
        let (mut parts, body) = request.into_parts();
        // In HTTP/2 each request is a stream of its own, which ends with its answer.
        let shared = parts.version < Version::HTTP_2;
        let over_tls = self.secure_transport || peer.secure;
        let (body, has_come) = Arriving::new(body);
        let addressed = self.domains.address(&mut parts);
        let resource = parts.uri.path().to_owned();
        let (method, origin) = (parts.method.clone(), parts.headers.get(ORIGIN).cloned());
        let rules = self.rules(&parts).await;
        let answered = if let Err(fault) = addressed {
            Err(fault)
        } else if method == Method::OPTIONS {
            cors::preflight(rules.as_ref(), &parts.headers).map(dress::bare)
        } else {
            self.route(parts, body, peer, &request_id).await
        };
        let mut response = match answered {
            Ok(response) => response,
            Err(fault) => dress::fault(&fault, &resource, &request_id),
        };
        if over_tls {
            dress::over_tls_from_now_on(&mut response);
        }
        if let (Some(rules), Some(origin)) = (&rules, origin.as_ref().and_then(|o| o.to_str().ok()))
            && let Some(headers) = cors::on_answer(rules, origin, method.as_str())
            && method != Method::OPTIONS
        {
            response.headers_mut().extend(headers);
        }
        if method == Method::HEAD {
            dress::without_body(&mut response);
        }
        if shared && !has_come.get() {
            dress::last(&mut response);
        }
        dress::confined(&mut response, &self.content_policy);
        dress::common(&mut response, &request_id, &hex::encode(self.entropy.bytes::<24>()));
        let (status, bucket) = (response.status().as_u16(), bucket_of(&resource));
        tracing::debug!(id = request_id, %method, bucket, status, "answered");
        response
    }

    /// The rules for cross-origin requests of the bucket that is meant, if anybody asks for them.
    async fn rules(&self, parts: &Parts) -> Option<CorsRules> {
        parts.headers.get(ORIGIN)?;
        let bucket = BucketName::parse(bucket_of(parts.uri.path())).ok()?;
        CorsRules::read(&self.gate.cors(&bucket).await.ok()??)
    }

    async fn route(
        &self,
        parts: Parts,
        body: Arriving,
        peer: Peer,
        request_id: &str,
    ) -> Result<Response<Body>, Fault> {
        if let Err(fault) = self.in_step().await {
            return match (query::is_meant(&parts), machines::is_meant(&parts)) {
                (true, _) => Ok(query::unjudged(&fault, request_id)),
                (false, true) => Ok(machines::unjudged(&fault)),
                (false, false) => Err(fault),
            };
        }
        if machines::is_meant(&parts) {
            return Ok(machines::answer(self, parts, body, (peer, request_id)).await);
        }
        if query::is_meant(&parts) {
            return Ok(query::answer(self, parts, body, peer, request_id).await);
        }
        if form::is_meant(&parts) {
            return form::answer(self, parts, body, (peer, request_id)).await;
        }
        let resource = parts.uri.path().to_owned();
        let outcome = self.s3(parts, body, peer, request_id).await?;
        match outcome.body_fault.get() {
            Some(error) if outcome.response.status().as_u16() >= 400 => Err(error.s3()),
            Some(_) | None => {
                let completed = dress::completed(outcome.response, &resource, request_id);
                Ok(dress::held(completed, outcome.place))
            }
        }
    }

    async fn s3(
        &self,
        mut parts: Parts,
        body: Arriving,
        peer: Peer,
        request_id: &str,
    ) -> Result<Outcome, Fault> {
        let query = QueryString::parse(parts.uri.query())?;
        screen::check(&parts, &self.account, self.gate.encryption())?;
        screen::check_query(&query)?;
        let verified = authenticate(self, &parts, &query).await.map_err(|e| e.s3())?;
        let caller = self.caller(&parts, &verified, peer, request_id);
        self.note_use(&verified, &caller).await;
        let place = self.place(&caller).await?;
        let body_fault = BodyFault::default();
        let (body, trailers) = verified_body(&parts, &verified, body)?;
        let body = body_fault.watch(body);
        let announced = announced_here(&parts, &verified);
        let (s3, document_bytes_max) = match caller.principal.is_anonymous() {
            true => (&self.s3_for_strangers, document::STRANGERS_DOCUMENT_BYTES_MAX),
            false => (&self.s3, document::DOCUMENT_BYTES_MAX),
        };
        let body = if document::is_meant(&parts, &query) {
            document::read(body, document_bytes_max, &parts, &trailers).await?.into()
        } else if parts.method == Method::POST {
            whole(body, document_bytes_max).await.map_err(PayloadError::s3)?.into()
        } else {
            dress::streamed(body)
        };
        take_credentials_off(&mut parts, &query, &verified)?;
        parts.extensions.insert(Visit { caller, trailers, announced });
        let request = Request::from_parts(parts, body);
        let response = s3.call(request).await.map_err(|error| {
            tracing::error!(?error, "the S3 service failed");
            Fault::internal()
        })?;
        let attributes = query.get("attributes").is_some();
        let response = if attributes { dress::without_quotes(response) } else { response };
        Ok(Outcome { response, body_fault, place })
    }
}

/// The body as a stream that fails unless it is the body that was signed.
fn verified_body(
    parts: &Parts,
    verified: &Verified,
    body: Arriving,
) -> Result<(RawBody, Trailers), Fault> {
    let raw = from_wire(body);
    match &verified.payload {
        PayloadForm::Unsigned => Ok((raw, Trailers::default())),
        PayloadForm::Hash(hash) => Ok((check_hash(raw, hash.clone()), Trailers::default())),
        form @ (PayloadForm::SignedChunks
        | PayloadForm::SignedChunksWithTrailer
        | PayloadForm::UnsignedChunksWithTrailer) => {
            let decoded_length = screen::decoded_length(&parts.headers)?;
            let key = verified.key.clone();
            Ok(decode(raw, Chunking { form, key, headers: &parts.headers, decoded_length }))
        }
    }
}

/// The trailers that the request announces, if its form of body can have any.
fn announced_here(parts: &Parts, verified: &Verified) -> Vec<String> {
    if verified.payload.has_trailer() { announced(&parts.headers) } else { Vec::new() }
}

/// Takes off what only the verifier may see, and describes the body as it is after decoding.
fn take_credentials_off(
    parts: &mut Parts,
    query: &QueryString,
    verified: &Verified,
) -> Result<(), Fault> {
    let headers = &mut parts.headers;
    for name in ["x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "x-amz-trailer"] {
        headers.remove(name);
    }
    headers.remove(AUTHORIZATION);
    headers.remove("cookie");
    if let Some(length) = headers.remove("x-amz-decoded-content-length")
        && verified.payload.is_chunked()
    {
        headers.remove(TRANSFER_ENCODING);
        headers.insert(CONTENT_LENGTH, length);
        without_aws_chunked(headers);
    }
    let path = parts.uri.path();
    let bare = query.bare();
    let uri = if bare.is_empty() { path.to_owned() } else { format!("{path}?{bare}") };
    parts.uri = uri
        .parse::<Uri>()
        .map_err(|_| Fault::bad_request("InvalidURI", "Couldn't parse the specified URI."))?;
    Ok(())
}

/// `aws-chunked` is about the transfer; what is left of `Content-Encoding` is about the object.
fn without_aws_chunked(headers: &mut HeaderMap) {
    let Some(text) = headers.get(CONTENT_ENCODING).and_then(|v| v.to_str().ok()) else { return };
    let rest: Vec<&str> = text.split(',').map(str::trim).filter(|c| *c != "aws-chunked").collect();
    match HeaderValue::from_str(&rest.join(",")) {
        Ok(value) if !value.is_empty() => drop(headers.insert(CONTENT_ENCODING, value)),
        Ok(_) | Err(_) => drop(headers.remove(CONTENT_ENCODING)),
    }
}

impl Door {
    /// What is judged is judged by what the ledger says, or not at all.
    async fn in_step(&self) -> Result<(), Fault> {
        self.authority.in_step().await.map_err(|error| {
            tracing::warn!(%error, code = error.code(), "a request was refused unjudged");
            Fault::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "ServiceUnavailable",
                "The store cannot reach its ledger and judges nothing without it. Please try again.",
            )
        })
    }

    /// A place among the requests that are worked on. Strangers are told apart by where they are.
    pub(crate) async fn place(&self, caller: &Caller) -> Result<Place, Fault> {
        let who = match (caller.principal.is_anonymous(), caller.facts.source_ip) {
            (true, Some(ip)) => ip.to_string(),
            (true, None) | (false, _) => caller.principal.user_id().to_owned(),
        };
        self.places.take(who).await
    }

    /// Lets the authority remember which key was used, for what, and from where.
    pub(crate) async fn note_use(&self, verified: &Verified, caller: &Caller) {
        if let Some((id, service)) = &verified.access_key {
            self.authority.note_use(id, service, &self.region).await;
            self.authority.note_person_key_use(id, caller.facts.source_ip).await;
        }
    }

    /// Who asks, and what this door measured of the request.
    pub(crate) fn caller(
        &self,
        parts: &Parts,
        verified: &Verified,
        peer: Peer,
        request_id: &str,
    ) -> Caller {
        let at = self.clock.now();
        let own = |name: &str| {
            let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
            value.map(str::to_owned)
        };
        let age = verified.signed_at.map(|signed| at.duration_since(signed).as_millis());
        let facts = RequestFacts {
            request_id: request_id.to_owned(),
            at,
            source_ip: self.proxies.client(Some(peer.address), &parts.headers),
            secure_transport: self.secure_transport || peer.secure,
            user_agent: own("user-agent"),
            referer: own("referer"),
            auth: match verified.form {
                None => AuthType::Unsigned,
                Some(Form::Header) => AuthType::Header,
                Some(Form::Query) => AuthType::Query,
                Some(Form::Post) => AuthType::Post,
            },
            signature_age_ms: age.map(|millis| u64::try_from(millis).unwrap_or_default()),
            server_side_encryption: own("x-amz-server-side-encryption"),
            // A presigned request may name the hash in its query, or leave it out.
            content_sha256: match verified.form {
                Some(_) => Some(verified.payload.text().to_owned()),
                None => own("x-amz-content-sha256"),
            },
        };
        Caller { principal: verified.principal.clone(), facts }
    }
}
