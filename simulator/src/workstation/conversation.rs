//! The messages of one out-of-band request, in order.

use std::collections::VecDeque;
use std::time::Duration;

use latchkey_phone::control_center::ControlCenterError;
use latchkey_phone::control_center::wire::RequestState;
use tokio::time::Instant;

use super::control_center::ControlCenter;
use super::error::WorkstationError;
use super::is_unclear;

/// How long a request lives, and a little more: its server ends it before.
const LIFETIME: Duration = Duration::from_secs(150);

/// How often a call that may have been carried out is made again.
const TRIES: u32 = 3;

/// The workstation's side of a request.
pub(super) struct Conversation {
    control_center: ControlCenter,
    request_id: String,
    /// Messages of the phone that were fetched and not asked for yet.
    fetched: VecDeque<Vec<u8>>,
    last: u32,
    until: Instant,
}

impl Conversation {
    pub(super) fn new(control_center: ControlCenter, request_id: &str) -> Self {
        Conversation {
            control_center,
            request_id: request_id.to_owned(),
            fetched: VecDeque::new(),
            last: 0,
            until: Instant::now() + LIFETIME,
        }
    }

    /// Waits for the phone's next message.
    ///
    /// # Errors
    /// [`WorkstationError::RequestOver`], [`WorkstationError::ForeignAnswer`] when the server lost a
    /// message, [`WorkstationError::ControlCenter`]
    pub(super) async fn receive(&mut self) -> Result<Vec<u8>, WorkstationError> {
        let mut failures = 0;
        while self.fetched.is_empty() {
            if Instant::now() >= self.until {
                return Err(WorkstationError::RequestOver);
            }
            let answer = match self.control_center.messages(&self.request_id, self.last).await {
                Ok(answer) => answer,
                // Asking again changes nothing.
                Err(error) if is_unclear(&error) && failures < TRIES => {
                    failures += 1;
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            for message in answer.messages {
                if message.number != self.last.saturating_add(1) {
                    return Err(WorkstationError::ForeignAnswer);
                }
                self.last = message.number;
                self.fetched.push_back(message.body.0);
            }
            if self.fetched.is_empty() && answer.state != RequestState::Initiated {
                return Err(WorkstationError::RequestOver);
            }
        }
        self.fetched.pop_front().ok_or(WorkstationError::RequestOver)
    }

    /// Posts a message. It is not posted twice: when its answer was lost it may be there, and a second one
    /// would be a replay to the phone.
    pub(super) async fn send(&self, message: Vec<u8>) -> Result<(), ControlCenterError> {
        self.control_center.post_message(&self.request_id, message).await
    }

    /// Ends the request. It ends by itself soon if this fails.
    pub(super) async fn end(&self, state: RequestState) {
        let _ = self.control_center.end_request(&self.request_id, state).await;
    }
}
