//! Whether the machine of a session still counts: read from the ledger again and again, so that what
//! is revoked anywhere ends here within [`AGE_MAX`].

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use wh_names::{AccessKeyId, InstanceId};

use crate::authority::Recognised;
use crate::{AuthenticationError, Authority};

/// How old what is known of a machine may be.
const AGE_MAX: SignedDuration = SignedDuration::from_millis(250);

/// How many machines are remembered. Only who holds credentials of ours can have one looked up.
const KNOWN_MAX: usize = 4096;

/// What is known of machines.
#[derive(Debug, Default)]
pub(crate) struct Machines(Mutex<HashMap<InstanceId, Known>>);

#[derive(Debug, Clone, Copy)]
struct Known {
    read: Timestamp,
    counts: bool,
}

impl Machines {
    fn get(&self, id: &InstanceId) -> Option<Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).copied()
    }

    fn put(&self, id: &InstanceId, known: Known) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KNOWN_MAX {
            all.clear();
        }
        all.insert(id.clone(), known);
    }
}

impl Authority {
    /// Reads what is to be known of a session before [`Authority::recognise`] is asked for it: whether
    /// the machine that it was delivered to still counts.
    pub async fn learn_session(
        &self,
        id: &AccessKeyId,
        session_token: Option<&str>,
    ) -> Result<(), AuthenticationError> {
        let Some(token) = session_token.filter(|_| id.is_temporary()) else { return Ok(()) };
        let machine = match self.session(id, token)? {
            Recognised::Own(_) => return Ok(()),
            Recognised::Role(session) => session.machine.as_ref().map(|(id, _)| id.clone()),
        };
        let Some(machine) = machine else { return Ok(()) };
        let now = self.now();
        let age = self.machines.get(&machine).map(|known| now.duration_since(known.read));
        if age.is_some_and(|age| (SignedDuration::ZERO..AGE_MAX).contains(&age)) {
            return Ok(());
        }
        let row = self.ledger.machine(&machine).await.map_err(|error| {
            tracing::error!(%error, "a machine cannot be looked up");
            AuthenticationError::Unavailable
        })?;
        let counts = row.is_some_and(|row| row.enrolled.is_some() && row.revoked_at.is_none());
        self.machines.put(&machine, Known { read: now, counts });
        Ok(())
    }

    /// Whether the machine of a session still counts, by what was read last.
    pub(crate) fn machine_counts(&self, id: &InstanceId) -> Result<(), AuthenticationError> {
        match self.machines.get(id) {
            Some(Known { counts: true, .. }) => Ok(()),
            Some(Known { counts: false, .. }) | None => Err(AuthenticationError::Revoked),
        }
    }
}
