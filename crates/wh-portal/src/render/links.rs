//! Links as they travel, and the rules for them.

use wh_files::{LinkRecord, LinkRules, LinkShowing, LinkState};
use wh_ledger::RowId;

use super::named;
use crate::wire::{LinkRulesBody, LinkShowingBody, LinkStateBody, ShareLinkBody, ShareLinksBody};

pub(crate) fn share_link(link: LinkRecord) -> ShareLinkBody {
    let LinkRecord { row, state, ends, owner, place } = link;
    let (bucket, prefix) = place.unzip();
    ShareLinkBody {
        id: row.id.to_string(),
        state: state_of(state),
        owner: named(owner),
        location: row.grant_id.to_string(),
        bucket: bucket.map(|bucket| bucket.to_string()),
        prefix: prefix.map(|prefix| prefix.to_string()),
        path: row.path,
        showing: showing(row.showing),
        note: row.note,
        password: row.password.is_some(),
        created: row.created_at.to_string(),
        ends: ends.map(|end| end.to_string()),
        downloads_max: row.downloads_max,
        downloads: row.downloads,
        used: row.used_at.map(|at| at.to_string()),
    }
}

pub(crate) fn showing(showing: LinkShowing) -> LinkShowingBody {
    match showing {
        LinkShowing::Download => LinkShowingBody::Download,
        LinkShowing::View => LinkShowingBody::View,
    }
}

pub(crate) fn share_links((links, next): (Vec<LinkRecord>, Option<RowId>)) -> ShareLinksBody {
    let links = links.into_iter().map(share_link).collect();
    ShareLinksBody { links, next: next.map(|id| id.to_string()) }
}

pub(crate) fn link_rules(rules: LinkRules) -> LinkRulesBody {
    let LinkRules { enabled, requests, password, days_max } = rules;
    LinkRulesBody { enabled, requests, password, days_max }
}

pub(super) fn state_of(state: LinkState) -> LinkStateBody {
    match state {
        LinkState::Active => LinkStateBody::Active,
        LinkState::Revoked => LinkStateBody::Revoked,
        LinkState::Expired => LinkStateBody::Expired,
        LinkState::UsedUp => LinkStateBody::UsedUp,
        LinkState::Closed => LinkStateBody::Closed,
        LinkState::Barred => LinkStateBody::Barred,
        LinkState::NotGranted => LinkStateBody::NotGranted,
    }
}

impl From<LinkShowingBody> for LinkShowing {
    fn from(showing: LinkShowingBody) -> Self {
        match showing {
            LinkShowingBody::Download => Self::Download,
            LinkShowingBody::View => Self::View,
        }
    }
}
