//! The policy of a form: what its signer allows it to say. Every field must be covered by a condition,
//! and every condition must hold.
//!
//! Source: S3 API Reference, "POST Policy" ("Creating a POST policy").

use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use super::reader::Fields;
use crate::fault::Fault;

/// Fields that no condition need cover: what is signed, the signature, and the file.
const FREE: [&str; 3] = ["policy", "x-amz-signature", "file"];
/// The beginning of the names of fields that mean nothing.
const IGNORED: &str = "x-ignore-";

/// A form's policy.
#[derive(Debug)]
pub(super) struct PostPolicy {
    expiration: Timestamp,
    conditions: Vec<Condition>,
}

/// One condition, with its field's name in lower case.
#[derive(Debug)]
enum Condition {
    Equals(String, String),
    Begins(String, String),
    Length(RangeInclusive<u64>),
}

fn invalid(why: &str) -> Fault {
    Fault::bad_request("InvalidPolicyDocument", format!("Invalid Policy: {why}."))
}

fn refused(why: &str) -> Fault {
    let message = format!("Invalid according to Policy: {why}");
    Fault::new(StatusCode::FORBIDDEN, "AccessDenied", message)
}

impl PostPolicy {
    /// Reads a policy as the form carries it.
    pub(super) fn read(encoded: &str) -> Result<Self, Fault> {
        let text = STANDARD.decode(encoded.trim()).map_err(|_| invalid("it is not Base64"))?;
        let document: Value = serde_json::from_slice(&text).map_err(|_| invalid("Invalid JSON"))?;
        let Value::Object(document) = document else { return Err(invalid("Invalid JSON")) };
        if document.keys().any(|key| !["expiration", "conditions"].contains(&key.as_str())) {
            return Err(invalid("Unexpected: an element that is not expiration or conditions"));
        }
        let expiration = document.get("expiration").and_then(Value::as_str);
        let expiration = expiration.ok_or_else(|| invalid("Policy missing expiration"))?;
        let expiration = expiration.parse();
        let conditions = document.get("conditions").and_then(Value::as_array);
        let conditions = conditions.ok_or_else(|| invalid("Policy missing conditions"))?;
        let mut read = Vec::new();
        for condition in conditions {
            read.extend(Condition::read(condition)?);
        }
        let expiration = expiration.map_err(|_| invalid("Invalid 'expiration' value"))?;
        Ok(Self { expiration, conditions: read })
    }

    /// Judges a form for a bucket; yes is the range that the file's length must be in, in bytes.
    pub(super) fn judge(
        &self,
        fields: &Fields,
        bucket: &str,
        now: Timestamp,
    ) -> Result<RangeInclusive<u64>, Fault> {
        if now >= self.expiration {
            return Err(refused("Policy expired."));
        }
        // The bucket is part of what is signed, although the address says it and not the form.
        let own = ("bucket".to_owned(), bucket.to_owned());
        if fields.get("bucket").is_some_and(|said| said != bucket) {
            return Err(refused("the field bucket is not the bucket that is addressed"));
        }
        let all = || fields.pairs.iter().filter(|(name, _)| name != "bucket").chain([&own]);
        for (name, _) in all() {
            let free = FREE.contains(&name.as_str()) || name.starts_with(IGNORED);
            if !free && !self.conditions.iter().any(|condition| condition.covers(name)) {
                return Err(refused(&format!("Extra input fields: {name}")));
            }
        }
        let (mut least, mut most) = (0, u64::MAX);
        for condition in &self.conditions {
            if let Condition::Length(range) = condition {
                (least, most) = (least.max(*range.start()), most.min(*range.end()));
            }
            let value = |name: &str| all().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
            if !condition.holds(value) {
                return Err(refused(&format!("Policy Condition failed: {}", condition.told())));
            }
        }
        Ok(least..=most)
    }
}

impl Condition {
    fn read(wire: &Value) -> Result<Vec<Self>, Fault> {
        let bad = || invalid("Invalid Condition: it must be an object, or a list of three");
        match wire {
            Value::Object(pairs) => {
                let one = |(name, value): (&String, &Value)| {
                    let value = value.as_str().ok_or_else(bad)?;
                    Ok(Self::Equals(name.to_lowercase(), value.to_owned()))
                };
                pairs.iter().map(one).collect()
            }
            Value::Array(items) => {
                let [operator, first, second] = items.as_slice() else { return Err(bad()) };
                Self::of_list(operator, first, second).map(|one| vec![one]).ok_or_else(bad)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Err(bad()),
        }
    }

    fn of_list(operator: &Value, first: &Value, second: &Value) -> Option<Self> {
        let operator = operator.as_str()?.to_ascii_lowercase();
        if operator == "content-length-range" {
            let number = |value: &Value| match value.as_str() {
                Some(text) => text.parse().ok(),
                None => value.as_u64(),
            };
            return Some(Self::Length(number(first)?..=number(second)?));
        }
        let field = first.as_str()?.strip_prefix('$')?.to_lowercase();
        let value = second.as_str()?.to_owned();
        match operator.as_str() {
            "eq" => Some(Self::Equals(field, value)),
            "starts-with" => Some(Self::Begins(field, value)),
            _ => None,
        }
    }

    fn covers(&self, name: &str) -> bool {
        match self {
            Self::Equals(field, _) | Self::Begins(field, _) => field == name,
            Self::Length(_) => false,
        }
    }

    /// A field that is missing fulfils no condition on it.
    fn holds<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> bool {
        match self {
            Self::Equals(field, wanted) => value(field).is_some_and(|found| found == wanted),
            Self::Begins(field, wanted) => {
                value(field).is_some_and(|found| found.starts_with(wanted.as_str()))
            }
            // Whether the file is within it is seen while it is read.
            Self::Length(range) => range.start() <= range.end(),
        }
    }

    fn told(&self) -> String {
        match self {
            Self::Equals(field, wanted) => format!("[\"eq\", \"${field}\", \"{wanted}\"]"),
            Self::Begins(field, wanted) => {
                format!("[\"starts-with\", \"${field}\", \"{wanted}\"]")
            }
            Self::Length(range) => {
                format!("[\"content-length-range\", {}, {}]", range.start(), range.end())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::{Fields, PostPolicy};

    const NOW: &str = "2026-11-23T12:00:00Z";

    fn judge(conditions: &str, pairs: &[(&str, &str)]) -> String {
        let text =
            format!(r#"{{"expiration":"2026-11-23T12:00:01Z","conditions":[{conditions}]}}"#);
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let fields = Fields { pairs: pairs.iter().map(owned).collect(), ..Fields::default() };
        let policy = match PostPolicy::read(&STANDARD.encode(text)) {
            Ok(policy) => policy,
            Err(fault) => return fault.code.to_owned(),
        };
        match policy.judge(&fields, "bkt", NOW.parse().expect("a time")) {
            Ok(range) => format!("{range:?}"),
            Err(fault) => fault.message.into_owned(),
        }
    }

    #[track_caller]
    fn check(conditions: &str, pairs: &[(&str, &str)], expected: &str) {
        let found = judge(conditions, pairs);
        assert!(found.contains(expected), "{conditions} {pairs:?}: {found}");
    }

    const BUCKET: &str = r#"{"bucket":"bkt"}"#;

    #[test]
    fn every_field_is_covered_and_every_condition_holds() {
        let key = |rest: &str| format!("{BUCKET},{rest}");
        let exact = key(r#"{"key":"a"}"#);
        let free = u64::MAX.to_string();
        check(&exact, &[("key", "a")], &format!("0..={free}"));
        check(&exact, &[("key", "b")], r#"failed: ["eq", "$key", "a"]"#);
        check(&exact, &[], r#"failed: ["eq", "$key", "a"]"#);
        check(r#"{"key":"a"}"#, &[("key", "a")], "Extra input fields: bucket");
        check(r#"{"key":"a"},{"bucket":"other"}"#, &[("key", "a")], "failed");
        check(&exact, &[("key", "a"), ("acl", "x")], "Extra input fields: acl");
        check(&exact, &[("key", "a"), ("x-ignore-me", "x"), ("policy", "p")], "0..=");
        check(&exact, &[("key", "a"), ("bucket", "other")], "bucket");
        check(&exact, &[("key", "a"), ("bucket", "bkt")], "0..=");
        let begins = key(r#"["starts-with","$KEY","u/"]"#);
        check(&begins, &[("key", "u/1")], "0..=");
        check(&begins, &[("key", "v/1")], "failed");
        check(&key(r#"["starts-with","$key",""]"#), &[], "failed");
        let both = key(
            r#"["starts-with","$key",""],["content-length-range",2,10],["content-length-range","5","20"]"#,
        );
        check(&both, &[("key", "u")], "5..=10");
        check(&key(r#"["content-length-range",2,1],{"key":"a"}"#), &[("key", "a")], "failed");
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        for conditions in [
            "1",
            "[]",
            r#"["eq","key","a"]"#,
            r#"["eq","$key"]"#,
            r#"["ends-with","$key","a"]"#,
            r#"{"key":1}"#,
            r#"["content-length-range",-1,2]"#,
            r#"["content-length-range","x",2]"#,
        ] {
            check(conditions, &[], "InvalidPolicyDocument");
        }
        for text in [
            "",
            "{",
            "[]",
            r#"{"conditions":[]}"#,
            r#"{"expiration":"x","conditions":[]}"#,
            r#"{"expiration":"2027-01-01T00:00:00Z"}"#,
            r#"{"expiration":"2027-01-01T00:00:00Z","conditions":[],"more":1}"#,
        ] {
            let read = PostPolicy::read(&STANDARD.encode(text));
            assert_eq!(read.expect_err(text).code, "InvalidPolicyDocument");
        }
        assert!(PostPolicy::read("%").is_err());
        let late = r#"{"expiration":"2026-11-23T12:00:00Z","conditions":[]}"#;
        let late = PostPolicy::read(&STANDARD.encode(late)).expect("a policy");
        let judged = late.judge(&Fields::default(), "bkt", NOW.parse().expect("a time"));
        assert!(judged.expect_err("late").message.contains("expired"));
    }
}
