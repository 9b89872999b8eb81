use latchkey_ctap::cbor::MapWriter;
use proptest::prelude::*;

use super::*;
use crate::fixture::{COMPUTER, NOW, set};

/// A handover with one entry replaced.
fn handover(key: i64, replace: impl Fn(&mut latchkey_ctap::cbor::Writer)) -> Result<PinSet, OfflineError> {
    let good = set().encode();
    let mut map = MapWriter::new();
    for (found, value) in Item::parse(&good).unwrap().map().unwrap() {
        let found = found.integer().unwrap();
        if found == key {
            replace(map.number(found));
        } else {
            map.number(found).raw(value.raw());
        }
    }
    PinSet::decode(&map.finish())
}

fn number(key: i64, value: u64) -> Result<PinSet, OfflineError> {
    handover(key, |entry| {
        entry.unsigned(value);
    })
}

#[test]
fn a_set_survives_the_wire() {
    let set = set();
    let decoded = PinSet::decode(&set.encode()).unwrap();
    assert_eq!(*decoded.encode(), *set.encode());
    assert_eq!(decoded.pin(1).expose(), set.pin(1).expose());
    assert_eq!(decoded.computer_id, COMPUTER);
    assert_eq!((decoded.issued_at, decoded.expires_at), (NOW, NOW + 30 * DAY));
}

#[test]
fn every_number_is_bounded() {
    for (key, setting) in [
        (5, Setting::Count),
        (6, Setting::Length),
        (9, Setting::DisplaySecs),
        (10, Setting::PromptThresholdPct),
    ] {
        let (low, high) = setting.bounds().into_inner();
        assert!(number(key, low.into()).is_ok() && number(key, high.into()).is_ok());
        for value in [u64::from(low).wrapping_sub(1), u64::from(high) + 1, 1 << 16, u64::MAX] {
            assert_eq!(number(key, value).unwrap_err(), OfflineError::OutOfBounds { setting, value });
        }
    }
}

#[test]
fn the_lifetime_is_bounded() {
    let out_of_bounds = |value| OfflineError::OutOfBounds { setting: Setting::ValidDays, value };
    assert!(number(8, NOW + 7 * DAY).is_ok() && number(8, NOW + 90 * DAY).is_ok());
    assert_eq!(number(8, NOW + 90 * DAY + 1).unwrap_err(), out_of_bounds(91));
    assert_eq!(number(8, NOW + 6 * DAY).unwrap_err(), out_of_bounds(6));
    for expires_at in [0, NOW - 1, NOW] {
        assert_eq!(number(8, expires_at).unwrap_err(), out_of_bounds(0));
    }
    assert_eq!(number(7, 0).unwrap_err(), out_of_bounds((NOW + 30 * DAY).div_ceil(DAY)));
}

#[test]
fn other_messages_are_refused() {
    assert_eq!(number(1, 2).unwrap_err(), OfflineError::UnknownVersion(2));
    assert_eq!(number(4, 0).unwrap_err(), OfflineError::InvalidGeneration);
    assert_eq!(number(4, 1 << 32).unwrap_err(), OfflineError::Inconsistent);
    for id in [String::new(), "x".repeat(129)] {
        let refused = handover(2, |entry| {
            entry.text(&id);
        });
        assert_eq!(refused.unwrap_err(), OfflineError::InvalidComputerId);
    }
    for key in [3, 11] {
        for len in [0, 15, 31, 33] {
            let refused = handover(key, |entry| {
                entry.bytes(&vec![1; len]);
            });
            assert!(matches!(refused, Err(OfflineError::Malformed(_))));
        }
    }
    let good = set().encode();
    for end in 0..good.len() {
        assert!(PinSet::decode(&good[..end]).is_err());
    }
    let longer = [&**good, &[0]].concat();
    assert!(matches!(PinSet::decode(&longer), Err(OfflineError::Malformed(_))));
}

#[test]
fn a_missing_and_an_unknown_entry_are_refused() {
    let good = set().encode();
    for missing in 1..=11 {
        let mut map = MapWriter::new();
        for (key, value) in Item::parse(&good).unwrap().map().unwrap() {
            if key.integer().unwrap() != missing {
                map.number(key.integer().unwrap()).raw(value.raw());
            }
        }
        assert_eq!(PinSet::decode(&map.finish()).unwrap_err(), OfflineError::UnexpectedEntries);
    }
    let mut map = MapWriter::new();
    for (key, value) in Item::parse(&good).unwrap().map().unwrap() {
        map.number(key.integer().unwrap()).raw(value.raw());
    }
    map.number(12).boolean(true);
    assert_eq!(PinSet::decode(&map.finish()).unwrap_err(), OfflineError::UnexpectedEntries);
}

#[test]
fn a_set_wipes_its_key_and_does_not_print() {
    fn wipes<T: ZeroizeOnDrop>() {}
    wipes::<SetKey>();
    assert_eq!(format!("{:?}", set()), "PinSet(generation 1, redacted)");
}

proptest! {
    #[test]
    fn bytes_are_a_set_or_refused(mut bytes in Just(set().encode().to_vec()), at: prop::sample::Index, byte: u8) {
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(set) = PinSet::decode(&bytes) {
            prop_assert_eq!(&**set.encode(), &bytes[..]);
        }
    }

    #[test]
    fn noise_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        prop_assert!(PinSet::decode(&bytes).is_err());
    }
}
