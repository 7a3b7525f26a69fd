//! Plays a history: many clients on few keys, and somebody who kills the store.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::Notify;
use wh_objects::{DiskStore, ObjectStore, Versioning};

use super::calls::{Event, Written};
use super::command::{Answer, Command, Wanted};
use super::house::{Clock, House, Line};
use super::perform::{make_bucket, perform};
use crate::chance::Chance;
use crate::content::{CONTENT_BYTES_MIN, content};
use crate::keys::Sealed;

/// How many calls of a history without kills are given up before their answer.
const GIVEN_UP_MAX: u64 = 12;

/// How long a call that is to be given up is waited for at most, in microseconds.
const GIVE_UP_MICROS: u64 = 600;

/// What a history is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) clients: usize,
    pub(crate) keys: u8,
    /// How many operations all clients do together.
    pub(crate) operations: u64,
    /// How often the store is killed; without any, it is in this process.
    pub(crate) kills: u64,
    /// Whether the bucket keeps every version.
    pub(crate) versioning: Versioning,
    /// Whether the store encrypts what it writes.
    pub(crate) sealed: Sealed,
}

/// What happened.
#[derive(Debug)]
pub(crate) struct Played {
    pub(crate) events: Vec<Event>,
    pub(crate) written: Written,
}

/// What the clients of a history share.
#[derive(Debug)]
struct Table {
    plan: Plan,
    clock: Clock,
    stamps: AtomicU64,
    done: AtomicU64,
    given_up: AtomicU64,
    progress: Notify,
    notes: Mutex<Notes>,
}

#[derive(Debug, Default)]
struct Notes {
    written: Written,
    /// An entity tag that each key had lately.
    lately: HashMap<u8, String>,
    /// Events, with the life that they were asked in when that ended without an answer.
    events: Vec<(Event, Option<usize>)>,
}

impl Table {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until so many operations are done.
    async fn await_progress(&self, operations: u64) {
        while self.done.load(Ordering::Acquire) < operations {
            self.progress.notified().await;
        }
    }
}

/// Plays a history in a folder.
pub(crate) async fn play(plan: Plan, folder: &Path) -> Result<Played> {
    let table = Arc::new(Table {
        plan,
        clock: Clock::default(),
        stamps: AtomicU64::new(1),
        done: AtomicU64::new(0),
        given_up: AtomicU64::new(0),
        progress: Notify::new(),
        notes: Mutex::default(),
    });
    let ends = if plan.kills > 0 {
        play_with_kills(&table, folder).await?
    } else {
        play_inside(&table, folder).await?
    };
    let notes = std::mem::take(&mut *table.notes());
    let events = notes.events.into_iter().filter_map(|(mut event, life)| {
        if let Some(life) = life {
            event.until = *ends.get(life)?;
        }
        // What was asked of a life that had ended already never happened.
        (event.from < event.until).then_some(event)
    });
    Ok(Played { events: events.collect(), written: notes.written })
}

/// Returns when each life ended.
async fn play_with_kills(table: &Arc<Table>, folder: &Path) -> Result<Vec<u64>> {
    let mut house = House::begin(folder, table.plan).await?;
    let mut chance = Chance::new(table.plan.seed);
    let clients: Vec<_> = (0..table.plan.clients)
        .map(|number| {
            let (line, chance) = (Line::new(house.lives()), chance.branch());
            tokio::spawn(outside(Arc::clone(table), number, chance, line))
        })
        .collect();
    let mut ends = Vec::new();
    let mut at = 0;
    let apart = table.plan.operations / (table.plan.kills + 1);
    for _ in 0..table.plan.kills {
        at += chance.between(apart / 2, apart);
        table.await_progress(at).await;
        tokio::time::sleep(Duration::from_micros(chance.below(400))).await;
        house.kill()?;
        ends.push(table.clock.tick());
        house.revive().await?;
    }
    for client in clients {
        client.await.context("a client")??;
    }
    // What was acknowledged is there after a last kill.
    house.kill()?;
    ends.push(table.clock.tick());
    house.revive().await?;
    let mut line = Line::new(house.lives());
    for command in read_back(table.plan.keys) {
        let asking = line.ask(&table.clock, &command).await?;
        let (answer, until) = asking.answer.context("nobody kills any more")?;
        note(table, (table.plan.clients, &command, asking.from), Ok((answer, until)));
    }
    ends.push(table.clock.tick());
    Ok(ends)
}

async fn outside(
    table: Arc<Table>,
    number: usize,
    mut chance: Chance,
    mut line: Line,
) -> Result<()> {
    while let Some(command) = next(&table, &mut chance) {
        let asking = line.ask(&table.clock, &command).await?;
        note(&table, (number, &command, asking.from), asking.answer.ok_or(asking.life));
    }
    Ok(())
}

async fn play_inside(table: &Arc<Table>, folder: &Path) -> Result<Vec<u64>> {
    let folder = folder.join("store");
    let store = Arc::new(DiskStore::open(table.plan.sealed.options(&folder)?).await?);
    make_bucket(&*store, table.plan.versioning).await?;
    let mut chance = Chance::new(table.plan.seed);
    let clients: Vec<_> = (0..table.plan.clients)
        .map(|number| {
            let port: Arc<dyn ObjectStore> = Arc::clone(&store) as Arc<dyn ObjectStore>;
            tokio::spawn(inside(Arc::clone(table), number, chance.branch(), port))
        })
        .collect();
    for client in clients {
        client.await.context("a client")?;
    }
    store.close().await;
    drop(store);
    let end = table.clock.tick();
    let store = DiskStore::open(table.plan.sealed.options(&folder)?).await?;
    for command in read_back(table.plan.keys) {
        let from = table.clock.tick();
        let answer = perform(&store, command.clone()).await;
        note(table, (table.plan.clients, &command, from), Ok((answer, table.clock.tick())));
    }
    Ok(vec![end])
}

/// A client that gives some calls up: nobody knows what comes of those.
async fn inside(table: Arc<Table>, number: usize, mut chance: Chance, store: Arc<dyn ObjectStore>) {
    while let Some(command) = next(&table, &mut chance) {
        let gives_up =
            chance.one_in(50) && table.given_up.fetch_add(1, Ordering::AcqRel) < GIVEN_UP_MAX;
        let patience = if gives_up {
            Duration::from_micros(chance.below(GIVE_UP_MICROS))
        } else {
            Duration::MAX
        };
        let from = table.clock.tick();
        let answer = tokio::time::timeout(patience, perform(&*store, command.clone())).await;
        let answer = answer.map(|answer| (answer, table.clock.tick())).map_err(|_| 0);
        note(&table, (number, &command, from), answer);
    }
}

/// Every key, the listings and the feed, to see what is left in the end.
fn read_back(keys: u8) -> impl Iterator<Item = Command> {
    let each = (0..keys).map(|key| Command::Get { key });
    let all = [Command::List { after: None, max: 1000 }, Command::Feed { after: 0 }];
    each.chain(all).chain([Command::Versions])
}

fn note(
    table: &Table,
    (client, command, from): (usize, &Command, u64),
    answer: Result<(Answer, u64), usize>,
) {
    let mut notes = table.notes();
    if let (Some(key), Ok((Answer::Stored { etag, .. }, _))) = (written_key(command), &answer) {
        notes.lately.insert(key, etag.clone());
    }
    let (answer, until, life) = match answer {
        Ok((answer, until)) => (Some(answer), until, None),
        Err(life) => (None, u64::MAX, Some(life)),
    };
    let command = command.clone();
    notes.events.push((Event { client, command, from, until, answer }, life));
    drop(notes);
    table.done.fetch_add(1, Ordering::AcqRel);
    table.progress.notify_one();
}

fn written_key(command: &Command) -> Option<u8> {
    match command {
        Command::Put { key, .. } | Command::Copy { to: key, .. } => Some(*key),
        Command::Get { .. }
        | Command::Head { .. }
        | Command::Delete { .. }
        | Command::List { .. }
        | Command::Feed { .. }
        | Command::Versions => None,
    }
}

/// What a client does next; nothing when enough was done.
fn next(table: &Table, chance: &mut Chance) -> Option<Command> {
    if table.done.load(Ordering::Acquire) >= table.plan.operations {
        return None;
    }
    let mut key = || u8::try_from(chance.below(table.plan.keys.into())).unwrap_or_default();
    let (key, other) = (key(), key());
    let stamp = || table.stamps.fetch_add(1, Ordering::AcqRel);
    Some(match chance.weighted(&[24, 9, 9, 20, 8, 9, 9, 12]) {
        0 => put(table, chance, key, Wanted::Always),
        1 => put(table, chance, key, Wanted::Nothing),
        2 => put(table, chance, key, matching(table, key)),
        3 => Command::Get { key },
        4 => Command::Head { key },
        5 => Command::Delete { key, stamp: stamp() },
        6 => Command::Copy { from: key, to: other, stamp: stamp() },
        _ => {
            let after = chance.one_in(2).then_some(key);
            let max = if chance.one_in(2) { 2 } else { 1000 };
            Command::List { after, max }
        }
    })
}

fn matching(table: &Table, key: u8) -> Wanted {
    let notes = table.notes();
    let Some(etag) = notes.lately.get(&key) else { return Wanted::Nothing };
    let Some(content) = notes.written.etags.get(etag) else { return Wanted::Nothing };
    Wanted::Content { etag: etag.clone(), content: *content }
}

fn put(table: &Table, chance: &mut Chance, key: u8, when: Wanted) -> Command {
    let stamp = table.stamps.fetch_add(1, Ordering::AcqRel);
    // One in twenty is too large for the index and goes to a file.
    let size = if chance.one_in(20) {
        chance.between(66_000, 140_000)
    } else {
        chance.between(CONTENT_BYTES_MIN as u64, 3_000)
    };
    let etag = etag_of(&content(stamp, usize::try_from(size).unwrap_or_default()));
    let mut notes = table.notes();
    notes.written.etags.insert(etag, stamp);
    notes.written.sizes.insert(stamp, size);
    Command::Put { key, stamp, size: u32::try_from(size).unwrap_or_default(), when }
}

/// The entity tag that S3 gives to these bytes.
fn etag_of(bytes: &[u8]) -> String {
    use md5::{Digest, Md5};
    hex::encode(Md5::digest(bytes))
}
