//! Paths, keys and the sources of copies.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wh_endpoint::fuzz::paths(data));
