use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn bytes_come_back(bytes: Vec<u8>) {
        let digits = encode(&bytes);
        prop_assert!(digits.bytes().all(|digit| digit.is_ascii_digit()));
        let decoded = decode(&digits).unwrap();
        prop_assert_eq!(&*decoded, &bytes);
    }

    /// Every text stands for at most one sequence of bytes, and each of those for one text.
    #[test]
    fn digits_are_refused_or_come_back(digits in "[0-9]{0,60}") {
        match decode(&digits) {
            Ok(bytes) => prop_assert_eq!(encode(&bytes), digits),
            Err(error) => prop_assert_ne!(error, DigitsError::NotADigit),
        }
    }

    #[test]
    fn any_other_character_is_refused(bytes in proptest::collection::vec(any::<u8>(), 1..40), at: usize, other in "[^0-9]") {
        let mut digits = encode(&bytes);
        let at = at % digits.len();
        digits.replace_range(at..=at, &other);
        prop_assert!(decode(&digits).is_err());
        if other.len() == 1 {
            prop_assert_eq!(decode(&digits).unwrap_err(), DigitsError::NotADigit);
        }
    }
}
