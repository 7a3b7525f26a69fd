//! `Fault`: an answer that says no, in AWS's words, and its XML.

use std::borrow::Cow;

use http::StatusCode;
use quick_xml::escape::escape;

/// An error as it goes over the wire: AWS's code, its status, and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: Cow<'static, str>,
    /// One more element of S3's error document, such as `Region`.
    pub(crate) detail: Option<(&'static str, String)>,
}

impl Fault {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { status, code, message: message.into(), detail: None }
    }

    pub(crate) fn with_detail(mut self, name: &'static str, value: &str) -> Self {
        self.detail = Some((name, value.to_owned()));
        self
    }

    pub(crate) fn bad_request(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(crate) fn forbidden(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    pub(crate) fn not_implemented(what: &str) -> Self {
        let message = format!("{what} is not implemented by this store.");
        Self::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
    }

    pub(crate) fn internal() -> Self {
        let message = "We encountered an internal error. Please try again.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message)
    }

    /// The error document of S3.
    pub(crate) fn s3_xml(&self, resource: &str, request_id: &str) -> String {
        let detail = self.detail.as_ref().map_or_else(String::new, |(name, value)| {
            format!("<{name}>{}</{name}>", escape(value.as_str()))
        });
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message>\
             {detail}<Resource>{}</Resource><RequestId>{request_id}</RequestId></Error>",
            self.code,
            escape(&*self.message),
            escape(resource),
        )
    }

    /// The error document of the AWS Query protocol, which STS and IAM speak.
    pub(crate) fn query_xml(&self, namespace: &str, request_id: &str) -> String {
        let side = if self.status.is_server_error() { "Receiver" } else { "Sender" };
        format!(
            "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{side}</Type><Code>{}</Code>\
             <Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
            self.code,
            escape(&*self.message),
        )
    }
}
