//! What is found of the installation itself.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use wh_ledger::{AuditFilter, Ledger};
use wh_portal::AuditStanding;
use wh_provision::posture::{CheckFound, Evidence, Said};

use super::people::{day, days};
use crate::config::{AuditSigning, Config, StoreKind};
use crate::{audit, doctor, keys};

/// So many days may lie between a line of the audit log and the checkpoint that signs it.
const SIGNED_WITHIN_DAYS: u32 = 1;

/// What was found of the audit log is not known any more when it is older than this.
pub(super) const LOOK_KEPT: SignedDuration = SignedDuration::from_hours(1);

/// Whether files are scanned, and the scan works.
pub(super) async fn scan(config: &Config, ledger: &Ledger) -> Result<CheckFound> {
    const CHECK: &str = "malware-scan";
    let Some(scanner) = config.scan.address()? else {
        let said = Said::both("nothing is scanned", "nichts wird geprüft");
        return Ok(CheckFound::by(CHECK, vec![of_house("scan.clamd", said)]));
    };
    let failing = ledger.scans_counted().await?.failing;
    let said = Said::both(
        format!("{failing} files wait, for they could not be scanned when it was tried"),
        format!("{failing} Dateien warten, denn der Versuch, sie zu prüfen, ist gescheitert"),
    );
    let evidence = (failing > 0).then(|| of_house(scanner.key(), said));
    Ok(CheckFound::by(CHECK, evidence.into_iter().collect()))
}

/// Whether the chains of the audit log are whole, as the server last saw them.
pub(super) fn audit_whole(standing: Option<&AuditStanding>, now: Timestamp) -> CheckFound {
    const CHECK: &str = "audit-whole";
    let Some(standing) = standing else {
        let why = Said::both(
            "the server looks while it runs; `wellhouse audit verify` reads all of it now",
            "der Server sieht nach, während er läuft; `wellhouse audit verify` liest jetzt alles",
        );
        return CheckFound::unknown(CHECK, why);
    };
    let faults = standing.faults.iter();
    let evidence: Vec<_> =
        faults.map(|fault| of_house("audit log", Said::english(fault.clone()))).collect();
    let why = match (&standing.not_checked, standing.checked_at) {
        _ if !evidence.is_empty() => return CheckFound::by(CHECK, evidence),
        (Some(error), _) => Said::english(format!("it could not be looked at: {error}")),
        (None, None) => Said::both("it was not looked at yet", "es wurde noch nicht angesehen"),
        (None, Some(at)) if now.duration_since(at) > LOOK_KEPT => Said::both(
            format!("it was last looked at on {}", at.strftime("%Y-%m-%d at %H:%M UTC")),
            format!("es wurde zuletzt am {} angesehen", at.strftime("%Y-%m-%d um %H:%M UTC")),
        ),
        (None, Some(_)) => return CheckFound::by(CHECK, evidence),
    };
    CheckFound::unknown(CHECK, why)
}

/// Whether what was written is signed within a day.
pub(super) async fn audit_signed(
    config: &Config,
    ledger: &Ledger,
    now: Timestamp,
) -> Result<CheckFound> {
    const CHECK: &str = "audit-signed";
    if config.audit.sign == AuditSigning::Elsewhere {
        let why = Said::both(
            "another account signs, and keeps its checkpoints where the server cannot read them",
            "ein anderes Konto signiert und verwahrt die Kontrollpunkte, wo der Server sie nicht lesen kann",
        );
        return Ok(CheckFound::unknown(CHECK, why));
    }
    let Some(signed) = audit::signed_at(config)? else {
        let why = Said::both("nothing was signed yet", "noch nichts wurde signiert");
        return Ok(CheckFound::unknown(CHECK, why));
    };
    let newest = ledger.audit_entries(&AuditFilter::default(), 1).await?;
    let newest = newest.first().map(|line| line.record.at);
    let said = Said::both(
        format!("lines were added since the last checkpoint, of {}", day(signed)),
        format!("seit dem letzten Kontrollpunkt vom {} kamen Zeilen hinzu", day(signed)),
    );
    let evidence = is_late(signed, newest, now).then(|| of_house("audit.checkpoints", said));
    Ok(CheckFound::by(CHECK, evidence.into_iter().collect()))
}

/// Whether lines wait for a checkpoint, and have for long: a quiet log needs no new one.
fn is_late(signed: Timestamp, newest: Option<Timestamp>, now: Timestamp) -> bool {
    let waits = newest.is_some_and(|newest| newest > signed);
    waits && now.duration_since(signed) > days(SIGNED_WITHIN_DAYS)
}

/// Whether the house's own keys are young enough.
pub(super) fn own_keys(config: &Config, now: Timestamp) -> Result<CheckFound> {
    let overdue = keys::overdue(keys::found(config, None)?, now).into_iter();
    let evidence = overdue.map(|(file, made)| {
        let said = Said::both(
            format!("was made on {}", day(made)),
            format!("wurde am {} gemacht", day(made)),
        );
        of_file(file, said)
    });
    Ok(CheckFound::by("house-keys-young", evidence.collect()))
}

/// Whether others may open what lies in the data folder.
pub(super) fn data_folder(config: &Config) -> CheckFound {
    let open = doctor::open_to_others(config).into_iter();
    let evidence = open.map(|path| {
        let said = Said::both("others may open it", "andere können es öffnen");
        of_file(&path.display().to_string(), said)
    });
    CheckFound::by("data-folder-private", evidence.collect())
}

/// Whether the last backup is young enough.
pub(super) async fn backup(config: &Config, ledger: &Ledger, now: Timestamp) -> Result<CheckFound> {
    const CHECK: &str = "backup-young";
    if config.store.kind != StoreKind::Embedded {
        let why = Said::both(
            "the bytes lie in another store, whose backups are not known here",
            "die Bytes liegen in einem anderen Speicher, dessen Backups hier nicht bekannt sind",
        );
        return Ok(CheckFound::not_here(CHECK, why));
    }
    let said = match ledger.last_backup().await? {
        None => Some((
            "backup".to_owned(),
            Said::both("this program has made none", "dieses Programm hat keines gemacht"),
        )),
        Some(last) if now.duration_since(last.at) > days(config.posture.backup_days) => {
            let said = Said::both(
                format!("the last one is of {}", day(last.at)),
                format!("das letzte ist vom {}", day(last.at)),
            );
            Some((last.place, said))
        }
        Some(_) => None,
    };
    let evidence = said.map(|(name, said)| of_house(&name, said));
    Ok(CheckFound::by(CHECK, evidence.into_iter().collect()))
}

fn of_house(name: &str, said: Said) -> Evidence {
    Evidence { thing: "house".to_owned(), name: name.to_owned(), said }
}

fn of_file(name: &str, said: Said) -> Evidence {
    Evidence { thing: format!("file/{name}"), name: name.to_owned(), said }
}

#[cfg(test)]
mod tests {
    use wh_provision::posture::CheckState;

    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3600).expect("a time")
    }

    #[test]
    fn a_log_is_signed_late_only_where_lines_wait_for_a_day() {
        for (signed, newest, now, expected) in [
            (0, Some(1), 24, false),
            (0, Some(1), 25, true),
            (0, Some(0), 99, false),
            (0, None, 99, false),
            (5, Some(1), 99, false),
        ] {
            let late = is_late(at(signed), newest.map(at), at(now));
            assert_eq!(late, expected, "{signed} {newest:?} {now}");
        }
    }

    #[test]
    fn a_log_that_nobody_looked_at_is_not_known_to_be_whole() {
        let looked = AuditStanding { checked_at: Some(at(0)), ..AuditStanding::default() };
        let touched = AuditStanding { faults: vec!["a line".to_owned()], ..looked.clone() };
        let failed = AuditStanding { not_checked: Some("busy".to_owned()), ..looked.clone() };
        let both = AuditStanding { not_checked: Some("busy".to_owned()), ..touched.clone() };
        for (standing, hour, expected) in [
            (None, 0, CheckState::Unknown),
            (Some(AuditStanding::default()), 0, CheckState::Unknown),
            (Some(looked.clone()), 1, CheckState::Holds),
            (Some(looked), 2, CheckState::Unknown),
            (Some(failed), 0, CheckState::Unknown),
            (Some(touched), 2, CheckState::Fails),
            (Some(both), 0, CheckState::Fails),
        ] {
            let found = audit_whole(standing.as_ref(), at(hour));
            assert_eq!(found.state, expected, "{standing:?} {hour}");
        }
    }
}
