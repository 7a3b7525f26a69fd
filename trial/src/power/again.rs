//! Judges once more what an earlier run found wrong.

use std::path::Path;

use anyhow::{Result, bail};
use outage::{Disk, Op};

use super::canvas::Canvas;
use super::case::Case;
use super::cuts::{fate, remnant, verifier};
use super::points::{PASSING, Point};
use crate::model::content::Contents;
use crate::report;

/// Makes the image again from the recording and judges it in a fresh folder.
pub(super) fn judge(folder: &Path, scratch: &Path) -> Result<()> {
    let case = Case::load(folder)?;
    let text = std::fs::read_to_string(folder.join("cut"))?;
    let numbers = text.split_whitespace().map(str::parse).collect::<Result<Vec<u64>, _>>()?;
    let [after, variant, exhaustive, seed] = numbers[..] else { bail!("a cut is four numbers") };
    let point = Point { after: usize::try_from(after)?, images: 1, exhaustive: exhaustive == 1 };
    let mut disk = Disk::of(&case.record.base);
    for op in case.record.ops.iter().take(point.after) {
        disk.apply(op);
    }
    report(&format!("power: {}; cut after {after}, image {variant}", case.told()));
    let first = point.after.saturating_sub(60);
    for (number, op) in (1..).zip(&case.record.ops).skip(first).take(64) {
        let here = if number == point.after { "  <- the power is cut" } else { "" };
        report(&format!("  {number} {}{here}", shown(op)));
    }
    for (path, file) in &case.record.base.files {
        report(&format!("  at the beginning: {} {} bytes", path.display(), file.bytes.len()));
    }
    let fate = fate(&disk.bits(&PASSING), point, seed, variant);
    report(&format!(
        "  spared: names {:?}, data {:?}, sizes {:?}",
        fate.names, fate.data, fate.sizes
    ));
    let tree = remnant(&disk, &fate).unwrap_or_default();
    for (path, file) in &tree.files {
        report(&format!("  left: {} {} bytes", path.display(), file.bytes.len()));
    }
    let mut canvas = Canvas::new(scratch.join(format!("again-{}", std::process::id())))?;
    canvas.paint(&tree)?;
    let contents = Contents::new(case.workload.seed);
    let violations = verifier(&case, &contents, point.after)?.check(canvas.folder())?;
    canvas.end()?;
    for violation in &violations {
        report(&format!("  {violation}"));
    }
    match violations.len() {
        0 => Ok(()),
        many => bail!("{many} violations"),
    }
}

fn shown(op: &Op) -> String {
    if let Op::Write { ino, at, data } = op {
        return format!("Write {{ ino: {ino:?}, at: {at}, {} bytes }}", data.len());
    }
    format!("{op:?}")
}
