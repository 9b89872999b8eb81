//! The messages of an out-of-band request, on the phone's side: posted to the Control Center and held there for the
//! other side.

use core::future::Future;
use core::time::Duration;
use std::collections::VecDeque;

use latchkey_authenticator::Cancel;
use serde::de::IgnoredAny;

use crate::control_center::wire::{
    Message, Messages, PostMessage, RefusalCode, RequestState, StateEntry, path,
};
use crate::control_center::{Client, ControlCenterError, path_of};
use crate::error::PhoneError;
use crate::error_id::{Call, Phase};
use crate::phone::Phone;
use crate::webauthn::json::Base64Url;

/// How long the server holds a call that asks for messages, in seconds.
const WAIT: u64 = 25;

/// Pause before a call is repeated that the network lost.
const PAUSE: Duration = Duration::from_secs(1);

/// How long somebody who gives a request up waits for the server to hear of it.
const END_TIMEOUT: Duration = Duration::from_secs(3);

/// One side of an out-of-band request. Everything ends at a time, and when the ceremony is cancelled.
pub(crate) struct Mailbox<'a> {
    phone: &'a Phone,
    client: Client,
    cancel: &'a Cancel,
    messages: String,
    state: String,
    /// End of the conversation, on the phone's monotonic clock.
    deadline: Duration,
    /// Number of the last message that was taken.
    taken: u32,
    arrived: VecDeque<Message>,
    /// The other side has ended the request as failed.
    failed: bool,
}

impl<'a> Mailbox<'a> {
    /// The mailbox of the request `request_id`, for `lifetime` from now on.
    pub(crate) fn open(
        phone: &'a Phone,
        client: Client,
        request_id: &str,
        lifetime: Duration,
        cancel: &'a Cancel,
    ) -> Result<Self, PhoneError> {
        Ok(Mailbox {
            messages: path_of(path::REQUEST_MESSAGES, request_id).map_err(in_sign_in)?,
            state: path_of(path::REQUEST_STATE, request_id).map_err(in_sign_in)?,
            deadline: phone.ports.clock.monotonic().saturating_add(lifetime),
            phone,
            client,
            cancel,
            taken: 0,
            arrived: VecDeque::new(),
            failed: false,
        })
    }

    /// The conversation ends after `duration` from now at the latest.
    pub(crate) fn shorten(&mut self, duration: Duration) {
        let deadline = self.phone.ports.clock.monotonic().saturating_add(duration);
        self.deadline = self.deadline.min(deadline);
    }

    /// Posts a message. It is not tried again: a message that arrives twice would end the channel.
    ///
    /// # Errors
    /// [`PhoneError::ControlCenter`], [`PhoneError::ComputerUnreachable`] at the end of the time,
    /// [`PhoneError::Canceled`]
    pub(crate) async fn post(&self, body: Vec<u8>) -> Result<(), PhoneError> {
        let message = PostMessage { body: Base64Url(body) };
        let posted = self.client.post::<_, IgnoredAny>(&self.messages, &message);
        match self.in_time(posted).await? {
            Ok(_) => Ok(()),
            Err(error) => Err(self.of_request(error)),
        }
    }

    /// The next message of the other side.
    ///
    /// # Errors
    /// [`PhoneError::PeerCanceled`] when the request ended without one; [`PhoneError::OutOfTurn`] when
    /// the server lost one; those of [`Mailbox::post`]
    pub(crate) async fn receive(&mut self) -> Result<Vec<u8>, PhoneError> {
        loop {
            if let Some(message) = self.arrived.pop_front() {
                if message.number != self.taken.saturating_add(1) {
                    return Err(PhoneError::OutOfTurn);
                }
                self.taken = message.number;
                return Ok(message.body.0);
            }
            let waiting = format!("{}?after={}", self.messages, self.taken);
            let answer = self.client.get_waiting::<Messages>(&waiting, WAIT);
            match self.in_time(answer).await? {
                Ok(Messages { messages, state }) => {
                    if messages.is_empty() && state != RequestState::Initiated {
                        self.failed = state == RequestState::Failed;
                        return Err(PhoneError::PeerCanceled);
                    }
                    self.arrived = messages.into();
                }
                // Asking once more takes nothing away, and phones lose their network for a moment.
                Err(
                    ControlCenterError::Unreachable
                    | ControlCenterError::TimedOut
                    | ControlCenterError::Closed
                    | ControlCenterError::Refused { status: 500.., .. },
                ) => self.in_time(self.phone.ports.clock.sleep(PAUSE)).await?,
                Err(error) => return Err(self.of_request(error)),
            }
        }
    }

    /// Whether the other side has ended the request as failed.
    pub(crate) const fn failed(&self) -> bool {
        self.failed
    }

    /// Gives the request up, so that the other side need not wait for its end.
    pub(crate) async fn give_up(self) {
        let entry = StateEntry { value: RequestState::Canceled };
        tokio::select! {
            biased;
            _ = self.client.post::<_, IgnoredAny>(&self.state, &entry) => {}
            () = self.phone.ports.clock.sleep(END_TIMEOUT) => {}
        }
    }

    async fn in_time<T>(&self, future: impl Future<Output = T>) -> Result<T, PhoneError> {
        let left = self.deadline.saturating_sub(self.phone.ports.clock.monotonic());
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(PhoneError::Canceled(Phase::Get)),
            output = future => Ok(output),
            () = self.phone.ports.clock.sleep(left) => Err(PhoneError::ComputerUnreachable),
        }
    }

    /// A request that the server has ended or forgotten is one that the computer did not answer in time.
    fn of_request(&self, error: ControlCenterError) -> PhoneError {
        match error.refusal() {
            Some(RefusalCode::Expired | RefusalCode::NotFound) => PhoneError::ComputerUnreachable,
            Some(RefusalCode::WrongState) => PhoneError::PeerCanceled,
            _ => in_sign_in(error),
        }
    }
}

/// What a failed call means to somebody who unlocks or signs in.
pub(crate) const fn in_sign_in(error: ControlCenterError) -> PhoneError {
    PhoneError::ControlCenter(Call::SignIn, error)
}
