//! `wellhouse policy check`: what is wrong with documents, doubtful, or a trap.

use std::path::PathBuf;

use anyhow::{Result, bail};
use wh_policy::lint::{self, Finding, Severity};
use wh_policy::{PolicyDocument, PolicyKind};

use super::excerpt::excerpt;
use super::kind::{self, Kind, guess};
use super::world::{self, Source, World};
use super::{Configured, files, idle, paint, say_each};
use crate::{Ended, say};

/// Find what IAM would refuse, and what does not do what it seems to say
///
/// Each finding has its place, a code (explained in docs/policy-lint.md), and where there is one, the
/// fix. Of a folder in the layout of `wellhouse policy export`, and of `--from`, the statements that
/// never matter are found too.
///
/// Exit code: 1 where there is an error (with --strict: also a security finding or a warning), else 0.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    wellhouse policy check policy.json\n  \
    wellhouse policy check --kind trust role.json\n  \
    wellhouse policy check --from running\n  \
    wellhouse policy check --output sarif policies/ > policies.sarif")]
pub(crate) struct Check {
    /// Documents; of folders, every *.json below
    #[arg(value_name = "PATH", required_unless_present = "from", conflicts_with = "from")]
    paths: Vec<PathBuf>,
    /// What the documents are for [default: guessed for each, and said]
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Check the documents of an estate: `standard` (as configured) or `running` (as in force)
    #[arg(long, value_name = "WORLD", conflicts_with = "kind")]
    from: Option<Source>,
    /// Fail on anything but suggestions
    #[arg(long)]
    strict: bool,
    /// `text`, `json`, or `sarif` for code scanners
    #[arg(long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

/// How findings are printed.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines
    Json,
    /// SARIF 2.1.0
    Sarif,
}

/// A document that was looked at.
struct Looked {
    name: String,
    text: String,
    kind: PolicyKind,
    /// What a guess of the kind rests on.
    guessed: Option<&'static str>,
    findings: Vec<Finding>,
}

pub(super) fn run(check: &Check, config: Configured<'_>) -> Result<Ended> {
    let looked = match &check.from {
        Some(source) => of_world(&world::read(source, &config()?)?),
        None => of_paths(check, config)?,
    };
    let linted: Vec<lint::Linted<'_>> = looked
        .iter()
        .map(|one| (one.name.as_str(), one.text.as_str(), one.findings.as_slice()))
        .collect();
    match check.output {
        Format::Text => print(&looked),
        Format::Json => say(lint::json(&linted).trim_end()),
        Format::Sarif => say(lint::sarif(&linted).trim_end()),
    }
    let fails = |finding: &Finding| match finding.severity {
        Severity::Error => true,
        Severity::Security | Severity::Warning => check.strict,
        Severity::Suggestion => false,
    };
    let failed = looked.iter().flat_map(|one| &one.findings).any(fails);
    Ok(if failed { Ended::Failed } else { Ended::Done })
}

fn of_world(world: &World) -> Vec<Looked> {
    let mut idle = idle::findings(world);
    let looked = world.documents.iter().map(|document| {
        let mut findings = lint::lint(&document.text, document.kind);
        findings.extend(idle.remove(&document.place).unwrap_or_default());
        findings.sort_by_key(|finding| finding.start);
        let name = document.place.display().to_string();
        let text = document.text.clone();
        Looked { name, text, kind: document.kind, guessed: None, findings }
    });
    looked.collect()
}

fn of_paths(check: &Check, config: Configured<'_>) -> Result<Vec<Looked>> {
    let mut looked = Vec::new();
    for path in &check.paths {
        let laid_out = path.join("roles").is_dir() || path.join("buckets").is_dir();
        if laid_out && check.kind.is_none() {
            // One that cannot be read as a whole is looked at file by file.
            if let Ok(world) = world::read(&Source::Path(path.clone()), &config()?) {
                looked.extend(of_world(&world));
            }
        }
        of_files(path, check.kind, &mut looked)?;
    }
    if looked.is_empty() {
        bail!("no policies were found: none of the *.json files has a `Statement`");
    }
    Ok(looked)
}

fn of_files(path: &PathBuf, said: Option<Kind>, looked: &mut Vec<Looked>) -> Result<()> {
    let in_folder = path.is_dir();
    for path in files::below(std::slice::from_ref(path), &["json"])? {
        let name = path.display().to_string();
        if looked.iter().any(|one| one.name == name) {
            continue;
        }
        let text = files::read(&path)?;
        if in_folder && !kind::looks_like_policy(&text) {
            continue;
        }
        let guessed = guess(&path, &text);
        let (kind, guessed) =
            said.map_or((guessed.kind, Some(guessed.because)), |said| (said.of_policy(), None));
        let findings = lint::lint(&text, kind);
        looked.push(Looked { name, text, kind, guessed, findings });
    }
    Ok(())
}

fn print(looked: &[Looked]) {
    for one in looked {
        print_one(one, looked.len());
    }
    let count = |severity: Severity| {
        looked.iter().flat_map(|one| &one.findings).filter(|f| f.severity == severity).count()
    };
    let counted = [
        (count(Severity::Error), "error", "errors"),
        (count(Severity::Security), "security finding", "security findings"),
        (count(Severity::Warning), "warning", "warnings"),
        (count(Severity::Suggestion), "suggestion", "suggestions"),
    ];
    let counted = counted.iter().filter(|(count, ..)| *count > 0);
    let found: Vec<String> = counted
        .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
        .collect();
    let documents = if looked.len() == 1 { "document" } else { "documents" };
    let found = if found.is_empty() { "nothing found".to_owned() } else { found.join(", ") };
    say(&format!("{} {documents} checked: {found}", looked.len()));
}

fn print_one(one: &Looked, of: usize) {
    let kind = kind::name(one.kind);
    let kind = match one.guessed {
        Some(because) => format!("{kind}: guessed, {because}; --kind says otherwise"),
        None => kind.to_owned(),
    };
    if of == 1 || !one.findings.is_empty() {
        say(&format!("{} {}", paint::bold(&one.name), paint::faint(&format!("({kind})"))));
    }
    let broken = one.findings.iter().any(|finding| finding.severity == Severity::Error);
    if of == 1 && !broken {
        say(&paint::green("valid"));
        if let Ok(document) = PolicyDocument::parse(&one.text, one.kind) {
            say_each("  ", &wh_policy::summary::in_words(&document));
        }
    }
    for finding in &one.findings {
        print_finding(one, finding);
    }
    if !one.findings.is_empty() {
        say("");
    }
}

fn print_finding(one: &Looked, finding: &Finding) {
    let Finding { code, severity, start, end, message, .. } = finding;
    let word = match severity {
        Severity::Error | Severity::Security => paint::red(severity.as_str()),
        Severity::Warning => paint::yellow(severity.as_str()),
        Severity::Suggestion => paint::faint(severity.as_str()),
    };
    say(&format!("{}:{}:{} {word}[{code}] {message}", one.name, start.line, start.column));
    say_each("", &excerpt(&one.text, *start, *end));
    if let Some(fix) = &finding.fix {
        say(&format!("  fix: {}", fix.description));
    }
}
