//! Checks every seal of a database and of its log.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use crate::layout::{LOCK_PAGE, PAGE, as_u64, page_offset};
use crate::log::{Found, walk};
use crate::open::OpenError;
use crate::opening::judge;
use crate::seal::{Place, Seal};
use crate::vfs::{Code, RawFile, Real, What};

/// A page may be on its way to the disk while it is read: it is read again after such pauses, in
/// milliseconds, before it is called damaged.
const PAUSES: [u64; 7] = [0, 1, 2, 4, 8, 16, 32];

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// How many pages of the database were looked at.
    pub pages: u64,
    /// How many frames of the log belong to commits, and verify.
    pub frames: u64,
    /// What does not verify, in order.
    pub damaged: Vec<Spot>,
    /// Whether the caller stopped before the end.
    pub stopped: bool,
}

/// Where damage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Spot {
    /// A page of the database, counted from 1.
    Page(u32),
    /// A frame of the log, counted from 1; 0 is the log's header.
    Frame(u32),
}

/// How far a check has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Pages looked at.
    pub pages: u64,
    /// Pages that there are.
    pub of: u64,
}

/// Reads every page of the database and every frame of its log, and opens each seal. May run
/// beside connections that read and write. `progress` is called after each page (4096 bytes), may
/// sleep to keep to a rate, and ends the check with `Break`.
///
/// A page that the log holds anew counts as sound: SQLite reads it from there.
///
/// # Errors
/// [`OpenError`] when the files cannot be read, or are sealed otherwise; damage is no error but
/// what the report is for.
pub fn verify(
    path: &Path,
    seal: &Seal,
    mut progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Report, OpenError> {
    let mut file = RawFile::open(path, What::Pages)?;
    if let Some(refusal) = file.with(|real| judge(seal, real))? {
        return Err(refusal.into());
    }
    let mut report = Report::default();
    let log = walk_log(path, seal)?;
    let (mut newer, mut size) = (BTreeSet::new(), 0);
    match log {
        Found::Damaged { frame } => report.damaged.push(Spot::Frame(frame)),
        Found::Sound { committed, size: after, pages } => {
            report.frames = u64::from(committed);
            (newer, size) = (pages, after);
        }
    }
    file.with(|real| check_pages(seal, real, (&newer, size), &mut report, &mut progress))?;
    Ok(report)
}

/// Whether a page, counted from 1, as its 4096 bytes stand in the file of a database, is what was
/// written there.
pub fn is_sound(seal: &Seal, page: u32, bytes: &[u8]) -> bool {
    let mut bytes = bytes.to_vec();
    page == LOCK_PAGE || (bytes.len() == PAGE && seal.open(Place::Page(page), &mut bytes).is_ok())
}

fn walk_log(path: &Path, seal: &Seal) -> Result<Found, OpenError> {
    let none = Found::Sound { committed: 0, size: 0, pages: BTreeSet::new() };
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    if !Path::new(&name).try_exists()? {
        return Ok(none);
    }
    Ok(RawFile::open(path, What::Log)?.with(|real| walk(seal, real))?)
}

fn check_pages(
    seal: &Seal,
    real: &Real,
    (newer, size_in_log): (&BTreeSet<u32>, u32),
    report: &mut Report,
    progress: &mut impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<(), Code> {
    let last = if size_in_log > 0 { size_in_log } else { size(seal, real)? };
    for page in 1..=last {
        let sound = page == LOCK_PAGE || newer.contains(&page) || check(seal, real, page)?;
        if !sound {
            report.damaged.push(Spot::Page(page));
        }
        report.pages += 1;
        if progress(Progress { pages: report.pages, of: u64::from(last) }).is_break() {
            report.stopped = true;
            return Ok(());
        }
    }
    Ok(())
}

/// The size in pages: as the first page says, or else as long as the file is.
fn size(seal: &Seal, real: &Real) -> Result<u32, Code> {
    let mut page = [0; PAGE];
    let whole = real.read(&mut page, 0)?;
    if whole && seal.open(Place::Page(1), &mut page).is_ok() {
        let stated = page.get(28..).and_then(|rest| rest.first_chunk::<4>());
        return Ok(stated.map_or(0, |bytes| u32::from_be_bytes(*bytes)));
    }
    Ok(u32::try_from(real.size()?.div_ceil(as_u64(PAGE))).unwrap_or(u32::MAX))
}

fn check(seal: &Seal, real: &Real, page: u32) -> Result<bool, Code> {
    let mut bytes = [0; PAGE];
    for pause in PAUSES {
        sleep(Duration::from_millis(pause));
        let whole = real.read(&mut bytes, page_offset(page))?;
        if whole && seal.open(Place::Page(page), &mut bytes).is_ok() {
            return Ok(true);
        }
    }
    Ok(false)
}
