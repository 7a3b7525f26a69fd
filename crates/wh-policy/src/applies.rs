//! Whether one statement applies to one request.

use std::cell::OnceCell;

use crate::arn_pattern::ArnText;
use crate::context::Facts;
use crate::glob::matches_plain;
use crate::index::Order;
use crate::principal::Reach;
use crate::{Effect, PolicyDocument, Request, Statement, Subject, tables};

/// A request, prepared once for all statements.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) subject: &'a Subject,
    action: &'a str,
    /// Made only where patterns are held against an action that the tables do not know.
    lowered: OnceCell<String>,
    /// Where the action stands in the tables.
    pub(crate) known: Option<u16>,
    pub(crate) resource: ArnText<'a>,
    pub(crate) facts: Facts<'a>,
    /// Whether the caller has a permissions boundary, which `NotPrincipal` never spares.
    pub(crate) has_boundary: bool,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(request: &Request<'a>, has_boundary: bool) -> Self {
        let action = request.action.as_str();
        Self {
            subject: request.subject,
            action,
            lowered: OnceCell::new(),
            known: tables::action_index(action),
            resource: ArnText::of(request.resource),
            facts: Facts::new(request.context, request.subject),
            has_boundary,
        }
    }

    /// How a statement of a resource policy names the one who asks.
    pub(crate) fn reach_of(&self, statement: &Statement) -> Reach {
        statement.reach(self.subject, self.has_boundary)
    }

    fn lowered(&self) -> &str {
        self.lowered.get_or_init(|| self.action.to_ascii_lowercase())
    }
}

impl PolicyDocument {
    /// A statement of that effect that applies and of which `also` holds. In the document's order it
    /// is the first one.
    pub(crate) fn find<'d>(
        &'d self,
        effect: Effect,
        asked: &Asked<'_>,
        order: Order,
        also: impl Fn(&'d Statement) -> bool,
    ) -> Option<&'d Statement> {
        let at = self.index.find(effect, asked, order, |position| {
            let statement = self.statements.get(position);
            statement.is_some_and(|statement| statement.applies(asked) && also(statement))
        });
        self.statements.get(at?)
    }
}

impl Statement {
    pub(crate) fn covers_action(&self, asked: &Asked<'_>) -> bool {
        if self.actions.items.is_empty() {
            return self.effect.when_in_doubt();
        }
        let lowered = asked.lowered();
        let listed = self.actions.items.iter().any(|a| matches_plain(&a.pattern, lowered));
        listed != self.actions.negated
    }

    pub(crate) fn covers_resource(&self, asked: &Asked<'_>) -> bool {
        let Some(listed) = &self.resources else {
            // A trust policy speaks of its own role; elsewhere the statement is doubtful.
            return true;
        };
        let in_doubt = self.effect.when_in_doubt();
        if listed.items.is_empty() {
            return in_doubt;
        }
        let mut items = listed.items.iter().map(|item| match &item.pattern {
            // For a list that is turned round, a match is what stands in the way.
            None => in_doubt != listed.negated,
            Some(pattern) => {
                // A variable without a value matches nothing; turned round, it is in doubt.
                let stands_in_the_way = listed.negated && !in_doubt;
                pattern.matches(&asked.resource, &asked.facts)
                    || (stands_in_the_way && pattern.lacks_value(&asked.facts))
            }
        });
        items.any(|hit| hit) != listed.negated
    }

    pub(crate) fn meets_conditions(&self, asked: &Asked<'_>) -> bool {
        self.conditions.iter().all(|condition| condition.holds(self.effect, &asked.facts))
    }

    /// Whether everything but the principal fits. The index has seen to the actions that the tables
    /// know.
    fn applies(&self, asked: &Asked<'_>) -> bool {
        if self.doubtful && !self.effect.when_in_doubt() {
            return false;
        }
        (asked.known.is_some() || self.covers_action(asked))
            && self.covers_resource(asked)
            && self.meets_conditions(asked)
    }

    /// How the statement of a resource policy names the one who asks, who may have a boundary.
    pub(crate) fn reach(&self, subject: &Subject, has_boundary: bool) -> Reach {
        let everybody = Reach { direct: true, ..Reach::default() };
        match (&self.principal, self.effect) {
            (None, Effect::Allow) => Reach::default(),
            (None, Effect::Deny) => everybody,
            (Some(element), Effect::Allow) if element.negated => Reach::default(),
            (Some(element), Effect::Deny) if element.negated => {
                if element.spares(subject, has_boundary) { Reach::default() } else { everybody }
            }
            // Whom it means cannot be told, so a Deny may mean anybody.
            (Some(element), Effect::Deny) if element.is_unreadable() => everybody,
            (Some(element), Effect::Allow | Effect::Deny) => element.reach(subject),
        }
    }
}
