//! The text of any QR code that a camera may see: what is accepted is written again as the same payload.
#![no_main]

use latchkey_hybrid::{QrPayload, digits, qr};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // As text.
    if let Ok(text) = core::str::from_utf8(bytes) {
        check(text);
    }
    // As the payload behind the digits, which few texts get to.
    let text = format!("{}{}", qr::PREFIX, digits::encode(bytes));
    assert_eq!(*digits::decode(&text[qr::PREFIX.len()..]).unwrap(), bytes);
    if text.len() <= qr::MAX_TEXT_LEN {
        assert_eq!(QrPayload::parse(&text), QrPayload::from_cbor(bytes));
    }
    check(&text);
});

fn check(text: &str) {
    if let Ok(payload) = QrPayload::parse(text) {
        assert_eq!(QrPayload::parse(&payload.to_text()), Ok(payload));
    }
}
