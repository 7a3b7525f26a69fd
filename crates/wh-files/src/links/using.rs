//! Using a link, step by step: found, standing, opened, fetched. Each step hands on what only it can make.

use jiff::Timestamp;
use wh_ledger::{LedgerError, LinkShowing, RowId, ShareLinkRow};
use wh_names::{Secret, Uid};
use wh_people::{LinkPasswordError, LinkToken, LinkVisit, Peer, Person, Scope};
use wh_policy::s3::action;

use super::{LinkRefusal, LinkState, end_of, state_of};
use crate::archives::ArchiveBytes;
use crate::downloads::is_shown;
use crate::{Download, EntryPath, FilePath, Files, FilesError, FolderPage, FolderPath, Showing};

/// A link that somebody made, whether it counts or not.
#[derive(Debug)]
pub struct FoundLink {
    row: ShareLinkRow,
}

impl FoundLink {
    /// What it is called; it opens nothing.
    pub fn id(&self) -> &RowId {
        &self.row.id
    }

    /// Whose it is.
    pub fn uid(&self) -> &Uid {
        &self.row.uid
    }
}

/// A link that counts at this moment, by what stands in the ledger. Its password may still be asked for.
#[derive(Debug)]
pub struct StandingLink {
    row: ShareLinkRow,
    ends: Option<Timestamp>,
}

impl StandingLink {
    /// Whether a password is asked for.
    pub fn asks_password(&self) -> bool {
        self.row.password.is_some()
    }
}

/// A link that counts, whose password was given where it has one, and whose person may come in. Made anew
/// for each request.
#[derive(Debug)]
pub struct OpenedLink {
    row: ShareLinkRow,
    person: Person,
    what: EntryPath,
}

/// A file that a link opens.
#[derive(Debug, Clone)]
pub struct SharedFile {
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Whether a browser shows it.
    pub shown: bool,
}

impl OpenedLink {
    /// The name of what it opens.
    pub fn name(&self) -> &str {
        let path = self.row.path.trim_end_matches('/');
        path.rsplit('/').next().unwrap_or(path)
    }

    /// Whether it opens a folder.
    pub fn is_folder(&self) -> bool {
        matches!(self.what, EntryPath::Folder(_))
    }

    /// Whether files may be saved, not only looked at.
    pub fn saves(&self) -> bool {
        self.row.showing == LinkShowing::Download
    }

    /// When it stops by itself.
    pub fn ends(&self) -> Option<Timestamp> {
        self.person.scope().and_then(Scope::link).and_then(|link| link.ends)
    }

    /// A folder below, by its path from the folder that was shared on.
    fn folder(&self, below: &str) -> Result<FolderPath, LinkRefusal> {
        let EntryPath::Folder(shared) = &self.what else { return Err(LinkRefusal::OtherKind) };
        let below = FolderPath::parse(below)?;
        Ok(FolderPath::parse(&format!("{shared}{below}"))?)
    }

    /// The file that was shared, or one below the folder that was.
    fn file(&self, below: &str) -> Result<FilePath, LinkRefusal> {
        match &self.what {
            EntryPath::File(shared) if below.is_empty() => Ok(shared.clone()),
            EntryPath::File(_) => Err(LinkRefusal::OtherKind),
            EntryPath::Folder(shared) => {
                let below = FilePath::parse(below)?;
                Ok(FilePath::parse(&format!("{shared}{below}"))?)
            }
        }
    }
}

impl Files {
    /// The link of this token, if somebody made one.
    pub async fn find_link(&self, token: &LinkToken) -> Result<Option<FoundLink>, LedgerError> {
        let row = self.options.ledger.share_link(&token.digest()).await?;
        Ok(row.map(|row| FoundLink { row }))
    }

    /// Whether a link counts at this moment.
    pub async fn standing_link(&self, found: FoundLink) -> Result<StandingLink, LinkRefusal> {
        let (rules, row) = (self.link_rules().await?, found.row);
        match state_of(&row, &rules, self.options.clock.now()) {
            // Where no password is judged any more, a visit that was begun goes on.
            LinkState::Active | LinkState::Closed => {
                Ok(StandingLink { ends: end_of(&row, &rules), row })
            }
            state @ (LinkState::Revoked
            | LinkState::Expired
            | LinkState::UsedUp
            | LinkState::Barred
            | LinkState::NotGranted) => Err(LinkRefusal::State(state)),
        }
    }

    /// Tries the password of a link.
    pub async fn enter_link(
        &self,
        link: &StandingLink,
        password: &Secret,
        peer: &Peer,
    ) -> Result<LinkVisit, LinkPasswordError> {
        self.options.people.enter_link(&link.row, password, peer).await
    }

    /// Opens a link in the name of its person, as they stand at this moment.
    pub async fn open_link(
        &self,
        link: StandingLink,
        visit: Option<&LinkVisit>,
    ) -> Result<OpenedLink, LinkRefusal> {
        let StandingLink { row, ends } = link;
        let people = &self.options.people;
        if row.password.is_some() && !people.visits_link(&row, visit).await? {
            return Err(LinkRefusal::PasswordNeeded);
        }
        let person = people.person_of_link(&row, ends).await?.ok_or(LinkRefusal::OwnerGone)?;
        let what = EntryPath::parse(&row.path)?;
        Ok(OpenedLink { row, person, what })
    }

    /// The file that a link opens: the store is asked, by the rights of the link's person.
    pub async fn file_of_link(&self, link: &OpenedLink) -> Result<SharedFile, LinkRefusal> {
        let path = link.file("")?;
        let size = self.looked_at(link, &path).await?;
        let name = path.name().to_owned();
        Ok(SharedFile { size, shown: is_shown(&name), name })
    }

    /// One page of the folder that a link opens, or of one below it.
    pub async fn list_by_link(
        &self,
        link: &OpenedLink,
        below: &str,
        cursor: Option<&str>,
    ) -> Result<FolderPage, LinkRefusal> {
        let folder = link.folder(below)?;
        let page = self.list(&link.person, link.row.grant_id.as_str(), &folder, cursor).await?;
        if page.there { Ok(page) } else { Err(FilesError::NotFound.into()) }
    }

    /// Fetches a file by a link: an address in the store, for a few minutes. It is counted before it is
    /// handed out, and after everything that could refuse it.
    pub async fn fetch_by_link(
        &self,
        link: &OpenedLink,
        below: &str,
        showing: Showing,
    ) -> Result<Download, LinkRefusal> {
        let path = link.file(below)?;
        let shows = showing == Showing::Inline && is_shown(path.name());
        if !link.saves() && !shows {
            return Err(LinkRefusal::NotShown);
        }
        self.looked_at(link, &path).await?;
        let location = link.row.grant_id.as_str();
        let download = self.download(&link.person, location, &path, (None, showing)).await?;
        self.count(link).await?;
        Ok(download)
    }

    /// Fetches the folder that a link opens, or one below it, as an archive. It counts once.
    pub async fn archive_by_link(
        &self,
        link: &OpenedLink,
        below: &str,
    ) -> Result<ArchiveBytes, LinkRefusal> {
        if !link.saves() {
            return Err(LinkRefusal::NotShown);
        }
        let folder = EntryPath::Folder(link.folder(below)?);
        let location = link.row.grant_id.as_str();
        let archive = self.archive_at_once(&link.person, location, folder).await?;
        self.count(link).await?;
        Ok(archive)
    }

    async fn count(&self, link: &OpenedLink) -> Result<(), LinkRefusal> {
        let now = self.options.clock.now();
        if self.options.ledger.take_share_download(&link.row.id, now).await? {
            return Ok(());
        }
        Err(LinkRefusal::State(LinkState::UsedUp))
    }

    /// How large a file is: the store says that it is there, and may be read.
    async fn looked_at(&self, link: &OpenedLink, path: &FilePath) -> Result<u64, LinkRefusal> {
        let access = self.access(&link.person, link.row.grant_id.as_str()).await?;
        let key = path.key_under(&access.grant.prefix)?;
        let target = access.object_target(&key);
        access.foresee(action::GET_OBJECT, &target)?;
        let session = access.session().await?;
        let head = self.options.objects.head(&session, &access.grant.bucket, &key).await;
        let head = head.map_err(|error| access.told(action::GET_OBJECT, &target, error))?;
        Ok(head.size)
    }
}
