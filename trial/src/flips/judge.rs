//! Opens a damaged store, asks it everything, and judges what it says.

use std::path::Path;
use std::time::Duration;

use wh_objects::{DiskStore, OpenError};

use super::keepsake::{Keepsake, ask, question};
use crate::compare::Answer;

/// How long a damaged store may take to open and to answer everything.
const PATIENCE: Duration = Duration::from_mins(1);

/// How many characters of an answer are told.
const TOLD_CHARS: usize = 160;

/// What became of the damage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The store was not opened, and said why.
    Refused,
    /// Whatever it hit was answered with an error, and all else was right.
    Found,
    /// All answers were right.
    Harmless,
    /// A promise was broken.
    Broken { how: &'static str, what: String },
}

/// Opens the store in a folder and asks it everything.
pub(crate) async fn judge(folder: &Path, whole: &Keepsake) -> Outcome {
    match tokio::time::timeout(PATIENCE, try_judge(folder, whole)).await {
        Ok(outcome) => outcome,
        Err(_) => Outcome::Broken { how: "hang", what: format!("nothing within {PATIENCE:?}") },
    }
}

async fn try_judge(folder: &Path, whole: &Keepsake) -> Outcome {
    let options = match whole.sealed.options(folder) {
        Ok(options) => options,
        Err(error) => return Outcome::Broken { how: "no keys", what: error.to_string() },
    };
    let store = match DiskStore::open(options).await {
        Ok(store) => store,
        Err(OpenError::Damaged { .. } | OpenError::NewerVersion { .. }) => return Outcome::Refused,
        Err(error) => {
            return Outcome::Broken { how: "unclear refusal", what: error.to_string() };
        }
    };
    let answers = ask(&store).await;
    store.close().await;
    compare(whole, &answers)
}

fn compare(whole: &Keepsake, damaged: &[Answer]) -> Outcome {
    let missing = whole.missing(damaged);
    let mut outcome = Outcome::Harmless;
    for (place, (right, got)) in whole.answers.iter().zip(damaged).enumerate() {
        if right == got {
            continue;
        }
        let how = match (right.code, got.code) {
            (_, "corrupt" | "body-broken-off") => {
                outcome = Outcome::Found;
                continue;
            }
            _ if missing > 0 => "rolled back",
            ("ok", "no-such-key" | "no-such-upload" | "no-such-bucket") => "lost",
            ("ok", "ok") => "wrong answer",
            (_, "ok") => "came back",
            _ => "unclear error",
        };
        let (right, got) = differing(&right.text, &got.text);
        let op = question(place);
        let what =
            format!("{missing} changes are gone; {op:?}\n    right: …{right}\n    got:   …{got}");
        return Outcome::Broken { how, what };
    }
    outcome
}

/// Where two texts begin to differ.
fn differing(right: &str, got: &str) -> (String, String) {
    let same = right.chars().zip(got.chars()).take_while(|(one, other)| one == other).count();
    let from = |text: &str| text.chars().skip(same.saturating_sub(20)).take(TOLD_CHARS).collect();
    (from(right), from(got))
}
