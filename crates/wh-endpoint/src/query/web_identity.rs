//! `AssumeRoleWithWebIdentity` over the wire: the one request that is not signed, because the token in
//! it says who asks.

use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;
use wh_authority::{AssumeRoleWithWebIdentity, WebIdentityError};
use wh_gate::ops;
use wh_listen::Peer;
use wh_names::{Arn, RoleSessionName};

use super::form::{Form, Xml, invalid};
use super::{STS_VERSION, failed, refused, sts};
use crate::authentication::Verified;
use crate::door::Door;
use crate::fault::Fault;
use crate::signature::PayloadForm;

const ACTION: &str = "AssumeRoleWithWebIdentity";

/// Answers the request, if it is this one and is not signed.
pub(super) async fn answer(
    door: &Door,
    parts: &Parts,
    body: &Bytes,
    (peer, request_id): (Peer, &str),
) -> Option<Result<(String, Xml), Fault>> {
    // Strangers can send anything: what is not this request is for others to refuse.
    let mut form = Form::parse(body).ok()?;
    let meant = form.take("Action").as_deref() == Some(ACTION);
    if !meant || parts.headers.contains_key(http::header::AUTHORIZATION) {
        return None;
    }
    Some(answered(door, parts, form, (peer, request_id)).await.map(|xml| (ACTION.to_owned(), xml)))
}

async fn answered(
    door: &Door,
    parts: &Parts,
    mut form: Form,
    (peer, request_id): (Peer, &str),
) -> Result<Xml, Fault> {
    if form.need("Version")? != STS_VERSION {
        return Err(super::unknown_action(ACTION));
    }
    let token = form.need("WebIdentityToken")?;
    let ask = read(form)?;
    let principal = door.authority.recognise_web_identity(&token).await;
    let principal = principal.map_err(|error| fault(&error))?;
    let verified = Verified {
        principal,
        form: None,
        signed_at: None,
        payload: PayloadForm::Unsigned,
        access_key: None,
        key: None,
    };
    let caller = door.caller(parts, &verified, peer, request_id);
    let _place = door.place(&caller).await?;
    let permit = door.gate.admit(&caller, ops::AssumeRoleWithWebIdentity { ask }).await;
    let permit = permit.map_err(|refusal| refused(&refusal))?;
    let role = door.gate.assume_role_with_web_identity(permit).await;
    let role = role.map_err(|error| failed(&error))?;
    Ok(sts::write_assumed_role(&role)
        .text("SubjectFromWebIdentityToken", caller.principal.user_id())
        .text("Provider", caller.principal.label()))
}

fn read(mut form: Form) -> Result<AssumeRoleWithWebIdentity, Fault> {
    let wrong = |error: wh_names::NameError| invalid(error.to_string());
    let ask = AssumeRoleWithWebIdentity {
        role_arn: Arn::parse(&form.need("RoleArn")?).map_err(wrong)?,
        session_name: RoleSessionName::parse(&form.need("RoleSessionName")?).map_err(wrong)?,
        duration_s: form.number("DurationSeconds")?,
        policy: form.take("Policy"),
        policy_arns: form.list_of("PolicyArns", "arn"),
    };
    form.finish()?;
    Ok(ask)
}

fn fault(error: &WebIdentityError) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, error.code(), error.to_string())
}
