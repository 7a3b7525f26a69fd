//! Forms of the Query protocol, and the XML that answers them.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wh_endpoint::fuzz::query_form(data));
