//! A folder: the description as TOML, and every policy as JSON.

use super::{ExportedFile, names, policy_file};
use crate::estate::Estate;

pub(super) fn folder(estate: &Estate) -> Vec<ExportedFile> {
    let description =
        ExportedFile { path: "estate.toml".to_owned(), text: estate.description().to_toml() };
    let policies = names::policies(estate).into_iter();
    let policies = policies
        .map(|(name, policy)| policy_file(format!("policies/{name}.json"), &policy.document));
    [description].into_iter().chain(policies).collect()
}
