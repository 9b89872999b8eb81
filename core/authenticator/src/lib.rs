//! The CTAP2/WebAuthn authenticator: commands, policy and the ports it needs.
//!
//! One engine serves two entries: CTAP bytes ([`Authenticator::handle`]) and parsed requests of an
//! operating system's passkey provider ([`Authenticator::make_credential`] and
//! [`Authenticator::get_assertion`]). The engine has no clock, no randomness, no storage and no
//! user interface of its own; it asks for each through a port (see [`ports`]).
#![forbid(unsafe_code)]

pub mod credential;
pub mod keys;
pub mod policy;
pub mod ports;
