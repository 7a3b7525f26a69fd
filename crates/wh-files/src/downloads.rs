//! Downloads: a link that fetches one file straight from the store.
//!
//! Invariant: what a browser could run is never shown, only saved. The link forces the type and the
//! disposition, whatever type the object was stored with.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use wh_aws::{Disposition, GetToSign};
use wh_people::Person;
use wh_policy::s3::action;

use crate::versions::is_version;
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
    /// A link to one file, or to one of its versions. What the policies refuse for certain is refused here;
    /// whether the file is there is the store's answer to whoever follows the link, so that a download is one
    /// request. Where files are scanned, it is asked first what was found: nobody is sent to a bare refusal of
    /// the store. Of an older version the store alone says it.
    pub async fn download(
        &self,
        person: &Person,
        location: &str,
        path: &FilePath,
        (version, showing): (Option<&str>, Showing),
    ) -> Result<Download, FilesError> {
        if version.is_some_and(|version| !is_version(version)) {
            return Err(FilesError::Version);
        }
        let action = match version {
            Some(_) => action::GET_OBJECT_VERSION,
            None => action::GET_OBJECT,
        };
        let access = self.access(person, location).await?;
        let key = path.key_under(&access.grant.prefix)?;
        let target = access.object_target(&key);
        access.foresee(action, &target)?;
        let session = access.session().await?;
        let (objects, bucket) = (&self.options.objects, &access.grant.bucket);
        let told = |error| access.told(action, &target, error);
        if version.is_none() {
            access.served(&session, (&key, &target)).await?;
        }
        let (kind, disposition) = shown_as(path.name(), showing);
        let get = GetToSign {
            version: version.map(str::to_owned),
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

/// Whether a browser shows a file of this name, asked to.
pub fn is_shown(name: &str) -> bool {
    harmless_type(name).is_some()
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

    #[track_caller]
    fn is_saved(names: &[&str]) {
        for name in names {
            let saved = (SAVED, Disposition::Attachment);
            assert_eq!(shown_as(name, Showing::Inline), saved, "{name}");
        }
    }

    /// File Browser: asking for a file to be shown was enough to have it run. What browsers run, or
    /// what nobody knows, is saved.
    #[test]
    fn cve_2026_49245_asking_to_show_shows_nothing_that_a_browser_would_run() {
        is_saved(&["a.html", "a.htm", "a.xhtml", "a.xht", "a.shtml", "a.mhtml", "a.mht", "a.hta"]);
        is_saved(&["a.js", "a.mjs", "a.wasm", "a.xml", "a.xsl", "a.xslt", "a.rss", "a.atom"]);
        is_saved(&["a.swf", "a.jar", "a.exe", "a.url", "a.webmanifest", "a.htc", "a.vbs"]);
        is_saved(&["a", "png", "a.", ".png.", "a.png.html", "a.png\u{0}", "a.p\u{200b}ng", ""]);
        assert_eq!(shown_as("a.png", Showing::Attachment).0, SAVED, "unless it was asked for");
        assert_eq!(shown_as("a.html.png", Showing::Inline).0, "image/png");
    }

    /// RustFS and others: scripts in pictures of vectors.
    #[test]
    fn ghsa_mmpx_a_picture_of_vectors_is_saved() {
        is_saved(&["a.svg", "a.SVG", "a.svgz", "a.png.svg"]);
        assert_eq!(shown_as("a.svg.png", Showing::Inline).0, "image/png");
    }

    /// File Browser: Markdown was made into a page, with what stood in it.
    #[test]
    fn cve_2025_52902_markdown_is_shown_as_the_text_that_it_is() {
        for name in ["notes.md", "notes.MD", "a.csv", "a.css", "a.json", "a.ts"] {
            assert_eq!(shown_as(name, Showing::Inline), (TEXT, Disposition::Inline), "{name}");
        }
        is_saved(&["a.markdown", "a.mdx", "a.rst", "a.adoc"]);
        assert!(TEXT.starts_with("text/plain;"), "{TEXT}");
    }

    /// File Browser: books hold pages, and pages hold scripts.
    #[test]
    fn cve_2026_34529_a_book_is_saved() {
        is_saved(&["a.epub", "a.EPUB", "a.mobi", "a.azw3", "a.opf", "a.docx", "a.odt", "a.chm"]);
    }
}
