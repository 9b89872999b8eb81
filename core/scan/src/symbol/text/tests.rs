use super::*;

/// Packs (value, width) pairs into bytes.
fn pack(fields: &[(usize, usize)]) -> Vec<u8> {
    let bits: Vec<u8> = fields
        .iter()
        .flat_map(|&(value, width)| (0..width).rev().map(move |i| (value >> i & 1) as u8))
        .collect();
    bits.chunks(8)
        .map(|chunk| chunk.iter().enumerate().fold(0, |byte, (i, bit)| byte | bit << (7 - i)))
        .collect()
}

fn text(fields: &[(usize, usize)]) -> Option<String> {
    read(&pack(fields), Version::new(1).unwrap())
}

#[test]
fn reads_mixed_segments() {
    let fields = [(2, 4), (6, 9), (0b10_0110_0000, 11)];
    assert_eq!(text(&fields), None, "three pairs announced, one there");
    // "A:" alphanumeric, "007" and "5" numeric, "ü" split over two byte segments
    let fields = [
        (2, 4),
        (2, 9),
        (10 * 45 + 44, 11),
        (1, 4),
        (4, 10),
        (7, 10),
        (5, 4),
        (4, 4),
        (1, 8),
        (0xc3, 8),
        (4, 4),
        (1, 8),
        (0xbc, 8),
        (0, 4),
    ];
    assert_eq!(text(&fields).as_deref(), Some("A:0075ü"));
}

#[test]
fn takes_only_the_character_sets_that_need_no_guess() {
    let with_eci = |eci| text(&[(7, 4), (eci, 8), (4, 4), (1, 8), (0x61, 8), (0, 4)]);
    assert_eq!(with_eci(26).as_deref(), Some("a"));
    assert_eq!(with_eci(27).as_deref(), Some("a"));
    assert_eq!(with_eci(3), None);
    assert_eq!(with_eci(20), None);
    assert_eq!(text(&[(4, 4), (1, 8), (0xfc, 8), (0, 4)]), None, "Latin-1 is not UTF-8");
}

#[test]
fn refuses_what_is_no_plain_text() {
    assert_eq!(text(&[(3, 4), (1, 4), (1, 4), (0, 8), (4, 4), (1, 8), (0x61, 8)]), None, "structured append");
    assert_eq!(text(&[(5, 4), (4, 4), (1, 8), (0x61, 8), (0, 4)]), None, "GS1");
    assert_eq!(text(&[(8, 4), (1, 8), (0, 13), (0, 4)]), None, "kanji");
    assert_eq!(text(&[(1, 4), (3, 10), (1000, 10), (0, 4)]), None, "no three digits");
    assert_eq!(text(&[(2, 4), (2, 9), (2025, 11), (0, 4)]), None, "no pair of characters");
    assert_eq!(text(&[(4, 4), (200, 8), (0x61, 8)]), None, "cut short");
    assert_eq!(text(&[(0, 4)]), None, "empty");
    assert_eq!(read(&[], Version::new(40).unwrap()), None);
}
