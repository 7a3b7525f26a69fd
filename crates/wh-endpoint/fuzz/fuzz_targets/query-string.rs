//! A query string, as it is signed and handed on.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wh_endpoint::fuzz::query_string(data));
