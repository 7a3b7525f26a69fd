//! Which shared links open something of a place, to whoever has their address.
//!
//! A link opens by the grant of the person who made it, as it is at each use; so what it opens is what that
//! grant gives them to read, cut down to what was shared.

use std::collections::HashMap;

use jiff::Timestamp;
use wh_ledger::{GrantRow, GrantSubject, LinkShowing, PersonRow, PersonStatus, RowId};
use wh_names::Uid;
use wh_policy::extent::{Aim, Extent, Span};
use wh_policy::s3::action::GET_OBJECT;

use super::judge::{Judge, Region, seen};
use super::{Census, Laws, REACH_ACTIONS, ReachPlace};
use crate::CountingLink;

/// How many links are judged, the newest first: each is a question of its own.
const LINKS_JUDGED_MAX: usize = 200;

/// A link that opens something of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhoLink {
    /// The link; it opens nothing.
    pub id: RowId,
    /// Who made it, and by whose rights it opens.
    pub uid: Uid,
    /// What they are called.
    pub name: String,
    /// What was shared: a key, or of a folder what keys begin with.
    pub key: String,
    /// What may be done with it.
    pub showing: LinkShowing,
    /// Whether it asks for a password.
    pub password: bool,
    /// When it stops by itself.
    pub ends: Option<Timestamp>,
    /// How much of the place may be read by it.
    pub extent: Extent,
}

/// The links that open something of a place, the newest first, and how many there are to what lies there: of
/// more than two hundred the older ones are not judged.
pub(super) fn links(laws: &Laws<'_>, census: &Census, place: &ReachPlace) -> (Vec<WhoLink>, usize) {
    let holding = Holding::of(census);
    let mut there: Vec<_> =
        census.links.iter().filter_map(|link| holding.at(link, place)).collect();
    there.sort_by(|a, b| b.link.row.id.as_str().cmp(a.link.row.id.as_str()));
    let judged = there.iter().take(LINKS_JUDGED_MAX).filter_map(|one| one.judged(laws, census));
    (judged.collect(), there.len())
}

/// Who holds what, for those who made links.
struct Holding<'a> {
    census: &'a Census,
    persons: HashMap<&'a Uid, &'a PersonRow>,
    grants: HashMap<&'a RowId, &'a GrantRow>,
}

/// A link to something of a place, with what it opens by.
struct There<'a> {
    link: &'a CountingLink,
    person: &'a PersonRow,
    grant: GrantRow,
    /// What was shared.
    key: String,
    /// What of the place that is.
    common: ReachPlace,
    /// Whether that is all of the place.
    whole: bool,
}

impl<'a> Holding<'a> {
    fn of(census: &'a Census) -> Self {
        let active = census.persons.iter().filter(|row| row.status == PersonStatus::Active);
        let counting = census.grants.iter().filter(|grant| grant.counts_at(census.at));
        Self {
            census,
            persons: active.map(|row| (&row.uid, row)).collect(),
            grants: counting.map(|grant| (&grant.id, grant)).collect(),
        }
    }

    fn at(&self, link: &'a CountingLink, place: &ReachPlace) -> Option<There<'a>> {
        let row = &link.row;
        let person = *self.persons.get(&row.uid)?;
        let grant = *self.grants.get(&row.grant_id)?;
        if grant.bucket != place.bucket || !self.holds(grant, &row.uid) {
            return None;
        }
        let grant = grant.clone().as_held_by(&row.uid)?;
        let key = format!("{}{}", grant.prefix, row.path);
        let folder = row.path.is_empty() || row.path.ends_with('/');
        let (span, whole) = common(&place.span, (&key, folder))?;
        let common = ReachPlace { bucket: place.bucket.clone(), span };
        Some(There { link, person, grant, key, common, whole })
    }

    fn holds(&self, grant: &GrantRow, uid: &Uid) -> bool {
        match &grant.subject {
            GrantSubject::Person(holder) => holder == uid,
            GrantSubject::Group(id) => {
                let mut members = self.census.memberships.iter();
                members.any(|member| member.group == *id && member.uid == *uid)
            }
            GrantSubject::Everyone => true,
        }
    }
}

impl There<'_> {
    /// What it opens; nothing where its person may read nothing there any more.
    fn judged(&self, laws: &Laws<'_>, census: &Census) -> Option<WhoLink> {
        let mut judge = Judge::new(laws, census, &self.common);
        let region = judge.region(&self.grant)?;
        let verdict = judge.of_grant((&self.grant, &region), &self.person.uid);
        let reading = REACH_ACTIONS.iter().zip(verdict.iter());
        let read = reading.clone().find(|((name, _), _)| *name == GET_OBJECT)?.1.extent;
        let part = Region { span: self.common.span.clone(), whole: self.whole };
        let extent = seen(read, Aim::Objects, &part);
        let row = &self.link.row;
        (extent != Extent::Nowhere).then(|| WhoLink {
            id: row.id.clone(),
            uid: row.uid.clone(),
            name: self.person.name.clone(),
            key: self.key.clone(),
            showing: row.showing,
            password: row.password.is_some(),
            ends: self.link.ends,
            extent,
        })
    }
}

/// What a place and what was shared have in common, and whether that is all of the place.
fn common(place: &Span, (key, folder): (&str, bool)) -> Option<(Span, bool)> {
    match place {
        Span::Key(asked) => {
            let opens = if folder { asked.starts_with(key) } else { asked == key };
            opens.then(|| (place.clone(), true))
        }
        Span::Under(asked) if folder && asked.starts_with(key) => Some((place.clone(), true)),
        Span::Under(asked) => {
            let inside = key.starts_with(asked);
            let span = if folder { Span::Under(key.to_owned()) } else { Span::Key(key.to_owned()) };
            inside.then_some((span, false))
        }
    }
}

#[cfg(test)]
mod tests {
    use wh_policy::extent::Span;

    use super::common;

    fn key(text: &str) -> Span {
        Span::Key(text.to_owned())
    }

    fn under(text: &str) -> Span {
        Span::Under(text.to_owned())
    }

    #[test]
    fn a_link_opens_what_was_shared_and_what_lies_in_it() {
        assert_eq!(common(&key("a/b"), ("a/b", false)), Some((key("a/b"), true)));
        assert_eq!(common(&key("a/bc"), ("a/b", false)), None, "a file is no beginning");
        assert_eq!(common(&key("a/b"), ("a/", true)), Some((key("a/b"), true)));
        assert_eq!(common(&key("ab"), ("a/", true)), None);
        assert_eq!(common(&under("a/b/"), ("a/", true)), Some((under("a/b/"), true)));
        assert_eq!(common(&under("a/"), ("a/", true)), Some((under("a/"), true)));
        assert_eq!(common(&under(""), ("a/b/", true)), Some((under("a/b/"), false)));
        assert_eq!(common(&under("a/"), ("a/b", false)), Some((key("a/b"), false)));
        assert_eq!(common(&under("b/"), ("a/b", false)), None);
        assert_eq!(common(&under("a/b/"), ("a/b", false)), None);
    }
}
