//! Deleting a person: for good. What is theirs in the store stays where it is, in nobody's name.

use wh_ledger::{PersonChange, PersonRow};
use wh_names::{BucketName, KeyPrefix, Uid};

use crate::{Actor, AdministrationError, People};

/// A person who was deleted, and what is left of them.
#[derive(Debug)]
pub struct Deleted {
    /// Who it was.
    pub person: PersonRow,
    /// The bucket of their home.
    pub bucket: BucketName,
    /// Their home, if they can have had one. Its files stay, and only who is granted it or the whole
    /// bucket can reach them.
    pub home: Option<KeyPrefix>,
}

impl People {
    /// Deletes a person for good, with their sessions, grants, keys and second factor. Nothing that was
    /// issued to them counts any more, and their uid is never given again.
    pub async fn delete_person(
        &self,
        _actor: Actor<'_>,
        uid: &Uid,
    ) -> Result<Deleted, AdministrationError> {
        let person = self.existing(uid).await?;
        match self.ledger().delete_person(uid, self.now(), self.administration()).await? {
            PersonChange::Done => Ok(Deleted {
                person,
                bucket: self.standard().bucket.clone(),
                home: KeyPrefix::parse(&format!("{}{uid}/", self.standard().home_prefix)).ok(),
            }),
            PersonChange::Absent => Err(AdministrationError::NoSuchPerson),
            PersonChange::LastHolder => Err(AdministrationError::LastAdministrator),
        }
    }
}
