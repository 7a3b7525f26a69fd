//! `cargo xtask sbom`: the bills of materials of the binary and of the page in it, in `CycloneDX`'s JSON,
//! by `CycloneDX`'s own tool for cargo and by npm's. Each component that is built in is in one of them, or
//! none is written.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run::{command, output, root, run, say, target};
use crate::tools;

/// What cargo-cyclonedx calls its files, which it puts beside every manifest.
const BESIDE: &str = "wellhouse-sbom.json";

/// Writes both, and holds them against what cargo and npm say is built in.
pub(crate) fn write() -> Result<()> {
    let folder = target().join("sbom");
    fs::create_dir_all(&folder)?;
    let binary = of_binary(&folder.join("wellhouse.cdx.json"))?;
    is_whole("wellhouse.cdx.json", &binary, &crates()?)?;
    let page = of_page(&folder.join("web.cdx.json"))?;
    is_whole("web.cdx.json", &page, &packages()?)?;
    say(&format!("wrote {0}/wellhouse.cdx.json and {0}/web.cdx.json", folder.display()));
    Ok(())
}

fn of_binary(to: &Path) -> Result<Value> {
    let tool = tools::cargo_cyclonedx()?.to_string_lossy().into_owned();
    let name = BESIDE.trim_end_matches(".json");
    let mut make = command(&tool, &["cyclonedx", "--quiet", "--format", "json", "--all"]);
    make.args(["--spec-version", "1.5", "--override-filename", name]);
    run(make)?;
    fs::copy(root().join("crates/wellhouse").join(BESIDE), to)
        .with_context(|| format!("cargo-cyclonedx wrote no {BESIDE}"))?;
    for written in beside_manifests()? {
        fs::remove_file(written)?;
    }
    Ok(serde_json::from_str(&fs::read_to_string(to)?)?)
}

/// The files that it put beside the manifests of the workspace.
fn beside_manifests() -> Result<Vec<PathBuf>> {
    let members = ["hammer", "outage", "proving", "trial", "xtask"].map(|name| root().join(name));
    let crates: Result<Vec<PathBuf>, std::io::Error> =
        fs::read_dir(root().join("crates"))?.map(|entry| Ok(entry?.path())).collect();
    let all = members.into_iter().chain(crates?).map(|folder| folder.join(BESIDE));
    Ok(all.filter(|file| file.exists()).collect())
}

fn of_page(to: &Path) -> Result<Value> {
    let prefix = root().join("web").to_string_lossy().into_owned();
    // What builds and tests the page is in it, too: with `--omit dev` npm leaves out React as well.
    let asked = ["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"];
    let text = output("npm", &[&["--prefix", &prefix], &asked[..]].concat())
        .context("`npm sbom` failed")?;
    fs::write(to, &text)?;
    Ok(serde_json::from_str(&text)?)
}

/// The crates of the binary as cargo tells them: `name@version`.
fn crates() -> Result<BTreeSet<String>> {
    let asked =
        ["tree", "--package", "wellhouse", "--edges", "normal", "--prefix", "none", "--locked"];
    let tree = output("cargo", &asked).context("`cargo tree` failed")?;
    let named = tree.lines().filter_map(|line| {
        let (name, version) = line.split_once(" v")?;
        Some(format!("{name}@{}", version.split(' ').next().unwrap_or_default()))
    });
    Ok(named.filter(|name| !name.starts_with("wellhouse@")).collect())
}

/// The packages of the page by its lock file: `name@version`. What only builds or tests it is none.
fn packages() -> Result<BTreeSet<String>> {
    let text = fs::read_to_string(root().join("web/package-lock.json"))?;
    let lock: Value = serde_json::from_str(&text)?;
    let packages = lock.get("packages").and_then(Value::as_object);
    let named = packages.into_iter().flatten().filter_map(|(path, package)| {
        let (_, name) = path.rsplit_once("node_modules/")?;
        let left_out = ["dev", "optional", "devOptional", "peer"];
        let is_left_out = left_out.iter().any(|why| package.get(why).is_some());
        let version = package.get("version").and_then(Value::as_str)?;
        (!is_left_out).then(|| format!("{name}@{version}"))
    });
    Ok(named.collect())
}

/// The components of a bill: `name@version`, with a group as npm writes scopes.
fn components(bill: &Value) -> BTreeSet<String> {
    let all = bill.get("components").and_then(Value::as_array);
    let named = all.into_iter().flatten().filter_map(|component| {
        let of = |key: &str| component.get(key).and_then(Value::as_str);
        let scope = of("group").map(|group| format!("{group}/")).unwrap_or_default();
        Some(format!("{scope}{}@{}", of("name")?, of("version")?))
    });
    named.collect()
}

fn is_whole(file: &str, bill: &Value, wanted: &BTreeSet<String>) -> Result<()> {
    let there = components(bill);
    let missing: Vec<&String> = wanted.difference(&there).collect();
    if !missing.is_empty() || wanted.is_empty() {
        bail!("{file} has {} components and lacks {missing:?}", there.len());
    }
    say(&format!("{file}: {} components", there.len()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::{is_whole, packages};

    #[test]
    fn a_bill_that_lacks_a_component_is_none() {
        let bill = json!({ "components": [
            { "name": "ring", "version": "0.17.14" },
            { "group": "@tanstack", "name": "react-query", "version": "5.0.0" },
        ] });
        let wanted = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        for (names, whole) in [
            (&["ring@0.17.14", "@tanstack/react-query@5.0.0"][..], true),
            (&["ring@0.17.15"], false),
            (&["ring@0.17.14", "rustls@0.23.46"], false),
            (&[], false),
        ] {
            let wanted: BTreeSet<String> = wanted(names);
            assert_eq!(is_whole("x", &bill, &wanted).is_ok(), whole, "{names:?}");
        }
    }

    #[test]
    fn the_page_is_built_of_packages_and_not_of_what_tests_it() {
        let packages = packages().expect("a lock file");
        let has = |name: &str| packages.iter().any(|package| package.starts_with(name));
        assert!(has("react@") && has("@tanstack/react-query@"), "{packages:?}");
        assert!(!has("vitest@") && !has("@playwright/test@"), "{packages:?}");
    }
}
