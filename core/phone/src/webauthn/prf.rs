//! The `prf` extension as a page sees it (WebAuthn Level 3 section 10.1.4): inputs of any length go in,
//! outputs of 32 bytes come out. What an authenticator gets are salts, the hashes of the inputs.

use std::collections::BTreeMap;

use latchkey_ctap::{PrfAssertion, PrfRegistration, PrfRegistrationOutput, PrfValues};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::json::Base64Url;

/// Name of the extension among a page's extensions.
pub(crate) const NAME: &str = "prf";

/// `AuthenticationExtensionsPRFInputsJSON`: what a page gives.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PrfInputs {
    /// Inputs for whichever credential is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval: Option<PrfInput>,
    /// Inputs by credential ID, which count before the others. Not for `create()`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval_by_credential: Option<BTreeMap<String, PrfInput>>,
}

/// `AuthenticationExtensionsPRFValuesJSON`: one or two inputs of any length.
#[derive(Clone, Serialize, Deserialize)]
pub struct PrfInput {
    /// The first.
    pub first: Base64Url,
    /// The second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<Base64Url>,
}

/// Inputs that a client must not pass on, with the name of the error that a browser gives its page for
/// them. The provider's door calls each of them
/// [`ProviderError::InvalidMember`](crate::provider::ProviderError::InvalidMember): Android's shape of it has no
/// such names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrfError {
    /// `evalByCredential` without a list of credentials that could be meant (`NotSupportedError`).
    #[error("evalByCredential has nothing to choose from")]
    NothingToChooseFrom,
    /// A key of `evalByCredential` that is no ID of the list (`SyntaxError`).
    #[error("evalByCredential names a credential that is not allowed")]
    UnknownCredential,
    /// A salt of another length than 32 bytes.
    #[error("a salt has not 32 bytes")]
    InvalidSalt,
}

/// Whether inputs still have to be hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As a page gave them.
    Plain,
    /// A client between the page and here has hashed them.
    Hashed,
}

impl Form {
    fn salt(self, input: &[u8]) -> Result<[u8; 32], PrfError> {
        match self {
            Form::Plain => Ok(salt(input)),
            Form::Hashed => input.try_into().map_err(|_| PrfError::InvalidSalt),
        }
    }

    fn salts(self, input: &PrfInput) -> Result<PrfValues, PrfError> {
        let second = input.second.as_ref().map(|second| self.salt(&second.0)).transpose()?;
        Ok(PrfValues { first: self.salt(&input.first.0)?, second })
    }
}

/// The salt of an input. The prefix keeps a page from evaluating what the rest of the system may use
/// the same secret for.
fn salt(input: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(b"WebAuthn PRF\0").chain_update(input).finalize().into()
}

impl PrfInputs {
    /// The authenticator's input for `create()`.
    pub(crate) fn registration(&self, form: Form) -> Result<PrfRegistration, PrfError> {
        if self.eval_by_credential.is_some() {
            return Err(PrfError::NothingToChooseFrom);
        }
        Ok(PrfRegistration { eval: self.eval.as_ref().map(|eval| form.salts(eval)).transpose()? })
    }

    /// The authenticator's input for `get()`, which allows these credential IDs.
    pub(crate) fn assertion<'a>(
        &self,
        form: Form,
        allowed: impl Iterator<Item = &'a [u8]> + Clone,
    ) -> Result<PrfAssertion, PrfError> {
        let mut eval_by_credential = Vec::new();
        for (id, input) in self.eval_by_credential.iter().flatten() {
            if allowed.clone().next().is_none() {
                return Err(PrfError::NothingToChooseFrom);
            }
            let id: Base64Url = id.parse().map_err(|_| PrfError::UnknownCredential)?;
            if !allowed.clone().any(|allowed| allowed == id.0) {
                return Err(PrfError::UnknownCredential);
            }
            eval_by_credential.push((id.0, form.salts(input)?));
        }
        Ok(PrfAssertion {
            eval: self.eval.as_ref().map(|eval| form.salts(eval)).transpose()?,
            eval_by_credential,
        })
    }
}

/// What a page gets from `create()`; an authenticator that says nothing has no secret to offer.
pub(crate) fn created(output: Option<&PrfRegistrationOutput>) -> Value {
    let enabled = output.is_some_and(|output| output.enabled);
    match output.and_then(|output| output.results.as_ref()) {
        Some(results) => json!({ "enabled": enabled, "results": values(results) }),
        None => json!({ "enabled": enabled }),
    }
}

/// What a page gets from `get()`.
pub(crate) fn asserted(results: Option<&PrfValues>) -> Value {
    results.map_or_else(|| json!({}), |results| json!({ "results": values(results) }))
}

fn values(values: &PrfValues) -> Value {
    let text = |value: &[u8; 32]| Base64Url(value.to_vec()).to_string();
    match &values.second {
        Some(second) => json!({ "first": text(&values.first), "second": text(second) }),
        None => json!({ "first": text(&values.first) }),
    }
}

impl core::fmt::Debug for PrfInputs {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PrfInputs(redacted)")
    }
}

impl core::fmt::Debug for PrfInput {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PrfInput(redacted)")
    }
}

#[cfg(test)]
mod tests;
