//! Somebody whom a provider names and the house does not know: who may come in becomes a person.

use wh_ledger::{IdentityRow, LedgerError, PasswordPhc};

use crate::name::PersonName;
use crate::providers::vouch::Vouch;
use crate::providers::{Provider, ProviderError};
use crate::provision::{Entry, Identity, Way, admission};
use crate::throttle::Key;
use crate::{Peer, People};

/// So many names are tried that others have already: `ada`, `ada-2` and so on.
const NAMES_TRIED: usize = 9;

impl People {
    /// Makes a person of whom a provider vouches for, if the house lets them in. They have no password.
    pub(crate) async fn come_in(
        &self,
        provider: &Provider,
        vouch: &Vouch,
        peer: &Peer,
    ) -> Result<IdentityRow, ProviderError> {
        let settings = self.settings_now().await?;
        let address = vouch.email.as_ref().and_then(|address| provider.vouches_for(address));
        let way = Way::Provider(address);
        let admitted = admission(&settings, &way, self.mailing())?;
        let keys = peer.ip.map(Key::registration).into_iter().collect();
        let attempt = self.throttle().admit(keys, self.now());
        attempt.map(drop).map_err(|retry_after| ProviderError::Throttled { retry_after })?;
        for name in self.names_for(vouch) {
            let (email, password_phc) = (vouch.email.clone(), PasswordPhc::none());
            let identity = Identity { name, email, password_phc };
            let new = self.provision(identity, admitted, &settings, self.now());
            let uid = &new.person.uid;
            let link = IdentityRow { added: false, ..self.identity_row(provider, vouch, uid) };
            let record = self.provider_record("AddPersonByProvider", (uid, &link.provider), peer);
            let person = (&new.person, new.grants.as_slice());
            let mails = match admitted.entry() {
                Entry::AtOnce | Entry::ByCheck => Vec::new(),
                Entry::ByApproval | Entry::ByCheckAndApproval => {
                    self.told_of_waiting(&new.person.name).await?
                }
            };
            let ledger = self.ledger().with_mails(mails);
            match ledger.insert_person_with_identity(person, &link, &record).await {
                Ok(()) => {
                    self.begin_check(uid, vouch.email.as_ref()).await;
                    return Ok(link);
                }
                Err(LedgerError::Conflict { what: "person" }) => {}
                // They came by another door at the same moment.
                Err(LedgerError::Conflict { what: "identity" }) => {
                    let there = self.ledger().identity(&link.issuer, &link.subject).await?;
                    return there.ok_or(ProviderError::Over);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(ProviderError::NotMade)
    }

    /// The names that somebody could bear, the best first; the last one nobody has.
    fn names_for(&self, vouch: &Vouch) -> Vec<PersonName> {
        let short = |name: &String| match name.split_once('@') {
            Some((local, _)) if !local.is_empty() => local.to_owned(),
            Some(_) | None => name.clone(),
        };
        let wanted: Vec<String> = vouch.names.iter().map(short).collect();
        let numbered = wanted.iter().flat_map(|name| {
            (1..=NAMES_TRIED).map(move |at| match at {
                1 => name.clone(),
                _ => format!("{name}-{at}"),
            })
        });
        let drawn: String = format!("{:016x}", u64::from_be_bytes(self.entropy().bytes::<8>()));
        let all = numbered.chain([format!("person-{drawn}")]);
        all.filter_map(|name| PersonName::choose(&name).ok()).collect()
    }
}
