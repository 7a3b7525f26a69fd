//! The chains of the audit trail: whatever is done to a line, it is found.

use super::*;
use crate::sql;

const TABLES: [(&str, &[&str]); 2] = [
    (
        "audit",
        &[
            "seq",
            "at",
            "kind",
            "request_id",
            "operation",
            "action",
            "resource",
            "principal",
            "source_identity",
            "source_ip",
            "detail",
            "chain",
            "link",
            "hash",
        ],
    ),
    ("audit_outcomes", &["seq", "at", "outcome", "detail", "link", "hash"]),
];

fn record(n: i64, kind: AuditKind, principal: &str) -> AuditRecord {
    AuditRecord {
        at: at(n),
        kind,
        request_id: format!("r{n}"),
        operation: "PutObject".to_owned(),
        action: "s3:PutObject".to_owned(),
        resource: format!("arn:aws:s3:::wellhouse-files/{n}"),
        principal: principal.to_owned(),
        source_identity: (n % 2 == 0).then(|| "01jd".to_owned()),
        source_ip: Some("127.0.0.1".to_owned()),
        detail: (kind == AuditKind::Refusal).then(|| "no policy allows it".to_owned()),
    }
}

/// Intents with outcomes, refusals of persons, strangers and machines.
async fn some_lines(ledger: &Ledger) {
    let audit = AuditWriter::start(ledger).await.expect("a writer");
    for n in 0..6 {
        let intent = audit.record(record(n, AuditKind::Intent, "alice"), Durability::Disk).await;
        let detail = (n % 3 == 0).then(|| "before: nothing".to_owned());
        let outcome = AuditOutcome { at: at(n), outcome: "done".to_owned(), detail };
        audit.tell(intent.expect("recorded"), outcome);
        for who in ["alice", "anonymous", "machine/i-0123456789abcdef0"] {
            let refusal = record(n, AuditKind::Refusal, who);
            audit.record(refusal, Durability::Process).await.expect("recorded");
        }
    }
    audit.flush().await;
}

async fn run(ledger: &Ledger, sql: &str) {
    let sql: &'static str = Box::leak(sql.to_owned().into_boxed_str());
    sql::query(sql).execute(ledger.writer()).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
}

async fn faults(ledger: &Ledger, marks: &[AuditMark]) -> Vec<AuditFault> {
    let mut faults = Vec::new();
    for chain in AuditChain::ALL {
        let marks = if chain == AuditChain::Trail { marks } else { &[] };
        let check = ledger.check_audit_chain(chain, None, marks).await.expect("checked");
        faults.extend(check.faults);
    }
    faults
}

async fn head(ledger: &Ledger) -> AuditMark {
    let reaches = ledger.audit_reaches().await.expect("reaches");
    let trail = reaches.into_iter().find(|reach| reach.chain == AuditChain::Trail);
    trail.expect("the trail").head
}

/// What was done, undone.
async fn keep(ledger: &Ledger) {
    for table in ["audit", "audit_outcomes", "audit_chains"] {
        run(ledger, &format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
    }
}

async fn put_back(ledger: &Ledger) {
    for table in ["audit_outcomes", "audit", "audit_chains"] {
        run(ledger, &format!("DELETE FROM {table}")).await;
    }
    for table in ["audit", "audit_outcomes", "audit_chains"] {
        run(ledger, &format!("INSERT INTO {table} SELECT * FROM kept_{table}")).await;
    }
}

#[tokio::test]
async fn a_chain_is_whole_and_goes_on_after_it_was_forgotten_from_its_beginning() {
    for mut house in House::of_each_engine().await {
        some_lines(&house.ledger).await;
        assert_eq!(faults(&house.ledger, &[]).await, []);
        let before = head(&house.ledger).await;
        assert_eq!(before.link, 18, "six intents, six outcomes, six refusals of alice");
        assert_eq!(house.ledger.sweep_audit_of_strangers(2).await.expect("swept"), 4);
        assert_eq!(house.ledger.sweep_audit_of_machines(1).await.expect("swept"), 5);
        house.reopen().await;
        some_lines(&house.ledger).await;
        assert_eq!(faults(&house.ledger, std::slice::from_ref(&before)).await, []);
        let on = house.ledger.check_audit_chain(AuditChain::Trail, Some(&before), &[]).await;
        let on = on.expect("checked");
        assert_eq!((on.lines, on.faults), (18, vec![]));
        let strangers = house.ledger.check_audit_chain(AuditChain::Strangers, None, &[]).await;
        let strangers = strangers.expect("checked");
        assert_eq!((strangers.lines, strangers.reach.tail.link), (8, 4));
    }
}

/// Where a line may be changed by one character, one number, or to nothing.
async fn one_change(ledger: &Ledger, draw: &mut impl FnMut(usize) -> usize) -> String {
    let (table, columns) = TABLES[draw(TABLES.len())];
    let column = columns[draw(columns.len())];
    let rows = sql::query(match table {
        "audit" => "SELECT seq FROM audit ORDER BY seq",
        _ => "SELECT seq FROM audit_outcomes ORDER BY seq",
    });
    let rows = rows.fetch_all(ledger.reader()).await.expect("rows");
    let seq: i64 = rows[draw(rows.len())].try_get("seq").expect("seq");
    let place = draw(40);
    let change = match (column, draw(3)) {
        ("seq" | "at" | "link", 0) => format!("{column} + {}", 1000 + place),
        ("seq" | "at" | "link", 1) => format!("{column} - {}", 1000 + place),
        ("seq" | "at" | "link", _) => format!("-{column}"),
        ("kind", _) => "CASE kind WHEN 'intent' THEN 'refusal' ELSE 'intent' END".to_owned(),
        (_, 0) => format!("coalesce({column}, '') || 'x'"),
        (_, 1) => format!("CASE WHEN {column} IS NULL THEN '' ELSE substr({column}, 2) END"),
        (_, _) => {
            let n = place.min(3) + 1;
            let rest = format!("substr({column}, {})", n + 1);
            format!("coalesce(substr({column}, 1, {}), '') || '~' || coalesce({rest}, '')", n - 1)
        }
    };
    format!("UPDATE {table} SET {column} = {change} WHERE seq = {seq}")
}

/// A line that is taken out, put in, or changes places with another.
async fn one_line(ledger: &Ledger, draw: &mut impl FnMut(usize) -> usize) -> String {
    let links = sql::query("SELECT seq, link FROM audit WHERE chain = 'trail' ORDER BY seq");
    let links = links.fetch_all(ledger.reader()).await.expect("rows");
    let of = |row: &crate::sql::Row| -> (i64, i64) {
        (row.try_get("seq").expect("seq"), row.try_get("link").expect("link"))
    };
    let first = draw(links.len());
    let other = (first + 1 + draw(links.len() - 1)) % links.len();
    let ((seq, link), (other_seq, other_link)) = (of(&links[first]), of(&links[other]));
    match draw(4) {
        0 => format!("DELETE FROM audit WHERE seq = {seq}"),
        1 => format!(
            "DELETE FROM audit_outcomes WHERE link = (SELECT min(link) FROM \
                      audit_outcomes WHERE link > {})",
            link % 12
        ),
        2 => format!(
            "INSERT INTO audit SELECT 9000 + seq, at, kind, request_id, operation, action, resource, \
             principal, source_identity, source_ip, detail, chain, link, hash FROM audit \
             WHERE seq = {seq}"
        ),
        _ => format!(
            "UPDATE audit SET link = CASE seq WHEN {seq} THEN {other_link} ELSE {link} END, \
             hash = (SELECT hash FROM audit AS o WHERE o.seq = CASE audit.seq WHEN {seq} \
             THEN {other_seq} ELSE {seq} END) WHERE seq IN ({seq}, {other_seq})"
        ),
    }
}

/// How many changes are tried: some seconds. Of 10,000, tried once, all were found.
const CHANGES: usize = 2_000;

#[tokio::test]
async fn each_change_of_a_line_is_found() {
    let house = House::of_each_engine().await.into_iter().next().expect("SQLite");
    let ledger = &house.ledger;
    some_lines(ledger).await;
    run(ledger, "PRAGMA foreign_keys = OFF").await;
    run(ledger, "PRAGMA synchronous = OFF").await;
    keep(ledger).await;
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut draw = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).expect("it fits") % n
    };
    for round in 0..CHANGES {
        let change = match draw(4) {
            0 => one_line(ledger, &mut draw).await,
            _ => one_change(ledger, &mut draw).await,
        };
        run(ledger, &change).await;
        assert_ne!(faults(ledger, &[]).await, [], "round {round}: {change}");
        put_back(ledger).await;
    }
    assert_eq!(faults(ledger, &[]).await, [], "and nothing is found where nothing was changed");
}

#[tokio::test]
async fn what_was_written_anew_is_found_by_what_was_signed_before() {
    for house in House::of_each_engine().await {
        let ledger = &house.ledger;
        some_lines(ledger).await;
        let signed = head(ledger).await;
        // Everything anew, with hashes that agree: as whoever may write the rows can do.
        let anew = "UPDATE audit SET chain = NULL, link = NULL, hash = NULL";
        run(ledger, anew).await;
        run(ledger, "UPDATE audit_outcomes SET link = NULL, hash = NULL").await;
        run(ledger, "UPDATE audit SET resource = 'arn:aws:s3:::another' WHERE seq = 1").await;
        let nothing = "0".repeat(64);
        let begin = format!("UPDATE audit_chains SET head_link = 0, head_hash = '{nothing}'");
        run(ledger, &begin).await;
        assert_eq!(ledger.audit_unlinked().await.expect("counted"), 30);
        assert_eq!(ledger.link_audit().await.expect("linked"), 30);
        assert_eq!(faults(ledger, &[]).await, [], "by itself it agrees");
        let forked = AuditFault { link: signed.link, kind: AuditFaultKind::Forked };
        assert_eq!(faults(ledger, std::slice::from_ref(&signed)).await, [forked]);

        // And cut short, with an end that agrees.
        run(ledger, "DELETE FROM audit_outcomes WHERE link > 12").await;
        let last = "UPDATE audit_chains SET head_link = 12, head_hash = (SELECT hash FROM audit
                    WHERE chain = 'trail' AND link = 12) WHERE chain = 'trail'";
        run(ledger, last).await;
        assert_eq!(faults(ledger, &[]).await, []);
        let cut = AuditFault { link: signed.link, kind: AuditFaultKind::Cut };
        assert_eq!(faults(ledger, &[signed]).await, [cut]);
    }
}

#[tokio::test]
async fn entries_are_found_by_what_is_asked() {
    for house in House::of_each_engine().await {
        let ledger = &house.ledger;
        some_lines(ledger).await;
        let found =
            async |asked: AuditFilter| ledger.audit_entries(&asked, 100).await.expect("read").len();
        let all = AuditFilter::default;
        assert_eq!(found(all()).await, 24);
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(found(AuditFilter { who: text("anonymous"), ..all() }).await, 6);
        assert_eq!(found(AuditFilter { who: text("01jd"), ..all() }).await, 12);
        assert_eq!(found(AuditFilter { action: text("s3:Put"), ..all() }).await, 24);
        assert_eq!(found(AuditFilter { action: text("s3:G"), ..all() }).await, 0);
        assert_eq!(found(AuditFilter { action: text("%"), ..all() }).await, 0);
        assert_eq!(found(AuditFilter { resource: text("files/3"), ..all() }).await, 4);
        assert_eq!(found(AuditFilter { outcome: text("refused"), ..all() }).await, 18);
        assert_eq!(found(AuditFilter { outcome: text("done"), ..all() }).await, 6);
        assert_eq!(found(AuditFilter { outcome: text(""), ..all() }).await, 24);
        assert_eq!(found(AuditFilter { since: Some(at(4)), ..all() }).await, 8);
        assert_eq!(found(AuditFilter { until: Some(at(4)), ..all() }).await, 16);
        assert_eq!(found(AuditFilter { before: Some(5), after: Some(2), ..all() }).await, 2);
    }
}
