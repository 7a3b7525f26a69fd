//! From the errors of watches to problems.

use axum::http::StatusCode;
use wh_files::WatchError;

use super::Problem;

impl From<WatchError> for Problem {
    fn from(error: WatchError) -> Self {
        let (code, detail) = (error.code(), error.to_string());
        match error {
            WatchError::MailNotSetUp | WatchError::NoAddress | WatchError::TooMany => {
                Self::coded(StatusCode::CONFLICT, code, detail)
            }
            WatchError::NotCertain => Self::coded(StatusCode::FORBIDDEN, code, detail),
            WatchError::NoSuchWatch => Self::coded(StatusCode::NOT_FOUND, code, detail),
            WatchError::Files(error) => error.into(),
            WatchError::Ledger(error) => error.into(),
        }
    }
}
