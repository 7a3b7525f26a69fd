//! Which shared links open something of a place, to whoever has their address.
//!
//! A link opens by the grant of the person who made it, as it is at each use; so what it opens is what that
//! grant gives them to read, cut down to what was shared.

use jiff::Timestamp;
use wh_ledger::{LinkShowing, RowId};
use wh_names::Uid;
use wh_policy::extent::{Extent, Span};
use wh_policy::s3::action::GET_OBJECT;

use super::handed::{Holding, JUDGED_MAX, There};
use super::{Census, Laws, ReachPlace};
use crate::CountingLink;

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
    let at = |link| Some((link, at(&holding, link, place)?));
    let mut there: Vec<_> = census.links.iter().filter_map(at).collect();
    there.sort_by(|(a, _), (b, _)| b.row.id.as_str().cmp(a.row.id.as_str()));
    let newest = there.iter().take(JUDGED_MAX);
    let judged = newest.filter_map(|(link, there)| judged(link, there, (laws, census)));
    (judged.collect(), there.len())
}

fn at<'a>(holding: &Holding<'a>, link: &'a CountingLink, place: &ReachPlace) -> Option<There<'a>> {
    let row = &link.row;
    let (person, grant) = holding.held((&row.uid, &row.grant_id), &place.bucket)?;
    let key = format!("{}{}", grant.prefix, row.path);
    let folder = row.path.is_empty() || row.path.ends_with('/');
    let (span, whole) = common(&place.span, (&key, folder))?;
    let common = ReachPlace { bucket: place.bucket.clone(), span };
    Some(There { person, grant, key, common, whole })
}

/// What it opens; nothing where its person may read nothing there any more.
fn judged(link: &CountingLink, there: &There<'_>, of: (&Laws<'_>, &Census)) -> Option<WhoLink> {
    let extent = there.seen(there.reach(&there.grant, GET_OBJECT, of));
    let row = &link.row;
    (extent != Extent::Nowhere).then(|| WhoLink {
        id: row.id.clone(),
        uid: row.uid.clone(),
        name: there.person.name.clone(),
        key: there.key.clone(),
        showing: row.showing,
        password: row.password.is_some(),
        ends: link.ends,
        extent,
    })
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
