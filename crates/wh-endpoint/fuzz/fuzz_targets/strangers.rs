//! Whatever a stranger may send: it is answered in HTTP or not at all, and never with a fault of the
//! house's own.

#![no_main]
#![allow(dead_code, reason = "the house of the door's tests has more than is needed here")]

#[path = "../../tests/door/client.rs"]
mod client;
#[path = "../../tests/door/house.rs"]
mod house;
#[path = "../../tests/door/signer.rs"]
mod signer;
mod wire;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let answer = wire::with(async |house, number| wire::send(house.address, data, number).await);
    if answer.is_empty() {
        return;
    }
    let text = String::from_utf8_lossy(&answer);
    assert!(text.starts_with("HTTP/1.1 "), "not an answer: {text}");
    assert!(!text.starts_with("HTTP/1.1 500 "), "a fault of the house's own: {text}");
});
