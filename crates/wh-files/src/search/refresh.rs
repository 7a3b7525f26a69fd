//! Where the store has no feed of changes: a location that was not listed for a while is listed by whoever
//! searches it, in their own role session, beside the search.
//!
//! Invariant: a listing replaces what the index holds between the keys that one page shows, and nothing
//! beyond what this session was shown.

use std::sync::Arc;

use tokio::sync::Semaphore;
use wh_aws::ListRequest;
use wh_index::{IndexFull, IndexedName};
use wh_ledger::GrantRow;
use wh_people::Person;
use wh_policy::s3::action;

use crate::{Files, FilesError, PAGE_ENTRIES_MAX};

/// How many listings run at the same time.
const LISTINGS_AT_ONCE: usize = 4;

static LISTINGS: Semaphore = Semaphore::const_new(LISTINGS_AT_ONCE);

/// Why a listing did not come to its end.
#[derive(Debug, thiserror::Error)]
enum RefreshError {
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error(transparent)]
    Full(#[from] IndexFull),
    #[error("everything is being listed again")]
    Overtaken,
}

impl Files {
    /// Has listed what the index does not know, or has not looked at for a while.
    pub(crate) fn bring_up_to_date(&self, person: &Person, places: &[(GrantRow, String)]) {
        let now = self.options.clock.now();
        for (grant, _) in places {
            let Some(generation) = self.search.begin_listing(grant, now) else { continue };
            let (files, person, grant) = (self.clone(), person.clone(), Arc::new(grant.clone()));
            tokio::spawn(async move { files.list_for_search(&person, (&grant, generation)).await });
        }
    }

    async fn list_for_search(&self, person: &Person, (grant, generation): (&GrantRow, u64)) {
        let turn = LISTINGS.acquire().await;
        let began = self.options.clock.now();
        let listed = self.list_all(person, (grant, generation)).await;
        if let Err(error) = &listed {
            tracing::info!(%error, bucket = %grant.bucket, "a location was not listed for searches");
        }
        let whole_at = listed.ok().map(|()| began);
        self.search.end_listing((grant, generation), whole_at, self.options.clock.now());
        drop(turn);
    }

    async fn list_all(
        &self,
        person: &Person,
        (grant, generation): (&GrantRow, u64),
    ) -> Result<(), RefreshError> {
        let (bucket, prefix) = (grant.bucket.as_str(), grant.prefix.as_str());
        let (mut token, mut from) = (None, prefix.to_owned());
        loop {
            // The grant is looked up anew for every page: it may have been taken away meanwhile.
            let access = self.access(person, grant.id.as_str()).await?;
            let target = access.listing_target(prefix);
            access.foresee(action::LIST_BUCKET, &target)?;
            let session = access.session().await?;
            let request = ListRequest {
                prefix: grant.prefix.clone(),
                delimiter: None,
                token,
                max: PAGE_ENTRIES_MAX,
            };
            let page = self.options.objects.list(&session, &grant.bucket, request).await;
            let page = page.map_err(|error| access.told(action::LIST_BUCKET, &target, error))?;
            let names: Vec<IndexedName> = page.objects.into_iter().map(named).collect();
            let last = names.last().map(|name| format!("{}\0", name.key));
            let to = page.next.as_ref().and(last.clone()).or_else(|| end_of(prefix));
            if !self.search.counts(generation) {
                return Err(RefreshError::Overtaken);
            }
            // A page of nothing that is not the last says nothing of what is there.
            if last.is_some() || page.next.is_none() {
                self.search.names().replace(bucket, (&from, to.as_deref()), names)?;
            }
            from = last.unwrap_or(from);
            token = page.next;
            if token.is_none() {
                return Ok(());
            }
        }
    }
}

fn named(object: wh_aws::ListedObject) -> IndexedName {
    let modified = object.modified.as_millisecond();
    IndexedName { key: object.key, size: object.size, modified }
}

/// The first key that is behind all that begin with `prefix`; nothing where there is none.
pub(crate) fn end_of(prefix: &str) -> Option<String> {
    let mut letters: Vec<char> = prefix.chars().collect();
    while let Some(last) = letters.pop() {
        if let Some(next) = (u32::from(last) + 1..=0x10_FFFF).find_map(char::from_u32) {
            letters.push(next);
            return Some(letters.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::end_of;

    #[test]
    fn what_follows_a_prefix_is_the_first_that_does_not_begin_with_it() {
        assert_eq!(end_of("home/a/").as_deref(), Some("home/a0"));
        assert_eq!(end_of(""), None);
        assert_eq!(end_of("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(end_of("\u{d7ff}").as_deref(), Some("\u{e000}"));
    }
}
