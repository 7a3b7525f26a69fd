//! The AWS Query protocol: `Action=…&Version=…&Name.member.1=…`, and its XML answers.
//!
//! Source: IAM API Reference, "Making query requests".

use std::collections::BTreeMap;

use quick_xml::escape::escape;

use crate::fault::Fault;
use crate::signature::form_decoded;

/// How many parameters a form may hold.
const PARAMETERS_MAX: usize = 1000;

/// The one action of ours whose answer has a result without anything in it; botocore fails without.
///
/// Source: IAM API Reference, `UpdateRole`.
const RESULT_OF_NOTHING: &str = "UpdateRole";

/// A decoded form. Every parameter must be taken; what is left over was not understood.
#[derive(Debug, Default)]
pub(crate) struct Form {
    parameters: BTreeMap<String, String>,
}

impl Form {
    /// Decodes a form's body, refusing what is said twice.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Fault> {
        let malformed = || Fault::bad_request("MalformedQueryString", "The form is malformed.");
        let text = std::str::from_utf8(body).map_err(|_| malformed())?;
        let mut parameters = BTreeMap::new();
        for piece in text.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            let (name, value) = (form_decoded(name)?, form_decoded(value)?);
            if parameters.insert(name, value).is_some() || parameters.len() > PARAMETERS_MAX {
                return Err(malformed());
            }
        }
        Ok(Self { parameters })
    }

    /// Takes the parameter `name`, if it was given.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        self.parameters.remove(name)
    }

    /// Takes the parameter `name`, which must have been given.
    pub(crate) fn need(&mut self, name: &str) -> Result<String, Fault> {
        self.take(name).filter(|value| !value.is_empty()).ok_or_else(|| missing(name))
    }

    /// Takes a whole number.
    pub(crate) fn number<N: std::str::FromStr>(&mut self, name: &str) -> Result<Option<N>, Fault> {
        let Some(text) = self.take(name) else { return Ok(None) };
        match text.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(invalid(format!("Value '{text}' at '{name}' is not a number."))),
        }
    }

    /// Takes a boolean; `false` if it was not given.
    pub(crate) fn flag(&mut self, name: &str) -> Result<bool, Fault> {
        match self.take(name).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(invalid(format!("Value at '{name}' must be true or false."))),
        }
    }

    /// Takes an empty list, which clients write as its name with nothing.
    fn drop_empty(&mut self, name: &str) {
        if self.parameters.get(name).is_some_and(String::is_empty) {
            self.parameters.remove(name);
        }
    }

    /// Takes `name.member.1`, `name.member.2`, …
    pub(crate) fn list(&mut self, name: &str) -> Vec<String> {
        self.drop_empty(name);
        (1..).map_while(|n: usize| self.take(&format!("{name}.member.{n}"))).collect()
    }

    /// Takes `name.member.1.arn` and so on: a list of structures of one field.
    pub(crate) fn list_of(&mut self, name: &str, field: &str) -> Vec<String> {
        self.drop_empty(name);
        (1..).map_while(|n: usize| self.take(&format!("{name}.member.{n}.{field}"))).collect()
    }

    /// Takes `Tags.member.1.Key`, `Tags.member.1.Value`, …
    pub(crate) fn tags(&mut self, name: &str) -> Result<Vec<(String, String)>, Fault> {
        self.drop_empty(name);
        let mut tags = Vec::new();
        for n in 1.. {
            let Some(key) = self.take(&format!("{name}.member.{n}.Key")) else { break };
            let value = self.take(&format!("{name}.member.{n}.Value"));
            tags.push((key, value.ok_or_else(|| missing("Tags.member.Value"))?));
        }
        Ok(tags)
    }

    /// Refuses what no one has taken: what is accepted is honoured.
    pub(crate) fn finish(self) -> Result<(), Fault> {
        match self.parameters.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(invalid(format!("The parameter {name} is not supported."))),
        }
    }
}

fn missing(name: &str) -> Fault {
    invalid(format!("Value null at '{name}' failed to satisfy constraint: Member must not be null"))
}

/// AWS's refusal of a value.
pub(crate) fn invalid(message: String) -> Fault {
    Fault::bad_request("ValidationError", message)
}

/// An XML document in the making. Text is escaped; names are ours.
#[derive(Debug, Default)]
pub(crate) struct Xml(String);

impl Xml {
    /// `<name>text</name>`
    pub(crate) fn text(mut self, name: &str, text: impl AsRef<str>) -> Self {
        let text = escape(text.as_ref());
        self.0.extend(["<", name, ">", &text, "</", name, ">"]);
        self
    }

    /// `<name>text</name>`, if there is a text.
    pub(crate) fn maybe(self, name: &str, text: Option<impl AsRef<str>>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// `<name>…</name>` around what `inner` writes.
    pub(crate) fn within(mut self, name: &str, inner: impl FnOnce(Self) -> Self) -> Self {
        let inner = inner(Self::default()).0;
        self.0.extend(["<", name, ">", &inner, "</", name, ">"]);
        self
    }

    /// `<name><member>…</member>…</name>`
    pub(crate) fn members<T>(
        self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        each: impl Fn(Self, T) -> Self,
    ) -> Self {
        self.within(name, |mut list| {
            for item in items {
                list = list.within("member", |member| each(member, item));
            }
            list
        })
    }

    /// The list of texts `<name><member>text</member>…</name>`.
    pub(crate) fn texts<T: AsRef<str>>(
        self,
        name: &str,
        items: impl IntoIterator<Item = T>,
    ) -> Self {
        self.within(name, |mut list| {
            for item in items {
                list = list.text("member", item);
            }
            list
        })
    }

    /// The whole answer to `action`.
    pub(crate) fn answer(self, namespace: &str, action: &str, request_id: &str) -> String {
        let result = if self.0.is_empty() && action != RESULT_OF_NOTHING {
            String::new()
        } else {
            format!("<{action}Result>{}</{action}Result>", self.0)
        };
        format!(
            "<{action}Response xmlns=\"{namespace}\">{result}<ResponseMetadata><RequestId>\
             {request_id}</RequestId></ResponseMetadata></{action}Response>"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, Xml};

    #[test]
    fn a_form_is_taken_apart_until_nothing_is_left() {
        let body =
            b"Action=AssumeRole&Tags.member.1.Key=uid&Tags.member.1.Value=a%2Bb+c&L.member.1=x";
        let mut form = Form::parse(body).expect("a form");
        assert_eq!(form.need("Action").expect("an action"), "AssumeRole");
        assert_eq!(form.tags("Tags").expect("tags"), [("uid".to_owned(), "a+b c".to_owned())]);
        assert_eq!(form.list("L"), ["x"]);
        assert!(form.finish().is_ok());
        let mut empty = Form::parse(b"L=&Tags=").expect("a form");
        assert!(empty.list("L").is_empty() && empty.tags("Tags").expect("tags").is_empty());
        assert!(empty.finish().is_ok());
        assert!(Form::parse(b"A=1&A=2").is_err());
        assert!(Form::parse(b"A=%ff").is_err());
        assert!(Form::parse(b"A=1").expect("a form").finish().is_err());
    }

    #[test]
    fn an_answer_that_says_nothing_has_a_result_only_where_clients_look_for_one() {
        let empty = |action| Xml::default().answer("urn:x", action, "1");
        assert!(empty("UpdateRole").contains("<UpdateRoleResult></UpdateRoleResult>"));
        assert!(!empty("DeleteRole").contains("Result"));
    }

    #[test]
    fn text_is_escaped() {
        let xml = Xml::default().text("A", "<&>").answer("urn:x", "Do", "1");
        assert!(xml.contains("<DoResult><A>&lt;&amp;&gt;</A></DoResult>"), "{xml}");
    }
}
