//! Who a request says it is from: a query in the first line, headers in the rest.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wh_endpoint::fuzz::credentials(data));
