//! Plans that are kept in a file, to be applied exactly as they were reviewed.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wh_provision::{Description, Estate, Others, Plan};

/// What is kept: the estate with everything written out, and the plan.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    estate: String,
    plan: Value,
    /// Whether it was planned to take away what is others'.
    #[serde(default)]
    own_all: bool,
}

/// Writes a plan down.
pub(super) fn save(file: &Path, estate: &Estate, plan: &Plan, others: Others) -> Result<()> {
    let (estate, plan) = (estate.description().to_toml(), plan.to_json());
    let saved = Saved { estate, plan, own_all: others == Others::TakeAway };
    let text = serde_json::to_string_pretty(&saved)?;
    std::fs::write(file, text + "\n").with_context(|| format!("cannot write {}", file.display()))
}

/// Reads a plan that was written down.
pub(super) fn load(file: &Path) -> Result<Saved> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {shown}"))?;
    serde_json::from_str(&text).with_context(|| format!("{shown} is no saved plan"))
}

impl Saved {
    /// The estate that was planned for.
    pub(super) fn estate(&self) -> Result<Estate> {
        let described = Description::read(&self.estate).context("the saved plan's estate")?;
        Ok(Estate::of(described)?)
    }

    /// What was planned for what is others'.
    pub(super) fn others(&self) -> Others {
        if self.own_all { Others::TakeAway } else { Others::Keep }
    }

    /// Refuses where what is there has changed since: then the plan would be another.
    pub(super) fn check(&self, now: &Plan) -> Result<()> {
        if self.plan != now.to_json() {
            bail!(
                "what is there has changed since the plan was made, so that another plan would be \
                 applied than was reviewed: make a new one"
            );
        }
        Ok(())
    }
}
