//! Checking a chain: is every line there, as it was written, in its place?
//!
//! What the chain itself cannot tell is whether somebody wrote all of it anew: whoever may write the
//! rows may count the hashes again. For that there are marks, which checkpoints have signed.

use super::chain::{AuditMark, AuditReach, Hash, Line, REACHES, parse, reaches, text};
use super::{AuditChain, read};
use crate::sql::{self, Row, Tx};
use crate::{Ledger, LedgerError};

/// How many lines are read at a time.
const PAGE_LINES: i64 = 2_000;

/// The most faults that are told one by one.
const FAULTS_MAX: usize = 100;

const RECORDS: &str = "SELECT * FROM audit WHERE chain = $1 AND link > $2 ORDER BY link LIMIT $3";
const OUTCOMES: &str = "SELECT * FROM audit_outcomes WHERE link > $1 ORDER BY link LIMIT $2";

/// What is wrong with a chain, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFault {
    /// The line's place.
    pub link: i64,
    /// What is wrong there.
    pub kind: AuditFaultKind,
}

/// What can be wrong at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditFaultKind {
    /// The line, or one before it, is not as it was written.
    Changed,
    /// There is no line from here to that place.
    Missing {
        /// The last of the places without a line.
        to: i64,
    },
    /// There is more than one line.
    Repeated,
    /// The line's number is not above those before it: it was put in later than it says.
    OutOfOrder,
    /// The end of the chain is written down differently.
    OtherEnd,
    /// Lines stand outside of the chain: so many.
    Outside {
        /// How many.
        lines: i64,
    },
    /// The beginning of a chain of which nothing is forgotten is gone.
    Beheaded,
    /// A mark says that the chain went on to here; it ends before.
    Cut,
    /// A mark says something else of this place: the chain was written anew from here or before, or
    /// this is another chain with the same beginning.
    Forked,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditCheck {
    /// How far the chain reaches.
    pub reach: AuditReach,
    /// How many lines were read.
    pub lines: u64,
    /// How many marks the chain was held against; those of what has been forgotten since do not count.
    pub marks: u64,
    /// What is wrong, in the order of the chain; the first hundred.
    pub faults: Vec<AuditFault>,
}

impl Ledger {
    /// From where to where the chains go.
    pub async fn audit_reaches(&self) -> Result<Vec<AuditReach>, LedgerError> {
        reaches(sql::query(REACHES).fetch_all(self.reader()).await?)
    }

    /// How many lines have no link (yet): an older version wrote them.
    pub async fn audit_unlinked(&self) -> Result<u64, LedgerError> {
        let count = "SELECT (SELECT count(*) FROM audit WHERE chain IS NULL)
                     + (SELECT count(*) FROM audit_outcomes WHERE link IS NULL) AS lines";
        let lines: i64 = sql::query(count).fetch_one(self.reader()).await?.try_get("lines")?;
        Ok(lines.unsigned_abs())
    }

    /// Reads a chain from its beginning, or on from a place that was found right before, and holds it
    /// against `marks`.
    pub async fn check_audit_chain(
        &self,
        chain: AuditChain,
        on_from: Option<&AuditMark>,
        marks: &[AuditMark],
    ) -> Result<AuditCheck, LedgerError> {
        let mut tx = self.reader().begin_reading().await?;
        let found = reaches(sql::query(REACHES).fetch_all(&mut tx).await?)?;
        let found = found.into_iter().find(|reach| reach.chain == chain);
        let reach = found.ok_or(LedgerError::Corrupt { column: "chain" })?;
        // What was right and is forgotten by now is no place to go on from.
        let from = on_from.filter(|mark| mark.link >= reach.tail.link).unwrap_or(&reach.tail);
        let mut reader = Reader::new(&reach, from.clone(), marks);
        if chain == AuditChain::Trail && reach.tail != beginning() {
            reader.fault(reach.tail.link, AuditFaultKind::Beheaded);
        }
        while let Some(page) = page(&mut tx, chain, reader.at.link).await? {
            let before = reader.at.link;
            for found in page {
                reader.read(found);
            }
            if reader.at.link == before {
                break;
            }
        }
        let from_tail = from.link == reach.tail.link;
        reader.end(from_tail.then_some(count(&mut tx, chain).await?));
        Ok(reader.check)
    }
}

fn beginning() -> AuditMark {
    AuditMark { link: 0, hash: text(&Hash::default()) }
}

/// How many lines call themselves this chain's.
async fn count(tx: &mut Tx, chain: AuditChain) -> Result<i64, LedgerError> {
    if chain != AuditChain::Trail {
        let records = "SELECT count(*) AS lines FROM audit WHERE chain = $1";
        let records = sql::query(records).bind(chain.as_str()).fetch_one(&mut *tx).await?;
        return Ok(records.try_get("lines")?);
    }
    // A name that is no chain's would be read by none.
    let records = "SELECT count(*) AS lines FROM audit
                   WHERE chain IS NOT NULL AND chain NOT IN ('strangers', 'machines')";
    let records: i64 = sql::query(records).fetch_one(&mut *tx).await?.try_get("lines")?;
    let outcomes = "SELECT count(*) AS lines FROM audit_outcomes WHERE link IS NOT NULL";
    let outcomes: i64 = sql::query(outcomes).fetch_one(tx).await?.try_get("lines")?;
    Ok(records + outcomes)
}

/// A line as it was found; without `line`, its row cannot be read.
#[derive(Debug)]
struct Found {
    link: i64,
    hash: Option<String>,
    line: Option<Line>,
    /// The number of a record.
    seq: Option<i64>,
}

impl Found {
    /// A link that is no number is none: it stands before all others.
    fn new(row: &Row, line: Option<Line>) -> Self {
        let place = row.try_get("link").unwrap_or(i64::MIN);
        Self { link: place, hash: row.try_get("hash").ok(), line, seq: None }
    }
}

/// The next lines after a place, in the order of their links.
async fn page(
    tx: &mut Tx,
    chain: AuditChain,
    after: i64,
) -> Result<Option<Vec<Found>>, LedgerError> {
    let records = sql::query(RECORDS).bind(chain.as_str()).bind(after).bind(PAGE_LINES);
    let of_record = |row: &Row| {
        let line = read::record(row).ok().map(|(seq, record)| Line::of_record(seq, &record));
        Found { seq: row.try_get("seq").ok(), ..Found::new(row, line) }
    };
    let rows = records.fetch_all(&mut *tx).await?;
    let records: Vec<_> = rows.iter().map(of_record).collect();
    let outcomes = if chain == AuditChain::Trail {
        let of_outcome = |row: &Row| {
            let line = read::outcome(row).ok().map(|(id, said)| Line::of_outcome(id, &said));
            Found::new(row, line)
        };
        let rows = sql::query(OUTCOMES).bind(after).bind(PAGE_LINES).fetch_all(tx).await?;
        rows.iter().map(of_outcome).collect()
    } else {
        Vec::new()
    };
    // A list that is full may go on; what the other has after its end comes with the next page.
    let full = |list: &Vec<Found>| i64::try_from(list.len()).is_ok_and(|len| len == PAGE_LINES);
    let ends = [&records, &outcomes].into_iter().filter(|list| full(list));
    let bound = ends.filter_map(|list| list.last()).map(|found| found.link).min();
    let mut found: Vec<_> = records.into_iter().chain(outcomes).collect();
    found.retain(|found| bound.is_none_or(|bound| found.link <= bound));
    found.sort_by_key(|found| found.link);
    Ok((!found.is_empty()).then_some(found))
}

/// Goes along a chain.
struct Reader<'m> {
    at: AuditMark,
    marks: Vec<&'m AuditMark>,
    check: AuditCheck,
    newest: i64,
}

impl<'m> Reader<'m> {
    fn new(reach: &AuditReach, from: AuditMark, marks: &'m [AuditMark]) -> Self {
        let mut marks: Vec<_> = marks.iter().filter(|mark| mark.link >= from.link).collect();
        marks.sort_by_key(|mark| std::cmp::Reverse(mark.link));
        let check = AuditCheck { reach: reach.clone(), lines: 0, marks: 0, faults: Vec::new() };
        let mut reader = Self { at: from, marks, check, newest: 0 };
        reader.compare();
        reader
    }

    fn fault(&mut self, link: i64, kind: AuditFaultKind) {
        if self.check.faults.len() < FAULTS_MAX {
            self.check.faults.push(AuditFault { link, kind });
        }
    }

    fn read(&mut self, found: Found) {
        self.check.lines += 1;
        let next = self.at.link + 1;
        if found.link < next {
            return self.fault(found.link, AuditFaultKind::Repeated);
        }
        if found.link > next {
            self.fault(next, AuditFaultKind::Missing { to: found.link - 1 });
        } else if !self.is_right(&found) {
            self.fault(found.link, AuditFaultKind::Changed);
        }
        if let Some(seq) = found.seq {
            if seq <= self.newest {
                self.fault(found.link, AuditFaultKind::OutOfOrder);
            }
            self.newest = seq;
        }
        // What follows is judged by what is written here, so that each fault is told once.
        self.at = AuditMark { link: found.link, hash: found.hash.unwrap_or_default() };
        self.compare();
    }

    fn is_right(&self, found: &Found) -> bool {
        let (Some(line), Ok(before)) = (&found.line, parse(&self.at.hash)) else { return false };
        let hash = line.hash(self.check.reach.chain, found.link, &before);
        found.hash.as_ref().is_some_and(|written| *written == text(&hash))
    }

    /// Holds the place that was reached against the marks up to it.
    fn compare(&mut self) {
        while let Some(mark) = self.marks.pop_if(|mark| mark.link <= self.at.link) {
            if mark.link == self.at.link && mark.hash == self.at.hash {
                self.check.marks += 1;
            } else {
                self.fault(mark.link, AuditFaultKind::Forked);
            }
        }
    }

    fn end(&mut self, count: Option<i64>) {
        if self.at != self.check.reach.head {
            self.fault(self.at.link, AuditFaultKind::OtherEnd);
        }
        if let Some(mark) = self.marks.first() {
            let link = mark.link;
            self.fault(link, AuditFaultKind::Cut);
        }
        let lines = i64::try_from(self.check.lines).unwrap_or(i64::MAX);
        if let Some(outside) = count.map(|count| count - lines).filter(|outside| *outside > 0) {
            self.fault(self.at.link, AuditFaultKind::Outside { lines: outside });
        }
    }
}
