use proptest::prelude::*;
use zeroize::ZeroizeOnDrop;

use super::*;
use crate::fixture::set;

fn derive(index: u16, length: u16) -> String {
    let set = set();
    Pin::derive(&set.key, &set.set_id, index, length).expose().to_owned()
}

/// From `tests/vectors.py`.
#[test]
fn pins_follow_from_the_key_of_the_set() {
    let vectors = [
        (0, "FB0W1PJNSKJ4A"),
        (1, "5GQJX174ZCT18"),
        (24, "F5D17YQ3TZW7G"),
        (99, "REZVQ8XE0TKF1"),
        (258, "315F670TSPZ57"),
    ];
    for (index, pin) in vectors {
        for length in 6..=13 {
            assert_eq!(derive(index, length), pin[..usize::from(length)]);
        }
    }
}

#[test]
fn typed_text_is_normalised() {
    let table = [
        ("5GQJX174", "5GQJX174"),
        ("5gqjx174", "5GQJX174"),
        (" 5gqj-x174\n", "5GQJX174"),
        ("5 G Q J\u{a0}X\t1 7-4", "5GQJX174"),
        ("IiLl", "1111"),
        ("oO0", "000"),
        ("", ""),
        ("- -", ""),
        ("0123456789ABC", "0123456789ABC"),
        // One character more than any PIN has is kept, so that it is seen to be too long.
        ("0123456789ABCDEFGH", "0123456789ABCD"),
    ];
    for (typed, pin) in table {
        assert_eq!(Pin::from_typed(typed).unwrap().expose(), pin, "{typed:?}");
    }
}

#[test]
fn other_characters_are_refused() {
    for typed in ["U", "u", "ABCU", "5GQJX17!", "5GQJX17é", "５", "ı", "\u{0}", "0123456789ABCDEFU"] {
        assert!(matches!(Pin::from_typed(typed), Err(OfflineError::InvalidCharacter)), "{typed:?}");
    }
}

#[test]
fn the_alphabet_has_no_lookalikes() {
    let mut sorted = *ALPHABET;
    sorted.sort_unstable();
    assert_eq!(sorted, *ALPHABET);
    assert!(!ALPHABET.iter().any(|byte| b"ILOU".contains(byte)));
}

#[test]
fn a_pin_wipes_itself_and_does_not_print() {
    fn wipes(_: &impl ZeroizeOnDrop) {}
    let pin = Pin::from_typed("5GQJX174").unwrap();
    wipes(&pin);
    assert_eq!(format!("{pin:?} {:?}", Some(&pin)), "Pin(redacted) Some(Pin(redacted))");
    let mut pin = pin;
    pin.zeroize();
    assert_eq!(pin.expose(), "");
}

proptest! {
    /// However people write it down, they type the PIN that was shown.
    #[test]
    fn every_way_to_write_a_pin_is_read(index: u16, noise in prop::collection::vec(0_u8..6, 8)) {
        let pin = derive(index, 8);
        let mut typed = String::new();
        for (character, noise) in pin.chars().zip(noise) {
            match (noise, character) {
                (0, _) => typed.push_str(&format!("-{character}")),
                (1, _) => typed.push_str(&format!("{character} ")),
                (2, '1') => typed.push('l'),
                (3, '1') => typed.push('I'),
                (2, '0') => typed.push('o'),
                (4, _) => typed.push(character.to_ascii_lowercase()),
                _ => typed.push(character),
            }
        }
        let read = Pin::from_typed(&typed).unwrap();
        prop_assert_eq!(read.expose(), pin);
    }

    #[test]
    fn any_text_is_read_or_refused(text: String) {
        if let Ok(pin) = Pin::from_typed(&text) {
            prop_assert!(pin.expose().len() <= 14);
            prop_assert!(pin.expose().bytes().all(|byte| ALPHABET.contains(&byte)));
        }
    }
}
