//! From the errors of links to problems. What whoever comes by a link is told is a page, in [`crate::links`].

use axum::http::StatusCode;
use wh_files::LinkError;
use wh_people::LinkPasswordError;

use super::causes::at;
use super::{Code, Problem};

impl From<LinkError> for Problem {
    fn from(error: LinkError) -> Self {
        let (code, field, detail) = (error.code(), error.field(), error.to_string());
        match error {
            LinkError::Off => Self::coded(StatusCode::FORBIDDEN, code, detail),
            LinkError::PasswordDemanded
            | LinkError::Life { .. }
            | LinkError::RuleDays
            | LinkError::Count
            | LinkError::PathLength
            | LinkError::Note => at(Self::coded(StatusCode::BAD_REQUEST, code, detail), field),
            LinkError::TooMany => Self::coded(StatusCode::CONFLICT, code, detail),
            LinkError::NoSuchLink => Self::coded(StatusCode::NOT_FOUND, code, detail),
            LinkError::Ended => Self::new(Code::NotSignedIn, "nobody is signed in"),
            LinkError::Password(why) => at(why.into(), field),
            LinkError::Files(error) => error.into(),
            LinkError::Ledger(error) => error.into(),
        }
    }
}

impl From<LinkPasswordError> for Problem {
    fn from(error: LinkPasswordError) -> Self {
        let (code, detail) = (error.code(), error.to_string());
        match error {
            LinkPasswordError::Length | LinkPasswordError::Common { .. } => {
                Self::coded(StatusCode::BAD_REQUEST, code, detail)
            }
            LinkPasswordError::Wrong | LinkPasswordError::Closed => {
                Self::coded(StatusCode::FORBIDDEN, code, detail)
            }
            LinkPasswordError::Throttled { retry_after } => {
                Self::coded(StatusCode::TOO_MANY_REQUESTS, code, detail).after(retry_after)
            }
            LinkPasswordError::Busy => Self::busy(code, &detail),
            LinkPasswordError::Ledger(error) => error.into(),
        }
    }
}
