//! The door as its clients meet it: over TCP, signed by hand.

#![cfg(test)]
#![expect(
    clippy::excessive_nesting,
    clippy::format_push_string,
    reason = "a table of cases, and a request as it is written, read best in one piece"
)]

mod advisories;
mod client;
mod connections;
mod encryption;
mod forms;
mod house;
mod lifecycle;
mod locks;
mod machines;
mod objects;
mod overload;
mod query;
mod signatures;
mod signer;
mod steps;
mod strangers;
mod tagging;
mod versions;
