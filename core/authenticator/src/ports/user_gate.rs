//! The port to the person.

use core::time::Duration;

use async_trait::async_trait;
use latchkey_ctap::{RelyingParty, User};
use thiserror::Error;

/// Asks the person in front of the device.
///
/// One call shows one prompt for one named request. Verification, consent and the choice among
/// accounts happen in that one prompt, as the phones' biometric sheets work.
#[async_trait]
pub trait UserGate: Send + Sync {
    /// Whether the device can verify its user now. Shows nothing.
    fn user_verification(&self) -> UserVerification;

    /// Shows the prompt and waits for the answer. The authenticator drops the future when the
    /// ceremony is cancelled or `prompt.timeout` has passed; the prompt must disappear then.
    ///
    /// # Errors
    /// [`GateError`]
    async fn ask(&self, prompt: Prompt) -> Result<Consent, GateError>;

    /// Says yes, verified, if the system itself can tell in this call that its user is there. Shows
    /// nothing; a prompt of before is no reason. A gate that cannot tell keeps this refusal.
    ///
    /// # Errors
    /// [`GateError::Unavailable`] if the person would have to be asked.
    async fn ask_quietly(&self, _: Prompt) -> Result<Consent, GateError> {
        Err(GateError::Unavailable)
    }
}

/// Whether user verification is possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserVerification {
    /// A biometric or device credential is enrolled.
    Configured,
    /// Nothing is enrolled.
    NotConfigured,
}

/// What the person is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// The request.
    pub kind: PromptKind,
    /// Whether the person must be verified; otherwise presence is enough.
    pub verify: bool,
    /// How long the prompt may stay open.
    pub timeout: Duration,
}

/// The request behind a prompt. Personal data: never logged.
#[derive(Clone, PartialEq, Eq)]
pub enum PromptKind {
    /// Create a passkey.
    Register {
        /// Where.
        rp: RelyingParty,
        /// For which account.
        user: User,
    },
    /// Sign in with one of the accounts; the first is the suggestion.
    SignIn {
        /// Where.
        rp_id: String,
        /// At least one account: the newest first, or among those of an allow list the most recently
        /// used.
        accounts: Vec<Account>,
    },
    /// A gesture whose answer reveals nothing: an excluded registration, a sign-in without a
    /// passkey, or the old "touch to select" probe. `rp_id` is where, if there is one.
    Presence {
        /// Where.
        rp_id: Option<String>,
    },
    /// authenticatorSelection: is this the device that the person wants to use?
    Select,
    /// Pair this phone with a computer, which makes a passkey for the account.
    Pair {
        /// The host of the Control Center.
        host: String,
        /// The computer, as it calls itself; `None` when the code comes from a web page.
        computer: Option<String>,
        /// The account.
        account: String,
    },
    /// Unlock a computer.
    Unlock {
        /// What the person calls it.
        computer: String,
    },
    /// Show an offline PIN of a computer.
    ShowPin {
        /// What the person calls it.
        computer: String,
    },
}

/// One choice of a sign-in prompt. Personal data: never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Credential ID.
    pub credential_id: Vec<u8>,
    /// The account.
    pub user: User,
}

impl core::fmt::Debug for PromptKind {
    /// Shows the kind only: where somebody has an account is personal.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            PromptKind::Register { .. } => "Register(redacted)",
            PromptKind::SignIn { .. } => "SignIn(redacted)",
            PromptKind::Presence { .. } => "Presence(redacted)",
            PromptKind::Select => "Select",
            PromptKind::Pair { .. } => "Pair(redacted)",
            PromptKind::Unlock { .. } => "Unlock(redacted)",
            PromptKind::ShowPin { .. } => "ShowPin(redacted)",
        })
    }
}

impl core::fmt::Debug for Account {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Account(redacted)")
    }
}

/// The person's yes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// The device verified the person in this prompt.
    pub verified: bool,
    /// Index into the accounts of a [`PromptKind::SignIn`]; otherwise without meaning.
    pub account: usize,
}

/// Why there was no consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GateError {
    /// The person refused.
    #[error("the user refused")]
    Denied,
    /// The prompt was not answered in time.
    #[error("the prompt was not answered in time")]
    TimedOut,
    /// Verification was tried and did not succeed.
    #[error("the user could not be verified")]
    VerificationFailed,
    /// Verification is locked after too many failures.
    #[error("user verification is locked")]
    LockedOut,
    /// No prompt can be shown now, for instance because the call may not show any interface.
    #[error("no prompt can be shown")]
    Unavailable,
}

#[cfg(test)]
mod tests;
