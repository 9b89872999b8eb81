//! Offline PINs: a PIN that was shown is burnt, whatever happens, and a kill costs one PIN at most.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use latchkey_ctap::cbor::{Item, Writer};
use latchkey_offline::{Ledger, OfflineError};

use crate::{Did, did, in_rounds, in_the_child, open};

const COMPUTER: &str = "machine-1";
const PINS: u16 = 20;

/// Unix seconds of the `number`th act: further apart than a display lasts.
fn time(number: u32) -> u64 {
    1_800_000_000 + 1000 * u64::from(number)
}

/// A set as a workstation hands it over.
fn handover(generation: u64, issued: u64) -> Vec<u8> {
    let mut map = Writer::new();
    map.map(11).unsigned(1).unsigned(1).unsigned(2).text(COMPUTER);
    map.unsigned(3).bytes(&generation.to_be_bytes().repeat(2)).unsigned(4).unsigned(generation);
    map.unsigned(5).unsigned(PINS.into()).unsigned(6).unsigned(13);
    map.unsigned(7).unsigned(issued).unsigned(8).unsigned(issued + 30 * 86_400);
    map.unsigned(9).unsigned(60).unsigned(10).unsigned(20);
    map.unsigned(11).bytes(&generation.to_be_bytes().repeat(4));
    map.finish()
}

/// The generation of the newest set that was accepted, 0 before the first.
fn generation(ledger: &Ledger) -> u64 {
    ledger.acknowledgement(COMPUTER).unwrap().map_or(0, |acknowledgement| {
        let encoded = acknowledgement.encode();
        let [generation] = Item::parse(&encoded).unwrap().numbered([2]).unwrap();
        generation.unwrap().unsigned().unwrap()
    })
}

#[derive(Default)]
struct Known {
    generation: u64,
    /// Every PIN that anybody saw.
    shown: BTreeSet<String>,
    /// How many of which generation.
    of_generation: BTreeMap<u64, u16>,
    /// PINs of this generation that were burnt and not seen.
    lost: u16,
}

#[test]
fn no_pin_is_shown_twice() {
    in_rounds("offline_pins::child", |path, done, known: &mut Known| {
        let mut next = 0;
        for Did { what, number, value } in done {
            match what.as_str() {
                "accept" => {
                    known.generation = value.parse().unwrap();
                    known.lost = 0;
                }
                "show" => {
                    assert!(known.shown.insert(value.clone()), "a PIN was shown twice");
                    *known.of_generation.entry(known.generation).or_default() += 1;
                }
                other => panic!("{other}"),
            }
            next = next.max(number + 1);
        }
        check(path, known);
        next
    });
}

/// Compares the ledger with what is known and takes over what happened without an acknowledgement.
fn check(path: &Path, known: &mut Known) {
    let vault = open(path);
    let ledger = Ledger::new(vault.clone());
    let found = generation(&ledger);
    if found != known.generation {
        assert_eq!(found, known.generation + 1, "an acknowledged set was lost");
        known.generation = found;
        known.lost = 0;
    } else if found != 0 {
        let status = ledger.status(COMPUTER, time(0)).unwrap();
        // A set that ended as exhausted has erased its key and its numbers.
        let burnt = if status.total == 0 { PINS } else { status.total - status.remaining };
        let lost = burnt - known.of_generation.get(&found).copied().unwrap_or(0);
        assert!(lost == known.lost || lost == known.lost + 1, "{lost} lost after {}", known.lost);
        known.lost = lost;
    }
    assert_eq!(vault.damaged(), Ok(0));
    vault.close();
}

/// The process that is killed; a test like any other when it is not told where.
#[test]
fn child() {
    let Some((path, first)) = in_the_child() else { return };
    let ledger = Ledger::new(open(&path));
    for number in first.. {
        match ledger.display(COMPUTER, time(number)) {
            Ok(displayed) => did("show", number, displayed.pin.expose()),
            Err(OfflineError::NotProvisioned | OfflineError::Exhausted) => {
                let next = generation(&ledger) + 1;
                ledger.accept(COMPUTER, &handover(next, time(number)), time(number)).unwrap();
                did("accept", number, next);
            }
            Err(error) => panic!("{error}"),
        }
    }
}
