use std::sync::Arc;

use latchkey_authenticator::testing::{SeededRng, SoftwareKeyVault};
use latchkey_offline::store_contract;

use super::*;

fn open(path: &std::path::Path) -> Vault {
    Vault::open(path, &SoftwareKeyVault::new(1), Arc::new(SeededRng::new(1))).unwrap()
}

#[test]
fn the_vault_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    store_contract::ledger_store(&open(&folder.path().join("vault.sqlite")));
}
