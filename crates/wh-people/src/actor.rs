//! Who does something that is done to persons from outside: an administrator at the portal, or an
//! operator on the machine.

use wh_names::Uid;

use crate::ProvenAdministrator;

/// Who does it.
#[derive(Debug, Clone, Copy)]
pub enum Actor<'a> {
    /// An administrator who has just proved who they are.
    Administrator(&'a ProvenAdministrator),
    /// Whoever has the machine, and could write the ledger by hand.
    Operator,
}

impl Actor<'_> {
    /// The administrator's uid.
    pub fn uid(&self) -> Option<&Uid> {
        match self {
            Self::Administrator(administrator) => Some(administrator.uid()),
            Self::Operator => None,
        }
    }
}
