//! Whether one statement applies to one request.

use crate::arn_pattern::fields;
use crate::context::Facts;
use crate::glob::matches;
use crate::principal::Reach;
use crate::{Effect, Request, Statement, Subject};

/// A request, prepared once for all statements.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) subject: &'a Subject,
    /// Lower-cased.
    pub(crate) action: String,
    pub(crate) resource: [&'a str; 6],
    pub(crate) facts: Facts<'a>,
    /// Whether the caller has a permissions boundary, which `NotPrincipal` never spares.
    pub(crate) has_boundary: bool,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(request: &Request<'a>, has_boundary: bool) -> Self {
        Self {
            subject: request.subject,
            action: request.action.as_str().to_ascii_lowercase(),
            resource: fields(request.resource.as_str()).unwrap_or_default(),
            facts: Facts::new(request.context, request.subject),
            has_boundary,
        }
    }
}

impl Statement {
    pub(crate) fn covers_action(&self, asked: &Asked<'_>) -> bool {
        let listed = self.actions.items.iter().any(|a| matches(&a.glob, &asked.action));
        listed != self.actions.negated
    }

    pub(crate) fn covers_resource(&self, asked: &Asked<'_>) -> bool {
        let Some(listed) = &self.resources else {
            // A trust policy speaks of its own role; elsewhere the statement is doubtful.
            return true;
        };
        let in_doubt = self.effect.when_in_doubt();
        let mut items = listed.items.iter().map(|item| match &item.pattern {
            // For a list that is turned round, a match is what stands in the way.
            None => in_doubt != listed.negated,
            Some(pattern) => match pattern.matches(&asked.resource, &asked.facts) {
                Some(hit) => hit,
                // A variable without a value matches nothing; turned round, it is in doubt.
                None => listed.negated && !in_doubt,
            },
        });
        items.any(|hit| hit) != listed.negated
    }

    pub(crate) fn meets_conditions(&self, asked: &Asked<'_>) -> bool {
        self.conditions.iter().all(|condition| condition.holds(self.effect, &asked.facts))
    }

    /// Whether everything but the principal fits.
    pub(crate) fn applies(&self, asked: &Asked<'_>) -> bool {
        if self.doubtful && !self.effect.when_in_doubt() {
            return false;
        }
        self.covers_action(asked) && self.covers_resource(asked) && self.meets_conditions(asked)
    }

    /// How the statement of a resource policy names the one who asks.
    pub(crate) fn reach(&self, asked: &Asked<'_>) -> Reach {
        let everybody = Reach { direct: true, ..Reach::default() };
        match (&self.principal, self.effect) {
            (None, Effect::Allow) => Reach::default(),
            (None, Effect::Deny) => everybody,
            (Some(element), Effect::Allow) if element.negated => Reach::default(),
            (Some(element), Effect::Deny) if element.negated => {
                if element.spares(asked.subject, asked.has_boundary) {
                    Reach::default()
                } else {
                    everybody
                }
            }
            (Some(element), Effect::Allow | Effect::Deny) => element.reach(asked.subject),
        }
    }
}
