//! From the errors of quotas to problems.

use axum::http::StatusCode;
use wh_files::QuotaError;

use super::Problem;
use super::causes::at;

impl From<QuotaError> for Problem {
    fn from(error: QuotaError) -> Self {
        let (code, field, detail) = (error.code(), error.field(), error.to_string());
        match error {
            QuotaError::NoLimit
            | QuotaError::TooLarge { .. }
            | QuotaError::Prefix
            | QuotaError::NoSuchBucket(_) => {
                at(Self::coded(StatusCode::BAD_REQUEST, code, detail), field)
            }
            QuotaError::NoSuchPerson | QuotaError::NoSuchGroup | QuotaError::NoSuchQuota => {
                at(Self::coded(StatusCode::NOT_FOUND, code, detail), field)
            }
            QuotaError::Full(_) | QuotaError::Unavailable => {
                Self::coded(StatusCode::CONFLICT, code, detail)
            }
            QuotaError::Ledger(error) => error.into(),
        }
    }
}
