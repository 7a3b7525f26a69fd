//! Plans in words.

use wh_provision::{Change, Estate, Line, Plan, Reason};

use super::counted;
use crate::{paint, say};

/// Says what would change: by what it changes, then what is kept, then what no write mends.
pub(super) fn tell(estate: &Estate, plan: &Plan) {
    tell_or(estate, plan, "Nothing to change: all is as described.");
}

/// As [`tell`], with what is said of a plan that changes nothing.
pub(super) fn tell_or(estate: &Estate, plan: &Plan, nothing: &str) {
    let (account, region) = (estate.account(), estate.region());
    let heading = format!("Estate `{}`, account {account}, {region}", estate.installation());
    say(&paint::bold(&heading));
    for (subject, changes) in plan.by_subject() {
        say("");
        say(&format!("{} {}", sign(whole(&changes)), paint::bold(&subject.to_string())));
        for change in changes {
            tell_change(change);
        }
    }
    if !plan.foreign().is_empty() {
        say("");
        say("Kept, and not ours:");
        for foreign in plan.foreign() {
            say(&format!("  {foreign}"));
        }
    }
    for note in plan.notes() {
        say("");
        say(&format!("{} {note}", paint::yellow("Note:")));
    }
    say("");
    say(&if plan.is_empty() { nothing.to_owned() } else { sum(plan) });
}

fn tell_change(change: &Change) {
    say(&format!("    {} {}", sign(change.reason), change.step));
    let Some(policy) = &change.policy else { return };
    for line in &policy.lines {
        say(&match line {
            Line::Gone(words) => format!("        {}", paint::red(&format!("- {words}"))),
            Line::New(words) => format!("        {}", paint::green(&format!("+ {words}"))),
        });
    }
    for meaning in &policy.meaning {
        say(&format!("        {} {meaning}", paint::bold("⇒")));
    }
}

/// What happens to a subject as a whole: it is made, taken away, or changed.
fn whole(changes: &[&Change]) -> Reason {
    let all = |reason: Reason| changes.iter().all(|change| change.reason == reason);
    if all(Reason::Absent) {
        Reason::Absent
    } else if all(Reason::Foreign) || all(Reason::Retired) {
        Reason::Foreign
    } else {
        Reason::Differs
    }
}

fn sign(reason: Reason) -> String {
    match reason {
        Reason::Absent => paint::green("+"),
        Reason::Differs => paint::yellow("~"),
        Reason::Foreign | Reason::Retired => paint::red("-"),
    }
}

fn sum(plan: &Plan) -> String {
    let count = |reason| plan.changes().iter().filter(|change| change.reason == reason).count();
    format!(
        "{}: {} to make, {} to set right, {} to take away.",
        counted(plan.changes().len(), "change"),
        count(Reason::Absent),
        count(Reason::Differs),
        count(Reason::Foreign) + count(Reason::Retired)
    )
}
