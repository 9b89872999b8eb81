//! Signing in without an interface, which iOS asks for first when somebody has touched a suggestion.

use core::time::Duration;
use std::sync::Arc;

use latchkey_authenticator::ports::{GateError, StoreError};
use latchkey_authenticator::{Authenticator, Cancel, Policy, Profile};
use latchkey_ctap::{GetAssertionResponse, Status};

use super::error::ProviderError;
use super::quiet_gate::SystemGate;
use super::{Provider, SignIn};
use crate::error::PhoneError;
use crate::error_id::Phase;

/// How long the system may take to say whether it knows who is there. Meanwhile the person, who has touched
/// a suggestion, sees nothing.
const PATIENCE: Duration = Duration::from_secs(3);

impl Provider<'_> {
    /// Signs in with the passkey that was chosen in one of the system's sheets, and shows nothing.
    ///
    /// * The shell's gate is asked in silence ([`UserGate::ask_quietly`]). Where it says that the person is
    ///   verified, this is a sign-in like any other: UP and UV.
    /// * Where it does not, the relying party decides (WebAuthn Level 3 section 5.8.6). If it discourages
    ///   verification, the choice in the sheet is gesture enough: UP without UV.
    /// * Otherwise, and for a passkey or an extension that is not to be had without verification
    ///   (credProtect, the outputs of `prf`), nothing is signed, and the same request succeeds with an
    ///   interface: [`Provider::sign_in`].
    ///
    /// # Errors
    /// * [`PhoneError::Prompt`] with [`GateError::Unavailable`]: the person has to be asked;
    /// * [`PhoneError::Store`] with [`StoreError::NotFound`]: the passkey is not here, or hidden, so that it
    ///   must not be offered;
    /// * [`ProviderError::InvalidMember`]: not exactly one passkey is allowed;
    /// * those of [`Provider::sign_in`].
    ///
    /// [`UserGate::ask_quietly`]: latchkey_authenticator::ports::UserGate::ask_quietly
    pub async fn sign_in_quietly(
        self,
        request: &SignIn,
        cancel: &Cancel,
    ) -> Result<GetAssertionResponse, PhoneError> {
        self.admit_choice(request)?;
        let locked = PhoneError::Prompt(GateError::Unavailable);
        match self.sign_beside(&self.system(), request, cancel).await {
            // However it was not verified: with an interface the person may be.
            Err(
                Status::PUAT_REQUIRED
                | Status::OPERATION_DENIED
                | Status::UV_BLOCKED
                | Status::USER_ACTION_TIMEOUT,
            ) => {}
            answer => return answer.map_err(|status| self.meaning(status, None, Phase::Get, &request.rp_id)),
        }
        if !request.verification_discouraged || request.has_salts() {
            return Err(locked);
        }
        match self.sign_beside(&self.quiet(), request, cancel).await {
            // It was here a moment ago, so it is one of those that are used with verification only
            // (credProtect); or its key can be used once the phone is unlocked.
            Err(Status::NO_CREDENTIALS | Status::PUAT_REQUIRED) => Err(locked),
            answer => answer.map_err(|status| self.meaning(status, None, Phase::Get, &request.rp_id)),
        }
    }

    /// What is refused before the system is asked.
    fn admit_choice(self, request: &SignIn) -> Result<(), PhoneError> {
        if request.allowed.len() != 1 {
            return Err(ProviderError::InvalidMember("allowCredentials").into());
        }
        self.admit(&request.rp_id, request.allowed.len())?;
        let entries = self.entries(&request.rp_id, &request.allowed)?;
        if entries.iter().all(|entry| entry.hidden) {
            return Err(StoreError::NotFound.into());
        }
        Ok(())
    }

    /// The same authenticator, which asks the system and shows nothing.
    fn system(self) -> Authenticator {
        let policy = Policy { prompt_timeout: PATIENCE, ..self.phone.config.policy.clone() };
        self.phone.authenticator.beside(Arc::new(SystemGate(Arc::clone(&self.phone.ports.gate))), policy)
    }

    async fn sign_beside(
        self,
        authenticator: &Authenticator,
        request: &SignIn,
        cancel: &Cancel,
    ) -> Result<GetAssertionResponse, Status> {
        let answer = authenticator.get_assertion(Profile::Provider, &request.command(), cancel).await?;
        authenticator.settle().await;
        Ok(answer)
    }
}

impl SignIn {
    /// Whether there are salts for the passkey that was chosen.
    fn has_salts(&self) -> bool {
        let prf = self.prf.as_ref();
        self.allowed.iter().any(|id| prf.is_some_and(|prf| prf.salts(&id.0).is_some()))
    }
}

#[cfg(test)]
mod tests;
