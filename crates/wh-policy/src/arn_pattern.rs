//! `ArnPattern`: a pattern for ARNs. Never an ARN itself.
//!
//! The first five fields are matched one by one, so `*` never crosses a colon in them; the sixth
//! holds all after the fifth colon, and there `*` crosses `/` and `:`.

use std::cell::OnceCell;

use wh_names::Arn;

use crate::context::Facts;
use crate::glob::{Piece, matches};
use crate::template::{Reading, Template};

/// The five fields of a pattern before its resource.
pub(crate) type Head = [Box<[Piece]>; 5];

/// A pattern for ARNs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArnPattern {
    /// `*`: every ARN.
    Every,
    /// Fields without wildcards, and the rest: held against the whole ARN as one text.
    Text(Template),
    /// Five fields and the rest.
    Fields { head: Box<Head>, rest: Template },
    /// A template that only becomes an ARN when its variables are known: `${aws:PrincipalArn}`.
    Whole(Template),
}

/// The fields of an ARN in a request.
pub(crate) fn fields(arn: &str) -> Option<[&str; 6]> {
    let mut rest = arn;
    let mut next = || {
        let at = rest.bytes().position(|b| b == b':')?;
        let (field, after) = rest.split_at_checked(at)?;
        rest = after.get(1..)?;
        Some(field)
    };
    let head = [next()?, next()?, next()?, next()?, next()?];
    let [arn, partition, service, region, account] = head;
    (arn == "arn").then_some([arn, partition, service, region, account, rest])
}

impl ArnPattern {
    /// Reads a pattern; the error is the rule that it breaks. A short one is a rule broken too: see
    /// [`Self::padded`].
    pub(crate) fn parse(text: &str, variables: bool) -> Result<Self, &'static str> {
        let reading = Reading { variables, wildcards: true };
        let head = Template::split_source(text, reading, 6).unwrap_or_default();
        if variables && head.iter().take(5).any(|field| field.contains("${")) {
            return Err("policy variables may stand only after the fifth colon");
        }
        Self::read(text, reading)
    }

    /// Reads a condition value. Variables may stand anywhere in it, and it may be made of them alone.
    pub(crate) fn parse_value(text: &str, variables: bool) -> Result<Self, &'static str> {
        let reading = Reading { variables, wildcards: true };
        if variables && text.contains("${") && Template::split_source(text, reading, 6).is_none() {
            return Ok(Self::Whole(Template::parse(text, reading)?));
        }
        Self::read(text, reading)
    }

    fn read(text: &str, reading: Reading) -> Result<Self, &'static str> {
        if text == "*" {
            return Ok(Self::Every);
        }
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
        let fields = [*arn, *partition, *service, *region, *account];
        let plain = |field: &str| !field.contains(['*', '?']) && !field.contains("${");
        if fields.iter().all(|field| plain(field)) {
            let before: String = fields.iter().flat_map(|field| [*field, ":"]).collect();
            return Ok(Self::Text(Template::parse_after(&before, rest, reading)?));
        }
        let mut head = Head::default();
        for (pieces, field) in head.iter_mut().zip(fields) {
            *pieces = Template::parse(field, reading)?.into_pieces();
        }
        Ok(Self::Fields { head: Box::new(head), rest: Template::parse(rest, reading)? })
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

    /// Whether the pattern matches. A variable without a value matches nothing.
    pub(crate) fn matches(&self, arn: &ArnText<'_>, facts: &Facts<'_>) -> bool {
        match self {
            Self::Every => true,
            Self::Text(template) => template.matches(arn.text, facts),
            Self::Fields { head, rest } => {
                let [fields @ .., resource] = arn.fields();
                let mut pairs = head.iter().zip(fields);
                pairs.all(|(pattern, field)| matches(pattern, field, facts))
                    && rest.matches(resource, facts)
            }
            Self::Whole(template) => {
                let Some(parts) = template.split_filled(facts, 6) else { return false };
                let mut pairs = parts.iter().zip(arn.fields());
                parts.len() == 6 && pairs.all(|(part, field)| matches(part, field, facts))
            }
        }
    }

    /// Whether a variable in it has no value.
    pub(crate) fn lacks_value(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::Every => false,
            Self::Text(template) | Self::Whole(template) => template.lacks_value(facts),
            Self::Fields { head: _, rest } => rest.lacks_value(facts),
        }
    }

    /// The five fields and the rest, for whoever looks at them apart; none where the pattern has no
    /// fields of its own.
    pub(crate) fn parts(&self) -> Option<(Head, Template)> {
        match self {
            Self::Every | Self::Whole(_) => None,
            Self::Text(template) => template.split_head(),
            Self::Fields { head, rest } => Some((head.as_ref().clone(), rest.clone())),
        }
    }

    /// The text that every ARN that matches begins with.
    pub(crate) fn literal_prefix(&self) -> &str {
        match self {
            Self::Text(template) => template.literal_prefix(),
            Self::Every | Self::Fields { .. } | Self::Whole(_) => "",
        }
    }
}

/// An ARN in a request, cut into its fields where a pattern asks for them.
#[derive(Debug)]
pub(crate) struct ArnText<'a> {
    text: &'a str,
    fields: OnceCell<[&'a str; 6]>,
}

impl<'a> ArnText<'a> {
    /// An ARN that was checked.
    pub(crate) fn of(arn: &'a Arn) -> Self {
        Self { text: arn.as_str(), fields: OnceCell::new() }
    }

    /// A text, if it is an ARN.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        Some(Self { text, fields: OnceCell::from(fields(text)?) })
    }

    pub(crate) fn as_str(&self) -> &'a str {
        self.text
    }

    fn fields(&self) -> [&'a str; 6] {
        *self.fields.get_or_init(|| fields(self.text).unwrap_or_default())
    }
}
