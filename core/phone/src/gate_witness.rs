//! Between the authenticator and the person: one prompt at a time, worded for what the phone is doing, and a memory of
//! why the person did not say yes, for a CTAP status says less than the prompt did.

use core::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use latchkey_authenticator::ports::{Consent, GateError, Prompt, PromptKind, UserGate, UserVerification};

tokio::task_local! {
    /// What the prompts of the running ceremony are shown as.
    static ASKED_AS: PromptKind;
}

/// Passes prompts on to the person, one after the other, and remembers how the last one failed.
pub(crate) struct GateWitness {
    gate: Arc<dyn UserGate>,
    /// Held while a prompt is open: an offline PIN can be asked for while an unlock is under way.
    open: tokio::sync::Mutex<()>,
    failure: Mutex<Option<GateError>>,
}

impl GateWitness {
    pub(crate) const fn new(gate: Arc<dyn UserGate>) -> Self {
        GateWitness { gate, open: tokio::sync::Mutex::const_new(()), failure: Mutex::new(None) }
    }

    /// How the last prompt failed, if it did; asked once.
    pub(crate) fn take_failure(&self) -> Option<GateError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Runs a ceremony of the authenticator whose prompts are shown as `kind`: the person unlocks a computer
/// or pairs with one, and is not asked about the passkey behind it in words of its own. No other ceremony
/// is affected.
pub(crate) async fn asking_as<T>(kind: PromptKind, ceremony: impl Future<Output = T>) -> T {
    ASKED_AS.scope(kind, ceremony).await
}

#[async_trait]
impl UserGate for GateWitness {
    fn user_verification(&self) -> UserVerification {
        self.gate.user_verification()
    }

    async fn ask(&self, mut prompt: Prompt) -> Result<Consent, GateError> {
        if let Ok(kind) = ASKED_AS.try_with(PromptKind::clone) {
            prompt.kind = kind;
        }
        let _open = self.open.lock().await;
        let outcome = self.gate.ask(prompt).await;
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = outcome.as_ref().err().copied();
        outcome
    }
}

#[cfg(test)]
mod tests;
