//! The policies of such forms, with fields before them.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wh_endpoint::fuzz::form_policy(data));
