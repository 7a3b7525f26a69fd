//! The estate in plain words: as Markdown, as a page, as a diagram. Every word is made from the values
//! that are applied, and every ✔ is judged by the engine that the embedded store uses.

mod blocks;
mod content;
mod diagram;
mod html;
mod in_force;
mod judged;
mod markdown;
mod matrix;

pub use diagram::diagram;
pub use in_force::{HeldPlace, HeldRoles, Standing, saved_roles};

use blocks::Block;

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

/// What a document is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentFormat {
    /// As [`document`] writes it.
    Markdown,
    /// As [`document_html`] writes it.
    Html,
}

/// The estate in force, as [`document`] and [`document_html`] tell it, with what is in force and where that
/// differs from what is described and from what the store holds.
pub fn document_in_force(
    estate: &Estate,
    standing: &Standing<'_>,
    format: DocumentFormat,
) -> String {
    let mut blocks = content::of(estate);
    let after = blocks.iter().position(|block| *block == Block::Diagram);
    let after = after.map_or(blocks.len(), |at| at + 1);
    blocks.splice(after..after, in_force::part(estate, standing));
    match format {
        DocumentFormat::Markdown => markdown::page(&blocks),
        DocumentFormat::Html => html::page(estate.installation(), &blocks, &diagram(estate)),
    }
}

/// Some roles of the estate in force, for whoever has them: the actions alone of what is allowed, and the
/// places of their own grants.
pub fn document_of_roles(
    estate: &Estate,
    held: &HeldRoles,
    made_at: &str,
    format: DocumentFormat,
) -> String {
    let blocks = in_force::of_roles(estate, held, made_at);
    match format {
        DocumentFormat::Markdown => markdown::page(&blocks),
        DocumentFormat::Html => html::page(estate.installation(), &blocks, ""),
    }
}
