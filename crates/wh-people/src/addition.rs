//! Adding a person from the machine: an operator says the name, and the person sets the password.

use wh_ledger::{Admits, LedgerError, PasswordPhc};
use wh_names::Uid;

use crate::mail::MailAddress;
use crate::name::PersonName;
use crate::password_link::FIRST_PASSWORD_LINK_LIFE;
use crate::provision::{Identity, Way, admission};
use crate::{Actor, AdministrationError, FieldError, PasswordLink, People};

/// A person who was just added.
#[derive(Debug)]
#[must_use = "without the link the person cannot sign in"]
pub struct Added {
    /// Who it is, for ever.
    pub uid: Uid,
    /// By what they set their password.
    pub link: PasswordLink,
}

impl People {
    /// Adds a person who has what every new person has, and no password until they set one.
    pub async fn add_person(
        &self,
        actor: Actor<'_>,
        name: &str,
        email: Option<&str>,
    ) -> Result<Added, AdministrationError> {
        let settings = self.settings_now().await?;
        let admitted = admission(&settings, &Way::Operator, self.mailing());
        let admitted = admitted.map_err(|_| AdministrationError::RegistrationClosed)?;
        let (name, email) = (PersonName::choose(name)?, MailAddress::parse_optional(email)?);
        let address = email.clone();
        let new = self.provision(
            Identity { name, email, password_phc: PasswordPhc::none() },
            admitted,
            &settings,
            self.now(),
        );
        let whose = (&new.person.uid, Admits::Nothing);
        let (check, mails) = self.check_if_given(address.as_ref(), whose).await?;
        let (link, row) = self.draw_link(actor.uid().cloned(), FIRST_PASSWORD_LINK_LIFE);
        let ledger = self.ledger().with_mails(mails);
        let (person, grants) = (&new.person, &new.grants);
        match ledger.insert_person_with_link(person, grants, &row, check.as_ref()).await {
            Ok(()) => Ok(Added { uid: new.person.uid, link }),
            Err(LedgerError::Conflict { .. }) => Err(FieldError::NameTaken.into()),
            Err(error) => Err(error.into()),
        }
    }
}
