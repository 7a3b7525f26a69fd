//! Metrics for Prometheus, on a listener of their own: they are nobody's business from outside.

use std::fmt::Write as _;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wh_aws::RoleSessions;
use wh_ledger::{EstateCheck, Ledger, LedgerError};

use crate::config::Config;

/// The media type of the text format. Source: Prometheus, "Exposition formats".
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Starts to serve `/metrics`, where the configuration says where; ends with the returned task.
pub(crate) async fn start(
    config: &Config,
    ledger: &Ledger,
    sessions: &RoleSessions,
) -> Result<Option<JoinHandle<()>>> {
    let Some(listen) = config.metrics.listen else { return Ok(None) };
    if !listen.ip().is_loopback() {
        bail!(
            "metrics.listen = {listen} is reachable from other machines: give it a loopback address"
        );
    }
    let listener = TcpListener::bind(listen).await;
    let listener = listener.with_context(|| format!("metrics.listen = {listen}"))?;
    let router = Router::new()
        .route("/metrics", get(metrics))
        .with_state((ledger.clone(), sessions.clone()));
    Ok(Some(tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "metrics are served no more");
        }
    })))
}

async fn metrics(State((ledger, sessions)): State<(Ledger, RoleSessions)>) -> impl IntoResponse {
    let read = async { Ok((ledger.estate_check().await?, ledger.mails_counted().await?)) };
    let read: Result<_, LedgerError> = read.await;
    match read {
        Ok((check, mails)) => {
            let said = text(check.as_ref(), sessions.packed_percent_max(), mails);
            (StatusCode::OK, [(header::CONTENT_TYPE, TEXT_FORMAT)], said)
        }
        Err(error) => {
            tracing::warn!(%error, "metrics could not be read");
            let said = "the ledger cannot be read\n".to_owned();
            (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, TEXT_FORMAT)], said)
        }
    }
}

/// The metrics as text; those of the estate only once it has been read back.
fn text(check: Option<&EstateCheck>, packed_percent: u32, (waiting, failed): (u64, u64)) -> String {
    let mut out = String::new();
    let version = env!("CARGO_PKG_VERSION");
    gauge(
        &mut out,
        "build_info",
        "The version that runs.",
        &format!("{{version=\"{version}\"}} 1"),
    );
    let told = "How much of what STS takes as session policy and tags the largest session used, in \
                percent.";
    gauge(&mut out, "sts_packed_policy_percent_max", told, &format!(" {packed_percent}"));
    gauge(&mut out, "mails_waiting", "How many mails wait to be sent.", &format!(" {waiting}"));
    let told = "How many mails were given up within a week.";
    gauge(&mut out, "mails_failed", told, &format!(" {failed}"));
    if let Some(check) = check {
        let at = check.checked_at.as_second();
        let told = "When the estate was last read back, in seconds since 1970.";
        gauge(&mut out, "estate_checked_timestamp_seconds", told, &format!(" {at}"));
        let told =
            "How many things of the estate were not as described when it was last read back.";
        gauge(&mut out, "estate_differences", told, &format!(" {}", check.differences.len()));
        let told = "How many things of others were there beside, and kept.";
        gauge(&mut out, "estate_foreign", told, &format!(" {}", check.kept.len()));
    }
    out
}

fn gauge(out: &mut String, name: &str, help: &str, value: &str) {
    let name = format!("wellhouse_{name}");
    // Writing to a String cannot fail.
    let _written = write!(out, "# HELP {name} {help}\n# TYPE {name} gauge\n{name}{value}\n");
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use wh_ledger::EstateCheck;

    use super::text;

    #[test]
    fn an_estate_that_nobody_read_back_has_no_metrics() {
        let none = text(None, 7, (2, 1));
        assert!(none.contains("\nwellhouse_mails_waiting 2\n"), "{none}");
        assert!(none.contains("\nwellhouse_mails_failed 1\n"), "{none}");
        assert!(!none.contains("estate"));
        assert!(none.contains("\nwellhouse_sts_packed_policy_percent_max 7\n"), "{none}");
        let check = EstateCheck {
            checked_at: Timestamp::UNIX_EPOCH,
            differences: vec!["a".to_owned(), "b".to_owned()],
            kept: Vec::new(),
        };
        let text = text(Some(&check), 0, (0, 0));
        assert!(text.contains("\nwellhouse_estate_differences 2\n"), "{text}");
        assert!(text.contains("\nwellhouse_estate_checked_timestamp_seconds 0\n"), "{text}");
        assert!(text.contains("\n# TYPE wellhouse_estate_foreign gauge\n"), "{text}");
    }
}
