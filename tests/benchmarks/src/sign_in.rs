//! getAssertion over a sealed vault on disk, from CTAP bytes to CTAP bytes.

use std::sync::Arc;
use std::time::Duration;

use latchkey_ctap::AttestationFormat;
use p256_sign::ecdsa::SigningKey;

use crate::bare::{self, Log, Table};
use crate::passkeys::{self, Folder, Named, SIZES};
use crate::report::Line;
use crate::rounds::{Group, timed};

/// Times the bare signature.
const AT_MOST: f64 = 1.15;

/// Times the same with 10 passkeys.
const AS_WITH_FEW: f64 = 1.10;

/// Passkeys whose signature counter is a constant zero: nothing is written before the answer.
pub(crate) fn without_counter(folder: &Folder) -> Vec<Line> {
    let scalar = bare::scalar();
    let key = SigningKey::from(scalar);

    let mut group = Group::default();
    let signature = group.add("bare P-256 signature, scalar at hand", || timed(|| bare::signature(&scalar)));
    let of_key = group.add("the same with a SigningKey", || timed(|| bare::signature_of_key(&key)));
    group.compare(of_key, signature, None);

    let mut cases = Vec::new();
    for (named, called) in [(Named::Discoverable, "no list"), (Named::AllowList, "allow list")] {
        let mut few = None;
        for size in SIZES {
            let name = if matches!(named, Named::AllowList) { "allow" } else { "get" };
            let vault = Arc::new(folder.open_vault(&folder.vault(size, name)));
            let authenticator = passkeys::authenticator(&vault, folder, AttestationFormat::None);
            let mut number = passkeys::scattered(size, false);
            let case = group.add(format!("get_assertion, {called}, {size} passkeys"), move || {
                passkeys::answer(&authenticator, &passkeys::get_request(number(), named))
            });
            group.compare(case, signature, AT_MOST);
            match few {
                None => few = Some(case),
                Some(few) => group.compare(case, few, AS_WITH_FEW),
            }
            cases.push(case);
        }
    }
    #[cfg(feature = "passkey-rs")]
    {
        let mut other = crate::passkey_rs::PasskeyRs::with_one_passkey();
        let other =
            group.add("passkey-rs 0.6 get_assertion, one passkey in memory", move || other.get_assertion());
        group.compare(other, signature, None);
        group.compare(cases[2], other, 0.65);
    }
    group.measure(Duration::from_secs(15))
}

/// Passkeys that count: the counter is on disk before the signature leaves.
pub(crate) fn with_counter(folder: &Folder) -> Vec<Line> {
    let scalar = bare::scalar();
    let mut group = Group::default();
    let mut log = Log::create(&folder.path().join("log"));
    group.add("bare write and fsync, 3 pages", move || timed(|| log.append()));
    for size in SIZES {
        let path = folder.vault(size, "count");
        let mut table = Table::like(&path, &folder.fresh(&format!("bare-update-{size}")));
        let unit = group.add(format!("bare signature, update and commit, {size} rows"), move || {
            timed(|| {
                table.update();
                bare::signature(&scalar)
            })
        });
        let vault = Arc::new(folder.open_vault(&path));
        let authenticator = passkeys::authenticator(&vault, folder, AttestationFormat::None);
        let mut number = passkeys::scattered(size, true);
        let case = group.add(format!("get_assertion with counter, {size} passkeys"), move || {
            passkeys::answer(&authenticator, &passkeys::get_request(number(), Named::Discoverable))
        });
        group.compare(case, unit, None);
    }
    group.measure(Duration::from_secs(15))
}
