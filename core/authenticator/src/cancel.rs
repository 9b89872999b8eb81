//! Ending a ceremony from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Cancels the ceremony that it was handed to: the ceremony ends with
/// [`KEEPALIVE_CANCEL`](latchkey_ctap::Status::KEEPALIVE_CANCEL) and leaves nothing behind.
///
/// Clones are the same token. Once cancelled it stays cancelled; make a new one for each ceremony.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    cancelled: AtomicBool,
    notify: Notify,
}

impl Cancel {
    /// A token that is not cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels. Does nothing the second time.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Release);
        self.0.notify.notify_waiters();
    }

    /// Whether [`Cancel::cancel`] was called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Acquire)
    }

    /// Returns once [`Cancel::cancel`] was called, be it before or after.
    pub async fn cancelled(&self) {
        // The wait counts from its creation on, so a cancellation after the look still ends it.
        let notified = self.0.notify.notified();
        if !self.is_cancelled() {
            notified.await;
        }
    }
}

#[cfg(test)]
mod tests;
