//! The rules of a bucket's lifecycle, checked once.
//!
//! Their JSON is that of the AWS CLI (`aws s3api put-bucket-lifecycle-configuration`), so that a
//! file serves both.
//!
//! Source: S3 User Guide, "Lifecycle configuration elements"; Amazon S3 API Reference,
//! `PutBucketLifecycleConfiguration`.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How many rules a bucket has at most.
const RULES_MAX: usize = 1000;

/// The longest id of a rule, in characters.
const ID_CHARS_MAX: usize = 255;

/// How many newer noncurrent versions a rule can spare at most.
const NEWER_MAX: u32 = 100;

const DAY_SECONDS: i64 = 86_400;

/// The rules of a bucket's lifecycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Lifecycle {
    /// The rules; each applies by itself.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Rule {
    /// Its name, unique in the bucket.
    #[serde(rename = "ID", default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Whether it is in force.
    pub status: RuleStatus,
    /// What it is about.
    #[serde(default)]
    pub filter: Filter,
    /// What becomes of newest versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration: Option<Expiration>,
    /// What becomes of versions that are not the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noncurrent_version_expiration: Option<NoncurrentExpiration>,
    /// What becomes of uploads that are not completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abort_incomplete_multipart_upload: Option<AbortUploads>,
}

/// Whether a rule is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleStatus {
    /// It is.
    Enabled,
    /// It is not.
    Disabled,
}

/// What a rule is about: everything that fits all of it. In JSON, `And` is accepted around several.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "wire::Filter", into = "wire::Filter")]
pub struct Filter {
    /// The beginning of the keys.
    pub prefix: String,
    /// Tags that the object has.
    pub tags: Vec<Tag>,
    /// Only objects of more bytes than these.
    pub larger_than: Option<u64>,
    /// Only objects of fewer bytes than these.
    pub smaller_than: Option<u64>,
}

/// A tag that a filter asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// When newest versions expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expiration {
    /// So many days after they were written, at the next midnight UTC.
    Days(u32),
    /// From this midnight UTC on.
    Date(Timestamp),
    /// A delete marker goes when nothing is left beneath it; nothing else expires.
    ExpiredObjectDeleteMarker(bool),
}

/// When versions that are not the newest expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct NoncurrentExpiration {
    /// So many days after they were replaced, at the next midnight UTC.
    pub noncurrent_days: u32,
    /// How many of the newest of them are spared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newer_noncurrent_versions: Option<u32>,
}

/// When unfinished uploads are aborted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AbortUploads {
    /// So many days after they were begun, at the next midnight UTC.
    pub days_after_initiation: u32,
}

/// Why rules are refused.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum RulesError {
    /// The text is not what is expected.
    #[error("lifecycle rules: {0}")]
    Syntax(String),
    /// A rule says something that S3 refuses.
    #[error("lifecycle rule `{rule}`: {why}")]
    Rule {
        /// Its id, or its place, counted from 1.
        rule: String,
        /// What is wrong, and what is right.
        why: &'static str,
    },
    /// The rules together say something that S3 refuses.
    #[error("lifecycle rules: {0}")]
    Rules(&'static str),
}

impl Lifecycle {
    /// Reads the AWS CLI's JSON, and checks it.
    pub fn parse(json: &str) -> Result<Self, RulesError> {
        let rules: Self =
            serde_json::from_str(json).map_err(|e| RulesError::Syntax(e.to_string()))?;
        rules.checked()
    }

    /// The rules as JSON, as [`Self::parse`] reads them.
    pub fn to_json(&self) -> String {
        // Nothing in it can fail to be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Refuses what S3 refuses.
    pub fn checked(self) -> Result<Self, RulesError> {
        if self.rules.is_empty() {
            return Err(RulesError::Rules("there must be at least one rule"));
        }
        if self.rules.len() > RULES_MAX {
            return Err(RulesError::Rules("there are at most 1,000 rules"));
        }
        let named = self.rules.iter().filter(|rule| !rule.id.is_empty());
        let mut seen = BTreeSet::new();
        if !named.map(|rule| rule.id.as_str()).all(|id| seen.insert(id)) {
            return Err(RulesError::Rules("the ids of rules must be unique"));
        }
        for (place, rule) in (1..).zip(&self.rules) {
            if let Some(why) = rule.fault() {
                let id = Some(rule.id.clone()).filter(|id| !id.is_empty());
                let rule = id.unwrap_or_else(|| format!("{place}"));
                return Err(RulesError::Rule { rule, why });
            }
        }
        Ok(self)
    }
}

impl Rule {
    /// Whether it is in force.
    pub fn is_enabled(&self) -> bool {
        self.status == RuleStatus::Enabled
    }

    fn fault(&self) -> Option<&'static str> {
        if self.id.chars().count() > ID_CHARS_MAX {
            return Some("its ID has more than 255 characters");
        }
        let nothing = self.expiration.is_none()
            && self.noncurrent_version_expiration.is_none()
            && self.abort_incomplete_multipart_upload.is_none();
        if nothing {
            return Some(
                "it does nothing: give Expiration, NoncurrentVersionExpiration or AbortIncompleteMultipartUpload",
            );
        }
        self.filter.fault().or_else(|| self.expiration_fault()).or_else(|| self.other_fault())
    }

    fn expiration_fault(&self) -> Option<&'static str> {
        match self.expiration? {
            Expiration::Days(0) => Some("Expiration.Days must be at least 1"),
            Expiration::Date(date) if date.as_millisecond() % (DAY_SECONDS * 1000) != 0 => {
                Some("Expiration.Date must be a midnight UTC")
            }
            Expiration::ExpiredObjectDeleteMarker(_) if !self.filter.tags.is_empty() => Some(
                "ExpiredObjectDeleteMarker cannot be combined with tags: delete markers have none",
            ),
            Expiration::Days(_)
            | Expiration::Date(_)
            | Expiration::ExpiredObjectDeleteMarker(_) => None,
        }
    }

    fn other_fault(&self) -> Option<&'static str> {
        if let Some(noncurrent) = &self.noncurrent_version_expiration {
            if noncurrent.noncurrent_days == 0 {
                return Some("NoncurrentDays must be at least 1");
            }
            if noncurrent.newer_noncurrent_versions.is_some_and(|n| n == 0 || n > NEWER_MAX) {
                return Some("NewerNoncurrentVersions must be between 1 and 100");
            }
        }
        let abort = self.abort_incomplete_multipart_upload?;
        if abort.days_after_initiation == 0 {
            return Some("DaysAfterInitiation must be at least 1");
        }
        if self.filter.is_about_content() {
            return Some("AbortIncompleteMultipartUpload takes only a prefix as its filter");
        }
        None
    }
}

impl Filter {
    /// Whether it asks for more than a prefix.
    pub fn is_about_content(&self) -> bool {
        !self.tags.is_empty() || self.larger_than.is_some() || self.smaller_than.is_some()
    }

    /// Whether a size fits.
    pub(super) fn fits_size(&self, size: u64) -> bool {
        self.larger_than.is_none_or(|least| size > least)
            && self.smaller_than.is_none_or(|most| size < most)
    }

    fn fault(&self) -> Option<&'static str> {
        match (self.larger_than, self.smaller_than) {
            (Some(least), Some(most)) if least >= most => {
                Some("ObjectSizeGreaterThan must be less than ObjectSizeLessThan")
            }
            _ if self.tags.iter().any(|tag| tag.key.is_empty()) => Some("a tag needs a key"),
            _ => None,
        }
    }
}

/// The filter as it is written: one thing, or several within `And`.
mod wire {
    use serde::{Deserialize, Serialize};

    use super::Tag;

    #[derive(Default, Clone, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    pub(super) struct Filter {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prefix: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tag: Option<Tag>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        object_size_greater_than: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        object_size_less_than: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        and: Option<And>,
    }

    #[derive(Default, Clone, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    pub(super) struct And {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prefix: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tags: Vec<Tag>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        object_size_greater_than: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        object_size_less_than: Option<u64>,
    }

    impl From<Filter> for super::Filter {
        fn from(wire: Filter) -> Self {
            let and = wire.and.unwrap_or_default();
            let mut tags = and.tags;
            tags.extend(wire.tag);
            Self {
                prefix: wire.prefix.or(and.prefix).unwrap_or_default(),
                tags,
                larger_than: wire.object_size_greater_than.or(and.object_size_greater_than),
                smaller_than: wire.object_size_less_than.or(and.object_size_less_than),
            }
        }
    }

    impl From<super::Filter> for Filter {
        fn from(filter: super::Filter) -> Self {
            let super::Filter { prefix, tags, larger_than, smaller_than } = filter;
            let prefix = Some(prefix).filter(|prefix| !prefix.is_empty());
            let content = usize::from(larger_than.is_some()) + usize::from(smaller_than.is_some());
            if tags.is_empty() && content == 0 {
                return Self { prefix: Some(prefix.unwrap_or_default()), ..Self::default() };
            }
            let and = And {
                prefix,
                tags,
                object_size_greater_than: larger_than,
                object_size_less_than: smaller_than,
            };
            Self { and: Some(and), ..Self::default() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Lifecycle, RulesError};

    fn rule(body: &str) -> String {
        format!(r#"{{"Rules":[{{"ID":"r","Status":"Enabled",{body}}}]}}"#)
    }

    #[track_caller]
    fn refused(body: &str, words: &str) {
        let error = Lifecycle::parse(&rule(body)).expect_err(body).to_string();
        assert!(error.contains(words), "{error}");
    }

    #[test]
    fn what_s3_refuses_is_refused_with_the_place_and_the_fix() {
        refused(r#""Filter":{}"#, "it does nothing: give Expiration");
        refused(r#""Expiration":{"Days":0}"#, "rule `r`: Expiration.Days must be at least 1");
        refused(r#""Expiration":{"Date":"2026-01-01T00:00:01Z"}"#, "midnight UTC");
        refused(r#""Expiration":{"Days":1,"Date":"2026-01-01T00:00:00Z"}"#, "line 1");
        refused(r#""Transitions":[]"#, "unknown field `Transitions`");
        refused(
            r#""Filter":{"Tag":{"Key":"k","Value":"v"}},"Expiration":{"ExpiredObjectDeleteMarker":true}"#,
            "cannot be combined with tags",
        );
        refused(
            r#""Filter":{"ObjectSizeLessThan":9},"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":1}"#,
            "only a prefix",
        );
        refused(
            r#""NoncurrentVersionExpiration":{"NoncurrentDays":1,"NewerNoncurrentVersions":101}"#,
            "between 1 and 100",
        );
        let none = Lifecycle::parse(r#"{"Rules":[]}"#);
        assert_eq!(none, Err(RulesError::Rules("there must be at least one rule")));
        let one = r#"{"ID":"r","Status":"Enabled","Expiration":{"Days":1}}"#;
        let twice = Lifecycle::parse(&format!(r#"{{"Rules":[{one},{one}]}}"#));
        assert_eq!(twice, Err(RulesError::Rules("the ids of rules must be unique")));
    }

    #[test]
    fn what_is_written_is_read_as_the_same_rules() {
        for body in [
            r#""Expiration":{"Days":1}"#,
            r#""Filter":{"Prefix":"a/"},"Expiration":{"Date":"2026-01-01T00:00:00Z"}"#,
            r#""Filter":{"And":{"Prefix":"a/","Tags":[{"Key":"k","Value":"v"}],
                "ObjectSizeGreaterThan":1}},"NoncurrentVersionExpiration":{"NoncurrentDays":3}"#,
            r#""Filter":{"Tag":{"Key":"k","Value":"v"}},"Expiration":{"Days":1}"#,
            r#""AbortIncompleteMultipartUpload":{"DaysAfterInitiation":7}"#,
        ] {
            let rules = Lifecycle::parse(&rule(body)).expect("rules");
            assert_eq!(Lifecycle::parse(&rules.to_json()), Ok(rules), "{body}");
        }
    }
}
