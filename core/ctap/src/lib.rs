//! CTAP2 on the wire: messages, canonical CBOR, COSE keys, authenticator data, status codes.
//!
//! Everything here is a value and a conversion between that value and bytes. There is no I/O, no
//! private key, no clock and no randomness; both roles (authenticator and client) use it.
//!
//! Bytes from outside are first checked as a whole ([`cbor::Item::parse`]) and only then read, so
//! that a typed decoder never sees anything but well-formed CTAP2 canonical CBOR. The checks
//! borrow from the input: nothing is allocated before a message is known to be sound.
#![forbid(unsafe_code)]

pub mod attestation;
pub mod auth_data;
pub mod cbor;
pub mod cose;
pub mod entities;
pub mod error;
pub mod extensions;
pub mod get_assertion;
pub mod get_info;
pub mod make_credential;
pub mod prf;
pub mod request;
pub mod response;
pub mod status;
#[cfg(test)]
mod testing;

pub use attestation::{AttestationFormat, AttestationStatement};
pub use auth_data::{AttestedCredentialData, AuthenticatorData, Flags};
pub use cose::{Algorithm, PublicKey};
pub use entities::{CredentialDescriptor, RelyingParty, User};
pub use error::DecodeError;
pub use extensions::CredProtect;
pub use get_assertion::{GetAssertionRequest, GetAssertionResponse};
pub use get_info::GetInfo;
pub use make_credential::{MakeCredentialRequest, MakeCredentialResponse};
pub use prf::{PrfAssertion, PrfRegistration, PrfRegistrationOutput, PrfValues};
pub use request::{Command, Request};
pub use status::Status;
