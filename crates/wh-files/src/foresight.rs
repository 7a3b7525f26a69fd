//! How far this room can foresee the store: only as far as policies ask nothing that it does not
//! know.
//!
//! A condition on the client's address or on TLS is the store's to judge. An allowing statement with
//! such a condition makes "nothing allows it" uncertain; a denying one makes "something denies it"
//! uncertain. Then the store is asked.

use serde_json::Value;
use wh_policy::PolicyDocument;

use crate::Decision;

/// The condition keys whose values are known before the store is asked, or known to be absent.
pub(crate) const FORESEEN: [&str; 9] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principaltag/uid",
    "aws:principaltype",
    "aws:resourceaccount",
    "aws:sourceidentity",
    "s3:delimiter",
    "s3:prefix",
];

/// Whether allowing or denying statements ask what only the store knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Unforeseen {
    allowing: bool,
    denying: bool,
}

impl Unforeseen {
    /// What `document` asks. One that cannot be read asks everything.
    pub(crate) fn in_document(document: &PolicyDocument) -> Self {
        Self::in_text(&document.to_json())
    }

    fn in_text(text: &str) -> Self {
        let everything = Self { allowing: true, denying: true };
        let Ok(document) = serde_json::from_str::<Value>(text) else { return everything };
        match document.get("Statement") {
            Some(Value::Array(statements)) => statements.iter().map(Self::in_statement).collect(),
            Some(statement) => Self::in_statement(statement),
            None => everything,
        }
    }

    fn in_statement(statement: &Value) -> Self {
        let asks = keys(statement).chain(variables(statement)).any(|key| {
            let key = key.to_ascii_lowercase();
            !FORESEEN.contains(&key.as_str())
        });
        let denies = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
        Self { allowing: asks && !denies, denying: asks && denies }
    }

    /// Whether the store can only decide the same.
    pub(crate) fn leaves_certain(self, decision: Decision) -> bool {
        match decision {
            Decision::Allowed => false,
            Decision::ExplicitDeny => !self.denying,
            Decision::ImplicitDeny => !self.allowing,
        }
    }
}

impl FromIterator<Self> for Unforeseen {
    fn from_iter<I: IntoIterator<Item = Self>>(all: I) -> Self {
        let mut sum = Self::default();
        for one in all {
            sum.allowing |= one.allowing;
            sum.denying |= one.denying;
        }
        sum
    }
}

/// The condition keys of a statement.
pub(crate) fn keys(statement: &Value) -> impl Iterator<Item = String> {
    let operators = statement.get("Condition").and_then(Value::as_object);
    let blocks = operators.into_iter().flat_map(|operators| operators.values());
    blocks.filter_map(Value::as_object).flat_map(|keys| keys.keys().cloned())
}

/// The policy variables of a statement: `${name}` and `${name, 'default'}`, but not `${*}`.
pub(crate) fn variables(statement: &Value) -> impl Iterator<Item = String> {
    let text = statement.to_string();
    let names: Vec<String> = text
        .split("${")
        .skip(1)
        .filter_map(|rest| rest.split(['}', ',']).next())
        .map(|name| name.trim().to_owned())
        .filter(|name| !matches!(name.as_str(), "*" | "?" | "$"))
        .collect();
    names.into_iter()
}

#[cfg(test)]
mod tests {
    use super::Unforeseen;
    use crate::Decision;

    #[track_caller]
    fn check(statement: &str, allowing: bool, denying: bool) {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        assert_eq!(Unforeseen::in_text(&text), Unforeseen { allowing, denying }, "{statement}");
    }

    #[test]
    fn what_only_the_store_knows_makes_the_answer_uncertain() {
        check(r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#, false, false);
        check(
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:PrincipalTag/uid}/*",
                "Condition":{"StringLike":{"s3:prefix":["${*}","a"]}}}"#,
            false,
            false,
        );
        check(
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*",
                "Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}"#,
            true,
            false,
        );
        check(
            r#"{"Effect":"Deny","Action":"s3:*","Resource":"*",
                "Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#,
            false,
            true,
        );
        check(
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"b/${aws:username}/*"}"#,
            true,
            false,
        );
    }

    #[test]
    fn only_a_refusal_is_ever_certain() {
        assert!(!Unforeseen::default().leaves_certain(Decision::Allowed));
        assert!(Unforeseen::default().leaves_certain(Decision::ImplicitDeny));
        assert!(!Unforeseen::in_text("nonsense").leaves_certain(Decision::ExplicitDeny));
    }
}
