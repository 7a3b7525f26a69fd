//! The two-sample test of Mann and Whitney: how likely ranks so unequal are, if both samples are of one kind.
//!
//! Source: Mann and Whitney, "On a Test of Whether one of Two Random Variables is Stochastically Larger than
//! the Other", 1947; by the normal approximation, with the corrections for ties and continuity.

use anyhow::{Result, bail};

/// Samples below this are too small for the approximation.
const SAMPLES_MIN: usize = 20;

/// The two-sided probability.
pub(super) fn p_of(one: &[f64], other: &[f64]) -> Result<f64> {
    if one.len() < SAMPLES_MIN || other.len() < SAMPLES_MIN {
        bail!("{} and {} samples are too few to compare", one.len(), other.len());
    }
    let (n, m) = (count(one.len()), count(other.len()));
    let (ranks, ties) = ranks_of(one, other);
    let all = n + m;
    let smaller = ranks - n * (n + 1.0) / 2.0;
    let spread = n * m / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)));
    if spread <= 0.0 {
        return Ok(1.0);
    }
    let far = ((smaller - n * m / 2.0).abs() - 0.5).max(0.0) / spread.sqrt();
    Ok(libm::erfc(far / std::f64::consts::SQRT_2))
}

/// The sum of the ranks of the one, and what ties take from the spread.
fn ranks_of(one: &[f64], other: &[f64]) -> (f64, f64) {
    let mut all: Vec<(f64, bool)> = one.iter().map(|value| (*value, true)).collect();
    all.extend(other.iter().map(|value| (*value, false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut ranks, mut ties) = (0.0, 0.0, 0.0);
    for equal in all.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let many = count(equal.len());
        let rank = below + f64::midpoint(many, 1.0);
        ranks += rank * count(equal.iter().filter(|(_, of_one)| *of_one).count());
        ties += many * many * many - many;
        below += many;
    }
    (ranks, ties)
}

fn count(of: usize) -> f64 {
    f64::from(u32::try_from(of).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::p_of;

    fn numbers(from: u32, to: u32) -> Vec<f64> {
        (from..to).map(f64::from).collect()
    }

    /// The expected are those of `SciPy` 1.17, `mannwhitneyu(x, y, method="asymptotic")`.
    #[test]
    fn it_counts_as_others_do() {
        for (one, other, expected) in [
            (numbers(0, 30), numbers(5, 35), 0.042_747_353_305_713_92),
            (numbers(0, 100), numbers(0, 100), 1.0),
            (numbers(0, 100), numbers(50, 150), 5.110_578_235_277_606e-20),
            (
                [numbers(0, 20), numbers(0, 20)].concat(),
                numbers(3, 30),
                0.001_353_680_629_461_837_4,
            ),
        ] {
            let p = p_of(&one, &other).expect("enough");
            assert!((p - expected).abs() < 1e-9 * expected, "{p} is not {expected}");
        }
        assert!(p_of(&numbers(0, 19), &numbers(0, 100)).is_err());
    }
}
