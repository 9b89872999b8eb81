//! The CTAP2/WebAuthn authenticator: commands, policy and the ports it needs.
//!
//! One engine serves two entries: CTAP bytes ([`Authenticator::handle`]) and parsed requests of an
//! operating system's passkey provider ([`Authenticator::make_credential`] and
//! [`Authenticator::get_assertion`]). The engine has no clock, no randomness, no storage and no
//! user interface of its own; it asks for each through a port (see [`ports`]).
//!
//! Errors of the engine are CTAP status codes ([`latchkey_ctap::Status`]): both entries give the
//! same one for the same request.
#![forbid(unsafe_code)]

mod authenticator;
mod cancel;
mod ceremony;
pub mod credential;
mod error;
#[cfg(test)]
mod fixture;
mod get_assertion;
mod get_info;
pub mod keys;
mod make_credential;
pub mod policy;
pub mod ports;
pub mod prf;
mod selection;
pub mod signal;
#[cfg(any(test, feature = "testing"))]
pub mod store_contract;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use authenticator::{Authenticator, Ports};
pub use cancel::Cancel;
pub use credential::{Credential, CredentialId, CredentialSummary};
pub use keys::{CredentialKey, SoftwareKey};
pub use policy::{Policy, Profile};
pub use prf::PrfSecret;
pub use signal::Signal;
