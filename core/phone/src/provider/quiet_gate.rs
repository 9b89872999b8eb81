//! A person who is not asked: a conditional registration shows nothing.

use async_trait::async_trait;
use latchkey_authenticator::ports::{Consent, GateError, Prompt, UserGate, UserVerification};

/// Stands for the person who has signed in to the account a moment ago. Present, and verified by
/// nobody here.
pub(super) struct QuietGate;

#[async_trait]
impl UserGate for QuietGate {
    fn user_verification(&self) -> UserVerification {
        UserVerification::NotConfigured
    }

    async fn ask(&self, _: Prompt) -> Result<Consent, GateError> {
        Ok(Consent::default())
    }
}
