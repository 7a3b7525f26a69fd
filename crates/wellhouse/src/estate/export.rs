//! `wellhouse export` and `wellhouse provisioner-policy`: the estate for other tools, and what whoever
//! makes it must be allowed.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use wh_provision::{Duty, ExportedFile, Format};

use super::{Which, counted};
use crate::config::Config;
use crate::output::say_document;
use crate::{Ended, say};

/// Export the estate for CloudFormation, Terraform, or as a folder of its description and policies
///
/// With --alarms not the estate, but alarms on it: a stack of its own, beside whatever made the estate.
#[derive(clap::Args)]
pub(crate) struct Export {
    #[command(flatten)]
    which: Which,
    /// For what
    #[arg(long, value_enum)]
    format: Into,
    /// Alarms on the estate: who is refused too often, who changes it, who becomes its roles
    #[arg(long)]
    alarms: bool,
    /// The folder to write to, made where it is missing; nothing in it is written over [default: a
    /// single file is printed]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Into {
    Cloudformation,
    Terraform,
    Json,
}

impl From<Into> for Format {
    fn from(into: Into) -> Self {
        match into {
            Into::Cloudformation => Self::CloudFormation,
            Into::Terraform => Self::Terraform,
            Into::Json => Self::Json,
        }
    }
}

/// Runs it.
pub(crate) fn export(config: &Config, asked: &Export) -> Result<Ended> {
    let (estate, format) = (asked.which.estate(config)?, asked.format.into());
    let files = if asked.alarms {
        wh_provision::export_alarms(&estate, format)?
    } else {
        wh_provision::export(&estate, format)?
    };
    let Some(folder) = &asked.folder else {
        let [file] = files.as_slice() else {
            bail!("this is {}: say --folder DIR", counted(files.len(), "file"));
        };
        say_document(file.text.trim_end());
        return Ok(Ended::Done);
    };
    for ExportedFile { path, text } in &files {
        let to = folder.join(path);
        let shown = to.display();
        if to.exists() {
            bail!("{shown} is there already: nothing is written over");
        }
        let parent = to.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
        std::fs::write(&to, text).with_context(|| format!("writing {shown}"))?;
    }
    say(&format!("{} written to {}.", counted(files.len(), "file"), folder.display()));
    Ok(Ended::Done)
}

/// Print the IAM policy that whoever runs plan, apply and verify needs, and no more
///
/// The policy for reading writes nothing. The everyday policy opens nothing beyond what the boundaries of
/// the estate's roles leave. Where a plan says that it takes more, the policy for the set-up does it:
/// whoever has that one can become an administrator of the account.
#[derive(clap::Args)]
pub(crate) struct ProvisionerPolicy {
    #[command(flatten)]
    which: Which,
    /// For what
    #[arg(long = "for", value_enum, default_value_t = For::Everyday)]
    duty: For,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum For {
    /// plan, verify --no-probes and what adopt shows: writes nothing
    Read,
    /// plan, verify, and each apply whose plan does not ask for more
    Everyday,
    /// Beside the everyday policy: for the first apply, and any whose plan says so
    SetUp,
    /// destroy, without buckets and key
    Destroy,
    /// destroy with --delete-data and --delete-key
    DestroyWithData,
}

impl From<For> for Duty {
    fn from(duty: For) -> Self {
        match duty {
            For::Read => Self::Read,
            For::Everyday => Self::Everyday,
            For::SetUp => Self::SetUp,
            For::Destroy => Self::Destroy,
            For::DestroyWithData => Self::DestroyWithData,
        }
    }
}

/// Runs it.
pub(crate) fn provisioner_policy(config: &Config, asked: &ProvisionerPolicy) -> Result<Ended> {
    let policy = wh_provision::provisioner_policy(&asked.which.estate(config)?, asked.duty.into())?;
    say_document(&policy.document.to_json_pretty());
    Ok(Ended::Done)
}
