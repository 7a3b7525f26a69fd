//! STS over the wire: `AssumeRole` and `GetCallerIdentity`.
//!
//! Source: STS API Reference, the actions of the same names.

use http::StatusCode;
use wh_authority::{AssumeRole, AssumeRoleError, AssumedRole, AuthenticationError};
use wh_names::{Arn, RoleSessionName, SourceIdentity};

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

/// Writes the credentials of a role session.
pub(crate) fn write_assumed_role(role: &AssumedRole) -> Xml {
    let credentials = &role.credentials;
    let expiration = credentials.expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    Xml::default()
        .within("AssumedRoleUser", |xml| {
            xml.text("AssumedRoleId", &role.assumed_role_id).text("Arn", role.arn.as_str())
        })
        .within("Credentials", |xml| {
            xml.text("AccessKeyId", credentials.access_key_id.as_str())
                .text("SecretAccessKey", credentials.secret_access_key.expose())
                .text("SessionToken", credentials.session_token.expose())
                .text("Expiration", expiration)
        })
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
            | AuthenticationError::UnreadablePolicy,
        )
        | AssumeRoleError::Denied(_)
        | AssumeRoleError::Root => StatusCode::FORBIDDEN,
    };
    Fault::new(status, error.code(), error.to_string())
}
