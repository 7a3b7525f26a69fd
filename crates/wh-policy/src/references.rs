//! What a document refers to: condition keys, and where its statements stand in its text.

use std::collections::BTreeSet;

use crate::lint::span::end;
use crate::{PolicyDocument, json};

/// A place in a text, line and column from 1. Columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// Where each statement of a policy begins and ends, in the order of the text. None for a text that is
/// no policy.
pub fn statement_places(text: &str) -> Vec<(Place, Place)> {
    let Ok(root) = json::parse(text) else { return Vec::new() };
    let Some(statements) = root.member("Statement") else { return Vec::new() };
    let each = statements.items().unwrap_or_else(|| std::slice::from_ref(statements));
    each.iter().map(|one| (place(text, one.at), place(text, end(text, one.at)))).collect()
}

fn place(text: &str, at: usize) -> Place {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    Place { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
}

impl PolicyDocument {
    /// The condition keys that the document names, in conditions and as variables, in lower case.
    pub fn context_keys(&self) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        for statement in &self.statements {
            for test in statement.conditions.iter().flat_map(|condition| &condition.tests) {
                keys.insert(test.name.as_str().to_owned());
                test.values.iter().for_each(|value| variables(value, &mut keys));
            }
            let resources = statement.resources.iter().flat_map(|listed| &listed.items);
            resources.for_each(|resource| variables(&resource.text, &mut keys));
        }
        keys
    }
}

/// The keys of the variables in a text. `${*}` and its kin are characters, not keys.
fn variables(text: &str, keys: &mut BTreeSet<String>) {
    for piece in text.split("${").skip(1) {
        let Some((name, _)) = piece.split_once('}') else { continue };
        let name = name.split_once(',').map_or(name, |(name, _)| name).trim();
        if name.contains(':') {
            keys.insert(name.to_lowercase());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, statement_places};
    use crate::{PolicyDocument, PolicyKind};

    #[test]
    fn every_statement_has_its_place() {
        let text = "{\"Version\":\"2012-10-17\",\n \"Statement\": [{\"Ü\":1},\n {\n}]}";
        let at = |line, column| Place { line, column };
        assert_eq!(statement_places(text), [(at(2, 16), at(2, 23)), (at(3, 2), at(4, 2))]);
        assert_eq!(statement_places(r#"{"Statement":{}}"#), [(at(1, 14), at(1, 16))]);
        assert_eq!(statement_places("x"), []);
    }

    #[test]
    fn the_keys_of_conditions_and_variables_are_found() {
        let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",
            "Resource":"arn:aws:s3:::b/${aws:username}/${*}","Condition":{"StringLike":
            {"s3:Prefix":["${aws:PrincipalTag/Team, 'x'}/*"]}}}]}"#;
        let document = PolicyDocument::parse(text, PolicyKind::Identity).expect("a policy");
        let keys: Vec<String> = document.context_keys().into_iter().collect();
        assert_eq!(keys, ["aws:principaltag/team", "aws:username", "s3:prefix"]);
    }
}
