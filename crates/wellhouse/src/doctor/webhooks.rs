//! Whether webhooks hear of changes.

use wh_ledger::WebhookState;

use super::Line;
use super::house::private;
use crate::config::Config;
use crate::{ledger, parameters};

/// How it stands with every webhook of the configuration.
pub(super) async fn look(config: &Config) -> Vec<Line> {
    let mut lines = Vec::new();
    if config.s3.webhooks.is_empty() || !ledger::is_there(config) {
        return lines;
    }
    let ledger = match ledger::open(config, &parameters::clock()).await {
        Ok(ledger) => ledger,
        Err(error) => {
            let fix = "look at the ledger, or at who else has it open";
            return vec![Line::wrong("webhooks", format!("{error:#}"), fix)];
        }
    };
    for webhook in &config.s3.webhooks {
        let what = format!("webhook {}", webhook.name);
        lines.push(private(&format!("secret of {what}"), &webhook.secret_file));
        lines.push(match ledger.webhook(&webhook.name).await {
            Ok(Some(state)) => judge(what, &state),
            Ok(None) => Line::note(what, "it was never told anything"),
            Err(error) => Line::wrong(what, error.to_string(), "look at the ledger"),
        });
    }
    ledger.close().await;
    lines
}

fn judge(what: String, state: &WebhookState) -> Line {
    let behind = state.newest.saturating_sub(state.delivered);
    let lost = match state.lost {
        0 => String::new(),
        lost => format!("; {lost} changes were not kept long enough to be told"),
    };
    if let Some(since) = state.failing_since {
        let why = state.error.as_deref().unwrap_or("not known");
        let found = format!(
            "fails since {since}, {} times: {why}; it is {behind} changes behind{lost}",
            state.attempts
        );
        let fix = "does its url answer POST with 2xx? It is told again by itself";
        return Line::wrong(what, found, fix);
    }
    let told = match state.told_at {
        Some(at) => format!("last told at {at}"),
        None => "never told yet".to_owned(),
    };
    let found = format!("{told}; {behind} changes behind{lost}");
    if behind > 0 || state.lost > 0 { Line::note(what, found) } else { Line::good(what, found) }
}

#[cfg(test)]
mod tests {
    use wh_ledger::WebhookState;

    use super::judge;

    #[test]
    fn a_webhook_that_fails_is_wrong_and_one_that_lags_is_told() {
        let well = WebhookState { delivered: 9, newest: 9, ..WebhookState::default() };
        let late = WebhookState { newest: 12, ..well.clone() };
        let lost = WebhookState { lost: 4, ..well.clone() };
        let failing = WebhookState {
            failing_since: Some(jiff::Timestamp::UNIX_EPOCH),
            attempts: 3,
            error: Some("it answered with the status 500".to_owned()),
            ..late.clone()
        };
        for (state, verdict, words) in [
            (well, "good", "0 changes behind"),
            (late, "note", "3 changes behind"),
            (lost, "note", "4 changes were not kept"),
            (failing, "wrong", "3 times: it answered with the status 500; it is 3 changes behind"),
        ] {
            let line = judge("webhook x".to_owned(), &state);
            assert_eq!(line.verdict.as_str(), verdict, "{}", line.found);
            assert!(line.found.contains(words), "{}", line.found);
        }
    }
}
