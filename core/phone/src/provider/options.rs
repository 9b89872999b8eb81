//! A relying party's options in JSON (WebAuthn Level 3 section 5.1, `PublicKeyCredentialCreationOptionsJSON`
//! and `PublicKeyCredentialRequestOptionsJSON`). Unknown members are passed over, as WebAuthn demands of
//! clients; known ones must be of their type.

use std::borrow::Cow;

use latchkey_authenticator::CredentialId;
use latchkey_ctap::Algorithm;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::caller::Identity;
use super::error::ProviderError;
use crate::webauthn::json::Base64Url;
use crate::webauthn::prf::{Form, PrfInputs};

/// Longest request, in bytes: lists of 64 long credential IDs fit.
pub const MAX_REQUEST: usize = 256 * 1024;

/// The only credential type there is.
const PUBLIC_KEY: &str = "public-key";

/// What a relying party asks `create()` for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreationOptions {
    pub(super) rp: Rp,
    pub(super) user: UserEntity,
    pub(super) challenge: Base64Url,
    pub_key_cred_params: Vec<Parameters>,
    #[serde(default)]
    exclude_credentials: Option<Vec<Descriptor>>,
    #[serde(default)]
    authenticator_selection: Option<AuthenticatorSelection>,
    #[serde(default)]
    pub(super) extensions: Option<Extensions>,
}

/// What a relying party asks `get()` for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestOptions {
    pub(super) challenge: Base64Url,
    #[serde(default)]
    pub(super) rp_id: Option<String>,
    #[serde(default)]
    allow_credentials: Option<Vec<Descriptor>>,
    #[serde(default)]
    pub(super) extensions: Option<Extensions>,
}

#[derive(Deserialize)]
pub(super) struct Rp {
    /// The caller's host if absent.
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserEntity {
    pub(super) id: Base64Url,
    pub(super) name: String,
    pub(super) display_name: String,
}

#[derive(Deserialize)]
struct Parameters {
    #[serde(rename = "type")]
    kind: String,
    alg: i64,
}

#[derive(Deserialize)]
struct Descriptor {
    #[serde(rename = "type")]
    kind: String,
    id: Base64Url,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthenticatorSelection {
    #[serde(default)]
    user_verification: Option<String>,
}

/// The extensions that are answered here.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Extensions {
    #[serde(default)]
    pub(super) cred_props: Option<bool>,
    #[serde(default)]
    prf: Option<PrfInputs>,
    /// Not of WebAuthn: what a browser sends that has hashed the inputs itself. Only a browser's is read.
    #[serde(default)]
    prf_already_hashed: Option<Value>,
}

impl Extensions {
    /// The inputs of `prf`. Hashed ones are for browsers alone: an app could do without the prefix that
    /// keeps pages from evaluating what is not theirs. What a page gave counts before them.
    ///
    /// # Errors
    /// [`ProviderError::Malformed`] for the hashed ones of a browser
    pub(super) fn prf(
        &self,
        identity: &Identity,
    ) -> Result<Option<(Cow<'_, PrfInputs>, Form)>, ProviderError> {
        if let Some(inputs) = &self.prf {
            return Ok(Some((Cow::Borrowed(inputs), Form::Plain)));
        }
        let browser = !matches!(identity, Identity::Known { package_name: Some(_), .. });
        let Some(hashed) = self.prf_already_hashed.as_ref().filter(|_| browser) else {
            return Ok(None);
        };
        let inputs = PrfInputs::deserialize(hashed).map_err(|_| ProviderError::Malformed)?;
        Ok(Some((Cow::Owned(inputs), Form::Hashed)))
    }
}

impl CreationOptions {
    /// The algorithms of the entries of type `public-key`, best first. None given at all means the
    /// default (section 5.1.3 step 10), of which ES256 is the one that there is here.
    pub(super) fn algorithms(&self) -> Vec<Algorithm> {
        if self.pub_key_cred_params.is_empty() {
            return vec![Algorithm::ES256];
        }
        let known = self.pub_key_cred_params.iter().filter(|entry| entry.kind == PUBLIC_KEY);
        known.map(|entry| Algorithm(entry.alg)).collect()
    }

    /// The passkeys of which none may be on this phone.
    pub(super) fn excluded(&self) -> Vec<CredentialId> {
        public_keys(self.exclude_credentials.as_deref().unwrap_or_default())
    }

    /// Whether the relying party insists on a person who is verified.
    pub(super) fn requires_verification(&self) -> bool {
        let selection = self.authenticator_selection.as_ref();
        selection.and_then(|wanted| wanted.user_verification.as_deref()) == Some("required")
    }
}

impl RequestOptions {
    /// The acceptable passkeys, empty for any.
    ///
    /// # Errors
    /// [`ProviderError::InvalidMember`] if every entry is of an unknown type: nothing can match, and
    /// "any" would be the opposite.
    pub(super) fn allowed(&self) -> Result<Vec<CredentialId>, ProviderError> {
        let list = self.allow_credentials.as_deref().unwrap_or_default();
        let allowed = public_keys(list);
        if allowed.is_empty() && !list.is_empty() {
            return Err(ProviderError::InvalidMember("allowCredentials"));
        }
        Ok(allowed)
    }
}

fn public_keys(list: &[Descriptor]) -> Vec<CredentialId> {
    let known = list.iter().filter(|entry| entry.kind == PUBLIC_KEY);
    known.map(|entry| CredentialId(entry.id.0.clone())).collect()
}

/// Reads options.
///
/// # Errors
/// [`ProviderError::TooLong`], [`ProviderError::Malformed`]
pub(super) fn parse<T: DeserializeOwned>(json: &str) -> Result<T, ProviderError> {
    if json.len() > MAX_REQUEST {
        return Err(ProviderError::TooLong(json.len()));
    }
    // At the top, serde would also take an array, whose members have no names.
    if !json.trim_start().starts_with('{') {
        return Err(ProviderError::Malformed);
    }
    serde_json::from_str(json).map_err(|_| ProviderError::Malformed)
}

#[cfg(test)]
mod tests;
