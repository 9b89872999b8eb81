//! What Latchkey costs, beside what it cannot cost less than, measured in one run.
//!
//! `cargo run --release -p latchkey-benchmarks --features passkey-rs [-- --json] [-- SECTION...]` prints
//! the tables of `docs/benchmarks.md`. A target that is missed is printed and fails nothing: times are not
//! tests.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod bare;
mod ceremony;
mod control_center;
mod curve;
mod first;
mod hybrid;
mod machine;
mod memory;
mod open;
#[cfg(feature = "passkey-rs")]
mod passkey_rs;
mod passkeys;
mod process;
mod register;
mod report;
mod rounds;
mod scan;
mod sign_in;
mod workstation;

use serde_json::json;

use passkeys::Folder;
use report::Line;

/// Its name, its title, and what measures it.
type Section = (&'static str, &'static str, fn(&Folder) -> Vec<Line>);

const SECTIONS: &[Section] = &[
    ("sign-in", "Sign in: get_assertion, sealed and on disk, counter 0", sign_in::without_counter),
    ("counter", "Sign in with a signature counter, on disk before the answer", sign_in::with_counter),
    ("first", "The first sign-in of a new process", first::measure),
    ("register", "Register: make_credential, sealed and on disk before the answer", register::measure),
    ("open", "Open the vault, list one relying party", open::measure),
    ("hybrid", "Hybrid handshake, the phone's CPU", |_| hybrid::measure()),
    ("scan", "QR code in a clean frame of a screen", |_| scan::measure()),
    ("ceremony", "Whole ceremony on loopback, QR text to answer", ceremony::measure),
    ("control-center", "Look-ups of typed codes at a Control Center, 16 clients", control_center::measure),
    (
        "workstation",
        "A workstation and its phone, through a Control Center on loopback",
        workstation::measure,
    ),
    ("memory", "Resident memory, each step in a process of its own", memory::measure),
    ("curve", "Two versions of the curve", |_| curve::measure()),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if process::was_step(&arguments) {
        return;
    }
    let as_json = arguments.iter().any(|argument| argument == "--json");
    let wanted: Vec<&str> = arguments.iter().map(String::as_str).filter(|name| *name != "--json").collect();
    if let Some(unknown) = wanted.iter().find(|name| !SECTIONS.iter().any(|(known, ..)| known == *name)) {
        let known: Vec<&str> = SECTIONS.iter().map(|(name, ..)| *name).collect();
        eprintln!("{unknown}: not a section; there are {}", known.join(", "));
        std::process::exit(2);
    }

    let folder = Folder::open();
    let machine = machine::describe(folder.path());
    if !as_json {
        println!("{machine:#}\n");
    }
    let mut sections = Vec::new();
    for (name, title, measure) in SECTIONS {
        if !wanted.is_empty() && !wanted.contains(name) {
            continue;
        }
        let lines = measure(&folder);
        if as_json {
            sections.push(report::json(title, &lines));
        } else {
            println!("{}", report::table(title, &lines));
        }
    }
    if as_json {
        println!("{:#}", json!({ "machine": machine, "sections": sections }));
    }
}
