//! The providers of the house, and what is known of them.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use wh_issuers::{FetchKeys, KeySets};

use crate::providers::discovery::{Discovery, Doors};
use crate::providers::{Outbound, Provider, ProviderError, SignOnOptions};

/// A provider with what is known of it.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) provider: Provider,
    discovery: Discovery,
}

/// All of them, in the order of their buttons.
#[derive(Debug)]
pub(crate) struct Providers {
    known: Vec<Known>,
    issuers: Vec<String>,
    pub(crate) outbound: Outbound,
    /// For so long after somebody last came the groups count that a provider's word gave.
    pub(crate) groups_last: SignedDuration,
    pub(crate) keys: KeySets,
    /// Where people reach the portal, without `/` at the end.
    origin: String,
}

impl Providers {
    pub(crate) fn new(options: SignOnOptions, origins: &[String]) -> Self {
        let SignOnOptions { providers, outbound, groups_last } = options;
        let asked = outbound.clone();
        let fetch = FetchKeys::new(move |address| {
            let asked = asked.clone();
            async move { asked.get(&address).await }
        });
        let issuers = providers.iter().map(|one| one.options().issuer.clone()).collect();
        let known = providers.into_iter();
        let known = known.map(|provider| Known { provider, discovery: Discovery::default() });
        let origin = origins.first().map(|origin| origin.trim_end_matches('/').to_owned());
        Self {
            known: known.collect(),
            issuers,
            outbound,
            groups_last,
            keys: KeySets::new(fetch),
            origin: origin.unwrap_or_default(),
        }
    }

    /// The issuers by which somebody can sign in.
    pub(crate) fn issuers(&self) -> &[String] {
        &self.issuers
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Provider> {
        self.known.iter().map(|known| &known.provider)
    }

    pub(crate) fn find(&self, id: &str) -> Result<&Known, ProviderError> {
        let known = self.known.iter().find(|known| known.provider.options().id == id);
        known.ok_or(ProviderError::NoSuchProvider)
    }

    /// Where a provider sends browsers back to: an address of its own for each, so that an answer of one
    /// is never taken for another's.
    pub(crate) fn redirect_uri(&self, provider: &Provider) -> String {
        format!("{}/sign-in/{}", self.origin, provider.options().id)
    }

    /// The doors of a provider.
    pub(crate) async fn doors(
        &self,
        known: &Known,
        now: Timestamp,
    ) -> Result<Arc<Doors>, ProviderError> {
        let doors = known.discovery.doors(&known.provider, &self.outbound, now).await;
        doors.map_err(|_| unavailable(&known.provider))
    }

    /// What is wrong with each provider that cannot be asked, by its short name.
    pub(crate) async fn faults(&self, now: Timestamp) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        for known in &self.known {
            let asked = known.discovery.doors(&known.provider, &self.outbound, now).await;
            if let Err(why) = asked {
                faults.push((known.provider.options().id.clone(), why));
            }
        }
        faults
    }
}

/// The provider did not answer as it must.
pub(crate) fn unavailable(provider: &Provider) -> ProviderError {
    ProviderError::Unavailable { name: provider.options().name.clone() }
}
