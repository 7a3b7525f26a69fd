//! `cargo xtask tidy`: the house rules that no compiler checks.

mod advisories;
mod asvs;
mod fields;
mod sources;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

use crate::run::{output, root, say};

/// Checks arrows, walls, lints and documents; lists every breach before it fails.
pub(crate) fn check() -> Result<()> {
    let workspace: Table = fs::read_to_string(root().join("Cargo.toml"))?.parse()?;
    let mut breaches = Vec::new();
    for manifest in manifests()? {
        check_manifest(&workspace, &manifest, &mut breaches)?;
    }
    check_sources(&mut breaches)?;
    check_decisions(&mut breaches)?;
    check_words(&mut breaches)?;
    let tests = sources::tests(&read_sources()?);
    advisories::check(&workspace, &tests, &mut breaches);
    asvs::check(&tests, &mut breaches)?;
    fields::check(&mut breaches)?;
    if breaches.is_empty() {
        say("tidy: arrows, walls, lints and documents are as they should be");
        return Ok(());
    }
    bail!("tidy found {} breaches:\n  {}", breaches.len(), breaches.join("\n  "))
}

struct Manifest {
    name: String,
    table: Table,
}

fn manifests() -> Result<Vec<Manifest>> {
    let beside = ["hammer", "proving", "trial", "xtask"];
    let mut paths: Vec<PathBuf> =
        beside.iter().map(|name| root().join(name).join("Cargo.toml")).collect();
    for entry in fs::read_dir(root().join("crates"))? {
        paths.push(entry?.path().join("Cargo.toml"));
    }
    paths.sort();
    paths.into_iter().map(|path| read_manifest(&path)).collect()
}

fn read_manifest(path: &Path) -> Result<Manifest> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let table: Table = text.parse().with_context(|| path.display().to_string())?;
    let name = table.get("package").and_then(|p| p.get("name")).and_then(Value::as_str);
    Ok(Manifest { name: name.unwrap_or_default().to_owned(), table: table.clone() })
}

fn names_in(table: &Table, section: &str) -> BTreeSet<String> {
    let found = table.get(section).and_then(Value::as_table);
    found.into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

fn check_manifest(
    workspace: &Table,
    manifest: &Manifest,
    breaches: &mut Vec<String>,
) -> Result<()> {
    let metadata = workspace
        .get("workspace")
        .and_then(|w| w.get("metadata"))
        .context("[workspace.metadata] is missing")?;
    let dependencies = names_in(&manifest.table, "dependencies");
    check_arrows(metadata, manifest, &dependencies, breaches);
    check_walls(metadata, manifest, &dependencies, breaches);
    check_lints(workspace, metadata, manifest, breaches);
    Ok(())
}

/// Every manifest takes the workspace's lints as they are. A room that may say `unsafe` repeats
/// them, since `forbid` cannot be taken back, and may differ in what [`lints_of_unsafe`] says.
fn check_lints(
    workspace: &Table,
    metadata: &Value,
    manifest: &Manifest,
    breaches: &mut Vec<String>,
) {
    let name = &manifest.name;
    let lints = manifest.table.get("lints");
    let rooms = metadata.get("unsafe").and_then(|u| u.get("rooms")).and_then(Value::as_array);
    let may = rooms.into_iter().flatten().filter_map(Value::as_str).any(|room| room == name);
    if may {
        if lints != lints_of_unsafe(workspace).as_ref() {
            breaches.push(format!(
                "{name}: its lints are not the workspace's with `unsafe_code = \"deny\"` and \
                 `undocumented_unsafe_blocks = \"warn\"`"
            ));
        }
        return;
    }
    if lints.and_then(|l| l.get("workspace")).and_then(Value::as_bool) != Some(true) {
        breaches.push(format!("{name}: its manifest lacks `[lints] workspace = true`"));
    }
}

/// The workspace's lints, with unsafe code denied where it is forbidden, and each block of it to
/// be explained.
fn lints_of_unsafe(workspace: &Table) -> Option<Value> {
    let mut lints = workspace.get("workspace")?.get("lints")?.clone();
    let level = |level: &str| Value::String(level.to_owned());
    let rust = lints.get_mut("rust")?.as_table_mut()?;
    rust.insert("unsafe_code".to_owned(), level("deny"));
    let clippy = lints.get_mut("clippy")?.as_table_mut()?;
    clippy.insert("undocumented_unsafe_blocks".to_owned(), level("warn"));
    Some(lints)
}

fn check_arrows(
    metadata: &Value,
    manifest: &Manifest,
    dependencies: &BTreeSet<String>,
    breaches: &mut Vec<String>,
) {
    let name = &manifest.name;
    let Some(arrows) = metadata.get("arrows").and_then(|a| a.get(name)).and_then(Value::as_array)
    else {
        breaches.push(format!("{name}: no arrow in [workspace.metadata.arrows]"));
        return;
    };
    let allowed: BTreeSet<&str> = arrows.iter().filter_map(Value::as_str).collect();
    for seen in dependencies.iter().filter(|d| d.starts_with("wh-")) {
        if !allowed.contains("*") && !allowed.contains(seen.as_str()) {
            breaches.push(format!("{name}: may not see {seen}"));
        }
    }
    for arrow in allowed.iter().filter(|a| **a != "*" && !dependencies.contains(**a)) {
        breaches.push(format!("{name}: the arrow to {arrow} is drawn but not used"));
    }
}

fn check_walls(
    metadata: &Value,
    manifest: &Manifest,
    dependencies: &BTreeSet<String>,
    breaches: &mut Vec<String>,
) {
    let walls = metadata.get("walls").and_then(Value::as_table);
    for (pattern, rooms) in walls.into_iter().flatten() {
        let matches = |name: &String| match pattern.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == pattern,
        };
        let allowed = rooms.as_array().into_iter().flatten().filter_map(Value::as_str);
        let may = allowed.into_iter().any(|room| room == manifest.name);
        for seen in dependencies.iter().filter(|d| matches(d)).filter(|_| !may) {
            breaches.push(format!("{}: may not name {seen}", manifest.name));
        }
    }
}

fn tracked(pattern: &str) -> Result<Vec<PathBuf>> {
    let arguments = ["ls-files", "--cached", "--others", "--exclude-standard", "--", pattern];
    let listed = output("git", &arguments).context("`git ls-files` failed")?;
    let files = listed.lines().map(|line| root().join(line));
    Ok(files.filter(|path| path.exists()).collect())
}

/// Every Rust source, by its path below the repository.
fn read_sources() -> Result<Vec<(String, String)>> {
    let files = tracked("*.rs")?.into_iter();
    files.map(|path| Ok((shown(&path), fs::read_to_string(&path)?))).collect()
}

fn check_sources(breaches: &mut Vec<String>) -> Result<()> {
    for path in tracked("*.rs")? {
        if !fs::read_to_string(&path)?.starts_with("//!") {
            breaches.push(format!("{}: does not begin with `//!`", shown(&path)));
        }
    }
    Ok(())
}

fn check_decisions(breaches: &mut Vec<String>) -> Result<()> {
    let architecture = fs::read_to_string(root().join("ARCHITECTURE.md"))?;
    for path in tracked("docs/adr/*.md")? {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if !architecture.contains(&name) {
            breaches.push(format!("docs/adr/{name}: ARCHITECTURE.md does not link it"));
        }
    }
    Ok(())
}

/// No room starts a process. Source: File Browser's advisories on its commands and hooks, among them
/// CVE-2025-52904 and CVE-2026-54088.
const PROCESS: &str = "process::Command";

/// Who may keep something in the browser: the choice of light or dark and of the language, and what a
/// person marked, by name alone; signing out clears it all.
const KEEPS_IN_BROWSER: [&str; 5] = [
    "web/src/ui/theme.ts",
    "web/src/ui/language.ts",
    "web/src/ui/kept.ts",
    "web/src/ui/kept.test.ts",
    "web/src/files/places.test.ts",
];

/// Things that must never stand in a source file, whatever the compiler thinks of them.
const WORDS_FORBIDDEN: [(&str, &str); 6] = [
    ("danger_accept_invalid", "TLS verification is never switched off"),
    ("dangerouslySetInnerHTML", "user content is never markup"),
    ("minioadmin", "there is no default password anywhere"),
    ("sessionStorage", "nothing of anybody's is kept in the browser"),
    ("indexedDB", "nothing of anybody's is kept in the browser"),
    ("onPaste", "passwords may be pasted, and typed by their managers"),
];

fn check_words(breaches: &mut Vec<String>) -> Result<()> {
    let mut files = tracked("*.rs")?;
    files.extend(tracked("*.ts")?);
    files.extend(tracked("*.tsx")?);
    for path in files.iter().filter(|p| !p.ends_with("xtask/src/tidy/mod.rs")) {
        let text = fs::read_to_string(path)?;
        let inside = shown(path);
        let of_room = inside.starts_with("crates/") && inside.contains("/src/");
        if of_room && !inside.contains("/tests/") && text.contains(PROCESS) {
            breaches.push(format!("{inside}: holds `{PROCESS}`: no room starts a process"));
        }
        let keeps = KEEPS_IN_BROWSER.contains(&inside.as_str());
        if inside.starts_with("web/src/") && !keeps && text.contains("localStorage") {
            breaches.push(format!("{inside}: keeps something in the browser, which few may"));
        }
        for (word, why) in WORDS_FORBIDDEN.iter().filter(|(word, _)| text.contains(word)) {
            breaches.push(format!("{}: holds `{word}`: {why}", shown(path)));
        }
    }
    Ok(())
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
