//! No message makes a decoder allocate more than a small multiple of its length.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use latchkey_ctap::cbor::{MapWriter, Writer};
use latchkey_ctap::{
    AuthenticatorData, DecodeError, GetAssertionResponse, GetInfo, MakeCredentialResponse, PublicKey,
    Request, Status,
};

/// Counts what the current thread holds, and the most that it held.
struct Counting;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

fn count(grown: usize, shrunk: usize) {
    let held = HELD.get().wrapping_add(grown).wrapping_sub(shrunk);
    HELD.set(held);
    // What another thread allocated and this one freed counts as negative.
    if held.cast_signed() > PEAK.get().cast_signed() {
        PEAK.set(held);
    }
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Old and new block may exist at once.
        count(size, 0);
        count(0, layout.size());
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(block, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most that `run` held at once.
fn peak<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.get();
    PEAK.set(before);
    let outcome = run();
    (outcome, PEAK.get().wrapping_sub(before))
}

/// The promise: this many bytes for each byte of the message, ...
const MULTIPLE: usize = 14;
/// ... and these for the message's own structure.
const CONSTANT: usize = 1024;

#[track_caller]
fn bounded<T, E>(name: &str, bytes: &[u8], decode: impl FnOnce(&[u8]) -> Result<T, E>) -> bool {
    let (outcome, peak) = peak(|| decode(bytes));
    let bound = MULTIPLE * bytes.len() + CONSTANT;
    assert!(peak <= bound, "{name}: {peak} bytes for a message of {}", bytes.len());
    outcome.is_ok()
}

/// Every decoder at once, for messages that are meant for none of them in particular.
fn bounded_everywhere(name: &str, bytes: &[u8]) {
    for command in [0x01, 0x02, 0x04, 0x08, 0x0B] {
        bounded(name, &[&[command], bytes].concat(), Request::decode);
    }
    bounded(name, bytes, MakeCredentialResponse::decode);
    bounded(name, bytes, |bytes| GetAssertionResponse::decode(bytes, &[]));
    bounded(name, bytes, GetInfo::decode);
    bounded(name, bytes, PublicKey::from_cose);
    let header = [&[0; 32][..], &[0x81, 0, 0, 0, 0]].concat();
    bounded(name, &[&header, bytes].concat(), AuthenticatorData::decode);
    let header = [&[0; 32][..], &[0x41, 0, 0, 0, 0], &[0; 16], &[0, 1, 9]].concat();
    bounded(name, &[&header, bytes].concat(), AuthenticatorData::decode);
}

fn make_credential(key: i64, write: impl Fn(&mut Writer)) -> Vec<u8> {
    let mut out = MapWriter::new();
    out.number(1).bytes(&[7; 32]);
    out.number(2).map(1).text("id").text("a.example");
    out.number(3).map(1).text("id").bytes(&[1]);
    if key == 4 {
        write(out.number(4));
    } else {
        out.number(4).array(0);
        write(out.number(key));
    }
    [vec![0x01], out.finish()].concat()
}

fn get_assertion(key: i64, write: impl Fn(&mut Writer)) -> Vec<u8> {
    let mut out = MapWriter::new();
    out.number(1).text("a.example");
    out.number(2).bytes(&[7; 32]);
    write(out.number(key));
    [vec![0x02], out.finish()].concat()
}

fn get_info(key: i64, write: impl Fn(&mut Writer)) -> Vec<u8> {
    let mut out = MapWriter::new();
    out.number(1).array(0);
    if key == 2 {
        write(out.number(2));
    }
    out.number(3).bytes(&[0; 16]);
    if key > 2 {
        write(out.number(key));
    }
    out.finish()
}

/// An array of `len` equal items.
fn repeated(len: usize, item: &'static [u8]) -> impl Fn(&mut Writer) {
    move |out| {
        out.array(len).raw(&item.repeat(len));
    }
}

/// A map of many options with the shortest names.
fn short_options(out: &mut Writer) {
    let mut options = MapWriter::new();
    for name in
        (0..128).map(|a| vec![a]).chain((0..0x4000u16).map(|n| vec![(n >> 7) as u8, (n & 0x7F) as u8]))
    {
        options.name(std::str::from_utf8(&name).unwrap()).boolean(true);
    }
    out.raw(&options.finish());
}

/// The smallest salts for each of `len` credentials.
fn salts_by_credential(len: u16) -> impl Fn(&mut Writer) {
    move |out| {
        let salts = [&b"\xA1\x65first\x58\x20"[..], &[7; 32]].concat();
        out.map(1).text("prf").map(1).text("evalByCredential").map(len.into());
        for id in 0..len {
            out.bytes(&id.to_be_bytes()).raw(&salts);
        }
    }
}

const DESCRIPTOR: &[u8] = b"\xA2\x62id\x40\x64type\x6Apublic-key";
const UNKNOWN_DESCRIPTOR: &[u8] = b"\xA1\x64type\x60";
const ALGORITHM: &[u8] = b"\xA2\x63alg\x26\x64type\x6Apublic-key";

#[test]
fn lists_of_the_smallest_entries() {
    for len in [1, 10, 100, 1_000, 50_000] {
        for (name, request) in [
            ("exclude list", make_credential(5, repeated(len, DESCRIPTOR))),
            ("exclude list of unknown types", make_credential(5, repeated(len, UNKNOWN_DESCRIPTOR))),
            ("algorithms", make_credential(4, repeated(len, ALGORITHM))),
            ("formats", make_credential(0x0B, repeated(len, b"\x61a"))),
            ("longer formats", make_credential(0x0B, repeated(len, b"\x67android"))),
            ("empty formats", make_credential(0x0B, repeated(len, b"\x60"))),
            ("allow list", get_assertion(3, repeated(len, DESCRIPTOR))),
            ("allow list of unknown types", get_assertion(3, repeated(len, UNKNOWN_DESCRIPTOR))),
        ] {
            assert!(bounded(name, &request, Request::decode), "{name} of {len} entries");
        }
        for (name, info) in [
            ("extensions", get_info(2, repeated(len, b"\x61a"))),
            ("transports", get_info(9, repeated(len, b"\x61a"))),
            ("algorithms", get_info(0x0A, repeated(len, ALGORITHM))),
        ] {
            assert!(bounded(name, &info, GetInfo::decode), "{name} of {len} entries");
        }
    }
    for len in [1, 10, 100, 1_000, 50_000] {
        let request = get_assertion(4, salts_by_credential(len));
        assert!(bounded("salts by credential", &request, Request::decode), "{len} entries");
    }
    assert!(bounded("options", &get_info(4, short_options), GetInfo::decode));
}

#[test]
fn lists_of_the_wrong_entries() {
    for entry in [&b"\x00"[..], b"\x40", b"\x60", b"\x80", b"\xA0", b"\xF6"] {
        let entry: &'static [u8] = entry;
        for key in 4..=0x0B {
            bounded("makeCredential", &make_credential(key, repeated(50_000, entry)), Request::decode);
        }
        for key in 3..=7 {
            bounded("getAssertion", &get_assertion(key, repeated(50_000, entry)), Request::decode);
        }
        for key in 2..=0x16 {
            bounded("getInfo", &get_info(key, repeated(50_000, entry)), GetInfo::decode);
        }
    }
    // Good entries, then one that spoils them.
    let spoilt = make_credential(5, |out| {
        out.array(50_001).raw(&DESCRIPTOR.repeat(50_000)).raw(&[0xF6]);
    });
    let outcome = Request::decode(&spoilt);
    assert_eq!(outcome, Err(Status::CBOR_UNEXPECTED_TYPE));
    bounded("spoilt list", &spoilt, Request::decode);
}

#[test]
fn lengths_that_are_not_there() {
    for major in [0x40, 0x60, 0x80, 0xA0] {
        for length in [0xFFu64, 0xFFFF, 0xFFFF_FFFF, u64::from(u32::MAX) + 1, u64::MAX >> 1, u64::MAX] {
            let mut lie = match length {
                0..=0xFF => vec![major | 24],
                0x100..=0xFFFF => vec![major | 25],
                0x1_0000..=0xFFFF_FFFF => vec![major | 26],
                _ => vec![major | 27],
            };
            let digits = length.to_be_bytes();
            let start = digits.len() - [1, 2, 4, 8][usize::from(lie[0] & 3)];
            lie.extend_from_slice(&digits[start..]);
            bounded_everywhere("bare", &lie);
            bounded_everywhere("followed", &[&lie[..], &[0; 200]].concat());
            bounded_everywhere("member", &[&[0xA1, 0x01], &lie[..]].concat());
            bounded_everywhere("entry", &[&[0xA1, 0x03, 0x81], &lie[..]].concat());
        }
    }
}

#[test]
fn maps_of_many_unknown_members() {
    let mut numbers = MapWriter::new();
    for key in 100..60_000 {
        numbers.number(key).integer(0);
    }
    bounded_everywhere("numbers", &numbers.finish());
    let mut out = Writer::new();
    short_options(&mut out);
    bounded_everywhere("names", &out.finish());
    let mut nested = Writer::new();
    nested.array(1000).raw(&[&[0x99, 0x03, 0xE8][..], &[0x80; 1000]].concat().repeat(1000));
    bounded_everywhere("nested", &nested.finish());
}

#[test]
fn statements_and_strings_are_copied_once() {
    let statement = [&[0x99, 0xC3, 0x50][..], &[0x00; 50_000]].concat();
    let mut out = MapWriter::new();
    out.number(1).text("other");
    out.number(2).bytes(&[0xAD; 50_000]);
    out.number(3).raw(&statement);
    let message = out.finish();
    let (outcome, peak) = peak(|| MakeCredentialResponse::decode(&message));
    assert!(outcome.is_ok());
    assert!(peak <= message.len() + CONSTANT, "{peak}");
}

/// A counter that never counts would let everything pass.
#[test]
fn the_counter_counts() {
    let (_, held) = peak(|| vec![0u8; 100_000]);
    assert!(held >= 100_000);
    let refused = Err::<(), _>(DecodeError::UnknownKey);
    let greedy = std::panic::catch_unwind(|| {
        bounded("greedy", &[0; 10], |bytes| {
            let _held = vec![0u8; bytes.len() * MULTIPLE + CONSTANT + 1];
            refused
        })
    });
    assert!(greedy.is_err());
}
