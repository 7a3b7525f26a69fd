//! The providers that may be chosen, and the sign-ins that somebody has linked.

use jiff::Timestamp;
use wh_ledger::{AuditRecord, IdentityRow, LedgerError, RowId, WayTaken};
use wh_names::Uid;

use crate::mail::Notice;
use crate::providers::ProviderError;
use crate::{
    AdministrationError, Administrator, Peer, People, Person, Proven, ProvenAdministrator,
};

/// A provider, as whoever signs in sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderName {
    /// Its short name in addresses.
    pub id: String,
    /// What people read on the button.
    pub name: String,
}

/// A sign-in that is linked to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRecord {
    /// What the link is called.
    pub id: String,
    /// The provider, as people read it; its issuer where it is not configured any more.
    pub provider: String,
    /// Whether it can be used still.
    pub usable: bool,
    /// What the provider calls the person.
    pub label: Option<String>,
    /// When it was linked.
    pub linked: Timestamp,
    /// When it was last used.
    pub used: Option<Timestamp>,
    /// Whether it was linked to an account that was there.
    pub added: bool,
}

/// By what somebody signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedSignIns {
    /// What is linked, the oldest first.
    pub identities: Vec<IdentityRecord>,
    /// The providers by which they can prove once more who they are.
    pub proofs: Vec<ProviderName>,
    /// Whether there is a password.
    pub password: bool,
}

impl People {
    /// The providers, in the order of their buttons.
    pub fn provider_names(&self) -> Vec<ProviderName> {
        let name = |provider: &crate::Provider| ProviderName {
            id: provider.options().id.clone(),
            name: provider.options().name.clone(),
        };
        self.providers().all().map(name).collect()
    }

    /// What is wrong with each provider that does not answer as it must, by its short name.
    pub async fn provider_faults(&self) -> Vec<(String, String)> {
        self.providers().faults(self.now()).await
    }

    /// One's own linked sign-ins.
    pub async fn linked_sign_ins(&self, person: &Person) -> Result<LinkedSignIns, LedgerError> {
        let rows = self.ledger().identities_of(person.uid()).await?;
        let row = self.ledger().person(person.uid()).await?;
        let linked = |issuer: &str| rows.iter().any(|row| row.issuer == issuer);
        let proofs = self.providers().all().filter(|one| linked(&one.options().issuer));
        let proofs: Vec<String> = proofs.map(|one| one.options().id.clone()).collect();
        let named = self.provider_names().into_iter().filter(|name| proofs.contains(&name.id));
        Ok(LinkedSignIns {
            proofs: named.collect(),
            password: row.is_some_and(|row| row.password_phc.is_set()),
            identities: rows.into_iter().map(|row| self.identity_record(row)).collect(),
        })
    }

    /// The linked sign-ins of a person.
    pub async fn identities_of(
        &self,
        _administrator: &Administrator,
        uid: &Uid,
    ) -> Result<Vec<IdentityRecord>, AdministrationError> {
        self.existing(uid).await?;
        let rows = self.ledger().identities_of(uid).await?.into_iter();
        Ok(rows.map(|row| self.identity_record(row)).collect())
    }

    /// Takes one's own link away. All sessions but this one end.
    pub async fn unlink(
        &self,
        proven: &Proven,
        id: &str,
        peer: &Peer,
    ) -> Result<(), ProviderError> {
        let id = RowId::parse(id).map_err(|_| ProviderError::Absent)?;
        let uid = proven.person().uid();
        let what = format!("identity/{}", id.as_str());
        let record = self.provider_record("UnlinkIdentity", (uid, &what), peer);
        let kept = proven.person().session_digest();
        let left = (&kept, self.providers().issuers());
        let ledger = self.ledger().with_mails(self.notice(uid, &Notice::SignInUnlinked));
        match ledger.remove_identity((uid, &id), left, &record).await? {
            WayTaken::Done => Ok(()),
            WayTaken::Absent => Err(ProviderError::Absent),
            WayTaken::Last => Err(ProviderError::LastWay),
        }
    }

    /// Takes a link of somebody else away. Every session of theirs ends, and it may be their last way to
    /// sign in.
    pub async fn unlink_for(
        &self,
        administrator: &ProvenAdministrator,
        (uid, id): (&Uid, &str),
        peer: &Peer,
    ) -> Result<(), ProviderError> {
        let id = RowId::parse(id).map_err(|_| ProviderError::Absent)?;
        let record = self.factor_record("UnlinkIdentity", (uid, administrator.uid()), peer);
        let resource = format!("person/{uid}/identity/{id}");
        self.unlink_recorded((uid, &id), AuditRecord { resource, ..record }).await
    }

    /// The same by whoever the record names.
    pub async fn unlink_recorded(
        &self,
        (uid, id): (&Uid, &RowId),
        record: AuditRecord,
    ) -> Result<(), ProviderError> {
        let mails = self.notice(uid, &Notice::SignInUnlinkedFor);
        let ledger = self.ledger().with_mails(mails);
        match ledger.remove_identity_of((uid, id), self.administration(), &record).await? {
            WayTaken::Done => {
                // Once more with the time after the commit: a role may have been assumed between.
                Ok(self.ledger().revoke_person(uid, self.now()).await?)
            }
            WayTaken::Absent => Err(ProviderError::Absent),
            WayTaken::Last => Err(ProviderError::LastAdministrator),
        }
    }

    /// Takes people out of the groups that a provider's word gave, who did not come by it for so long that
    /// it may not hold any more, with what was issued by them: access keys and API tokens too.
    pub(crate) async fn lapse_groups(&self) -> Result<(), LedgerError> {
        let now = self.now();
        let since = now.checked_sub(self.providers().groups_last).unwrap_or(Timestamp::MIN);
        for (uid, issuer) in self.ledger().provider_groups_unused(since).await? {
            let record = self.factor_record("LapseProviderGroups", (&uid, &uid), &Peer::default());
            let record = AuditRecord {
                resource: format!("person/{uid}/groups"),
                principal: "wellhouse".to_owned(),
                source_identity: None,
                detail: Some(format!("nobody came by {issuer} since {since}")),
                ..record
            };
            if self.ledger().lapse_provider_groups((&uid, &issuer), since, &record).await? {
                // Once more with the time after the commit: a role may have been assumed between.
                self.ledger().revoke_person(&uid, self.now()).await?;
            }
        }
        Ok(())
    }

    /// Whether somebody is linked to a provider whose second factor counts.
    pub(crate) async fn is_linked_strongly(&self, uid: &Uid) -> Result<bool, LedgerError> {
        let strong = |row: &IdentityRow| {
            let provider = self.providers().all().find(|one| one.options().issuer == row.issuer);
            provider.is_some_and(crate::Provider::has_factor)
        };
        Ok(self.ledger().identities_of(uid).await?.iter().any(strong))
    }

    fn identity_record(&self, row: IdentityRow) -> IdentityRecord {
        let provider = self.providers().all().find(|one| one.options().issuer == row.issuer);
        IdentityRecord {
            id: row.id.as_str().to_owned(),
            usable: provider.is_some(),
            provider: provider.map_or(row.issuer, |one| one.options().name.clone()),
            label: row.label,
            linked: row.linked_at,
            used: row.used_at,
            added: row.added,
        }
    }

    /// What the word of a provider does to a person.
    pub(crate) fn provider_record(
        &self,
        operation: &str,
        (uid, what): (&Uid, &str),
        peer: &Peer,
    ) -> AuditRecord {
        let record = self.factor_record(operation, (uid, uid), peer);
        AuditRecord { resource: format!("person/{uid}/{what}"), ..record }
    }
}
