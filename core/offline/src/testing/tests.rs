use super::{MemoryLedgerStore, MemoryVerifierStore};
use crate::store_contract::{ledger_store, verifier_store};

#[test]
fn the_doubles_keep_the_contracts() {
    ledger_store(&MemoryLedgerStore::default());
    verifier_store(&MemoryVerifierStore::default());
}
