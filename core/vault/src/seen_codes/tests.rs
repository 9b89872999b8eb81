use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::fixture::Scratch;

const NOW: u64 = 1_800_000_000;
const LIFETIME: u64 = 300;

#[test]
fn a_code_is_admitted_once_by_whichever_process() {
    let scratch = Scratch::new();
    let extension = scratch.another();
    assert_eq!(scratch.vault.admit_code(&[1; 16], NOW, LIFETIME), Ok(true));
    for vault in [&scratch.vault, &extension] {
        assert_eq!(vault.admit_code(&[1; 16], NOW + 299, LIFETIME), Ok(false));
    }
    assert_eq!(extension.admit_code(&[2; 16], NOW, LIFETIME), Ok(true));
    scratch.vault.close();
    extension.close();
    assert_eq!(scratch.another().admit_code(&[1; 16], NOW, LIFETIME), Ok(false));
}

#[test]
fn a_code_that_nobody_heard_of_is_as_good_as_before() {
    let scratch = Scratch::new();
    assert_eq!(scratch.vault.admit_code(&[1; 16], NOW, LIFETIME), Ok(true));
    assert_eq!(scratch.vault.admit_code(&[2; 16], NOW, LIFETIME), Ok(true));
    scratch.vault.readmit_code(&[1; 16]).unwrap();
    scratch.vault.readmit_code(&[3; 16]).unwrap();
    assert_eq!(scratch.vault.admit_code(&[1; 16], NOW, LIFETIME), Ok(true));
    assert_eq!(scratch.vault.admit_code(&[2; 16], NOW, LIFETIME), Ok(false));
}

#[test]
fn the_file_tells_the_day_alone_and_forgets_it() {
    let scratch = Scratch::new();
    let expiries = || -> Vec<i64> {
        let mut statement = scratch.raw.prepare("SELECT expires FROM seen_code").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    for (number, second) in [(1, 1), (2, 40_000), (3, 80_000)] {
        scratch.vault.admit_code(&[number; 16], DAY * 20_000 + second, LIFETIME).unwrap();
    }
    let end = (DAY * 20_001) as i64;
    assert_eq!(expiries(), [end; 3]);
    scratch.vault.admit_code(&[4; 16], DAY * 20_001, LIFETIME).unwrap();
    assert_eq!(expiries(), [end + DAY as i64]);
}

#[test]
fn a_clock_at_its_end_is_no_error() {
    let scratch = Scratch::new();
    assert_eq!(scratch.vault.admit_code(&[1; 16], u64::MAX, u64::MAX), Ok(true));
    assert_eq!(scratch.vault.admit_code(&[1; 16], NOW, LIFETIME), Ok(false));
}

#[test]
fn an_admission_that_fails_admits_nothing() {
    let scratch = Scratch::new();
    scratch.vault.close();
    assert_eq!(scratch.vault.admit_code(&[1; 16], NOW, LIFETIME), Err(StoreError::Closed));
    assert_eq!(scratch.vault.readmit_code(&[1; 16]), Err(StoreError::Closed));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_code_is_admitted_twice_within_its_lifetime(
        scans in prop::collection::vec((0..4_u8, 0..200_000_u64), 1..40)
    ) {
        let scratch = Scratch::new();
        // Of each code the time of its last admission, and the latest time since then.
        let mut admitted: BTreeMap<u8, (u64, u64)> = BTreeMap::new();
        for (code, second) in scans {
            let now = NOW + second;
            for (_, latest) in admitted.values_mut() {
                *latest = now.max(*latest);
            }
            if scratch.vault.admit_code(&[code; 16], now, LIFETIME).unwrap() {
                let again = admitted.insert(code, (now, now));
                // A clock that is turned back does not bring a code back that is remembered.
                prop_assert!(again.is_none_or(|(at, latest)| latest >= at + LIFETIME));
            }
        }
    }
}
