//! From a request's credentials to a `Principal`, or to the reason why not.

use http::HeaderMap;
use http::request::Parts;
use jiff::Timestamp;
use wh_authority::{AuthenticationError, Principal};
use wh_names::AccessKeyId;

use crate::door::Door;
use crate::signature::{
    Claim, Expectation, Form, PayloadForm, QueryString, SignatureError, SigningKey, verify,
    verify_policy,
};

/// A request whose credentials were verified, or that has none.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) principal: Principal,
    pub(crate) form: Option<Form>,
    pub(crate) signed_at: Option<Timestamp>,
    pub(crate) payload: PayloadForm,
    /// The access key that signed, and the service that was meant.
    pub(crate) access_key: Option<(AccessKeyId, String)>,
    /// What the chain of chunk signatures begins with.
    pub(crate) key: Option<(SigningKey, [u8; 32])>,
}

/// Verifies a request to S3.
pub(crate) async fn authenticate(
    door: &Door,
    parts: &Parts,
    query: &QueryString,
) -> Result<Verified, SignatureError> {
    let hash = content_sha256(&parts.headers)?;
    let Some(claim) = Claim::read(&parts.headers, query)? else {
        return anonymous(hash);
    };
    let hash = match claim.form {
        Form::Header => hash.ok_or(SignatureError::PayloadHashMissing)?,
        Form::Query | Form::Post => presigned(hash, query)?,
    };
    let regions = [door.region.as_str()];
    let expected = Expectation { service: "s3", regions: &regions, now: door.clock.now() };
    prove(door, parts, query, (&claim, hash, expected)).await
}

/// Verifies a request to STS or IAM, whose body's hash is known from the body.
pub(crate) async fn authenticate_query(
    door: &Door,
    parts: &Parts,
    query: &QueryString,
    body_sha256: String,
) -> Result<(Verified, String), SignatureError> {
    let Some(claim) = Claim::read(&parts.headers, query)? else {
        return Err(SignatureError::Anonymous);
    };
    if claim.form != Form::Header {
        return Err(SignatureError::UnsupportedMechanism);
    }
    let hash = PayloadForm::Hash(body_sha256);
    if content_sha256(&parts.headers)?.is_some_and(|said| said != hash) {
        return Err(SignatureError::PayloadHashInvalid);
    }
    // Clients that know no region speak to the global endpoint's.
    let regions = [door.region.as_str(), "us-east-1"];
    let service = if claim.scope.service == "iam" { "iam" } else { "sts" };
    let expected = Expectation { service, regions: &regions, now: door.clock.now() };
    let verified = prove(door, parts, query, (&claim, hash, expected)).await?;
    Ok((verified, service.to_owned()))
}

/// Verifies a form, given its fields by their names in lower case.
pub(crate) async fn authenticate_form<'f>(
    door: &Door,
    field: &(dyn Fn(&str) -> Option<&'f str> + Sync),
) -> Result<Verified, SignatureError> {
    let Some(claim) = Claim::read_form(field)? else { return anonymous(None) };
    let regions = [door.region.as_str()];
    let expected = Expectation { service: "s3", regions: &regions, now: door.clock.now() };
    expected.check(&claim)?;
    let policy = field("policy")
        .ok_or(SignatureError::MalformedForm("Bucket POST must contain a field named 'policy'."))?;
    door.authority.learn(&claim.access_key).await.map_err(refused)?;
    let secret =
        door.authority.secret_key(&claim.access_key, claim.token.as_deref()).map_err(refused)?;
    let key = verify_policy(policy, &claim, &secret)?;
    recognised(door, &claim, PayloadForm::Unsigned, key).await
}

async fn prove(
    door: &Door,
    parts: &Parts,
    query: &QueryString,
    (claim, payload, expected): (&Claim, PayloadForm, Expectation<'_>),
) -> Result<Verified, SignatureError> {
    expected.check(claim)?;
    door.authority.learn(&claim.access_key).await.map_err(refused)?;
    let secret =
        door.authority.secret_key(&claim.access_key, claim.token.as_deref()).map_err(refused)?;
    let key = verify(parts, query, claim, &payload, &secret)?;
    recognised(door, claim, payload, key).await
}

/// Who it is whose signature was verified.
async fn recognised(
    door: &Door,
    claim: &Claim,
    payload: PayloadForm,
    key: SigningKey,
) -> Result<Verified, SignatureError> {
    let token = claim.token.as_deref();
    door.authority.learn_session(&claim.access_key, token).await.map_err(refused)?;
    let principal = door.authority.recognise(&claim.access_key, token).map_err(refused)?;
    Ok(Verified {
        principal,
        form: Some(claim.form),
        signed_at: Some(claim.signed_at),
        payload,
        access_key: Some((claim.access_key.clone(), claim.scope.service.clone())),
        key: Some((key, claim.signature)),
    })
}

fn anonymous(hash: Option<PayloadForm>) -> Result<Verified, SignatureError> {
    let payload = hash.unwrap_or(PayloadForm::Unsigned);
    if payload.is_chunked() {
        return Err(SignatureError::Anonymous);
    }
    let principal = Principal::anonymous();
    Ok(Verified { principal, form: None, signed_at: None, payload, access_key: None, key: None })
}

fn content_sha256(headers: &HeaderMap) -> Result<Option<PayloadForm>, SignatureError> {
    let Some(value) = headers.get("x-amz-content-sha256") else { return Ok(None) };
    let text = value.to_str().map_err(|_| SignatureError::PayloadHashInvalid)?;
    PayloadForm::parse(text).map(Some)
}

/// What a presigned request signs of its body: a hash that it names, or nothing.
fn presigned(
    header: Option<PayloadForm>,
    query: &QueryString,
) -> Result<PayloadForm, SignatureError> {
    let named = query.get("X-Amz-Content-Sha256").map(PayloadForm::parse).transpose()?;
    let payload = named.or(header).unwrap_or(PayloadForm::Unsigned);
    if payload.is_chunked() {
        return Err(SignatureError::PayloadHashInvalid);
    }
    Ok(payload)
}

fn refused(error: AuthenticationError) -> SignatureError {
    match error {
        AuthenticationError::InvalidAccessKeyId => SignatureError::UnknownAccessKey,
        AuthenticationError::InvalidToken | AuthenticationError::Revoked => {
            SignatureError::InvalidToken
        }
        AuthenticationError::ExpiredToken => SignatureError::ExpiredToken,
        AuthenticationError::KeyRefused(why) => SignatureError::KeyRefused(why),
        AuthenticationError::UnreadablePolicy => SignatureError::Unavailable,
        AuthenticationError::Unavailable => SignatureError::NotNow,
    }
}
