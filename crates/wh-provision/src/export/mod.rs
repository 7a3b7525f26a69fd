//! The estate for other tools: a CloudFormation template, a Terraform configuration, or a folder of
//! the description and its policies.
//!
//! All are made from the same values that are applied. A test reads templates and configurations back
//! and plans against the result: what differs from an `apply` is listed in one file, with the reason.

mod alarms;
mod cloudformation;
mod folder;
mod names;
mod terraform;

use serde_json::{Map, Value};
use wh_policy::PolicyDocument;

use crate::description::Target;
use crate::estate::Estate;

pub use alarms::export_alarms;

/// The name of our lifecycle rule and of our CORS rule, as `apply` writes them: rules of other names
/// are others' to it.
const OUR_RULE: &str = "wellhouse";
/// The name of the rule that clears delete markers away where objects expire: S3 takes both in one
/// rule only where no days are given.
const MARKERS_RULE: &str = "wellhouse-markers";
/// The name of our selector of a trail.
const SELECTOR: &str = "Wellhouse: every read and write of an object";

/// What to export for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One template of AWS CloudFormation, as JSON.
    CloudFormation,
    /// `main.tf.json` and a folder of policies, for Terraform with the AWS provider 6.37 or newer.
    Terraform,
    /// `estate.toml` and a folder of policies, as JSON.
    Json,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::CloudFormation, Self::Terraform, Self::Json];

    /// As it is written on a command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CloudFormation => "cloudformation",
            Self::Terraform => "terraform",
            Self::Json => "json",
        }
    }
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedFile {
    /// Where it belongs below the export's folder, with `/` between folders.
    pub path: String,
    /// What it holds, ending in a line feed.
    pub text: String,
}

/// Why an estate cannot be exported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// Tools for AWS cannot reach our own endpoint's estate.
    #[error(
        "{} makes estates on AWS, and this one is kept by Wellhouse's own endpoint: write \
         target = \"aws\" in the description, or export json", .0.as_str()
    )]
    NotOnAws(Format),
    /// A folder of policies holds no alarms.
    #[error("alarms are exported for cloudformation or terraform: json is the estate itself")]
    NoAlarms,
}

impl ExportError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotOnAws(_) => "not-on-aws",
            Self::NoAlarms => "no-alarms",
        }
    }
}

/// The estate for another tool, as files.
pub fn export(estate: &Estate, format: Format) -> Result<Vec<ExportedFile>, ExportError> {
    match (format, estate.target()) {
        (Format::CloudFormation | Format::Terraform, Target::Embedded) => {
            Err(ExportError::NotOnAws(format))
        }
        (Format::CloudFormation, Target::Aws) => Ok(vec![cloudformation::template(estate)]),
        (Format::Terraform, Target::Aws) => Ok(terraform::configuration(estate)),
        (Format::Json, Target::Aws | Target::Embedded) => Ok(folder::folder(estate)),
    }
}

/// A policy as a value. What a policy prints is JSON.
fn value_of(document: &PolicyDocument) -> Value {
    serde_json::from_str(&document.to_json()).unwrap_or_default()
}

/// A file of JSON, made to be read by people, too.
fn json_file(path: &str, value: &Value) -> ExportedFile {
    ExportedFile { path: path.to_owned(), text: format!("{value:#}\n") }
}

/// A file with one policy.
fn policy_file(path: String, document: &PolicyDocument) -> ExportedFile {
    ExportedFile { path, text: format!("{}\n", document.to_json_pretty()) }
}

/// An object of the pairs that are not null.
fn object<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    let there = pairs.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(there.map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>())
}
