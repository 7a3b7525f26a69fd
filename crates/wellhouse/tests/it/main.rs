//! The house from outside: the real binary, and the clients that people use.
//!
//! One test binary. Each test starts its own server over its own folder, on free loopback ports.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test says what it expects and fails where that is not so"
)]

mod activity;
mod actors;
mod advisories;
mod alarms;
mod archives;
mod audit;
mod aws_cli;
mod aws_mode;
mod boto3;
#[path = "../../../wh-aws/tests/moto/by_hand.rs"]
mod by_hand;
mod changes;
mod cli;
mod coming_and_going;
mod compatibility;
mod converging;
mod correlate;
mod decisions;
mod estate;
mod file_requests;
mod gateway;
mod groups;
mod house_keys;
mod ingest;
mod jobs;
mod journeys;
mod keeping;
mod kept;
mod least;
mod lifecycle;
mod links;
mod links_lost;
mod machines;
mod mail;
mod nodes;
mod person_keys;
mod policy_cli;
mod posture;
mod presigned;
mod provisioner;
mod quotas;
mod quotas_held;
mod rclone;
mod requests;
mod s3fs;
mod scan;
mod sdk;
mod search;
mod secrets;
mod server;
mod store_commands;
mod tokens;
mod transport;
mod user;
mod watches;
mod webhooks;
#[path = "../../../wh-aws/tests/moto/wire.rs"]
#[expect(dead_code, reason = "the tests on moto also have it refuse calls")]
mod wire;
