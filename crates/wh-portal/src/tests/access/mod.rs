//! Every route × whoever may knock, kept as a snapshot, and what each of them leaves in the audit log.
//!
//! Routes come from the description of the API, so that a new one is in the table by being in the
//! router. Each has a house of its own, and each who asks a thing of their own that the route is about:
//! what the one was answered is no matter of what another did before.

mod cast;
mod things;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use axum::http::header::AUTHORIZATION;
use axum::http::{Method, Request};
use futures::StreamExt;
use serde_json::Value;

use self::cast::{Cast, Who};
use self::things::Things;
use super::doors::{Route, routes};
use super::house::{Answer, House};
use super::store::{CRC, Store};
use crate::router::hands_on;

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/access-matrix.txt");
const RENEWAL: &str = "WELLHOUSE_RENEW=1 cargo test -p wh-portal --lib tests::access";

/// Houses that are built at once.
const HOUSES_AT_ONCE: usize = 4;

/// Only asks the browser for something, or sends it to a provider.
const CHANGES_NOTHING: [&str; 6] = [
    "/challenge",
    "/session/providers/{id}",
    "/proof/providers/{id}",
    "/account/identities/{id}",
    "/changes/preview",
    "/policies/check",
];

/// What one of them was answered, and what stands in the log of it.
struct Cell {
    answer: String,
    succeeded: bool,
    operations: Vec<String>,
}

async fn ask(house: &House, route: &Route, who: Who, cast: &Cast, things: &Things) -> Cell {
    let before = house.lines_after(0).await.first().map_or(0, |line| line.seq);
    let (path, body) = (things.path(&route.template), things.body(route, who));
    let answer = match cast.token(who) {
        Some(token) => by_token(house, route.method.clone(), &path, (token, body)).await,
        None => house.ask(route.method.clone(), &path, cast.cookie(who), body).await,
    };
    let mut lines = house.lines_after(before).await;
    lines.reverse();
    let operations = lines.into_iter().map(|line| line.record.operation).collect();
    Cell { answer: shown(&answer), succeeded: answer.status.is_success(), operations }
}

/// As a script with an API token asks.
pub(super) async fn by_token(
    house: &House,
    method: Method,
    path: &str,
    (token, body): (&str, Option<Value>),
) -> Answer {
    let part = hands_on(&method, path);
    let request = Request::builder().method(method).uri(path);
    let request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    let (request, body) = if part {
        let request = request.header("content-type", "application/octet-stream");
        let request = request.header("content-length", "9");
        (request.header("x-amz-checksum-crc64nvme", CRC), "123456789".to_owned())
    } else {
        let request = request.header("content-type", "application/json");
        (request, body.map_or_else(String::new, |body| body.to_string()))
    };
    house.send(request.body(body.into()).expect("a request")).await
}

fn shown(answer: &Answer) -> String {
    let code = answer.json()["code"].as_str().map(|code| format!(" {code}"));
    format!("{}{}", answer.status.as_u16(), code.unwrap_or_default())
}

/// All that was answered at one route, and the operations that it is in the log as.
async fn row(route: &Route) -> String {
    let store = Store::start().await;
    store.holding().object = Some((3, CRC));
    let house = House::over(&store.url).await;
    let (house, cast) = Cast::settle(house).await;
    let mut all = Vec::new();
    for who in Who::ALL {
        all.push((who, Things::of(&house, &cast, &route.template, who).await));
    }
    let (mut told, mut logged) = (BTreeMap::<String, Vec<&str>>::new(), Vec::new());
    for (who, things) in all {
        let cell = ask(&house, route, who, &cast, &things).await;
        is_in_the_log(route, who, &cell);
        told.entry(cell.answer).or_default().push(who.name());
        logged.extend(cell.operations);
    }
    logged.sort();
    logged.dedup();
    let mut row = format!("{} {}\n", route.method, route.template);
    for (answer, names) in told {
        let all = names.len() == Who::ALL.len();
        let names = if all { "everybody".to_owned() } else { names.join(", ") };
        writeln!(row, "    {answer:<30}{names}").expect("a line");
    }
    let logged = if logged.is_empty() { "–".to_owned() } else { logged.join(", ") };
    writeln!(row, "    {:<30}{logged}", "audit").expect("a line");
    row
}

/// What changed something is in the log, and so is what somebody wanted to change and might not.
#[track_caller]
fn is_in_the_log(route: &Route, who: Who, cell: &Cell) {
    let asks = route.method == Method::POST;
    let asks = asks && CHANGES_NOTHING.iter().any(|end| route.template.ends_with(end));
    let reads = route.method == Method::GET || asks;
    if reads || !(cell.succeeded || who.is_somebody()) {
        return;
    }
    let shown = format!("{} {} by {}", route.method, route.template, who.name());
    assert!(!cell.operations.is_empty(), "{shown} left no line: {}", cell.answer);
}

#[expect(clippy::disallowed_methods, reason = "whoever renews the snapshot says so")]
fn is_renewed() -> bool {
    std::env::var_os("WELLHOUSE_RENEW").is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_answers_everybody_as_the_matrix_says_and_each_change_is_in_the_log() {
    let routes = routes();
    let rows = futures::stream::iter(&routes).map(row).buffered(HOUSES_AT_ONCE);
    let rows: Vec<String> = rows.collect().await;
    let head =
        "Who is answered what at each route, with what stands in the audit log of it. Written by\n";
    let found = format!("{head}`{RENEWAL}`.\n\n{}", rows.join("\n"));
    if is_renewed() {
        std::fs::create_dir_all(Path::new(SNAPSHOT).parent().expect("a folder")).expect("made");
        std::fs::write(SNAPSHOT, &found).expect("written");
    }
    let kept = std::fs::read_to_string(SNAPSHOT).unwrap_or_default();
    let (kept, found): (Vec<_>, Vec<_>) =
        (kept.split("\n\n").collect(), found.split("\n\n").collect());
    let gone = kept.iter().filter(|row| !found.contains(row)).map(|row| format!("- {row}\n"));
    let new = found.iter().filter(|row| !kept.contains(row)).map(|row| format!("+ {row}\n"));
    let differs: String = gone.chain(new).collect();
    assert!(
        differs.is_empty() && kept == found,
        "access is not what {SNAPSHOT} says:\n{differs}\nIf it should be so: {RENEWAL}"
    );
}
