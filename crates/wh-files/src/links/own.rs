//! Links as those see them who made them, and administrators: listed, and revoked for good.

use std::collections::BTreeMap;

use wh_ledger::{GrantRow, LedgerError, RowId, ShareLinkFilter, ShareLinkRow};
use wh_names::Uid;
use wh_people::{Administrator, NamedPerson, Person};

use super::{LinkError, LinkRecord, LinkState, end_of, state_of};
use crate::{EntryPath, Files};

/// How many links a page has at most.
pub const LINKS_PAGE_MAX: u32 = 50;

/// The persons of some links or requests: what they are called, and what they are granted now.
pub(crate) type Owners = BTreeMap<Uid, (Option<String>, Vec<GrantRow>)>;

impl Files {
    /// One's own links, the newest first, from the one after `cursor` on; those that ended are remembered
    /// for a while. By an API token: those to what the token is for.
    pub async fn own_links(
        &self,
        person: &Person,
        cursor: Option<&RowId>,
    ) -> Result<(Vec<LinkRecord>, Option<RowId>), LinkError> {
        let filter = ShareLinkFilter { uid: Some(person.uid()), before: cursor, at: None };
        let (rows, next) = self.page(filter).await?;
        let mut links = self.told_of(rows).await?;
        if person.scope().is_some() {
            let grants = self.options.people.grants_for(person).await?;
            links.retain(|link| grants.iter().any(|grant| grant.id == link.row.grant_id));
        }
        Ok((links, next))
    }

    /// One's own links to one thing, the newest first.
    pub async fn links_at(
        &self,
        person: &Person,
        location: &str,
        path: &EntryPath,
    ) -> Result<Vec<LinkRecord>, LinkError> {
        let access = self.access(person, location).await?;
        let at = Some((access.grant.id.as_str(), path.as_str()));
        let filter = ShareLinkFilter { uid: Some(person.uid()), before: None, at };
        let (rows, _more) = self.page(filter).await?;
        Ok(self.told_of(rows).await?)
    }

    /// Everybody's links, the newest first, from the one after `cursor` on.
    pub async fn all_links(
        &self,
        _administrator: &Administrator,
        cursor: Option<&RowId>,
    ) -> Result<(Vec<LinkRecord>, Option<RowId>), LinkError> {
        let filter = ShareLinkFilter { uid: None, before: cursor, at: None };
        let (rows, next) = self.page(filter).await?;
        Ok((self.told_of(rows).await?, next))
    }

    /// Revokes a link for good: one's own, and as administrator anybody's. What was issued for it counts no
    /// more. What it was comes back.
    pub async fn revoke_link(
        &self,
        person: &Person,
        id: &RowId,
    ) -> Result<ShareLinkRow, LinkError> {
        let ledger = &self.options.ledger;
        let row = ledger.share_link_by_id(id).await?.ok_or(LinkError::NoSuchLink)?;
        let own = row.uid == *person.uid();
        if !own && person.administrator().is_err() {
            return Err(LinkError::NoSuchLink);
        }
        if own && person.scope().is_some() {
            let grants = self.options.people.grants_for(person).await?;
            if !grants.iter().any(|grant| grant.id == row.grant_id) {
                return Err(LinkError::NoSuchLink);
            }
        }
        if !ledger.revoke_share_link(id, Some(&row.uid), self.options.clock.now()).await? {
            return Err(LinkError::NoSuchLink);
        }
        self.forget(&row.uid);
        Ok(row)
    }

    async fn page(
        &self,
        filter: ShareLinkFilter<'_>,
    ) -> Result<(Vec<ShareLinkRow>, Option<RowId>), LedgerError> {
        let more = LINKS_PAGE_MAX.saturating_add(1);
        let mut rows = self.options.ledger.share_links(filter, more).await?;
        let full = usize::try_from(LINKS_PAGE_MAX).unwrap_or(usize::MAX);
        let next = if rows.len() > full {
            rows.truncate(full);
            rows.last().map(|row| row.id.clone())
        } else {
            None
        };
        Ok((rows, next))
    }

    async fn told_of(&self, rows: Vec<ShareLinkRow>) -> Result<Vec<LinkRecord>, LedgerError> {
        let (rules, now) = (self.link_rules().await?, self.options.clock.now());
        let owners = self.owners(rows.iter().map(|row| &row.uid)).await?;
        let told = rows.into_iter().map(|row| {
            let owner = owners.get(&row.uid);
            let granted =
                owner.and_then(|(_, grants)| grants.iter().find(|g| g.id == row.grant_id));
            let state = match state_of(&row, &rules, now) {
                LinkState::Active if granted.is_none() => LinkState::NotGranted,
                state @ (LinkState::Active
                | LinkState::Revoked
                | LinkState::Expired
                | LinkState::UsedUp
                | LinkState::Closed
                | LinkState::Barred
                | LinkState::NotGranted) => state,
            };
            LinkRecord {
                state,
                ends: end_of(&row, &rules),
                owner: NamedPerson {
                    uid: row.uid.clone(),
                    name: owner.and_then(|(name, _)| name.clone()),
                },
                place: granted.map(|grant| (grant.bucket.clone(), grant.prefix.clone())),
                row,
            }
        });
        Ok(told.collect())
    }

    /// The persons of some links or requests.
    pub(crate) async fn owners(
        &self,
        uids: impl Iterator<Item = &Uid>,
    ) -> Result<Owners, LedgerError> {
        let mut owners = Owners::new();
        for uid in uids {
            if owners.contains_key(uid) {
                continue;
            }
            let person = self.options.people.on_behalf_of(uid).await?;
            let owner = match person {
                Some(person) => {
                    let grants = self.options.people.grants_for(&person).await?;
                    (Some(person.name().to_owned()), grants)
                }
                None => (None, Vec::new()),
            };
            owners.insert(uid.clone(), owner);
        }
        Ok(owners)
    }
}
