//! Why the person did not say yes: a CTAP status says less than the prompt did.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use latchkey_authenticator::ports::{Consent, GateError, Prompt, UserGate, UserVerification};

/// Passes prompts on to the person and remembers how the last one failed, for the phone's own words.
pub(crate) struct GateWitness {
    gate: Arc<dyn UserGate>,
    failure: Mutex<Option<GateError>>,
}

impl GateWitness {
    pub(crate) const fn new(gate: Arc<dyn UserGate>) -> Self {
        GateWitness { gate, failure: Mutex::new(None) }
    }

    /// How the last prompt failed, if it did; asked once.
    pub(crate) fn take_failure(&self) -> Option<GateError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[async_trait]
impl UserGate for GateWitness {
    fn user_verification(&self) -> UserVerification {
        self.gate.user_verification()
    }

    async fn ask(&self, prompt: Prompt) -> Result<Consent, GateError> {
        let outcome = self.gate.ask(prompt).await;
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = outcome.as_ref().err().copied();
        outcome
    }
}
