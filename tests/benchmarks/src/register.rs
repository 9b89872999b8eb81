//! makeCredential over a sealed vault on disk, from CTAP bytes to CTAP bytes.

use std::sync::Arc;
use std::time::Duration;

use latchkey_ctap::AttestationFormat;

use crate::bare::{self, Log, Table};
use crate::passkeys::{self, Folder, SIZES};
use crate::report::Line;
use crate::rounds::{Group, timed};

/// Times key generation with insert and commit.
const AT_MOST: f64 = 1.3;

pub(crate) fn measure(folder: &Folder) -> Vec<Line> {
    let mut group = Group::default();
    group.add("bare key generation, public key included", || timed(bare::key));
    let mut log = Log::create(&folder.path().join("log"));
    group.add("bare write and fsync, 3 pages", move || timed(|| log.append()));
    for size in SIZES {
        let path = folder.vault(size, "make");
        let mut table = Table::like(&path, &folder.fresh(&format!("bare-insert-{size}")));
        let unit = group.add(format!("bare key generation, insert and commit, {size} rows"), move || {
            timed(|| {
                let key = bare::key();
                table.insert();
                key
            })
        });
        let vault = Arc::new(folder.open_vault(&path));
        for (format, called) in [(AttestationFormat::None, "none"), (AttestationFormat::PackedSelf, "packed")]
        {
            let authenticator = passkeys::authenticator(&vault, folder, format);
            let case = group.add(format!("make_credential, {called}, {size} passkeys"), move || {
                passkeys::answer(&authenticator, &passkeys::make_request())
            });
            group.compare(case, unit, AT_MOST);
        }
    }
    group.measure(Duration::from_secs(30))
}
