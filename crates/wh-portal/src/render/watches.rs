//! What one watches, as it travels.

use wh_files::{Watch, WatchLanguage, WatchMail, WatchRhythm, WatchState};

use crate::wire::{
    WatchBody, WatchLanguageBody, WatchMailBody, WatchRhythmBody, WatchStateBody, WatchesBody,
};

pub(crate) fn watches(watches: Vec<Watch>, mail: WatchMail) -> WatchesBody {
    let mail = match mail {
        WatchMail::Reaches => WatchMailBody::Reaches,
        WatchMail::NoAddress => WatchMailBody::NoAddress,
        WatchMail::NotSetUp => WatchMailBody::NotSetUp,
    };
    WatchesBody { watches: watches.into_iter().map(watch).collect(), mail }
}

pub(crate) fn watch(Watch { row, state }: Watch) -> WatchBody {
    WatchBody {
        id: row.id.to_string(),
        location: row.grant.to_string(),
        path: row.path,
        rhythm: match row.rhythm {
            WatchRhythm::Soon => WatchRhythmBody::Soon,
            WatchRhythm::Daily => WatchRhythmBody::Daily,
        },
        language: match row.language {
            WatchLanguage::English => WatchLanguageBody::En,
            WatchLanguage::German => WatchLanguageBody::De,
        },
        state: match state {
            WatchState::Standing => WatchStateBody::Standing,
            WatchState::NotListed => WatchStateBody::NotListed,
            WatchState::NotGranted => WatchStateBody::NotGranted,
        },
        created: row.created_at.to_string(),
    }
}
