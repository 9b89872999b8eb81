use proptest::prelude::*;

use super::*;
use crate::fixture::{NOW, set};

fn live(next: u16, shown_at: Option<u64>) -> LedgerRecord {
    let mut record = LedgerRecord::fresh(3, set());
    record.holding = Holding::Live(Live { next, shown_at, set: set() });
    record
}

fn ended(ended: Ended) -> LedgerRecord {
    let mut record = live(0, None);
    record.holding = Holding::Ended(ended);
    record
}

#[test]
fn records_survive_the_disk() {
    for record in [
        live(0, None),
        live(1, Some(NOW)),
        live(25, Some(NOW + 5)),
        ended(Ended::Exhausted),
        ended(Ended::Expired),
        ended(Ended::Revoked),
    ] {
        let bytes = record.encode();
        let decoded = LedgerRecord::decode(&bytes).unwrap();
        assert_eq!(*decoded.encode(), *bytes);
        assert_eq!((decoded.revision(), decoded.computer_id()), (3, record.computer_id()));
        for end in 0..bytes.len() {
            assert!(LedgerRecord::decode(&bytes[..end]).is_err());
        }
    }
}

#[test]
fn an_ended_set_has_no_key() {
    let bytes = ended(Ended::Revoked).encode();
    assert!(!bytes.windows(32).any(|window| window == set().key.0));
}

#[test]
fn contradictions_are_refused() {
    let other_computer = LedgerRecord { computer_id: "computer-2".to_owned(), ..live(0, None) };
    let other_set = LedgerRecord {
        acknowledgement: PinSet { generation: 2, ..set() }.acknowledgement(),
        ..live(0, None)
    };
    let unsaved = LedgerRecord { revision: 0, ..live(0, None) };
    for record in [live(26, Some(NOW)), live(1, None), live(0, Some(NOW)), other_computer, other_set, unsaved]
    {
        assert_eq!(LedgerRecord::decode(&record.encode()).unwrap_err(), OfflineError::Inconsistent);
    }
}

#[test]
fn a_record_does_not_print() {
    assert_eq!(format!("{:?}", live(0, None)), "LedgerRecord(generation 1, redacted)");
}

proptest! {
    #[test]
    fn a_damaged_byte_never_panics(at: prop::sample::Index, byte: u8, kind: bool) {
        let record = if kind { live(1, Some(NOW)) } else { ended(Ended::Expired) };
        let mut bytes = record.encode().to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(record) = LedgerRecord::decode(&bytes) {
            prop_assert_eq!(&**record.encode(), &bytes[..]);
        }
    }
}
