//! Downloads: a link that fetches one file straight from the store.
//!
//! Invariant: what a browser could run is never shown, only saved. The link forces the type and the
//! disposition, whatever type the object was stored with.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use wh_aws::{Disposition, GetToSign};
use wh_people::Person;
use wh_policy::s3::action;

use crate::{FilePath, Files, FilesError};

/// How long a link fetches.
pub const LINK_LIFE: Duration = Duration::from_mins(5);

/// Whether a file is to be shown or saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Showing {
    /// Saved under its name.
    Attachment,
    /// Shown, where its kind is harmless; saved otherwise.
    Inline,
}

/// A link to a file. Whoever holds it can fetch the file until it expires.
#[derive(Clone)]
pub struct Download {
    /// The address, signed. It is never logged.
    pub url: String,
    /// When it stops working, at the latest.
    pub expires: Timestamp,
}

impl std::fmt::Debug for Download {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Download").field("expires", &self.expires).finish_non_exhaustive()
    }
}

impl Files {
    /// A link to one file. Whether it is there, and whether the person may read it, is asked of the
    /// store first: a link that answers with XML helps nobody.
    pub async fn download(
        &self,
        person: &Person,
        location: &str,
        path: &FilePath,
        showing: Showing,
    ) -> Result<Download, FilesError> {
        let access = self.access(person, location).await?;
        let key = path.key_under(&access.grant.prefix)?;
        let target = access.object_target(&key);
        access.foresee(action::GET_OBJECT, &target)?;
        let session = access.session().await?;
        let (objects, bucket) = (&self.options.objects, &access.grant.bucket);
        let told = |error| access.told(action::GET_OBJECT, &target, error);
        objects.head(&session, bucket, &key).await.map_err(told)?;
        let (kind, disposition) = shown_as(path.name(), showing);
        let get = GetToSign {
            disposition,
            file_name: path.name().to_owned(),
            content_type: Some(kind.to_owned()),
            expires: LINK_LIFE,
        };
        let life = SignedDuration::try_from(LINK_LIFE).unwrap_or_default();
        let expires = (self.options.clock.now() + life).min(session.expires());
        let url = objects.presign_get(&session, bucket, &key, get).await.map_err(told)?;
        Ok(Download { url, expires })
    }
}

const SAVED: &str = "application/octet-stream";
const TEXT: &str = "text/plain; charset=utf-8";

/// The type and the disposition that a link forces.
fn shown_as(name: &str, showing: Showing) -> (&'static str, Disposition) {
    match (showing, harmless_type(name)) {
        (Showing::Inline, Some(kind)) => (kind, Disposition::Inline),
        (Showing::Inline, None) | (Showing::Attachment, _) => (SAVED, Disposition::Attachment),
    }
}

/// The type under which a browser shows a file of this name without running anything in it. SVG,
/// HTML and XML are not among them; source code and mark-up are shown as plain text.
fn harmless_type(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "mp4" | "m4v" => "video/mp4",
        "webm" => "video/webm",
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "ogg" | "oga" => "audio/ogg",
        "wav" => "audio/wav",
        "flac" => "audio/flac",
        "pdf" => "application/pdf",
        "txt" | "text" | "log" | "md" | "csv" | "tsv" | "json" | "jsonl" | "yaml" | "yml"
        | "toml" | "ini" | "conf" | "rs" | "py" | "c" | "h" | "cpp" | "go" | "java" | "sh"
        | "sql" | "ts" | "tsx" | "css" | "diff" | "patch" => TEXT,
        _other => return None,
    })
}

#[cfg(test)]
mod tests {
    use wh_aws::Disposition;

    use super::{SAVED, Showing, TEXT, shown_as};

    #[test]
    fn nothing_that_a_browser_would_run_is_shown() {
        for name in ["a.svg", "a.html", "a.htm", "a.xml", "a.xhtml", "a.js", "a.epub", "a", "png"] {
            let saved = (SAVED, Disposition::Attachment);
            assert_eq!(shown_as(name, Showing::Inline), saved, "{name}");
        }
        assert_eq!(shown_as("notes.MD", Showing::Inline), (TEXT, Disposition::Inline));
        assert_eq!(shown_as("a.svg.png", Showing::Inline).0, "image/png");
        assert_eq!(shown_as("a.png", Showing::Attachment).0, SAVED);
    }
}
