//! From the errors of file requests to problems. What whoever sends is told is in [`crate::requests`].

use axum::http::StatusCode;
use wh_files::RequestError;

use super::causes::at;
use super::{Code, Problem};

impl From<RequestError> for Problem {
    fn from(error: RequestError) -> Self {
        let (code, field, detail) = (error.code(), error.field(), error.to_string());
        match error {
            RequestError::Off => Self::coded(StatusCode::FORBIDDEN, code, detail),
            RequestError::PasswordDemanded
            | RequestError::Life { .. }
            | RequestError::Title
            | RequestError::Message
            | RequestError::Kinds
            | RequestError::Limit { .. }
            | RequestError::PathLength => {
                at(Self::coded(StatusCode::BAD_REQUEST, code, detail), field)
            }
            RequestError::TooMany => Self::coded(StatusCode::CONFLICT, code, detail),
            RequestError::NoSuchRequest => Self::coded(StatusCode::NOT_FOUND, code, detail),
            RequestError::Ended => Self::new(Code::NotSignedIn, "nobody is signed in"),
            RequestError::Password(why) => at(why.into(), field),
            RequestError::Files(error) => error.into(),
            RequestError::Ledger(error) => error.into(),
        }
    }
}
