//! Grants by which nobody can have done anything.

use std::collections::BTreeSet;

use jiff::Timestamp;
use wh_ledger::{GrantRow, Ledger, LedgerError, RoleUserPlace};
use wh_names::{RoleName, Uid};

use crate::Census;

/// A grant by which nobody can have done anything: whoever holds it used the role nowhere in its folder.
#[derive(Debug, Clone)]
pub struct UnusedGrant {
    /// The grant.
    pub grant: GrantRow,
    /// What the person or group is called that it is given to; none for everyone.
    pub subject_name: Option<String>,
}

/// The grants of a role that nobody used, among those that count now.
pub(super) async fn unused(
    ledger: &Ledger,
    asked: (&RoleName, Timestamp),
    at: Timestamp,
) -> Result<Vec<UnusedGrant>, LedgerError> {
    let mut census = Census::read(ledger, at).await?;
    let (role, _) = asked;
    census.grants.retain(|grant| grant.role == *role && grant.counts_at(at));
    let mut left: BTreeSet<String> =
        census.grants.iter().map(|grant| grant.id.as_str().to_owned()).collect();
    let mut last: Option<RoleUserPlace> = None;
    let mut held: (String, Vec<GrantRow>) = (String::new(), Vec::new());
    while !left.is_empty() {
        let page = ledger.role_user_places(asked, last.as_ref()).await?;
        for row in &page {
            if held.0 != row.who {
                held = (row.who.clone(), of_whom(&census, &row.who));
            }
            let used = held.1.iter().filter(|grant| may_be(grant, row));
            for grant in used {
                left.remove(grant.id.as_str());
            }
        }
        let Some(end) = page.last() else { break };
        last = Some(end.clone());
    }
    let unused = census.grants.iter().filter(|grant| left.contains(grant.id.as_str()));
    let unused = unused.map(|grant| UnusedGrant {
        grant: grant.clone(),
        subject_name: census.subject_name(grant).map(str::to_owned),
    });
    Ok(unused.collect())
}

/// The grants that count for somebody, with `${uid}` filled in; machines hold none.
fn of_whom(census: &Census, who: &str) -> Vec<GrantRow> {
    let Ok(uid) = Uid::parse(who) else { return Vec::new() };
    census.held_by(&uid).into_iter().map(|(grant, _)| grant).collect()
}

/// Whether something that was done at a place may have been done by a grant.
fn may_be(grant: &GrantRow, row: &RoleUserPlace) -> bool {
    let Some(folder) = row.place.get(1..) else { return false };
    let (folder, prefix) = (folder.replace("${uid}", &row.who), grant.prefix.as_str());
    grant.bucket.as_str() == row.bucket
        && (folder.starts_with(prefix) || prefix.starts_with(&folder))
}
