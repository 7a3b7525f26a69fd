//! `Condition`.

use super::Reader;
use crate::condition::{Condition, KeyTest, Typed};
use crate::error::PolicyFault;
use crate::json::Node;
use crate::key::KeyName;
use crate::operator::Operator;

impl Reader<'_> {
    pub(super) fn conditions(&mut self, node: &Node, path: &str) -> Vec<Condition> {
        let Some(node) = node.member("Condition") else { return Vec::new() };
        let path = format!("{path}.Condition");
        let blocks = self.distinct(node, &path, str::to_owned);
        blocks.iter().map(|(at, name, block)| self.condition(*at, &path, name, block)).collect()
    }

    fn condition(&mut self, at: usize, path: &str, name: &str, block: &Node) -> Condition {
        let operator = Operator::parse(name).map(|(operator, _)| operator);
        if operator.is_none() {
            self.note(at, path, PolicyFault::UnknownOperator(super::shown(name)));
        }
        let path = format!("{path}.{name}");
        let keys = self.distinct(block, &path, str::to_lowercase);
        let mut tests = Vec::new();
        for (at, key, values) in keys {
            let path = format!("{path}.{key}");
            if key.is_empty() || key.contains("${") {
                self.note_invalid(*at, &path, key, "a condition key is a plain name");
            }
            let found = self.texts(values, &path, Node::scalar);
            tests.push(self.key_test(&path, key, operator, found));
        }
        Condition { name: name.to_owned(), operator, tests }
    }

    fn key_test(
        &mut self,
        path: &str,
        key: &str,
        operator: Option<Operator>,
        found: Vec<(usize, String)>,
    ) -> KeyTest {
        let (places, values): (Vec<usize>, Vec<String>) = found.into_iter().unzip();
        let read = operator.map(|o| Typed::read(o.family, &values, self.variables));
        let typed = match read {
            None => None,
            Some(Ok(typed)) => Some(typed),
            Some(Err((index, rule))) => {
                let value = values.get(index).cloned().unwrap_or_default();
                let at = places.get(index).copied().unwrap_or_default();
                self.note_invalid(at, path, &value, rule);
                None
            }
        };
        KeyTest { key: key.to_owned(), name: KeyName::new(key), values, typed }
    }
}
