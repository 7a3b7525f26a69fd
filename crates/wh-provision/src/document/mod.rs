//! The estate in plain words: as Markdown, as a page, as a diagram. Every word is made from the values
//! that are applied, and every ✔ is judged by the engine that the embedded store uses.

mod blocks;
mod content;
mod diagram;
mod html;
mod judged;
mod markdown;
mod matrix;

pub use diagram::diagram;

use crate::estate::Estate;

/// The estate as Markdown: who may assume what, the table of roles and actions, each role, boundary,
/// key, bucket and trail.
///
/// The table is judged on an object in the folder for instances and on a person's role, before any
/// grant narrows it.
pub fn document(estate: &Estate) -> String {
    markdown::page(&content::of(estate))
}

/// The same as one page of HTML, with the diagram: it loads nothing, runs no script, and is as readable
/// in the dark and on paper.
pub fn document_html(estate: &Estate) -> String {
    html::page(estate.installation(), &content::of(estate), &diagram(estate))
}
