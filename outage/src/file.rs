//! A file: what of it is durable, and what was done since.
//!
//! Invariant: a sector of an image holds what the page cache held for it at some moment since the
//! last fsync, or what that fsync made durable; never a mixture. A file is cut wholly or not at
//! all, and before what is done to it later: what is spared of that is not spared without the cut.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::fate::Fate;
use crate::random::mix;

/// Something done to a file that no fsync has made durable.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    /// The operation's number on the disk.
    pub(crate) number: u64,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    Write {
        at: u64,
        data: Bytes,
    },
    Zero {
        at: u64,
        len: u64,
    },
    /// The size, and what lay beyond a smaller one turned to zeros.
    Size {
        from: u64,
        to: u64,
    },
}

impl Change {
    /// The bytes that change.
    fn range(&self) -> Range<u64> {
        match &self.what {
            What::Write { at, data } => *at..*at + len(data),
            What::Zero { at, len } => *at..*at + *len,
            What::Size { from, to } => *to..(*from).max(*to),
        }
    }

    /// Whether the file became smaller.
    pub(crate) fn is_cut(&self) -> bool {
        matches!(&self.what, What::Size { from, to } if to < from)
    }

    fn size_after(&self, before: u64) -> u64 {
        match &self.what {
            What::Write { at, data } => before.max(*at + len(data)),
            What::Zero { .. } => before,
            What::Size { to, .. } => *to,
        }
    }

    /// Changes those of its bytes that are `within` a range.
    fn apply(&self, bytes: &mut [u8], within: &Range<u64>) {
        let range = self.range();
        let (start, end) = (range.start.max(within.start), range.end.min(within.end));
        let Some(target) = bytes.get_mut(place(start)..place(end.max(start))) else { return };
        match &self.what {
            What::Write { at, data } => {
                let from = place(start - at);
                let source = data.get(from..from + target.len()).unwrap_or_default();
                if source.len() == target.len() {
                    target.copy_from_slice(source);
                }
            }
            What::Zero { .. } | What::Size { .. } => target.fill(0),
        }
    }
}

pub(crate) fn len(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

pub(crate) fn place(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

/// Sets a size; what is added is zeros.
fn resize(bytes: &mut Vec<u8>, to: u64) {
    bytes.resize(place(to), 0);
}

/// A file's contents, now and as an fsync left them.
#[derive(Debug, Clone, Default)]
pub(crate) struct File {
    now: Vec<u8>,
    durable: Arc<Vec<u8>>,
    /// Counts the states of `durable`.
    version: u64,
    pending: Vec<Change>,
}

impl File {
    /// A file that is durable.
    pub(crate) fn durable(bytes: Arc<Vec<u8>>) -> Self {
        Self { now: bytes.to_vec(), durable: bytes, version: 0, pending: Vec::new() }
    }

    pub(crate) fn now(&self) -> &[u8] {
        &self.now
    }

    pub(crate) fn pending(&self) -> &[Change] {
        &self.pending
    }

    pub(crate) fn write(&mut self, number: u64, at: u64, data: Bytes) {
        self.change(Change { number, what: What::Write { at, data } });
    }

    pub(crate) fn zero(&mut self, number: u64, at: u64, len: u64) {
        self.change(Change { number, what: What::Zero { at, len } });
    }

    pub(crate) fn resize(&mut self, number: u64, to: u64) {
        self.change(Change { number, what: What::Size { from: len(&self.now), to } });
    }

    fn change(&mut self, change: Change) {
        apply_whole(&change, &mut self.now);
        self.pending.push(change);
    }

    pub(crate) fn sync(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let durable = Arc::make_mut(&mut self.durable);
        for change in self.pending.drain(..) {
            apply_whole(&change, durable);
        }
        self.version += 1;
    }

    /// Whether a pending change alters the size, for each.
    pub(crate) fn sizes(&self) -> impl Iterator<Item = (&Change, Option<u64>)> {
        let mut size = len(&self.durable);
        self.pending.iter().map(move |change| {
            let after = change.size_after(size);
            let before = std::mem::replace(&mut size, after);
            (change, (after != before).then_some(after))
        })
    }

    /// What a power cut leaves, and a number for it that is the same only for the same bytes.
    pub(crate) fn image(&self, fate: &Fate) -> (Arc<Vec<u8>>, u64) {
        if self.pending.is_empty() {
            return (Arc::clone(&self.durable), mix(self.version));
        }
        let sector = fate.sector_bytes();
        let cut = self.last_cut(fate);
        let spared = |change: &Change, at: u64| {
            if change.is_cut() { change.number <= cut } else { fate.keeps(change.number, at) }
        };
        let (reached, ident) = self.reached(sector, spared);
        let kept = |(change, sized): (&Change, Option<u64>)| {
            sized.filter(|_| change.number == cut || fate.keeps_size(change.number))
        };
        let size = self.sizes().filter_map(kept).last().unwrap_or(len(&self.durable));
        let extent = self.pending.iter().map(|change| change.range().end).max().unwrap_or(0);
        let mut bytes = self.durable.to_vec();
        resize(&mut bytes, extent.max(len(&self.durable)));
        for change in &self.pending {
            let lasting = |at: &u64| reached.get(at).is_some_and(|last| *last >= change.number);
            for at in sectors(&change.range(), sector).filter(lasting) {
                change.apply(&mut bytes, &(at * sector..(at + 1) * sector));
            }
        }
        resize(&mut bytes, size);
        (Arc::new(bytes), mix(ident ^ size))
    }

    /// The last time that the file was cut, as far as that is spared: because it is, or because
    /// something later is.
    fn last_cut(&self, fate: &Fate) -> u64 {
        let sector = fate.sector_bytes();
        let mut spared = false;
        let changes: Vec<_> = self.sizes().collect();
        for (change, sized) in changes.into_iter().rev() {
            spared |= sized.is_some() && fate.keeps_size(change.number);
            if change.is_cut() && spared {
                return change.number;
            }
            let mut sectors = sectors(&change.range(), sector);
            spared |= !change.is_cut() && sectors.any(|at| fate.keeps(change.number, at));
        }
        0
    }

    /// The last change that reached the disk, for each sector.
    fn reached(
        &self,
        sector: u64,
        spared: impl Fn(&Change, u64) -> bool,
    ) -> (HashMap<u64, u64>, u64) {
        let (mut reached, mut ident) = (HashMap::new(), mix(self.version ^ sector << 48));
        for change in &self.pending {
            for at in sectors(&change.range(), sector).filter(|at| spared(change, *at)) {
                reached.insert(at, change.number);
                ident = mix(ident ^ mix(change.number ^ at << 32));
            }
        }
        (reached, ident)
    }
}

fn apply_whole(change: &Change, bytes: &mut Vec<u8>) {
    let size = change.size_after(len(bytes));
    let extent = size.max(len(bytes));
    resize(bytes, extent);
    change.apply(bytes, &(0..u64::MAX));
    resize(bytes, size);
}

/// The numbers of the sectors that a range touches.
fn sectors(range: &Range<u64>, sector: u64) -> Range<u64> {
    if range.is_empty() {
        return 0..0;
    }
    range.start / sector..(range.end - 1) / sector + 1
}
