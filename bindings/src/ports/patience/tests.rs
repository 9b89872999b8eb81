use std::time::Instant;

use super::*;

#[test]
fn a_call_that_never_returns_is_left_behind() {
    let start = Instant::now();
    let late = within(Duration::from_millis(50), || thread::sleep(Duration::from_secs(60)));
    assert_eq!(late, None);
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(within(QUICK, || 7), Some(7));
}

#[test]
fn a_call_that_panics_is_no_answer() {
    assert_eq!(within::<u8>(QUICK, || panic!("shell")), None);
}
