//! Tells a violation so that it can be read: the calls on the key that matter, and nothing else.

use super::search::{Act, Call, Contents, Verdict, When, is_read, search};

/// The history of one key that no order explains, without the calls that do not matter.
pub(crate) fn explain(key: u8, calls: &[Call], contents: &Contents) -> String {
    let kept = minimise(calls, contents);
    let mut lines = vec![
        format!("key {key}: no order of these calls explains what was answered"),
        "  (time of the call, time of the answer; * has no answer)".to_owned(),
    ];
    lines.extend(kept.iter().map(|call| {
        let mark = if call.answered { ' ' } else { '*' };
        format!("  {:>6} {:>6} {mark} {}", call.from, call.until, call.told)
    }));
    if let Verdict::Broken { at, held } = search(&kept, contents) {
        let place = kept.get(at).map_or("", |call| &call.told);
        lines.push(format!("  nothing explains: {place}"));
        lines.push(format!("  before it the key may have held one of {held:?} (stamps)"));
    }
    let left_out = calls.len() - kept.len();
    lines.push(format!("  {left_out} calls that do not matter are left out"));
    lines.join("\n")
}

/// Leaves calls out as long as the rest stays unexplained.
///
/// A call that only sees may always be left out: an order of all calls is one of the others too.
/// One that changes something may be left out only if it does not matter whether it happened at
/// all; for that it is first taken for one without an answer. What another call speaks of stays,
/// for whoever reads it.
fn minimise(calls: &[Call], contents: &Contents) -> Vec<Call> {
    let mut kept = calls.to_vec();
    kept.sort_by_key(|call| call.from);
    if let Verdict::Broken { at, .. } = search(&kept, contents) {
        let end = kept.get(at).map_or(u64::MAX, |call| call.until);
        kept.retain(|call| call.from < end);
        for call in kept.iter_mut().filter(|call| call.until > end && !is_read(call.act)) {
            call.answered = false;
        }
        kept.retain(|call| call.until <= end || !is_read(call.act));
    }
    let is_broken = |calls: &[Call]| matches!(search(calls, contents), Verdict::Broken { .. });
    let mut place = kept.len();
    while place > 0 {
        place -= 1;
        let mut without = kept.clone();
        let call = without.remove(place);
        if without.iter().any(|other| mentions(other.act, call.act, contents)) {
            continue;
        }
        let mut weaker = kept.clone();
        if let Some(call) = weaker.get_mut(place) {
            call.answered = false;
        }
        if is_broken(&without) && (is_read(call.act) || is_broken(&weaker)) {
            kept = without;
        }
    }
    kept
}

/// Whether a call speaks of what another one wrote.
fn mentions(act: Act, written: Act, contents: &Contents) -> bool {
    let Act::Writes(stamp, _) = written else { return false };
    match act {
        Act::Sees(seen) => seen == Some(stamp),
        Act::SeesContent(content)
        | Act::SeesOther(Some(content))
        | Act::Writes(_, When::Content(content)) => contents.get(&stamp) == Some(&content),
        Act::SeesOther(None) | Act::Writes(..) | Act::Deletes => false,
    }
}
