//! Providers by which people sign in, as they are configured, and how they are asked.

use anyhow::Result;
use jiff::SignedDuration;
use wh_people::{Asking, Outbound, PROVIDER_ANSWER_BYTES_MAX, People, SignOnOptions};

use crate::config::{Config, ProviderConfig};

/// The providers of the configuration, with their secrets.
pub(crate) fn sign_on(config: &Config) -> Result<SignOnOptions> {
    let providers = config.people.providers.iter().map(ProviderConfig::with_secret);
    let outbound = Outbound::new(|asking| async move { ask(&asking).await });
    let days = i64::from(config.people.provider_groups_days);
    let groups_last = SignedDuration::from_hours(24 * days);
    Ok(SignOnOptions { providers: providers.collect::<Result<_>>()?, outbound, groups_last })
}

async fn ask(asking: &Asking) -> Result<(u16, Vec<u8>), String> {
    let sent = (asking.form.as_ref(), asking.authorization.as_ref());
    let asked = wh_aws::ask_with_form(&asking.address, sent, PROVIDER_ANSWER_BYTES_MAX).await;
    asked.map_err(|error| error.to_string())
}

/// Says at the start which providers cannot be asked. People sign in by the others, and by passwords.
pub(crate) async fn look(people: People) {
    for (provider, why) in people.provider_faults().await {
        tracing::warn!(%provider, %why, "nobody can sign in by this provider as it stands");
    }
}
