//! What stands against a change whatever anybody gains by it: a guard rail that a grant would not keep to, and
//! that nobody would be left who can put things right.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use wh_ledger::{GrantRow, GrantSubject, RowId};
use wh_names::Uid;
use wh_people::Everybody;
use wh_policy::analysis::{Access, Answer, Budget, Requests, allows_any, beyond_all};
use wh_policy::rails::{Broken, Session, broken_by_session};
use wh_policy::{NamedPolicy, PolicyDocument, PolicyKind, PolicySet};

use super::ways::{Era, Given, OwnedWay, requests};
use super::{ProposedChange, Scales};
use crate::FilesError;

/// What an administrator must be able to do on the whole of the house's bucket, to mend what went wrong
/// there. What is mended in the portal itself (persons, groups, grants, roles) needs the grant alone, whatever
/// its role allows; and the bucket's own settings are the operator's.
pub const ADMINISTERS: [&str; 12] = [
    // To see what there is, what was deleted, and what was begun.
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
    // To read what is there and what was.
    "s3:GetObject",
    "s3:GetObjectVersion",
    // To bring back what was overwritten or deleted, and to move what lies wrong.
    "s3:PutObject",
    "s3:DeleteObject",
    // To take away for good what must not be there, in all its versions: rails leave it to administrators.
    "s3:DeleteObjectVersion",
    // Tags go along when a version is brought back.
    "s3:GetObjectTagging",
    "s3:GetObjectVersionTagging",
    "s3:PutObjectTagging",
    // To end what was begun and never ended.
    "s3:AbortMultipartUpload",
];

/// Whether the same is said already, of somebody else who holds the same.
fn is_told_by(old: &Broken, new: &Broken) -> bool {
    old.rail == new.rail && old.who == new.who
}

impl Scales<'_> {
    /// The guard rails that what is given would break, each grant in a session of whoever gets it.
    pub fn broken_rails(&self, proposed: &ProposedChange) -> Result<Vec<Broken>, FilesError> {
        let mut broken: Vec<Broken> = Vec::new();
        for (grant, uid) in self.sessions_to_ask(proposed) {
            self.go_on()?;
            let mut found = self.broken_by_holder(grant, &uid, proposed)?;
            found.retain(|new| !broken.iter().any(|old| is_told_by(old, new)));
            broken.extend(found);
        }
        Ok(broken)
    }

    /// The grants that reach more, with those whose sessions are asked about; what is alike is asked once.
    fn sessions_to_ask<'p>(&'p self, proposed: &'p ProposedChange) -> Vec<(&'p GrantRow, Uid)> {
        let after = proposed.everybody_after(self.everybody);
        let mut asked = BTreeSet::new();
        let mut sessions = Vec::new();
        for grant in self.grants_that_reach_more(proposed) {
            let GrantRow { role, bucket, prefix, ends_at, .. } = grant;
            let mut holders = self.holders_to_ask(grant, (&after, proposed));
            holders.retain(|(whose, _)| {
                asked.insert(format!("{role} {bucket} {prefix} {ends_at:?} {whose}"))
            });
            sessions.extend(holders.into_iter().map(|(_, uid)| (grant, uid)));
        }
        sessions
    }

    /// What a session of this person by this grant would break.
    fn broken_by_holder(
        &self,
        grant: &GrantRow,
        uid: &Uid,
        proposed: &ProposedChange,
    ) -> Result<Vec<Broken>, FilesError> {
        let who = format!("{} on {}/{}", grant.role, grant.bucket, grant.prefix);
        let Some(given) = Given::held_by(uid, grant) else { return Ok(Vec::new()) };
        let way = self.way(uid, &given, (Era::After, proposed))?;
        let Some(way) = way else { return Ok(Vec::new()) };
        let session = Session {
            role: grant.role.as_str(),
            subject: &way.subject,
            bucket: &way.bucket,
            narrowing: way.session.as_ref().map_or(&[], <[NamedPolicy; 1]>::as_slice),
            known: &way.known,
        };
        Ok(broken_by_session(self.rails, self.realm, (&who, &session)))
    }

    /// The grants that are given, and those of groups that somebody comes into.
    fn grants_that_reach_more<'p>(
        &'p self,
        proposed: &'p ProposedChange,
    ) -> impl Iterator<Item = &'p GrantRow> {
        let joined = self.everybody.grants.iter().filter(|grant| {
            let group = grant.subject.group();
            group.is_some_and(|group| proposed.joining.iter().any(|(into, _)| into == group))
        });
        proposed.given.iter().chain(joined)
    }

    /// Whose sessions are asked about, and by what they differ: one of those who get the grant, and each of
    /// them where a rail may look into what is theirs alone. Who is not active is, once they are again.
    fn holders_to_ask(
        &self,
        grant: &GrantRow,
        (after, proposed): (&Everybody, &ProposedChange),
    ) -> Vec<(String, Uid)> {
        let joining = |group: &RowId| {
            let into = proposed.joining.iter().filter(|(into, _)| into == group);
            into.map(|(_, uid)| uid.clone()).collect()
        };
        let all: Vec<Uid> = match &grant.subject {
            GrantSubject::Person(uid) => vec![uid.clone()],
            GrantSubject::Group(group) if proposed.given.contains(grant) => {
                after.members(group).into_iter().cloned().collect()
            }
            GrantSubject::Group(group) => joining(group),
            GrantSubject::Everyone => after.persons.iter().map(|(uid, _)| uid.clone()).collect(),
        };
        let rails = self.rails.iter().flat_map(|rail| rail.on.iter().chain(&rail.except_on));
        let alike = |written: &String| is_alike_for_all(written, grant.prefix.as_str());
        if self.tells_apart(&[grant], proposed) || !rails.clone().all(alike) {
            let all = if all.is_empty() { Uid::parse(NOBODY).into_iter().collect() } else { all };
            return all.into_iter().map(|uid| (uid.to_string(), uid)).collect();
        }
        let one = all.into_iter().next().or_else(|| Uid::parse(NOBODY).ok());
        one.map(|uid| (String::new(), uid)).into_iter().collect()
    }

    /// Whether a change could leave nobody who administers: it takes such a grant away, or changes the
    /// permissions of the role.
    fn touches_administration(&self, proposed: &ProposedChange) -> bool {
        let takes = |grant: &GrantRow| {
            proposed.taken.contains(&grant.id) && self.everybody.administers(grant)
        };
        proposed.permissions.contains_key(self.everybody.admin_role())
            || self.everybody.grants.iter().any(takes)
    }

    /// Whether it is certain that somebody would be left who can sign in and do all of [`ADMINISTERS`]; where
    /// nobody could do all of it before, all that somebody could.
    pub fn stays_administered(&self, proposed: &ProposedChange) -> Result<bool, FilesError> {
        if !self.touches_administration(proposed) {
            return Ok(true);
        }
        let before = self.administrators(&ProposedChange::default())?;
        let Some(most) = before.iter().max_by_key(|can| can.len()) else { return Ok(true) };
        let after = self.administrators(proposed)?;
        Ok(after.iter().any(|can| can.is_superset(most)))
    }

    /// What those can certainly do who administer, by name and without an end, and could sign in.
    fn administrators(
        &self,
        proposed: &ProposedChange,
    ) -> Result<Vec<BTreeSet<&'static str>>, FilesError> {
        let mut found = Vec::new();
        for grant in self.everybody.grants.iter().filter(|grant| self.everybody.administers(grant))
        {
            self.go_on()?;
            if proposed.taken.contains(&grant.id) {
                continue;
            }
            let Some(uid) = self.everybody.able_holders(&grant.subject).next() else { continue };
            let Some(given) = Given::held_by(uid, grant) else { continue };
            let Some(way) = self.way(uid, &given, (Era::After, proposed))? else { continue };
            let can = self.can_certainly(&way);
            let all = can.len() == ADMINISTERS.len();
            found.push(can);
            if all {
                break;
            }
        }
        Ok(found)
    }

    /// Which of [`ADMINISTERS`] a way allows for all objects and whatever the request is like, but for what
    /// the boundary, the bucket policy and the grant take from every administrator: those are the estate's.
    fn can_certainly(&self, way: &OwnedWay) -> BTreeSet<&'static str> {
        let mut way = way.clone();
        // Nothing is asked without it, and every bucket policy of ours denies it.
        way.known.set("aws:SecureTransport", "true");
        let text = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": ADMINISTERS, "Resource": "*"}]});
        let document = PolicyDocument::read_stored(&text.to_string(), PolicyKind::Identity);
        let ideal = [NamedPolicy { name: "ideal".to_owned(), document: Arc::new(document) }];
        let access = way.borrowed(self.laws.account).access;
        let ideal =
            Access { policies: PolicySet { identity: &ideal, ..access.policies }, ..access };
        let all_of = |actions: &[&str]| {
            let requests = requests(&way.bucket, actions);
            let requests = Requests::of(&requests);
            beyond_all(&ideal, &[access], &requests, Budget::default()) == Answer::No
        };
        let some_of = |action: &str| {
            let requests = requests(&way.bucket, &[action]);
            let answer = allows_any(&access, &Requests::of(&requests), Budget::default());
            matches!(answer, Answer::Yes(_))
        };
        let each = !all_of(&ADMINISTERS);
        let can = |action: &&'static str| some_of(action) && (!each || all_of(&[action]));
        ADMINISTERS.into_iter().filter(can).collect()
    }
}

/// Whoever would come later.
const NOBODY: &str = "00000000000000000000000000";

/// Whether a pattern of a rail says the same of everybody's own place under a grant's prefix.
fn is_alike_for_all(written: &str, prefix: &str) -> bool {
    let Some((before, _)) = prefix.split_once("${uid}") else { return true };
    let path = written.split_once(":::").map_or(written, |(_, path)| path);
    let Some((bucket, key)) = path.split_once('/') else { return true };
    let literal = key.strip_suffix('*').unwrap_or(key);
    let plain = !bucket.contains(['*', '?']) && !literal.contains(['*', '?', '$']);
    plain && (before.starts_with(literal) || !literal.starts_with(before))
}

#[cfg(test)]
mod tests {
    use super::is_alike_for_all;

    #[test]
    fn a_rail_that_looks_into_homes_is_asked_about_for_each() {
        for (written, expected) in [
            ("*", true),
            ("files/home/*", true),
            ("files/shared/*", true),
            ("files/home/01a*", false),
            ("files/*/private/*", false),
            ("f*s/home/01", false),
        ] {
            assert_eq!(is_alike_for_all(written, "home/${uid}/"), expected, "{written}");
        }
        assert!(is_alike_for_all("files/team/a/*", "team/"));
    }
}
