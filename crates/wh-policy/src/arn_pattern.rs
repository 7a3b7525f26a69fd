//! `ArnPattern`: a pattern for ARNs. Never an ARN itself.
//!
//! The first five fields are matched one by one, so `*` never crosses a colon in them; the sixth
//! holds all after the fifth colon, and there `*` crosses `/` and `:`.

use crate::context::Facts;
use crate::glob::{Glob, compile, matches};
use crate::template::{Reading, Template};

/// A pattern for ARNs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArnPattern {
    /// `*`: every ARN.
    Every,
    /// Five fields and the rest.
    Fields { head: [Vec<Glob>; 5], rest: Template },
    /// A template that only becomes an ARN when its variables are known: `${aws:PrincipalArn}`.
    Whole(Template),
}

/// The fields of an ARN in a request.
pub(crate) fn fields(arn: &str) -> Option<[&str; 6]> {
    let mut parts = arn.splitn(6, ':');
    let mut next = || parts.next();
    let all = [next()?, next()?, next()?, next()?, next()?, next()?];
    (all.first() == Some(&"arn")).then_some(all)
}

impl ArnPattern {
    /// Reads a pattern; the error is the rule that it breaks. A short one is a rule broken too: see
    /// [`Self::padded`].
    pub(crate) fn parse(text: &str, variables: bool) -> Result<Self, &'static str> {
        if text == "*" {
            return Ok(Self::Every);
        }
        let reading = Reading { variables, wildcards: true };
        let Some(split) = Template::split_source(text, reading, 6) else {
            return Err(
                "it must be `*` or have the form arn:partition:service:region:account:rest",
            );
        };
        let [arn, partition, service, region, account, rest] = split.as_slice() else {
            return Err("it must have six fields");
        };
        if *arn != "arn" {
            return Err("it must be `*` or begin with `arn:`");
        }
        let head = [*arn, *partition, *service, *region, *account];
        if variables && head.iter().any(|field| field.contains("${")) {
            return Err("policy variables may stand only after the fifth colon");
        }
        let rest = Template::parse(rest, reading)?;
        Ok(Self::Fields { head: head.map(compile), rest })
    }

    /// Reads a condition value, which may also be made of variables alone.
    pub(crate) fn parse_value(text: &str, variables: bool) -> Result<Self, &'static str> {
        let reading = Reading { variables, wildcards: true };
        if variables && text.contains("${") && Template::split_source(text, reading, 6).is_none() {
            return Ok(Self::Whole(Template::parse(text, reading)?));
        }
        Self::parse(text, variables)
    }

    /// Reads what is stored as IAM does: fields that are missing match everything.
    pub(crate) fn padded(text: &str, variables: bool) -> Option<Self> {
        let reading = Reading { variables, wildcards: true };
        if !text.starts_with("arn:") || Template::split_source(text, reading, 6).is_some() {
            return None;
        }
        let colons = text.matches(':').count();
        let padding = ":*".repeat(5_usize.saturating_sub(colons));
        Self::parse(&format!("{text}{padding}"), variables).ok()
    }

    /// Whether the pattern matches; `None` when a variable in it has no value.
    pub(crate) fn matches(&self, arn: &[&str; 6], facts: &Facts<'_>) -> Option<bool> {
        match self {
            Self::Every => Some(true),
            Self::Fields { head, rest } => {
                let rest = rest.resolve(facts)?;
                let head_fits =
                    head.iter().zip(arn).all(|(pattern, field)| matches(pattern, field));
                let [.., resource] = arn;
                Some(head_fits && matches(&rest, resource))
            }
            Self::Whole(template) => {
                let pattern = template.resolve(facts)?;
                let mut parts = pattern.splitn(6, |g| *g == Glob::Char(':'));
                let fits =
                    arn.iter().all(|field| parts.next().is_some_and(|part| matches(part, field)));
                Some(fits)
            }
        }
    }
}
