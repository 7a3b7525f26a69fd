//! Links by which somebody without an account fetches what a person may read.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::NamedPersonBody;

/// What may be done with the files of a link.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = LinkShowing)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LinkShowingBody {
    /// Look at them, and save them.
    Download,
    /// Look at those that a browser shows.
    View,
}

/// Whether a link opens what it is for, or a file request takes files.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = LinkState)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LinkStateBody {
    /// It does.
    Active,
    /// It was revoked, or its person was shut out.
    Revoked,
    /// Its time is over.
    Expired,
    /// As much was fetched, or sent, as may be.
    UsedUp,
    /// A hundred passwords in a row were wrong, and none is judged any more.
    Closed,
    /// The house's rules do not let it: links are off, or it lacks a password.
    Barred,
    /// Its person no longer holds the location.
    NotGranted,
}

/// A link. What stands in its address is not in it, nor anything of its password.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ShareLink)]
pub(crate) struct ShareLinkBody {
    /// What it is called, also in the names of its role sessions; it opens nothing.
    pub id: String,
    pub state: LinkStateBody,
    /// Whose it is, and by whose rights it opens.
    pub owner: NamedPersonBody,
    /// The location.
    pub location: String,
    /// The bucket of the location; null when its person is granted it no longer.
    #[schema(required)]
    pub bucket: Option<String>,
    /// Where the location begins; null when its person is granted it no longer.
    #[schema(required)]
    pub prefix: Option<String>,
    /// What it opens, in the location; a folder's path ends in `/`.
    pub path: String,
    pub showing: LinkShowingBody,
    /// What its person wrote to themselves.
    pub note: String,
    /// Whether it asks for a password.
    pub password: bool,
    #[schema(format = DateTime)]
    pub created: String,
    /// When it stops by itself, by its own end or the house's rules; null when it does not.
    #[schema(required, format = DateTime)]
    pub ends: Option<String>,
    /// How often something may be fetched; null when that is not counted.
    #[schema(required)]
    pub downloads_max: Option<u32>,
    /// How often something was.
    pub downloads: u32,
    /// When that was last; null when it never was.
    #[schema(required, format = DateTime)]
    pub used: Option<String>,
}

/// Links, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ShareLinks)]
pub(crate) struct ShareLinksBody {
    /// Those that ended are remembered for 30 days.
    pub links: Vec<ShareLinkBody>,
    /// The cursor of the next page; null when this is the last.
    #[schema(required)]
    pub next: Option<String>,
}

/// One's own links to one thing, and what links there may be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LinksHere)]
pub(crate) struct LinksHereBody {
    /// The newest first.
    pub links: Vec<ShareLinkBody>,
    pub rules: LinkRulesBody,
    /// How many days a link lives that does not say.
    pub days_given: u32,
}

/// Of what one's links are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinksHereQuery {
    /// Of a file, or of a folder with `/` at its end.
    pub path: String,
}

/// A link to be made.
#[derive(Deserialize, ToSchema)]
#[schema(as = ShareLinkForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShareLinkFormBody {
    /// The location.
    pub location: String,
    /// The file, or the folder with `/` at its end.
    pub path: String,
    /// `download` without it.
    pub showing: Option<LinkShowingBody>,
    /// What the link is to ask for: 8 characters at least.
    pub password: Option<String>,
    /// How many days it shall live; 7 without it, or fewer where the house says so.
    pub days: Option<u32>,
    /// Whether it shall live until it is revoked.
    #[serde(default)]
    pub endless: bool,
    /// How often something may be fetched by it.
    pub downloads_max: Option<u32>,
    /// What one writes to oneself; at most 200 characters.
    pub note: Option<String>,
}

/// A link that was made. Its address is never shown again.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeShareLink)]
pub(crate) struct MadeShareLinkBody {
    pub link: ShareLinkBody,
    /// The address from the portal's own on: `/s/…`. Whoever has it opens the link.
    pub path: String,
}

/// What links and file requests there may be. It binds those that were made before, too.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LinkRules)]
pub(crate) struct LinkRulesBody {
    /// Whether there are links at all.
    pub enabled: bool,
    /// Whether there are file requests at all.
    pub requests: bool,
    /// Whether every link and every request must have a password.
    pub password: bool,
    /// How many days they may live from when they were made; null when they may live until they are revoked.
    #[schema(required)]
    pub days_max: Option<u32>,
}

/// What links and file requests there are to be.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = LinkRulesForm)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkRulesFormBody {
    /// Whether there are links at all.
    pub enabled: bool,
    /// Whether there are file requests at all; as it is, without it.
    pub requests: Option<bool>,
    /// Whether every link and every request must have a password.
    pub password: bool,
    /// How many days they may live from when they were made; null when they may live until they are revoked.
    #[schema(required)]
    pub days_max: Option<u32>,
}
