//! Whether a bucket policy is public.
//!
//! Source: S3 User Guide, "Blocking public access to your Amazon S3 storage", "The meaning of
//! 'public'": a policy is public unless everything that it allows is allowed to named principals, or
//! under a condition that holds one of a few keys against fixed values.

use std::net::IpAddr;

use crate::condition::KeyTest;
use crate::operator::{Family, Operator, Quantifier};
use crate::principal::PrincipalId;
use crate::value::Network;
use crate::{Effect, PolicyDocument, Statement};

/// The keys that say who asks, or from where, in lower case.
const NARROWING: [&str; 12] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
];

/// The widest ranges of addresses that still are some place and not everywhere, in bits.
const IPV4_BITS_MIN: u8 = 8;
const IPV6_BITS_MIN: u8 = 32;

impl PolicyDocument {
    /// Whether it lets in anybody. What cannot be told counts as public.
    ///
    /// ```
    /// use wh_policy::{PolicyDocument, PolicyKind};
    ///
    /// let public = |condition: &str| {
    ///     let text = format!(
    ///         r#"{{"Statement": {{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
    ///         "Resource": "arn:aws:s3:::bkt/*"{condition}}}}}"#
    ///     );
    ///     Ok::<_, wh_policy::PolicyError>(PolicyDocument::parse(&text, PolicyKind::Resource)?.is_public())
    /// };
    /// assert!(public("")?);
    /// assert!(!public(r#","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#)?);
    /// assert!(public(r#","Condition":{"StringLike":{"aws:UserId":"*"}}"#)?);
    /// # Ok::<(), wh_policy::PolicyError>(())
    /// ```
    pub fn is_public(&self) -> bool {
        self.statements().iter().any(lets_in_anybody)
    }
}

fn lets_in_anybody(statement: &Statement) -> bool {
    if statement.effect == Effect::Deny {
        return false;
    }
    let anybody = |id: &PrincipalId| match id {
        PrincipalId::Everyone | PrincipalId::Unreadable => true,
        PrincipalId::Account(_)
        | PrincipalId::Exact(_)
        | PrincipalId::Role { .. }
        | PrincipalId::Service(_)
        | PrincipalId::Federated(_)
        | PrincipalId::Nobody => false,
    };
    let everyone = statement.principal.as_ref().is_none_or(|principal| {
        // `"*"` alone has no entries, and neither has what cannot be read.
        let entries = &principal.entries;
        principal.negated || entries.is_empty() || entries.iter().any(|entry| anybody(&entry.id))
    });
    everyone && !statement.conditions.iter().any(|c| c.tests.iter().any(|t| fixes(c.operator, t)))
}

/// Whether a test leaves only fixed principals or places.
fn fixes(operator: Option<Operator>, test: &KeyTest) -> bool {
    let Some(Operator { quantifier, family, negated, if_exists }) = operator else { return false };
    let about = NARROWING.contains(&test.name.as_str());
    let loose = negated || if_exists || family == Family::Null || quantifier == Quantifier::All;
    let values = &test.values;
    let fixed = match family {
        Family::IpAddress => values.iter().all(|value| is_a_place(value)),
        Family::StringEquals
        | Family::StringEqualsIgnoreCase
        | Family::StringLike
        | Family::Arn
        | Family::Numeric(_)
        | Family::Date(_)
        | Family::Bool
        | Family::Binary
        | Family::Null => values.iter().all(|value| !value.contains(['*', '?', '$'])),
    };
    about && !loose && fixed && !values.is_empty()
}

/// Whether a range of addresses is narrow enough to be some place.
fn is_a_place(value: &str) -> bool {
    if Network::parse(value).is_none() {
        return false;
    }
    let (address, bits) = value.split_once('/').map_or((value, None), |(a, bits)| (a, Some(bits)));
    let least = match address.parse() {
        Ok(IpAddr::V4(_)) => IPV4_BITS_MIN,
        Ok(IpAddr::V6(_)) => IPV6_BITS_MIN,
        Err(_) => return false,
    };
    bits.is_none_or(|bits| bits.parse().is_ok_and(|bits: u8| bits >= least))
}

#[cfg(test)]
mod tests {
    use crate::{PolicyDocument, PolicyKind};

    #[track_caller]
    fn check(effect: &str, principal: &str, condition: &str, public: bool) {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}",{principal},
            "Action":"s3:*","Resource":"arn:aws:s3:::bkt/*","Condition":{{{condition}}}}}]}}"#
        );
        let document = PolicyDocument::parse(&text, PolicyKind::Resource).expect("a policy");
        assert_eq!(document.is_public(), public, "{text}");
    }

    #[test]
    fn a_policy_is_public_unless_it_names_principals_or_fixed_values() {
        let (star, aws) = (r#""Principal":"*""#, r#""Principal":{"AWS":["*"]}"#);
        let named = r#""Principal":{"AWS":"111122223333"}"#;
        let service = r#""Principal":{"Service":"logging.s3.amazonaws.com"}"#;
        check("Allow", star, "", true);
        check("Allow", aws, "", true);
        check("Allow", named, "", false);
        check("Allow", service, "", false);
        check("Deny", star, "", false);
        let narrows = |operator: &str, key: &str, value: &str, narrow: bool| {
            let condition = format!(r#""{operator}":{{"{key}":"{value}"}}"#);
            check("Allow", star, &condition, !narrow);
        };
        narrows("IpAddress", "aws:SourceIp", "10.0.0.0/8", true);
        narrows("IpAddress", "aws:SourceIp", "192.0.2.7", true);
        narrows("IpAddress", "aws:SourceIp", "0.0.0.0/1", false);
        narrows("IpAddress", "aws:SourceIp", "2001:db8::/32", true);
        narrows("IpAddress", "aws:SourceIp", "2000::/3", false);
        narrows("NotIpAddress", "aws:SourceIp", "192.0.2.0/24", false);
        narrows("StringEquals", "aws:PrincipalOrgID", "o-1", true);
        narrows("ForAllValues:StringEquals", "aws:PrincipalOrgID", "o-1", false);
        narrows("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1", false);
        narrows("StringLike", "aws:PrincipalArn", "arn:aws:iam::*:role/x", false);
        narrows("StringEquals", "aws:userid", "${aws:userid}", false);
        narrows("StringLike", "aws:Referer", "https://example.com/", false);
        narrows("Bool", "aws:SecureTransport", "true", false);
        narrows("Null", "aws:PrincipalArn", "false", false);
    }
}
