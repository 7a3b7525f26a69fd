//! What was seen, and how a place is written in a policy.

use wh_names::{Action, Arn};

use crate::Version;
use crate::glob::Piece;

/// A request that was seen, or all that are like it: an action, and an ARN or all ARNs below one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    pub(super) action: String,
    /// The ARN, or what ARNs begin with.
    pub(super) literal: String,
    /// Whether all that begin so are meant.
    pub(super) below: bool,
}

impl Seen {
    /// An action on one resource.
    pub fn on(action: &Action, resource: &Arn) -> Self {
        Self {
            action: action.as_str().to_owned(),
            literal: resource.as_str().to_owned(),
            below: false,
        }
    }

    /// An action on all objects of a bucket whose keys begin with `prefix`.
    pub fn below(action: &Action, bucket: &Arn, prefix: &str) -> Self {
        Self {
            action: action.as_str().to_owned(),
            literal: format!("{bucket}/{prefix}"),
            below: true,
        }
    }

    /// The action.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// The same or the folder around it, as far as it can be written in a policy: key names may hold
    /// characters that policies cannot.
    pub(super) fn writable(&self, version: Version) -> Self {
        let stops = |c: char| !is_policy_character(c) || (!has_escapes(version) && is_wild(c));
        let Some((at, _)) = self.literal.char_indices().find(|(_, c)| stops(*c)) else {
            return self.clone();
        };
        let before = self.literal.get(..at).unwrap_or_default();
        let folder = before.rfind('/').and_then(|slash| before.get(..=slash));
        Self { literal: folder.unwrap_or(before).to_owned(), below: true, ..self.clone() }
    }

    /// Whether it is no resource in particular: what lists buckets is allowed on all of them, or not at all.
    pub(super) fn is_all(&self) -> bool {
        !self.below && self.literal.ends_with(":*")
    }

    /// As the resource of a statement. What is not [`writable`](Self::writable) would mean something else.
    pub(super) fn pattern(&self, version: Version) -> String {
        let escaped = match version {
            Version::V2012 => crate::s3::literal(&self.literal),
            Version::V2008 | Version::Unknown => self.literal.clone(),
        };
        if self.below { format!("{escaped}*") } else { escaped }
    }

    /// The same in pieces.
    pub(super) fn pieces(&self) -> Vec<Piece> {
        let mut pieces = vec![Piece::Literal(self.literal.as_str().into())];
        pieces.extend(self.below.then_some(Piece::Run));
        pieces
    }
}

fn has_escapes(version: Version) -> bool {
    match version {
        Version::V2012 => true,
        Version::V2008 | Version::Unknown => false,
    }
}

fn is_wild(c: char) -> bool {
    matches!(c, '*' | '?')
}

/// Source: IAM User Guide, "IAM JSON policy elements reference", the characters of documents.
fn is_policy_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}')
}
