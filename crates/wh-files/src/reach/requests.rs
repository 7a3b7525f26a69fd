//! By which file requests somebody without an account writes into a place.
//!
//! Two roles must allow each write: that of the grant of whoever made the request, and that of drop boxes, in whose
//! sessions the store is asked. A sender writes into a folder of their own in that of the request, and nowhere else.

use jiff::Timestamp;
use wh_ledger::{GrantRow, RowId};
use wh_names::Uid;
use wh_policy::extent::{Extent, Span};
use wh_policy::s3::action::PUT_OBJECT;

use super::handed::{Holding, JUDGED_MAX, There};
use super::{Census, Laws, ReachPlace};
use crate::CountingRequest;

/// A file request by which something of a place is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhoRequest {
    /// The request; it opens nothing.
    pub id: RowId,
    /// Who made it, and by whose rights it takes files.
    pub uid: Uid,
    /// What they are called.
    pub name: String,
    /// What keys of the folder begin with into which files are sent.
    pub key: String,
    /// What it is called.
    pub title: String,
    /// Whether it asks for a password.
    pub password: bool,
    /// When it stops by itself.
    pub ends: Option<Timestamp>,
    /// How much of the place may be written by it.
    pub extent: Extent,
}

/// The requests by which something of a place is written, the newest first, and how many there are into it: of more
/// than two hundred the older ones are not judged.
pub(super) fn requests(
    laws: &Laws<'_>,
    census: &Census,
    place: &ReachPlace,
) -> (Vec<WhoRequest>, usize) {
    let holding = Holding::of(census);
    let at = |request| Some((request, at(&holding, request, place)?));
    let mut there: Vec<_> = census.requests.iter().filter_map(at).collect();
    there.sort_by(|(a, _), (b, _)| b.row.id.as_str().cmp(a.row.id.as_str()));
    let newest = there.iter().take(JUDGED_MAX);
    let judged = newest.filter_map(|(request, there)| judged(request, there, (laws, census)));
    (judged.collect(), there.len())
}

fn at<'a>(
    holding: &Holding<'a>,
    request: &'a CountingRequest,
    place: &ReachPlace,
) -> Option<There<'a>> {
    let row = &request.row;
    let (person, grant) = holding.held((&row.uid, &row.grant_id), &place.bucket)?;
    let key = format!("{}{}", grant.prefix, row.path);
    let (span, whole) = common(&place.span, &key)?;
    let common = ReachPlace { bucket: place.bucket.clone(), span };
    Some(There { person, grant, key, common, whole })
}

fn judged(
    request: &CountingRequest,
    there: &There<'_>,
    of: (&Laws<'_>, &Census),
) -> Option<WhoRequest> {
    let asking = GrantRow { role: of.0.drop_role.clone(), ..there.grant.clone() };
    let own = there.reach(&there.grant, PUT_OBJECT, of);
    let extent = there.seen(both(own, there.reach(&asking, PUT_OBJECT, of)));
    let row = &request.row;
    (extent != Extent::Nowhere).then(|| WhoRequest {
        id: row.id.clone(),
        uid: row.uid.clone(),
        name: there.person.name.clone(),
        key: there.key.clone(),
        title: row.title.clone(),
        password: row.password.is_some(),
        ends: request.ends,
        extent,
    })
}

/// How far two reach together of whom both must be allowed. Of two parts nobody knows what they have in common.
fn both(a: Extent, b: Extent) -> Extent {
    match (a, b) {
        (Extent::Nowhere, _) | (_, Extent::Nowhere) => Extent::Nowhere,
        (Extent::Everywhere, other) | (other, Extent::Everywhere) => other,
        (
            Extent::Unknown | Extent::Conditionally | Extent::Part,
            Extent::Unknown | Extent::Conditionally | Extent::Part,
        ) => Extent::Unknown,
    }
}

/// What a place and the folders of a request's senders have in common, and whether that is all of the place.
/// `key` is what keys in the request's folder begin with.
fn common(place: &Span, key: &str) -> Option<(Span, bool)> {
    let inside = |asked: &str| asked.strip_prefix(key).map(str::to_owned);
    match place {
        Span::Key(asked) => {
            let (folder, name) = inside(asked)?.split_once('/').map(owned)?;
            let sent = !folder.is_empty() && !name.is_empty() && !name.contains('/');
            sent.then(|| (place.clone(), true))
        }
        Span::Under(asked) => match inside(asked) {
            // Not every key in the folder is one that somebody sends.
            Some(rest) if rest.is_empty() => Some((place.clone(), false)),
            Some(rest) => {
                let of_sender = rest.split_once('/').is_none_or(|(_, name)| name.is_empty());
                (of_sender && !rest.starts_with('/')).then(|| (place.clone(), true))
            }
            None => key.starts_with(asked).then(|| (Span::Under(key.to_owned()), false)),
        },
    }
}

fn owned((a, b): (&str, &str)) -> (String, String) {
    (a.to_owned(), b.to_owned())
}

#[cfg(test)]
mod tests {
    use wh_policy::extent::{Extent, Span};

    use super::{both, common};

    fn key(text: &str) -> Span {
        Span::Key(text.to_owned())
    }

    fn under(text: &str) -> Span {
        Span::Under(text.to_owned())
    }

    #[test]
    fn senders_write_files_into_folders_of_their_own_and_nowhere_else() {
        assert_eq!(common(&key("a/Ada/x"), "a/"), Some((key("a/Ada/x"), true)));
        assert_eq!(common(&under("a/Ada/"), "a/"), Some((under("a/Ada/"), true)));
        assert_eq!(common(&under("a/"), "a/"), Some((under("a/"), false)));
        assert_eq!(common(&under(""), "a/"), Some((under("a/"), false)));
        assert_eq!(common(&under(""), ""), Some((under(""), false)));
        for nowhere in ["a", "a/x", "a//x", "a/Ada/", "a/Ada/b/x", "b/Ada/x"] {
            assert_eq!(common(&key(nowhere), "a/"), None, "{nowhere}");
        }
        for nowhere in ["a/Ada/b/", "a//", "b/"] {
            assert_eq!(common(&under(nowhere), "a/"), None, "{nowhere}");
        }
    }

    #[test]
    fn what_two_roles_must_allow_reaches_no_further_than_either() {
        use Extent::{Conditionally, Everywhere, Nowhere, Part, Unknown};
        for (a, b, together) in [
            (Everywhere, Everywhere, Everywhere),
            (Everywhere, Part, Part),
            (Part, Part, Unknown),
            (Part, Conditionally, Unknown),
            (Everywhere, Conditionally, Conditionally),
            (Nowhere, Everywhere, Nowhere),
        ] {
            assert_eq!(both(a, b), together, "{a:?} {b:?}");
            assert_eq!(both(b, a), together, "{b:?} {a:?}");
        }
    }
}
