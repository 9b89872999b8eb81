//! The person.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use latchkey_authenticator::ports as core;

use super::PortError;
use super::patience::{QUICK, within};

/// Asks the person in front of the device. One call shows one prompt; verification, consent and the
/// choice among accounts happen in it.
#[uniffi::export(foreign)]
#[async_trait]
pub trait UserGate: Send + Sync {
    /// Whether a biometric or device credential is enrolled, so that the person can be verified. Shows
    /// nothing and returns quickly. Has five seconds; without an answer the person cannot be verified.
    fn can_verify(&self) -> Result<bool, PortError>;

    /// Shows the prompt and waits for the answer. Cancelled when the ceremony is cancelled or the time of
    /// the prompt is over: it must disappear then. One that is `quiet` must not be shown at all.
    async fn ask(&self, prompt: Prompt) -> Result<Consent, GateError>;
}

/// What the person is asked. Personal data: never logged.
#[derive(Clone, uniffi::Record)]
pub struct Prompt {
    /// The request.
    pub kind: PromptKind,
    /// Whether the person must be verified; otherwise presence is enough.
    pub verify: bool,
    /// How long the prompt may stay open.
    pub timeout: Duration,
    /// Nothing may be shown: the answer is yes, verified, if the system itself can tell in this call that its
    /// user is there, else `Unavailable`. Comes from `sign_in_quietly` alone.
    #[uniffi(default = false)]
    pub quiet: bool,
}

/// The request behind a prompt.
#[derive(Clone, uniffi::Enum)]
pub enum PromptKind {
    /// Create a passkey.
    Register {
        /// RP ID.
        rp_id: String,
        /// The relying party's name for people.
        rp_name: Option<String>,
        /// Account name, such as an e-mail address.
        user_name: Option<String>,
        /// The account's name for people.
        user_display_name: Option<String>,
    },
    /// Sign in with one of the accounts; the first is the suggestion.
    SignIn {
        /// RP ID.
        rp_id: String,
        /// At least one.
        accounts: Vec<Account>,
    },
    /// A gesture whose answer reveals nothing.
    Presence {
        /// RP ID, if there is one.
        rp_id: Option<String>,
    },
    /// Is this the device that the person wants to use?
    Select,
    /// Pair this phone with a computer, which makes a passkey for the account.
    Pair {
        /// The host of the Control Center.
        host: String,
        /// The computer, as it calls itself.
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

/// One choice of a sign-in prompt.
#[derive(Clone, uniffi::Record)]
pub struct Account {
    /// Credential ID.
    pub credential_id: Vec<u8>,
    /// Account name.
    pub user_name: Option<String>,
    /// The account's name for people.
    pub user_display_name: Option<String>,
}

/// The person's yes.
#[derive(Clone, uniffi::Record)]
pub struct Consent {
    /// The device verified the person in this prompt. Nothing else may make this true.
    pub verified: bool,
    /// Index into the accounts of a sign-in; otherwise without meaning.
    #[uniffi(default = 0)]
    pub account: u32,
}

/// Why there was no consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
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

/// A prompt that broke was not shown.
impl From<uniffi::UnexpectedUniFFICallbackError> for GateError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        GateError::Unavailable
    }
}

pub(super) struct Adapter(pub(super) Arc<dyn UserGate>);

impl Adapter {
    async fn pass_on(&self, prompt: core::Prompt, quiet: bool) -> Result<core::Consent, core::GateError> {
        let core::Prompt { kind, verify, timeout } = prompt;
        let consent = self.0.ask(Prompt { kind: kind.into(), verify, timeout, quiet }).await?;
        let account = usize::try_from(consent.account).unwrap_or(usize::MAX);
        Ok(core::Consent { verified: consent.verified, account })
    }
}

#[async_trait]
impl core::UserGate for Adapter {
    fn user_verification(&self) -> core::UserVerification {
        let gate = Arc::clone(&self.0);
        // In doubt nobody can be verified, and no passkey is used.
        match within(QUICK, move || gate.can_verify()) {
            Some(Ok(true)) => core::UserVerification::Configured,
            _ => core::UserVerification::NotConfigured,
        }
    }

    async fn ask(&self, prompt: core::Prompt) -> Result<core::Consent, core::GateError> {
        self.pass_on(prompt, false).await
    }

    async fn ask_quietly(&self, prompt: core::Prompt) -> Result<core::Consent, core::GateError> {
        self.pass_on(prompt, true).await
    }
}

impl From<GateError> for core::GateError {
    fn from(error: GateError) -> Self {
        match error {
            GateError::Denied => core::GateError::Denied,
            GateError::TimedOut => core::GateError::TimedOut,
            GateError::VerificationFailed => core::GateError::VerificationFailed,
            GateError::LockedOut => core::GateError::LockedOut,
            GateError::Unavailable => core::GateError::Unavailable,
        }
    }
}

impl From<core::PromptKind> for PromptKind {
    fn from(kind: core::PromptKind) -> Self {
        match kind {
            core::PromptKind::Register { rp, user } => PromptKind::Register {
                rp_id: rp.id,
                rp_name: rp.name,
                user_name: user.name,
                user_display_name: user.display_name,
            },
            core::PromptKind::SignIn { rp_id, accounts } => {
                PromptKind::SignIn { rp_id, accounts: accounts.into_iter().map(Into::into).collect() }
            }
            core::PromptKind::Presence { rp_id } => PromptKind::Presence { rp_id },
            core::PromptKind::Select => PromptKind::Select,
            core::PromptKind::Pair { host, computer, account } => {
                PromptKind::Pair { host, computer, account }
            }
            core::PromptKind::Unlock { computer } => PromptKind::Unlock { computer },
            core::PromptKind::ShowPin { computer } => PromptKind::ShowPin { computer },
        }
    }
}

impl From<core::Account> for Account {
    fn from(account: core::Account) -> Self {
        let core::Account { credential_id, user } = account;
        Account { credential_id, user_name: user.name, user_display_name: user.display_name }
    }
}
