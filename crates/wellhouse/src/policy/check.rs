//! `wellhouse policy check`: what is wrong with documents, doubtful, or a trap.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use wh_policy::lint::{self, Finding, Fix, Place, Severity};
use wh_policy::{PolicyDocument, PolicyKind};

use super::excerpt::excerpt;
use super::kind::{self, Kind, guess};
use super::world::{self, Source, World};
use super::{Configured, files, idle, json_slip, say_each};
use crate::output::complain;
use crate::{Ended, paint, say};

/// Find what IAM would refuse, and what does not do what it seems to say
///
/// Each finding has its place, a code (explained in docs/policy-lint.md), and where there is one, the
/// fix. Of a folder in the layout of `wellhouse policy export`, and of `--from`, the statements that
/// never matter are found too.
///
/// Exit code: 1 where there is an error (with --strict: also a security finding or a warning) or a
/// file cannot be read, else 0: findings alone do not fail.
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
    /// None of a folder.
    kind: Option<PolicyKind>,
    /// What a guess of the kind rests on.
    guessed: Option<&'static str>,
    findings: Vec<Finding>,
}

/// What there was to look at, and why some of it could not be.
#[derive(Default)]
struct All {
    looked: Vec<Looked>,
    unread: Vec<anyhow::Error>,
}

/// The code of the finding about a folder that looks like an exported one, and is none.
const NO_WORLD: &str = "not-a-world";

pub(super) fn run(check: &Check, config: Configured<'_>) -> Result<Ended> {
    let all = match &check.from {
        Some(source) => {
            All { looked: of_world(&world::read(source, &config()?)?), unread: Vec::new() }
        }
        None => of_paths(check, config)?,
    };
    let looked = &all.looked;
    let linted: Vec<lint::Linted<'_>> = looked
        .iter()
        .map(|one| (one.name.as_str(), one.text.as_str(), one.findings.as_slice()))
        .collect();
    match check.output {
        Format::Text => print(&all),
        Format::Json => say(lint::json(&linted).trim_end()),
        Format::Sarif => say(lint::sarif(&linted).trim_end()),
    }
    all.unread.iter().for_each(complain);
    let fails = |finding: &Finding| match finding.severity {
        Severity::Error => true,
        Severity::Security | Severity::Warning => check.strict,
        Severity::Suggestion => false,
    };
    let failed = looked.iter().flat_map(|one| &one.findings).any(fails);
    Ok(if failed || !all.unread.is_empty() { Ended::Failed } else { Ended::Done })
}

fn of_world(world: &World) -> Vec<Looked> {
    let mut idle = idle::findings(world);
    let looked = world.documents.iter().map(|document| {
        let mut findings = lint::lint(&document.text, document.kind);
        findings.extend(idle.remove(&document.place).unwrap_or_default());
        findings.sort_by_key(|finding| finding.start);
        let name = document.place.display().to_string();
        let text = document.text.clone();
        Looked { name, text, kind: Some(document.kind), guessed: None, findings }
    });
    looked.collect()
}

fn of_paths(check: &Check, config: Configured<'_>) -> Result<All> {
    let mut all = All::default();
    for path in &check.paths {
        let laid_out = path.join("roles").is_dir() || path.join("buckets").is_dir();
        if laid_out && check.kind.is_none() {
            // One that cannot be read as a whole is looked at file by file.
            match world::read(&Source::Path(path.clone()), &config()?) {
                Ok(world) => all.looked.extend(of_world(&world)),
                Err(error) => all.looked.push(no_world(path, &error)),
            }
        }
        of_files(path, check.kind, &mut all);
    }
    if all.looked.is_empty() && all.unread.is_empty() {
        bail!("no policies were found: none of the *.json files has a `Statement`");
    }
    Ok(all)
}

/// The finding about a folder of roles that is not read as one.
fn no_world(folder: &Path, error: &anyhow::Error) -> Looked {
    let first = Place { line: 1, column: 1 };
    let finding = Finding {
        code: NO_WORLD,
        severity: Severity::Warning,
        start: first,
        end: first,
        path: "$".to_owned(),
        message: format!("not checked as a world, because {error:#}"),
        fix: None,
    };
    let (name, findings) = (folder.display().to_string(), vec![finding]);
    Looked { name, text: String::new(), kind: None, guessed: None, findings }
}

fn of_files(path: &PathBuf, said: Option<Kind>, all: &mut All) {
    let in_folder = path.is_dir();
    for path in files::below(std::slice::from_ref(path), &["json"]) {
        let read = path.and_then(|path| Ok((files::read(&path)?, path)));
        let (text, path) = match read {
            Ok(read) => read,
            Err(error) => {
                all.unread.push(error);
                continue;
            }
        };
        let name = path.display().to_string();
        let known = all.looked.iter().any(|one| one.name == name);
        if known || (in_folder && !kind::looks_like_policy(&text)) {
            continue;
        }
        let guessed = guess(&path, &text);
        let (kind, guessed) =
            said.map_or((guessed.kind, Some(guessed.because)), |said| (said.of_policy(), None));
        let mut findings = lint::lint(&text, kind);
        for finding in &mut findings {
            hint(finding, &text);
        }
        all.looked.push(Looked { name, text, kind: Some(kind), guessed, findings });
    }
}

/// Says of what is not JSON what it may be.
fn hint(finding: &mut Finding, text: &str) {
    if finding.code == "policy-syntax"
        && finding.fix.is_none()
        && let Some(hint) = json_slip::hint(text, finding.start)
    {
        finding.fix = Some(Fix { description: hint.to_owned(), replacement: None });
    }
}

fn print(all: &All) {
    let looked = &all.looked;
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
        (all.unread.len(), "could not be read", "could not be read"),
    ];
    let counted = counted.iter().filter(|(count, ..)| *count > 0);
    let found: Vec<String> = counted
        .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
        .collect();
    let documents = looked.iter().filter(|one| one.kind.is_some()).count();
    let word = if documents == 1 { "document" } else { "documents" };
    let found = if found.is_empty() { "nothing found".to_owned() } else { found.join(", ") };
    say(&format!("{documents} {word} checked: {found}"));
}

fn print_one(one: &Looked, of: usize) {
    let Some(kind) = one.kind else {
        for Finding { code, message, .. } in &one.findings {
            say(&format!("{}: {}[{code}] {message}", one.name, paint::yellow("warning")));
        }
        return say("");
    };
    let named = kind::name(kind);
    let named = match one.guessed {
        Some(because) => format!("{named}: guessed, {because}; --kind says otherwise"),
        None => named.to_owned(),
    };
    if of == 1 || !one.findings.is_empty() {
        say(&format!("{} {}", paint::bold(&one.name), paint::faint(&format!("({named})"))));
    }
    let broken = one.findings.iter().any(|finding| finding.severity == Severity::Error);
    if of == 1 && !broken {
        say(&paint::green("valid"));
        if let Ok(document) = PolicyDocument::parse(&one.text, kind) {
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
