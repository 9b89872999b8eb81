//! What every store must do, as tests to run against an empty one. Behind the feature `testing`.

use crate::ledger::{LedgerRecord, LedgerStore};
use crate::set::{PinSet, SetId, SetKey};
use crate::store::StoreError;
#[cfg(feature = "workstation")]
use crate::verifier::{VerifierRecord, VerifierStore};

/// Checks a [`LedgerStore`] that holds nothing yet.
///
/// # Panics
/// When the store breaks its promises.
pub fn ledger_store(store: &dyn LedgerStore) {
    let present = |id| store.load(id).map(|record| record.map(|record| record.encode()));
    let first = record("one", 1, 7);

    assert_eq!(present("one"), Ok(None), "an empty store has no records");
    assert_eq!(store.delete("one"), Ok(()), "deleting nothing is no error");
    assert_eq!(store.save(&record("one", 2, 7)), Err(StoreError::Conflict), "there is no revision 1");
    assert_eq!(present("one"), Ok(None), "a conflict stores nothing");

    assert_eq!(store.save(&first), Ok(()));
    assert_eq!(present("one"), Ok(Some(first.encode())), "a record comes back as it was");
    assert_eq!(present("two"), Ok(None), "records of different computers are apart");
    assert_eq!(store.save(&record("two", 1, 9)), Ok(()));

    for lost in [1, 3] {
        assert_eq!(store.save(&record("one", lost, 8)), Err(StoreError::Conflict), "revision {lost} over 1");
    }
    assert_eq!(present("one"), Ok(Some(first.encode())), "a conflict changes nothing");
    let second = record("one", 2, 8);
    assert_eq!(store.save(&second), Ok(()));
    assert_eq!(present("one"), Ok(Some(second.encode())), "revision 2 replaces revision 1");

    assert_eq!(store.delete("one"), Ok(()));
    assert_eq!(present("one"), Ok(None));
    assert_eq!(present("two"), Ok(Some(record("two", 1, 9).encode())), "the other record stays");
    assert_eq!(store.save(&first), Ok(()), "after deletion revisions begin again");
}

/// Checks a [`VerifierStore`] that holds nothing yet.
///
/// # Panics
/// When the store breaks its promises.
#[cfg(feature = "workstation")]
pub fn verifier_store(store: &dyn VerifierStore) {
    let present = || store.load().map(|record| record.map(|record| record.encode()));
    let record = |revision| {
        let mut record = VerifierRecord::default();
        record.revision = revision;
        record
    };

    assert_eq!(present(), Ok(None), "an empty store has no record");
    assert_eq!(store.save(&record(2)), Err(StoreError::Conflict), "there is no revision 1");
    assert_eq!(present(), Ok(None), "a conflict stores nothing");
    assert_eq!(store.save(&record(1)), Ok(()));
    for lost in [1, 3] {
        assert_eq!(store.save(&record(lost)), Err(StoreError::Conflict), "revision {lost} over 1");
    }
    assert_eq!(present(), Ok(Some(record(1).encode())), "a conflict changes nothing");
    assert_eq!(store.save(&record(2)), Ok(()));
    assert_eq!(present(), Ok(Some(record(2).encode())), "a record comes back as it was");
}

fn record(computer_id: &str, revision: u64, key: u8) -> LedgerRecord {
    let set = PinSet {
        computer_id: computer_id.to_owned(),
        set_id: SetId([key; 16]),
        generation: 1,
        count: 10,
        length: 8,
        issued_at: 0,
        expires_at: 30 * crate::policy::DAY,
        display_secs: 60,
        threshold_pct: 20,
        key: SetKey([key; 32]),
    };
    LedgerRecord::fresh(revision, set)
}
