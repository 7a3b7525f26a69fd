//! `Principal` and `NotPrincipal`.

use super::Reader;
use super::elements::is_empty_list;
use crate::error::PolicyFault;
use crate::json::Node;
use crate::principal::{PrincipalElement, PrincipalEntry, PrincipalId, PrincipalKind};
use crate::{Effect, PolicyKind};

impl Reader<'_> {
    /// The principals of a statement, and whether the statement cannot be judged without knowing
    /// more of them.
    pub(super) fn principal(
        &mut self,
        node: &Node,
        path: &str,
        effect: Effect,
    ) -> (Option<PrincipalElement>, bool) {
        let (found, negated, path) = match (node.member("Principal"), node.member("NotPrincipal")) {
            (Some(found), Some(second)) => {
                let fault = "a statement has either `Principal` or `NotPrincipal`";
                self.fail(second.at, path, PolicyFault::Forbidden(fault));
                (found, false, format!("{path}.Principal"))
            }
            (Some(found), None) => (found, false, format!("{path}.Principal")),
            (None, Some(found)) => (found, true, format!("{path}.NotPrincipal")),
            (None, None) => {
                let required = self.kind.names_principals();
                if required {
                    self.note(node.at, path, PolicyFault::Missing("`Principal`"));
                }
                return (None, required);
            }
        };
        let misplaced = if !self.kind.names_principals() {
            Some("only resource policies name principals")
        } else if negated && self.kind == PolicyKind::Trust {
            Some("a trust policy has no `NotPrincipal`")
        } else if negated && effect == Effect::Allow {
            Some(super::NOT_PRINCIPAL_ALLOWED)
        } else {
            None
        };
        if let Some(fault) = misplaced {
            self.note(found.at, &path, PolicyFault::Forbidden(fault));
        }
        let element = self.principal_element(found, &path, negated);
        (Some(element), misplaced.is_some())
    }

    fn principal_element(&mut self, node: &Node, path: &str, negated: bool) -> PrincipalElement {
        if let Some(text) = node.as_str() {
            if text != "*" {
                let rule = "a principal is `*` or an object such as {\"AWS\": …}";
                self.note_invalid(node.at, path, text, rule);
            }
            return PrincipalElement { negated, star: text == "*", entries: Vec::new() };
        }
        let members = self.distinct(node, path, str::to_owned);
        let mut entries = Vec::new();
        for (at, key, value) in members {
            let Some(kind) = PrincipalKind::parse(key) else {
                self.fail(*at, path, PolicyFault::UnknownElement(super::shown(key)));
                continue;
            };
            let path = format!("{path}.{key}");
            let texts = self.texts(value, &path, Node::scalar);
            if is_empty_list(value) {
                self.note(value.at, &path, PolicyFault::Missing("a principal"));
            }
            for (at, text) in texts {
                let id = self.principal_id(at, &path, kind, &text);
                entries.push(PrincipalEntry { kind, text, id });
            }
        }
        if node.members().is_some_and(<[_]>::is_empty) {
            self.note(node.at, path, PolicyFault::Missing("a principal"));
        }
        PrincipalElement { negated, star: false, entries }
    }

    fn principal_id(
        &mut self,
        at: usize,
        path: &str,
        kind: PrincipalKind,
        text: &str,
    ) -> PrincipalId {
        let plain = !text.is_empty() && !text.contains(|c: char| c == '*' || c.is_whitespace());
        let read = match kind {
            PrincipalKind::Aws => PrincipalId::parse_aws(text),
            PrincipalKind::Service | PrincipalKind::Federated | PrincipalKind::CanonicalUser
                if !plain =>
            {
                Err("the name of a service or provider holds no wildcard and no space")
            }
            PrincipalKind::Service => Ok(PrincipalId::Service(text.to_owned())),
            PrincipalKind::Federated => Ok(PrincipalId::Federated(text.to_owned())),
            PrincipalKind::CanonicalUser if self.kind == PolicyKind::Trust => {
                Err("a trust policy names no canonical users")
            }
            PrincipalKind::CanonicalUser => Ok(PrincipalId::Nobody),
        };
        read.unwrap_or_else(|rule| {
            self.note_invalid(at, path, text, rule);
            PrincipalId::Unreadable
        })
    }
}
