use core::future::Future as _;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use super::*;

#[test]
fn it_ends_every_wait_begun_before_and_after() {
    let cancel = Cancel::new();
    let clone = cancel.clone();
    let mut context = Context::from_waker(Waker::noop());
    let mut first = pin!(cancel.cancelled());
    let mut second = pin!(clone.cancelled());
    assert_eq!(first.as_mut().poll(&mut context), Poll::Pending);
    assert_eq!(second.as_mut().poll(&mut context), Poll::Pending);
    assert!(!cancel.is_cancelled());

    clone.cancel();
    clone.cancel();
    assert!(cancel.is_cancelled());
    assert_eq!(first.poll(&mut context), Poll::Ready(()));
    assert_eq!(second.poll(&mut context), Poll::Ready(()));
    assert_eq!(pin!(cancel.cancelled()).poll(&mut context), Poll::Ready(()));
}

#[test]
fn a_cancellation_between_the_creation_and_the_first_poll_is_seen() {
    let cancel = Cancel::new();
    let wait = cancel.cancelled();
    cancel.cancel();
    assert_eq!(pin!(wait).poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
}
