//! What the authenticator asks of its surroundings: one trait, one concern, one file.

mod clock;
mod credential_store;
mod key_vault;
mod rng;
mod user_gate;

pub use clock::Clock;
pub use credential_store::{CredentialStore, InsertLimits, StoreError};
pub use key_vault::{HardwareKey, KeyVault, KeyVaultError};
pub use rng::Rng;
pub use user_gate::{Account, Consent, GateError, Prompt, PromptKind, UserGate, UserVerification};
