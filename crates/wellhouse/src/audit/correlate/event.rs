//! One record of AWS CloudTrail: the fields that tell who asked for what.
//!
//! Source: CloudTrail User Guide, "CloudTrail record contents" and "CloudTrail userIdentity element".

use jiff::Timestamp;
use serde::Deserialize;

/// What one request left.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "CloudTrail names them so")]
pub(super) struct Event {
    pub(super) event_time: Timestamp,
    pub(super) event_source: String,
    pub(super) event_name: String,
    #[serde(rename = "sourceIPAddress", default)]
    pub(super) source_ip: Option<String>,
    #[serde(default)]
    pub(super) error_code: Option<String>,
    #[serde(rename = "requestID", default)]
    pub(super) request_id: Option<String>,
    #[serde(rename = "eventID", default)]
    pub(super) event_id: Option<String>,
    #[serde(default)]
    pub(super) user_identity: Identity,
    #[serde(default)]
    pub(super) request_parameters: Option<Asked>,
    #[serde(default)]
    pub(super) additional_event_data: Option<Additional>,
}

/// Who asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Identity {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) arn: Option<String>,
    pub(super) access_key_id: Option<String>,
    pub(super) invoked_by: Option<String>,
    session_context: Option<SessionContext>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SessionContext {
    session_issuer: Option<Issuer>,
    source_identity: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Issuer {
    arn: Option<String>,
}

/// What was asked for, as far as it concerns an estate.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Asked {
    pub(super) bucket_name: Option<String>,
    pub(super) key: Option<String>,
    pub(super) prefix: Option<String>,
    pub(super) role_arn: Option<String>,
    pub(super) role_session_name: Option<String>,
    pub(super) source_identity: Option<String>,
}

/// How it was asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Additional {
    #[serde(rename = "AuthenticationMethod")]
    authentication_method: Option<String>,
    #[serde(rename = "x-amz-id-2")]
    pub(super) id_2: Option<String>,
}

impl Identity {
    /// The ARN of the role whose session asked.
    pub(super) fn role_arn(&self) -> Option<&str> {
        self.session_context.as_ref()?.session_issuer.as_ref()?.arn.as_deref()
    }

    /// Who was really acting, through all role sessions.
    pub(super) fn source_identity(&self) -> Option<&str> {
        self.session_context.as_ref()?.source_identity.as_deref()
    }

    /// The name of the role session: the last word of its ARN.
    pub(super) fn session_name(&self) -> Option<&str> {
        let arn = self.arn.as_deref().filter(|arn| arn.contains(":assumed-role/"))?;
        arn.rsplit('/').next()
    }
}

impl Event {
    /// Whether it was asked by a presigned URL.
    pub(super) fn is_presigned(&self) -> bool {
        let how = self.additional_event_data.as_ref();
        how.and_then(|how| how.authentication_method.as_deref()) == Some("QueryString")
    }

    /// The role that somebody asked to become.
    pub(super) fn assumed(&self) -> Option<&str> {
        let assumes =
            self.event_source == "sts.amazonaws.com" && self.event_name.starts_with("AssumeRole");
        self.request_parameters.as_ref().filter(|_| assumes)?.role_arn.as_deref()
    }

    pub(super) fn bucket(&self) -> Option<&str> {
        self.request_parameters.as_ref()?.bucket_name.as_deref()
    }

    /// What it was about: bucket and key, the role, or nothing that an estate knows.
    pub(super) fn about(&self) -> String {
        let asked = self.request_parameters.clone().unwrap_or_default();
        match (asked.bucket_name, asked.key.or(asked.prefix), asked.role_arn) {
            (Some(bucket), Some(key), _) => format!("{bucket}/{key}"),
            (Some(bucket), None, _) => bucket,
            (None, _, Some(role)) => role,
            (None, _, None) => self.event_source.clone(),
        }
    }
}
