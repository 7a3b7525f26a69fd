//! Hosts that name a bucket: the host in the first line, the path in the second.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wh_endpoint::fuzz::hosts(data));
