use core::pin::pin;
use core::task::Poll;
use core::time::Duration;

use super::*;
use crate::fixture::{Phone, poll, refused};
use crate::ports::GateError;
use crate::testing::Answer;

#[tokio::test]
async fn the_person_says_whether_this_is_the_device() {
    for (answer, status) in [
        (Answer::Approve, Status::OK),
        (Answer::Fail(GateError::Denied), Status::OPERATION_DENIED),
        (Answer::Fail(GateError::TimedOut), Status::USER_ACTION_TIMEOUT),
    ] {
        let phone = Phone::scripted([answer]);
        assert_eq!(refused(phone.authenticator.select(&Cancel::new()).await), status);
        let prompts = phone.gate.take_prompts();
        assert_eq!(prompts.len(), 1);
        assert_eq!((&prompts[0].kind, prompts[0].verify), (&PromptKind::Select, false));
    }
}

#[test]
fn it_ends_by_time_and_by_cancellation_and_lets_nothing_else_in() {
    for cancelled in [false, true] {
        let phone = Phone::scripted([Answer::Ignore]);
        let cancel = Cancel::new();
        let second = Cancel::new();
        let mut selection = pin!(phone.authenticator.select(&cancel));
        assert!(poll(selection.as_mut()).is_pending());
        assert_eq!(poll(pin!(phone.authenticator.select(&second))), Poll::Ready(Err(Status::CHANNEL_BUSY)));
        let status = if cancelled {
            cancel.cancel();
            Status::KEEPALIVE_CANCEL
        } else {
            phone.clock.advance(Duration::from_secs(30));
            Status::USER_ACTION_TIMEOUT
        };
        assert_eq!(poll(selection), Poll::Ready(Err(status)));
    }
}
