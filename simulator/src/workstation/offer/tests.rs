use std::time::Duration;

use latchkey_authenticator::ports::Clock as _;
use latchkey_authenticator::testing::ManualClock;

use super::*;

const SINCE: u64 = 1_800_000_000;

#[test]
fn is_made_until_it_is_answered() {
    assert!(Offer::Never.is_due(SINCE));
    assert!(!Offer::Created.is_due(SINCE + 10 * PAUSE));
}

#[test]
fn later_lasts_seven_days() {
    let clock = ManualClock::at(SINCE);
    let later = Offer::Later { since: clock.unix_seconds(), sign_ins: 0 };
    assert!(!later.is_due(clock.unix_seconds()));
    clock.advance(Duration::from_secs(7 * 24 * 60 * 60 - 1));
    assert!(!later.is_due(clock.unix_seconds()));
    clock.advance(Duration::from_secs(1));
    assert!(later.is_due(clock.unix_seconds()));
}

#[test]
fn or_ten_sign_ins() {
    let later = |sign_ins| Offer::Later { since: SINCE, sign_ins };
    assert!(!later(9).is_due(SINCE));
    assert!(later(10).is_due(SINCE));
}

#[test]
fn a_clock_that_was_turned_back_does_not_end_it() {
    assert!(!Offer::Later { since: SINCE, sign_ins: 9 }.is_due(SINCE - PAUSE));
}
