//! `tests/estate-exceptions.txt`: what the tools may find, and why.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, bail};

use super::Finding;
use crate::run::root;

const FILE: &str = "tests/estate-exceptions.txt";
/// More would be a different estate.
const LINES_MAX: usize = 15;

/// The lines: `resources | tool:rule … | why`.
pub(super) struct Exceptions(Vec<Line>);

struct Line {
    resources: Vec<String>,
    rules: Vec<String>,
}

impl Exceptions {
    /// Reads the file; a line without a reason is no exception.
    pub(super) fn read() -> Result<Self> {
        let text = fs::read_to_string(root().join(FILE)).context(FILE)?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let words = |part: &str| part.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let parsed: Result<Vec<Line>> = lines
            .map(|line| match line.split('|').collect::<Vec<_>>().as_slice() {
                [resources, rules, why] if !why.trim().is_empty() => {
                    Ok(Line { resources: words(resources), rules: words(rules) })
                }
                _ => bail!("{FILE}: `resources | tool:rule | why` is wanted, not `{line}`"),
            })
            .collect();
        let parsed = parsed?;
        if parsed.len() > LINES_MAX {
            bail!("{FILE}: {} lines, and {LINES_MAX} are allowed", parsed.len());
        }
        Ok(Self(parsed))
    }

    /// Fails where something was found that is no exception, and where an exception of these tools'
    /// rules was not found.
    pub(super) fn hold(&self, found: &BTreeSet<Finding>, tools: &[&str]) -> Result<()> {
        let excepted = |finding: &Finding| self.0.iter().any(|line| line.excepts(finding));
        let more = found.iter().filter(|finding| !excepted(finding));
        let mut wrong: Vec<String> =
            more.map(|Finding { rule, resource }| format!("found: {rule} on {resource}")).collect();
        for line in &self.0 {
            let ours = line
                .rules
                .iter()
                .filter(|rule| tools.iter().any(|tool| rule.split(':').next() == Some(tool)));
            let is_met = |rule: &&String| {
                found.iter().any(|finding| finding.rule == **rule && line.excepts(finding))
            };
            let stale = ours.filter(|rule| !is_met(rule));
            wrong.extend(
                stale.map(|rule| {
                    format!("not found any more: {rule} on {}", line.resources.join(" "))
                }),
            );
        }
        if !wrong.is_empty() {
            bail!("{FILE} is not what was found:\n  {}", wrong.join("\n  "));
        }
        Ok(())
    }
}

impl Line {
    fn excepts(&self, finding: &Finding) -> bool {
        self.rules.contains(&finding.rule)
            && self.resources.iter().any(|pattern| matches(pattern, &finding.resource))
    }
}

/// Whether a pattern, with at most one `*`, is the name.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, tail)) => {
            name.len() >= head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Exceptions, matches};
    use crate::estate::Finding;

    const LINES: &str = "# a comment\nLogs* Trail | a:one b:two | because\nKey | b:three | so\n";

    #[track_caller]
    fn check(found: &[(&str, &str, &str)], tools: &[&str], expected: Option<&str>) {
        let found = found.iter().map(|(tool, rule, of)| Finding::new(tool, rule, of)).collect();
        let held = Exceptions::parse(LINES).expect("lines").hold(&found, tools);
        let told = held.err().map(|error| error.to_string());
        match (expected, told) {
            (None, None) => {}
            (Some(words), Some(told)) => assert!(told.contains(words), "{told}"),
            (expected, told) => panic!("{expected:?}: {told:?}"),
        }
    }

    #[test]
    fn what_is_found_stands_there_and_what_stands_there_is_found() {
        let one = ("a", "one", "LogsOfAll");
        check(&[one], &["a"], None);
        check(&[one], &["a", "b"], Some("not found any more: b:two"));
        check(&[one, ("a", "one", "Key")], &["a"], Some("found: a:one on Key"));
        check(&[one, ("a", "two", "Trail")], &["a"], Some("found: a:two on Trail"));
        check(&[], &["a"], Some("not found any more: a:one"));
        check(&[("b", "two", "Trail"), ("b", "three", "Key")], &["b"], None);
    }

    #[test]
    fn a_line_without_a_reason_and_a_sixteenth_are_refused() {
        assert!(Exceptions::parse("Key | a:one |").is_err());
        assert!(Exceptions::parse("Key | a:one").is_err());
        assert!(Exceptions::parse(&"Key | a:one | so\n".repeat(15)).is_ok());
        assert!(Exceptions::parse(&"Key | a:one | so\n".repeat(16)).is_err());
    }

    #[test]
    fn a_pattern_is_the_whole_name() {
        for (pattern, name, expected) in [
            ("Key", "Key", true),
            ("Key", "KeyAlias", false),
            ("Key*", "KeyAlias", true),
            ("*logs", "example-logs", true),
            ("*logs", "example-logs-old", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
