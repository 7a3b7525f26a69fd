//! The store has the last word: before a page leaves, it is asked of every folder whose names are on it
//! whether this person's own session may list it, as the folder's page asks.
//!
//! Policies change without the portal: a bucket policy that somebody puts over S3, a policy of the
//! organisation. What the store was not asked, or did not answer, is not shown.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};
use wh_aws::{AwsError, ListRequest, RoleSession};
use wh_ledger::RowId;
use wh_names::{BucketName, KeyPrefix};

use super::strict::Judge;
use crate::Files;

/// How many folders the store is asked about for one search: twice what the longest page can show.
const ASKED_MAX: usize = 400;

/// How many of one search are asked about at the same time.
const ASKED_AT_ONCE: usize = 16;

/// How long the store may take for all that one search asks.
const WITHIN: Duration = Duration::from_secs(3);

/// How long an answer counts.
const KEPT: SignedDuration = SignedDuration::from_secs(30);

/// How many answers are kept.
const KEPT_MAX: usize = 20_000;

/// Whose session was asked by which grant, and about which folder.
type Asked = (String, RowId, String, Depth);

/// How much of a folder is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Depth {
    /// What is in the folder itself, as its page asks.
    Folder,
    /// All that is below it, in one listing.
    Below,
}

/// What the store answered lately. Cloning shares it.
#[derive(Clone, Default)]
pub(crate) struct Confirmed(Arc<Mutex<HashMap<Asked, (bool, Timestamp)>>>);

impl fmt::Debug for Confirmed {
    /// No folder is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmed").finish_non_exhaustive()
    }
}

impl Confirmed {
    fn lock(&self) -> MutexGuard<'_, HashMap<Asked, (bool, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, asked: &Asked, now: Timestamp) -> Option<bool> {
        let kept = self.lock().get(asked).copied();
        kept.filter(|(_, at)| now.duration_since(*at) < KEPT).map(|(lists, _)| lists)
    }

    fn keep(&self, asked: Asked, lists: bool, now: Timestamp) {
        let mut kept = self.lock();
        if kept.len() >= KEPT_MAX {
            kept.retain(|_, (_, at)| now.duration_since(*at) < KEPT);
        }
        if kept.len() < KEPT_MAX {
            kept.insert(asked, (lists, now));
        }
    }
}

/// Asks for one search. It runs where it may block.
pub(crate) struct Confirmer<'a> {
    files: &'a Files,
    runtime: Handle,
    /// The session of each place; none where it could not be had.
    sessions: BTreeMap<usize, Option<RoleSession>>,
    answers: BTreeMap<(usize, String, Depth), bool>,
    /// How many questions are left.
    left: usize,
    until: Instant,
}

/// A question to the store.
struct Question {
    place: usize,
    folder: String,
    depth: Depth,
    session: RoleSession,
    bucket: BucketName,
    asked: Asked,
}

impl<'a> Confirmer<'a> {
    pub(crate) fn new(files: &'a Files, runtime: Handle) -> Self {
        Self::asking(files, runtime, (ASKED_MAX, WITHIN))
    }

    /// One that asks so much, and for so long.
    pub(crate) fn asking(
        files: &'a Files,
        runtime: Handle,
        (left, within): (usize, Duration),
    ) -> Self {
        let (sessions, answers) = (BTreeMap::new(), BTreeMap::new());
        let until = Instant::now() + within;
        Self { files, runtime, sessions, answers, left, until }
    }

    /// What the store said of a folder of a place; `None`: it was not asked, or did not answer.
    pub(crate) fn says(&self, place: usize, folder: &str) -> Option<bool> {
        self.says_of((place, folder.to_owned(), Depth::Folder))
    }

    /// The same of what was asked by [`Self::ask_of`].
    pub(crate) fn says_of(&self, asked: (usize, String, Depth)) -> Option<bool> {
        self.answers.get(&asked).copied()
    }

    /// Whether nothing more is asked.
    pub(crate) fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// Asks of these folders of these places what is not known.
    pub(crate) fn ask(&mut self, judges: &[Judge<'_>], folders: BTreeSet<(usize, String)>) {
        let all = folders.into_iter().map(|(place, folder)| (place, folder, Depth::Folder));
        self.ask_of(judges, all.collect());
    }

    /// Asks in this order what is not known.
    pub(crate) fn ask_of(&mut self, judges: &[Judge<'_>], folders: Vec<(usize, String, Depth)>) {
        let (runtime, until) = (self.runtime.clone(), self.until);
        let answered = runtime.block_on(timeout_at(until, self.ask_all(judges, folders)));
        if answered.is_err() {
            self.left = 0;
        }
    }

    async fn ask_all(&mut self, judges: &[Judge<'_>], folders: Vec<(usize, String, Depth)>) {
        let now = self.files.options.clock.now();
        let mut questions = Vec::new();
        for asked in folders {
            let Some(question) = self.question(judges, asked).await else { continue };
            let known = self.files.confirmed.get(&question.asked, now);
            if let Some(lists) = known {
                self.answers.insert((question.place, question.folder, question.depth), lists);
            } else if self.left > 0 {
                self.left -= 1;
                questions.push(question);
            }
        }
        let files = self.files;
        let asked = stream::iter(questions).map(|question| async move {
            let lists = files.store_lists(&question).await;
            (question, lists)
        });
        let mut asked = asked.buffer_unordered(ASKED_AT_ONCE);
        while let Some((question, lists)) = asked.next().await {
            let Some(lists) = lists else { continue };
            files.confirmed.keep(question.asked, lists, now);
            self.answers.insert((question.place, question.folder, question.depth), lists);
        }
    }

    /// `None` where it was answered, or where there is no session to ask in.
    async fn question(
        &mut self,
        judges: &[Judge<'_>],
        asked: (usize, String, Depth),
    ) -> Option<Question> {
        if self.answers.contains_key(&asked) {
            return None;
        }
        let (place, folder, depth) = asked;
        let access = judges.get(place)?.access();
        let session = match self.sessions.entry(place) {
            Entry::Occupied(known) => known.get().clone()?,
            Entry::Vacant(free) => {
                let session = access.session().await;
                let session = session.inspect_err(|error| {
                    tracing::info!(%error, "a folder was not confirmed by the store");
                });
                free.insert(session.ok()).clone()?
            }
        };
        let by = session.credentials().access_key_id.to_string();
        let (bucket, grant) = (access.grant.bucket.clone(), access.grant.id.clone());
        let asked = (by, grant, folder.clone(), depth);
        Some(Question { place, folder, depth, session, bucket, asked })
    }
}

impl Files {
    /// Whether the store lists the folder in this session; `None` where it says neither.
    async fn store_lists(&self, question: &Question) -> Option<bool> {
        let delimiter = match question.depth {
            Depth::Folder => Some("/".to_owned()),
            Depth::Below => None,
        };
        let request = ListRequest {
            prefix: KeyPrefix::parse(&question.folder).ok()?,
            delimiter,
            token: None,
            max: 1,
        };
        match self.options.objects.list(&question.session, &question.bucket, request).await {
            Ok(_) => Some(true),
            Err(AwsError::Denied { .. } | AwsError::NotFound { .. }) => Some(false),
            Err(error) => {
                tracing::info!(%error, "a folder was not confirmed by the store");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use wh_ledger::RowId;

    use super::{Confirmed, Depth, KEPT, KEPT_MAX};

    #[test]
    fn an_answer_counts_for_a_while_in_its_session_and_few_are_kept() {
        let id = RowId::parse("01arz3ndektsv4rrffq69g5fav").expect("an id");
        let asked =
            |by: &str, folder: &str| (by.to_owned(), id.clone(), folder.to_owned(), Depth::Folder);
        let (kept, now) = (Confirmed::default(), Timestamp::UNIX_EPOCH);
        kept.keep(asked("one", "a/"), true, now);
        assert_eq!(kept.get(&asked("one", "a/"), now), Some(true));
        assert_eq!(kept.get(&asked("other", "a/"), now), None);
        let (by, grant, folder, _) = asked("one", "a/");
        assert_eq!(kept.get(&(by, grant, folder, Depth::Below), now), None);
        assert_eq!(kept.get(&asked("one", "a/"), now + KEPT), None);
        for n in 0..KEPT_MAX + 10 {
            kept.keep(asked("one", &n.to_string()), false, now);
        }
        assert_eq!(kept.lock().len(), KEPT_MAX);
        kept.keep(asked("one", "b/"), false, now + KEPT);
        assert_eq!(kept.lock().len(), 1, "what does not count any more makes room");
    }
}
