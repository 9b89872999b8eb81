//! Ending a call from outside.

use std::sync::Arc;

/// Ends the calls that it was handed to. Once cancelled it stays cancelled: make a new one for each
/// call.
#[derive(Default, uniffi::Object)]
pub struct Cancel(latchkey_authenticator::Cancel);

#[uniffi::export]
impl Cancel {
    /// Not cancelled.
    #[uniffi::constructor]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the call, which fails with the error of a person who stopped it. What was finished stays
    /// finished, and a call of which nothing is left but to tell others succeeds.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

/// The token behind an optional argument.
pub(crate) fn token(cancel: Option<Arc<Cancel>>) -> latchkey_authenticator::Cancel {
    cancel.map_or_else(latchkey_authenticator::Cancel::new, |cancel| cancel.0.clone())
}
