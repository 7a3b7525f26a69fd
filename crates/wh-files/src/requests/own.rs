//! Requests as those see them who made them, and administrators: listed, and revoked for good.

use wh_ledger::{FileRequestFilter, FileRequestRow, LedgerError, RowId};
use wh_people::{Administrator, NamedPerson, Person};

use super::{RequestError, RequestRecord, end_of, state_of};
use crate::Files;
use crate::links::LinkState;

/// How many requests a page has at most.
pub const REQUESTS_PAGE_MAX: u32 = 50;

impl Files {
    /// One's own requests, the newest first, from the one after `cursor` on; those that ended are remembered for a
    /// while. By an API token: those to what the token is for.
    pub async fn own_requests(
        &self,
        person: &Person,
        cursor: Option<&RowId>,
    ) -> Result<(Vec<RequestRecord>, Option<RowId>), RequestError> {
        let filter = FileRequestFilter { uid: Some(person.uid()), before: cursor };
        let (rows, next) = self.page_of_requests(filter).await?;
        let mut requests = self.told_of_requests(rows).await?;
        if person.scope().is_some() {
            let grants = self.options.people.grants_for(person).await?;
            requests.retain(|one| grants.iter().any(|grant| grant.id == one.row.grant_id));
        }
        Ok((requests, next))
    }

    /// Everybody's requests, the newest first, from the one after `cursor` on.
    pub async fn all_requests(
        &self,
        _administrator: &Administrator,
        cursor: Option<&RowId>,
    ) -> Result<(Vec<RequestRecord>, Option<RowId>), RequestError> {
        let filter = FileRequestFilter { uid: None, before: cursor };
        let (rows, next) = self.page_of_requests(filter).await?;
        Ok((self.told_of_requests(rows).await?, next))
    }

    /// Revokes a request for good: one's own, and as administrator anybody's. What was issued for it counts no
    /// more. What it was comes back.
    pub async fn revoke_request(
        &self,
        person: &Person,
        id: &RowId,
    ) -> Result<FileRequestRow, RequestError> {
        let ledger = &self.options.ledger;
        let row = ledger.file_request_by_id(id).await?.ok_or(RequestError::NoSuchRequest)?;
        let own = row.uid == *person.uid();
        if !own && person.administrator().is_err() {
            return Err(RequestError::NoSuchRequest);
        }
        if own && person.scope().is_some() {
            let grants = self.options.people.grants_for(person).await?;
            if !grants.iter().any(|grant| grant.id == row.grant_id) {
                return Err(RequestError::NoSuchRequest);
            }
        }
        if !ledger.revoke_file_request(id, &row.uid, self.options.clock.now()).await? {
            return Err(RequestError::NoSuchRequest);
        }
        self.forget(&row.uid);
        Ok(row)
    }

    async fn page_of_requests(
        &self,
        filter: FileRequestFilter<'_>,
    ) -> Result<(Vec<FileRequestRow>, Option<RowId>), LedgerError> {
        let more = REQUESTS_PAGE_MAX.saturating_add(1);
        let mut rows = self.options.ledger.file_requests(filter, more).await?;
        let full = usize::try_from(REQUESTS_PAGE_MAX).unwrap_or(usize::MAX);
        let next = if rows.len() > full {
            rows.truncate(full);
            rows.last().map(|row| row.id.clone())
        } else {
            None
        };
        Ok((rows, next))
    }

    async fn told_of_requests(
        &self,
        rows: Vec<FileRequestRow>,
    ) -> Result<Vec<RequestRecord>, LedgerError> {
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
            let name = owner.and_then(|(name, _)| name.clone());
            RequestRecord {
                state,
                ends: end_of(&row, &rules),
                owner: NamedPerson { uid: row.uid.clone(), name },
                place: granted.map(|grant| (grant.bucket.clone(), grant.prefix.clone())),
                row,
            }
        });
        Ok(told.collect())
    }
}
