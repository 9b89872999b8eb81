//! makeCredential over a sealed vault on disk, from CTAP bytes to CTAP bytes.

use std::sync::Arc;
use std::time::Duration;

use latchkey_ctap::AttestationFormat;

use crate::bare::{self, Log, Table};
use crate::passkeys::{self, Folder, SIZES};
use crate::report::Line;
use crate::rounds::{Group, timed};

/// Times what has to be done.
const AT_MOST: f64 = 1.3;

pub(crate) fn measure(folder: &Folder) -> Vec<Line> {
    let mut group = Group::default();
    group.add("bare key generation, public key included", || timed(bare::key));
    let mut log = Log::create(&folder.path().join("log"));
    group.add("bare write and fsync, 3 pages", move || timed(|| log.append()));
    for size in SIZES {
        let path = folder.vault(size, "make");
        let vault = Arc::new(folder.open_vault(&path));
        let mut make = |format, called| {
            let authenticator = passkeys::authenticator(&vault, folder, format);
            group.add(format!("make_credential, {called}, {size} passkeys"), move || {
                passkeys::answer(&authenticator, &passkeys::make_request())
            })
        };
        let none = make(AttestationFormat::None, "none");
        let packed = make(AttestationFormat::PackedSelf, "packed");

        let mut table = Table::like(&path, &folder.fresh(&format!("bare-insert-{size}")));
        let key_and_row =
            group.add(format!("bare key generation, insert and commit, {size} rows"), move || {
                timed(|| {
                    let key = bare::key();
                    table.insert();
                    key
                })
            });
        let mut table = Table::like(&path, &folder.fresh(&format!("bare-insert-signed-{size}")));
        let signed =
            group.add(format!("bare key generation, signature, insert and commit, {size} rows"), move || {
                timed(|| {
                    let (scalar, _) = bare::key();
                    let signature = bare::signature(&scalar);
                    table.insert();
                    signature
                })
            });
        group.compare(none, key_and_row, AT_MOST);
        // Its statement is one signature more.
        group.compare(packed, key_and_row, AT_MOST);
        group.compare(packed, signed, None);
    }
    group.measure(Duration::from_secs(30))
}
