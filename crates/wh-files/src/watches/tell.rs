//! Telling: what waits for a person is judged, written into one letter, and taken away with it.
//!
//! A letter and what it tells of are settled in one transaction: killed before it, the same is judged anew; after
//! it, the letter is in the ledger, from which one node takes it. Two nodes that judge the same at the same time
//! write one letter: the second finds taken away what it would tell.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Handle;
use wh_ledger::{ActivityRow, GrantRow, RowId, WatchNews, WatchRhythm, WatchRow};
use wh_names::Uid;
use wh_people::{Mailing, Person};

use super::WatchError;
use super::letter::written;
use crate::activity::{Judged, Seen, Sight};
use crate::search::SEARCHES;
use crate::{Files, FilesError};

/// How many persons are told in one round.
const PERSONS_AT_ONCE: u32 = 100;

/// How much of what happened one letter tells of at most; the rest is in the next.
const NEWS_AT_ONCE: u32 = 2_000;

/// What could not be judged is judged again after so long.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// How long "once a day" is.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// When a watch is told of again after `at`, as its person wants it.
pub(super) fn next_of(rhythm: WatchRhythm, at: Timestamp) -> Timestamp {
    match rhythm {
        WatchRhythm::Soon => at,
        WatchRhythm::Daily => later(at, DAY),
    }
}

fn later(at: Timestamp, time: SignedDuration) -> Timestamp {
    at.checked_add(time).unwrap_or(Timestamp::MAX)
}

/// What a person may know of one watch.
pub(super) struct Watched {
    pub(super) watch: WatchRow,
    pub(super) grant: GrantRow,
    /// The newest first.
    pub(super) seen: Vec<Seen>,
    /// What could not be judged.
    unknown: BTreeSet<RowId>,
}

impl Files {
    /// Tells whoever watches what happened, where the first of it happened so long ago: what comes meanwhile is in
    /// the same letter, and the next one is as late. To be called again and again, on each node. Returns how many
    /// persons were told.
    pub async fn tell_watchers(&self, gather: SignedDuration) -> Result<usize, WatchError> {
        let options = &self.options;
        // What waits is told once mail is set up.
        if options.people.mailing() == Mailing::NotSetUp {
            return Ok(0);
        }
        let now = options.clock.now();
        let gathered = now.checked_sub(gather).unwrap_or(Timestamp::MIN);
        let mut told = 0;
        for uid in options.ledger.watchers_due((now, gathered), PERSONS_AT_ONCE).await? {
            match self.tell(&uid, (now, gather)).await {
                Ok(wrote) => told += usize::from(wrote),
                // One who cannot be told is in nobody's way.
                Err(error) => tracing::warn!(%uid, %error, "somebody was not told what they watch"),
            }
        }
        Ok(told)
    }

    /// Tells one person. Whether there was anything to tell, and nobody else told it.
    async fn tell(
        &self,
        uid: &Uid,
        (now, gather): (Timestamp, SignedDuration),
    ) -> Result<bool, WatchError> {
        let (people, ledger) = (&self.options.people, &self.options.ledger);
        let mut news = ledger.watch_news(uid, now, NEWS_AT_ONCE).await?;
        let person = match people.watcher(uid).await? {
            Some(person) if people.mail_reaches(uid).await? => person,
            Some(_) | None => {
                ledger.settle_news(&news, &[]).await?;
                return Ok(false);
            }
        };
        let watched = self.watched(&person, &news).await?;
        news.retain(|one| {
            let waits = watched.iter().any(|watched| {
                watched.watch.id == one.watch && watched.unknown.contains(&one.row.id)
            });
            !waits
        });
        let next = watched.iter().filter_map(|watched| {
            let next = if !watched.seen.is_empty() {
                later(now, gather).max(next_of(watched.watch.rhythm, now))
            } else if !watched.unknown.is_empty() {
                later(now, AGAIN_AFTER)
            } else {
                return None;
            };
            Some((watched.watch.id.clone(), next))
        });
        let next: Vec<(RowId, Timestamp)> = next.collect();
        let letter = written(self, watched).await?;
        let mails = letter.map(|letter| people.told_of_watched(uid, &letter)).unwrap_or_default();
        let told = !mails.is_empty();
        Ok(ledger.with_mails(mails).settle_news(&news, &next).await? && told)
    }

    /// What of these a person may know now, watch by watch. Of a watch whose location they do not have any more
    /// nothing is.
    async fn watched(
        &self,
        person: &Person,
        news: &[WatchNews],
    ) -> Result<Vec<Watched>, WatchError> {
        let watches = self.options.ledger.watches(person.uid()).await?;
        let grants = self.options.people.grants_for(person).await?;
        let mut asked = Vec::new();
        for watch in watches {
            let Some(grant) = grants.iter().find(|grant| grant.id == watch.grant) else { continue };
            let of_it = news.iter().filter(|one| one.watch == watch.id);
            let rows: Vec<ActivityRow> = of_it.map(|one| one.row.clone()).collect();
            if !rows.is_empty() {
                asked.push((watch, grant.clone(), rows));
            }
        }
        let room = SEARCHES.acquire().await.map_err(|_| FilesError::Unfinished)?;
        let (files, person, runtime) = (self.clone(), person.clone(), Handle::current());
        let judging = tokio::task::spawn_blocking(move || {
            let judged = asked.into_iter().map(|one| judged((&files, &person), one, &runtime));
            let judged = judged.collect::<Result<Vec<_>, FilesError>>();
            drop(room);
            judged
        });
        Ok(judging.await.map_err(|_| FilesError::Unfinished)??)
    }
}

/// Judges one watch. It waits for the store, where it may block.
fn judged(
    (files, person): (&Files, &Person),
    (watch, grant, mut rows): (WatchRow, GrantRow, Vec<ActivityRow>),
    runtime: &Handle,
) -> Result<Watched, FilesError> {
    rows.sort_by(|one, other| other.id.cmp(&one.id));
    let place = (grant, String::new());
    let mut sight = Sight::of((files, person), vec![&place], runtime)?;
    let (mut seen, mut unknown) = (Vec::new(), BTreeSet::new());
    for judged in sight.judge(rows) {
        match judged {
            Judged::Seen(one) => seen.push(one),
            Judged::Hidden => {}
            Judged::Unknown(row) => {
                unknown.insert(row.id);
            }
        }
    }
    drop(sight);
    Ok(Watched { watch, grant: place.0, seen, unknown })
}
