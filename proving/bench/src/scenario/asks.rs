//! The ten requests, and what each must come to.

use super::rules::SHAPES;
use super::{Conditions, Expected, Setting};

/// The value of a condition key, with its type.
#[derive(Debug, Clone, Copy)]
pub enum Fact {
    /// Text.
    Text(&'static str),
    /// True or false.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A point in time, as RFC 3339 writes it.
    Time(&'static str),
    /// An address.
    Address(&'static str),
    /// A multivalued key.
    Many(&'static [&'static str]),
}

/// The user who asks.
pub const USER: &str = "alice";

/// One request of [`USER`].
#[derive(Debug, Clone)]
pub struct Ask {
    /// `s3:GetObject`
    pub action: &'static str,
    /// The bucket.
    pub bucket: String,
    /// The key; none where the request is about the bucket.
    pub key: Option<String>,
    /// The condition keys.
    pub facts: Vec<(&'static str, Fact)>,
    /// What it must come to.
    pub expected: Expected,
}

impl Ask {
    /// The ARN of the bucket or object.
    pub fn arn(&self) -> String {
        match &self.key {
            Some(key) => format!("arn:aws:s3:::{}/{key}", self.bucket),
            None => format!("arn:aws:s3:::{}", self.bucket),
        }
    }
}

/// Which block of the rules a request is about.
#[derive(Debug, Clone, Copy)]
enum Block {
    First,
    Middle,
    Last,
}

/// The statement that decides, by its shape, and how.
#[derive(Debug, Clone, Copy)]
enum Decides {
    /// Nothing in any set.
    Nothing,
    /// This shape allows it.
    Allows(usize),
    /// This shape denies it.
    Denies(usize),
    /// This shape would allow it, were it not for its conditions.
    WouldAllow(usize),
}

struct Sketch {
    block: Block,
    decides: Decides,
    action: &'static str,
    bucket: &'static str,
    key: Option<&'static str>,
    facts: &'static [(&'static str, Fact)],
}

const ADDRESS: &str = "aws:SourceIp";
const SECURE: &str = "aws:SecureTransport";

/// What every request carries, unless it says otherwise.
const USUAL: [(&str, Fact); 4] = [
    (ADDRESS, Fact::Address("10.1.2.3")),
    (SECURE, Fact::Flag(true)),
    ("aws:CurrentTime", Fact::Time("2026-11-25T12:00:00Z")),
    ("aws:UserAgent", Fact::Text("aws-cli/2.31.0 md/Botocore#1.40.0 ua/2.1 os/linux")),
];

const ELSEWHERE: (&str, Fact) = (ADDRESS, Fact::Address("203.0.113.9"));

const SKETCHES: [Sketch; 10] = [
    Sketch {
        block: Block::Last,
        decides: Decides::Allows(0),
        action: "s3:GetObject",
        bucket: "team-",
        key: Some("reports/2026/q3/summary.pdf"),
        facts: &[],
    },
    Sketch {
        block: Block::First,
        decides: Decides::Allows(1),
        action: "s3:ListBucket",
        bucket: "team-",
        key: None,
        facts: &[("s3:prefix", Fact::Text("reports/2026/")), ("s3:max-keys", Fact::Number(500))],
    },
    Sketch {
        block: Block::Middle,
        decides: Decides::Allows(2),
        action: "s3:PutObject",
        bucket: "homes-",
        key: Some("alice/notes/2026-11-25.txt"),
        facts: &[],
    },
    Sketch {
        block: Block::Last,
        decides: Decides::Denies(3),
        action: "s3:DeleteObject",
        bucket: "team-",
        key: Some("archive/2019/contract.pdf"),
        facts: &[],
    },
    Sketch {
        block: Block::Middle,
        decides: Decides::Allows(4),
        action: "s3:PutObject",
        bucket: "team-",
        key: Some("incoming/scanner-7/raw/0001.tiff"),
        facts: &[
            ("s3:x-amz-server-side-encryption", Fact::Text("AES256")),
            ("s3:RequestObjectTagKeys", Fact::Many(&["colour", "project"])),
        ],
    },
    Sketch {
        block: Block::Last,
        decides: Decides::Denies(5),
        action: "s3:GetObject",
        bucket: "team-",
        key: Some("confidential/salaries.xlsx"),
        facts: &[(SECURE, Fact::Flag(false))],
    },
    Sketch {
        block: Block::First,
        decides: Decides::WouldAllow(0),
        action: "s3:GetObject",
        bucket: "team-",
        key: Some("reports/2026/q4/draft.pdf"),
        facts: &[ELSEWHERE],
    },
    Sketch {
        block: Block::Middle,
        decides: Decides::Nothing,
        action: "s3:GetObject",
        bucket: "unknown-",
        key: Some("reports/2026/q3/summary.pdf"),
        facts: &[],
    },
    Sketch {
        block: Block::First,
        decides: Decides::Denies(8),
        action: "s3:PutBucketPolicy",
        bucket: "team-",
        key: None,
        facts: &[ELSEWHERE],
    },
    Sketch {
        block: Block::Last,
        decides: Decides::Nothing,
        action: "s3:DeleteObject",
        bucket: "homes-",
        key: Some("bob/notes/2026-11-25.txt"),
        facts: &[],
    },
];

/// The requests of a setting.
pub fn asks(setting: Setting) -> Vec<Ask> {
    SKETCHES.iter().map(|sketch| sketch.ask(setting)).collect()
}

impl Sketch {
    fn ask(&self, setting: Setting) -> Ask {
        let blocks = setting.statements.div_ceil(SHAPES);
        let block = match self.block {
            Block::First => 0,
            Block::Middle => blocks / 2,
            Block::Last => blocks.saturating_sub(1),
        };
        let mut facts: Vec<_> = self.facts.to_vec();
        facts.extend(USUAL.iter().filter(|(key, _)| self.facts.iter().all(|(k, _)| k != key)));
        Ask {
            action: self.action,
            bucket: format!("{}{block}", self.bucket),
            key: self.key.map(str::to_owned),
            facts,
            expected: self.decides.expected(block, setting),
        }
    }
}

impl Decides {
    fn expected(self, block: usize, setting: Setting) -> Expected {
        let is_there = |shape: usize| block * SHAPES + shape < setting.statements;
        match (self, setting.conditions) {
            (Self::Allows(shape), Conditions::Kept | Conditions::Dropped)
            | (Self::WouldAllow(shape), Conditions::Dropped)
                if is_there(shape) =>
            {
                Expected::Allow
            }
            (Self::Denies(shape), Conditions::Kept | Conditions::Dropped) if is_there(shape) => {
                Expected::ExplicitDeny
            }
            (
                Self::Nothing | Self::Allows(_) | Self::Denies(_) | Self::WouldAllow(_),
                Conditions::Kept | Conditions::Dropped,
            ) => Expected::ImplicitDeny,
        }
    }
}
