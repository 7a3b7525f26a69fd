//! From JSON to a document: strict about structure always, about everything else where a document
//! is written.
//!
//! A fault that leaves the structure clear is noted and the reading goes on; a document that is
//! being written is refused for its first fault, and a stored one fails closed where it is faulty.
//!
//! Source: IAM User Guide, "Grammar of the IAM JSON policy language".

mod conditions;
mod elements;
mod principals;

use std::collections::HashSet;

use crate::error::PolicyFault;
use crate::index::Index;
use crate::json::{Node, Value, place};
use crate::{Effect, PolicyDocument, PolicyError, PolicyKind, Statement, Version};

/// What the readers of elements share.
struct Reader<'t> {
    text: &'t str,
    kind: PolicyKind,
    /// Whether `${…}` is a variable.
    variables: bool,
    faults: Vec<PolicyError>,
}

/// Reads a document from its JSON; `text` is what the places refer to.
pub(crate) fn document(
    text: &str,
    root: &Node,
    kind: PolicyKind,
) -> Result<PolicyDocument, PolicyError> {
    let mut reader = Reader { text, kind, variables: false, faults: Vec::new() };
    reader.members(root, "$", &["Version", "Id", "Statement"])?;
    reader.characters(root);
    let (version, version_text) = reader.version(root)?;
    reader.variables = version == Version::V2012;
    let id = reader.id(root)?;
    let mut statements = reader.statements(root)?;
    if version == Version::Unknown {
        statements.iter_mut().for_each(doubt);
    }
    reader.unique_sids(root, &statements);
    let faults = reader.faults;
    let index = Index::of(&statements);
    Ok(PolicyDocument {
        kind,
        version,
        version_text,
        id,
        statements,
        index,
        faults,
        unreadable: false,
    })
}

/// Takes back what was read of a statement whose language is not known: whether `${…}` is a variable
/// in it cannot be told.
fn doubt(statement: &mut Statement) {
    statement.doubtful = true;
    let resources = statement.resources.iter_mut().flat_map(|listed| listed.items.iter_mut());
    for item in resources.filter(|item| item.text.contains("${")) {
        item.pattern = None;
    }
    let tests = statement.conditions.iter_mut().flat_map(|condition| condition.tests.iter_mut());
    for test in tests.filter(|test| test.values.iter().any(|value| value.contains("${"))) {
        test.typed = None;
    }
}

impl Reader<'_> {
    fn error(&self, at: usize, path: &str, fault: PolicyFault) -> PolicyError {
        PolicyError::new(place(self.text, at), path, fault)
    }

    fn note(&mut self, at: usize, path: &str, fault: PolicyFault) {
        let error = self.error(at, path, fault);
        self.faults.push(error);
    }

    fn note_invalid(&mut self, at: usize, path: &str, value: &str, rule: &'static str) {
        self.note(at, path, PolicyFault::Invalid { value: shown(value), rule });
    }

    /// The members of an object: none twice, none unknown.
    fn members<'n>(
        &self,
        node: &'n Node,
        path: &str,
        known: &[&str],
    ) -> Result<&'n [(usize, String, Node)], PolicyError> {
        let members = self.distinct(node, path, str::to_owned)?;
        match members.iter().find(|(_, key, _)| !known.contains(&key.as_str())) {
            Some((at, key, _)) => {
                Err(self.error(*at, path, PolicyFault::UnknownElement(shown(key))))
            }
            None => Ok(members),
        }
    }

    /// The members of an object, none of which is the same as another in the eyes of `identity`.
    fn distinct<'n>(
        &self,
        node: &'n Node,
        path: &str,
        identity: impl Fn(&str) -> String,
    ) -> Result<&'n [(usize, String, Node)], PolicyError> {
        let Some(members) = node.members() else {
            return Err(self.error(node.at, path, PolicyFault::WrongType("an object")));
        };
        let mut seen = HashSet::new();
        match members.iter().find(|(_, key, _)| !seen.insert(identity(key))) {
            Some((at, key, _)) => Err(self.error(*at, path, PolicyFault::DuplicateKey(shown(key)))),
            None => Ok(members),
        }
    }

    /// One scalar or a list of them: the place and text of each.
    fn texts(
        &self,
        node: &Node,
        path: &str,
        scalar: impl Fn(&Node) -> Option<String>,
    ) -> Result<Vec<(usize, String)>, PolicyError> {
        let one = std::slice::from_ref(node);
        node.items()
            .unwrap_or(one)
            .iter()
            .map(|item| match scalar(item) {
                Some(text) => Ok((item.at, text)),
                None => Err(self.error(item.at, path, PolicyFault::WrongType("a string"))),
            })
            .collect()
    }

    fn characters(&mut self, root: &Node) {
        // Only the document's own text is judged, not the file of cases that it stands in.
        if root.at != self.text.len() - self.text.trim_start().len() {
            return;
        }
        let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}');
        if let Some((at, c)) = self.text.char_indices().find(|(_, c)| !allowed(*c)) {
            let rule = "policies are written in the characters U+0020 to U+00FF";
            self.note_invalid(at, "$", &c.to_string(), rule);
        }
    }

    fn version(&mut self, root: &Node) -> Result<(Version, Option<String>), PolicyError> {
        let managed = self.kind == PolicyKind::ManagedIdentity;
        let Some(node) = root.member("Version") else {
            if managed {
                let fault = PolicyFault::Missing("`Version`, which must be 2012-10-17,");
                self.note(root.at, "$", fault);
            }
            return Ok((Version::V2008, None));
        };
        let Some(text) = node.as_str() else {
            return Err(self.error(node.at, "Version", PolicyFault::WrongType("a string")));
        };
        let version = match text {
            "2012-10-17" => Version::V2012,
            "2008-10-17" => Version::V2008,
            _ => Version::Unknown,
        };
        if version == Version::Unknown || (managed && version == Version::V2008) {
            let rule = if managed {
                "the version of a managed policy must be 2012-10-17"
            } else {
                "the version must be 2012-10-17 or 2008-10-17"
            };
            self.note_invalid(node.at, "Version", text, rule);
        }
        Ok((version, Some(text.to_owned())))
    }

    fn id(&mut self, root: &Node) -> Result<Option<String>, PolicyError> {
        let Some(node) = root.member("Id") else { return Ok(None) };
        let Some(id) = node.as_str() else {
            return Err(self.error(node.at, "Id", PolicyFault::WrongType("a string")));
        };
        if !self.kind.names_principals() {
            self.note(node.at, "Id", PolicyFault::Forbidden("only resource policies have an `Id`"));
        }
        Ok(Some(id.to_owned()))
    }

    fn statements(&mut self, root: &Node) -> Result<Vec<Statement>, PolicyError> {
        let Some(node) = root.member("Statement") else {
            return Err(self.error(root.at, "$", PolicyFault::Missing("`Statement`")));
        };
        let Some(items) = node.items() else {
            return Ok(vec![self.statement(node, "Statement", 1)?]);
        };
        if items.is_empty() {
            self.note(node.at, "Statement", PolicyFault::Missing("a statement"));
        }
        let numbered = items.iter().enumerate();
        numbered
            .map(|(at, item)| self.statement(item, &format!("Statement[{at}]"), at + 1))
            .collect()
    }

    fn statement(
        &mut self,
        node: &Node,
        path: &str,
        number: usize,
    ) -> Result<Statement, PolicyError> {
        const KNOWN: [&str; 9] = [
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ];
        self.members(node, path, &KNOWN)?;
        let sid = self.sid(node, path)?;
        let effect = self.effect(node, path)?;
        let (principal, principal_doubtful) = self.principal(node, path, effect)?;
        let (actions, actions_doubtful) = self.actions(node, path)?;
        let (resources, resources_doubtful) = self.resources(node, path)?;
        let conditions = self.conditions(node, path)?;
        let doubtful = principal_doubtful || actions_doubtful || resources_doubtful;
        Ok(Statement { sid, number, effect, principal, actions, resources, conditions, doubtful })
    }

    fn sid(&mut self, node: &Node, path: &str) -> Result<Option<String>, PolicyError> {
        let Some(node) = node.member("Sid") else { return Ok(None) };
        let path = format!("{path}.Sid");
        let Some(sid) = node.as_str() else {
            return Err(self.error(node.at, &path, PolicyFault::WrongType("a string")));
        };
        let plain = sid.bytes().all(|b| b.is_ascii_alphanumeric());
        if !plain && self.kind != PolicyKind::Resource {
            self.note_invalid(node.at, &path, sid, "a `Sid` holds only A–Z, a–z and 0–9");
        }
        Ok(Some(sid.to_owned()))
    }

    fn effect(&self, node: &Node, path: &str) -> Result<Effect, PolicyError> {
        let Some(effect) = node.member("Effect") else {
            return Err(self.error(node.at, path, PolicyFault::Missing("`Effect`")));
        };
        match &effect.value {
            Value::String(text) if text == "Allow" => Ok(Effect::Allow),
            Value::String(text) if text == "Deny" => Ok(Effect::Deny),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => {
                let fault = PolicyFault::WrongType("`Allow` or `Deny`");
                Err(self.error(effect.at, &format!("{path}.Effect"), fault))
            }
        }
    }

    fn unique_sids(&mut self, root: &Node, statements: &[Statement]) {
        if self.kind == PolicyKind::Resource {
            return;
        }
        let mut seen = HashSet::new();
        for statement in statements {
            let Some(sid) = statement.sid.as_deref().filter(|sid| !sid.is_empty()) else {
                continue;
            };
            if !seen.insert(sid) {
                let index = statement.number - 1;
                let items = root.member("Statement").and_then(Node::items);
                let at = items.and_then(|items| items.get(index)).map_or(root.at, |node| node.at);
                let rule = "a `Sid` may be used once in a policy";
                self.note_invalid(at, &format!("Statement[{index}].Sid"), sid, rule);
            }
        }
    }
}

/// How much of a refused value an error repeats, in characters.
const SHOWN_MAX: usize = 80;

fn shown(text: &str) -> String {
    text.chars().take(SHOWN_MAX).collect()
}
