//! Names as they stand in JSON: as they are shown. They are printed, and never read back from it.

use std::fmt::Display;

use serde::{Serialize, Serializer};

/// A name as its text.
pub(crate) fn shown<T: Display, S: Serializer>(name: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(name)
}

/// The same of a name that may not be there.
#[expect(clippy::ref_option, reason = "serde hands a field over as it is")]
pub(crate) fn shown_if_there<T: Display, S: Serializer>(
    name: &Option<T>,
    to: S,
) -> Result<S::Ok, S::Error> {
    name.as_ref().map(ToString::to_string).serialize(to)
}
