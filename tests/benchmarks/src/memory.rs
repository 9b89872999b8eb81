//! Resident memory, each step in a process of its own. That process is this program, with everything else
//! that it can do; an app's library carries less.

use std::sync::Arc;

use latchkey_authenticator::ports::CredentialStore as _;
use latchkey_ctap::AttestationFormat;
use latchkey_scan::Effort;

use crate::machine;
use crate::passkeys::{self, Folder, Named, SEVERAL, SHARED_RP_ID};
use crate::process;
use crate::report::{Line, Target, Value};
use crate::scan::Picture;

const AT_MOST: u64 = 20_000_000;
const PASSKEYS: u32 = 10_000;

/// The steps and what the table calls them.
const STEPS: [(&str, &str); 7] = [
    ("nothing", "nothing"),
    ("list-one", "open a vault of 10000, list one relying party"),
    ("sign-in", "open a vault of 10000, sign in"),
    ("register", "open a vault of 10000, make a passkey"),
    ("list-all", "open a vault of 10000, list all"),
    ("preview", "scan a frame of 1920 x 1080, fast path"),
    ("photo", "scan a frame of 1920 x 1080, full path"),
];

/// Peak of each step; nothing where the system does not tell.
pub(crate) fn measure(folder: &Folder) -> Vec<Line> {
    if peak().is_none() {
        return Vec::new();
    }
    // The steps find the vault where it is put here.
    folder.vault(PASSKEYS, "memory");
    STEPS
        .into_iter()
        .map(|(step, what)| Line {
            what: format!("peak: {what}"),
            value: Value::Bytes(process::figure_of(step)),
            rounds: 1,
            target: (step != "nothing").then_some(Target::Bytes(AT_MOST)),
            ..Line::default()
        })
        .collect()
}

/// Peak of the resident memory of this process after a step, in bytes; nothing for a step that is not
/// one of these.
pub(crate) fn step(name: &str) -> Option<u64> {
    let folder = Folder::open();
    let open = || Arc::new(folder.open_vault(&folder.path().join(format!("vault-{PASSKEYS}-memory.sqlite"))));
    let ask = |format, request: Vec<u8>| {
        passkeys::answer(&passkeys::authenticator(&open(), &folder, format), &request);
    };
    match name {
        "nothing" => {}
        "list-one" => assert_eq!(open().discoverable(SHARED_RP_ID).unwrap().len(), SEVERAL as usize),
        "sign-in" => ask(AttestationFormat::None, passkeys::get_request(PASSKEYS / 2, Named::Discoverable)),
        "register" => ask(AttestationFormat::PackedSelf, passkeys::make_request()),
        "list-all" => assert!(open().list().unwrap().len() >= PASSKEYS as usize),
        "preview" => Picture::of_screen(1920, 1080).read(Effort::Preview),
        "photo" => Picture::of_screen(1920, 1080).read(Effort::Photo),
        _ => return None,
    }
    peak()
}

/// The peak of the resident memory of this process so far, in bytes, where the system tells.
fn peak() -> Option<u64> {
    let kibibytes = machine::field("/proc/self/status", "VmHWM")?;
    Some(kibibytes.trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
}
