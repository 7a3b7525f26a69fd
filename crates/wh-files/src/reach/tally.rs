//! `Tally`: what somebody reaches by all of their grants together, an action a bit.

use wh_policy::extent::Extent;

use super::judge::{Region, Verdict, concerns, seen};
use super::{REACH_ACTIONS, ReachPlace};

/// Which actions reach how far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Something, as things are.
    any: u16,
    /// All of the place, by one grant.
    whole: u16,
    /// Something on conditions.
    maybe: u16,
    /// It could not be told.
    unknown: u16,
}

impl Tally {
    pub(super) fn of(verdict: &Verdict, (region, place): (&Region, &ReachPlace)) -> Self {
        let mut tally = Self::default();
        for (at, ((_, aim), reach)) in REACH_ACTIONS.iter().zip(verdict).enumerate() {
            if !concerns(*aim, place) {
                continue;
            }
            let bit = 1 << at;
            match seen(reach.extent, *aim, region) {
                Extent::Nowhere => {}
                Extent::Unknown => tally.unknown |= bit,
                Extent::Conditionally => tally.maybe |= bit,
                Extent::Part => tally.any |= bit,
                Extent::Everywhere => {
                    tally.any |= bit;
                    tally.whole |= bit;
                }
            }
        }
        tally
    }

    pub(super) fn add(&mut self, other: Self) {
        self.any |= other.any;
        self.whole |= other.whole;
        self.maybe |= other.maybe;
        self.unknown |= other.unknown;
    }

    pub(super) fn is_empty(self) -> bool {
        self.any | self.maybe | self.unknown == 0
    }

    /// How far the action of this number reaches: by one grant, or in parts.
    pub(super) fn extent(self, at: usize) -> Extent {
        let bit = 1 << at;
        match () {
            () if self.whole & bit != 0 => Extent::Everywhere,
            () if self.any & bit != 0 => Extent::Part,
            () if self.maybe & bit != 0 => Extent::Conditionally,
            () if self.unknown & bit != 0 => Extent::Unknown,
            () => Extent::Nowhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Extent, Tally};

    #[test]
    fn what_is_not_known_is_not_told_as_a_condition() {
        let unknown = Tally { unknown: 1, ..Tally::default() };
        assert_eq!(unknown.extent(0), Extent::Unknown);
        assert!(!unknown.is_empty());
        let mut both = unknown;
        both.add(Tally { maybe: 1, ..Tally::default() });
        assert_eq!(both.extent(0), Extent::Conditionally, "that much is known");
    }
}
