use latchkey_authenticator::testing::SeededRng;

use super::*;

fn keys() -> (VaultKeys, SeededRng) {
    (VaultKeys::derive(&[7; 32]), SeededRng::new(1))
}

#[test]
fn a_sealed_cell_opens_at_its_place_in_its_row() {
    let (keys, rng) = keys();
    for plain in [&b""[..], b"x", &[0x5A; 5000]] {
        let cell = keys.seal(&rng, "table.column", &[b"row", b"more"], plain);
        assert_eq!(cell.len(), NONCE_LEN + plain.len() + TAG_LEN);
        assert_eq!(keys.open("table.column", &[b"row", b"more"], &cell).unwrap().as_slice(), plain);
    }
}

#[test]
fn a_moved_cell_does_not_open() {
    let (keys, rng) = keys();
    let cell = keys.seal(&rng, "table.column", &[b"row", b"more"], b"secret");
    let elsewhere: [(&str, &[&[u8]]); 6] = [
        ("table.other", &[b"row", b"more"]),
        ("table.column", &[b"row"]),
        ("table.column", &[b"rowmore"]),
        ("table.column", &[b"rowm", b"ore"]),
        ("table.column", &[b"more", b"row"]),
        ("table.columnrow", &[b"", b"more"]),
    ];
    for (place, row) in elsewhere {
        assert_eq!(keys.open(place, row, &cell), Err(Damaged), "{place}");
    }
    assert_eq!(VaultKeys::derive(&[8; 32]).open("table.column", &[b"row", b"more"], &cell), Err(Damaged));
}

#[test]
fn a_changed_or_cut_cell_does_not_open() {
    let (keys, rng) = keys();
    let cell = keys.seal(&rng, "table.column", &[b"row"], b"secret");
    for index in 0..cell.len() {
        for bit in 0..8 {
            let mut changed = cell.clone();
            changed[index] ^= 1 << bit;
            assert_eq!(keys.open("table.column", &[b"row"], &changed), Err(Damaged));
        }
        assert_eq!(keys.open("table.column", &[b"row"], &cell[..index]), Err(Damaged));
    }
    let longer = [&cell[..], &[0]].concat();
    assert_eq!(keys.open("table.column", &[b"row"], &longer), Err(Damaged));
}

#[test]
fn no_nonce_comes_twice() {
    let (keys, rng) = keys();
    let cells: std::collections::HashSet<_> =
        (0..1000).map(|_| keys.seal(&rng, "table.column", &[], b"")[..NONCE_LEN].to_vec()).collect();
    assert_eq!(cells.len(), 1000);
}

/// HKDF-SHA-256, AES-256-GCM and HMAC-SHA-256 as another implementation (Python's `cryptography`)
/// computes them from the vault key 0707...07: what is stored once must open for ever.
#[test]
fn derivation_and_formats_stay_as_they_are() {
    let (keys, rng) = keys();
    assert_eq!(hex(&keys.tag("credential.rp", &[b"example.com"])), "49f3cd9486c1f07c22854e89d9611f70");
    let cell = keys.seal(&rng, "table.column", &[b"row"], b"plain");
    assert_eq!(hex(&cell), "783825822a6f9e62da2190e87cb6972111b9399f8b91877a75b4f6c118a9f9f295");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
