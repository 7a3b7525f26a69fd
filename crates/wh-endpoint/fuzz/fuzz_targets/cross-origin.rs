//! Rules for cross-origin requests: an origin in the first line, the rules in the rest.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wh_endpoint::fuzz::cross_origin(data));
