use proptest::prelude::*;

use super::*;

fn code(n: usize) -> Secret<16> {
    Secret::new((n as u128).to_be_bytes())
}

const fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_code_is_served_once() {
    let mut seen = SeenCodes::default();
    seen.admit(&code(1), at(10)).unwrap();
    seen.admit(&code(2), at(11)).unwrap();
    assert_eq!(seen.admit(&code(1), at(10)), Err(HybridError::CodeAlreadyUsed));
    assert_eq!(seen.admit(&code(1), at(309)), Err(HybridError::CodeAlreadyUsed));
    // A refusal does not prolong anything.
    assert_eq!(seen.admit(&code(1), at(310)), Ok(()));
    assert_eq!(seen.admit(&code(2), at(310)), Err(HybridError::CodeAlreadyUsed));
}

#[test]
fn a_clock_that_goes_back_forgets_nothing() {
    let mut seen = SeenCodes::default();
    seen.admit(&code(1), at(1000)).unwrap();
    assert_eq!(seen.admit(&code(1), at(0)), Err(HybridError::CodeAlreadyUsed));
}

#[test]
fn a_code_may_be_forgotten() {
    let mut seen = SeenCodes::default();
    seen.admit(&code(1), at(0)).unwrap();
    seen.admit(&code(2), at(0)).unwrap();
    seen.forget(&code(1));
    assert_eq!(seen.admit(&code(1), at(0)), Ok(()));
    assert_eq!(seen.admit(&code(2), at(0)), Err(HybridError::CodeAlreadyUsed));
}

proptest! {
    #[test]
    fn memory_is_bounded(codes in proptest::collection::vec((0usize..300, 0u64..400), 0..600)) {
        let mut seen = SeenCodes::default();
        for (n, seconds) in codes {
            let _ = seen.admit(&code(n), at(seconds));
            prop_assert!(seen.seen.len() <= CAPACITY);
            prop_assert_eq!(seen.admit(&code(n), at(seconds)), Err(HybridError::CodeAlreadyUsed));
        }
    }
}
