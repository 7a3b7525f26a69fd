//! Who asks, and what is known of the request beside what it asks for.

use std::net::IpAddr;

use jiff::Timestamp;
use wh_authority::Principal;
use wh_policy::Context;

/// A principal with one request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who asks.
    pub principal: Principal,
    /// The circumstances.
    pub facts: RequestFacts,
}

/// How a request was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthType {
    /// Not at all.
    Unsigned,
    /// In the `Authorization` header.
    Header,
    /// In the query: a presigned URL.
    Query,
    /// In the fields of a form.
    Post,
}

/// The circumstances of a request, as the door measured them: none of them is taken from a header
/// that the caller may write as they like, except those that say so.
#[derive(Debug, Clone)]
pub struct RequestFacts {
    /// The id that the caller is told.
    pub request_id: String,
    /// When it came.
    pub at: Timestamp,
    /// The address of the peer.
    pub source_ip: Option<IpAddr>,
    /// Whether it came over TLS.
    pub secure_transport: bool,
    /// `User-Agent`, by the caller's own word.
    pub user_agent: Option<String>,
    /// `Referer`, by the caller's own word.
    pub referer: Option<String>,
    /// How it was signed.
    pub auth: AuthType,
    /// How long ago it was signed, in milliseconds.
    pub signature_age_ms: Option<u64>,
    /// `x-amz-content-sha256`; of a signed request, as the body is verified by it.
    pub content_sha256: Option<String>,
    /// `x-amz-server-side-encryption`: how the bytes are asked to be encrypted at rest.
    pub server_side_encryption: Option<String>,
}

impl RequestFacts {
    /// The condition keys that come from the circumstances, and only those.
    ///
    /// Sources: IAM User Guide, "AWS global condition context keys"; S3 User Guide, "Condition keys
    /// for Amazon S3". Each key has this one source.
    pub(crate) fn context(&self) -> Context {
        let mut context = Context::new();
        let seconds = self.at.as_second();
        let at = Timestamp::from_second(seconds).unwrap_or(self.at);
        context.set("aws:CurrentTime", at.to_string());
        context.set("aws:EpochTime", seconds.to_string());
        context.set("aws:SecureTransport", self.secure_transport.to_string());
        if let Some(ip) = self.source_ip {
            context.set("aws:SourceIp", ip.to_canonical().to_string());
        }
        if let Some(agent) = &self.user_agent {
            context.set("aws:UserAgent", agent.as_str());
        }
        if let Some(referer) = &self.referer {
            context.set("aws:Referer", referer.as_str());
        }
        if let Some(age) = self.signature_age_ms {
            context.set("s3:signatureAge", age.to_string());
        }
        if let Some(sha256) = &self.content_sha256 {
            context.set("s3:x-amz-content-sha256", sha256.as_str());
        }
        if let Some(encryption) = &self.server_side_encryption {
            context.set("s3:x-amz-server-side-encryption", encryption.as_str());
        }
        let auth = match self.auth {
            AuthType::Unsigned => return context,
            AuthType::Header => "REST-HEADER",
            AuthType::Query => "REST-QUERY-STRING",
            AuthType::Post => "POST",
        };
        context.set("s3:authType", auth);
        context.set("s3:signatureversion", "AWS4-HMAC-SHA256");
        context
    }
}
