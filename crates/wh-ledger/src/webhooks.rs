//! How far each webhook has been told of the feed of changes.

use jiff::Timestamp;

use crate::open::{millis, timestamp};
use crate::sql::{self, Row};
use crate::{Ledger, LedgerError};

/// How it stands with a webhook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookState {
    /// The last change that was dealt with: told, or of no interest.
    pub delivered: u64,
    /// The newest change that there was when this was written.
    pub newest: u64,
    /// When it was last told something.
    pub told_at: Option<Timestamp>,
    /// Since when it has failed, if it does.
    pub failing_since: Option<Timestamp>,
    /// How often it has failed since then.
    pub attempts: u32,
    /// Why it failed last.
    pub error: Option<String>,
    /// How many changes were not kept long enough to be told.
    pub lost: u64,
}

impl Ledger {
    /// How it stands with the webhook of this name, if it was ever told of anything.
    pub async fn webhook(&self, name: &str) -> Result<Option<WebhookState>, LedgerError> {
        let row = sql::query("SELECT * FROM webhook_states WHERE name = $1")
            .bind(name)
            .fetch_optional(self.reader())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Remembers how it stands with a webhook.
    pub async fn put_webhook(&self, name: &str, state: &WebhookState) -> Result<(), LedgerError> {
        let sql = "INSERT INTO webhook_states
                   (name, delivered, newest, told_at, failing_since, attempts, error, lost)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                   ON CONFLICT (name) DO UPDATE SET delivered = excluded.delivered,
                   newest = excluded.newest, told_at = excluded.told_at,
                   failing_since = excluded.failing_since, attempts = excluded.attempts,
                   error = excluded.error, lost = excluded.lost";
        sql::query(sql)
            .bind(name)
            .bind(signed(state.delivered))
            .bind(signed(state.newest))
            .bind(state.told_at.map(millis))
            .bind(state.failing_since.map(millis))
            .bind(i64::from(state.attempts))
            .bind(&state.error)
            .bind(signed(state.lost))
            .execute(self.writer())
            .await?;
        Ok(())
    }
}

/// A number of a change as it is stored; there will never be so many.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn read(row: &Row) -> Result<WebhookState, LedgerError> {
    let number = |column: &'static str| -> Result<u64, LedgerError> {
        let number: i64 = row.try_get(column)?;
        u64::try_from(number).map_err(|_| LedgerError::Corrupt { column })
    };
    let time = |column: &'static str| -> Result<Option<Timestamp>, LedgerError> {
        let at: Option<i64> = row.try_get(column)?;
        at.map(|at| timestamp(column, at)).transpose()
    };
    Ok(WebhookState {
        delivered: number("delivered")?,
        newest: number("newest")?,
        told_at: time("told_at")?,
        failing_since: time("failing_since")?,
        attempts: u32::try_from(number("attempts")?).unwrap_or(u32::MAX),
        error: row.try_get("error")?,
        lost: number("lost")?,
    })
}

#[cfg(test)]
mod tests {
    use super::WebhookState;
    use crate::Ledger;

    #[tokio::test]
    async fn how_it_stands_with_a_webhook_is_remembered() {
        let ledger = Ledger::in_memory().await.expect("a ledger");
        assert_eq!(ledger.webhook("hook").await.expect("read"), None);
        let at = jiff::Timestamp::from_second(1_800_000_000).expect("a time");
        let failing = WebhookState {
            delivered: 7,
            newest: 9,
            told_at: None,
            failing_since: Some(at),
            attempts: 3,
            error: Some("it answered 500".to_owned()),
            lost: 0,
        };
        ledger.put_webhook("hook", &failing).await.expect("written");
        assert_eq!(ledger.webhook("hook").await.expect("read"), Some(failing));
        let well =
            WebhookState { delivered: 9, newest: 9, told_at: Some(at), ..Default::default() };
        ledger.put_webhook("hook", &well).await.expect("written");
        assert_eq!(ledger.webhook("hook").await.expect("read"), Some(well));
    }
}
