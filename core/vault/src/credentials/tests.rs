use std::path::Path;
use std::sync::Arc;

use latchkey_authenticator::store_contract::{self, NO_LIMITS, credential, image};
use latchkey_authenticator::testing::{SeededRng, SoftwareKeyVault};

use super::*;

latchkey_authenticator::store_contract!(with |test| {
    let folder = tempfile::tempdir().unwrap();
    test(&open(&folder.path().join("vault")));
});

fn open(path: &Path) -> Vault {
    Vault::open(path, &SoftwareKeyVault::new(1), Arc::new(SeededRng::new(1))).unwrap()
}
