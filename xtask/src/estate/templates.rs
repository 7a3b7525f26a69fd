//! The exported templates under cfn-lint, checkov and cfn-guard.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use wh_provision::{Description, Estate, ExportedFile, Format, export, export_alarms};

use super::Finding;
use crate::run::{root, say, target};
use crate::tools;

/// The tools, as exceptions name them.
pub(super) const TOOLS: [&str; 3] = ["cfn-lint", "checkov", "cfn-guard"];

/// The estates: the least that can be said, and everything at once.
const ESTATES: [&str; 2] = ["five-lines", "everything"];

/// The services whose rules concern an estate.
const GUARDED: [&str; 5] =
    ["cloudtrail", "cloudwatch", "identityandaccessmanagement", "keymanagementservice", "s3"];

/// What each tool must find in the template that was spoilt.
const SPOILT: [(&str, &str, &str); 3] = [
    ("cfn-lint", "E3002", "FileBucket"),
    ("checkov", "CKV_AWS_21", "FileBucket"),
    ("cfn-guard", "s3_bucket_versioning_enabled_check", "FileBucket"),
];

/// What the tools find in the templates of both estates, once it is seen that they find anything.
pub(super) fn judge() -> Result<BTreeSet<Finding>> {
    let linters = Linters {
        python: tools::template_linters()?,
        guard: tools::cfn_guard()?,
        folder: target().join("estate"),
    };
    fs::create_dir_all(&linters.folder)?;
    let mut found = BTreeSet::new();
    for name in ESTATES {
        found.extend(linters.findings(name, &template(name)?)?);
        found.extend(linters.findings(&format!("{name}-alarms"), &alarms(name)?)?);
    }
    let spoilt = linters.findings("spoilt", &spoilt()?)?;
    for (tool, rule, resource) in SPOILT {
        if !spoilt.contains(&Finding::new(tool, rule, resource)) {
            bail!("{tool} did not find {rule} in a template that was spoilt: {spoilt:?}");
        }
    }
    say(&format!("{}: each found what was wrong with a spoilt template", TOOLS.join(", ")));
    Ok(found)
}

fn template(name: &str) -> Result<String> {
    only(export(&estate(name)?, Format::CloudFormation)?)
}

/// The alarms on an estate.
fn alarms(name: &str) -> Result<String> {
    only(export_alarms(&estate(name)?, Format::CloudFormation)?)
}

fn estate(name: &str) -> Result<Estate> {
    let path = root().join("tests/estates").join(format!("{name}.toml"));
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    Ok(Estate::of(Description::read(&text)?)?)
}

fn only(files: Vec<ExportedFile>) -> Result<String> {
    Ok(files.into_iter().next().context("an export without files")?.text)
}

/// A bucket without versions, and with a property that there is not.
fn spoilt() -> Result<String> {
    let mut template: Value = serde_json::from_str(&template("five-lines")?)?;
    let bucket = template.pointer_mut("/Resources/FileBucket/Properties");
    let bucket = bucket.and_then(Value::as_object_mut).context("a template without FileBucket")?;
    bucket.remove("VersioningConfiguration").context("a bucket without versions already")?;
    bucket.insert("Versioned".to_owned(), json!(true));
    Ok(template.to_string())
}

struct Linters {
    python: PathBuf,
    guard: (PathBuf, PathBuf),
    folder: PathBuf,
}

impl Linters {
    fn findings(&self, name: &str, template: &str) -> Result<BTreeSet<Finding>> {
        let path = self.folder.join(format!("{name}.json"));
        fs::write(&path, template)?;
        let mut found = self.cfn_lint(&path)?;
        found.extend(self.checkov(&path)?);
        found.extend(self.cfn_guard(&path)?);
        Ok(found)
    }

    fn cfn_lint(&self, template: &Path) -> Result<BTreeSet<Finding>> {
        let mut lint = Command::new(self.python.join("bin/cfn-lint"));
        lint.args(["--format", "json", "--"]).arg(template);
        let told = printed(lint)?;
        let told = told.as_array().context("cfn-lint printed no list")?;
        let finding = |told: &Value| {
            let rule = told.pointer("/Rule/Id")?.as_str()?;
            let resource = told.pointer("/Location/Path/1").and_then(Value::as_str);
            Some(Finding::new("cfn-lint", rule, resource.unwrap_or("the template")))
        };
        told.iter().map(|told| finding(told).context("a finding without a rule")).collect()
    }

    fn checkov(&self, template: &Path) -> Result<BTreeSet<Finding>> {
        let mut checkov = Command::new(self.python.join("bin/checkov"));
        checkov.args(["--framework", "cloudformation", "--output", "json", "--compact", "--quiet"]);
        // Without this it asks its maker for texts about findings.
        checkov.args(["--skip-download", "--file"]).arg(template);
        let told = printed(checkov)?;
        let passed = told.pointer("/summary/passed").and_then(Value::as_u64);
        if passed.is_none_or(|passed| passed == 0) {
            bail!("checkov passed nothing in {}: it has read nothing", template.display());
        }
        let failed = told.pointer("/results/failed_checks").and_then(Value::as_array);
        let finding = |told: &Value| {
            let resource = told.get("resource")?.as_str()?.rsplit('.').next()?;
            Some(Finding::new("checkov", told.get("check_id")?.as_str()?, resource))
        };
        let failed = failed.into_iter().flatten();
        failed.map(|told| finding(told).context("a finding without a rule")).collect()
    }

    fn cfn_guard(&self, template: &Path) -> Result<BTreeSet<Finding>> {
        let (program, rules) = &self.guard;
        let mut guard = Command::new(program);
        guard.args([
            "validate",
            "--structured",
            "--output-format",
            "json",
            "--show-summary",
            "none",
        ]);
        for service in GUARDED {
            guard.arg("--rules").arg(rules.join(service));
        }
        guard.arg("--data").arg(template);
        let told = printed(guard)?;
        let told = told.get(0).context("cfn-guard printed no report")?;
        let list = |name: &str| told.get(name).and_then(Value::as_array);
        if list("compliant").is_none_or(Vec::is_empty) {
            bail!("cfn-guard passed nothing in {}: it has read nothing", template.display());
        }
        let mut found = BTreeSet::new();
        for broken in list("not_compliant").into_iter().flatten() {
            let rule = broken.pointer("/Rule/name").and_then(Value::as_str);
            let rule = rule.context("a rule without a name")?;
            let mut resources = BTreeSet::new();
            resources_of(broken, &mut resources);
            found.extend(resources.iter().map(|of| Finding::new("cfn-guard", rule, of)));
        }
        Ok(found)
    }
}

/// The resources that a report of cfn-guard's speaks of, by the paths in it.
fn resources_of(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(pairs) => {
            let path = pairs.get("path").and_then(Value::as_str);
            let of = path.and_then(|path| path.strip_prefix("/Resources/"));
            found.extend(of.and_then(|path| path.split('/').next()).map(str::to_owned));
            pairs.values().for_each(|value| resources_of(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| resources_of(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What a tool printed; that it found something is told by its exit code, too, which is not needed.
fn printed(mut command: Command) -> Result<Value> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("{program} did not start"))?;
    serde_json::from_slice(&output.stdout).with_context(|| {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        format!("{program} printed no JSON ({}): {said}", output.status)
    })
}
