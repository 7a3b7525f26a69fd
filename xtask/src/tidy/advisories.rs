//! Tests that bear the number of an advisory: a lesson that somebody else paid for. There may only be
//! more of them.

use std::collections::BTreeSet;

use toml::{Table, Value};

/// How such a test's name begins.
const BEGINNINGS: [&str; 3] = ["cve_", "ghsa_", "rustsec_"];

/// Holds the number of these tests against the one in `[workspace.metadata.advisories]`.
pub(super) fn check(workspace: &Table, tests: &BTreeSet<String>, breaches: &mut Vec<String>) {
    let number = workspace
        .get("workspace")
        .and_then(|w| w.get("metadata")?.get("advisories")?.get("tests"))
        .and_then(Value::as_integer)
        .and_then(|number| usize::try_from(number).ok());
    let name = |path: &&String| {
        let name = path.rsplit("::").next().unwrap_or_default();
        BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
    };
    breaches.extend(compare(number, tests.iter().filter(name).count()));
}

fn compare(number: Option<usize>, found: usize) -> Option<String> {
    const KEY: &str = "[workspace.metadata.advisories] tests";
    match number {
        None => Some(format!("{KEY} is missing: there are {found}")),
        Some(number) if found < number => Some(format!(
            "{found} tests bear the number of an advisory, where there were {number}: a lesson is lost"
        )),
        Some(number) if found > number => Some(format!("raise {KEY} to {found}: it may only grow")),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn the_number_of_lessons_may_only_grow() {
        assert_eq!(compare(Some(7), 7), None);
        for (number, found, words) in
            [(None, 7, "is missing"), (Some(8), 7, "a lesson is lost"), (Some(6), 7, "to 7")]
        {
            let breach = compare(number, found).unwrap_or_default();
            assert!(breach.contains(words), "{breach}");
        }
    }
}
