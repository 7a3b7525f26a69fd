//! A decision in words, English and German. Words decide nothing.

use super::trace::{Obstacle, PolicyTrace, Says, StatementTrace, Trace};
use super::{Outcome, PolicyType};
use crate::operator::{Operator, Quantifier};
use crate::{ContextValue, Effect, Explanation, Statement};

/// A language that decisions are told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
}

/// How many values of a list are repeated in a sentence.
const VALUES_SHOWN_MAX: usize = 3;

impl Language {
    /// One of two texts.
    pub(super) fn pick<'t>(self, english: &'t str, german: &'t str) -> &'t str {
        match self {
            Self::English => english,
            Self::German => german,
        }
    }
}

impl Trace<'_> {
    /// The decision in one sentence, then a sentence for each statement that was asked.
    pub fn in_words(&self, language: Language) -> Vec<String> {
        let mut sentences = vec![headline(&self.summary, language)];
        let (statement, of) = match language {
            Language::English => ("Statement", "of"),
            Language::German => ("Anweisung", "von"),
        };
        for policy in &self.policies {
            sentences.extend(policy.statements.iter().map(|one| {
                let (label, did) = (one.statement.label(), did(one, language));
                format!("{statement} `{label}` {of} `{}` {did}.", policy.name)
            }));
        }
        sentences
    }
}

impl PolicyType {
    /// What it is called: `identity-based policy`, `Sitzungsrichtlinie`.
    pub fn in_words(self, language: Language) -> &'static str {
        kind_in(self, language)
    }
}

impl Explanation {
    /// The decision and what decided it, in one sentence.
    pub fn in_words(&self, language: Language) -> String {
        headline(self, language)
    }
}

impl StatementTrace<'_> {
    /// What it did, or why it did not apply: the end of a sentence that begins with its name.
    pub fn in_words(&self, language: Language) -> String {
        did(self, language)
    }
}

/// The decision and what decided it.
pub(super) fn headline(why: &Explanation, language: Language) -> String {
    let Explanation { action, resource, .. } = why;
    let on = match language {
        Language::English => format!("`{action}` on `{resource}`"),
        Language::German => format!("`{action}` auf `{resource}`"),
    };
    let Some(kind) = why.policy_type else {
        return match language {
            Language::English => format!("Allowed: {on} needs no policy here."),
            Language::German => format!("Erlaubt: {on} braucht hier keine Richtlinie."),
        };
    };
    let kind_name = kind_in(kind, language);
    let policy = why.policy.as_deref().unwrap_or_default();
    let verdict = match why.outcome {
        Outcome::Allow => language.pick("Allowed", "Erlaubt"),
        Outcome::ExplicitDeny | Outcome::ImplicitDeny => language.pick("Denied", "Verweigert"),
    };
    let verb = match why.outcome {
        Outcome::ExplicitDeny => language.pick("denies", "verbietet"),
        Outcome::Allow | Outcome::ImplicitDeny => language.pick("allows", "erlaubt"),
    };
    match (why.outcome, &why.statement, language) {
        (Outcome::ImplicitDeny, _, Language::English) => {
            format!("{verdict}: no {kind_name} {verb} {on}.")
        }
        (Outcome::ImplicitDeny, _, Language::German) => {
            format!("{verdict}: keine {kind_name} {verb} {on}.")
        }
        (_, Some(statement), Language::English) => {
            format!("{verdict}: statement `{statement}` of `{policy}` ({kind_name}) {verb} {on}.")
        }
        (_, Some(statement), Language::German) => {
            format!("{verdict}: Anweisung `{statement}` von `{policy}` ({kind_name}) {verb} {on}.")
        }
        (_, None, Language::English) => {
            format!("{verdict}: `{policy}` ({kind_name}) cannot be read, and {on} depends on it.")
        }
        (_, None, Language::German) => {
            format!("{verdict}: `{policy}` ({kind_name}) ist unlesbar, und {on} hängt davon ab.")
        }
    }
}

/// The name of a type of policy.
pub(super) fn kind_in(kind: PolicyType, language: Language) -> &'static str {
    let german = match kind {
        PolicyType::Identity => "identitätsbasierte Richtlinie",
        PolicyType::Resource => "ressourcenbasierte Richtlinie",
        PolicyType::Boundary => "Berechtigungsgrenze",
        PolicyType::Session => "Sitzungsrichtlinie",
        PolicyType::ServiceControl => "Service-Control-Richtlinie",
        PolicyType::ResourceControl => "Resource-Control-Richtlinie",
        PolicyType::Trust => "Vertrauensrichtlinie der Rolle",
    };
    language.pick(kind.as_str(), german)
}

/// What came of a policy.
pub(super) fn said(policy: &PolicyTrace<'_>, language: Language) -> &'static str {
    match policy.says {
        Says::Denies => language.pick("denies it", "verbietet es"),
        Says::Allows => language.pick("allows it", "erlaubt es"),
        Says::Nothing => language.pick("says nothing of it", "sagt dazu nichts"),
        Says::Unreadable => language.pick("cannot be read", "ist unlesbar"),
    }
}

/// What a statement did, or why it did not apply.
pub(super) fn did(one: &StatementTrace<'_>, language: Language) -> String {
    match (&one.obstacle, one.statement.effect) {
        (Some(obstacle), _) => why_not(one.statement, obstacle, language),
        (None, Effect::Allow) => language.pick("allows it", "erlaubt es").to_owned(),
        (None, Effect::Deny) => language.pick("denies it", "verbietet es").to_owned(),
    }
}

/// Why a statement did not apply.
pub(super) fn why_not(
    statement: &Statement,
    obstacle: &Obstacle<'_>,
    language: Language,
) -> String {
    let (does, would) = match statement.effect {
        Effect::Allow => (
            language.pick("allows the action", "erlaubt die Aktion"),
            language.pick("would allow it", "würde es erlauben"),
        ),
        Effect::Deny => (
            language.pick("denies the action", "verbietet die Aktion"),
            language.pick("would deny it", "würde es verbieten"),
        ),
    };
    let but = language.pick("but", "aber");
    match obstacle {
        Obstacle::Action => about(statement, language),
        Obstacle::Resource => format!("{does}, {but} {}", on(statement, language)),
        Obstacle::Principal => {
            format!("{does}, {but} {}", language.pick("to other principals", "für andere"))
        }
        Obstacle::Malformed => language
            .pick("is malformed, so it allows nothing", "ist fehlerhaft und erlaubt nichts")
            .to_owned(),
        Obstacle::UnknownOperator { operator } => {
            let no = language.pick("is not a condition operator", "ist kein Bedingungsoperator");
            format!("{would}, {but} `{operator}` {no}")
        }
        Obstacle::Condition { .. } => format!("{would}, {but} {}", asks(obstacle, language)),
    }
}

fn about(statement: &Statement, language: Language) -> String {
    let (actions, except) = statement.actions();
    let begins = match (except, language) {
        (false, Language::English) => "is about other actions:",
        (false, Language::German) => "betrifft andere Aktionen:",
        (true, Language::English) => "is about every action except",
        (true, Language::German) => "betrifft jede Aktion außer",
    };
    format!("{begins} {}", enumerated(&actions, language))
}

fn on(statement: &Statement, language: Language) -> String {
    let (resources, except) = statement.resources();
    let begins = match (except, language) {
        (false, Language::English) => "on only",
        (false, Language::German) => "nur auf",
        (true, Language::English) => "on everything except",
        (true, Language::German) => "auf alles außer",
    };
    format!("{begins} {}", enumerated(&resources, language))
}

fn asks(obstacle: &Obstacle<'_>, language: Language) -> String {
    let Obstacle::Condition { operator, key, expected, actual, malformed } = obstacle else {
        return String::new();
    };
    let upon = language.pick("on", "auf");
    let begins = format!("`{operator}` {upon} `{key}`");
    if *malformed {
        let holds = language.pick("holds a malformed value", "enthält einen fehlerhaften Wert");
        return format!("{begins} {holds}");
    }
    let read = Operator::parse(operator).map(|(operator, _)| operator);
    let single = read.is_some_and(|operator| operator.quantifier == Quantifier::Single);
    if let (Some(value @ ContextValue::Many(_)), true) = (actual, single) {
        return match language {
            Language::English => format!(
                "{begins} has no `ForAllValues` or `ForAnyValue`, and the request has several \
                 values: {}",
                held(value, language)
            ),
            Language::German => format!(
                "{begins} hat kein `ForAllValues` oder `ForAnyValue`, und die Anfrage hat mehrere \
                 Werte: {}",
                held(value, language)
            ),
        };
    }
    let turned = read.is_some_and(|operator| operator.negated);
    let asks = match (turned, language) {
        (false, Language::English) => "asks for",
        (false, Language::German) => "verlangt",
        (true, Language::English) => "asks for anything but",
        (true, Language::German) => "verlangt alles außer",
    };
    let wanted: Vec<&str> = expected.iter().map(String::as_str).collect();
    let has = match (actual, language) {
        (None, Language::English) => "the request does not have it".to_owned(),
        (None, Language::German) => "in der Anfrage fehlt der Schlüssel".to_owned(),
        (Some(value), Language::English) => format!("the request has {}", held(value, language)),
        (Some(value), Language::German) => format!("die Anfrage hat {}", held(value, language)),
    };
    let and = language.pick("and", "und");
    format!("{begins} {asks} {}, {and} {has}", enumerated(&wanted, language))
}

fn held(value: &ContextValue, language: Language) -> String {
    match value {
        ContextValue::One(value) => enumerated(&[value], language),
        ContextValue::Many(values) => {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            enumerated(&values, language)
        }
    }
}

fn enumerated(texts: &[&str], language: Language) -> String {
    if texts.is_empty() {
        return language.pick("nothing", "nichts").to_owned();
    }
    let shown: Vec<String> =
        texts.iter().take(VALUES_SHOWN_MAX).map(|text| format!("`{text}`")).collect();
    let shown = shown.join(", ");
    match (texts.len().saturating_sub(VALUES_SHOWN_MAX), language) {
        (0, _) => shown,
        (more, Language::English) => format!("{shown} and {more} more"),
        (more, Language::German) => format!("{shown} und {more} weitere"),
    }
}
