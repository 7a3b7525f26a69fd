//! Seeing as somebody else: an administrator browses with what another person holds, or with a role at a
//! place, and may only look.
//!
//! A viewing belongs to one session of the administrator. It ends after [`VIEWING_LIFE`], with that session,
//! when its administrator is none any more, and when the person seen as is no longer active. One that ended
//! by itself stays until its administrator takes note: what they were about to do as somebody else is not
//! done in their own name.
//!
//! Invariant: whoever is seen as is a [`Person`] with [`Person::seen`], and never an administrator, never
//! fresh, and never somebody by a token.

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{
    AuditRecord, GrantRow, GrantSubject, LedgerError, PersonStatus, RowId, ViewedAs, ViewingRow,
};
use wh_names::Uid;

use crate::{
    AdministrationError, FactorRule, NamedPerson, Peer, People, Person, ProvenAdministrator,
};

/// How long a viewing lasts.
pub const VIEWING_LIFE: SignedDuration = SignedDuration::from_mins(15);

/// Why nobody is seen as.
#[derive(Debug, thiserror::Error)]
pub enum ViewingError {
    /// Nobody has this uid.
    #[error("nobody has this uid")]
    NoSuchPerson,
    /// The person is not active: nothing is open to them.
    #[error("nothing is open to somebody who cannot sign in")]
    NotActive,
    /// It is oneself.
    #[error("that is you")]
    Oneself,
    /// This session sees as somebody already.
    #[error("you see as somebody else already; end that first")]
    Already,
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl ViewingError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSuchPerson => AdministrationError::NoSuchPerson.code(),
            Self::NotActive => "not-active",
            Self::Oneself => "seeing-oneself",
            Self::Already => "seeing-already",
            Self::Ledger(error) => error.code(),
        }
    }
}

/// Of somebody who is seen as: by whom, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The administrator who looks.
    pub by: NamedPerson,
    /// What the person or the role is called that is seen as.
    pub name: String,
    /// The role at a place, as the one grant that there is then; none, where it is a person.
    pub grant: Option<GrantRow>,
    /// When it ends.
    pub ends: Timestamp,
    /// Whether it has ended by itself, so that nothing is open but to take note of that.
    pub over: bool,
}

impl People {
    /// Begins to see as somebody else. Who is seen as comes back.
    pub async fn see_as(
        &self,
        administrator: &ProvenAdministrator,
        viewed: ViewedAs,
    ) -> Result<Seen, ViewingError> {
        let by = administrator.administrator().person();
        let name = match &viewed {
            ViewedAs::Person(uid) if uid == by.uid() => return Err(ViewingError::Oneself),
            ViewedAs::Person(uid) => {
                let row = self.ledger().person(uid).await?.ok_or(ViewingError::NoSuchPerson)?;
                if row.status != PersonStatus::Active {
                    return Err(ViewingError::NotActive);
                }
                row.name
            }
            ViewedAs::Role(role, ..) => role.as_str().to_owned(),
        };
        let now = self.now();
        let row = ViewingRow {
            sid: by.session_id().to_owned(),
            by: by.uid().clone(),
            ends_at: now.checked_add(VIEWING_LIFE).unwrap_or(now),
            began_at: now,
            over_at: None,
            viewed,
        };
        if !self.ledger().begin_viewing(&row).await? {
            return Err(ViewingError::Already);
        }
        Ok(seen(&row, by, name))
    }

    /// Who is at the door by a session that sees as somebody else: that person, or, where it has ended by
    /// itself, its own person to whom nothing is open. `None`: it sees as nobody.
    pub async fn viewing_of(&self, own: &Person) -> Result<Option<Person>, LedgerError> {
        let Some(row) = self.ledger().viewing(own.session_id()).await? else { return Ok(None) };
        if let Some(why) = self.is_over(&row).await? {
            self.lapse(&row, why).await?;
            let ended = Seen { over: true, ..seen(&row, own, self.name_of(&row).await?) };
            return Ok(Some(own.clone().seen_as(own.uid().clone(), ended)));
        }
        let seen = seen(&row, own, self.name_of(&row).await?);
        let uid = match &row.viewed {
            ViewedAs::Person(uid) => uid.clone(),
            ViewedAs::Role(..) => own.uid().clone(),
        };
        Ok(Some(own.clone().seen_as(uid, seen)))
    }

    /// Ends what this session sees as somebody else, or takes note that it has ended. What it was comes
    /// back.
    pub async fn end_viewing(&self, own: &Person) -> Result<Option<ViewingRow>, LedgerError> {
        self.ledger().end_viewing(own.session_id()).await
    }

    /// Notes the viewings that ended by themselves, and forgets those whose sessions are no more. To be
    /// called every minute.
    pub(crate) async fn lapse_viewings(&self) -> Result<(), LedgerError> {
        for row in self.ledger().viewings().await? {
            let Some(why) = self.is_over(&row).await? else { continue };
            self.lapse(&row, why).await?;
            if !self.ledger().has_session(&row.sid).await? {
                self.ledger().end_viewing(&row.sid).await?;
            }
        }
        Ok(())
    }

    /// Why a viewing has ended, if it has.
    async fn is_over(&self, row: &ViewingRow) -> Result<Option<&'static str>, LedgerError> {
        let ledger = self.ledger();
        if row.over_at.is_some() {
            return Ok(Some("it was over"));
        }
        if self.now() >= row.ends_at {
            return Ok(Some("its time was up"));
        }
        if ledger.session_revoked(&row.sid) || !ledger.has_session(&row.sid).await? {
            return Ok(Some("the session ended"));
        }
        let by = ledger.person(&row.by).await?;
        let is_active = by.is_some_and(|by| by.status == PersonStatus::Active);
        if !is_active || !self.administers(&row.by).await? {
            return Ok(Some("whoever looked is no administrator any more"));
        }
        if self.rule() != FactorRule::Optional && self.lacks_factor(&row.by).await? {
            return Ok(Some("whoever looked has no second factor any more"));
        }
        let ViewedAs::Person(uid) = &row.viewed else { return Ok(None) };
        let viewed = ledger.person(uid).await?;
        let is_active = viewed.is_some_and(|viewed| viewed.status == PersonStatus::Active);
        Ok((!is_active).then_some("whoever was seen as is not active any more"))
    }

    async fn lacks_factor(&self, uid: &Uid) -> Result<bool, LedgerError> {
        let factors = self.standing_of(uid).await?.factors;
        Ok(!(factors.any() || factors.provider))
    }

    async fn lapse(&self, row: &ViewingRow, why: &str) -> Result<(), LedgerError> {
        if row.over_at.is_some() {
            return Ok(());
        }
        let record = self.factor_record("EndSeeingAs", (&row.by, &row.by), &Peer::default());
        let record = AuditRecord {
            resource: resource_of(&row.viewed),
            principal: "wellhouse".to_owned(),
            detail: Some(format!("person/{} saw as this since {}: {why}", row.by, row.began_at)),
            ..record
        };
        self.ledger().lapse_viewing(&row.sid, self.now(), &record).await?;
        Ok(())
    }

    async fn name_of(&self, row: &ViewingRow) -> Result<String, LedgerError> {
        Ok(match &row.viewed {
            ViewedAs::Person(uid) => {
                let found = self.ledger().person(uid).await?;
                found.map_or_else(|| uid.to_string(), |row| row.name)
            }
            ViewedAs::Role(role, ..) => role.as_str().to_owned(),
        })
    }
}

/// What is seen as, as the audit trail calls it.
pub fn resource_of(viewed: &ViewedAs) -> String {
    match viewed {
        ViewedAs::Person(uid) => format!("person/{uid}"),
        ViewedAs::Role(role, bucket, prefix) => format!("role/{role} on {bucket}/{prefix}"),
    }
}

fn seen(row: &ViewingRow, by: &Person, name: String) -> Seen {
    let grant = match &row.viewed {
        ViewedAs::Person(_) => None,
        ViewedAs::Role(role, bucket, prefix) => Some(GrantRow {
            // No grant is called so.
            id: RowId::of(&row.by),
            subject: GrantSubject::Person(row.by.clone()),
            role: role.clone(),
            bucket: bucket.clone(),
            prefix: prefix.clone(),
            title: if prefix.as_str().is_empty() {
                bucket.as_str().to_owned()
            } else {
                prefix.as_str().to_owned()
            },
            created_at: row.began_at,
            created_by: Some(row.by.clone()),
            ends_at: Some(row.ends_at),
        }),
    };
    Seen {
        by: NamedPerson { uid: by.uid().clone(), name: Some(by.name().to_owned()) },
        name,
        grant,
        ends: row.ends_at,
        over: false,
    }
}
