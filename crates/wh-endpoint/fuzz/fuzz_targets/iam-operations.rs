//! Signed calls of IAM and STS: the service by the first byte, `Name=value` in lines.

#![no_main]
#![allow(dead_code, reason = "the house of the door's tests has more than is needed here")]

#[path = "../../tests/door/client.rs"]
mod client;
#[path = "../../tests/door/house.rs"]
mod house;
#[path = "../../tests/door/signer.rs"]
mod signer;
mod wire;

use signer::Ask;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let service = if first % 4 == 0 { "sts" } else { "iam" };
    let text = String::from_utf8_lossy(rest);
    let pairs: Vec<_> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let answer = wire::with(async |house, _| house.query(&house.root, service, &pairs).await);
    wire::check(&answer, &Ask::new("POST", &text));
});
