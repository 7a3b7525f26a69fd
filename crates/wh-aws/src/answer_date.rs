//! The time at the other side, as its answers tell it.

use std::sync::{Arc, Mutex};

use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use jiff::Timestamp;

/// Takes the date of an answer down.
#[derive(Debug, Clone, Default)]
pub(crate) struct Date(Arc<Mutex<Option<Timestamp>>>);

impl Intercept for Date {
    fn name(&self) -> &'static str {
        "Date"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|text| DateTime::from_str(text, DateTimeFormat::HttpDate).ok());
        if let Ok(mut kept) = self.0.lock() {
            *kept = date.and_then(|date| Timestamp::from_millisecond(date.to_millis().ok()?).ok());
        }
        Ok(())
    }
}

impl Date {
    /// The `Date` of the answer, in whole seconds; `None` where there was none.
    pub(crate) fn told(&self) -> Option<Timestamp> {
        self.0.lock().ok().and_then(|kept| *kept)
    }
}
