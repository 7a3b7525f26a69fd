//! Beginning an upload: judged, written down, then begun at the store.

use wh_aws::{AwsError, NewObject, ObjectInfo, ObjectTags, RoleSession};
use wh_ledger::{RowId, UploadCondition, UploadRow, UploadStatus};
use wh_names::{ObjectKey, SCAN_TAG};
use wh_people::Person;
use wh_policy::s3::action;

use super::parts::{FILE_SIZE_MAX, cut};
use super::{Upload, UploadError};
use crate::access::Access;
use crate::{FilePath, Files, FilesError};

/// The longest media type, in bytes.
const CONTENT_TYPE_BYTES_MAX: usize = 255;
/// The longest entity tag, in bytes: those of S3 are at most 38.
const ETAG_BYTES_MAX: usize = 128;

/// What to do with a file that is already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// Leave it, and refuse.
    Fail,
    /// Leave it, and refuse when the upload completes: nothing is looked at before. For whoever has just
    /// seen that nothing is there.
    FailAtEnd,
    /// Replace exactly the file that is there when the upload begins.
    Replace,
}

/// An upload to begin.
#[derive(Debug, Clone)]
pub struct NewUpload {
    /// The location; its grant is the one that is used.
    pub location: String,
    /// The file's path there.
    pub path: FilePath,
    /// Bytes.
    pub size: u64,
    /// The media type; empty means that it is unknown.
    pub content_type: String,
    /// When the source file was last modified, in milliseconds since 1970.
    pub last_modified_ms: i64,
    /// What to do with a file that is already there.
    pub conflict: Conflict,
    /// With [`Conflict::Replace`]: the entity tag, without quotation marks, of the file that was
    /// read and is to be replaced. Another file is left as it is.
    pub if_match: Option<String>,
}

impl Files {
    /// Begins an upload. The row is written first: what the store was asked for is never forgotten.
    /// Only to replace a file is the file looked at before, since the row says which one it was.
    pub async fn begin_upload(
        &self,
        person: &Person,
        wanted: NewUpload,
    ) -> Result<Upload, UploadError> {
        let content_type = media_type(&wanted.content_type)?;
        check_if_match(&wanted)?;
        let access = self.access(person, &wanted.location).await?;
        let key = wanted.path.key_under(&access.grant.prefix)?;
        access.foresee(action::PUT_OBJECT, &access.object_target(&key))?;
        let mut row = self.upload_row(person, &access, &key, &wanted)?;
        content_type.clone_into(&mut row.content_type);
        let mut object =
            NewObject { content_type: content_type.to_owned(), ..NewObject::default() };
        let session = match wanted.conflict {
            Conflict::FailAtEnd => {
                row.condition = UploadCondition::Create;
                self.options.ledger.insert_upload(&row).await?;
                access.session().await?
            }
            Conflict::Fail => {
                row.condition = UploadCondition::Create;
                self.options.ledger.insert_upload(&row).await?;
                let session = access.session().await?;
                self.refuse_if_there(&access, &session, &row).await?;
                session
            }
            Conflict::Replace => {
                let session = access.session().await?;
                let there = self.look(&access, &session, &key).await?;
                row.condition = exactly_what_was_read(condition_of(&there), wanted.if_match)?;
                if let Look::Found(there) = there {
                    object.tags = self.tags_to_keep(&access, &session, &key, &there).await?;
                    object.carried = there.carried;
                }
                self.options.ledger.insert_upload(&row).await?;
                session
            }
        };
        if let Err(full) = self.take_room(person, &row).await {
            self.options.ledger.upload_aborted(&row.id, self.options.clock.now()).await?;
            return Err(full);
        }
        let id = row.id.clone();
        let begun = self.begin_at_store(&access, &session, row, &object).await;
        if begun.is_err() {
            self.did_not_begin(&id).await;
        }
        Ok(Upload::of(&begun?, &access.grant.prefix))
    }

    pub(crate) fn upload_row(
        &self,
        person: &Person,
        access: &Access<'_>,
        key: &ObjectKey,
        wanted: &NewUpload,
    ) -> Result<UploadRow, UploadError> {
        let cut = cut(wanted.size).ok_or(UploadError::TooLarge { max: FILE_SIZE_MAX })?;
        let now = self.options.clock.now();
        Ok(UploadRow {
            id: RowId::generate(now, &self.options.entropy),
            uid: person.uid().clone(),
            grant_id: access.grant.id.clone(),
            bucket: access.grant.bucket.clone(),
            key: key.clone(),
            size: wanted.size,
            part_size: cut.part_size,
            content_type: String::new(),
            upload_id: None,
            condition: UploadCondition::Always,
            status: UploadStatus::Begun,
            created_at: now,
            updated_at: now,
            last_modified_ms: Some(wanted.last_modified_ms),
            object: None,
        })
    }

    /// Tells early that the file is there. Whoever may not look is told at the end, by
    /// `If-None-Match`.
    async fn refuse_if_there(
        &self,
        access: &Access<'_>,
        session: &RoleSession,
        row: &UploadRow,
    ) -> Result<(), UploadError> {
        let Look::Found(object) = self.look(access, session, &row.key).await? else {
            return Ok(());
        };
        let now = self.options.clock.now();
        self.options.ledger.upload_aborted(&row.id, now).await?;
        Err(UploadError::there(*object))
    }

    /// The tags that the new object takes over. Whoever may not write tags replaces a file without
    /// them, as at Amazon.
    async fn tags_to_keep(
        &self,
        access: &Access<'_>,
        session: &RoleSession,
        key: &ObjectKey,
        there: &ObjectInfo,
    ) -> Result<ObjectTags, FilesError> {
        let target = access.object_target(key);
        let may = |action| access.foresee(action, &target).is_ok();
        let writes = may(action::GET_OBJECT_TAGGING) && may(action::PUT_OBJECT_TAGGING);
        if there.tag_count == 0 || !writes {
            return Ok(ObjectTags::new());
        }
        let tags = self.options.objects.tags(session, &access.grant.bucket, key).await;
        let tags = tags.map_err(|error| access.told(action::GET_OBJECT_TAGGING, &target, error))?;
        // What the scan said is of the old bytes.
        Ok(tags.into_iter().filter(|(name, _)| name != SCAN_TAG).collect())
    }

    /// What is at a key, as far as the person may know.
    pub(super) async fn look(
        &self,
        access: &Access<'_>,
        session: &RoleSession,
        key: &ObjectKey,
    ) -> Result<Look, FilesError> {
        let target = access.object_target(key);
        if access.foresee(action::GET_OBJECT, &target).is_err() {
            return Ok(Look::Forbidden);
        }
        match self.options.objects.head(session, &access.grant.bucket, key).await {
            Ok(object) => Ok(Look::Found(Box::new(object))),
            Err(AwsError::NotFound { .. }) => Ok(Look::Absent),
            Err(AwsError::Denied { .. }) => Ok(Look::Forbidden),
            Err(error) => Err(access.told(action::GET_OBJECT, &target, error)),
        }
    }

    pub(crate) async fn begin_at_store(
        &self,
        access: &Access<'_>,
        session: &RoleSession,
        row: UploadRow,
        object: &NewObject,
    ) -> Result<UploadRow, UploadError> {
        let objects = &self.options.objects;
        let begun = objects.create_multipart(session, &row.bucket, &row.key, object).await;
        let upload_id = begun.map_err(|error| {
            access.told(action::PUT_OBJECT, &access.object_target(&row.key), error)
        })?;
        let written_down = async {
            self.hand_room_over(&row.id, &upload_id).await?;
            let now = self.options.clock.now();
            Ok(self.options.ledger.upload_transfers(&row.id, &upload_id, now).await?)
        };
        match written_down.await {
            Ok(true) => {
                let status = UploadStatus::Transferring;
                Ok(UploadRow { upload_id: Some(upload_id), status, ..row })
            }
            // Its person gave it up meanwhile.
            Ok(false) => {
                self.nobody_knows_of(session, &row, &upload_id).await;
                Err(UploadError::NotOpen { status: UploadStatus::Aborted.as_str() })
            }
            Err(error) => {
                self.nobody_knows_of(session, &row, &upload_id).await;
                Err(error)
            }
        }
    }

    /// Frees what the store has of an upload that was not written down as begun there: nobody could go on with it,
    /// and its room would be kept from others.
    async fn nobody_knows_of(&self, session: &RoleSession, row: &UploadRow, upload_id: &str) {
        let objects = &self.options.objects;
        if let Err(error) = objects.abort(session, &row.bucket, &row.key, upload_id).await {
            tracing::warn!(%error, upload = %row.id, "what the store holds was not freed");
        }
        self.give_store_room_back(upload_id).await;
    }

    /// Writes down that an upload did not begin, and gives its room back. Where the ledger fails, the room ends by
    /// itself.
    async fn did_not_begin(&self, id: &RowId) {
        self.give_room_back(id).await;
        let now = self.options.clock.now();
        if let Err(error) = self.options.ledger.upload_aborted(id, now).await {
            tracing::warn!(%error, upload = %id, "an upload that did not begin is given up later");
        }
    }
}

/// What a look at a key shows.
pub(super) enum Look {
    Found(Box<ObjectInfo>),
    Absent,
    Forbidden,
}

fn condition_of(there: &Look) -> UploadCondition {
    match there {
        Look::Found(object) => UploadCondition::Replace(object.etag.clone()),
        Look::Absent => UploadCondition::Create,
        Look::Forbidden => UploadCondition::Always,
    }
}

/// The condition of an upload that replaces what was read: told early where another file is there
/// already, and kept by the store to the end.
fn exactly_what_was_read(
    there: UploadCondition,
    read: Option<String>,
) -> Result<UploadCondition, UploadError> {
    let Some(read) = read else { return Ok(there) };
    match there {
        UploadCondition::Replace(etag) if etag == read => Ok(UploadCondition::Replace(etag)),
        UploadCondition::Always => Ok(UploadCondition::Replace(read)),
        UploadCondition::Replace(_) | UploadCondition::Create => Err(UploadError::FileChanged),
    }
}

/// An entity tag goes with replacing, and can stand in a header.
fn check_if_match(wanted: &NewUpload) -> Result<(), UploadError> {
    let Some(etag) = &wanted.if_match else { return Ok(()) };
    let shaped = !etag.is_empty()
        && etag.len() <= ETAG_BYTES_MAX
        && etag.bytes().all(|b| b.is_ascii_graphic() && b != b'"');
    match wanted.conflict {
        Conflict::Replace if shaped => Ok(()),
        Conflict::Replace | Conflict::Fail | Conflict::FailAtEnd => Err(UploadError::IfMatch),
    }
}

/// A media type that can stand in a header; none becomes the type of unknown bytes.
pub(crate) fn media_type(input: &str) -> Result<&str, UploadError> {
    if input.is_empty() {
        return Ok("application/octet-stream");
    }
    let shaped = input.len() <= CONTENT_TYPE_BYTES_MAX
        && input.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
        && input.split_once('/').is_some_and(|(kind, rest)| !kind.is_empty() && !rest.is_empty());
    if shaped { Ok(input) } else { Err(UploadError::ContentType) }
}

#[cfg(test)]
mod tests {
    use wh_ledger::UploadCondition;

    use super::{exactly_what_was_read, media_type};

    #[test]
    fn what_was_read_is_replaced_and_nothing_else() {
        let of = |etag: &str| UploadCondition::Replace(etag.to_owned());
        let read = || Some("a".to_owned());
        let held = |there, read| exactly_what_was_read(there, read).ok();
        assert_eq!(held(of("a"), read()), Some(of("a")));
        assert_eq!(held(of("b"), read()), None, "it is another file");
        assert_eq!(held(UploadCondition::Create, read()), None, "it is gone");
        assert_eq!(held(UploadCondition::Always, read()), Some(of("a")), "the store will tell");
        assert_eq!(held(of("b"), None), Some(of("b")));
    }

    #[test]
    fn a_media_type_cannot_leave_its_header() {
        assert_eq!(media_type("").ok(), Some("application/octet-stream"));
        assert_eq!(media_type("text/plain; charset=utf-8").ok(), Some("text/plain; charset=utf-8"));
        for bad in ["text", "/", "a/", "/b", "text/plain\r\nx: y", "te\0xt/plain", "tëxt/plain"] {
            assert!(media_type(bad).is_err(), "{bad:?}");
        }
        assert!(media_type(&format!("a/{}", "b".repeat(254))).is_err());
    }
}
