//! What came of all points, as a table.

use std::collections::BTreeMap;

use super::point::{Family, Point, Verdict};

#[derive(Debug, Default, Clone, Copy)]
struct Cell {
    points: usize,
    reached: usize,
    violated: usize,
    undecided: usize,
}

impl Cell {
    fn add(&mut self, other: Self) {
        self.points += other.points;
        self.reached += other.reached;
        self.violated += other.violated;
        self.undecided += other.undecided;
    }
}

/// Counts by call and family.
#[derive(Debug, Default)]
pub(super) struct Table(BTreeMap<(Family, &'static str), Cell>);

impl Table {
    pub(super) fn count(&mut self, point: Point, verdict: &Verdict) {
        let cell = Cell {
            points: 1,
            reached: usize::from(verdict.hit.is_some()),
            violated: usize::from(!verdict.violations.is_empty()),
            undecided: usize::from(verdict.undecided),
        };
        self.0.entry((point.family, point.call.name)).or_default().add(cell);
    }

    /// How many points had violations.
    pub(super) fn violations(&self) -> usize {
        self.0.values().map(|cell| cell.violated).sum()
    }

    /// The table: for each family the calls, and their sum.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines =
            vec![line("family", "call", ["points", "reached", "violations", "undecided"])];
        for family in Family::ALL {
            let cells: Vec<_> = self.0.iter().filter(|((f, _), _)| *f == family).collect();
            let mut sum = Cell::default();
            for ((_, call), cell) in &cells {
                lines.push(counted(family, call, **cell));
                sum.add(**cell);
            }
            if !cells.is_empty() {
                lines.push(counted(family, "all", sum));
            }
        }
        lines
    }
}

fn counted(family: Family, call: &str, counts: Cell) -> String {
    let Cell { points, reached, violated, undecided } = counts;
    line(
        family.as_str(),
        call,
        [points, reached, violated, undecided].map(|count| count.to_string()),
    )
}

fn line<T: std::fmt::Display>(family: &str, call: &str, counts: [T; 4]) -> String {
    let [points, reached, violated, undecided] = counts;
    format!("{family:<8} {call:<16} {points:>8} {reached:>8} {violated:>11} {undecided:>10}")
}
