//! When a condition holds.

use super::{Compiler, OpenPattern, Patterns, because_open, split_fields};
use crate::analysis::formula::Formula;
use crate::analysis::pattern::Pattern;
use crate::analysis::side::Fixed;
use crate::analysis::space::Arity;
use crate::arn_pattern::{ArnPattern, Head};
use crate::condition::{Condition, KeyTest, Typed};
use crate::glob::Piece;
use crate::glob::compile;
use crate::operator::{Operator, Quantifier};
use crate::template::{Filled, Template};
use crate::{ContextValue, Effect};

/// A test of one key, with the number of the values that it takes.
struct Test<'t> {
    operator: Operator,
    effect: Effect,
    key: usize,
    language: usize,
    /// Values that cannot be told, and why.
    open: &'t [OpenPattern],
}

impl<'a> Compiler<'_, 'a> {
    pub(super) fn condition(&mut self, condition: &'a Condition, effect: Effect) -> Formula {
        let Some(operator) = condition.operator else {
            return Formula::from(effect.when_in_doubt());
        };
        let tests = condition.tests.iter().map(|test| self.test(test, operator, effect));
        Formula::all(tests.collect::<Vec<_>>())
    }

    fn test(&mut self, test: &'a KeyTest, operator: Operator, effect: Effect) -> Formula {
        let Some(typed) = &test.typed else {
            return Formula::from(effect.when_in_doubt());
        };
        let fixed = self.side.fixed(test.name.as_str());
        if let Typed::Absent(wanted) = typed {
            let has = |absent: bool| wanted.contains(&absent);
            return match fixed {
                Fixed::Value(_) => Formula::from(has(false)),
                Fixed::Absent => Formula::from(has(true)),
                Fixed::Free => {
                    let key = self.space.key(test.name.as_str());
                    let absent = self.space.absent(key);
                    let when_absent = absent.clone().and(Formula::from(has(true)));
                    when_absent.or((!absent).and(Formula::from(has(false))))
                }
            };
        }
        let (language, open) = self.values(typed);
        match fixed {
            Fixed::Absent => Formula::from(when_absent(operator)),
            Fixed::Value(value) => self.fixed_test(value, operator, effect, (language, &open)),
            Fixed::Free => {
                let key = self.space.key(test.name.as_str());
                let open = open.as_slice();
                self.free_test(&Test { operator, effect, key, language, open })
            }
        }
    }

    /// The values that a test takes: those that are known, and those that are not.
    fn values(&mut self, typed: &'a Typed) -> (usize, Vec<OpenPattern>) {
        let mut patterns = Patterns::default();
        match typed {
            Typed::Text { templates, ignore_case } => {
                for template in templates {
                    self.text(template, *ignore_case, &mut patterns);
                }
            }
            Typed::Arns(arns) => {
                for arn in arns {
                    self.arn(arn, &mut patterns);
                }
            }
            Typed::Bools(bools) => {
                let words = bools.iter().map(|b| Pattern::folded(&b.to_string()));
                // The Kelvin sign is of no concern: neither word holds a `k`.
                patterns.known.extend(words.filter_map(Result::ok));
            }
            Typed::Numbers(..) | Typed::Dates(..) | Typed::Networks(_) | Typed::Bytes(_) => {
                return (self.space.typed(typed), Vec::new());
            }
            Typed::Absent(_) => {}
        }
        (self.space.patterns(patterns.known), patterns.open)
    }

    fn text(&mut self, template: &Template, ignore_case: bool, out: &mut Patterns) {
        match self.fill(template) {
            Filled::Pattern(globs) if !ignore_case => out.known.push(Pattern::glob(&globs)),
            Filled::Pattern(globs) => {
                let exact = Pattern::glob(&globs).literal().unwrap_or_default();
                match Pattern::folded(&exact) {
                    Ok(pattern) => out.known.push(pattern),
                    Err(because) => out.open.push(OpenPattern {
                        what: format!("folded {exact}"),
                        because,
                        outline: Pattern::any(),
                    }),
                }
            }
            Filled::Nothing => {}
            Filled::Open(open) => {
                let exact = Pattern::glob(&open.outline);
                out.open.push(OpenPattern {
                    what: format!("text {ignore_case} {}", open.form),
                    because: because_open(&open.keys),
                    outline: if ignore_case { Pattern::any() } else { exact },
                });
            }
        }
    }

    fn arn(&mut self, arn: &ArnPattern, out: &mut Patterns) {
        let (head, filled) = match arn {
            ArnPattern::Every => {
                let every = compile("*");
                let star = every.as_ref();
                out.known.extend(Pattern::arn([star; 5], star));
                return;
            }
            ArnPattern::Whole(template) => (None, self.fill(template)),
            ArnPattern::Text(_) | ArnPattern::Fields { .. } => {
                let Some((head, rest)) = arn.parts() else { return };
                let Some(head) = self.head_of_value(head, &rest, out) else { return };
                let filled = self.fill(&rest);
                if let Filled::Pattern(rest) = &filled {
                    out.known.extend(Pattern::arn(head.each_ref().map(AsRef::as_ref), rest));
                    return;
                }
                (Some(head), filled)
            }
        };
        match filled {
            Filled::Pattern(globs) => {
                let split = split_fields(&globs);
                out.known.extend(split.and_then(|(head, rest)| {
                    Pattern::arn(head.each_ref().map(AsRef::as_ref), &rest)
                }));
            }
            Filled::Nothing => {}
            Filled::Open(open) => {
                let outline = head.as_ref().and_then(|head| {
                    Pattern::arn(head.each_ref().map(AsRef::as_ref), &open.outline)
                });
                out.open.push(OpenPattern {
                    what: format!("arn {head:?} {}", open.form),
                    because: because_open(&open.keys),
                    outline: outline.unwrap_or_else(Pattern::any),
                });
            }
        }
    }

    /// The first fields of a value, in which variables may stand; none where they match nothing or
    /// are not known.
    fn head_of_value(
        &mut self,
        mut head: Head,
        rest: &Template,
        out: &mut Patterns,
    ) -> Option<Head> {
        let fields: Vec<Filled> =
            head.iter().map(|field| self.fill(&Template::of(field.clone()))).collect();
        if fields.contains(&Filled::Nothing) {
            return None;
        }
        let open = fields.iter().find_map(|field| match field {
            Filled::Open(open) => Some(because_open(&open.keys)),
            Filled::Pattern(_) | Filled::Nothing => None,
        });
        if let Some(because) = open {
            let what = format!("head {fields:?} {:?}", self.fill(rest));
            out.open.push(OpenPattern { what, because, outline: Pattern::any() });
            return None;
        }
        for (field, filled) in head.iter_mut().zip(fields) {
            if let Filled::Pattern(pieces) = filled {
                *field = pieces;
            }
        }
        // No field holds a colon: a value with one matches nothing.
        let colon = |piece: &Piece| matches!(piece, Piece::Literal(text) if text.contains(':'));
        (!head.iter().any(|field| field.iter().any(colon))).then_some(head)
    }

    /// A test of a key whose value is known.
    fn fixed_test(
        &mut self,
        value: &ContextValue,
        operator: Operator,
        effect: Effect,
        (language, open): (usize, &[OpenPattern]),
    ) -> Formula {
        let mut passes = |value: &String| {
            let within = self.space.language(language).is_some_and(|l| l.holds(value));
            let possible = open.iter().filter(|open| open.outline.matches(value));
            let matched = possible.fold(Formula::from(within), |sum, open| {
                let what = format!("{value} is {}", open.what);
                sum.or(self.space.unknown(what, open.because.clone()))
            });
            if operator.negated { !matched } else { matched }
        };
        match (operator.quantifier, value) {
            (_, ContextValue::One(value)) => passes(value),
            (Quantifier::All, ContextValue::Many(values)) => {
                Formula::all(values.iter().map(&mut passes).collect::<Vec<_>>())
            }
            (Quantifier::Any, ContextValue::Many(values)) => {
                Formula::any(values.iter().map(&mut passes).collect::<Vec<_>>())
            }
            (Quantifier::Single, ContextValue::Many(values)) => match effect {
                Effect::Allow => Formula::False,
                Effect::Deny if values.is_empty() => Formula::from(when_absent(operator)),
                Effect::Deny => Formula::any(values.iter().map(&mut passes).collect::<Vec<_>>()),
            },
        }
    }

    /// A test of a key that requests may hold or not.
    fn free_test(&mut self, test: &Test<'_>) -> Formula {
        let operator = test.operator;
        match operator.quantifier {
            Quantifier::All => !self.some_value(test, operator.negated),
            Quantifier::Any => {
                let absent = self.space.absent(test.key);
                let some = self.some_value(test, !operator.negated);
                some.or(absent.and(Formula::from(operator.if_exists)))
            }
            Quantifier::Single => {
                let some = self.some_value(test, !operator.negated);
                let missing = match test.effect {
                    Effect::Allow => self.space.absent(test.key),
                    // An empty list counts as a missing value.
                    Effect::Deny => !self.space.has_value(test.key),
                };
                let missing = missing.and(Formula::from(when_absent(operator)));
                let single = match (test.effect, self.space.arity(test.key)) {
                    // A list without a set operator never helps to allow.
                    (Effect::Allow, Arity::List | Arity::Either) => !self.space.listed(test.key),
                    (Effect::Allow, Arity::One) | (Effect::Deny, _) => Formula::True,
                };
                missing.or(single.and(some))
            }
        }
    }

    /// Some value of the key is among those of the test, or (if not `inside`) some is not.
    fn some_value(&mut self, test: &Test<'_>, inside: bool) -> Formula {
        let known = self.space.has(test.key, test.language, inside);
        if test.open.is_empty() {
            return known;
        }
        // Of a single value, being outside is the opposite of being inside; of several it is another
        // question, and one about all patterns together: a value may be outside of each alone.
        let single = self.space.arity(test.key) == Arity::One;
        if !inside && !single {
            let whats: Vec<&str> = test.open.iter().map(|open| open.what.as_str()).collect();
            let what = format!("{} outside {} {whats:?}", test.key, test.language);
            let because = test.open.first().map(|open| open.because.clone()).unwrap_or_default();
            return known.and(self.space.unknown(what, because));
        }
        let mut open = Vec::new();
        for pattern in test.open {
            let what = format!("{} inside {}", test.key, pattern.what);
            let matched = self.space.unknown(what, pattern.because.clone());
            let outline = self.space.patterns(vec![pattern.outline.clone()]);
            open.push(self.space.has(test.key, outline, true).and(matched));
        }
        let open = Formula::any(open);
        if inside { known.or(open) } else { known.and(!open) }
    }
}

/// What a test of a missing key comes to.
fn when_absent(operator: Operator) -> bool {
    match operator.quantifier {
        Quantifier::Single => operator.if_exists || operator.negated,
        Quantifier::All => true,
        Quantifier::Any => operator.if_exists,
    }
}
