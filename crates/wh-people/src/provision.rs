//! What a new person is given: the one place where rights come from without an administrator.
//!
//! Invariant: reading on what is shared, and work in one's own home. Nothing that anybody sends
//! reaches this file.

use jiff::Timestamp;
use wh_ledger::{GrantRow, GrantSubject, RowId};
use wh_names::{KeyPrefix, RoleName, Uid};

use crate::{People, Settings};

impl People {
    /// The grants of a new active person.
    pub(crate) fn first_grants(
        &self,
        uid: &Uid,
        settings: Settings,
        at: Timestamp,
    ) -> Vec<GrantRow> {
        let standard = self.standard();
        let shared = (&standard.regular_role, standard.shared_prefix.clone(), "Shared");
        let mut grants = vec![self.standard_grant(uid, shared, at)];
        let home = KeyPrefix::parse(&format!("{}{uid}/", standard.home_prefix));
        // `People::new` saw to it that a home's prefix is never too long.
        if let (true, Ok(prefix)) = (settings.homes, home) {
            grants.push(self.standard_grant(uid, (&standard.home_role, prefix, "Home"), at));
        }
        grants
    }

    /// The grant that makes an administrator; set-up alone gives it unasked.
    pub(crate) fn administrator_grant(&self, uid: &Uid, at: Timestamp) -> GrantRow {
        let holding = self.administration();
        self.standard_grant(uid, (&holding.role, holding.prefix.clone(), "Everything"), at)
    }

    fn standard_grant(
        &self,
        uid: &Uid,
        (role, prefix, title): (&RoleName, KeyPrefix, &str),
        at: Timestamp,
    ) -> GrantRow {
        GrantRow {
            id: RowId::generate(at, self.entropy()),
            subject: GrantSubject::Person(uid.clone()),
            role: role.clone(),
            bucket: self.standard().bucket.clone(),
            prefix,
            title: title.to_owned(),
            created_at: at,
            created_by: None,
            ends_at: None,
        }
    }
}
