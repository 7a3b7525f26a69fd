//! `Claim`: who a request says it is from. Read, not yet believed.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use jiff::civil::DateTime;
use wh_names::AccessKeyId;

use super::{QueryString, SignatureError};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The longest time that a presigned request may stay valid, in seconds: seven days.
const EXPIRES_S_MAX: i64 = 604_800;
/// The fields of a form that carry credentials.
const FORM_FIELDS: [&str; 4] =
    ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"];
/// How many headers a signature may name.
const SIGNED_HEADERS_MAX: usize = 100;

/// Where the credentials stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Header,
    Query,
    /// In the fields of a form, over its policy.
    Post,
}

/// `date/region/service/aws4_request`, as the request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) date: String,
    pub(crate) region: String,
    pub(crate) service: String,
}

impl Scope {
    pub(crate) fn text(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.date, self.region, self.service)
    }
}

/// What a request says about who signed it.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) form: Form,
    pub(crate) access_key: AccessKeyId,
    pub(crate) scope: Scope,
    /// Lower-case names in ascending order.
    pub(crate) signed_headers: Vec<String>,
    pub(crate) signature: [u8; 32],
    /// The time of signing as it was written, `20261123T221500Z`.
    pub(crate) stamp: String,
    pub(crate) signed_at: Timestamp,
    /// How long a presigned request is valid, in seconds.
    pub(crate) expires_s: Option<i64>,
    pub(crate) token: Option<String>,
}

impl Claim {
    /// Reads the credentials among the fields of a form, by their names in lower case: none at all,
    /// or all of them.
    pub(crate) fn read_form<'f>(
        field: &dyn Fn(&str) -> Option<&'f str>,
    ) -> Result<Option<Self>, SignatureError> {
        let named = |name: &&str| field(name).is_some();
        if ["awsaccesskeyid", "signature"].iter().any(named) {
            return Err(SignatureError::UnsupportedMechanism);
        }
        if !FORM_FIELDS.iter().chain(&["policy", "x-amz-security-token"]).any(named) {
            return Ok(None);
        }
        let need = |name| field(name).ok_or_else(|| malformed(Form::Post));
        if need("x-amz-algorithm")? != ALGORITHM {
            return Err(SignatureError::UnsupportedMechanism);
        }
        let written = Written {
            form: Form::Post,
            credential: need("x-amz-credential")?,
            signed: "host",
            signature: need("x-amz-signature")?,
            stamp: need("x-amz-date")?,
        };
        // How long a form is good for, its policy says; a key made for a day, a week.
        let token = field("x-amz-security-token").map(str::to_owned);
        written.parse(Some(EXPIRES_S_MAX), token).map(Some)
    }

    /// Reads the credentials of a request: none at all, or exactly one set of them.
    pub(crate) fn read(
        headers: &HeaderMap,
        query: &QueryString,
    ) -> Result<Option<Self>, SignatureError> {
        let in_header = headers.contains_key(AUTHORIZATION);
        let in_query = query.carries_credentials();
        if query.is_signature_v2() {
            let both = in_header || in_query;
            let why = if both {
                SignatureError::TwoMechanisms
            } else {
                SignatureError::UnsupportedMechanism
            };
            return Err(why);
        }
        match (in_header, in_query) {
            (false, false) => Ok(None),
            (true, true) => Err(SignatureError::TwoMechanisms),
            (true, false) => from_header(headers).map(Some),
            (false, true) => from_query(query).map(Some),
        }
    }
}

fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, SignatureError> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(SignatureError::MalformedHeader("A header was given more than once."));
    }
    let unreadable = SignatureError::MalformedHeader("A header holds more than ASCII.");
    first.map(|value| value.to_str().map_err(|_| unreadable)).transpose()
}

fn from_header(headers: &HeaderMap) -> Result<Claim, SignatureError> {
    let text = only(headers, "authorization")?.unwrap_or_default();
    let Some(fields) = text.strip_prefix(ALGORITHM).filter(|rest| rest.starts_with(' ')) else {
        return Err(SignatureError::UnsupportedMechanism);
    };
    let [mut credential, mut signed, mut signature] = [None; 3];
    for field in fields.split(',') {
        let (name, value) = field.trim().split_once('=').unwrap_or_default();
        let slot = match name {
            "Credential" => &mut credential,
            "SignedHeaders" => &mut signed,
            "Signature" => &mut signature,
            _ => return Err(malformed(Form::Header)),
        };
        if slot.replace(value).is_some() {
            return Err(malformed(Form::Header));
        }
    }
    let (Some(credential), Some(signed), Some(signature)) = (credential, signed, signature) else {
        return Err(malformed(Form::Header));
    };
    let stamp = only(headers, "x-amz-date")?.ok_or(SignatureError::MissingDate)?;
    let token = only(headers, "x-amz-security-token")?.map(str::to_owned);
    let written = Written { form: Form::Header, credential, signed, signature, stamp };
    written.parse(None, token)
}

fn from_query(query: &QueryString) -> Result<Claim, SignatureError> {
    let need = |name| query.get(name).ok_or_else(|| malformed(Form::Query));
    if need("X-Amz-Algorithm")? != ALGORITHM {
        return Err(SignatureError::MalformedQuery(
            "X-Amz-Algorithm only supports AWS4-HMAC-SHA256",
        ));
    }
    let expires = need("X-Amz-Expires")?;
    let expires: i64 = expires
        .parse()
        .map_err(|_| SignatureError::MalformedQuery("X-Amz-Expires should be a number"))?;
    if expires < 1 {
        return Err(SignatureError::MalformedQuery("X-Amz-Expires must be positive"));
    }
    if expires > EXPIRES_S_MAX {
        let why = "X-Amz-Expires must be less than a week (in seconds); that is, the given \
                   X-Amz-Expires must be less than 604800 seconds";
        return Err(SignatureError::MalformedQuery(why));
    }
    let written = Written {
        form: Form::Query,
        credential: need("X-Amz-Credential")?,
        signed: need("X-Amz-SignedHeaders")?,
        signature: need("X-Amz-Signature")?,
        stamp: need("X-Amz-Date")?,
    };
    written.parse(Some(expires), query.get("X-Amz-Security-Token").map(str::to_owned))
}

fn malformed(form: Form) -> SignatureError {
    match form {
        Form::Header => SignatureError::MalformedHeader(
            "The authorization header is malformed; it needs exactly Credential, SignedHeaders and Signature.",
        ),
        Form::Query => SignatureError::MalformedQuery(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, \
             X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
        ),
        Form::Post => SignatureError::MalformedForm(
            "Bucket POST must contain the fields policy, x-amz-algorithm, x-amz-credential, \
             x-amz-date and x-amz-signature, all of them before the file.",
        ),
    }
}

/// The fields as they were written.
struct Written<'a> {
    form: Form,
    credential: &'a str,
    signed: &'a str,
    signature: &'a str,
    stamp: &'a str,
}

impl Written<'_> {
    fn parse(
        &self,
        expires_s: Option<i64>,
        token: Option<String>,
    ) -> Result<Claim, SignatureError> {
        let bad = || malformed(self.form);
        let (access_key, scope) = self.credential().ok_or_else(bad)?;
        let access_key =
            AccessKeyId::parse(access_key).map_err(|_| SignatureError::UnknownAccessKey)?;
        let signed_at = timestamp(self.stamp).ok_or(SignatureError::MissingDate)?;
        if !self.stamp.starts_with(&scope.date) {
            return Err(bad());
        }
        let mut signature = [0; 32];
        hex::decode_to_slice(self.signature, &mut signature).map_err(|_| bad())?;
        Ok(Claim {
            form: self.form,
            access_key,
            scope,
            signed_headers: self.headers().ok_or_else(bad)?,
            signature,
            stamp: self.stamp.to_owned(),
            signed_at,
            expires_s,
            token,
        })
    }

    fn credential(&self) -> Option<(&str, Scope)> {
        let mut fields = self.credential.split('/');
        let access_key = fields.next()?;
        let date = fields.next().filter(|d| d.len() == 8)?.to_owned();
        let region = fields.next().filter(|r| !r.is_empty())?.to_owned();
        let service = fields.next()?.to_owned();
        let whole = fields.next()? == "aws4_request" && fields.next().is_none();
        whole.then_some((access_key, Scope { date, region, service }))
    }

    /// The names of the signed headers: lower case, ascending, `host` among them.
    fn headers(&self) -> Option<Vec<String>> {
        let names: Vec<String> = self.signed.split(';').map(str::to_owned).collect();
        let clean =
            names.iter().all(|n| !n.is_empty() && !n.bytes().any(|b| b.is_ascii_uppercase()));
        let ascending = names.is_sorted_by(|a, b| a < b);
        let hosted = names.iter().any(|n| n == "host");
        (clean && ascending && hosted && names.len() <= SIGNED_HEADERS_MAX).then_some(names)
    }
}

fn timestamp(stamp: &str) -> Option<Timestamp> {
    if stamp.len() != 16 {
        return None;
    }
    let time = DateTime::strptime("%Y%m%dT%H%M%SZ", stamp).ok()?;
    jiff::tz::TimeZone::UTC.to_timestamp(time).ok()
}
