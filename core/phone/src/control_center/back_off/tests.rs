use super::*;

/// Fails as often as this, once a second, the first time at `start`.
fn failing(times: u64, start: u64) -> BackOff {
    let mut back_off = BackOff::default();
    (start..start + times).for_each(|at| back_off.failed(at));
    back_off
}

#[test]
fn the_fifth_failure_starts_a_wait() {
    assert_eq!(failing(4, 100).remaining(104), 0);
    let back_off = failing(5, 100);
    assert_eq!(back_off.remaining(104), 30);
    assert_eq!(back_off.remaining(133), 1);
    assert_eq!(back_off.remaining(134), 0);
}

#[test]
fn failures_that_are_far_apart_do_not_count_together() {
    let mut back_off = BackOff::default();
    for turn in 0..50 {
        back_off.failed(turn * 150);
        assert_eq!(back_off.remaining(turn * 150), 0, "{turn}");
    }
}

#[test]
fn waits_double_up_to_ten_minutes_and_are_forgotten() {
    let mut back_off = failing(5, 0);
    let mut now = 4;
    for expected in [30, 60, 120, 240, 480, 600, 600, 600] {
        assert_eq!(back_off.remaining(now), expected);
        now += expected;
        assert_eq!(back_off.remaining(now), 0);
        if expected < 600 || now < 4000 {
            back_off.failed(now);
        }
    }
    let mut back_off = failing(5, 0);
    back_off.failed(34 + WINDOW);
    assert_eq!(back_off.remaining(34 + WINDOW), 0, "the first failure again");
}

#[test]
fn a_success_forgives() {
    let mut back_off = failing(5, 0);
    back_off.succeeded();
    assert_eq!(back_off.remaining(4), 0);
    back_off.failed(5);
    assert_eq!(back_off.remaining(5), 0);
}

#[test]
fn the_server_may_ask_for_a_wait() {
    let mut back_off = BackOff::default();
    back_off.hold(45, 1000);
    assert_eq!(back_off.remaining(1000), 45);
    assert_eq!(back_off.remaining(1045), 0);
}

#[test]
fn a_clock_that_jumps_locks_nobody_out() {
    let back_off = failing(5, 1_000_000);
    assert_eq!(back_off.remaining(10), 0);
    let mut back_off = failing(4, 1_000_000);
    back_off.failed(10);
    assert_eq!(back_off.remaining(10), 0);
    back_off.failed(u64::MAX);
    back_off.hold(u64::MAX, u64::MAX);
    assert_eq!(back_off.remaining(u64::MAX), 0);
}
