//! Telling: what waits for a person is judged, written into one letter, and taken away with it.
//!
//! A letter and what it tells of are settled in one transaction: killed before it, the same is judged anew; after
//! it, the letter is in the ledger, from which one node takes it. Of several nodes the one judges that takes the
//! watches for a while; another that would tell the same nevertheless finds it taken away, and writes nothing.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Handle;
use wh_ledger::{ActivityRow, GrantRow, RowId, WatchNews, WatchRhythm, WatchRow};
use wh_names::Uid;
use wh_people::{Mailing, Person, WatchedLetter};

use super::WatchError;
use super::letter::written;
use crate::activity::{Judged, Seen, Sight};
use crate::search::SEARCHES;
use crate::{Files, FilesError};

/// How many persons are told in one round.
const PERSONS_AT_ONCE: u32 = 100;

/// How much of what happened one letter tells of at most; of the rest it says that it is there.
const NEWS_MAX: u32 = 10_000;

/// How much of it is judged in one look.
const LOOKED_AT_ONCE: usize = 2_000;

/// How often it is looked at one watch for one letter.
const LOOKS_MAX: usize = 10;

/// How long what happened waits for mail to be set up again.
const UNSAID_FOR: SignedDuration = SignedDuration::from_hours(48);

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

impl Watched {
    /// Whether this is to be judged again.
    fn waits(&self, news: &WatchNews) -> bool {
        self.watch.id == news.watch && self.unknown.contains(&news.row.id)
    }
}

/// How it went with one person.
enum Told {
    /// A letter was written.
    Written,
    /// There was nothing to tell, or somebody else told it.
    Nothing,
    /// The store did not say what may be told.
    Waits,
}

impl Files {
    /// Tells whoever watches what happened, where the first of it happened so long ago: what comes meanwhile is in
    /// the same letter, and the next one is as late. To be called again and again, on each node. Returns how many
    /// persons were told.
    pub async fn tell_watchers(&self, gather: SignedDuration) -> Result<usize, WatchError> {
        let options = &self.options;
        let now = options.clock.now();
        if options.people.mailing() == Mailing::NotSetUp {
            // Mail that is away for a day loses nothing; what is older is no news once it is back.
            let before = now.checked_sub(UNSAID_FOR).unwrap_or(Timestamp::MIN);
            options.ledger.forget_all_news(before).await?;
            return Ok(0);
        }
        let gathered = now.checked_sub(gather).unwrap_or(Timestamp::MIN);
        let mut told = 0;
        for uid in options.ledger.watchers_due((now, gathered), PERSONS_AT_ONCE).await? {
            match self.tell(&uid, (now, gather)).await {
                Ok(Told::Written) => told += 1,
                Ok(Told::Nothing) => {}
                // The next would wait for the store as long, and in vain. Whoever waits now is not asked for again
                // at once, and is in nobody's way.
                Ok(Told::Waits) => break,
                // One who cannot be told is in nobody's way.
                Err(error) => tracing::warn!(%uid, %error, "somebody was not told what they watch"),
            }
        }
        Ok(told)
    }

    /// Tells one person.
    async fn tell(
        &self,
        uid: &Uid,
        (now, gather): (Timestamp, SignedDuration),
    ) -> Result<Told, WatchError> {
        let (people, ledger) = (&self.options.people, &self.options.ledger);
        // Of several nodes one judges.
        let until = later(now, AGAIN_AFTER);
        let taken = ledger.take_watches(uid, (now, until)).await?;
        if taken.is_empty() {
            return Ok(Told::Nothing);
        }
        let person = match people.watcher(uid).await? {
            Some(person) if people.mail_reaches(uid).await? => person,
            Some(_) | None => {
                self.forget_told(&taken, now).await?;
                return Ok(Told::Nothing);
            }
        };
        let mut news = ledger.taken_news(uid, until, NEWS_MAX + 1).await?;
        news.retain(|one| taken.iter().any(|watch| watch.id == one.watch));
        let kept = usize::try_from(NEWS_MAX).unwrap_or(usize::MAX);
        let more = news.len() > kept;
        news.truncate(kept);
        let watched = self.watched(&person, (&taken, &news)).await?;
        let waits = watched.iter().any(|watched| !watched.unknown.is_empty());
        news.retain(|one| !watched.iter().any(|watched| watched.waits(one)));
        let next = next(&taken, &watched, (now, gather));
        let seen = watched.iter().flat_map(|watched| &watched.seen);
        let ids: BTreeSet<RowId> = seen.map(|seen| seen.row.id.clone()).collect();
        let ids: Vec<RowId> = ids.into_iter().collect();
        // What is told by another watch waits no longer: it is taken away with what is told.
        let letter = written(self, watched).await?;
        let letter = letter.map(|letter| WatchedLetter { more, ..letter });
        let mails = letter.map(|letter| people.told_of_watched(uid, &letter)).unwrap_or_default();
        let writes = !mails.is_empty();
        let settled = ledger.with_mails(mails).settle_news(uid, (&news, &ids), &next).await?;
        if settled && writes && more {
            // The letter says that there is more, and where it is.
            self.forget_told(&taken, now).await?;
        }
        Ok(match (waits, settled && writes) {
            (_, true) => Told::Written,
            (true, false) => Told::Waits,
            (false, false) => Told::Nothing,
        })
    }

    /// Forgets what happened until now and was to be told of these watches.
    async fn forget_told(&self, watches: &[WatchRow], now: Timestamp) -> Result<(), WatchError> {
        for watch in watches {
            self.options.ledger.forget_news(&watch.id, now).await?;
        }
        Ok(())
    }

    /// What of these a person may know now, watch by watch. Of a watch whose location they do not have any more
    /// nothing is.
    async fn watched(
        &self,
        person: &Person,
        (watches, news): (&[WatchRow], &[WatchNews]),
    ) -> Result<Vec<Watched>, WatchError> {
        let grants = self.options.people.grants_for(person).await?;
        let mut asked = Vec::new();
        for watch in watches {
            let Some(grant) = grants.iter().find(|grant| grant.id == watch.grant) else { continue };
            let of_it = news.iter().filter(|one| one.watch == watch.id);
            let rows: Vec<ActivityRow> = of_it.map(|one| one.row.clone()).collect();
            if !rows.is_empty() {
                asked.push((watch.clone(), grant.clone(), rows));
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

/// When each watch that was taken is told of again.
fn next(
    taken: &[WatchRow],
    watched: &[Watched],
    (now, gather): (Timestamp, SignedDuration),
) -> Vec<(WatchRow, Timestamp)> {
    let next = |watch: &WatchRow| {
        let known = watched.iter().find(|watched| watched.watch.id == watch.id);
        let next = match known {
            Some(known) if !known.seen.is_empty() => {
                later(now, gather).max(next_of(watch.rhythm, now))
            }
            Some(known) if !known.unknown.is_empty() => later(now, AGAIN_AFTER),
            Some(_) | None => now,
        };
        (watch.clone(), next)
    };
    taken.iter().map(next).collect()
}

/// Judges one watch. It waits for the store, where it may block.
fn judged(
    (files, person): (&Files, &Person),
    (watch, grant, mut rows): (WatchRow, GrantRow, Vec<ActivityRow>),
    runtime: &Handle,
) -> Result<Watched, FilesError> {
    rows.sort_by(|one, other| other.id.cmp(&one.id));
    let place = (grant, String::new());
    let mut seen = Vec::new();
    // One look asks the store of so many folders; what is left is looked at again while that leads on.
    for _ in 0..LOOKS_MAX {
        let before = rows.len();
        let rest = rows.split_off(before.min(LOOKED_AT_ONCE));
        let mut sight = Sight::of((files, person), vec![&place], runtime)?;
        let mut left = Vec::new();
        for judged in sight.judge(rows) {
            match judged {
                Judged::Seen(one) => seen.push(one),
                Judged::Hidden => {}
                Judged::Unknown(row) => left.push(row),
            }
        }
        left.extend(rest);
        rows = left;
        if rows.is_empty() || rows.len() == before {
            break;
        }
    }
    seen.sort_by(|one, other| other.row.id.cmp(&one.row.id));
    let unknown = rows.into_iter().map(|row| row.id).collect();
    Ok(Watched { watch, grant: place.0, seen, unknown })
}
