//! Sending: room is promised, the upload written down and begun, and from there on it goes as every upload does.

use std::io;

use bytes::Bytes;
use futures::stream::BoxStream;
use wh_aws::NewObject;
use wh_ledger::{Promised, Room, UploadCondition, UploadRow};
use wh_policy::s3::action;

use super::names::{folded, kind_of, sent_name, variant};
use super::{OpenedRequest, RequestRefusal};
use crate::access::{Access, Target};
use crate::{
    Completion, Conflict, FilePath, Files, FilesError, NewUpload, PartWanted, StoredPart, Upload,
    UploadError,
};

/// After so many names that were all taken, one is taken for refused.
const VARIANTS_MAX: u32 = 1_000;

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
    /// Begins to send a file of so many bytes: room for it is promised before the store is asked for anything. It gets
    /// a name that no file of this sender has; what is at its key in spite of that stays as it is.
    pub async fn begin_sent(
        &self,
        request: &OpenedRequest,
        (name, size): (&str, u64),
        last_modified_ms: i64,
    ) -> Result<SentUpload, RequestRefusal> {
        let name = taken_name(request, (name, size))?;
        let access = self.access(&request.person, request.row.grant_id.as_str()).await?;
        let (now, ledger) = (self.options.clock.now(), &self.options.ledger);
        for number in 1..=VARIANTS_MAX {
            let name = variant(&name, number);
            let path = format!("{}{}/{name}", request.row.path, request.sender.folder);
            let row = self.row_to_send(request, &access, (path, size, last_modified_ms))?;
            let (sender, upload, name_key) = (&request.sender, &row, folded(&name));
            let file = Promised { sender, name: &name, name_key: &name_key, upload };
            match ledger.promise_room(&file, now).await? {
                Room::Promised => {
                    let upload = self.begun(&access, row).await?;
                    return Ok(SentUpload { upload, name });
                }
                Room::NameTaken => {}
                Room::SenderFull => return Err(RequestRefusal::SenderFull),
                Room::Full => return Err(RequestRefusal::Full),
            }
        }
        Err(RequestRefusal::Name)
    }

    fn row_to_send(
        &self,
        request: &OpenedRequest,
        access: &Access<'_>,
        (path, size, last_modified_ms): (String, u64, i64),
    ) -> Result<UploadRow, RequestRefusal> {
        let path = FilePath::parse(&path)?;
        let key = path.key_under(&access.grant.prefix)?;
        access.foresee(action::PUT_OBJECT, &access.object_target(&key))?;
        let wanted = NewUpload {
            location: access.grant.id.to_string(),
            path,
            size,
            content_type: ANY_BYTES.to_owned(),
            last_modified_ms,
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

    /// Begins what was promised at the store. Where that fails, the promise is taken back.
    async fn begun(&self, access: &Access<'_>, row: UploadRow) -> Result<Upload, UploadError> {
        let id = row.id.clone();
        let object = NewObject { content_type: ANY_BYTES.to_owned(), ..NewObject::default() };
        let begun = async {
            let session = access.session().await?;
            self.begin_at_store(access, &session, row, &object).await
        };
        match begun.await {
            Ok(row) => Ok(Upload::of(&row, &access.grant.prefix)),
            Err(error) => {
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

    /// Completes a file that this sender sends.
    pub async fn complete_sent(
        &self,
        request: &OpenedRequest,
        id: &str,
        crc: &str,
        etags: &[String],
    ) -> Result<Completion, UploadError> {
        self.complete_upload(&request.person, id, crc, etags).await
    }

    /// Gives a file up that this sender sends, and gives its room back.
    pub async fn abort_sent(&self, request: &OpenedRequest, id: &str) -> Result<(), UploadError> {
        self.abort_upload(&request.person, id).await
    }
}
