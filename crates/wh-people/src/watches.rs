//! Whoever is told by mail what happened where they watch, as they stand when they are told.

use wh_ledger::{LedgerError, MailRow, MailTo, PersonStatus, ProofKind};
use wh_names::Uid;

use crate::mail::letters::Letter;
use crate::mail::watched;
use crate::second_factor::Standing;
use crate::{Peer, People, Person, WatchedLetter};

impl People {
    /// A person who is not here, for what they are told of by mail; `None` where they are not active, or may reach
    /// nothing but their own account. The session that it speaks of exists nowhere and opens nothing, and it is
    /// never an administrator.
    pub async fn watcher(&self, uid: &Uid) -> Result<Option<Person>, LedgerError> {
        let row = self.ledger().person(uid).await?;
        let Some(row) = row.filter(|row| row.status == PersonStatus::Active) else {
            return Ok(None);
        };
        let standing = Standing { administrator: false, ..self.standing_of(uid).await? };
        let proof = (self.now(), ProofKind::Password);
        let (_token, session) = self.draw_session(uid, &Peer::default(), proof);
        let person = Person::mint(&row, &session, standing);
        Ok(Some(person).filter(|person| !person.reaches_account_alone()))
    }

    /// Whether mail reaches a person: they have an address that was checked.
    pub async fn mail_reaches(&self, uid: &Uid) -> Result<bool, LedgerError> {
        let row = self.ledger().person(uid).await?;
        Ok(row.is_some_and(|row| row.email.is_some() && row.email_checked_at.is_some()))
    }

    /// A person is told what happened where they watch.
    pub fn told_of_watched(&self, uid: &Uid, letter: &WatchedLetter) -> Vec<MailRow> {
        let (subject, body) = watched::letter(self.house_url(), letter);
        let letter = Letter { kind: watched::KIND, subject, body, ends_at: None };
        vec![self.mail(MailTo::Person(uid.clone()), letter, None)]
    }
}
