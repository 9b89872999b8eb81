use latchkey_ctap::cbor::Item;
use proptest::prelude::*;

use super::*;
use crate::fixture::cheap;
use crate::verifier::wrapping::SLOT_LEN;

fn set(generation: u32, next: u16, slots: usize) -> WrappedSet {
    WrappedSet {
        set_id: SetId([generation as u8; 16]),
        generation,
        length: 8,
        window: (generation == 2).then_some(7),
        expires_at: 1_000,
        salt: [3; 16],
        cost: cheap(),
        ack: [4; 32],
        next,
        slots: vec![[5; SLOT_LEN]; slots],
    }
}

fn record(active: Option<WrappedSet>, pending: Option<WrappedSet>, ended: Option<Ended>) -> VerifierRecord {
    VerifierRecord {
        revision: 9,
        generation: 2,
        failures: 3,
        max_failures: 10,
        retry_at: 70,
        last_seen: 66,
        active,
        pending,
        ended,
    }
}

#[test]
fn records_survive_the_disk() {
    let records = [
        VerifierRecord { revision: 1, ..VerifierRecord::default() },
        record(Some(set(1, 3, 22)), Some(set(2, 0, 25)), None),
        record(None, Some(set(2, 0, 100)), None),
        record(Some(set(2, 99, 1)), None, None),
        record(None, None, Some(Ended::Exhausted)),
        record(None, None, Some(Ended::Expired)),
        record(None, None, Some(Ended::Revoked)),
        record(None, None, Some(Ended::Locked)),
    ];
    for record in records {
        let bytes = record.encode();
        assert_eq!(VerifierRecord::decode(&bytes).unwrap().encode(), bytes);
        for end in 0..bytes.len() {
            assert!(VerifierRecord::decode(&bytes[..end]).is_err());
        }
    }
}

#[test]
fn contradictions_are_refused() {
    for record in [
        VerifierRecord::default(),
        record(None, None, None),
        record(Some(set(1, 0, 25)), None, Some(Ended::Expired)),
        record(Some(set(2, 0, 25)), Some(set(1, 0, 25)), None),
        record(Some(set(2, 0, 25)), Some(set(2, 0, 25)), None),
        record(Some(set(3, 0, 25)), None, None),
        record(Some(set(0, 0, 25)), None, None),
        record(Some(set(1, 25, 0)), None, None),
        record(Some(set(1, 1, 100)), None, None),
        VerifierRecord { generation: 0, ..record(None, None, Some(Ended::Revoked)) },
    ] {
        let refused = VerifierRecord::decode(&record.encode()).unwrap_err();
        assert_eq!(refused, OfflineError::Inconsistent);
    }
    let long = record(Some(WrappedSet { length: 14, ..set(1, 0, 25) }), None, None);
    assert!(matches!(VerifierRecord::decode(&long.encode()), Err(OfflineError::OutOfBounds { .. })));
}

#[test]
fn the_wait_doubles_up_to_a_minute() {
    let waits: Vec<_> = (1..=9).map(delay).collect();
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    assert_eq!(delay(u16::MAX), 60);
}

#[test]
fn slots_are_used_up_from_below() {
    let mut set = set(1, 5, 20);
    assert_eq!(set.use_up(4), None, "used before");
    assert_eq!(set.use_up(25), None, "not in the set");
    assert_eq!(set.use_up(7), Some(17), "with those that were skipped");
    assert_eq!((set.next, set.slots.len()), (8, 17));
    assert_eq!(set.use_up(7), None, "only once");
    assert_eq!(set.use_up(24), Some(0));
}

#[test]
fn a_record_does_not_print() {
    let record = record(Some(set(1, 0, 25)), None, None);
    assert_eq!(format!("{record:?}"), "VerifierRecord(generation 2, redacted)");
}

proptest! {
    #[test]
    fn a_damaged_byte_never_panics(at: prop::sample::Index, byte: u8) {
        let mut bytes = record(Some(set(1, 22, 3)), Some(set(2, 0, 10)), None).encode();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(record) = VerifierRecord::decode(&bytes) {
            prop_assert!(Item::parse(&bytes).is_ok());
            prop_assert_eq!(record.encode(), bytes);
        }
    }
}
