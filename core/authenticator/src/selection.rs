//! authenticatorSelection (CTAP 2.3 section 6.9).

use latchkey_ctap::Status;

use crate::authenticator::Authenticator;
use crate::cancel::Cancel;
use crate::ports::PromptKind;

impl Authenticator {
    /// Asks the person whether this is the device to use.
    ///
    /// # Errors
    /// [`Status::OPERATION_DENIED`], [`Status::USER_ACTION_TIMEOUT`], [`Status::KEEPALIVE_CANCEL`],
    /// [`Status::CHANNEL_BUSY`].
    pub async fn select(&self, cancel: &Cancel) -> Result<(), Status> {
        self.begin(cancel)?.ask(PromptKind::Select, false).await.map(drop)
    }
}

#[cfg(test)]
mod tests;
