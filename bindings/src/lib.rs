//! The core for Swift, Kotlin and Python.
//!
//! A shell opens a [`Phone`] with the ports of its operating system and asks its parts: passkeys, the
//! operating system's provider door, the scanner, computers and their offline PINs. What fails is a [`LatchkeyError`], one variant for
//! each thing that a person can meet, and nothing else comes out.
//!
//! Async calls can be ended in two ways: by dropping the future, as Kotlin and Python do when a coroutine
//! is cancelled, or with a [`Cancel`], which Swift needs. Both leave the phone ready for the next call and
//! nothing half done.
//!
//! Times are seconds since 1970 at the full second; durations are of the language's own type.
//! Credential IDs and user handles are bytes, as everywhere in WebAuthn. Records that name people or
//! places are for screens, never for logs.

#[cfg(target_os = "android")]
mod android;
mod cancel;
mod computers;
mod error;
mod offline_pins;
mod passkeys;
mod phone;
mod ports;
mod prf;
mod provider;
mod readiness;
mod scanner;

pub use cancel::Cancel;
pub use computers::{Computer, Computers, PinsAfterUnlock, SignInRequest, Unlocked};
pub use error::{ErrorInfo, LatchkeyError};
pub use offline_pins::{OfflinePins, PinStatus, ShownPin, UnlockWay};
pub use passkeys::{Passkey, Passkeys};
pub use phone::{Action, Answer, Approval, Paired, Phone, PhoneConfig, Resumed, TunnelAddress};
pub use ports::{
    Account, AdvertError, Availability, BleAdvertiser, Consent, Device, DeviceFacts, GateError, HardwareKey,
    KeyVault, KeyVaultError, Network, Observer, Platform, PortError, Ports, Prompt, PromptKind, Step,
    UserGate,
};
pub use prf::{PrfAssertionInput, PrfRegistrationInput, PrfRegistrationOutput, PrfValues};
pub use provider::{
    Assertion, AssertionRequest, Caller, Provider, Registration, RegistrationRequest, SignalKind,
    asset_links_url,
};
pub use readiness::{Check, CheckState, Finding};
pub use scanner::{Code, ControlCenterCode, Frame, Scanner};

uniffi::setup_scaffolding!("latchkey");
