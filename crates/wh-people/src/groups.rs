//! Groups: named sets of persons. What is granted to a group counts for whoever is in it, and ends for
//! whoever leaves.
//!
//! Invariant: a group holds persons only, and never makes an administrator.

use jiff::Timestamp;
use wh_ledger::{LedgerError, MembershipRow, PersonGroupRow, RowId};
use wh_names::Uid;

use crate::holdings::{NamedPerson, named};
use crate::name::PersonName;
use crate::{AdministrationError, Administrator, FieldError, People, ProvenAdministrator};

/// A group, as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRecord {
    /// Which group it is, for ever.
    pub id: RowId,
    /// The name as it is written.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it; nobody, when an operator did.
    pub created_by: Option<NamedPerson>,
    /// Who is in it, in the order in which they came.
    pub members: Vec<MemberRecord>,
}

/// Somebody in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRecord {
    /// The person.
    pub person: NamedPerson,
    /// Since when.
    pub added_at: Timestamp,
    /// Who put them in; nobody, when an operator, an invitation or a provider did.
    pub added_by: Option<NamedPerson>,
}

impl People {
    /// Every group, by name.
    pub async fn list_groups(
        &self,
        _administrator: &Administrator,
    ) -> Result<Vec<GroupRecord>, AdministrationError> {
        let (names, inside) = (self.names().await?, self.ledger().memberships().await?);
        let groups = self.ledger().person_groups().await?.into_iter().map(|row| {
            let members = inside.iter().filter(|member| member.group == row.id);
            let members = members.map(|member| MemberRecord {
                person: named(&member.uid, &names),
                added_at: member.added_at,
                added_by: member.added_by.as_ref().map(|uid| named(uid, &names)),
            });
            GroupRecord {
                members: members.collect(),
                created_by: row.created_by.as_ref().map(|uid| named(uid, &names)),
                id: row.id,
                name: row.name,
                created_at: row.created_at,
            }
        });
        Ok(groups.collect())
    }

    /// Makes a group with nobody in it.
    pub async fn make_group(
        &self,
        administrator: &ProvenAdministrator,
        name: &str,
    ) -> Result<PersonGroupRow, AdministrationError> {
        let now = self.now();
        let id = RowId::generate(now, self.entropy());
        let by = Some(administrator.uid().clone());
        let row = new_group(id, name, (now, by))?;
        self.ledger().insert_person_group(&row).await.map_err(name_taken)?;
        Ok(row)
    }

    /// Gives a group another name. Before and after come back.
    pub async fn rename_group(
        &self,
        _administrator: &ProvenAdministrator,
        id: &str,
        name: &str,
    ) -> Result<(PersonGroupRow, PersonGroupRow), AdministrationError> {
        let named = new_group(group_id(id)?, name, (self.now(), None))?;
        let before = self.ledger().rename_person_group(&named).await.map_err(name_taken)?;
        let before = before.ok_or(AdministrationError::NoSuchGroup)?;
        let (created_at, created_by) = (before.created_at, before.created_by.clone());
        Ok((before, PersonGroupRow { created_at, created_by, ..named }))
    }

    /// Deletes a group with its grants, and what was issued by them. What it was, and who was in it,
    /// comes back, so that role sessions held for them can be dropped.
    pub async fn delete_group(
        &self,
        _administrator: &ProvenAdministrator,
        id: &str,
    ) -> Result<(PersonGroupRow, Vec<Uid>), AdministrationError> {
        let gone = self.ledger().delete_person_group(&group_id(id)?, self.now()).await?;
        let (group, inside) = gone.ok_or(AdministrationError::NoSuchGroup)?;
        for uid in &inside {
            self.revoke_again(uid).await?;
        }
        Ok((group, inside))
    }

    /// Puts a person into a group. Who is in it already stays in it. The group comes back.
    pub async fn add_member(
        &self,
        administrator: &ProvenAdministrator,
        id: &str,
        uid: &Uid,
    ) -> Result<(PersonGroupRow, bool), AdministrationError> {
        let group = self.existing_group(id).await?;
        self.existing(uid).await?;
        let member = MembershipRow {
            group: group.id.clone(),
            uid: uid.clone(),
            added_at: self.now(),
            added_by: Some(administrator.uid().clone()),
            issuer: None,
        };
        match self.ledger().add_member(&member).await {
            Ok(added) => Ok((group, added)),
            // Whichever of both is gone since.
            Err(LedgerError::Conflict { .. }) => {
                self.existing(uid).await?;
                Err(AdministrationError::NoSuchGroup)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Takes a person out of a group, and with it what was issued to them by then.
    pub async fn remove_member(
        &self,
        _administrator: &ProvenAdministrator,
        id: &str,
        uid: &Uid,
    ) -> Result<PersonGroupRow, AdministrationError> {
        let group = self.existing_group(id).await?;
        if !self.ledger().remove_member(&group.id, uid, self.now()).await? {
            return Err(AdministrationError::NotMember);
        }
        self.revoke_again(uid).await?;
        Ok(group)
    }

    /// Who is in a group.
    pub(crate) async fn in_group(&self, id: &RowId) -> Result<Vec<Uid>, LedgerError> {
        let inside = self.ledger().memberships().await?.into_iter();
        Ok(inside.filter(|member| member.group == *id).map(|member| member.uid).collect())
    }

    async fn existing_group(&self, id: &str) -> Result<PersonGroupRow, AdministrationError> {
        let id = group_id(id)?;
        let groups = self.ledger().person_groups().await?;
        groups.into_iter().find(|row| row.id == id).ok_or(AdministrationError::NoSuchGroup)
    }

    /// Once more with the time after the commit: a role may have been assumed between.
    async fn revoke_again(&self, uid: &Uid) -> Result<(), LedgerError> {
        self.ledger().revoke_person(uid, self.now()).await
    }
}

/// The row of a group of this name, which obeys the rules for names of persons.
pub fn new_group(
    id: RowId,
    name: &str,
    (created_at, created_by): (Timestamp, Option<Uid>),
) -> Result<PersonGroupRow, FieldError> {
    let name = PersonName::choose(name)?;
    Ok(PersonGroupRow {
        id,
        name: name.as_str().to_owned(),
        name_key: name.key().to_owned(),
        name_look: name.look().to_owned(),
        created_at,
        created_by,
    })
}

fn group_id(text: &str) -> Result<RowId, AdministrationError> {
    RowId::parse(text).map_err(|_| AdministrationError::NoSuchGroup)
}

fn name_taken(error: LedgerError) -> AdministrationError {
    if matches!(error, LedgerError::Conflict { .. }) {
        return FieldError::NameTaken.into();
    }
    error.into()
}
