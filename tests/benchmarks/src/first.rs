//! The first sign-in of a new process, which is what an extension of the operating system does: it is
//! started, opens the vault, signs once and is gone. Nothing is warm but the disk's pages.

use std::time::{Duration, Instant};

use latchkey_ctap::AttestationFormat;

use crate::bare;
use crate::passkeys::{self, Folder, Named};
use crate::process;
use crate::report::Line;
use crate::rounds::{Group, timed};

const PASSKEYS: u32 = 10_000;

pub(crate) fn measure(folder: &Folder) -> Vec<Line> {
    // The steps find the vault where it is put here.
    folder.vault(PASSKEYS, "first");
    let mut group = Group::default();
    let mut add = |what: &str, step: &'static str| {
        group.add(what, move || Duration::from_nanos(process::figure_of(step)))
    };
    let signature = add("first bare signature, p256 0.13", "first-signature");
    let opened = add("vault opened, first get_assertion, 10000 passkeys", "first-sign-in");
    #[cfg(feature = "passkey-rs")]
    let (next, other) = (
        add("first bare signature, p256 0.14", "first-signature-next"),
        add("first passkey-rs 0.6 get_assertion, one passkey in memory", "first-passkey-rs"),
    );
    group.compare(opened, signature, None);
    #[cfg(feature = "passkey-rs")]
    {
        group.compare(next, signature, None);
        group.compare(opened, other, None);
    }
    group.measure(Duration::from_secs(4))
}

/// How long a step takes in this process, in nanoseconds; nothing for a step that is not one of these.
pub(crate) fn step(name: &str) -> Option<u64> {
    let time = match name {
        "first-signature" => {
            let scalar = bare::fixed_scalar();
            timed(|| bare::signature(&scalar))
        }
        "first-sign-in" => {
            let folder = Folder::open();
            let path = folder.path().join(format!("vault-{PASSKEYS}-first.sqlite"));
            let request = passkeys::get_request(PASSKEYS / 2, Named::Discoverable);
            let start = Instant::now();
            let vault = folder.open_vault(&path).into();
            let authenticator = passkeys::authenticator(&vault, &folder, AttestationFormat::None);
            let opened = start.elapsed();
            opened + passkeys::answer(&authenticator, &request)
        }
        #[cfg(feature = "passkey-rs")]
        "first-signature-next" => crate::curve::first_signature(),
        #[cfg(feature = "passkey-rs")]
        "first-passkey-rs" => crate::passkey_rs::PasskeyRs::with_one_passkey().get_assertion(),
        _ => return None,
    };
    u64::try_from(time.as_nanos()).ok()
}
