//! A request that shows something: in words, as JSON, and as the command that explains it.

use serde_json::{Value, json};
use wh_policy::analysis::{Answer, Witness};

use super::asked;
use super::inquiry::Shown;
use super::principal::Principal;
use super::world::Source;

/// The request in a line, and its condition keys in another.
pub(crate) fn in_words(witness: &Witness) -> Vec<String> {
    let mut lines = vec![format!("{} on {}", witness.action.as_str(), witness.resource)];
    let keys = asked::in_words(&witness.context);
    if !keys.is_empty() {
        lines.push(format!("with {}", keys.join(", ")));
    }
    lines
}

/// Why something is not known, and what would help where a value is missing.
pub(crate) fn because(because: &str) -> String {
    let reason = reason(because);
    let help = match reason.contains("${") {
        true => " (say it with --context, or rule it out with --absent)",
        false => "",
    };
    format!("because {reason}{help}")
}

fn reason(because: &str) -> &str {
    because.strip_prefix("because ").unwrap_or(because)
}

/// The command that shows why it is decided so; none where it cannot be asked for.
pub(crate) fn command(
    witness: &Witness,
    principal: &Principal<'_>,
    from: &Source,
) -> Option<String> {
    let mut words: Vec<String> = ["wellhouse", "policy", "explain"].map(str::to_owned).to_vec();
    if *from != Source::Standard {
        words.extend(["--from".to_owned(), from.to_string()]);
    }
    words.extend(principal.flags()?);
    words.extend(["--action".to_owned(), witness.action.as_str().to_owned()]);
    words.extend(["--resource".to_owned(), witness.resource.to_string()]);
    words.extend(asked::flags(&witness.context));
    Some(asked::shell(&words))
}

/// `{answer: "no" | "yes" | "unknown", because, request, shortest, explain, more}`.
pub(crate) fn json(shown: &Shown, principal: &Principal<'_>, from: &Source) -> Value {
    match &shown.answer {
        Answer::No => json!({ "answer": "no" }),
        Answer::Unknown(because) => json!({ "answer": "unknown", "because": reason(because) }),
        Answer::Yes(witness) => json!({
            "answer": "yes",
            "request": request(witness),
            "shortest": witness.shortest,
            "explain": command(witness, principal, from),
            "more": shown.more.iter().map(request).collect::<Vec<_>>(),
        }),
    }
}

fn request(witness: &Witness) -> Value {
    json!({
        "action": witness.action.as_str(),
        "resource": witness.resource.to_string(),
        "context": asked::json(&witness.context),
    })
}
