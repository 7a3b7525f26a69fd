//! Whether the providers by which people sign in answer as they must.

use wh_ledger::Ledger;

use super::Line;
use super::house::private;
use crate::config::Config;
use crate::{operator, providers};

/// How it stands with every provider of the configuration.
pub(super) async fn look(config: &Config) -> Vec<Line> {
    let configured = &config.people.providers;
    if configured.is_empty() {
        return Vec::new();
    }
    let secret = |one: &crate::config::ProviderConfig| {
        let file = one.client_secret_file.as_deref()?;
        Some(private(&format!("secret of provider {}", one.id), file))
    };
    let mut lines: Vec<Line> = configured.iter().filter_map(secret).collect();
    let faults = match faults(config).await {
        Ok(faults) => faults,
        Err(error) => {
            let fix = "mend what is named; docs/single-sign-on.md lists every key";
            lines.push(Line::wrong("providers", format!("{error:#}"), fix));
            return lines;
        }
    };
    for one in configured {
        let what = format!("provider {}", one.id);
        lines.push(match faults.iter().find(|(id, _)| *id == one.id) {
            None => {
                let back = format!("{}/sign-in/{}", config.portal_url(), one.id);
                Line::good(what, format!("it answers; its client must know {back}"))
            }
            Some((_, why)) => {
                let fix = "is people.providers issuer exactly what the provider says?";
                Line::wrong(what, why.clone(), fix)
            }
        });
    }
    lines
}

async fn faults(config: &Config) -> anyhow::Result<Vec<(String, String)>> {
    // Who they are is not asked of the ledger: it may be in use.
    let ledger = Ledger::in_memory().await?;
    let sign_on = providers::sign_on(config)?;
    let people = operator::people(config, &ledger, sign_on)?;
    Ok(people.provider_faults().await)
}
