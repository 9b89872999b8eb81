//! Gates for where nothing may be shown.

use std::sync::Arc;

use async_trait::async_trait;
use latchkey_authenticator::ports::{Consent, GateError, Prompt, UserGate, UserVerification};

/// Stands for a person who has made a gesture elsewhere: signed in to the account a moment ago, or chosen
/// the passkey in a sheet of the system's. Present, and verified by nobody here.
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

/// The shell's gate, asked in silence. Not by way of the witness: a prompt that is open neither keeps it
/// waiting nor hears of it.
pub(super) struct SystemGate(pub(super) Arc<dyn UserGate>);

#[async_trait]
impl UserGate for SystemGate {
    /// The door has looked. Were it to change until now, nobody must be taken for verified.
    fn user_verification(&self) -> UserVerification {
        UserVerification::Configured
    }

    async fn ask(&self, prompt: Prompt) -> Result<Consent, GateError> {
        self.0.ask_quietly(prompt).await
    }
}
