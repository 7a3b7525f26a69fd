//! A trace drawn as a tree, for a terminal.

use super::trace::{PolicyTrace, StatementTrace, Trace};
use super::words::{Language, did, headline, kind_in, said};
use crate::Effect;

impl Trace<'_> {
    /// The decision, below it every policy, and below each its statements: `✔` for one that allows,
    /// `✘` for one that denies, `·` for one that does not apply.
    pub fn tree(&self, language: Language) -> String {
        let mut out = String::new();
        line(&mut out, format_args!("{}", headline(&self.summary, language)));
        for (at, policy) in self.policies.iter().enumerate() {
            let last = at + 1 == self.policies.len();
            branch(&mut out, policy, last, language);
        }
        out
    }
}

fn branch(out: &mut String, policy: &PolicyTrace<'_>, last: bool, language: Language) {
    let (joint, stem) = if last { ("└─", "   ") } else { ("├─", "│  ") };
    let kind = kind_in(policy.kind, language);
    let level = policy.level.map(|level| {
        let word = language.pick("level", "Ebene");
        format!(", {word} {level}")
    });
    let level = level.unwrap_or_default();
    let said = said(policy, language);
    line(out, format_args!("{joint} {kind} `{}`{level}: {said}", policy.name));
    let malformed = language.pick("malformed", "fehlerhaft");
    for fault in policy.faults {
        line(out, format_args!("{stem}! {malformed}: {fault}"));
    }
    for (at, one) in policy.statements.iter().enumerate() {
        let joint = if at + 1 == policy.statements.len() { "└─" } else { "├─" };
        let (mark, label) = (mark(one), one.statement.label());
        line(out, format_args!("{stem}{joint} {mark} `{label}` {}", did(one, language)));
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Names and values come from outside: a line break in one must not pass for a line of the tree.
    out.push_str(&text.to_string().replace('\n', "\\u000a"));
    out.push('\n');
}

fn mark(one: &StatementTrace<'_>) -> char {
    match (&one.obstacle, one.statement.effect) {
        (Some(_), _) => '·',
        (None, Effect::Allow) => '✔',
        (None, Effect::Deny) => '✘',
    }
}
