//! What is told of the work: a line for each event, and what it came to at the end.

use std::sync::Mutex;

use serde_json::{Value, json};

use super::journal::Proof;
use crate::say;
use crate::store::{Output, size};

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// It goes in parts, of which some were sent before.
    Begins { key: String, bytes: u64, parts: u64, sent_before: u64 },
    /// The store has it, and has said so by a sum of what it holds, or only that it took it.
    Sent { key: String, bytes: u64, crc64nvme: String, proof: Proof },
    /// It is not to be sent: a link, or no file.
    Passed { why: &'static str },
    /// It is not sent, and will not be as it is.
    Failed { why: String },
    /// It was not sent now, and is tried again.
    Delayed { why: String },
}

#[derive(Debug, Default)]
struct Counts {
    sent: u64,
    bytes: u64,
    known: u64,
    passed: u64,
    failed: u64,
    unverified: u64,
}

/// Tells events, and counts them.
#[derive(Debug)]
pub(super) struct Events {
    output: Output,
    counts: Mutex<Counts>,
}

impl Events {
    pub(super) fn new(output: Output) -> Self {
        Self { output, counts: Mutex::default() }
    }

    pub(super) fn tell(&self, path: &str, event: &Event) {
        self.count(event);
        match self.output {
            Output::Json => say(&as_json(path, event).to_string()),
            Output::Text => say(&as_text(path, event)),
        }
    }

    /// So many files were sent before, and of those so many are not verified.
    pub(super) fn know(&self, files: u64, unverified: u64) {
        if let Ok(mut counts) = self.counts.lock() {
            counts.known = files;
            counts.unverified += unverified;
        }
    }

    /// How many files that were sent, now or before, are not verified.
    pub(super) fn unverified(&self) -> u64 {
        self.counts.lock().map_or(0, |counts| counts.unverified)
    }

    fn count(&self, event: &Event) {
        let Ok(mut counts) = self.counts.lock() else { return };
        match event {
            Event::Begins { .. } | Event::Delayed { .. } => {}
            Event::Sent { bytes, proof, .. } => {
                counts.sent += 1;
                counts.bytes += bytes;
                counts.unverified += u64::from(*proof == Proof::Unverified);
            }
            Event::Passed { .. } => counts.passed += 1,
            Event::Failed { .. } => counts.failed += 1,
        }
    }

    /// Tells what it came to. `waiting` files were neither sent nor given up.
    pub(super) fn end(&self, waiting: usize) {
        let Ok(counts) = self.counts.lock() else { return };
        let Counts { sent, bytes, known, passed, failed, unverified } = &*counts;
        match self.output {
            Output::Json => say(&json!({ "event": "end", "sent": sent, "bytes": bytes,
                "known": known, "passed": passed, "failed": failed,
                "unverified": unverified, "waiting": waiting })
            .to_string()),
            Output::Text => {
                let waiting = match waiting {
                    0 => String::new(),
                    files => format!(", {files} still to be sent"),
                };
                let unverified = match unverified {
                    0 => String::new(),
                    files => format!(", {files} sent and not verified by the store"),
                };
                say(&format!(
                    "Sent {sent} files ({}); {known} were sent before, {passed} are passed over, \
                     {failed} are not sent{unverified}{waiting}.",
                    size(*bytes)
                ));
            }
        }
    }
}

fn as_json(path: &str, event: &Event) -> Value {
    match event {
        Event::Begins { key, bytes, parts, sent_before } => json!({ "event": "begins",
            "path": path, "key": key, "bytes": bytes, "parts": parts,
            "parts_sent_before": sent_before }),
        Event::Sent { key, bytes, crc64nvme, proof } => json!({ "event": "sent", "path": path,
            "key": key, "bytes": bytes, "crc64nvme": crc64nvme,
            "verified": *proof == Proof::Verified }),
        Event::Passed { why } => json!({ "event": "passed", "path": path, "why": why }),
        Event::Failed { why } => json!({ "event": "failed", "path": path, "why": why }),
        Event::Delayed { why } => json!({ "event": "delayed", "path": path, "why": why }),
    }
}

fn as_text(path: &str, event: &Event) -> String {
    match event {
        Event::Begins { bytes, parts, sent_before, .. } => {
            format!("{path}: {} in {parts} parts, {sent_before} sent before", size(*bytes))
        }
        Event::Sent { key, bytes, crc64nvme, proof } => {
            let proof = match proof {
                Proof::Verified => "",
                Proof::Unverified => ", not verified: the store told no sum of it",
            };
            format!("{path}: sent to {key}, {}, crc64nvme {crc64nvme}{proof}", size(*bytes))
        }
        Event::Passed { why } => format!("{path}: passed over, {why}"),
        Event::Failed { why } => format!("{path}: not sent: {why}"),
        Event::Delayed { why } => format!("{path}: tried again soon: {why}"),
    }
}
