//! `Person` and `Administrator`: somebody whose session was recognised.

use std::net::IpAddr;

use jiff::Timestamp;
use wh_ledger::{PersonRow, SessionRow};
use wh_names::{Entropy, NameError, Secret, SecretDigest, Uid};

/// Somebody at the web door, recognised by a session. Only this crate mints one, for each request
/// anew; for upkeep in somebody's absence see [`People::on_behalf_of`](crate::People::on_behalf_of).
#[derive(Debug, Clone)]
pub struct Person {
    uid: Uid,
    name: String,
    session: String,
    expires: Timestamp,
    administrator: bool,
}

impl Person {
    pub(crate) fn mint(row: &PersonRow, session: &SessionRow, administrator: bool) -> Self {
        Self {
            uid: row.uid.clone(),
            name: row.name.clone(),
            session: session.sid(),
            expires: session.expires_at,
            administrator,
        }
    }

    /// Who it is, for ever.
    pub fn uid(&self) -> &Uid {
        &self.uid
    }

    /// The name as the person writes it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the session is called in role session names, `u-<uid>-<sid>`; it opens nothing.
    pub fn session_id(&self) -> &str {
        &self.session
    }

    /// When the session ends, used or not.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// Whether the person is an administrator.
    pub fn is_administrator(&self) -> bool {
        self.administrator
    }

    /// The person as administrator, if they are one.
    pub fn administrator(&self) -> Option<Administrator> {
        self.administrator.then(|| Administrator(self.clone()))
    }
}

/// A person who holds `AdminRole` on the whole bucket. Only this crate mints one.
#[derive(Debug, Clone)]
pub struct Administrator(Person);

impl Administrator {
    /// Who it is, for ever.
    pub fn uid(&self) -> &Uid {
        self.0.uid()
    }

    /// The person.
    pub fn person(&self) -> &Person {
        &self.0
    }
}

/// The person is not an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("only an administrator may do this")]
pub struct NotAdministrator;

impl NotAdministrator {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        "not-administrator"
    }
}

impl TryFrom<Person> for Administrator {
    type Error = NotAdministrator;

    fn try_from(person: Person) -> Result<Self, NotAdministrator> {
        if person.administrator { Ok(Self(person)) } else { Err(NotAdministrator) }
    }
}

/// What a session is recognised by: 256 random bits that only the person's browser keeps.
#[derive(Debug, Clone)]
pub struct SessionToken(Secret);

impl SessionToken {
    /// Accepts 64 lower-case hexadecimal digits.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let shaped = input.len() == 64 && input.bytes().all(hex);
        // Whatever is refused is refused as the empty secret is: without being repeated.
        Secret::parse(if shaped { input } else { "" }).map(Self)
    }

    pub(crate) fn random(entropy: &Entropy) -> Self {
        Self(Secret::random(entropy))
    }

    /// The token itself, for the cookie.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(crate) fn digest(&self) -> SecretDigest {
        self.0.digest()
    }
}

/// Somebody who has just proved who they are: the person, and the token of their new session.
#[derive(Debug)]
#[must_use = "the token is shown once, and without it the session is lost"]
pub struct SignedIn {
    /// What the session is recognised by from now on.
    pub token: SessionToken,
    /// Who it is.
    pub person: Person,
}

/// Who is at the other end of the connection.
#[derive(Debug, Clone, Default)]
pub struct Peer {
    /// The client's address, where it is known.
    pub ip: Option<IpAddr>,
    /// What the client's program calls itself.
    pub user_agent: Option<String>,
}
