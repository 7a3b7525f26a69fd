//! Whether mail is set up and goes out.

use super::Line;
use super::house::private;
use crate::config::{Config, MailTransport};
use crate::{ledger, mail, parameters};

/// How it stands with mail. Nothing is sent: `wellhouse mail test` does.
pub(super) async fn look(config: &Config) -> Vec<Line> {
    let told = mail::in_words(config);
    let mut lines = vec![match config.mail.transport {
        Some(MailTransport::Smtp | MailTransport::File) => Line::good("mail", told),
        Some(MailTransport::Log) | None => Line::note("mail", told),
    }];
    if let Some(file) = &config.mail.smtp.password_file {
        lines.push(private("password of mail", file));
    }
    if !ledger::is_there(config) {
        return lines;
    }
    let Ok(ledger) = ledger::open(config, &parameters::clock()).await else { return lines };
    lines.push(match ledger.mails_counted().await {
        Ok((waiting, failed)) => judge(waiting, failed),
        Err(error) => Line::wrong("mails", error.to_string(), "look at the ledger"),
    });
    ledger.close().await;
    lines
}

fn judge(waiting: u64, failed: u64) -> Line {
    let found = format!("{waiting} wait, {failed} were given up within a week");
    if failed > 0 {
        let fix = "`wellhouse mail list` tells why, `wellhouse mail test` tries again";
        return Line::wrong("mails", found, fix);
    }
    Line::good("mails", found)
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn a_mail_that_was_given_up_is_to_be_mended() {
        for ((waiting, failed), verdict) in [((0, 0), "good"), ((3, 0), "good"), ((0, 1), "wrong")]
        {
            assert_eq!(judge(waiting, failed).verdict.as_str(), verdict);
        }
    }
}
