//! Resident memory, each step in a process of its own. That process is this program, with everything else
//! that it can do; an app's library carries less.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use latchkey_authenticator::ports::CredentialStore as _;
use latchkey_ctap::AttestationFormat;
use latchkey_scan::Effort;

use crate::machine;
use crate::passkeys::{self, Folder, Named, SEVERAL, SHARED_RP_ID};
use crate::report::{Line, Target, Value};
use crate::scan::Picture;

/// The argument that makes this program run one of [`STEPS`] and say what it took.
pub(crate) const ARGUMENT: &str = "--step";

const AT_MOST: u64 = 20_000_000;
const PASSKEYS: u32 = 10_000;

/// What is run, and whether it has to keep to the limit.
const STEPS: [(&str, bool); 7] = [
    ("nothing", false),
    ("open a vault of 10000, list one relying party", true),
    ("open a vault of 10000, sign in", true),
    ("open a vault of 10000, make a passkey", true),
    ("open a vault of 10000, list all", true),
    ("scan a frame of 1920 x 1080, fast path", true),
    ("scan a frame of 1920 x 1080, full path", true),
];

/// Peak of each step; nothing where the system does not tell.
pub(crate) fn measure(folder: &Folder) -> Vec<Line> {
    if resident("VmHWM").is_none() {
        return Vec::new();
    }
    // The steps find the vault where it is put here.
    folder.vault(PASSKEYS, "memory");
    let program = std::env::current_exe().unwrap();
    let mut lines = Vec::new();
    for (index, (what, limited)) in STEPS.into_iter().enumerate() {
        let output = Command::new(&program).args([ARGUMENT, &index.to_string()]).output().unwrap();
        assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
        let peak: u64 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
        let target = limited.then_some(Target::Bytes(AT_MOST));
        lines.push(Line {
            what: format!("peak: {what}"),
            value: Value::Bytes(peak),
            rounds: 1,
            target,
            ..Line::default()
        });
    }
    lines
}

/// Runs one step in this process and prints the peak of its resident memory, in bytes.
pub(crate) fn step(index: &str) {
    let folder = Folder::open();
    let open = || Arc::new(folder.open_vault(&folder.path().join(format!("vault-{PASSKEYS}-memory.sqlite"))));
    let ask = |format, request: Vec<u8>| {
        passkeys::answer(&passkeys::authenticator(&open(), &folder, format), &request);
    };
    match index {
        "0" => {}
        "1" => assert_eq!(open().discoverable(SHARED_RP_ID).unwrap().len(), SEVERAL as usize),
        "2" => ask(AttestationFormat::None, passkeys::get_request(PASSKEYS / 2, Named::Discoverable)),
        "3" => ask(AttestationFormat::PackedSelf, passkeys::make_request()),
        "4" => assert!(open().list().unwrap().len() >= PASSKEYS as usize),
        "5" => Picture::of_screen(1920, 1080).read(Effort::Preview),
        "6" => Picture::of_screen(1920, 1080).read(Effort::Photo),
        _ => unreachable!("no such step"),
    }
    println!("{}", resident("VmHWM").unwrap());
}

/// A figure of this process, in bytes, where the system tells.
fn resident(name: &str) -> Option<u64> {
    fs::metadata("/proc/self/status").ok()?;
    let kibibytes = machine::field("/proc/self/status", name)?;
    Some(kibibytes.trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
}
