//! Bodies in `aws-chunked` framing.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wh_endpoint::fuzz::chunks(data));
