//! What comes out of the channel between a phone and a workstation, and what is inside it: each decoder
//! accepts its own encoding and nothing else.
#![no_main]

use latchkey_offline::{Acknowledgement, PinSet};
use latchkey_unlock::{FromComputer, FromPhone, Message};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = FromPhone::decode(bytes) {
        assert_eq!(message.encode().as_slice(), bytes);
    }
    if let Ok(message) = FromComputer::decode(bytes) {
        assert_eq!(message.encode().as_slice(), bytes);
    }
    if let Ok(set) = PinSet::decode(bytes) {
        assert_eq!(set.encode().as_slice(), bytes);
    }
    if let Ok(acknowledgement) = Acknowledgement::decode(bytes) {
        assert_eq!(acknowledgement.encode(), bytes);
    }
});
