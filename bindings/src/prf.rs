//! The PRF extension (WebAuthn Level 3 section 10.1.4) in the shape of iOS: salts that the system has
//! hashed go in, outputs that belong to the passkey come out. In Android's JSON it needs nothing of this.

use std::collections::HashMap;

use latchkey_ctap as core;

use crate::error::LatchkeyError;

/// One or two salts, or the outputs that belong to them; 32 bytes each. Outputs are keys: never stored or
/// logged. What a language makes of a record as text, such as `str()` in Python, shows them.
#[derive(Clone, uniffi::Record)]
pub struct PrfValues {
    /// `saltInput1`, or the `SymmetricKey` `first`.
    pub first: Vec<u8>,
    /// `saltInput2`, or the `SymmetricKey` `second`.
    #[uniffi(default)]
    pub second: Option<Vec<u8>>,
}

/// `ASAuthorizationPublicKeyCredentialPRFRegistrationInput`
#[derive(Clone, uniffi::Enum)]
pub enum PrfRegistrationInput {
    /// `checkForSupport`
    CheckForSupport,
    /// `inputValues`
    Evaluate {
        /// Salts, hashed already.
        salts: PrfValues,
    },
}

/// `ASAuthorizationPublicKeyCredentialPRFRegistrationOutput`
#[derive(Clone, uniffi::Record)]
pub struct PrfRegistrationOutput {
    /// Whether the passkey can give outputs when it signs in: each new one can.
    pub is_supported: bool,
    /// The outputs, if there were salts. A conditional registration has none, as nobody is verified.
    #[uniffi(default)]
    pub outputs: Option<PrfValues>,
}

/// `ASAuthorizationPublicKeyCredentialPRFAssertionInput`
#[derive(Clone, uniffi::Record)]
pub struct PrfAssertionInput {
    /// `inputValues`, hashed already: for a passkey without salts of its own.
    #[uniffi(default)]
    pub salts: Option<PrfValues>,
    /// `perCredentialInputValues`, hashed already, by credential ID.
    #[uniffi(default)]
    pub per_credential: HashMap<Vec<u8>, PrfValues>,
}

/// A salt of 32 bytes.
fn salt(bytes: Vec<u8>) -> Result<[u8; 32], LatchkeyError> {
    bytes.try_into().map_err(|_| LatchkeyError::RequestMalformed)
}

impl TryFrom<PrfValues> for core::PrfValues {
    type Error = LatchkeyError;

    fn try_from(salts: PrfValues) -> Result<Self, Self::Error> {
        Ok(core::PrfValues { first: salt(salts.first)?, second: salts.second.map(salt).transpose()? })
    }
}

impl From<&core::PrfValues> for PrfValues {
    fn from(outputs: &core::PrfValues) -> Self {
        PrfValues { first: outputs.first.to_vec(), second: outputs.second.map(|second| second.to_vec()) }
    }
}

impl TryFrom<PrfRegistrationInput> for core::PrfRegistration {
    type Error = LatchkeyError;

    fn try_from(input: PrfRegistrationInput) -> Result<Self, Self::Error> {
        let eval = match input {
            PrfRegistrationInput::CheckForSupport => None,
            PrfRegistrationInput::Evaluate { salts } => Some(salts.try_into()?),
        };
        Ok(core::PrfRegistration { eval })
    }
}

impl TryFrom<PrfAssertionInput> for core::PrfAssertion {
    type Error = LatchkeyError;

    fn try_from(input: PrfAssertionInput) -> Result<Self, Self::Error> {
        let by_credential = input.per_credential.into_iter();
        Ok(core::PrfAssertion {
            eval: input.salts.map(TryInto::try_into).transpose()?,
            eval_by_credential: by_credential
                .map(|(id, salts)| Ok((id, salts.try_into()?)))
                .collect::<Result<_, LatchkeyError>>()?,
        })
    }
}

impl From<core::PrfRegistrationOutput> for PrfRegistrationOutput {
    fn from(output: core::PrfRegistrationOutput) -> Self {
        PrfRegistrationOutput {
            is_supported: output.enabled,
            outputs: output.results.as_ref().map(Into::into),
        }
    }
}
