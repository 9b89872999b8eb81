//! A CTAP2 request: command byte and parameters (CTAP 2.3 section 8.1).

use crate::{GetAssertionRequest, MakeCredentialRequest};

/// Commands that Latchkey implements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Command {
    /// authenticatorMakeCredential.
    MakeCredential = 0x01,
    /// authenticatorGetAssertion.
    GetAssertion = 0x02,
    /// authenticatorGetInfo.
    GetInfo = 0x04,
    /// authenticatorGetNextAssertion.
    GetNextAssertion = 0x08,
    /// authenticatorSelection.
    Selection = 0x0B,
}

/// A decoded request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// authenticatorMakeCredential.
    MakeCredential(Box<MakeCredentialRequest>),
    /// authenticatorGetAssertion.
    GetAssertion(Box<GetAssertionRequest>),
    /// authenticatorGetInfo.
    GetInfo,
    /// authenticatorGetNextAssertion.
    GetNextAssertion,
    /// authenticatorSelection.
    Selection,
}
