//! Sending: room is promised, the upload written down and begun, and from there on it goes as every upload does.

use std::io;
use std::ops::RangeInclusive;

use bytes::Bytes;
use futures::stream::BoxStream;
use wh_aws::NewObject;
use wh_ledger::{Promised, Room, UploadCondition, UploadRow, UploadStatus};
use wh_people::{Peer, Person};
use wh_policy::s3::action;

use super::names::{folded, kind_of, sent_name, stem, variant};
use super::{OpenedRequest, RequestRefusal};
use crate::access::{Access, Target};
use crate::{
    Completion, Conflict, FilePath, Files, FilesError, NewUpload, PartWanted, StoredPart, Upload,
    UploadError,
};

/// After so many names that were all taken, one is taken for refused.
const VARIANTS_MAX: u32 = 1_000;

/// How many times a name is chosen that another file of the sender takes at the same time.
const DRAWS_MAX: usize = 8;

/// How long a key is by which a sender finds what they began, in characters.
const KEY_CHARS: RangeInclusive<usize> = 16..=64;

/// A file that somebody wishes to send.
#[derive(Debug, Clone, Copy)]
pub struct FileToSend<'a> {
    /// What it is called; no path.
    pub name: &'a str,
    /// Bytes.
    pub size: u64,
    /// When it was last modified, in milliseconds since 1970.
    pub last_modified_ms: i64,
    /// What the sender's browser calls it, each file otherwise: so that one who asks again, since the answer was lost,
    /// gets what was begun.
    pub key: Option<&'a str>,
}

fn is_key(key: &str) -> bool {
    KEY_CHARS.contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// What a stranger says of the kind of their bytes is not believed.
const ANY_BYTES: &str = "application/octet-stream";

/// A file that is being sent, as its sender sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentUpload {
    /// The upload.
    pub upload: Upload,
    /// Its name in the sender's folder: another than was asked for, where that was taken.
    pub name: String,
}

impl SentUpload {
    fn of(upload: Upload) -> Self {
        let name = upload.path.rsplit('/').next().unwrap_or(&upload.path).to_owned();
        Self { upload, name }
    }
}

impl Access<'_> {
    /// What stands for every object that this sender may write.
    pub(super) fn everything_sent(&self) -> Result<Target, FilesError> {
        let folder = self.sender().map(|sender| sender.folder.clone()).unwrap_or_default();
        self.everything_below(&format!("{}{folder}", self.grant.prefix))
    }
}

/// The name under which a file is taken, if one like this is.
fn taken_name(
    request: &OpenedRequest,
    (name, size): (&str, u64),
) -> Result<String, RequestRefusal> {
    let name = sent_name(name).ok_or(RequestRefusal::Name)?;
    let (kinds, max) = (&request.row.kinds, request.row.file_bytes_max);
    let asked_for = kind_of(&name).is_some_and(|kind| kinds.contains(&kind));
    if !kinds.is_empty() && !asked_for {
        return Err(RequestRefusal::Kind);
    }
    if size > max {
        return Err(RequestRefusal::TooLarge { max });
    }
    Ok(name)
}

impl Files {
    /// Begins to send a file: room for it is promised before the store is asked for anything. It gets a name that no
    /// file of this sender has; what is at its key in spite of that stays as it is. What was begun under the same key
    /// goes on, where its answer was lost.
    pub async fn begin_sent(
        &self,
        request: &OpenedRequest,
        file: &FileToSend<'_>,
    ) -> Result<SentUpload, RequestRefusal> {
        let name = taken_name(request, (file.name, file.size))?;
        if file.key.is_some_and(|key| !is_key(key)) {
            return Err(RequestRefusal::Key);
        }
        if let Some(begun) = self.begun_before(request, file).await? {
            return Ok(begun);
        }
        let access = self.access(&request.person, request.row.grant_id.as_str()).await?;
        // Another of the same sender may take the name between.
        for _ in 0..DRAWS_MAX {
            let name = self.free_name(request, &name).await?;
            let path = format!("{}{}/{name}", request.row.path, request.sender.folder);
            let upload = self.row_to_send(request, &access, (path, file))?;
            let promised = Promised {
                sender: &request.sender,
                name: &name,
                name_key: &folded(&name),
                client_key: file.key,
                upload: &upload,
            };
            match self.options.ledger.promise_room(&promised, self.options.clock.now()).await? {
                Room::Promised => {
                    let upload = self.begun(&request.person, &access, upload).await?;
                    return Ok(SentUpload { upload, name });
                }
                Room::NameTaken => {}
                Room::SenderFull => return Err(RequestRefusal::SenderFull),
                Room::Full => return Err(RequestRefusal::Full),
            }
        }
        Err(RequestRefusal::Name)
    }

    /// What the sender began under this key. Where it is not known what the store calls it, it is given up, and none
    /// was begun: whoever is still about to write that down is told that it is not open any more.
    async fn begun_before(
        &self,
        request: &OpenedRequest,
        file: &FileToSend<'_>,
    ) -> Result<Option<SentUpload>, RequestRefusal> {
        let Some(key) = file.key else { return Ok(None) };
        let (ledger, sender) = (&self.options.ledger, &request.sender.id);
        let Some((mut row, mut name)) = ledger.sent_as(sender, key).await? else {
            return Ok(None);
        };
        if row.size != file.size {
            return Err(RequestRefusal::Key);
        }
        if row.status == UploadStatus::Begun {
            let given_up = ledger.upload_unbegun(&row.id, self.options.clock.now()).await?;
            if given_up {
                self.give_room_back(&row.id).await;
                return Ok(None);
            }
            // The store's answer was written down between.
            let Some(known) = ledger.sent_as(sender, key).await? else { return Ok(None) };
            (row, name) = known;
        }
        let access = self.access(&request.person, request.row.grant_id.as_str()).await?;
        let upload = match row.status {
            UploadStatus::Transferring => Upload::of(&row, &access.grant.prefix),
            status @ (UploadStatus::Begun | UploadStatus::Completed | UploadStatus::Aborted) => {
                return Err(UploadError::NotOpen { status: status.as_str() }.into());
            }
        };
        Ok(Some(SentUpload { upload, name }))
    }

    /// A name like this that no file of the sender has.
    async fn free_name(
        &self,
        request: &OpenedRequest,
        name: &str,
    ) -> Result<String, RequestRefusal> {
        let (sender, alike) = (&request.sender.id, (folded(name), folded(stem(name))));
        let alike = (alike.0.as_str(), alike.1.as_str());
        let taken = self.options.ledger.names_like(sender, alike, VARIANTS_MAX).await?;
        let mut names = (1..=VARIANTS_MAX).map(|number| variant(name, number));
        let free = names.find(|name| !taken.contains(&folded(name)));
        // The name itself is asked for first; of its variants not all may have been read.
        let is_known = |free: &String| free == name || taken.len() < VARIANTS_MAX as usize;
        free.filter(is_known).ok_or(RequestRefusal::Name)
    }

    fn row_to_send(
        &self,
        request: &OpenedRequest,
        access: &Access<'_>,
        (path, file): (String, &FileToSend<'_>),
    ) -> Result<UploadRow, RequestRefusal> {
        let path = FilePath::parse(&path)?;
        let key = path.key_under(&access.grant.prefix)?;
        access.foresee(action::PUT_OBJECT, &access.object_target(&key))?;
        let wanted = NewUpload {
            location: access.grant.id.to_string(),
            path,
            size: file.size,
            content_type: ANY_BYTES.to_owned(),
            last_modified_ms: file.last_modified_ms,
            conflict: Conflict::FailAtEnd,
            if_match: None,
        };
        let row = self.upload_row(&request.person, access, &key, &wanted)?;
        Ok(UploadRow {
            content_type: ANY_BYTES.to_owned(),
            condition: UploadCondition::Create,
            ..row
        })
    }

    /// Begins what was promised at the store, with all the room that quotas leave it. Where that fails, the promise is
    /// taken back.
    async fn begun(
        &self,
        person: &Person,
        access: &Access<'_>,
        row: UploadRow,
    ) -> Result<Upload, UploadError> {
        let id = row.id.clone();
        let object = NewObject { content_type: ANY_BYTES.to_owned(), ..NewObject::default() };
        let begun = async {
            self.take_room(person, &row).await?;
            let session = access.session().await?;
            self.begin_at_store(access, &session, row, &object).await
        };
        match begun.await {
            Ok(row) => Ok(Upload::of(&row, &access.grant.prefix)),
            Err(error) => {
                self.give_room_back(&id).await;
                self.options.ledger.upload_aborted(&id, self.options.clock.now()).await?;
                Err(error)
            }
        }
    }

    /// What this sender has begun to send and not completed, the newest first.
    pub async fn unfinished_sent(
        &self,
        request: &OpenedRequest,
    ) -> Result<Vec<SentUpload>, RequestRefusal> {
        let access = self.access(&request.person, request.row.grant_id.as_str()).await?;
        let rows = self.options.ledger.unfinished_of_sender(&request.sender.id).await?;
        let prefix = &access.grant.prefix;
        Ok(rows.iter().map(|row| SentUpload::of(Upload::of(row, prefix))).collect())
    }

    /// A file that this sender sends, with the parts that the store holds.
    pub async fn sent_upload(
        &self,
        request: &OpenedRequest,
        id: &str,
    ) -> Result<(SentUpload, Vec<StoredPart>), UploadError> {
        let (upload, parts) = self.upload_with_parts(&request.person, id).await?;
        Ok((SentUpload::of(upload), parts))
    }

    /// Hands a part of a file that this sender sends on to the store.
    pub async fn pass_sent(
        &self,
        request: &OpenedRequest,
        id: &str,
        part: PartWanted,
        bytes: BoxStream<'static, io::Result<Bytes>>,
    ) -> Result<(), UploadError> {
        self.pass_part(&request.person, id, part, bytes).await
    }

    /// Completes a file that this sender sends, from there.
    pub async fn complete_sent(
        &self,
        request: &OpenedRequest,
        id: &str,
        (crc, etags): (&str, &[String]),
        peer: &Peer,
    ) -> Result<Completion, UploadError> {
        let sent_nothing = self.options.ledger.sent_by(&request.sender.id).await?.is_empty();
        let done = self.complete_upload(&request.person, id, crc, etags).await?;
        if sent_nothing {
            self.options.people.sender_sends(&request.row.id, peer);
        }
        Ok(done)
    }

    /// Gives a file up that this sender sends, and gives its room back.
    pub async fn abort_sent(&self, request: &OpenedRequest, id: &str) -> Result<(), UploadError> {
        self.abort_upload(&request.person, id).await
    }
}
