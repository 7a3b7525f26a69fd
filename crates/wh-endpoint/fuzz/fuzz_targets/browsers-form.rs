//! Forms of browsers.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wh_endpoint::fuzz::browsers_form(data));
