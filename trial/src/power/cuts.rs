//! The power cuts of one recording.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::Result;
use outage::{Bits, Disk, Fate, Random, Tree};

use super::canvas::Canvas;
use super::case::{Case, STORE};
use super::points::{PASSING, Point, points};
use super::tally::Tally;
use crate::driver::history::History;
use crate::driver::replay::Faults;
use crate::driver::verify::{Verifier, Violation};
use crate::model::content::Contents;
use crate::report;

/// Of so many images of a recording the opening is recorded, too.
pub(super) const SECOND_CUTS: u64 = 3;

/// One in so many images is not only read but worked on.
const WORKED_ONE_IN: u64 = 6;

/// So many violations of a recording are told and kept.
const TOLD_MAX: u64 = 3;

/// The power cuts of one recording.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cuts<'c> {
    pub(super) case: &'c Case,
    pub(super) seed: u64,
    /// How many images, about.
    pub(super) images: u64,
}

/// Which image of a moment.
pub(super) fn fate(bits: &Bits, point: Point, seed: u64, variant: u64) -> Fate {
    if point.exhaustive {
        return Fate::exact(bits, variant);
    }
    let after = u64::try_from(point.after).unwrap_or(u64::MAX);
    Fate::drawn(bits, Random::of(&[seed, after, variant]).bits())
}

/// What is left of the store's folder; `None` where that is gone as a whole.
pub(super) fn remnant(disk: &Disk, fate: &Fate) -> Option<Tree> {
    disk.image(fate).below(Path::new(STORE))
}

/// A judge of what a moment may leave.
pub(super) fn verifier(case: &Case, contents: &Contents, after: usize) -> Result<Verifier> {
    let history = History::parse(&case.said(after))?;
    Verifier::new(&case.workload.script()?, &history, contents.clone(), Faults::None)
}

impl Cuts<'_> {
    /// Judges the images, one moment after the other.
    pub(super) fn judge(&self, scratch: &Path, found: &Path) -> Result<Tally> {
        let mut tally = Tally::default();
        let mut canvas = Canvas::new(scratch.join("images"))?;
        let contents = Contents::new(self.case.workload.seed);
        let mut disk = Disk::of(&self.case.record.base);
        let (mut done, mut judge, mut said) = (0, None, usize::MAX);
        for point in points(self.case, self.images, self.seed) {
            for op in self.case.record.ops.iter().skip(done).take(point.after - done) {
                disk.apply(op);
            }
            done = point.after;
            let now = self.case.said(point.after).len();
            if said != now {
                judge = Some(verifier(self.case, &contents, point.after)?);
                said = now;
            }
            let Some(judge) = &judge else { continue };
            let place = Place { disk: &disk, point, judge, found };
            self.judge_point(&place, &mut canvas, &mut tally)?;
        }
        canvas.end()?;
        Ok(tally)
    }

    fn judge_point(&self, place: &Place<'_>, canvas: &mut Canvas, tally: &mut Tally) -> Result<()> {
        let bits = place.disk.bits(&PASSING);
        let mut seen = HashSet::new();
        tally.points += 1;
        tally.exhausted += u64::from(place.point.exhaustive);
        for variant in 0..place.point.images {
            let fate = fate(&bits, place.point, self.seed, variant);
            let tree = remnant(place.disk, &fate).unwrap_or_default();
            // The same again would tell nothing new.
            if !seen.insert(hash(&tree)) {
                continue;
            }
            tally.distinct += 1;
            tally.images += 1;
            let violations = look(canvas, &tree, place, variant)?;
            if !violations.is_empty() {
                tally.violations += 1;
                self.tell((place, variant), &tree, &violations, tally)?;
            }
        }
        Ok(())
    }

    /// Tells what is wrong with an image, and keeps it.
    fn tell(
        &self,
        (place, variant): (&Place<'_>, u64),
        tree: &Tree,
        violations: &[Violation],
        tally: &Tally,
    ) -> Result<()> {
        if tally.violations > TOLD_MAX {
            return Ok(());
        }
        let Point { after, exhaustive, .. } = place.point;
        let name = format!("{}-{:x}-{after}-{variant}", self.case.workload.seed, self.seed);
        let folder = place.found.join(name);
        std::fs::create_dir_all(&folder)?;
        self.case.save(&folder)?;
        let line = format!("{after} {variant} {} {}\n", u8::from(exhaustive), self.seed);
        std::fs::write(folder.join("cut"), line)?;
        std::fs::write(folder.join("log"), self.case.said(after))?;
        let left = folder.join("image");
        drop(std::fs::remove_dir_all(&left));
        std::fs::create_dir(&left)?;
        tree.write(&left)?;
        let image = tally.images;
        let ops = self.case.record.ops.len();
        report(&format!(
            "VIOLATION, image {image} of this recording, cut after operation {after} of {ops}:"
        ));
        for violation in violations {
            report(&format!("    {violation}"));
        }
        report(&format!("    again: trial power --again {}", folder.display()));
        Ok(())
    }

    /// Records the opening of some images.
    pub(super) fn some_after(&self, scratch: &Path, many: u64) -> Result<Vec<Case>> {
        let mut random = Random::of(&[self.seed, 2]);
        let ops = self.case.record.ops.len();
        let mut chosen: Vec<usize> =
            (0..many).filter_map(|_| usize::try_from(random.below(ops as u64)).ok()).collect();
        chosen.sort_unstable();
        let mut disk = Disk::of(&self.case.record.base);
        let (mut done, mut cases) = (0, Vec::new());
        for after in chosen {
            for op in self.case.record.ops.iter().skip(done).take(after - done) {
                disk.apply(op);
            }
            done = after;
            let left = disk.image(&Fate::drawn(&disk.bits(&PASSING), random.bits()));
            cases.push(self.case.record_after(&left, self.case.said(after), scratch)?);
        }
        Ok(cases)
    }
}

/// A moment, and who judges it.
struct Place<'p> {
    disk: &'p Disk,
    point: Point,
    judge: &'p Verifier,
    found: &'p Path,
}

/// Lays an image out and judges it. Each moment's first image, and then one of a few, is worked
/// on, too.
fn look(
    canvas: &mut Canvas,
    tree: &Tree,
    place: &Place<'_>,
    variant: u64,
) -> Result<Vec<Violation>> {
    canvas.paint(tree)?;
    if variant.is_multiple_of(WORKED_ONE_IN) {
        canvas.used();
        return place.judge.check(canvas.folder());
    }
    place.judge.look(canvas.folder())
}

fn hash(tree: &Tree) -> u64 {
    let mut hasher = DefaultHasher::new();
    tree.folders.len().hash(&mut hasher);
    let without = |path: &PathBuf| {
        let name = path.to_str().unwrap_or_default();
        PASSING.iter().any(|end| name.ends_with(end))
    };
    for (path, file) in tree.files.iter().filter(|(path, _)| !without(path)) {
        (path, file.ident).hash(&mut hasher);
    }
    hasher.finish()
}
