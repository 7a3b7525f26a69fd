//! Making a link: of what its person may read at that moment.

use jiff::{SignedDuration, Timestamp};
use wh_aws::ListRequest;
use wh_ledger::{LedgerError, LinkShowing, RowId, ShareLinkRow};
use wh_names::Secret;
use wh_people::{NamedPerson, Person};
use wh_policy::s3::action;

use super::{LinkError, LinkRecord, LinkRules, MadeLink, end_of, state_of};
use crate::access::Access;
use crate::{EntryPath, Files, FilesError};

/// How long a link lives that does not say, in days, where the house lets links live so long.
pub const LINK_DAYS_GIVEN: u32 = 7;

/// How many days a link may live that ends.
pub const LINK_DAYS_MAX: u32 = 3_650;

/// How many links that count a person may have.
pub const LINKS_MAX: u32 = 500;

/// The longest note, in characters.
pub const LINK_NOTE_CHARS_MAX: usize = 200;

/// The most that may be fetched by a link that counts it.
const DOWNLOADS_MAX: u32 = 1_000_000;

/// A link that a person wishes for.
#[derive(Debug)]
pub struct NewLink {
    /// What it is to open, in the location.
    pub path: EntryPath,
    /// What may be done with it.
    pub showing: LinkShowing,
    /// The password that it is to ask for.
    pub password: Option<Secret>,
    /// How many days it shall live; `None`: until it is revoked.
    pub days: Option<u32>,
    /// How often something may be fetched by it.
    pub downloads_max: Option<u32>,
    /// What the person writes to themselves.
    pub note: String,
}

impl Files {
    /// Makes a link to a file or a folder that the person may read. What is asked of the store shows that
    /// they may, and that it is there.
    pub async fn make_link(
        &self,
        person: &Person,
        location: &str,
        form: NewLink,
    ) -> Result<MadeLink, LinkError> {
        let (options, rules) = (&self.options, self.link_rules().await?);
        let access = self.access(person, location).await?;
        let now = options.clock.now();
        let expires_at = checked(&form, &rules, now)?;
        access.is_readable(&form.path).await?;
        let password = match &form.password {
            Some(password) => Some(options.people.hash_link_password(password).await?),
            None => None,
        };
        let token = options.people.draw_link_token();
        // What an API token makes ends with it.
        let by_token = person.scope().map(|scope| (scope.token().id.clone(), scope.expires()));
        let expires_at = expires_at.into_iter().chain(by_token.as_ref().map(|(_, end)| *end)).min();
        let row = ShareLinkRow {
            id: RowId::generate(now, &options.entropy),
            uid: person.uid().clone(),
            digest: token.digest(),
            grant_id: access.grant.id.clone(),
            path: form.path.as_str().to_owned(),
            showing: form.showing,
            note: form.note,
            password,
            wrong_tries: 0,
            created_at: now,
            expires_at,
            downloads_max: form.downloads_max,
            downloads: 0,
            used_at: None,
            token_id: by_token.map(|(id, _)| id),
            revoked_at: None,
        };
        self.opens(&row, location, end_of(&row, &rules)).await?;
        match options.ledger.insert_share_link(&row, LINKS_MAX).await {
            Ok(true) => {}
            Ok(false) => return Err(LinkError::TooMany),
            Err(LedgerError::Conflict { what: "person" }) => return Err(LinkError::Ended),
            Err(error) => return Err(error.into()),
        }
        let record = LinkRecord {
            state: state_of(&row, &rules, now),
            ends: end_of(&row, &rules),
            owner: NamedPerson { uid: row.uid.clone(), name: Some(person.name().to_owned()) },
            place: Some((access.grant.bucket.clone(), access.grant.prefix.clone())),
            row,
        };
        Ok(MadeLink { record, token })
    }
}

impl Files {
    /// That the store takes the session policy by which the link is to open.
    async fn opens(
        &self,
        link: &ShareLinkRow,
        location: &str,
        ends: Option<Timestamp>,
    ) -> Result<(), LinkError> {
        let person = self.options.people.person_of_link(link, ends).await?;
        let person = person.ok_or(LinkError::Ended)?;
        let access = self.access(&person, location).await?;
        if access.narrowing_fits() { Ok(()) } else { Err(LinkError::PathLength) }
    }
}

/// When the link ends, if all that is wished for may be.
fn checked(
    form: &NewLink,
    rules: &LinkRules,
    now: Timestamp,
) -> Result<Option<Timestamp>, LinkError> {
    if !rules.enabled {
        return Err(LinkError::Off);
    }
    if rules.password && form.password.is_none() {
        return Err(LinkError::PasswordDemanded);
    }
    let note = &form.note;
    if note.chars().count() > LINK_NOTE_CHARS_MAX || note.chars().any(char::is_control) {
        return Err(LinkError::Note);
    }
    if form.downloads_max.is_some_and(|max| max == 0 || max > DOWNLOADS_MAX) {
        return Err(LinkError::Count);
    }
    let max = rules.days_max.unwrap_or(LINK_DAYS_MAX);
    match form.days {
        None if rules.days_max.is_some() => Err(LinkError::Life { max }),
        None => Ok(None),
        Some(days) if days == 0 || days > max => Err(LinkError::Life { max }),
        Some(days) => {
            let life = SignedDuration::from_hours(i64::from(days).saturating_mul(24));
            Ok(Some(now.checked_add(life).unwrap_or(Timestamp::MAX)))
        }
    }
}

impl Access<'_> {
    /// That this may be read here, and is there: the store is asked.
    async fn is_readable(&self, path: &EntryPath) -> Result<(), FilesError> {
        let (objects, bucket) = (&self.options().objects, &self.grant.bucket);
        match path {
            EntryPath::File(path) => {
                let key = path.key_under(&self.grant.prefix)?;
                let target = self.object_target(&key);
                self.foresee(action::GET_OBJECT, &target)?;
                let session = self.session().await?;
                self.served(&session, (&key, &target)).await?;
                let head = objects.head(&session, bucket, &key).await;
                head.map_err(|error| self.told(action::GET_OBJECT, &target, error))?;
            }
            EntryPath::Folder(path) => {
                let prefix = path.prefix_under(&self.grant.prefix)?;
                let target = self.listing_target(prefix.as_str());
                self.foresee(action::LIST_BUCKET, &target)?;
                self.foresee(action::GET_OBJECT, &self.everything_below(prefix.as_str())?)?;
                let session = self.session().await?;
                let request = ListRequest { prefix, delimiter: None, token: None, max: 1 };
                let listing = objects.list(&session, bucket, request).await;
                let listing =
                    listing.map_err(|error| self.told(action::LIST_BUCKET, &target, error))?;
                if listing.objects.is_empty() {
                    return Err(FilesError::NotFound);
                }
            }
        }
        Ok(())
    }
}
