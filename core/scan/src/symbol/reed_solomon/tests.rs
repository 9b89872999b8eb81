use super::*;

/// The ten parity codewords of the example in ISO/IEC 18004 Annex I: version 1-M, "01234567".
const EXAMPLE: [u8; 26] = [
    0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xa5,
    0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55,
];

fn damaged(errors: &[usize], erasures: &[usize]) -> Vec<Codeword> {
    let codeword = |(i, byte): (usize, &u8)| {
        let wrong = errors.contains(&i) || erasures.contains(&i);
        Codeword {
            byte: if wrong { byte ^ (i as u8 + 1) } else { *byte },
            sure: if erasures.contains(&i) { 0.0 } else { 1.0 },
        }
    };
    EXAMPLE.iter().enumerate().map(codeword).collect()
}

#[test]
fn corrects_up_to_half_the_parity() {
    assert_eq!(correct(&damaged(&[], &[]), 10).unwrap(), EXAMPLE);
    assert_eq!(correct(&damaged(&[3], &[]), 10).unwrap(), EXAMPLE);
    assert_eq!(correct(&damaged(&[0, 7, 15, 16, 25], &[]), 10).unwrap(), EXAMPLE);
    assert_eq!(correct(&damaged(&[0, 1, 2, 3, 4, 5, 6], &[]), 10), None);
}

#[test]
fn corrects_more_where_the_damage_is_known() {
    assert_eq!(correct(&damaged(&[], &[0, 1, 2, 20, 21, 25]), 10).unwrap(), EXAMPLE);
    assert_eq!(correct(&damaged(&[9], &[0, 1, 2, 20]), 10).unwrap(), EXAMPLE);
    assert_eq!(correct(&damaged(&[9, 10, 11], &[0, 1, 2, 20, 21]), 10), None);
}

#[test]
fn inverse_and_product_agree() {
    for a in 1..=255 {
        assert_eq!(mul(a, inverse(a)), 1);
        assert_eq!(mul(a, 2), times_alpha(a, 1));
    }
}
