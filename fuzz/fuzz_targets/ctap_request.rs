//! A CTAP2 request from anybody: whatever decodes, encodes to something that decodes the same.
#![no_main]

use latchkey_ctap::Request;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = Request::decode(bytes) {
        assert_eq!(Request::decode(&request.encode()), Ok(request));
    }
});
