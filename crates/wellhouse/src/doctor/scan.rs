//! Whether the scanner answers, and how many files wait for it.

use wh_ledger::ScansCounted;

use super::Line;
use crate::config::Config;
use crate::{ledger, parameters, scan};

/// How it stands with the scan for malware, where it is configured.
pub(super) async fn look(config: &Config) -> Vec<Line> {
    let Ok(Some(scanner)) = config.scan.address() else {
        return vec![Line::note(
            "scan",
            "files are not scanned for malware: neither scan.clamd nor scan.icap is set",
        )];
    };
    let mut lines = vec![match scan::version(&scanner).await {
        Ok(version) => Line::good("scan", format!("{} answers: {version}", scanner.name())),
        Err(error) => {
            let (name, key) = (scanner.name(), scanner.key());
            let fix =
                format!("does {name} run, and listen where {key} says? What comes waits for it");
            Line::wrong("scan", error.to_string(), &fix)
        }
    }];
    if !ledger::is_there(config) {
        return lines;
    }
    let Ok(ledger) = ledger::open(config, &parameters::clock()).await else { return lines };
    lines.push(match ledger.scans_counted().await {
        Ok(counted) => judge(&counted),
        Err(error) => Line::wrong("scanned files", error.to_string(), "look at the ledger"),
    });
    ledger.close().await;
    lines
}

fn judge(counted: &ScansCounted) -> Line {
    let ScansCounted { waiting, failing, waiting_since, infected, unscanned } = counted;
    let since = waiting_since.map(|at| format!(" since {at}")).unwrap_or_default();
    let found = format!(
        "{waiting} wait{since}, {failing} of them were tried; {infected} infected, {unscanned} not \
         scanned"
    );
    if *infected > 0 || *failing > 0 || *unscanned > 0 {
        return Line::note("scanned files", found);
    }
    Line::good("scanned files", found)
}

#[cfg(test)]
mod tests {
    use wh_ledger::ScansCounted;

    use super::judge;

    #[test]
    fn what_was_found_is_worth_knowing() {
        let none = ScansCounted::default();
        for (counted, verdict) in [
            (none, "good"),
            (ScansCounted { waiting: 3, ..none }, "good"),
            (ScansCounted { waiting: 3, failing: 1, ..none }, "note"),
            (ScansCounted { infected: 1, ..none }, "note"),
            (ScansCounted { unscanned: 1, ..none }, "note"),
        ] {
            assert_eq!(judge(&counted).verdict.as_str(), verdict, "{counted:?}");
        }
    }
}
