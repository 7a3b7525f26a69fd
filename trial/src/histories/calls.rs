//! Takes a history apart: the calls on each key, as the search wants them.
//!
//! A listing sees every key of its range, so it is a call on each of them; a copy sees one key and
//! writes another. What can be told without a search is told here: bytes, entity tags and sizes
//! that belong to no write, and answers that no store may give.

use std::collections::{BTreeMap, HashMap};

use super::command::{Answer, Command, Sight, Wanted};
use super::search::{Act, Call, Contents, When};

/// Something that was asked for, and what came of it.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// Which client asked.
    pub(crate) client: usize,
    /// For what.
    pub(crate) command: Command,
    /// When, by the clock of the history.
    pub(crate) from: u64,
    /// When it was answered, or when it could take effect no more.
    pub(crate) until: u64,
    /// The answer, if one came.
    pub(crate) answer: Option<Answer>,
}

/// The contents that were written: their entity tags and sizes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    /// The content's number, by its entity tag.
    pub(crate) etags: HashMap<String, u64>,
    /// The content's size in bytes, by its number.
    pub(crate) sizes: HashMap<u64, u64>,
}

/// A history, taken apart.
#[derive(Debug)]
pub(crate) struct Parts {
    /// The calls on each key.
    pub(crate) calls: BTreeMap<u8, Vec<Call>>,
    /// The content of each stamp.
    pub(crate) contents: Contents,
}

/// Takes a history of `keys` keys apart; or tells, in words, what was answered that is never right.
pub(crate) fn take_apart(events: &[Event], written: &Written, keys: u8) -> Result<Parts, String> {
    let mut contents = Contents::new();
    for event in events {
        learn(event, written, &mut contents).map_err(|what| format!("{}: {what}", tell(event)))?;
    }
    let mut calls: BTreeMap<u8, Vec<Call>> = BTreeMap::new();
    for event in events {
        let acts = acts(event, &contents, keys);
        for (key, act) in acts.map_err(|what| format!("{}: {what}", tell(event)))? {
            let answered = event.answer.is_some() || matches!(act, Act::SeesContent(_));
            let Event { from, until, .. } = *event;
            let call = Call { from, until, answered, act, told: tell(event) };
            calls.entry(key).or_default().push(call);
        }
    }
    Ok(Parts { calls, contents })
}

pub(crate) fn tell(event: &Event) -> String {
    let Event { client, command, answer, .. } = event;
    let answer = answer.as_ref().map_or_else(|| "no answer".to_owned(), |a| format!("{a:?}"));
    format!("client {client}: {command:?} → {answer}")
}

/// Learns which stamp is of which content, and finds what does not agree.
fn learn(event: &Event, written: &Written, contents: &mut Contents) -> Result<(), String> {
    match (&event.command, &event.answer) {
        (_, Some(Answer::Wrong(what))) => Err(what.clone()),
        (Command::Put { stamp, .. }, Some(Answer::Stored { etag, .. })) => {
            if written.etags.get(etag) != Some(stamp) {
                return Err("another entity tag than that of its bytes".to_owned());
            }
            agree(*stamp, *stamp, contents)
        }
        (Command::Put { stamp, .. }, _) => agree(*stamp, *stamp, contents),
        (Command::Copy { stamp, .. }, Some(Answer::Stored { etag, .. })) => {
            let content = written.etags.get(etag).ok_or("an entity tag that nobody wrote")?;
            agree(*stamp, *content, contents)
        }
        (_, Some(Answer::Found(sight))) => see(sight, written, contents),
        (_, Some(Answer::Page { entries, .. })) => {
            entries.iter().try_for_each(|(_, sight)| see(sight, written, contents))
        }
        (
            _,
            Some(
                Answer::Stored { .. }
                | Answer::Nothing
                | Answer::Refused
                | Answer::Deleted
                | Answer::Changes(_),
            )
            | None,
        ) => Ok(()),
    }
}

fn see(sight: &Sight, written: &Written, contents: &mut Contents) -> Result<(), String> {
    let content = *written.etags.get(&sight.etag).ok_or("an entity tag that nobody wrote")?;
    if sight.content.is_some_and(|read| read != content) {
        return Err("bytes of another write than the entity tag".to_owned());
    }
    if written.sizes.get(&content) != Some(&sight.size) {
        return Err("another size than that of its bytes".to_owned());
    }
    agree(sight.stamp, content, contents)
}

fn agree(stamp: u64, content: u64, contents: &mut Contents) -> Result<(), String> {
    if *contents.entry(stamp).or_insert(content) == content {
        return Ok(());
    }
    Err(format!("the write {stamp} shows two contents"))
}

type Acts = Vec<(u8, Act)>;

/// What an event is to each key.
fn acts(event: &Event, contents: &Contents, keys: u8) -> Result<Acts, String> {
    let Some(answer) = &event.answer else { return Ok(unanswered(&event.command, contents)) };
    let seen = |sight: &Sight| Act::Sees(Some(sight.stamp));
    match (&event.command, answer) {
        (Command::Put { key, stamp, when, .. }, Answer::Stored { .. }) => {
            Ok(vec![(*key, Act::Writes(*stamp, condition(when)))])
        }
        (Command::Put { key, when: Wanted::Nothing, .. }, Answer::Refused) => {
            Ok(vec![(*key, Act::SeesOther(None))])
        }
        (Command::Put { key, when: Wanted::Content { content, .. }, .. }, Answer::Refused) => {
            Ok(vec![(*key, Act::SeesOther(Some(*content)))])
        }
        (
            Command::Put { key, when: Wanted::Content { .. }, .. }
            | Command::Get { key }
            | Command::Head { key }
            | Command::Copy { from: key, .. },
            Answer::Nothing,
        ) => Ok(vec![(*key, Act::Sees(None))]),
        (Command::Get { key } | Command::Head { key }, Answer::Found(sight)) => {
            Ok(vec![(*key, seen(sight))])
        }
        (Command::Delete { key, .. }, Answer::Deleted) => Ok(vec![(*key, Act::Deletes)]),
        (Command::Copy { from, to, stamp }, Answer::Stored { .. }) => {
            Ok(copied((*from, *to), *stamp, contents))
        }
        (Command::List { after, max }, Answer::Page { entries, more }) => {
            page((*after, *max), entries, if *more { None } else { Some(keys) })
        }
        // What the feed and the versions tell is judged in `feed`.
        (Command::Feed { .. } | Command::Versions, Answer::Changes(_)) => Ok(Vec::new()),
        (command, answer) => Err(format!("{answer:?} is no answer to {command:?}")),
    }
}

fn condition(when: &Wanted) -> When {
    match when {
        Wanted::Always => When::Always,
        Wanted::Nothing => When::Nothing,
        Wanted::Content { content, .. } => When::Content(*content),
    }
}

fn copied((from, to): (u8, u8), stamp: u64, contents: &Contents) -> Acts {
    let content = contents.get(&stamp).copied();
    if from == to {
        let when = content.map_or(When::Something, When::Content);
        return vec![(to, Act::Writes(stamp, when))];
    }
    let saw = content.map(|content| (from, Act::SeesContent(content)));
    saw.into_iter().chain([(to, Act::Writes(stamp, When::Always))]).collect()
}

/// What may have happened. A copy whose content was seen did happen, and so it saw its source.
fn unanswered(command: &Command, contents: &Contents) -> Acts {
    match command {
        Command::Put { key, stamp, when, .. } => {
            vec![(*key, Act::Writes(*stamp, condition(when)))]
        }
        Command::Delete { key, .. } => vec![(*key, Act::Deletes)],
        Command::Copy { from, to, stamp } => copied((*from, *to), *stamp, contents),
        Command::Get { .. }
        | Command::Head { .. }
        | Command::List { .. }
        | Command::Feed { .. }
        | Command::Versions => Vec::new(),
    }
}

/// What a page says of every key in its range. `keys` is given when it is the last page.
fn page(
    (after, max): (Option<u8>, u16),
    entries: &[(u8, Sight)],
    keys: Option<u8>,
) -> Result<Acts, String> {
    let ascends = entries.windows(2).all(|two| match two {
        [(one, _), (other, _)] => one < other,
        _ => true,
    });
    let (first, last) = (entries.first().map(|(key, _)| *key), entries.last().map(|(key, _)| *key));
    let begins = first.is_none_or(|first| after.is_none_or(|after| first > after));
    if !ascends || !begins || entries.len() > usize::from(max) {
        return Err("a page that is not in order".to_owned());
    }
    let start = after.map_or(0, |after| after.saturating_add(1));
    let end = match (keys, last) {
        (Some(keys), last) => keys.max(last.map_or(0, |last| last.saturating_add(1))),
        (None, Some(last)) => last.saturating_add(1),
        (None, None) => return Err("an empty page that says that there is more".to_owned()),
    };
    let stamp = |key: u8| entries.iter().find(|(listed, _)| *listed == key).map(|(_, s)| s.stamp);
    Ok((start..end).map(|key| (key, Act::Sees(stamp(key)))).collect())
}
