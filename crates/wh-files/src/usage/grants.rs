//! Grants by which nobody can have done anything.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use wh_ledger::{GrantRow, GrantSubject, Ledger, RoleUserPlace, RowId};
use wh_names::{RoleName, Uid};

use crate::{Census, FilesError, worked_out};

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
) -> Result<Vec<UnusedGrant>, FilesError> {
    let census = Census::read(ledger, at).await?;
    let role = asked.0.clone();
    let mut holdings = worked_out(move || Holdings::new(census, &role)).await?;
    let mut last: Option<RoleUserPlace> = None;
    while !holdings.left.is_empty() {
        let page = ledger.role_user_places(asked, last.as_ref()).await?;
        let Some(end) = page.last() else { break };
        last = Some(end.clone());
        holdings = worked_out(move || holdings.without_those_of(&page)).await?;
    }
    worked_out(move || holdings.told()).await
}

/// The grants of a role of which no use is known yet, and who holds them.
struct Holdings {
    census: Census,
    /// By number.
    left: BTreeMap<usize, GrantRow>,
    of_persons: HashMap<Uid, Vec<usize>>,
    of_groups: HashMap<RowId, Vec<usize>>,
    of_everyone: Vec<usize>,
    groups: HashMap<Uid, Vec<RowId>>,
}

impl Holdings {
    fn new(mut census: Census, role: &RoleName) -> Self {
        let at = census.at;
        let grants = std::mem::take(&mut census.grants).into_iter();
        let left: BTreeMap<usize, GrantRow> =
            grants.filter(|grant| grant.role == *role && grant.counts_at(at)).enumerate().collect();
        let mut of_persons: HashMap<Uid, Vec<usize>> = HashMap::new();
        let mut of_groups: HashMap<RowId, Vec<usize>> = HashMap::new();
        let mut of_everyone = Vec::new();
        for (number, grant) in &left {
            match &grant.subject {
                GrantSubject::Person(uid) => of_persons.entry(uid.clone()).or_default(),
                GrantSubject::Group(id) => of_groups.entry(id.clone()).or_default(),
                GrantSubject::Everyone => &mut of_everyone,
            }
            .push(*number);
        }
        let mut groups: HashMap<Uid, Vec<RowId>> = HashMap::new();
        for member in &census.memberships {
            groups.entry(member.uid.clone()).or_default().push(member.group.clone());
        }
        Self { census, left, of_persons, of_groups, of_everyone, groups }
    }

    /// Strikes out the grants by which this may have been done; rows of one person lie together.
    fn without_those_of(mut self, page: &[RoleUserPlace]) -> Self {
        for rows in page.chunk_by(|one, other| one.who == other.who) {
            let Some(who) = rows.first() else { continue };
            let held = self.of_whom(&who.who).into_iter();
            let used = held.filter(|(_, grant)| rows.iter().any(|row| may_be(grant, row)));
            for (number, _) in used.collect::<Vec<_>>() {
                self.left.remove(&number);
            }
        }
        self.of_everyone.retain(|number| self.left.contains_key(number));
        self
    }

    /// The grants left that somebody holds, with `${uid}` filled in; machines hold none.
    fn of_whom(&self, who: &str) -> Vec<(usize, GrantRow)> {
        let Ok(uid) = Uid::parse(who) else { return Vec::new() };
        let groups = self.groups.get(&uid).into_iter().flatten();
        let by_groups = groups.filter_map(|id| self.of_groups.get(id));
        let numbers = by_groups.chain(self.of_persons.get(&uid)).flatten().chain(&self.of_everyone);
        let held = numbers.filter_map(|number| {
            let grant = self.left.get(number)?.clone();
            Some((*number, grant.as_held_by(&uid)?))
        });
        held.collect()
    }

    fn told(self) -> Vec<UnusedGrant> {
        let Census { persons, groups, .. } = self.census;
        let persons: HashMap<Uid, String> =
            persons.into_iter().map(|row| (row.uid, row.name)).collect();
        let groups: HashMap<RowId, String> =
            groups.into_iter().map(|row| (row.id, row.name)).collect();
        let told = self.left.into_values().map(|grant| {
            let subject_name = match &grant.subject {
                GrantSubject::Person(uid) => persons.get(uid).cloned(),
                GrantSubject::Group(id) => groups.get(id).cloned(),
                GrantSubject::Everyone => None,
            };
            UnusedGrant { grant, subject_name }
        });
        told.collect()
    }
}

/// Whether something that was done at a place may have been done by a grant. What was done to the bucket
/// itself, such as listing all of it, counts as use of a grant of the whole bucket.
fn may_be(grant: &GrantRow, row: &RoleUserPlace) -> bool {
    let prefix = grant.prefix.as_str();
    let meets = match row.place.get(1..) {
        None => prefix.is_empty(),
        Some(folder) => {
            let folder = folder.replace("${uid}", &row.who);
            folder.starts_with(prefix) || prefix.starts_with(&folder)
        }
    };
    grant.bucket.as_str() == row.bucket && meets
}
