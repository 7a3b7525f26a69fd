//! The forms of the texts that are looked for.

/// What form a text has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::analysis) enum Form {
    /// Any text.
    Text,
    /// At least one character.
    Filled,
    /// A field of an ARN: no colon.
    Field,
    /// A field of an ARN that must not be empty.
    FilledField,
    /// `service:name`, lower-cased.
    Action,
}

impl Form {
    /// Where the form's own small automaton begins.
    pub(super) const START: u8 = 0;

    /// Where a character leads in it; none where the form forbids the character.
    pub(super) fn step(self, at: u8, c: char) -> Option<u8> {
        match (self, at) {
            (Self::Text, _) => Some(at),
            (Self::Filled, _) => Some(1),
            (Self::Field, _) => (c != ':').then_some(at),
            (Self::FilledField, _) => (c != ':').then_some(1),
            (Self::Action, 1) if c == ':' => Some(2),
            (Self::Action, 0 | 1) => in_action(c).then_some(1),
            (Self::Action, _) => in_action(c).then_some(3),
        }
    }

    /// How many characters are missing at least.
    pub(super) fn missing(self, at: u8) -> usize {
        match self {
            Self::Text | Self::Field => 0,
            Self::Filled | Self::FilledField => usize::from(at == 0),
            Self::Action => 3_usize.saturating_sub(usize::from(at)),
        }
    }
}

/// Whether a character may stand in the service or the name of an action, lower-cased.
pub(super) fn in_action(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
}
