//! Makes a list of operations on which two stores differ as short as it gets.

use super::operation::Op;

/// Leaves operations out, in ever smaller pieces, as long as the rest still fails.
///
/// Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002.
pub(crate) fn shrink(mut ops: Vec<Op>, mut fails: impl FnMut(&[Op]) -> bool) -> Vec<Op> {
    let mut piece = ops.len().div_ceil(2);
    while piece > 0 {
        let before = ops.len();
        let mut from = 0;
        while from < ops.len() {
            let without: Vec<Op> =
                ops.iter().take(from).chain(ops.iter().skip(from + piece)).copied().collect();
            if fails(&without) {
                ops = without;
            } else {
                from += piece;
            }
        }
        // The smallest pieces are tried until nothing goes any more.
        if piece > 1 || ops.len() == before {
            piece /= 2;
        }
    }
    ops
}

#[cfg(test)]
mod tests {
    use super::super::operation::{OnBucket, Op};
    use super::shrink;

    #[test]
    fn what_matters_stays_and_all_else_goes() {
        let ops: Vec<Op> = (0..100).map(|n| Op::Bucket(OnBucket::Make(n))).collect();
        let has = |ops: &[Op], number: u8| {
            ops.iter().any(|op| matches!(op, Op::Bucket(OnBucket::Make(n)) if *n == number))
        };
        let left = shrink(ops, |ops| has(ops, 17) && has(ops, 93));
        assert_eq!(left.len(), 2, "{left:?}");
        assert!(has(&left, 17) && has(&left, 93), "{left:?}");
    }
}
