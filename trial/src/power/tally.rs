//! What was judged.

use std::time::Duration;

use crate::report;

/// Counts.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// Runs that were recorded.
    pub(super) recordings: u64,
    /// Images that were opened and judged.
    pub(super) images: u64,
    /// Moments at which the power was cut.
    pub(super) points: u64,
    /// Moments of which every image was judged.
    pub(super) exhausted: u64,
    /// Images that differed from those of the same moment before them.
    pub(super) distinct: u64,
    /// Recordings of an opening after a power cut.
    pub(super) after_a_cut: u64,
    /// Images that were not what they must be.
    pub(super) violations: u64,
}

impl Tally {
    pub(super) fn add(&mut self, other: Self) {
        self.recordings += other.recordings;
        self.images += other.images;
        self.points += other.points;
        self.exhausted += other.exhausted;
        self.distinct += other.distinct;
        self.after_a_cut += other.after_a_cut;
        self.violations += other.violations;
    }

    /// In one line.
    pub(super) fn told(&self) -> String {
        format!("{} images in all, {} violations", self.images, self.violations)
    }

    /// The end of the report.
    pub(super) fn tell(&self, took: Duration) {
        let Self { recordings, images, points, exhausted, distinct, after_a_cut, violations } =
            self;
        report(&format!("  {images} images judged in {} s, {distinct} distinct", took.as_secs()));
        report(&format!(
            "  of {points} moments, {exhausted} of them with every subset of what was unsynced"
        ));
        report(&format!(
            "  of {recordings} recorded runs and {after_a_cut} openings after a power cut"
        ));
        report(&format!("  violations: {violations}"));
    }
}
