//! What a document is made of, whatever it is written as.

/// A piece of a document. In its texts `…` stands for code and *…* for emphasis; nothing else is
/// mark-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// A heading; 1 is the document's.
    Heading(u8, String),
    /// A paragraph.
    Text(String),
    /// A list.
    List(Vec<String>),
    /// A table: its head, then its rows, the first cell of each naming it.
    Table(Vec<String>, Vec<Vec<String>>),
    /// JSON.
    Json(String),
    /// Where the diagram goes, if there is one.
    Diagram,
}

pub(super) fn heading(level: u8, text: impl Into<String>) -> Block {
    Block::Heading(level, text.into())
}

pub(super) fn text(text: impl Into<String>) -> Block {
    Block::Text(text.into())
}

pub(super) fn list<T: Into<String>>(items: impl IntoIterator<Item = T>) -> Block {
    Block::List(items.into_iter().map(Into::into).collect())
}

pub(super) fn table<T: Into<String>>(
    head: impl IntoIterator<Item = T>,
    rows: Vec<Vec<String>>,
) -> Block {
    Block::Table(head.into_iter().map(Into::into).collect(), rows)
}

/// A text as code: a back-tick in it would end it.
pub(super) fn code(text: impl AsRef<str>) -> String {
    format!("`{}`", text.as_ref().replace('`', "'"))
}
