//! Cross-origin requests: a bucket's rules, the preflight, and the headers on answers.
//!
//! Allowing credentials is never said: this door looks at no cookie, so there is nothing to allow.
//!
//! Source: S3 User Guide, "Using cross-origin resource sharing (CORS)".

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue};
use s3s::dto;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// How many rules a bucket may have.
const RULES_MAX: usize = 100;
const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

/// A bucket's rules, as they are kept with the bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorsRules {
    rules: Vec<CorsRule>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CorsRule {
    id: Option<String>,
    origins: Vec<String>,
    methods: Vec<String>,
    headers: Vec<String>,
    expose: Vec<String>,
    max_age_s: Option<i32>,
}

impl CorsRules {
    /// Takes over what `PutBucketCors` was given, refusing what S3 refuses.
    pub(crate) fn from_wire(wire: dto::CORSConfiguration) -> Result<Self, Fault> {
        let rules: Vec<CorsRule> = wire.cors_rules.into_iter().map(CorsRule::from_wire).collect();
        if rules.is_empty() || rules.len() > RULES_MAX {
            let why = "The CORS configuration must hold between 1 and 100 rules.";
            return Err(Fault::bad_request("MalformedXML", why));
        }
        rules.iter().try_for_each(CorsRule::check)?;
        Ok(Self { rules })
    }

    /// The rules as S3 writes them.
    pub(crate) fn into_wire(self) -> Vec<dto::CORSRule> {
        self.rules.into_iter().map(CorsRule::into_wire).collect()
    }

    /// Reads kept rules. What cannot be read allows nothing.
    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The rules as text to keep.
    pub(crate) fn to_text(&self) -> Result<String, Fault> {
        serde_json::to_string(self).map_err(|_| Fault::internal())
    }

    fn for_request(&self, origin: &str, method: &str, headers: &[String]) -> Option<&CorsRule> {
        self.rules.iter().find(|rule| {
            rule.origins.iter().any(|pattern| matches(pattern, origin))
                && rule.methods.iter().any(|m| m == method)
                && headers.iter().all(|name| rule.allows_header(name))
        })
    }
}

impl CorsRule {
    fn from_wire(wire: dto::CORSRule) -> Self {
        Self {
            id: wire.id,
            origins: wire.allowed_origins,
            methods: wire.allowed_methods,
            headers: wire.allowed_headers.unwrap_or_default(),
            expose: wire.expose_headers.unwrap_or_default(),
            max_age_s: wire.max_age_seconds,
        }
    }

    fn into_wire(self) -> dto::CORSRule {
        dto::CORSRule {
            id: self.id,
            allowed_origins: self.origins,
            allowed_methods: self.methods,
            allowed_headers: Some(self.headers).filter(|h| !h.is_empty()),
            expose_headers: Some(self.expose).filter(|h| !h.is_empty()),
            max_age_seconds: self.max_age_s,
        }
    }

    fn check(&self) -> Result<(), Fault> {
        if let Some(method) = self.methods.iter().find(|m| !METHODS.contains(&m.as_str())) {
            let why = format!(
                "Found unsupported HTTP method in CORS config. Unsupported method is {method}"
            );
            return Err(Fault::bad_request("InvalidRequest", why));
        }
        let mut patterns = self.origins.iter().chain(&self.headers);
        if let Some(pattern) = patterns.find(|p| p.matches('*').count() > 1) {
            let why = format!("\"{pattern}\" can not have more than one wildcard.");
            return Err(Fault::bad_request("InvalidRequest", why));
        }
        let mut texts = self.origins.iter().chain(&self.headers).chain(&self.expose);
        let unusable = texts.any(|t| t.is_empty() || HeaderValue::from_str(t).is_err());
        if self.origins.is_empty() || self.methods.is_empty() || unusable {
            let why = "The XML you provided was not well-formed or did not validate against our \
                       published schema";
            return Err(Fault::bad_request("MalformedXML", why));
        }
        Ok(())
    }

    fn allows_header(&self, name: &str) -> bool {
        self.headers.iter().any(|pattern| matches(&pattern.to_ascii_lowercase(), name))
    }

    /// The headers that this rule puts on an answer to `origin`.
    fn answer(&self, origin: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let any = self.origins.iter().any(|o| o == "*");
        put(&mut headers, ACCESS_CONTROL_ALLOW_ORIGIN, if any { "*" } else { origin });
        put(&mut headers, ACCESS_CONTROL_ALLOW_METHODS, &self.methods.join(", "));
        if !self.expose.is_empty() {
            put(&mut headers, ACCESS_CONTROL_EXPOSE_HEADERS, &self.expose.join(", "));
        }
        if let Some(age) = self.max_age_s {
            put(&mut headers, ACCESS_CONTROL_MAX_AGE, &age.to_string());
        }
        headers.insert(VARY, HeaderValue::from_static(VARIES));
        headers
    }
}

const VARIES: &str = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

fn put(headers: &mut HeaderMap, name: http::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Whether `text` is what `pattern`, with at most one `*`, stands for.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => {
            text.len() >= head.len() + tail.len() && text.starts_with(head) && text.ends_with(tail)
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &http::HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Answers `OPTIONS`: the headers of a permission, or the refusal.
pub(crate) fn preflight(
    rules: Option<&CorsRules>,
    request: &HeaderMap,
) -> Result<HeaderMap, Fault> {
    let Some(origin) = text(request, &ORIGIN) else {
        let why = "Insufficient information. Origin request header needed.";
        return Err(Fault::bad_request("BadRequest", why));
    };
    let Some(method) = text(request, &ACCESS_CONTROL_REQUEST_METHOD) else {
        let why = "Insufficient information. Access-Control-Request-Method request header needed.";
        return Err(Fault::bad_request("BadRequest", why));
    };
    let Some(rules) = rules else {
        let why = "CORSResponse: CORS is not enabled for this bucket.";
        return Err(Fault::forbidden("AccessForbidden", why));
    };
    let asked = text(request, &ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
    let asked: Vec<String> = asked
        .split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect();
    let Some(rule) = rules.for_request(origin, method, &asked) else {
        let why = "CORSResponse: This CORS request is not allowed. This is usually because the \
                   evalution of Origin, request method / Access-Control-Request-Method or \
                   Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.";
        return Err(Fault::forbidden("AccessForbidden", why));
    };
    let mut headers = rule.answer(origin);
    if !asked.is_empty() {
        put(&mut headers, ACCESS_CONTROL_ALLOW_HEADERS, &asked.join(", "));
    }
    Ok(headers)
}

/// The headers that belong on the answer to an actual request, error or not.
pub(crate) fn on_answer(rules: &CorsRules, origin: &str, method: &str) -> Option<HeaderMap> {
    rules.for_request(origin, method, &[]).map(|rule| rule.answer(origin))
}

#[cfg(test)]
mod tests {
    use super::{CorsRule, CorsRules, matches, on_answer, preflight};
    use http::HeaderMap;

    fn rules() -> CorsRules {
        let rule = CorsRule {
            id: None,
            origins: vec!["https://*.example.org".to_owned()],
            methods: vec!["PUT".to_owned()],
            headers: vec!["x-amz-*".to_owned(), "Content-Type".to_owned()],
            expose: vec!["ETag".to_owned()],
            max_age_s: Some(60),
        };
        CorsRules { rules: vec![rule] }
    }

    fn ask(origin: &str, method: &str, headers: &str) -> HeaderMap {
        let mut map = HeaderMap::new();
        map.insert("origin", origin.parse().expect("a value"));
        map.insert("access-control-request-method", method.parse().expect("a value"));
        map.insert("access-control-request-headers", headers.parse().expect("a value"));
        map
    }

    #[test]
    fn one_wildcard_stands_for_any_text() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("https://*.org", "https://a.org", true),
            ("https://*.org", "https://.org", true),
            ("ab*ba", "aba", false),
            ("http://a", "http://a.evil", false),
            ("https://*.org", "https://a.org.evil", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_preflight_is_granted_by_one_rule_or_refused() {
        let rules = rules();
        let good = ask("https://a.example.org", "PUT", "content-type, X-Amz-Date");
        let headers = preflight(Some(&rules), &good).expect("a permission");
        assert_eq!(headers.get("access-control-allow-origin"), good.get("origin"));
        assert_eq!(headers["access-control-allow-headers"], "content-type, x-amz-date");
        assert_eq!(headers["access-control-max-age"], "60");
        assert!(headers.get("access-control-allow-credentials").is_none());
        for bad in [
            ask("https://evil.org", "PUT", ""),
            ask("https://a.example.org", "DELETE", ""),
            ask("https://a.example.org", "PUT", "x-other"),
            ask("null", "PUT", ""),
        ] {
            let fault = preflight(Some(&rules), &bad).expect_err("a refusal");
            assert_eq!(fault.code, "AccessForbidden");
        }
        assert_eq!(preflight(None, &good).expect_err("no rules").code, "AccessForbidden");
        assert_eq!(preflight(Some(&rules), &HeaderMap::new()).expect_err("bad").code, "BadRequest");
    }

    #[test]
    fn an_answer_carries_the_rule_of_its_origin_and_method() {
        let rules = rules();
        assert!(on_answer(&rules, "https://a.example.org", "PUT").is_some());
        assert!(on_answer(&rules, "https://a.example.org", "GET").is_none());
        assert!(on_answer(&rules, "https://evil.org", "PUT").is_none());
    }

    #[test]
    fn kept_rules_that_cannot_be_read_allow_nothing() {
        let kept = rules().to_text().expect("text");
        assert_eq!(CorsRules::read(&kept), Some(rules()));
        assert_eq!(CorsRules::read("{\"rules\":[],\"extra\":1}"), None);
    }
}
