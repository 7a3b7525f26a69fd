//! The door as its clients meet it: over TCP, signed by hand.

mod client;
mod house;
mod objects;
mod query;
mod signatures;
mod signer;
mod strangers;
