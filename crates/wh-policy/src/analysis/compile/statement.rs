//! When a statement applies.

use std::collections::BTreeMap;

use super::{Compiler, because_open};
use crate::analysis::formula::Formula;
use crate::analysis::pattern::Pattern;
use crate::analysis::space::Field;
use crate::arn_pattern::{ArnPattern, Head};
use crate::statement::{Listed, ResourcePattern};
use crate::template::{Filled, Open};
use crate::{Effect, Statement};

/// The fields between `arn` and the rest.
const HEAD: [Field; 4] = [Field::Partition, Field::Service, Field::Region, Field::Account];

/// Resource patterns of one list that differ only in their last field.
type ByHead = BTreeMap<String, (Head, Vec<Pattern>)>;

impl<'a> Compiler<'_, 'a> {
    /// Everything but the principal fits.
    pub(super) fn applies(&mut self, statement: &'a Statement) -> Formula {
        if statement.doubtful && !statement.effect.when_in_doubt() {
            return Formula::False;
        }
        let action = self.covers_action(statement);
        let resource = self.covers_resource(statement);
        let conditions = statement.conditions.iter();
        let conditions = conditions.map(|c| self.condition(c, statement.effect));
        let conditions = Formula::all(conditions.collect::<Vec<_>>());
        Formula::all([action, resource, conditions])
    }

    fn covers_action(&mut self, statement: &Statement) -> Formula {
        if statement.actions.items.is_empty() {
            return Formula::from(statement.effect.when_in_doubt());
        }
        let patterns = statement.actions.items.iter().map(|item| Pattern::glob(&item.pattern));
        let listed = self.space.field(Field::Action, patterns.collect());
        if statement.actions.negated { !listed } else { listed }
    }

    fn covers_resource(&mut self, statement: &'a Statement) -> Formula {
        let Some(listed) = &statement.resources else { return Formula::True };
        if listed.items.is_empty() {
            return Formula::from(statement.effect.when_in_doubt());
        }
        let hit = self.hits(listed, statement.effect);
        if listed.negated { !hit } else { hit }
    }

    /// One of the listed patterns matches, or has to count as if it did.
    fn hits(&mut self, listed: &'a Listed<ResourcePattern>, effect: Effect) -> Formula {
        let in_doubt = effect.when_in_doubt();
        let without_value = listed.negated && !in_doubt;
        let mut by_head = ByHead::new();
        let mut parts = Vec::new();
        for item in &listed.items {
            match &item.pattern {
                None => parts.push(Formula::from(in_doubt != listed.negated)),
                Some(ArnPattern::Every) => parts.push(Formula::True),
                Some(pattern @ (ArnPattern::Text(_) | ArnPattern::Fields { .. })) => {
                    parts.extend(self.fields(pattern, without_value, &mut by_head));
                }
                Some(ArnPattern::Whole(template)) => {
                    let because = "a resource is made of variables alone".to_owned();
                    parts.push(self.space.unknown(format!("{template:?}"), because));
                }
            }
        }
        for (head, rest) in by_head.into_values() {
            let head = self.head(&head);
            let rest = self.space.field(Field::Rest, rest);
            parts.push(head.and(rest));
        }
        Formula::any(parts)
    }

    /// A pattern of fields: kept with its like, or a formula of its own.
    fn fields(
        &mut self,
        pattern: &ArnPattern,
        without_value: bool,
        by_head: &mut ByHead,
    ) -> Option<Formula> {
        let (head, rest) = pattern.parts()?;
        match self.fill(&rest) {
            Filled::Pattern(rest) => {
                let group = by_head.entry(format!("{head:?}")).or_insert((head, Vec::new()));
                group.1.push(Pattern::glob(&rest));
                None
            }
            Filled::Nothing => Some(Formula::from(without_value)),
            Filled::Open(open) => Some(self.open(&head, &open, without_value)),
        }
    }

    /// A pattern with a variable whose value is not known.
    fn open(&mut self, head: &Head, open: &Open, without_value: bool) -> Formula {
        let because = because_open(&open.keys);
        // A missing value may count as a match, whatever the resource is: a fact of its own for each
        // pattern, its head included.
        if without_value {
            return self.space.unknown(format!("excepted {head:?} {}", open.form), because);
        }
        let fits = self.space.unknown(format!("resource {}", open.form), because);
        let rest = self.space.field(Field::Rest, vec![Pattern::glob(&open.outline)]);
        Formula::all([self.head(head), rest, fits])
    }

    fn head(&mut self, head: &Head) -> Formula {
        let [arn, fields @ ..] = head;
        let first = Formula::from(crate::glob::matches_plain(arn, "arn"));
        let fields = HEAD.into_iter().zip(fields);
        let fields =
            fields.map(|(field, globs)| self.space.field(field, vec![Pattern::glob(globs)]));
        Formula::all(fields.collect::<Vec<_>>()).and(first)
    }

    /// Any of these actions, given in lower case and with wildcards.
    pub(super) fn action_is(&mut self, actions: &[&str]) -> Formula {
        let patterns = actions.iter().map(|text| Pattern::glob(&crate::glob::compile(text)));
        self.space.field(Field::Action, patterns.collect())
    }
}
