//! Coming by a request, step by step: found, standing, entered, opened. Each step hands on what only it can make.

use jiff::Timestamp;
use wh_ledger::{FileRequestRow, LedgerError, RowId, SenderRow, SentRow};
use wh_names::{Secret, Uid};
use wh_people::{EnterError, MailAddress, NewSender, Peer, Person, RequestToken, SenderToken};
use wh_policy::s3::action;

use super::make::anybody;
use super::names::sender_name;
use super::{RequestRefusal, end_of, state_of, takes_files};
use crate::Files;

/// A request that somebody made, whether it counts or not.
#[derive(Debug)]
pub struct FoundRequest {
    row: FileRequestRow,
}

impl FoundRequest {
    /// What it is called; it opens nothing.
    pub fn id(&self) -> &RowId {
        &self.row.id
    }

    /// Whose it is.
    pub fn uid(&self) -> &Uid {
        &self.row.uid
    }
}

/// A request that counts at this moment, whose person may write there.
#[derive(Debug)]
pub struct StandingRequest {
    row: FileRequestRow,
    ends: Option<Timestamp>,
}

impl StandingRequest {
    /// What it is: what senders may read of it is its title, its message and its bounds.
    pub fn row(&self) -> &FileRequestRow {
        &self.row
    }

    /// When it stops by itself.
    pub fn ends(&self) -> Option<Timestamp> {
        self.ends
    }
}

/// What somebody says of themselves who wishes to send.
#[derive(Debug)]
pub struct NewcomerForm<'a> {
    /// What they call themselves.
    pub name: &'a str,
    /// Their mail address.
    pub email: &'a str,
    /// The password.
    pub password: &'a str,
}

/// A request that counts, and somebody who sends. Made anew for each request.
#[derive(Debug)]
pub struct OpenedRequest {
    pub(super) row: FileRequestRow,
    pub(super) person: Person,
    pub(super) sender: SenderRow,
}

impl OpenedRequest {
    /// What it is.
    pub fn row(&self) -> &FileRequestRow {
        &self.row
    }

    /// Who sends.
    pub fn sender(&self) -> &SenderRow {
        &self.sender
    }
}

/// Why somebody who gave a name may not send.
#[derive(Debug)]
pub enum NotEntered {
    /// The name is none.
    Name,
    /// The mail address is none.
    Email,
    /// It is the password, or there is no room.
    Refused(EnterError),
}

impl Files {
    /// The request of this token, if somebody made one.
    pub async fn find_request(
        &self,
        token: &RequestToken,
    ) -> Result<Option<FoundRequest>, LedgerError> {
        let row = self.options.ledger.file_request(&token.digest()).await?;
        Ok(row.map(|row| FoundRequest { row }))
    }

    /// Whether a request counts at this moment, and its person may write there.
    pub async fn standing_request(
        &self,
        found: FoundRequest,
    ) -> Result<StandingRequest, RequestRefusal> {
        let (rules, row) = (self.link_rules().await?, found.row);
        let state = state_of(&row, &rules, self.options.clock.now());
        if !takes_files(state) {
            return Err(RequestRefusal::State(state));
        }
        let ends = end_of(&row, &rules);
        let person = self.options.people.person_of_request(&row, anybody(&row, "x"), ends).await?;
        let person = person.ok_or(RequestRefusal::OwnerGone)?;
        let access = self.access(&person, row.grant_id.as_str()).await?;
        access.foresee(action::PUT_OBJECT, &access.everything_sent()?)?;
        Ok(StandingRequest { row, ends })
    }

    /// Takes somebody's name, and what else the request asks for; they get a folder that nobody else has.
    pub async fn enter_request(
        &self,
        request: &StandingRequest,
        form: NewcomerForm<'_>,
        peer: &Peer,
    ) -> Result<SenderToken, NotEntered> {
        let name = sender_name(form.name).ok_or(NotEntered::Name)?;
        let email = match request.row.asks_email {
            true => Some(MailAddress::parse(form.email).map_err(|_| NotEntered::Email)?),
            false => None,
        };
        let password = Secret::parse(form.password).ok();
        let new = NewSender { name, email, password };
        let entered = self.options.people.enter_request(&request.row, new, peer).await;
        entered.map_err(NotEntered::Refused)
    }

    /// Opens a request for the sender whose browser holds this, in the name of its person as they stand at this
    /// moment.
    pub async fn open_request(
        &self,
        request: StandingRequest,
        held: Option<&SenderToken>,
    ) -> Result<OpenedRequest, RequestRefusal> {
        let StandingRequest { row, ends } = request;
        let people = &self.options.people;
        let sender = people.sender_of(&row, held).await?.ok_or(RequestRefusal::NotEntered)?;
        let person = people.person_of_request(&row, sender.clone(), ends).await?;
        let person = person.ok_or(RequestRefusal::OwnerGone)?;
        Ok(OpenedRequest { row, person, sender })
    }

    /// What has arrived of this sender.
    pub async fn sent(&self, request: &OpenedRequest) -> Result<Vec<SentRow>, LedgerError> {
        self.options.ledger.sent_by(&request.sender.id).await
    }
}
