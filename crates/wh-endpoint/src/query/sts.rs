//! STS over the wire: forms to requests, answers to XML.
//!
//! Source: STS API Reference, the actions of the same names.

use http::StatusCode;
use wh_authority::{
    AssumeRole, AssumeRoleError, AssumedRole, AuthenticationError, GetSessionTokenError,
    TemporaryCredentials,
};
use wh_gate::ops;
use wh_names::{AccessKeyId, AccountId, Arn, RoleSessionName, SourceIdentity};

use super::form::{Form, Xml, invalid};
use crate::fault::Fault;

/// The namespace of STS's answers.
pub(crate) const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// Reads an `AssumeRole` from its form. What the form holds beyond it is refused.
pub(crate) fn read_assume_role(mut form: Form) -> Result<AssumeRole, Fault> {
    let wrong = |error: wh_names::NameError| invalid(error.to_string());
    let source = form.take("SourceIdentity");
    let ask = AssumeRole {
        role_arn: Arn::parse(&form.need("RoleArn")?).map_err(wrong)?,
        session_name: RoleSessionName::parse(&form.need("RoleSessionName")?).map_err(wrong)?,
        duration_s: form.number("DurationSeconds")?,
        policy: form.take("Policy"),
        policy_arns: form.list_of("PolicyArns", "arn"),
        tags: form.tags("Tags")?,
        transitive_tag_keys: form.list("TransitiveTagKeys"),
        source_identity: source.map(|s| SourceIdentity::parse(&s)).transpose().map_err(wrong)?,
        external_id: form.take("ExternalId"),
    };
    form.finish()?;
    Ok(ask)
}

/// Reads a `GetSessionToken`. There are no MFA devices whose codes could be checked here.
pub(crate) fn read_get_session_token(mut form: Form) -> Result<ops::GetSessionToken, Fault> {
    let op = ops::GetSessionToken { duration_s: form.number("DurationSeconds")? };
    form.finish()?;
    Ok(op)
}

/// Reads a `DecodeAuthorizationMessage`.
pub(crate) fn read_decode(
    mut form: Form,
    account: &AccountId,
) -> Result<ops::DecodeAuthorizationMessage, Fault> {
    let (message, account) = (form.need("EncodedMessage")?, account.clone());
    form.finish()?;
    Ok(ops::DecodeAuthorizationMessage { message, account })
}

/// Reads a `GetAccessKeyInfo`.
pub(crate) fn read_get_access_key_info(
    mut form: Form,
    account: &AccountId,
) -> Result<ops::GetAccessKeyInfo, Fault> {
    let id = AccessKeyId::parse(&form.need("AccessKeyId")?).map_err(|e| invalid(e.to_string()))?;
    form.finish()?;
    Ok(ops::GetAccessKeyInfo { id, account: account.clone() })
}

/// Writes temporary credentials.
pub(crate) fn write_credentials(xml: Xml, credentials: &TemporaryCredentials) -> Xml {
    let expiration = credentials.expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    xml.within("Credentials", |xml| {
        xml.text("AccessKeyId", credentials.access_key_id.as_str())
            .text("SecretAccessKey", credentials.secret_access_key.expose())
            .text("SessionToken", credentials.session_token.expose())
            .text("Expiration", expiration)
    })
}

/// Writes the credentials of a role session.
pub(crate) fn write_assumed_role(role: &AssumedRole) -> Xml {
    let xml = Xml::default().within("AssumedRoleUser", |xml| {
        xml.text("AssumedRoleId", &role.assumed_role_id).text("Arn", role.arn.as_str())
    });
    write_credentials(xml, &role.credentials)
        .maybe("PackedPolicySize", role.packed_policy_size.map(|size| size.to_string()))
        .maybe("SourceIdentity", role.source_identity.as_ref().map(SourceIdentity::as_str))
}

/// `AssumeRole`'s failures over the wire.
pub(crate) fn fault(error: &AssumeRoleError) -> Fault {
    let status = match error {
        AssumeRoleError::Authentication(AuthenticationError::ExpiredToken)
        | AssumeRoleError::Invalid { .. }
        | AssumeRoleError::MalformedPolicy(_)
        | AssumeRoleError::PackedPolicyTooLarge { .. } => StatusCode::BAD_REQUEST,
        AssumeRoleError::Authentication(
            AuthenticationError::InvalidAccessKeyId
            | AuthenticationError::InvalidToken
            | AuthenticationError::Revoked
            | AuthenticationError::KeyRefused(_)
            | AuthenticationError::UnreadablePolicy,
        )
        | AssumeRoleError::Denied(_)
        | AssumeRoleError::PersonKey
        | AssumeRoleError::Root => StatusCode::FORBIDDEN,
        AssumeRoleError::Authentication(AuthenticationError::Unavailable) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    Fault::new(status, error.code(), error.to_string())
}

/// `GetSessionToken`'s failures over the wire.
pub(crate) fn session_fault(error: &GetSessionTokenError) -> Fault {
    let status = match error {
        GetSessionTokenError::Authentication(AuthenticationError::ExpiredToken)
        | GetSessionTokenError::Duration
        | GetSessionTokenError::TooLarge => StatusCode::BAD_REQUEST,
        GetSessionTokenError::Authentication(
            AuthenticationError::InvalidAccessKeyId
            | AuthenticationError::InvalidToken
            | AuthenticationError::Revoked
            | AuthenticationError::KeyRefused(_)
            | AuthenticationError::UnreadablePolicy,
        )
        | GetSessionTokenError::NotAUser => StatusCode::FORBIDDEN,
        GetSessionTokenError::Authentication(AuthenticationError::Unavailable) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    Fault::new(status, error.code(), error.to_string())
}
